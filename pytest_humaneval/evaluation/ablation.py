"""Ablation over a finished run: its completions through every post-processing, without a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.extraction import POSTPROCESSINGS
from pytest_humaneval.core.extraction.variants import (
    Effect,
    ProblemCompletion,
    Program,
    Replay,
    Variant,
    effects,
    replay,
    variants,
)
from pytest_humaneval.core.records import Completion, Outcome
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.sandboxes import execution_threads, sandbox_of

ShowProgress = Callable[[str], None]
"""Takes a line that says how far it is."""


def ablate(plan: Plan, runs: Sequence[Run], show_progress: ShowProgress) -> dict[str, tuple[Effect, ...]]:
    """Return what each post-processing and each of its steps is worth on the runs' completions.

    Samples whose text was no raw answer are left out: nothing is applied to them. Each distinct program is
    executed once, on as many cores as the run may use.
    """
    replays = {run.experiment.name: _replayed(_answers(plan, run), run, show_progress) for run in runs}
    limits_s = {run.experiment.name: {each.task_id: each.timeout_s for each in run.results} for run in runs}
    return {
        name: effects(one, _passed(plan, name, one, limits_s[name], show_progress))
        for name, one in replays.items()
    }


def _answers(plan: Plan, run: Run) -> list[ProblemCompletion]:
    resolved = plan.experiments[run.experiment.name]
    return [
        ProblemCompletion(
            result.task_id,
            sample.sample_index,
            plan.problems[run.experiment.name][result.task_id].stub,
            resolved.whole(Completion(sample.raw, sample.finish_reason)),
        )
        for result in run.results
        for sample in result.samples
        if sample.raw is not None and sample.form == "raw"
    ]


def _replayed(answers: Sequence[ProblemCompletion], run: Run, show_progress: ShowProgress) -> Replay:
    tried = variants(POSTPROCESSINGS)
    made: dict[Variant, tuple[Program | None, ...]] = {}
    for done, variant in enumerate(tried):
        show_progress(f"ablation of {run.experiment.name}: {done}/{len(tried)} variants extracted")
        made.update(replay(answers, [variant]).extracted)
    return Replay(tuple(answers), made)


def _passed(
    plan: Plan,
    name: str,
    replay: Replay,
    limits_s: Mapping[str, float | None],
    show_progress: ShowProgress,
) -> set[Program]:
    passed = set()
    problems = {
        task_id: plan.problems[name][task_id].limited(limit_s) for task_id, limit_s in limits_s.items()
    }
    programs = list(dict.fromkeys(replay.programs))
    with closing(sandbox_of(plan)) as sandbox, execution_threads(sandbox) as threads:
        candidates = [assemble(problems[program.task_id], program.solution) for program in programs]
        verdicts = threads.map(sandbox.run, candidates)
        for done, (program, verdict) in enumerate(zip(programs, verdicts, strict=True)):
            show_progress(f"ablation of {name}: {done}/{len(programs)} distinct programs executed")
            if verdict.outcome is Outcome.PASSED:
                passed.add(program)
    return passed
