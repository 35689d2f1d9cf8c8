"""Stepping through generated code: pytest --humaneval-debug, with a person's keys on standard input."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.evaluating import command_line, completion, write_samples
from tests.support.sandbox.sandboxes import needs_ray

RAISING = """    total = 0
    for number in range(3):
        total += number
    raise ValueError(total)
"""


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """HumanEval/0 raises, HumanEval/1 and 2 are right or hold no code."""
    rows = [completion(0, RAISING), {"task_id": "HumanEval/1", "raw": "I cannot."}]
    rows.append(completion(2, "    return number % 1.0\n"))
    return write_samples(tmp_path / "samples.jsonl", rows)


def debug(pytester: pytest.Pytester, samples: Path, keys: str, *more: str) -> pytest.RunResult:
    """Debug with these keys."""
    return pytester.run(
        *command_line(f"--humaneval-samples={samples}", "--humaneval-debug", *more),
        stdin=keys.encode(),
        timeout=120,
    )


def test_one_can_step_through_what_the_model_wrote(pytester: pytest.Pytester, samples: Path) -> None:
    """A breakpoint in the candidate, a step, a look at a variable: on the lines of its own program."""
    keys = "b has_close_elements\nc\nn\nn\nn\np ('total', total)\nq\n"

    text = str(debug(pytester, samples, keys, "-k", "has_close_elements").stdout)

    assert "-> check(has_close_elements)" in text
    assert "-> for number in range(3):" in text
    assert "('total', 0)" in text


def test_a_failure_stops_where_it_was_raised(pytester: pytest.Pytester, samples: Path) -> None:
    """After going on, the debugger stands at the failing line with its variables."""
    text = str(debug(pytester, samples, "c\np ('total', total)\nq\n", "-k", "has_close").stdout)

    assert "-> raise ValueError(total)" in text
    assert "('total', 3)" in text


def test_the_card_is_shown_before_the_debugger_stops(pytester: pytest.Pytester, samples: Path) -> None:
    """A person knows what failed before the first key."""
    text = str(debug(pytester, samples, "q\n", "-k", "has_close").stdout)

    assert 0 < text.index("exception: has_close_elements (HumanEval/0)") < text.index("PDB set_trace")


def test_what_passed_is_not_debugged(pytester: pytest.Pytester, samples: Path) -> None:
    """The sandbox has judged everything before; only what failed stops."""
    done = debug(pytester, samples, "", "-k", "truncate_number")

    assert done.ret == 0
    assert "PDB" not in str(done.stdout)


@pytest.mark.parametrize("mode", [("-n", "2"), ("-n2", "--dist=loadfile")])
def test_workers_are_refused_in_one_line(
    pytester: pytest.Pytester, samples: Path, mode: tuple[str, ...]
) -> None:
    """A debugger needs the terminal, which no worker has."""
    done = debug(pytester, samples, "", *mode)

    assert done.ret == 4
    assert "--humaneval-debug: found workers (-n 2), expected none" in str(done.stderr)


def test_without_workers_xdist_does_not_matter(pytester: pytest.Pytester, samples: Path) -> None:
    """``-n 0`` is a plain run."""
    text = str(debug(pytester, samples, "q\n", "-n", "0", "-k", "has_close").stdout)

    assert "-> check(has_close_elements)" in text


@needs_ray
@pytest.mark.usefixtures("quiet_ray")
def test_breakpoints_are_this_debuggers_after_judging_on_ray(
    pytester: pytest.Pytester, samples: Path
) -> None:
    """Ray, which would have every breakpoint lead to a debugger of its own, does not get its way."""
    done = debug(pytester, samples, "q\n", "--humaneval-sandbox=ray", "-k", "has_close")

    assert "PDB set_trace" in str(done.stdout)
    assert "-> check(has_close_elements)" in str(done.stdout)
