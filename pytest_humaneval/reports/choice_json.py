"""What choosing among samples and rounds of repair came to, as JSON data of one experiment."""

from __future__ import annotations

from typing import Any

from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.results_json import to_json
from pytest_humaneval.core.scoring.curve import Curve
from pytest_humaneval.core.scoring.repaired import repair_figures
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.selected import SelectedFigures, rounds_text
from pytest_humaneval.core.selection.alike import groups


def selected_json(run: Run) -> dict[str, Any]:
    """Return the keys that an experiment has by a choice among its samples; none without one."""
    figures = run.selected_figures
    if figures is None:
        return {}
    has_score = figures.score is not None
    base = {
        "selected@1_base": figures.base_score,
        "selected@1_base_ci95": list(figures.base_interval) if has_score else None,
    }
    return {
        "selected@1": figures.score,
        "selected@1_ci95": list(figures.interval) if has_score else None,
        **(base if run.has_base_tests else {}),
        "select": list(figures.ways),
        "selection": _selection(figures),
        **({"curve": curve_json(run.curve)} if run.curve else {}),
    }


def _selection(figures: SelectedFigures) -> dict[str, Any]:
    found = figures.difference
    return {
        "name": figures.name,
        "of": {"fewest": figures.fewest, "most": figures.most},
        "one_sample": figures.one_sample,
        "first": figures.first,
        "oracle": figures.oracle,
        "undecided": figures.undecided,
        "bounds": list(figures.bounds),
        "without_examples": figures.without_examples,
        "gained": list(figures.gained),
        "lost": list(figures.lost),
        "p_value": found.p_value if found else None,
        "delta_ci95": list(found.interval) if found else None,
        "test": found.test if found else None,
        "spent": {
            "samples": figures.samples,
            "prompt_tokens": figures.prompt_tokens,
            "completion_tokens": figures.completion_tokens,
        },
    }


def result_json(result: ProblemResult) -> dict[str, Any]:
    """Return a problem's result; where one sample was chosen, with the group that each behaves like."""
    alike = {} if result.selected is None else {"groups": groups(result.figures)}
    return {**to_json(result), **alike}


def repair_json(run: Run) -> dict[str, Any]:
    """Return the key that an experiment has by its rounds of repair; none without such rounds."""
    figures = repair_figures(run)
    if figures is None:
        return {}
    return {
        "repair_rounds": {
            "name": f"pass@1 after {rounds_text(figures.rounds)}",
            "rounds": figures.rounds,
            "score": figures.score,
            "ci95": list(figures.interval),
            "gained": figures.gained,
            "lost": figures.lost,
            "spent": {
                "answers": figures.requests,
                "prompt_tokens": figures.prompt_tokens,
                "completion_tokens": figures.completion_tokens,
            },
        }
    }


def curve_json(curve: Curve) -> dict[str, Any]:
    """Return a curve: the budgets, the tokens that each costs on average, and the scores of each way."""
    return {
        "k": list(curve.budgets),
        "tokens": [curve.tokens(k) for k in curve.budgets],
        "scores": {way: list(scores) for way, scores in curve.scores.items()},
    }
