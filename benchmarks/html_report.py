"""How long a large HTML report takes to write, to open in a browser, to scroll and to search.

    python benchmarks/html_report.py [--samples 1000] [--experiments 1] [--problems 164] [--rounds 5]

Makes ``--experiments`` runs of ``--problems`` problems (HumanEval's, again and again) with ``--samples``
samples each: the canonical solution with a dozen lines drawn from the whole dataset, so that they compress no
better than real answers. Writes the report, and opens it in headless Chromium, started anew in each round.
Prints the size, the seconds to write, and the medians of

- the time from navigation to a grid that can be used, and to ``DOMContentLoaded`` (navigation timing);
- the longest time from an input to its painted frame, while the page, then the grid, is scrolled from top to
  end in 60 steps, and while twelve letters are typed into the search; up to 17 ms are the wait for a frame;
- the time from a click to an open failure card.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
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
_MEASURED = ("grid", "content", "scrolling, the longest frame", "typing, the longest frame", "card")
# A timer that is set in a frame fires when that frame's style, layout and paint are done.
_FRAMES = """
const done = arguments[arguments.length - 1];
const frame = (act) => new Promise((resolve) => setTimeout(() => {
  const start = performance.now();
  act();
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
}));
const scrolled = async (box) => {
  const times = [];
  for (let step = 0; step <= 60; step++) {
    times.push(await frame(() => (box.scrollTop = (box.scrollHeight - box.clientHeight) * step / 60)));
  }
  return Math.max(...times);
};
const typed = async (field, text) => {
  const times = [];
  for (const letter of text) {
    times.push(await frame(() => {
      field.value += letter;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }));
  }
  return Math.max(...times);
};
(async () => {
  const page = await scrolled(document.scrollingElement);
  const grid = await scrolled(document.querySelector("#grid").parentElement);
  done([Math.max(page, grid), await typed(document.querySelector("#search"), "candidate(0.")]);
})();
"""


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


def problems_of(count: int) -> dict[str, Problem]:
    """Return so many problems: HumanEval's, again and again under other numbers."""
    own = read_dataset().problems
    made = (replace(own[number % len(own)], task_id=f"HumanEval/{number}") for number in range(count))
    return {problem.task_id: problem for problem in made}


def page_of(samples: int, experiments: int, count: int) -> Page:
    """Return the contents of the report: a run of all problems for each experiment."""
    problems = problems_of(count)
    lines = [
        line for problem in problems.values() for line in problem.canonical_solution.splitlines(keepends=True)
    ]
    chance = random.Random(0)  # noqa: S311 (test data)
    runs = [
        run_of(name, problems.values(), samples, lines, chance)
        for name in ("large", *(f"large {number}" for number in range(2, experiments + 1)))
    ]

    def make_card(experiment: str, result: ProblemResult) -> FailureCard:
        return failure_card(result, problems[result.task_id], experiment, Settings(Path("/project")))

    return Page(runs, {}, make_card)


def run_of(
    name: str, problems: Iterable[Problem], samples: int, lines: list[str], chance: random.Random
) -> Run:
    """Return a run with so many samples of each problem."""
    results = tuple(
        ProblemResult(
            problem.task_id,
            problem.entry_point,
            tuple(sample_of(problem, index, lines, chance) for index in range(samples)),
        )
        for problem in problems
    )
    return Run(Experiment(name, n=samples), results, len(results))


def opened(path: Path) -> tuple[float, ...]:
    """Open a page in a new browser; return the seconds that each thing of ``_MEASURED`` takes."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    # What is measured goes on while the page is still read.
    options.page_load_strategy = "none"
    for flag in _FLAGS:
        options.add_argument(flag)
    with webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver"))) as driver:
        driver.get(path.as_uri())
        wait_for(driver, _READY)
        grid = driver.execute_script("return performance.getEntriesByName('ready')[0].startTime") / 1000
        wait_for(driver, "return document.readyState === 'complete'")
        timing = "const n = performance.getEntriesByType('navigation')[0];"
        content = driver.execute_script(f"{timing} return n.domContentLoadedEventEnd") / 1000
        scroll_ms, search_ms = driver.execute_async_script(_FRAMES)
        driver.execute_script("document.querySelector('#search').value = ''")
        start = time.perf_counter()
        driver.execute_script("document.querySelector('#grid tbody button').click()")
        wait_for(driver, _CARD)
        return grid, content, scroll_ms / 1000, search_ms / 1000, time.perf_counter() - start


def wait_for(driver: Any, script: str) -> None:  # noqa: ANN401 (selenium is read as untyped)
    """Evaluate a script until it returns true."""
    while not driver.execute_script(script):
        # A bound on what the figures can be wrong by; selenium's own waits poll every 0.5 s.
        time.sleep(0.005)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--experiments", type=int, default=1)
    parser.add_argument("--problems", type=int, default=164)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        page = page_of(arguments.samples, arguments.experiments, arguments.problems)
        start = time.perf_counter()
        write(path, page)
        written_s = time.perf_counter() - start
        rounds = [opened(path) for _ in range(arguments.rounds)]
        size_mb = path.stat().st_size / 1e6
        size = f"{arguments.experiments} x {arguments.problems} problems x {arguments.samples} samples"
        print(f"{size}: {size_mb:.1f} MB, written in {written_s:.1f} s")
    for what, seconds in zip(_MEASURED, zip(*rounds, strict=True), strict=True):
        print(f"{what}: median {median(seconds):.3f} s, from {min(seconds):.3f} to {max(seconds):.3f} s")


if __name__ == "__main__":
    main()
