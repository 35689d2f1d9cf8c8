"""The embedded engine beside other ways to run the same model over the same prompts.

    python benchmarks/embedded_speed.py quickstart|fewshot_v1|fewshot_v2_devise [--rounds N] [--problems N]
        [--batch-size N] [--tokens N] [--dtype NAME] [--device NAME] [--threads N]
        [--layers N] [--continuous]

`quickstart` is the model that comes with the package, until each completion ends. The other two are prompts
of these strategies for a model of Qwen2.5-Coder-0.5B's geometry with random weights; each completion has a
third of the canonical solution's tokens, or --tokens.

Ways, in turns: `engine` as a run uses it; `refilled`, the engine for models whose attention cannot be
replaced: a batch, padded, of which what is left is computed anew with others when half has ended;
`generate`, transformers' own generate() over padded batches to the end of each; and with --continuous its own
continuous batching. Prints medians, tokens/s, the ratio to the first, CPU time alike (it is
more exact where others use the machine, and --threads 1), and whether all gave the same tokens.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Literal

import torch
from pytest_overhead import shuffled_rounds
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    ContinuousBatchingConfig,
    GenerationConfig,
    PreTrainedModel,
    Qwen2Config,
)
from transformers.initialization import no_init_weights

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL, STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.prompt_tokens import prompt_tokens
from pytest_humaneval.core.records import Draw, Sampling
from pytest_humaneval.providers.embedded.continuous_batch import ContinuousBatch
from pytest_humaneval.providers.embedded.loading import choose_device, choose_dtype, load
from pytest_humaneval.providers.embedded.prefix import Prefix
from pytest_humaneval.providers.embedded.sequence import GrowingSequence
from pytest_humaneval.providers.embedded.whole_batch import WholeBatch

Prompts = Sequence[tuple[Draw, list[int]]]
Tokens = dict[str, list[int]]
Api = Literal["chat", "completion"]
_HALF_BILLION = Qwen2Config(
    vocab_size=151936,
    hidden_size=896,
    intermediate_size=4864,
    num_hidden_layers=24,
    num_attention_heads=14,
    num_key_value_heads=2,
    max_position_embeddings=32768,
    tie_word_embeddings=True,
)
"""Qwen2.5-Coder-0.5B, as its config.json has it."""


class Bench:
    """A model, its prompts, and the ways to complete them; each way returns every problem's tokens."""

    def __init__(
        self, model: PreTrainedModel, prompts: Prompts, ends: Sequence[int], batch_size: int
    ) -> None:
        self.model, self.prompts, self.ends, self.batch_size = model, prompts, list(ends), batch_size
        model.generation_config = GenerationConfig(pad_token_id=0)

    def engine(self) -> Tokens:
        """Complete them as a run does."""
        return self._answered(ContinuousBatch(self.model, Prefix(), self.batch_size))

    def refilled(self) -> Tokens:
        """Complete them as a run does whose model can only be run by generate()."""
        return self._answered(WholeBatch(self.model, Prefix(), self.batch_size))

    def generate(self) -> Tokens:
        """Complete them with transformers alone, batch by batch, the longest first."""
        longest_first = sorted(self.prompts, key=lambda prompt: len(prompt[1]), reverse=True)
        found: Tokens = {}
        for start in range(0, len(longest_first), self.batch_size):
            found |= self._generated(longest_first[start : start + self.batch_size])
        return found

    def continuous(self) -> Tokens:
        """Complete them with transformers' continuous batching, which gives all completions at the end."""
        outputs = self.model.generate_batch(
            inputs=[tokens for _, tokens in self.prompts],
            generation_config=self._config(_limit(self.prompts)),
            continuous_batching_config=ContinuousBatchingConfig(num_blocks=2048, max_batch_tokens=256),
            progress_bar=False,
        )
        by_number = sorted(outputs.values(), key=lambda output: int(output.request_id.rsplit("_", 1)[1]))
        rows = [output.generated_tokens for output in by_number]
        return {draw.task_id: self._cut(draw, row) for (draw, _), row in zip(self.prompts, rows, strict=True)}

    def _answered(self, way: ContinuousBatch | WholeBatch) -> Tokens:
        tokenizer = AutoTokenizer.from_pretrained(MEMORISER_MODEL)
        rows = [GrowingSequence(draw, tokens, tokenizer, self.ends) for draw, tokens in self.prompts]
        way.answer(rows, lambda _: None, lambda: False)
        return {row.draw.task_id: row.generated for row in rows}

    def _generated(self, prompts: Prompts) -> Tokens:
        width = len(prompts[0][1])
        padded = [[0] * (width - len(tokens)) + tokens for _, tokens in prompts]
        seen = [[0] * (width - len(tokens)) + [1] * len(tokens) for _, tokens in prompts]
        with torch.inference_mode():
            output = self.model.generate(
                input_ids=torch.tensor(padded, device=self.model.device),
                attention_mask=torch.tensor(seen, device=self.model.device),
                generation_config=self._config(_limit(prompts)),
            )
        rows = output[:, width:].tolist()
        return {draw.task_id: self._cut(draw, row) for (draw, _), row in zip(prompts, rows, strict=True)}

    def _config(self, limit: int) -> GenerationConfig:
        ends = self.ends or None
        return GenerationConfig(do_sample=False, max_new_tokens=limit, pad_token_id=0, eos_token_id=ends)

    def _cut(self, draw: Draw, tokens: list[int]) -> list[int]:
        ends = [place + 1 for place, token in enumerate(tokens) if token in self.ends]
        return tokens[: min([*ends, draw.request.sampling.max_tokens])]


