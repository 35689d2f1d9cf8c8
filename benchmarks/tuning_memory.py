"""Measures the memory of a training against what it tells beforehand, for each method, on the CPU.

    python benchmarks/tuning_memory.py [METHOD ...]

The model has the geometry of Qwen2.5-Coder-0.5B (494 million weights, a vocabulary of 151,936) and random
weights; a training of one step and two validations runs in a process of its own. Told are the weights and the
step; beside them stand Python and the libraries, which are measured in a process that imports them alone.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pytest_humaneval.core.config.shipped import MEMORISER_MODEL

METHODS = ("prompt", "p-tuning", "prefix", "lora")
GEOMETRY = {
    "vocab_size": 151936,
    "hidden_size": 896,
    "intermediate_size": 4864,
    "num_hidden_layers": 24,
    "num_attention_heads": 14,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32768,
    "tie_word_embeddings": True,
}


def write_model(folder: Path) -> None:
    """Write a model of that geometry, with the tiny model's tokenizer."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    shutil.copytree(MEMORISER_MODEL, folder)
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    Qwen2ForCausalLM(Qwen2Config(**GEOMETRY)).save_pretrained(folder)


def peak_gib(command: list[str]) -> tuple[float, str]:
    """Run a command, and return the most memory that it held, in GiB, and what it printed."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)  # noqa: S603 (our own)
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        text = output.read()
    if status:
        raise SystemExit(text)
    # In KiB, on Linux.
    return usage.ru_maxrss / 2**20, text


def main() -> None:
    """Print a row for each method."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: what this one holds at most would be the least that its children report.
        writer = multiprocessing.get_context("spawn").Process(target=write_model, args=(folder / "model",))
        writer.start()
        writer.join()
        libraries, _ = peak_gib([sys.executable, "-c", "import pytest_humaneval.tuning.prepare"])
        print(f"libraries alone: {libraries:.2f} GiB", flush=True)
        for method in sys.argv[1:] or METHODS:
            config = folder / f"{method}.toml"
            settings = {
                "model": "model",
                "data": "humaneval",
                "held_out": "5-163",
                "output": method,
                "method": method,
            }
            settings |= {"strategy": "minimal", "precision": "float32"}
            text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
            config.write_text(text + "epochs = 1\nbatch_size = 4\nmax_length = 512\n")
            peak, output = peak_gib([sys.executable, "-m", "pytest_humaneval.tuning", "train", str(config)])
            told = sum(map(float, re.findall(r"([\d.]+) GiB", output)))
            print(f"{method}: told {told:.2f} + {libraries:.2f} GiB, peak {peak:.2f}", flush=True)


if __name__ == "__main__":
    main()
