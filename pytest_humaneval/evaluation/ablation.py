"""Ablation over a finished run: its completions through every post-processing, without a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.extraction import POSTPROCESSINGS
from pytest_humaneval.core.extraction.variants import (
    Answer,
    Effect,
    Program,
    Replay,
    Variant,
    effects,
    replay,
    variants,
)
from pytest_humaneval.core.records import Completion, Outcome
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.evaluation.evaluation import execution_threads, sandbox_of
from pytest_humaneval.evaluation.planning import Plan

Tell = Callable[[str], None]
"""Takes a line that says how far it is."""


def ablate(plan: Plan, runs: Sequence[Run], tell: Tell) -> dict[str, tuple[Effect, ...]]:
    """Return what each post-processing and each of its steps is worth on the runs' completions.

    Samples whose text was no raw answer are left out: nothing is applied to them. Each distinct program is
    executed once, on as many cores as the run may use.
    """
    replays = {run.experiment.name: _replayed(_answers(plan, run), run, tell) for run in runs}
    programs = list(dict.fromkeys(program for one in replays.values() for program in one.programs))
    passed = _passed(plan, programs, tell)
    return {name: effects(one, passed) for name, one in replays.items()}


def _answers(plan: Plan, run: Run) -> list[Answer]:
    assignment = plan.assignments[run.experiment.name]
    return [
        Answer(
            result.task_id,
            sample.sample_index,
            plan.problems[result.task_id].stub,
            assignment.whole(Completion(sample.raw, sample.finish_reason)),
        )
        for result in run.results
        for sample in result.samples
        if sample.raw is not None and sample.form == "raw"
    ]


def _replayed(answers: Sequence[Answer], run: Run, tell: Tell) -> Replay:
    tried = variants(POSTPROCESSINGS)
    made: dict[Variant, tuple[Program | None, ...]] = {}
    for done, variant in enumerate(tried):
        tell(f"ablation of {run.experiment.name}: {done}/{len(tried)} variants extracted")
        made.update(replay(answers, [variant]).made)
    return Replay(tuple(answers), made)


def _passed(plan: Plan, programs: Sequence[Program], tell: Tell) -> set[Program]:
    passed = set()
    with closing(sandbox_of(plan)) as sandbox, execution_threads(sandbox) as threads:
        candidates = [assemble(plan.problems[program.task_id], program.solution) for program in programs]
        verdicts = threads.map(sandbox.run, candidates)
        for done, (program, verdict) in enumerate(zip(programs, verdicts, strict=True)):
            tell(f"ablation: {done}/{len(programs)} distinct programs executed")
            if verdict.outcome is Outcome.PASSED:
                passed.add(program)
    return passed
