"""Results: where items get theirs, and how they add up to runs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from pytest_humaneval.core.cost import Cost
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.results_json import spool_samples
from pytest_humaneval.core.scoring.run import Run, Seconds
from pytest_humaneval.core.scoring.run_cost import run_cost
from pytest_humaneval.core.scoring.session_summary import Unfinished
from pytest_humaneval.evaluation.manifest import manifest
from pytest_humaneval.evaluation.plan import Key, Plan
from pytest_humaneval.evaluation.progress import Progress


class Results(Protocol):
    """Gives the results of a run's items, wherever they are worked out."""

    def result(self, experiment: str, task_id: str, on_wait: Callable[[], None]) -> ProblemResult:
        """Return a problem's result as soon as it is there; until then, call ``on_wait`` now and then."""
        ...

    def missing_layers(self) -> str | None:
        """Return in one line what the sandbox had to do without; None if nothing."""
        ...

    def close(self) -> None:
        """Stop what is still going on; nothing is left running."""
        ...


class ResultCollector:
    """Collects the results of a run, wherever they were worked out.

    Attributes:
        progress: how far the run is.
        early: returns results that are there before their items have reported them, for partial reports.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._selected: Mapping[str, Key] = {}
        self._spool = spool_samples()
        self._results: dict[Key, ProblemResult] = {}
        self._judged_s: dict[str, float] = {}
        self.progress = Progress()
        self.early: Callable[[], Mapping[Key, ProblemResult]] = dict

    def select(self, selected: Mapping[str, Key]) -> None:
        """Note which items, by node id, stand for which experiment and task."""
        self._selected = selected

    @property
    def selected(self) -> Mapping[str, Key]:
        """What the selected items stand for, by node id."""
        return self._selected

    def knows(self, nodeid: str) -> bool:
        """Whether the item is one of the selected ones."""
        return nodeid in self._selected

    def has_passed(self, nodeid: str) -> bool:
        """Whether a selected item's result is there, and a pass."""
        result = self._results.get(self._selected[nodeid])
        return result is not None and result.outcome is Outcome.PASSED

    def add(self, nodeid: str, result: ProblemResult) -> tuple[str, bool]:
        """Take an item's result; return its experiment's name, and whether it is the item's first one."""
        key = self._selected[nodeid]
        is_new = key not in self._results
        # An item that is run again, say by pytest-rerunfailures, has the same result.
        if is_new:
            self.progress.reported.count(sample.outcome for sample in result.figures)
        self._results[key] = self._kept(result)
        self._judged_s[key[0]] = time.monotonic()
        return key[0], is_new

    def lose(self, nodeid: str, reason: str) -> None:
        """Note that an item ended without a result: trouble that is not the model's."""
        name, task_id = self._selected[nodeid]
        samples = (
            Sample(index, Outcome.INFRA_ERROR, message=reason) for index in range(self._plan.n(name, task_id))
        )
        self.add(
            nodeid, ProblemResult(task_id, self._plan.problems[name][task_id].entry_point, tuple(samples))
        )

    def _kept(self, result: ProblemResult) -> ProblemResult:
        """Return a result whose samples lie on disk; those that this process has judged do already."""
        samples = self._spool.keep(result.samples)
        return result if samples is result.samples else replace(result, samples=samples)

    def runs(self) -> list[Run]:
        """Return a run for each experiment with a selected problem, in the order asked for."""
        return self._runs(self._results)

    def runs_so_far(self) -> list[Run]:
        """Return these runs with the early results too; any thread may ask for them."""
        return self._runs({**self.early(), **self._results})

    def unfinished(self, runs: Iterable[Run], next_write_s: float | None = None) -> Unfinished | None:
        """Return what these runs lack; None if that is nothing."""
        selected = set(self._selected.values())
        lacking = selected - {(run.experiment.name, each.task_id) for run in runs for each in run.results}
        if not lacking:
            return None
        names = {name for name, _ in selected}
        waiting = {
            name: [task_id for task_id in problems if (name, task_id) in lacking]
            for name, problems in self._plan.problems.items()
            if name in names
        }
        return Unfinished(waiting, len(selected), next_write_s)

    def _runs(self, found: Mapping[Key, ProblemResult]) -> list[Run]:
        counts = Counter(name for name, _ in set(self._selected.values()))
        return [self._run(name, counts[name], found) for name in self._plan.experiments if name in counts]

    def _run(self, name: str, selected: int, found: Mapping[Key, ProblemResult]) -> Run:
        keys = ((name, task_id) for task_id in self._plan.problems[name])
        results = tuple(found[key] for key in keys if key in found)
        return Run(
            experiment=self._plan.experiments[name].experiment,
            results=results,
            selected=selected,
            scorable=self._plan.scorable(name),
            repairs=self._plan.experiments[name].repairs,
            not_sampled=self._plan.not_sampled.get(name, 0),
            trained_on=self._plan.trained_on(name),
            stored=self.progress.stored(name),
            generated_tokens=self.progress.generated_tokens[name],
            seconds=self._seconds(name, results),
            is_recorded=self._plan.recorded is not None,
            manifest=manifest(self._plan, name),
            dataset=self._plan.datasets[name].name,
            has_base_tests=self._plan.datasets[name].has_base_tests,
            shows_tests=self._plan.datasets[name].shows_tests,
            cost=self._cost(name, results),
        )

    def _cost(self, name: str, results: tuple[ProblemResult, ...]) -> Cost | None:
        prices, bill = self._plan.experiments[name].experiment.prices, self.progress.bills.get(name)
        if prices is None or bill is None or self._plan.recorded is not None:
            return None
        return run_cost(results, prices, bill)

    def _seconds(self, name: str, results: tuple[ProblemResult, ...]) -> Seconds:
        start_s = self.progress.started_s.get(name)
        execution = sum(
            sample.seconds
            for result in results
            for sample in result.figures
            if sample.sample_index not in result.shared
        )
        if start_s is None:
            return Seconds(execution=execution)
        generated_s = self.progress.generated_s.get(name, time.monotonic())
        judged_s = self._judged_s.get(name, start_s)
        return Seconds(generated_s - start_s, execution, max(generated_s, judged_s) - start_s)
