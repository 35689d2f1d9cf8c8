"""The loop of a training: a line of JSON for each step and each validation, and a picture of them.

{"step": 1, "epoch": 1, "loss": 2.31, "learning_rate": 0.05, "gradient_norm": 0.9}
{"step": 12, "epoch": 1, "validation_loss": 1.98}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_humaneval.core.errors import ConfigError

CURVE = "curve.jsonl"


class Curve:
    """A curve that grows with its file.

    Attributes:
        points: one for each line.
    """

    def __init__(self, path: Path, lines: int) -> None:
        """Go on after so many lines of the file; what follows them was never finished, and is cut off.

        Raises:
            ConfigError: the file has fewer lines, or is none of a curve.
        """
        path.touch()
        kept = path.read_text(encoding="utf-8").splitlines(keepends=True)[:lines]
        try:
            self.points: list[dict[str, Any]] = [json.loads(line) for line in kept]
        except ValueError as error:
            raise ConfigError(
                f"{path}: not a training's curve ({error}); write --restart to begin anew"
            ) from error
        if len(kept) < lines:
            raise ConfigError(f"{path}: {lines - len(kept)} lines are missing; write --restart to begin anew")
        path.write_text("".join(kept), encoding="utf-8")
        self._file = path.open("a", encoding="utf-8")

    def add(self, **point: float) -> None:
        """Append a point."""
        self.points.append(point)
        self._file.write(json.dumps(point) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def series(self, name: str) -> list[tuple[float, float]]:
        """Return (step, value) of every point that has a value of that name."""
        return series(self.points, name)


def series(points: Sequence[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    """Return (step, value) of every point that has a value of that name."""
    return [(point["step"], point[name]) for point in points if name in point]
