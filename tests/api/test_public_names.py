"""What ``import pytest_humaneval`` offers, and what it costs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import pytest_humaneval as ph

NAMES = [
    *("Comparison", "Extraction", "Outcome", "Problem", "Run", "Sample", "Verdict"),
    *("compare", "evaluate", "evaluate_async", "extract", "judge", "judge_async", "judge_many"),
    *("pass_at_k", "read_problems", "read_report"),
]
MOST_S = 0.03

IMPORTED = """
import sys, json, time
before, start_s = set(sys.modules), time.process_time()
import pytest_humaneval
took_s = time.process_time() - start_s
print(json.dumps({"seconds": took_s, "modules": sorted(set(sys.modules) - before)}))
"""

PUBLIC = """
import json, types
import pytest_humaneval as ph
for name in ph.__all__:
    getattr(ph, name)
others = {name for name in vars(ph) if not name.startswith("_")} - set(ph.__all__)
print(json.dumps([name for name in sorted(others) if not isinstance(vars(ph)[name], types.ModuleType)]))
"""


def printed_by(script: str) -> Any:  # noqa: ANN401 (JSON data)
    """Return the JSON data that a script prints in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_names_are_those_that_are_documented() -> None:
    """They are sorted, and dir() and completion show just these."""
    assert ph.__all__ == NAMES == sorted(NAMES)
    assert dir(ph) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    """Each resolves, keeps its name, and has a docstring."""
    found = getattr(ph, name)

    assert found.__name__ == name
    assert found.__doc__


def test_nothing_else_is_public() -> None:
    """But for its modules, which an import of one puts there."""
    assert printed_by(PUBLIC) == []


def test_an_unknown_name_is_an_error_of_the_usual_kind() -> None:
    """So that hasattr() and ``from ... import`` work."""
    assert not hasattr(ph, "evalute")


def test_the_import_alone_is_light() -> None:
    """It loads nothing of the package or of any library, in 30 ms of CPU time (the best of three)."""
    imports = [printed_by(IMPORTED) for _ in range(3)]

    libraries = {name for name in imports[0]["modules"] if name.split(".")[0] not in sys.stdlib_module_names}
    assert libraries == {"pytest_humaneval"}
    assert min(each["seconds"] for each in imports) < MOST_S


@pytest.mark.parametrize(
    ("n", "c", "k", "expected"), [(1, 1, 1, 1.0), (10, 3, 1, 0.3), (10, 3, 5, 1 - 21 / 252), (4, 0, 4, 0.0)]
)
def test_pass_at_k_is_the_unbiased_estimator(n: int, c: int, k: int, expected: float) -> None:
    """The share of all k-subsets that hold a pass."""
    assert ph.pass_at_k(n, c, k) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("n", "c", "k", "message"),
    [
        (3, 1, 4, "pass@4 needs at least 4 samples per problem, but n = 3"),
        (3, 4, 1, "4 passing samples out of 3 is impossible"),
        (3, 1, 2.0, "k: found 2.0, expected a whole number"),
        (3, "1", 2, "c: found '1', expected a whole number"),
    ],
)
def test_pass_at_k_refuses_what_is_impossible(n: Any, c: Any, k: Any, message: str) -> None:  # noqa: ANN401
    """With one line that says what was found."""
    with pytest.raises(ValueError, match=f"^{message}$"):
        ph.pass_at_k(n, c, k)
