"""The stages chained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence

import pytest

from pytest_humaneval.core.pipeline import complete, judge, probed
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import (
    Candidate,
    Completion,
    Draw,
    DrawResult,
    Extraction,
    NoCompletion,
    Outcome,
    Request,
    Sampling,
    SettledDraw,
    Verdict,
)
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.selection.examples import Example
from pytest_humaneval.core.selection.probe import Probe
from tests.support.records_made import FORMAT, problem

PROBLEM = problem(0)
PROBE = Probe("f", (Example((1,), 1),))
REQUEST = Request("m", "chat", (), Sampling())
DRAWS = [Draw("Test/0", index, REQUEST) for index in range(3)]


class FakeProvider:
    """Answers every draw, or says that it failed; remembers what it was asked."""

    def __init__(self, failing: Sequence[Draw] = ()) -> None:
        self.failing, self.asked = failing, list[Draw]()

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield the draws in reverse, as a provider may."""
        self.asked += draws
        for draw in reversed(draws):
            yield (
                draw,
                NoCompletion("down") if draw in self.failing else Completion(f"new {draw.sample_index}"),
            )


class FakeStore:
    """Keeps completions in a dict."""

    def __init__(self, known: dict[Draw, Completion]) -> None:
        self.known = known

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return what is known."""
        return {draw: self.known[draw] for draw in draws if draw in self.known}

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep it."""
        self.known[draw] = completion

    def close(self) -> None:
        """Nothing to release."""


def completed(provider: FakeProvider, store: FakeStore | None) -> list[SettledDraw]:
    """Everything that ``complete`` yields; what is yielded and kept at all must be kept by then."""

    async def run() -> list[SettledDraw]:
        settled = []
        async for draw, completion in complete(DRAWS, provider, store):
            if store and isinstance(completion, Completion):
                assert store.known[draw] == completion
            settled.append((draw, completion))
        return settled

    return asyncio.run(run())


def test_without_a_store_the_provider_is_asked_for_everything() -> None:
    """Every draw once, in the provider's order."""
    provider = FakeProvider()

    settled = completed(provider, None)

    assert [draw for draw, _ in settled] == DRAWS[::-1]
    assert provider.asked == DRAWS


def test_the_provider_is_asked_only_for_what_the_store_does_not_know() -> None:
    """What is known comes first; what is new is in the store before it is handed on."""
    provider, store = FakeProvider(), FakeStore({DRAWS[1]: Completion("old")})

    settled = completed(provider, store)

    assert settled[0] == (DRAWS[1], Completion("old"))
    assert provider.asked == [DRAWS[0], DRAWS[2]]
    assert store.known == dict(settled)


def test_where_all_is_known_no_provider_is_asked() -> None:
    """A server that is down does no harm to a run that is in the store."""
    provider, store = FakeProvider(), FakeStore({draw: Completion("old") for draw in DRAWS})

    assert [draw for draw, _ in completed(provider, store)] == DRAWS
    assert provider.asked == []


def test_a_failure_is_handed_on_and_never_kept() -> None:
    """The next run asks again for what failed in this one."""
    store = FakeStore({})

    settled = dict(completed(FakeProvider(failing=DRAWS[:1]), store))

    assert settled[DRAWS[0]] == NoCompletion("down")
    assert store.known.keys() == set(DRAWS[1:])


class FakeSandbox:
    """Says the same of every candidate, and remembers them."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict, self.candidates = verdict, list[Candidate]()

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict."""
        self.candidates.append(candidate)
        return self.verdict

    def close(self) -> None:
        """Nothing to release."""


def judged(completion: DrawResult, extraction: Extraction, verdict: Verdict) -> tuple[Sample, FakeSandbox]:
    """Judge the second draw of the problem."""
    sandbox = FakeSandbox(verdict)

    def extract(_completion: Completion, stub: Stub) -> Extraction:
        assert stub == PROBLEM.stub
        return extraction

    return judge(PROBLEM, DRAWS[1], completion, sandbox, extract), sandbox


def test_a_sample_tells_everything_that_is_known_of_it() -> None:
    """Each stage's record is in it."""
    sample, sandbox = judged(
        Completion("raw", "stop", "raw", 3, 5),
        Extraction("source", (FORMAT,)),
        Verdict(Outcome.WRONG_ANSWER, "assert 1 == 2", 0.5),
    )

    assert sample == Sample(
        1, Outcome.WRONG_ANSWER, "raw", "source", (FORMAT,), "assert 1 == 2", 0.5, "stop", 3, 5, "raw"
    )
    assert sandbox.candidates == [Candidate("source", "f", PROBLEM.prompt, PROBLEM.test)]


