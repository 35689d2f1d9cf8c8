"""What choosing among recorded samples costs beside judging them, and what it comes to.

    python benchmarks/selection_cost.py FILE.jsonl.gz [--jobs N] [--rounds N]

The samples are judged from their raw text in turns, with and without the calls of each problem's probe.
Prints medians, the ratio of what the calls add to the judging alone, and for each way of choosing the share
of problems whose chosen sample passes: the expected value where several are equally good.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean, median
from typing import Any

from pytest_overhead import shuffled_rounds

from pytest_humaneval.core.datasets import read_dataset
from pytest_humaneval.core.extraction import extract
from pytest_humaneval.core.extraction.steps import resolve
from pytest_humaneval.core.pipeline import judge
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion, Draw, Extraction, Limits, Outcome, Request, Sampling
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.selection.choosing import Attempt, best
from pytest_humaneval.core.selection.probe import probe_of
from pytest_humaneval.evaluation.judging import OnceSandbox
from pytest_humaneval.sandbox import open_sandbox

Samples = dict[str, list[Sample]]
WAYS = (("first",), ("examples",), ("vote",), ("examples", "vote"))
_STEPS = resolve("auto")
_REQUEST = Request("recorded", "chat", (), Sampling())


def judged(rows: list[dict[str, Any]], jobs: int, *, with_probe: bool) -> Samples:
    """Return the judged samples of each problem; equal programs are executed once, as in a run."""
    problems = {problem.task_id: problem for problem in read_dataset().problems}

    def one(row: dict[str, Any]) -> Sample:
        problem = problems[row["task_id"]]
        draw = Draw(problem.task_id, row["sample_index"], _REQUEST)
        completion = Completion(row["raw"], row.get("finish_reason"))
        probe = probe_of(problem.stub) if with_probe else None
        return judge(problem, draw, completion, once, _extracted, probe=probe)

    samples: Samples = {}
    with open_sandbox(Limits(), jobs) as sandbox, ThreadPoolExecutor(sandbox.places) as threads:
        once = OnceSandbox(sandbox)
        for row, sample in zip(rows, threads.map(one, rows), strict=True):
            samples.setdefault(row["task_id"], []).append(sample)
    return samples


def _extracted(completion: Completion, stub: Stub) -> Extraction:
    return extract(completion, stub, _STEPS)


def share_passed(samples: Samples, ways: tuple[str, ...]) -> float:
    """Return the share of problems whose chosen sample passes: the expected value over equally good ones."""
    return fmean(
        fmean(found[index].outcome is Outcome.PASSED for index in best([*map(Attempt.of, found)], ways))
        for found in samples.values()
    )


def main() -> None:
    """Judge with and without the probes in turns; print times and figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("samples")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with gzip.open(chosen.samples, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    walls_s: dict[str, list[float]] = {"alone": [], "probed": []}
    found: dict[str, Samples] = {}
    for name in shuffled_rounds(walls_s, chosen.rounds):
        began_s = time.perf_counter()
        found[name] = judged(rows, chosen.jobs, with_probe=name == "probed")
        walls_s[name].append(time.perf_counter() - began_s)
    alone_s, probed_s = median(walls_s["alone"]), median(walls_s["probed"])
    print(f"{len(rows)} samples, {chosen.jobs} at once, medians of {chosen.rounds} rounds")
    print(f"judged {alone_s:.1f} s, with probes {probed_s:.1f} s: they add {probed_s / alone_s - 1:.2f} x")
    passes = [[each.outcome is Outcome.PASSED for each in samples] for samples in found["probed"].values()]
    print(f"one sample: {fmean(map(fmean, passes)):.1%}")
    for ways in WAYS:
        print(f"{', '.join(ways)}: {share_passed(found['probed'], ways):.1%}")
    print(f"oracle: {fmean(map(any, passes)):.1%}")


if __name__ == "__main__":
    main()
