"""The feed: how completions get from the one process that generates to the workers that execute.

One file in a temporary folder, written by the controller alone, a JSON line for each settled draw; workers
read along. A line is only ever appended, so a reader that finds half of one waits for the rest.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from pytest_humaneval.core.completion_json import from_json, to_json
from pytest_humaneval.core.records import Draw, DrawResult, NoCompletion

_POLL_S = 0.01
_LOST = "the run's controller has ended, or could not pass the completion on"


class FeedWriter:
    """Appends settled draws to a feed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, experiment: str, draw: Draw, completion: DrawResult) -> None:
        """Append one draw; readers see it at once.

        Raises:
            OSError: there is no room for it; what is there of the line is none, and no other may follow.
        """
        line = json.dumps([experiment, draw.task_id, draw.sample_index, to_json(completion)])
        data = line.encode("ascii") + b"\n"
        with self._lock:
            written = self._file.write(data)
        if written != len(data):
            raise OSError(f"no room in {self._file.name}")

    def close(self) -> None:
        """Write no more."""
        self._file.close()


class FeedReader:
    """Reads along with a feed, from its beginning; in memory are only the places of what is not taken yet.

    Args:
        path: the feed.
        is_over: whether nothing more is to come.
    """

    def __init__(self, path: Path, is_over: Callable[[], bool] = lambda: False) -> None:
        self._file = path.open("rb")
        self._is_over = is_over
        self._read_to = 0
        self._places: dict[tuple[str, str], dict[int, int]] = {}

    def take(
        self, experiment: str, draws: list[Draw], on_wait: Callable[[], None] = lambda: None
    ) -> list[DrawResult]:
        """Return what became of one problem's draws, as soon as all are settled or nothing more comes.

        Until then, ``on_wait`` is called now and then.
        """
        key = experiment, draws[0].task_id
        while not self._has(key, draws):
            if not self._read_on():
                if self._is_over() and not self._read_on():
                    break
                on_wait()
                time.sleep(_POLL_S)
        places = self._places.get(key, {})
        return [self._settled(places.get(draw.sample_index)) for draw in draws]

    def close(self) -> None:
        """Read no more."""
        self._file.close()

    def _has(self, key: tuple[str, str], draws: list[Draw]) -> bool:
        places = self._places.get(key, {})
        return all(draw.sample_index in places for draw in draws)

    def _settled(self, place: int | None) -> DrawResult:
        if place is None:
            return NoCompletion(_LOST)
        self._file.seek(place)
        return from_json(json.loads(self._file.readline())[-1])

    def _read_on(self) -> bool:
        """Note the places of the lines that have come since; whether there were any."""
        self._file.seek(self._read_to)
        before = self._read_to
        for line in self._file:
            if not line.endswith(b"\n"):
                # The rest of it is still to come.
                break
            experiment, task_id, sample_index, _ = json.loads(line)
            self._places.setdefault((experiment, task_id), {})[sample_index] = self._read_to
            self._read_to += len(line)
        return self._read_to > before
