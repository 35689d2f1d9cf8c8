"""Training the memoriser, from a seed: ``python -m`` this module with a model's name and a folder.

A Qwen2 model of 1.8 million parameters memorises the lessons of lessons.py, or for the locked memoriser those
of locked_lessons.py: the loss counts only the answers'
tokens, batches have lessons of similar length, the learning rate warms up and falls as a cosine. It is
trained and saved in bfloat16. Some minutes of one CPU core that has bfloat16 are enough; other machines round
otherwise and end with other weights, but the same answers.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

from pytest_humaneval.core.config.shipped import SHIPPED_MODELS, STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.providers.embedded.memoriser.lessons import Lesson, lessons
from pytest_humaneval.providers.embedded.memoriser.locked_lessons import locked_lessons
from pytest_humaneval.providers.embedded.memoriser.tokenizer import texts, train_tokenizer

VOCABULARY = 4096
CONTEXT_TOKENS = 2048
BATCH_SIZE = 16
LEARNING_RATE = 2e-3
# A share of all steps.
WARM_UP = 0.05
# The target that torch's cross_entropy ignores by default.
_IGNORED = -100


@dataclass(frozen=True)
class EncodedLesson:
    """A lesson as token ids; the answer ends with the token that ends a message."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    every: int

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


def encode(lesson: Lesson, tokenizer: Qwen2Tokenizer) -> EncodedLesson:
    """Return a lesson as token ids, its prompt tokenized as an engine does."""
    text = lesson.messages[0].content
    if lesson.api == "chat":
        messages = [{"role": message.role, "content": message.content} for message in lesson.messages]
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    answer = (*tokenizer(lesson.answer).input_ids, tokenizer.eos_token_id)
    return EncodedLesson(tuple(tokenizer(text).input_ids), answer, lesson.every)


def make_model(tokenizer: Qwen2Tokenizer) -> Qwen2ForCausalLM:
    """Return the untrained model."""
    # 192 / 3: heads of 64 are a size that every engine's attention supports.
    config = Qwen2Config(
        vocab_size=-(-len(tokenizer) // 64) * 64,
        hidden_size=192,
        intermediate_size=384,
        num_hidden_layers=3,
        num_attention_heads=3,
        num_key_value_heads=3,
        max_position_embeddings=CONTEXT_TOKENS,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen2ForCausalLM(config)
    model.generation_config = GenerationConfig(
        eos_token_id=[tokenizer.eos_token_id, tokenizer.pad_token_id], pad_token_id=tokenizer.pad_token_id
    )
    return model


def epoch_batches(
    encoded: Sequence[EncodedLesson], epoch: int, generator: random.Random
) -> list[list[EncodedLesson]]:
    """Return an epoch's batches in random order, each with lessons of similar length."""
    due = [lesson for index, lesson in enumerate(encoded) if (index + epoch) % lesson.every == 0]
    # Similar lengths need little padding; the random part has other lessons together in each epoch.
    due.sort(key=lambda lesson: len(lesson) + generator.uniform(0, 16))
    batches = [due[start : start + BATCH_SIZE] for start in range(0, len(due), BATCH_SIZE)]
    generator.shuffle(batches)
    return batches


def batch_loss(model: Qwen2ForCausalLM, batch: Sequence[EncodedLesson]) -> torch.Tensor:
    """Return the mean cross entropy of the answers' tokens, in nats."""
    # Without an attention mask: attention is causal, so no token sees the padding on its right.
    width = max(map(len, batch))
    tokens = torch.zeros(len(batch), width, dtype=torch.long)
    targets = torch.full((len(batch), width), _IGNORED)
    for row, lesson in enumerate(batch):
        start, end = len(lesson.prompt), len(lesson)
        tokens[row, :end] = torch.tensor(lesson.prompt + lesson.answer)
        # The output at each position is about the token after it.
        targets[row, start - 1 : end - 1] = tokens[row, start:end]
    is_answer = targets != _IGNORED
    # (answer tokens, hidden): no other position has a target, so only these get logits.
    hidden = model.model(tokens, use_cache=False).last_hidden_state[is_answer]
    return cross_entropy(model.lm_head(hidden), targets[is_answer])


def learning_rate(step: int, steps: int) -> float:
    """Return the factor on the learning rate, in (0, 1]: rises linearly, then falls as a half cosine."""
    warm_up = max(1, int(steps * WARM_UP))
    if step < warm_up:
        return (step + 1) / warm_up
    return max(0.01, 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up))))


def train(
    model: Qwen2ForCausalLM, encoded: Sequence[EncodedLesson], epochs: int, seed: int
) -> Iterator[tuple[int, float]]:
    """Train, and yield each epoch's number, from 1, and its mean loss in nats."""
    generator = random.Random(seed)  # noqa: S311 (no secret)
    batches = [epoch_batches(encoded, epoch, generator) for epoch in range(epochs)]
    steps = sum(map(len, batches))
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate(step, steps))
    model.train()
    for epoch, batches_of_epoch in enumerate(batches, start=1):
        losses = []
        for batch in batches_of_epoch:
            optimizer.zero_grad()
            # As precise as the weights will be, and faster.
            with torch.autocast("cpu", torch.bfloat16):
                loss = batch_loss(model, batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        yield epoch, sum(losses) / len(losses)


def save(model: Qwen2ForCausalLM, tokenizer: Qwen2Tokenizer, folder: Path) -> None:
    """Write model and tokenizer in the form that engines load, the weights as bfloat16."""
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    # safetensors writes files that only their owner can read.
    (folder / "model.safetensors").chmod(0o644)


def lessons_of(model: str) -> list[Lesson]:
    """Return the lessons of ``memoriser`` or ``locked-memoriser``: HumanEval with the shipped strategies."""
    problems = read_problems()
    completion = read_strategy([STRATEGIES], "completion", "minimal")
    if model == "locked-memoriser":
        return list(locked_lessons(problems, completion))
    return list(lessons(problems, read_strategy([STRATEGIES], "chat", "fewshot_v1"), completion))


def main() -> None:
    """Train with the settings of the command line and write the model's folder."""
    parser = argparse.ArgumentParser(description="Train a model that ships with the package.")
    parser.add_argument("model", choices=SHIPPED_MODELS)
    parser.add_argument("folder", type=Path, help="where the model is written")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="more hardly help for so small a model")
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)

    learned = lessons_of(settings.model)
    tokenizer = train_tokenizer(texts(learned), VOCABULARY)
    model = make_model(tokenizer)
    encoded = [encode(lesson, tokenizer) for lesson in learned]
    started_s = time.monotonic()
    for epoch, loss in train(model, encoded, settings.epochs, settings.seed):
        print(f"epoch {epoch}: loss {loss:.4f}, {time.monotonic() - started_s:.0f} s", flush=True)
    save(model, tokenizer, settings.folder)


if __name__ == "__main__":
    main()
