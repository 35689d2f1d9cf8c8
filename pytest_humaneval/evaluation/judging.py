"""From a completion to a judged sample, and from the samples of a problem to its result."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace

from pytest_humaneval.core.pipeline import judge
from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Candidate, Completion, Draw, DrawResult, Outcome, Verdict
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.selection.choosing import Attempt, choose
from pytest_humaneval.core.selection.probe import probe_of
from pytest_humaneval.core.spool import Place, Spool, Spooled
from pytest_humaneval.evaluation.canonical_limits import CanonicalLimits, with_limit
from pytest_humaneval.evaluation.plan import Plan


class OnceSandbox:
    """Another sandbox, which gets each distinct candidate once; equal ones share the verdict.

    An ``infra_error`` is no verdict: the next equal candidate is tried again.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._verdicts: dict[bytes, Future[Verdict]] = {}

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict; waits where an equal candidate is being executed."""
        key = _digest(candidate)
        with self._lock:
            known = self._verdicts.get(key)
            mine: Future[Verdict] = Future()
            if known is None:
                self._verdicts[key] = mine
        if known is not None:
            verdict = known.result()
            return self._sandbox.run(candidate) if verdict.outcome is Outcome.INFRA_ERROR else verdict
        try:
            verdict = self._sandbox.run(candidate)
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(verdict)
        return verdict

    def close(self) -> None:
        """Forget the verdicts; the other sandbox stays open."""
        self._verdicts.clear()


def _digest(candidate: Candidate) -> bytes:
    parts = (candidate.solution, candidate.entry_point, candidate.prompt, candidate.test)
    # With its length before each part, two candidates never make one text.
    text = "\0".join(f"{len(part)}:{part}" for part in parts)
    # The hash of bytes is kept by Python, and cases are made once for each problem.
    return _sha256(f"{text}\0{hash(candidate.cases)}\0{hash(candidate.calls)}")


def _sha256(text: str) -> bytes:
    # A model may write lone surrogates, which UTF-8 has no bytes for.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def judge_draw(
    plan: Plan, name: str, draw: Draw, completion: DrawResult, sandbox: Sandbox, limits: CanonicalLimits
) -> Sample:
    """Return the judged sample of one draw of an experiment; a timeout says which limit of its own it had."""
    resolved = plan.experiments[name]
    unrepaired = resolved.extract_unrepaired if resolved.repairs else None
    problem = plan.problems[name][draw.task_id]
    has_rounds = isinstance(completion, Completion) and bool(completion.rounds)
    is_probed = resolved.experiment.select or resolved.experiment.repair or has_rounds
    probe = probe_of(problem.stub) if is_probed else None
    limit_s = limits.of(problem, sandbox)
    limited = problem.limited(limit_s)
    sample = judge(limited, draw, completion, sandbox, resolved.extract, unrepaired, probe)
    return sample if limit_s is None else _naming(limit_s, sample)


def _naming(limit_s: float, sample: Sample) -> Sample:
    """Return a sample whose timeouts name their limit."""
    sample = replace(sample, rounds=tuple(_naming(limit_s, attempt) for attempt in sample.rounds))
    if sample.outcome is not Outcome.TIMEOUT:
        return sample
    return replace(sample, message=with_limit(sample.message, limit_s))


class ProblemSamples:
    """The samples of one problem: judged in any order, each written once to a spool."""

    def __init__(self, spool: Spool[Sample]) -> None:
        self._spool = spool
        self._kept: dict[int, tuple[Place, bytes | None]] = {}

    def add(self, sample: Sample) -> None:
        """Keep one more."""
        self._kept[sample.sample_index] = self._spool.write(sample), _program(sample)

    def __len__(self) -> int:
        return len(self._kept)

    def result(self, problem: Problem, ways: Sequence[str] = ()) -> ProblemResult:
        """Return the problem's result, its samples in the order of their index, chosen from in these ways."""
        indices = sorted(self._kept)
        places = (self._kept[index][0] for index in indices)
        shared = _shared((index, self._kept[index][1]) for index in indices)
        samples = Spooled(self._spool, places)
        return _with_choice(ProblemResult(problem.task_id, problem.entry_point, samples, shared), ways)


def problem_result(problem: Problem, samples: Iterable[Sample], ways: Sequence[str] = ()) -> ProblemResult:
    """Return a problem's result, its samples in the order of their index, chosen from in these ways."""
    ordered = tuple(sorted(samples, key=lambda sample: sample.sample_index))
    shared = _shared((sample.sample_index, _program(sample)) for sample in ordered)
    return _with_choice(ProblemResult(problem.task_id, problem.entry_point, ordered, shared), ways)


def _with_choice(result: ProblemResult, ways: Sequence[str]) -> ProblemResult:
    """Return a result with its choice; without one where none is asked for, or a probe was lost."""
    if not ways or len(result.figures) < 2 or any(map(_is_probe_lost, result.figures)):
        return result
    return replace(result, selected=choose([Attempt.of(sample) for sample in result.figures], ways))


def _is_probe_lost(sample: Sample) -> bool:
    return sample.outcome is not Outcome.INFRA_ERROR and sample.examples is None


def _program(sample: Sample) -> bytes | None:
    """Return what identifies the program that was executed; None if there was none, or no verdict on it."""
    is_judged = sample.solution is not None and sample.outcome is not Outcome.INFRA_ERROR
    return _sha256(sample.solution) if is_judged and sample.solution is not None else None


def _shared(programs: Iterable[tuple[int, bytes | None]]) -> frozenset[int]:
    """Return the indices whose program an earlier one has.

    Which of several equal programs came to be executed is chance; the first counts as the executed one.
    """
    seen: set[bytes | None] = {None}
    shared = set()
    for index, program in programs:
        if program is not None and program in seen:
            shared.add(index)
        seen.add(program)
    return frozenset(shared)
