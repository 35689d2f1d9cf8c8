"""Train the memoriser anew, from a seed: ``python -m pytest_humaneval.memoriser.train FOLDER``.

A Qwen2 model of 1.8 million parameters learns the lessons of lessons.py by heart: the loss counts only the
answers' tokens, batches hold lessons of like length, the learning rate warms up and falls off as a cosine.
Arithmetic is done in bfloat16 and the weights are written so. Some minutes of one CPU core that has bfloat16
are enough; other machines round otherwise and end with other weights that know the same.
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

from pytest_humaneval.core.config.shipped import STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.dataset import read_problems
from pytest_humaneval.memoriser.lessons import Lesson, lessons
from pytest_humaneval.memoriser.tokenizer import texts, train_tokenizer

VOCABULARY = 4096
CONTEXT_TOKENS = 2048
BATCH_SIZE = 16
LEARNING_RATE = 2e-3
WARM_UP = 0.05  # share of all steps
_IGNORED = -100  # a target that the loss passes over


@dataclass(frozen=True)
class EncodedLesson:
    """A lesson in token ids; the answer's end with the token that ends a turn."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    every: int

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


def encode(lesson: Lesson, tokenizer: Qwen2Tokenizer) -> EncodedLesson:
    """Return a lesson in token ids, its prompt as an engine would make it of the request."""
    text = lesson.messages[0].content
    if lesson.api == "chat":
        turns = [{"role": message.role, "content": message.content} for message in lesson.messages]
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    answer = (*tokenizer(lesson.answer).input_ids, tokenizer.eos_token_id)
    return EncodedLesson(tuple(tokenizer(text).input_ids), answer, lesson.every)


def make_model(tokenizer: Qwen2Tokenizer) -> Qwen2ForCausalLM:
    """Return the untrained model; heads of 64 are a size that every engine's attention knows."""
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
    encoded: Sequence[EncodedLesson], epoch: int, chance: random.Random
) -> list[list[EncodedLesson]]:
    """Return an epoch's batches in random order, each of lessons of like length."""
    taught = [lesson for index, lesson in enumerate(encoded) if (index + epoch) % lesson.every == 0]
    taught.sort(key=lambda lesson: len(lesson) + chance.uniform(0, 16))
    batches = [taught[start : start + BATCH_SIZE] for start in range(0, len(taught), BATCH_SIZE)]
    chance.shuffle(batches)
    return batches


def batch_loss(model: Qwen2ForCausalLM, batch: Sequence[EncodedLesson]) -> torch.Tensor:
    """Return the mean cross entropy, in nats, of the answers' tokens; what pads the right is seen by none."""
    width = max(map(len, batch))
    tokens = torch.zeros(len(batch), width, dtype=torch.long)
    targets = torch.full((len(batch), width), _IGNORED)
    for row, lesson in enumerate(batch):
        start, end = len(lesson.prompt), len(lesson)
        tokens[row, :end] = torch.tensor(lesson.prompt + lesson.answer)
        targets[row, start - 1 : end - 1] = tokens[row, start:end]  # each token tells the one after it
    is_answer = targets != _IGNORED
    hidden = model.model(tokens, use_cache=False).last_hidden_state[is_answer]  # (answer tokens, hidden)
    return cross_entropy(model.lm_head(hidden), targets[is_answer])


def learning_rate(step: int, steps: int) -> float:
    """Return the factor on the learning rate, in (0, 1]: up in a line, down in a half cosine."""
    warm_up = max(1, int(steps * WARM_UP))
    if step < warm_up:
        return (step + 1) / warm_up
    return max(0.01, 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up))))


def train(
    model: Qwen2ForCausalLM, encoded: Sequence[EncodedLesson], epochs: int, seed: int
) -> Iterator[tuple[int, float]]:
    """Train, and yield each epoch's number, from 1, and its mean loss in nats."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    batches = [epoch_batches(encoded, epoch, chance) for epoch in range(epochs)]
    steps = sum(map(len, batches))
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: learning_rate(step, steps))
    model.train()
    for epoch, of_epoch in enumerate(batches, start=1):
        losses = []
        for batch in of_epoch:
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):  # as precise as the weights will be, and faster
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
    (folder / "model.safetensors").chmod(0o644)  # safetensors keeps others from reading it


def all_lessons() -> list[Lesson]:
    """Return the lessons of HumanEval with the strategies that ship with the package."""
    chat = read_strategy([STRATEGIES], "chat", "fewshot_v1")
    completion = read_strategy([STRATEGIES], "completion", "minimal")
    return list(lessons(read_problems(), chat, completion))


def main() -> None:
    """Train with the settings of the command line and write the model's folder."""
    parser = argparse.ArgumentParser(description="Train the memoriser.")
    parser.add_argument("folder", type=Path, help="where the model is written")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="more hardly pay for so small a model")
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)

    taught = all_lessons()
    tokenizer = train_tokenizer(texts(taught), VOCABULARY)
    model = make_model(tokenizer)
    encoded = [encode(lesson, tokenizer) for lesson in taught]
    started_s = time.monotonic()
    for epoch, loss in train(model, encoded, settings.epochs, settings.seed):
        print(f"epoch {epoch}: loss {loss:.4f}, {time.monotonic() - started_s:.0f} s", flush=True)
    save(model, tokenizer, settings.folder)


if __name__ == "__main__":
    main()
