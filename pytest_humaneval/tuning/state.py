"""The state of a training, saved after each step, so that a killed training can be resumed.

It is one safetensors file: the vectors, AdamW's two moments, and in its header the position and identity of
the training. The file is replaced in one go, so at any moment it holds the complete state after some step.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.tuning.trainable_prompt import TrainablePrompt

STATE = "state.safetensors"


@dataclass
class Position:
    """How far a training has come.

    Attributes:
        step: number of steps done.
        validated: last epoch whose validation is done; 0: the one before the first step; -1: none.
        curve_lines: lines of the loss curve up to here.
        best_loss: the least validation loss so far, in nats.
        best_epoch: the epoch that it was measured after; 0: before the first step.
    """

    step: int = 0
    validated: int = -1
    curve_lines: int = 0
    best_loss: float | None = None
    best_epoch: int = 0


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one go: a reader, or a run after a kill, finds the old content or the new one."""
    # rename(2) is atomic within a folder; hence the name beside the file.
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def save_state(folder: Path, prompt: TrainablePrompt, position: Position, identity: str) -> None:
    """Save the state in a training's folder.

    ``identity`` is a JSON object of the settings; only a training with equal ones may resume from it.
    """
    # Empty before the first step.
    adam = prompt.optimizer.state[prompt.vectors]
    tensors = {
        "vectors": prompt.vectors.detach(),
        **{name: adam[name] for name in ("exp_avg", "exp_avg_sq") if adam},
    }
    header = {"position": json.dumps(asdict(position)), "identity": identity}
    replace_file(folder / STATE, save({name: tensor.cpu() for name, tensor in tensors.items()}, header))


def restore_state(folder: Path, prompt: TrainablePrompt, identity: str) -> Position:
    """Restore a prompt from a training's folder, and return the position; a new folder is at the beginning.

    Raises:
        ConfigError: the folder holds another training, or its state cannot be read.
    """
    path = folder / STATE
    if not path.exists():
        return Position()
    try:
        with safe_open(path, framework="pt") as file:
            # SIM118: what safe_open returns is no mapping, it has keys() only.
            header, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        position = Position(**json.loads(header["position"]))
        found = header["identity"]
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path}: not the state of a training ({error}); write --restart to start again"
        ) from error
    if found != identity:
        raise ConfigError(f"{path}: {_difference(found, identity)}; name another output, or write --restart")
    _restore(prompt, tensors, position.step)
    return position


def _restore(prompt: TrainablePrompt, tensors: dict[str, torch.Tensor], step: int) -> None:
    device = prompt.vectors.device
    with torch.no_grad():
        prompt.vectors.copy_(tensors.pop("vectors"))
    if tensors:
        moments = {name: tensor.to(device) for name, tensor in tensors.items()}
        # As torch's AdamW keeps it: the step, which its bias correction needs, is a float32 tensor.
        prompt.optimizer.state[prompt.vectors] = {"step": torch.tensor(float(step)), **moments}


def _difference(found: str, expected: str) -> str:
    before, now = json.loads(found), json.loads(expected)
    for key in now:
        if before.get(key) != now[key]:
            return f"this is a training with {key} = {before.get(key)!r}, not {now[key]!r}"
    return "this is another training"
