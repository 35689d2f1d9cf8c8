"""What the samples of an experiment cost."""

from __future__ import annotations

from pytest_humaneval.core.cost import Bill, Cost, Prices, Purse
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.run_cost import run_cost

PRICES = Prices(prompt=1.0, completion=2.0)


def cost_of(*samples: Sample) -> Cost:
    """Return the cost of one problem's samples, of which none was requested now."""
    return run_cost([ProblemResult("Test/0", "f", samples)], PRICES, Bill(PRICES, Purse()))


def sample(read: int, written: int, *rounds: Sample, outcome: Outcome = Outcome.PASSED) -> Sample:
    """Return a sample with these token counts."""
    return Sample(0, outcome, prompt_tokens=read, completion_tokens=written, rounds=rounds)


def test_rounds_of_repair_cost_as_well() -> None:
    """Each of them is a request of its own; what came from the store was not spent now."""
    cost = cost_of(sample(1_000_000, 500_000, sample(3_000_000, 0, outcome=Outcome.NO_CODE)))

    assert cost == Cost(spent=0.0, all_samples=5.0)


def test_samples_of_one_request_share_its_prompt() -> None:
    """A share may be no whole token; the problem's prompt was counted all the same."""
    assert cost_of(sample(1, 1_000_000), sample(0, 1_000_000)).all_samples == 4.000001


def test_unknown_tokens_make_no_cost() -> None:
    """An answer without counts is not free."""
    assert cost_of(sample(0, 0)).all_samples is None
    assert cost_of(sample(10, 5), sample(10, 0)).all_samples is None


def test_a_sample_without_an_answer_costs_nothing() -> None:
    """What was never answered is no reason to know nothing of the others."""
    cost = cost_of(sample(1_000_000, 0, outcome=Outcome.NO_CODE), sample(0, 0, outcome=Outcome.INFRA_ERROR))

    assert cost.all_samples == 1.0
