"""The loss curve of a training: a file with one JSON object for each step and each validation.

{"step": 1, "epoch": 1, "loss": 2.31, "learning_rate": 0.05, "gradient_norm": 0.9}
{"step": 12, "epoch": 1, "validation_loss": 1.98}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_humaneval.core.errors import ConfigError

CURVE = "curve.jsonl"


class Curve:
    """A loss curve, in memory and in its file.

    Attributes:
        points: the objects of the file's lines, in order.
    """

    def __init__(self, path: Path, lines: int) -> None:
        """Continue the file at ``path`` after its first ``lines`` lines; later ones are deleted.

        Raises:
            ConfigError: the file has fewer lines, or is not a curve.
        """
        # Later lines are from steps after the last saved state: the training is about to repeat those.
        path.touch()
        kept = path.read_text(encoding="utf-8").splitlines(keepends=True)[:lines]
        try:
            self.points: list[dict[str, Any]] = [json.loads(line) for line in kept]
        except ValueError as error:
            raise ConfigError(
                f"{path}: not a training's curve ({error}); write --restart to start again"
            ) from error
        if len(kept) < lines:
            raise ConfigError(
                f"{path}: {lines - len(kept)} lines are missing; write --restart to start again"
            )
        path.write_text("".join(kept), encoding="utf-8")
        self._file = path.open("a", encoding="utf-8")

    def add(self, **point: float) -> None:
        """Append a point to memory and file."""
        self.points.append(point)
        self._file.write(json.dumps(point) + "\n")
        # Before the state is saved, which counts this line: so a killed training never lacks one.
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def series(self, name: str) -> list[tuple[float, float]]:
        """Return (step, value) of every point that has a value of that name."""
        return [(point["step"], point[name]) for point in self.points if name in point]
