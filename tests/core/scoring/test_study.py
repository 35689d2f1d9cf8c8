"""A study's effects: which levels are compared on what, and what their number does to the p-values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_humaneval.core.config.studies import Place
from pytest_humaneval.core.scoring.paired_difference import SIGNIFICANCE
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.study import Effect, Study, holm, studies_of
from tests.support.records_made import result, run_of

FACTORS = {"strategy": ("plain", "examples", "devise"), "temperature": ("0", "0.2")}

TWO = result(0, "-+").samples


def run_at(strategy: str, temperature: str, letters: str, study: str = "s") -> Run:
    """Return a run of the study with these levels, one letter for each problem."""
    place = Place(study, {"strategy": strategy, "temperature": temperature}, FACTORS)
    run = run_of(letters, place.name)
    return replace(run, experiment=replace(run.experiment, place=place))


def the_study(*runs: Run) -> Study:
    """Return the only study of these runs."""
    (study,) = studies_of(runs)
    return study


def effect(study: Study, factor: str, level: str) -> Effect:
    """Return the effect of a level."""
    (found,) = [each for each in study.effects if (each.factor, each.level) == (factor, level)]
    return found


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        # Worked example: https://en.wikipedia.org/wiki/Holm-Bonferroni_method#Example
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.2, 0.6, 0.9], [0.6, 1.0, 1.0]),
        ([0.03], [0.03]),
        ([], []),
    ],
)
def test_p_values_are_adjusted_by_holm_s_method(p_values: list[float], adjusted: list[float]) -> None:
    """In the order in which they were given; never above 1, and never out of order."""
    assert holm(p_values) == pytest.approx(adjusted)


def test_with_one_combination_and_one_sample_the_test_is_mcnemar_s() -> None:
    """Six problems gained and none lost: p = 2 / 2^6."""
    study = the_study(run_at("plain", "0", "-" * 6 + "+" * 4), run_at("examples", "0", "+" * 10))

    found = effect(study, "strategy", "examples")

    assert found.found is not None
    assert (found.against, found.reference, found.score) == ("plain", 0.4, 1.0)
    assert (found.found.test, found.found.p_value) == ("McNemar", 2 / 2**6)
    assert (study.comparisons, found.adjusted_p) == (1, 2 / 2**6)
    assert found.is_distinguishable


def test_several_combinations_do_not_make_several_problems_of_one() -> None:
    """The same six gains at two temperatures are the evidence of six problems, not of twelve."""
    runs = [
        run_at(strategy, temperature, letters)
        for temperature in ("0", "0.2")
        for strategy, letters in (("plain", "-" * 6 + "+" * 4), ("examples", "+" * 10))
    ]

    found = effect(the_study(*runs), "strategy", "examples")

    assert found.found is not None
    assert (found.combinations, found.problems) == (2, 10)
    assert found.found.p_value == 2 / 2**6


def test_only_combinations_with_both_levels_are_compared() -> None:
    """What one level alone was run with says nothing about their difference."""
    study = the_study(
        run_at("plain", "0", "--++"), run_at("examples", "0", "-+++"), run_at("examples", "0.2", "++++")
    )

    assert effect(study, "strategy", "examples").combinations == 1
    assert effect(study, "strategy", "examples").score == 0.75
    assert effect(study, "temperature", "0.2").score == 1.0
    assert effect(study, "temperature", "0.2").reference == 0.75


def test_more_comparisons_ask_for_more_evidence() -> None:
    """A p-value that is significant alone is not, as one of two that are equally small."""
    plain, better = "-" * 6 + "+" * 4, "+" * 10

    study = the_study(
        run_at("plain", "0", plain), run_at("examples", "0", better), run_at("devise", "0", better)
    )

    assert study.comparisons == 2
    assert [each.adjusted_p for each in study.effects] == [2 * 2 / 2**6] * 2
    assert 2 / 2**6 < SIGNIFICANCE < 2 * 2 / 2**6
    assert not any(each.is_distinguishable for each in study.effects)


def test_a_problem_without_a_verdict_is_left_out() -> None:
    """An infra_error is no wrong answer, in whichever combination it is."""
    study = the_study(run_at("plain", "0", "?-+"), run_at("examples", "0", "++?"))

    assert effect(study, "strategy", "examples").problems == 1
    assert effect(study, "strategy", "examples").score == 1.0


def test_a_problem_without_a_verdict_in_one_combination_is_left_out_of_all() -> None:
    """Else the averages of two problems would be over different combinations."""
    study = the_study(
        run_at("plain", "0", "--"),
        run_at("examples", "0", "-+"),
        run_at("plain", "0.2", "-?"),
        run_at("examples", "0.2", "-+"),
    )

    found = effect(study, "strategy", "examples")

    assert (found.combinations, found.problems, found.score) == (2, 1, 0.0)


def test_levels_that_share_no_combination_are_not_compared() -> None:
    """It is said, rather than a figure made up, and it is not counted as a comparison."""
    study = the_study(run_at("plain", "0", "--"), run_at("examples", "0.2", "++"))

    assert study.effects == (
        Effect("strategy", "examples", "plain", 0),
        Effect("temperature", "0.2", "0", 0),
    )
    assert study.comparisons == 0


def test_the_first_level_that_was_run_is_compared_with() -> None:
    """A selection may leave the first of the matrix out."""
    study = the_study(run_at("devise", "0", "--"), run_at("examples", "0", "++"))

    (only,) = study.effects
    assert (only.against, only.level) == ("examples", "devise")


def test_studies_are_apart_and_single_experiments_are_none() -> None:
    """Each study is compared within itself; one experiment of a study, or of none, compares with nothing."""
    runs = [
        run_at("plain", "0", "--"),
        run_at("examples", "0", "++"),
        run_at("plain", "0", "--", "other"),
        run_of("++", "by itself"),
    ]

    assert [(study.name, study.experiments) for study in studies_of(runs)] == [("s", 2)]


def test_the_score_is_the_one_that_all_gates_are_on() -> None:
    """A study over ways to choose compares what they choose; its pass@1 is the same for all of them."""
    first, vote = run_at("plain", "0", "--"), run_at("examples", "0", "--")
    chosen = [
        replace(run, results=tuple(replace(each, samples=TWO, selected=index) for each in run.results))
        for index, run in enumerate((first, vote))
    ]
    on_selected = [
        replace(run, experiment=replace(run.experiment, gate_on="selected@1", n=2, select=("vote",)))
        for run in chosen
    ]

    studies = the_study(*chosen), the_study(*on_selected)
    by_pass, by_choice = (effect(study, "strategy", "examples") for study in studies)

    assert [study.score for study in studies] == ["pass@1", "selected@1"]
    assert (by_pass.reference, by_pass.score) == (0.5, 0.5)
    assert (by_choice.reference, by_choice.score) == (0.0, 1.0)
