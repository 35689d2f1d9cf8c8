"""The state of a training, written after each step: a training that was killed goes on where it was.

One safetensors file: the vectors, AdamW's two moments, and in its header how far the training is. It is
replaced in one go, so at any moment there is the state after some step, whole.
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
    """How far a training is.

    Attributes:
        step: steps done.
        validated: epochs whose validation is done; -1: not even the one before the first step.
        curve_lines: lines of the curve that belong to all this.
        best_loss: the least validation loss so far.
        best_epoch: the epoch after which it was; 0 is the untrained beginning.
    """

    step: int = 0
    validated: int = -1
    curve_lines: int = 0
    best_loss: float | None = None
    best_epoch: int = 0


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one go: whoever reads, or is killed, finds the old one or the new one."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def save_state(folder: Path, prompt: TrainablePrompt, position: Position, identity: str) -> None:
    """Write the state; ``identity`` says of which training it is."""
    adam = prompt.optimizer.state[prompt.vectors]
    tensors = {
        "vectors": prompt.vectors.detach(),
        **{name: adam[name] for name in ("exp_avg", "exp_avg_sq") if adam},
    }
    header = {"position": json.dumps(asdict(position)), "identity": identity}
    replace_file(folder / STATE, save({name: tensor.cpu() for name, tensor in tensors.items()}, header))


def restore_state(folder: Path, prompt: TrainablePrompt, identity: str) -> Position:
    """Bring a prompt to where a folder's training is, and return that; a new folder is at the beginning.

    Raises:
        ConfigError: the folder holds another training, or its state cannot be read.
    """
    path = folder / STATE
    if not path.exists():
        return Position()
    try:
        with safe_open(path, framework="pt") as file:
            header, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        position = Position(**json.loads(header["position"]))
        found = header["identity"]
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path}: not the state of a training ({error}); write --restart to begin anew"
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
        prompt.optimizer.state[prompt.vectors] = {"step": torch.tensor(float(step)), **moments}


def _difference(found: str, expected: str) -> str:
    before, now = json.loads(found), json.loads(expected)
    for key in now:
        if before.get(key) != now[key]:
            return f"this is a training with {key} = {before.get(key)!r}, not {now[key]!r}"
    return "this is another training"
