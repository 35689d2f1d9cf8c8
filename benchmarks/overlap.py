"""How well generation and execution overlap: wall / max(generation, execution), where both take as long.

    python benchmarks/overlap.py [--samples-per-problem 20] [--rounds 5]

First execution alone is measured, out of a store that holds every completion; then a stub server in a process
of its own is made just as slow, and generation alone and both together are measured in turns. Medians.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

from pytest_overhead import medians
from stub_process import stub_process

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.evaluation.evaluation import Evaluation, generating
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.evaluation.progress import Progress

EXPERIMENT = "fewshot_v1_chat"
AT_ONCE = 4
"""Requests in flight."""


def plan_of(folder: Path, base_url: str, n: int, cache: str) -> Plan:
    """Plan ``n`` samples of every problem."""
    (folder / "experiments.toml").write_text(
        f"""
[servers.stub]
base_url = "{base_url}"
model = "stub"
concurrency = {AT_ONCE * n}

[experiments.{EXPERIMENT}]
server = "stub"
api = "chat"
strategy = "fewshot_v1"
postprocess = "auto"
n = {n}
temperature = 0.8
"""
    )
    return make_plan(Settings(folder, experiments=(EXPERIMENT,), cache=cache))


def evaluated(plan: Plan) -> float:
    """Return the seconds until every result is there; all must have passed."""
    task_ids = plan.task_ids(EXPERIMENT)
    began_s = time.perf_counter()
    with Evaluation(plan, {EXPERIMENT: task_ids}) as evaluation:
        outcomes = [evaluation.result(EXPERIMENT, task_id).outcome for task_id in task_ids]
        taken_s = time.perf_counter() - began_s
    if set(outcomes) != {"passed"}:
        raise SystemExit(f"not all passed: {set(outcomes)}")
    return taken_s


def generated(plan: Plan) -> float:
    """Return the seconds until every completion is there, none of which is executed."""
    progress = Progress()
    began_s = time.perf_counter()
    with generating(plan, {EXPERIMENT: plan.task_ids(EXPERIMENT)}, lambda *_: None, progress):
        while EXPERIMENT not in progress.generated_s:
            time.sleep(0.005)
    return time.perf_counter() - began_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--samples-per-problem", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    n = chosen.samples_per_problem
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = str(folder / "completions")
        with stub_process(0) as base_url:
            filled = plan_of(folder, base_url, n, store)
            evaluated(filled)
            alone_s = median(evaluated(filled) for _ in range(chosen.rounds))
        requests = len(filled.problems)
        with stub_process(alone_s * AT_ONCE / requests) as base_url:
            fresh = plan_of(folder, base_url, n, "off")
            found = medians(
                chosen.rounds,
                generation=lambda: generated(fresh),
                execution=lambda: evaluated(filled),
                both=lambda: evaluated(fresh),
            )
    print(f"{requests} requests, {AT_ONCE} at once, of {n} samples each; medians of {chosen.rounds} rounds")
    for name, seconds in found.items():
        print(f"{name:>10}: {seconds:6.2f} s")
    factor = found["both"] / max(found["generation"], found["execution"])
    print(f"overlap factor: {factor:.2f} x the longer of the two")


if __name__ == "__main__":
    main()
