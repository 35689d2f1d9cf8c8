"""How long a large HTML report takes to write, and to open in a browser.

    python benchmarks/html_report.py [--samples 1000] [--rounds 5]

Makes a run of the 164 problems with ``--samples`` samples each: the canonical solution with a dozen lines
drawn from the whole dataset, so that they compress no better than real answers. Writes its report, and opens
it in headless Chromium, started anew in each round. Prints the size, the seconds to write, and the medians of

- the time from navigation to ``DOMContentLoaded`` and to a grid that can be used (navigation timing);
- the time from a click to an open failure card.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from selenium import webdriver

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets import read_dataset
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import AppliedStep, Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.html.report import Page, write

_FAILURES = [Outcome.WRONG_ANSWER] * 6 + [Outcome.EXCEPTION] * 2 + [Outcome.SYNTAX_ERROR]
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
_READY = "return document.documentElement.dataset.ready === 'true'"
_CARD = "return document.querySelector('#card-body section') !== null"


def sample_of(problem: Problem, index: int, lines: list[str], chance: random.Random) -> Sample:
    """Return a judged sample that is like no other."""
    # Samples that are alike would make the report smaller than a model's answers do: it is gzipped.
    name = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=8))
    drawn = "".join(chance.choices(lines, k=12))
    solution = f"{problem.prompt}{drawn}{problem.canonical_solution}\n# {name} {chance.random()}\n"
    raw = f"Here is how one can do it, {name}:\n\n```python\n{solution}```\n\nIt takes {chance.random()}."
    diff = "\n".join(f"-{line}" for line in raw.splitlines()[:3])
    outcome = Outcome.PASSED if chance.random() < 0.5 else chance.choice(_FAILURES)
    message = None if outcome is Outcome.PASSED else f"assert candidate({chance.random()}) == {name!r}"
    return Sample(
        index,
        outcome,
        raw,
        solution,
        (AppliedStep("last_code_block", "format", diff),),
        message,
        seconds=chance.random() / 100,
        finish_reason="stop",
        completion_tokens=chance.randint(40, 400),
    )


def page_of(samples: int) -> Page:
    """Return the contents of the report: one run of all problems."""
    problems = {problem.task_id: problem for problem in read_dataset().problems}
    lines = [
        line for problem in problems.values() for line in problem.canonical_solution.splitlines(keepends=True)
    ]
    chance = random.Random(0)  # noqa: S311 (test data)
    results = tuple(
        ProblemResult(
            problem.task_id,
            problem.entry_point,
            tuple(sample_of(problem, index, lines, chance) for index in range(samples)),
        )
        for problem in problems.values()
    )
    run = Run(Experiment("large", n=samples), results, len(results))

    def make_card(experiment: str, result: ProblemResult) -> FailureCard:
        return failure_card(result, problems[result.task_id], experiment, Settings(Path("/project")))

    return Page([run], {}, make_card)


def opened(path: Path) -> tuple[float, float, float]:
    """Open a page in a new browser; return the seconds to its content, to its grid, and to a card."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in _FLAGS:
        options.add_argument(flag)
    with webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver"))) as driver:
        driver.get(path.as_uri())
        wait_for(driver, _READY)
        timing = "const n = performance.getEntriesByType('navigation')[0];"
        content = driver.execute_script(f"{timing} return n.domContentLoadedEventEnd") / 1000
        grid = driver.execute_script("return performance.getEntriesByName('ready')[0].startTime") / 1000
        start = time.perf_counter()
        driver.execute_script("document.querySelector('#grid button').click()")
        wait_for(driver, _CARD)
        return content, grid, time.perf_counter() - start


def wait_for(driver: Any, script: str) -> None:  # noqa: ANN401 (selenium is read as untyped)
    """Evaluate a script until it returns true."""
    while not driver.execute_script(script):
        # A bound on what the figures can be wrong by; selenium's own waits poll every 0.5 s.
        time.sleep(0.005)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        page = page_of(arguments.samples)
        start = time.perf_counter()
        write(path, page)
        written_s = time.perf_counter() - start
        rounds = [opened(path) for _ in range(arguments.rounds)]
        size_mb = path.stat().st_size / 1e6
        print(f"{arguments.samples} x 164 samples: {size_mb:.1f} MB, written in {written_s:.1f} s")
    for what, seconds in zip(("content", "grid", "card"), zip(*rounds, strict=True), strict=True):
        print(f"{what}: median {median(seconds):.2f} s, from {min(seconds):.2f} to {max(seconds):.2f} s")


if __name__ == "__main__":
    main()
