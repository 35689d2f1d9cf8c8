"""Which modules read the date: a clock that is set while a run lasts changes no verdict and no limit."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "pytest_humaneval"


def test_only_durations_decide() -> None:
    """Four modules read the date, and none decides anything by it but how long to wait for a server."""
    reads_the_date = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(word in path.read_text("utf-8") for word in ("time.time(", "datetime.now(", "utcnow("))
    }

    # A server's Retry-After may be a date (RFC 9110, 10.2.3); a report says when its run ended, a page when
    # it was made, and MLflow has the time of each figure.
    assert reads_the_date == {
        "evaluation/manifest.py",
        "providers/openai_api/retry.py",
        "reports/html/pages.py",
        "reports/mlflow.py",
    }
