"""How far a run is: counted by the threads that generate and judge, read by the one that shows it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from pytest_humaneval.core.records import Completion, DrawResult


@dataclass
class Progress:
    """How far a run is, readable from any thread; times are of ``time.monotonic``, in seconds.

    Attributes:
        completion_tokens: tokens generated now, so without those of completions from the store.
        stored: number of completions that came from the store, by experiment.
        generated_tokens: ``completion_tokens`` by experiment.
    """

    draws: int = 0
    done: int = 0
    judged: int = 0
    completion_tokens: int = 0
    stored: Counter[str] = field(default_factory=Counter)
    generated_tokens: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    started_s: dict[str, float] = field(default_factory=dict)
    generated_s: dict[str, float] = field(default_factory=dict)

    def elapsed_s(self) -> float:
        """Return for how long the run has been generating."""
        now_s = time.monotonic()
        return now_s - min(self.started_s.values(), default=now_s)

    def warn(self, warning: str) -> None:
        """Note a line for the summary, once: experiments share what fails."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def count(self, experiment: str, completion: DrawResult, is_stored: bool = False) -> None:
        """Note one more draw of an experiment that is settled."""
        self.done += 1
        if is_stored:
            self.stored[experiment] += 1
        elif isinstance(completion, Completion):
            self.completion_tokens += completion.completion_tokens
            self.generated_tokens[experiment] += completion.completion_tokens