class Running:
    """A sandbox in which only some programs pass."""

    def __init__(self, *passing: str) -> None:
        self.passing = passing

    def run(self, candidate: Candidate) -> Verdict:
        """Pass the candidate if it is one of them."""
        return Verdict(Outcome.PASSED if candidate.solution in self.passing else Outcome.WRONG_ANSWER)

    def close(self) -> None:
        """Nothing to release."""


@pytest.mark.parametrize(
    ("unrepaired", "expected"), [("broken", True), ("fine as well", False), ("repaired", False), (None, True)]
)
def test_a_pass_is_owed_to_a_repair_where_there_is_none_without(
    unrepaired: str | None, expected: bool
) -> None:
    """A repair that was needless, or changed nothing, takes no credit."""
    sample = judge(
        PROBLEM,
        DRAWS[1],
        Completion("raw"),
        Running("repaired", "fine as well"),
        lambda _completion, _stub: Extraction("repaired"),
        lambda _completion, _stub: Extraction(unrepaired),
    )

    assert (sample.outcome, sample.repaired) == (Outcome.PASSED, expected)


def test_a_failed_request_is_an_infra_error_and_nothing_is_run() -> None:
    """No completion is never a wrong answer."""
    sample, sandbox = judged(NoCompletion("down"), Extraction("x"), Verdict(Outcome.PASSED))

    assert sample == Sample(1, Outcome.INFRA_ERROR, message="down")
    assert sandbox.candidates == []


@pytest.mark.parametrize(
    ("finish_reason", "expected"),
    [("stop", Outcome.NO_CODE), (None, Outcome.NO_CODE), ("length", Outcome.TRUNCATED)],
)
def test_a_text_without_code_is_not_run(finish_reason: str | None, expected: Outcome) -> None:
    """The outcome says whether the model gave no code, or was cut off before it could."""
    sample, sandbox = judged(Completion("hm", finish_reason), Extraction(None), Verdict(Outcome.PASSED))

    assert (sample.outcome, sample.raw, sandbox.candidates) == (expected, "hm", [])


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Outcome.SYNTAX_ERROR, Outcome.TRUNCATED),
        (Outcome.WRONG_ANSWER, Outcome.TRUNCATED),
        (Outcome.PASSED, Outcome.PASSED),
        (Outcome.INFRA_ERROR, Outcome.INFRA_ERROR),
    ],
)
def test_a_cut_solution_that_fails_is_truncated(seen: Outcome, expected: Outcome) -> None:
    """It is run all the same: a pass is a pass, and the harness's trouble stays the harness's."""
    sample, _ = judged(Completion("x", "length"), Extraction("x", cut=True), Verdict(seen, seconds=0.5))

    assert (sample.outcome, sample.seconds) == (expected, 0.5)


@pytest.mark.parametrize(
    ("seen", "expected"), [(Outcome.EXCEPTION, True), (Outcome.PASSED, False), (Outcome.INFRA_ERROR, False)]
)
def test_only_what_failed_was_stopped_too_early(seen: Outcome, expected: bool) -> None:
    """A pass shows that nothing was missing."""
    sample, _ = judged(Completion("x", "stop"), Extraction("x", stopped_early=True), Verdict(seen))

    assert sample.stopped_early == expected


def test_a_whole_solution_is_not_truncated_by_what_follows_it() -> None:
    """Where only chatter after the solution was cut, its verdict stands."""
    sample, _ = judged(Completion("x", "length"), Extraction("x"), Verdict(Outcome.WRONG_ANSWER))

    assert sample.outcome is Outcome.WRONG_ANSWER


class TamperedSandbox:
    """Sees an attack in whatever it runs."""

    def run(self, candidate: Candidate) -> Verdict:
        """Return what the sandbox says of an attack during calls."""
        assert candidate.calls
        return Verdict(Outcome.CRASHED, "tampered", tampered=True)

    def close(self) -> None:
        """Do nothing."""


def test_who_attacks_at_the_examples_passes_nothing() -> None:
    """Neither the tests, nor the base tests alone, nor as an answer that a repair step has saved."""
    sample = Sample(0, Outcome.PASSED, solution="x = 1", base_outcome=Outcome.PASSED, repaired=True)

    found = probed(sample, PROBE, TamperedSandbox())

    assert (found.outcome, found.outcome_by_base, found.repaired) == (Outcome.CRASHED, Outcome.CRASHED, False)
    assert (found.examples_passed, found.behaviour) == (0, ())
