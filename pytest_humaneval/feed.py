"""The feed: how completions get from the one process that generates to the workers that execute.

One file in a temporary folder, written by the controller alone, a JSON line for each settled draw; workers
read along. A line is only ever appended, so a reader that finds half of one waits for the rest.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from pytest_humaneval.core.records import Completion, Draw, NoCompletion

_POLL_S = 0.01
_Settled = dict[int, "Completion | NoCompletion"]


class FeedWriter:
    """Appends settled draws to a feed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, experiment: str, draw: Draw, completion: Completion | NoCompletion) -> None:
        """Append one draw; readers see it at once."""
        form = "completion" if isinstance(completion, Completion) else "no_completion"
        line = json.dumps([experiment, draw.task_id, draw.sample_index, form, asdict(completion)])
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()

    def close(self) -> None:
        """Write no more."""
        self._file.close()


class FeedReader:
    """Reads along with a feed, from its beginning."""

    def __init__(self, path: Path) -> None:
        self._file = path.open(encoding="utf-8")
        self._rest = ""
        self._settled: dict[tuple[str, str], _Settled] = defaultdict(dict)

    def take(self, experiment: str, draws: list[Draw]) -> list[Completion | NoCompletion]:
        """Return what became of one problem's draws, waiting until all of them are settled."""
        settled = self._settled[experiment, draws[0].task_id]
        while not all(draw.sample_index in settled for draw in draws):
            if not self._read_on():
                time.sleep(_POLL_S)
        return [settled[draw.sample_index] for draw in draws]

    def close(self) -> None:
        """Read no more."""
        self._file.close()

    def _read_on(self) -> bool:
        text = self._rest + self._file.read()
        lines = text.split("\n")
        self._rest = lines.pop()
        for line in lines:
            experiment, task_id, sample_index, form, fields = json.loads(line)
            record = Completion if form == "completion" else NoCompletion
            self._settled[experiment, task_id][sample_index] = record(**fields)
        return bool(lines)
