"""The stages chained: draws become completions, and a completion becomes a judged sample."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.errors import SandboxError, StepError
from pytest_humaneval.core.ports import Provider, Sandbox, Store
from pytest_humaneval.core.problem import Problem, Stub
from pytest_humaneval.core.records import (
    Completion,
    Draw,
    DrawResult,
    Extraction,
    NoCompletion,
    Outcome,
    SettledDraw,
    Verdict,
)
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.selection.probe import Probe

Extract = Callable[[Completion, Stub], Extraction]
"""Post-processing with its steps chosen."""

_ASKED_AT_ONCE = 500
"""Draws that the store is asked for at once: their completions are in memory together."""


async def complete(
    draws: Sequence[Draw], provider: Provider, store: Store | None
) -> AsyncGenerator[SettledDraw, None]:
    """Yield every draw once: first what the store knows, then fresh ones, stored before they are handed on.

    Raises:
        ProviderError: no completion can be had at all.
    """
    missing: list[Draw] = []
    for draw, known in known_of(draws, store):
        if known is None:
            missing.append(draw)
        else:
            yield draw, known
    if not missing:
        return
    async with aclosing(provider.complete(missing)) as fresh:
        async for draw, completion in fresh:
            if store and isinstance(completion, Completion):
                store.put(draw, completion.without_times)
            yield draw, completion


def known_of(draws: Sequence[Draw], store: Store | None) -> Iterator[tuple[Draw, Completion | None]]:
    """Yield every draw with its stored completion; None where the store has none."""
    for start in range(0, len(draws), _ASKED_AT_ONCE):
        batch = draws[start : start + _ASKED_AT_ONCE]
        known = store.get(batch) if store else {}
        for draw in batch:
            yield draw, known.get(draw)


def judge(
    problem: Problem,
    draw: Draw,
    completion: DrawResult,
    sandbox: Sandbox,
    extract: Extract,
    extract_unrepaired: Extract | None = None,
    probe: Probe | None = None,
) -> Sample:
    """Return the judged sample of one draw.

    Where ``extract`` has repair steps, ``extract_unrepaired`` does without them: a pass that it does not give
    is owed to a repair. With a ``probe``, the sample has what its calls gave. The completion's later rounds
    are judged likewise, and change nothing in the sample itself.
    """
    if isinstance(completion, NoCompletion):
        return Sample(draw.sample_index, Outcome.INFRA_ERROR, message=completion.reason)
    first, *later = (
        _attempt(problem, draw, each, sandbox, extract, extract_unrepaired, probe)
        for each in (completion, *completion.rounds)
    )
    return replace(first, rounds=tuple(later))


def _attempt(
    problem: Problem,
    draw: Draw,
    completion: Completion,
    sandbox: Sandbox,
    extract: Extract,
    extract_unrepaired: Extract | None,
    probe: Probe | None,
) -> Sample:
    try:
        sample = _judged(problem, draw, completion, sandbox, extract, extract_unrepaired)
    except StepError as error:
        return Sample(
            draw.sample_index, Outcome.INFRA_ERROR, completion.text, form=completion.form, message=str(error)
        )
    return sample if probe is None else probed(sample, probe, sandbox)


def probed(sample: Sample, probe: Probe, sandbox: Sandbox) -> Sample:
    """Return a sample with what the calls of a probe gave, which is made of the problem's prompt alone.

    An attack on the sandbox during the calls is the sample's outcome. Where the sandbox failed, nothing is
    known of the examples.
    """
    if sample.solution is None:
        return replace(sample, examples=len(probe.examples), examples_passed=0)
    try:
        observed = sandbox.run(probe.candidate(sample.solution))
    except SandboxError:
        return sample
    if observed.outcome is Outcome.INFRA_ERROR:
        return sample
    if observed.tampered:
        sample = _tampered(sample, f"{observed.message} in the prompt's examples")
    return replace(
        sample,
        examples=len(probe.examples),
        examples_passed=probe.passed(observed),
        failed_example=probe.failed_example(observed),
        behaviour=() if observed.tampered else probe.behaviour(observed),
    )


def _tampered(sample: Sample, message: str) -> Sample:
    """Return a sample that passes nothing, whatever it did in the tests."""
    base = None if sample.base_outcome is None else Outcome.CRASHED
    return replace(sample, outcome=Outcome.CRASHED, base_outcome=base, message=message, repaired=False)


def _judged(
    problem: Problem,
    draw: Draw,
    completion: Completion,
    sandbox: Sandbox,
    extract: Extract,
    extract_unrepaired: Extract | None,
) -> Sample:
    extraction = extract(completion, problem.stub)
    verdict = _verdict(problem, completion, extraction, sandbox)
    return Sample(
        sample_index=draw.sample_index,
        outcome=verdict.outcome,
        raw=completion.text,
        form=completion.form,
        repaired=verdict.outcome is Outcome.PASSED
        and extract_unrepaired is not None
        and _needed_repair(problem, completion, extraction, extract_unrepaired, sandbox),
        solution=extraction.solution,
        steps=extraction.steps,
        message=verdict.message,
        seconds=verdict.seconds,
        finish_reason=completion.finish_reason,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        failing_line=verdict.failing_line,
        output=verdict.output,
        stopped_early=extraction.stopped_early
        and verdict.outcome not in (Outcome.PASSED, Outcome.INFRA_ERROR),
        base_outcome=verdict.base_outcome or (verdict.outcome if problem.has_base_tests else None),
        mean_logprob=completion.mean_logprob,
        reasoning=completion.reasoning,
        reasoning_tokens=completion.reasoning_tokens,
        first_token_s=completion.first_token_s,
        generation_s=completion.generation_s,
    )


def _needed_repair(
    problem: Problem, completion: Completion, repaired: Extraction, extract: Extract, sandbox: Sandbox
) -> bool:
    unrepaired = extract(completion, problem.stub)
    if unrepaired.solution == repaired.solution:
        return False
    return _verdict(problem, completion, unrepaired, sandbox).outcome is not Outcome.PASSED


def _where_it_was(completion: Completion) -> str:
    if completion.reasoning and not completion.text.strip():
        return "the model's reasoning, before any answer: all of max_tokens went into thinking"
    return "the text before any code"


def _verdict(problem: Problem, completion: Completion, extraction: Extraction, sandbox: Sandbox) -> Verdict:
    if extraction.solution is None:
        if completion.finish_reason == "length":
            return Verdict(Outcome.TRUNCATED, f"the length limit ended {_where_it_was(completion)}")
        return Verdict(Outcome.NO_CODE, "the text holds no code")
    try:
        verdict = sandbox.run(assemble(problem, extraction.solution))
    except SandboxError as error:
        return Verdict(Outcome.INFRA_ERROR, str(error))
    if extraction.cut and verdict.outcome not in (Outcome.PASSED, Outcome.INFRA_ERROR):
        reason = f"the length limit ended the text inside the solution ({verdict.outcome})"
        base = verdict.base_outcome
        if base not in (None, Outcome.PASSED):
            base = Outcome.TRUNCATED
        return replace(verdict, outcome=Outcome.TRUNCATED, message=reason, base_outcome=base)
    return verdict
