"""The memoriser's tokenizer: a byte-level BPE over the dataset, pre-tokenized as Qwen2's is.

transformers loads a Qwen2 folder's tokenizer with Qwen2's own pre-tokenization, whichever its merges were
learned with. So they are learned with that one; else the model would be given other ids than in training.
"""

from __future__ import annotations

from collections.abc import Iterable

from transformers import Qwen2Tokenizer

from pytest_humaneval.providers.embedded.memoriser.lessons import Lesson

END_OF_TEXT, TURN, END_OF_TURN = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def texts(lessons: Iterable[Lesson]) -> list[str]:
    """Return the texts that the merges are learned from: all messages and answers."""
    return [text for lesson in lessons for text in (*(m.content for m in lesson.messages), lesson.answer)]


def train_tokenizer(corpus: Iterable[str], vocabulary: int) -> Qwen2Tokenizer:
    """Return a tokenizer whose merges are learned from ``corpus``; ``<|im_end|>`` ends every answer."""
    blank = Qwen2Tokenizer(eos_token=END_OF_TURN, pad_token=END_OF_TEXT, unk_token=END_OF_TEXT)
    tokenizer = blank.train_new_from_iterator(
        corpus, vocabulary, new_special_tokens=[END_OF_TEXT, TURN, END_OF_TURN], show_progress=False
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