def _limit(prompts: Prompts) -> int:
    return max(draw.request.sampling.max_tokens for draw, _ in prompts)


def quickstart(args: argparse.Namespace) -> Bench:
    """Return the shipped model, as the experiment of that name runs it."""
    embedded = Embedded(str(MEMORISER_MODEL), args.device, args.dtype, threads=args.threads or 1)
    loaded = load(embedded)
    prompts = _prompts("chat", "fewshot_v1", args.problems or 164, lambda _: 1024)
    return Bench(loaded.model, prompts, [loaded.tokenizer.eos_token_id], args.batch_size)


def half_billion(args: argparse.Namespace) -> Bench:
    """Return a model of Qwen2.5-Coder-0.5B's geometry, random weights, and prompts of a strategy."""
    embedded = Embedded("random", args.device, args.dtype, threads=args.threads)
    if args.threads:
        torch.set_num_threads(args.threads)
    device = choose_device(embedded)
    model = _random_model(choose_dtype(embedded, device), args.layers).to(device)
    api: Api = "chat" if args.workload == "fewshot_v1" else "completion"
    prompts = _prompts(api, args.workload, args.problems or 16, lambda own: args.tokens or own // 3)
    return Bench(model, prompts, (), args.batch_size)


def _random_model(dtype: torch.dtype, layers: int) -> PreTrainedModel:
    """Return the model of half a billion weights: one block of random numbers, again and again."""
    # Half a billion numbers of their own would take a minute, and the speed is the same.
    _HALF_BILLION.update({"num_hidden_layers": layers, "layer_types": ["full_attention"] * layers})
    with no_init_weights():
        model = AutoModelForCausalLM.from_config(_HALF_BILLION, dtype=dtype).eval()
    torch.manual_seed(0)
    block = torch.randn(1_000_003, dtype=dtype) * 0.02
    for name, weights in model.named_parameters():
        if weights.dim() == 1:
            weights.data.fill_(1.0 if "norm" in name else 0.0)
        else:
            repeats = -(-weights.numel() // len(block))
            weights.data.copy_(block.repeat(repeats)[: weights.numel()].view_as(weights))
    return model


def _prompts(api: Api, strategy_name: str, problems: int, limit: Callable[[int], int]) -> Prompts:
    """Return draws and their tokens; the tokenizer is the shipped model's, whose lengths are alike."""
    tokenizer = AutoTokenizer.from_pretrained(MEMORISER_MODEL)
    strategy = read_strategy([STRATEGIES], api, strategy_name)
    prompts = []
    for problem in read_problems()[:problems]:
        own = len(tokenizer(problem.canonical_solution).input_ids)
        request = strategy.render(problem, "model", Sampling(max_tokens=limit(own)))
        prompts.append((Draw(problem.task_id, 0, request), prompt_tokens(request, tokenizer)))
    return prompts


def measure(bench: Bench, ways: Sequence[str], rounds: int) -> None:
    """Run the ways in turns, and print what they took."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    cpu_seconds: dict[str, list[float]] = {way: [] for way in ways}
    prompts = bench.prompts
    # The first passes of a process take longer: memory is touched, kernels are chosen.
    bench.prompts = prompts[-1:]
    bench.engine()
    bench.prompts, found = prompts, dict[str, Tokens]()
    for way in shuffled_rounds(ways, rounds):
        started, cpu_before = time.perf_counter(), time.process_time()
        found[way] = getattr(bench, way)()
        seconds[way].append(time.perf_counter() - started)
        cpu_seconds[way].append(time.process_time() - cpu_before)
        print(f"  {way}: {seconds[way][-1]:.2f} s", flush=True)
    first = found[ways[0]]
    asked, tokens = sum(len(row) for _, row in prompts), sum(map(len, first.values()))
    print(f"{len(prompts)} prompts of {asked} tokens, {tokens} tokens completed, batch {bench.batch_size}")
    for way in ways:
        took, cpu = median(seconds[way]), median(cpu_seconds[way])
        alike = sum(found[way][task] == row for task, row in first.items())
        print(
            f"{way:12}{took:8.2f} s {tokens / took:8.0f} tokens/s {took / median(seconds[ways[0]]):6.2f} x"
            f" {cpu:8.2f} s of CPU time {cpu / median(cpu_seconds[ways[0]]):6.2f} x"
            f"   {alike} completions as {ways[0]}"
        )


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=["quickstart", "fewshot_v1", "fewshot_v2_devise"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--problems", type=int)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--tokens", type=int)
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--device")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--continuous", action="store_true")
    args = parser.parse_args()
    bench = quickstart(args) if args.workload == "quickstart" else half_billion(args)
    measure(
        bench, ["engine", "refilled", "generate", *(["continuous"] if args.continuous else [])], args.rounds
    )


if __name__ == "__main__":
    main()
