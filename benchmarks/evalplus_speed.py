"""How fast samples are judged by HumanEval+ or MBPP+, compared with ``evalplus.evaluate``.

    python benchmarks/evalplus_speed.py DATASET.jsonl.gz SAMPLES.jsonl.gz --evalplus PYTHON [--jobs 2] [--rounds 3]

Both judge the same file as their users run them, from the start of a process to its end, in turns, each round
in another order: first with nothing cached, then with expected values cached. Prints the seconds of each, the
ratio, the peak memory of the largest process of the harness itself (the first one and its children, which are
its workers), and every sample on which the two disagree. Where PYTHON has no evalplus, it ends.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from pytest_overhead import shuffled_rounds

_POLL_S = 0.05
NAMES = ("evalplus", "this package")


class Measured(NamedTuple):
    """One run: wall time, peak memory, and by task id whether base and all cases were passed."""

    wall_s: float
    peak_mib: float
    passed: dict[str, tuple[bool, bool]]


class Contest(NamedTuple):
    """What both judge, and with what."""

    folder: Path
    dataset: Path
    samples: Path
    is_mbpp: bool
    evalplus: str
    jobs: int

    def run(self, name: str) -> Measured:
        """Run one of ``NAMES`` once."""
        return self._evalplus() if name == "evalplus" else self._here()

    def _evalplus(self) -> Measured:
        # It reads the results that lie beside the samples, if there are any.
        samples = Path(tempfile.mkdtemp(dir=self.folder)) / "samples.jsonl"
        samples.symlink_to(self.samples)
        variable = f"{'MBPP' if self.is_mbpp else 'HUMANEVAL'}_OVERRIDE_PATH"
        flags = ["--dataset", "mbpp" if self.is_mbpp else "humaneval", "--samples", str(samples)]
        wall_s, peak_mib = _run(
            [self.evalplus, "-m", "evalplus.evaluate", *flags, "--parallel", str(self.jobs)],
            {variable: str(self.dataset), "XDG_CACHE_HOME": str(self.folder / "theirs")},
        )
        found = json.loads((samples.parent / "samples_eval_results.json").read_text())["eval"]
        return Measured(wall_s, peak_mib, {task: _theirs(results[0]) for task, results in found.items()})

    def _here(self) -> Measured:
        report = self.folder / "report.json"
        flags = {"dataset": self.dataset, "samples": self.samples, "jobs": self.jobs, "report": report}
        wall_s, peak_mib = _run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            + [f"--humaneval-{name}={value}" for name, value in flags.items()],
            {"XDG_CACHE_HOME": str(self.folder / "ours")},
        )
        (found,) = json.loads(report.read_text())["experiments"].values()
        return Measured(
            wall_s, peak_mib, {each["task_id"]: _ours(each["samples"][0]) for each in found["results"]}
        )


def _theirs(result: dict[str, str]) -> tuple[bool, bool]:
    base = result["base_status"] == "pass"
    return base, base and result["plus_status"] == "pass"


def _ours(sample: dict[str, str]) -> tuple[bool, bool]:
    return (sample.get("base_outcome") or sample["outcome"]) == "passed", sample["outcome"] == "passed"


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the wall time of a command, and the peak MiB of it or one of its children."""
    began_s, peak_kib = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(  # noqa: S603 -- our own command line
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None:
            peak_kib = max([peak_kib, *map(_peak_kib, [process.pid, *_children(process.pid)])])
            time.sleep(_POLL_S)
    return time.perf_counter() - began_s, peak_kib / 1024


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def _peak_kib(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def _unpacked(path: Path, folder: Path) -> Path:
    if path.suffix != ".gz":
        return path.resolve()
    target = folder / path.stem
    target.write_bytes(gzip.decompress(path.read_bytes()))
    return target


def _compare(title: str, runs: dict[str, list[Measured]]) -> None:
    print(title)
    for name, measured in runs.items():
        walls = [each.wall_s for each in measured]
        peak_mib = max(each.peak_mib for each in measured)
        print(
            f"{name:>13}: median {median(walls):7.2f} s ({min(walls):.2f} to {max(walls):.2f}), {peak_mib:.0f} MiB"
        )
    theirs, ours = ([each.wall_s for each in runs[name]] for name in NAMES)
    print(f"{median(theirs) / median(ours):.2f} x evalplus's throughput", flush=True)


def main() -> None:
    """Measure a first run of each, then rounds with cached values; print ratios and disagreements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("samples", type=Path)
    parser.add_argument("--evalplus", default=sys.executable, help="an interpreter that has evalplus")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if subprocess.run(
        [chosen.evalplus, "-c", "import evalplus"], check=False, capture_output=True
    ).returncode:  # noqa: S603
        sys.exit(f"skipped: {chosen.evalplus} has no evalplus")
    with tempfile.TemporaryDirectory(prefix="humaneval-evalplus-") as name:
        folder = Path(name)
        dataset, samples = (_unpacked(path, folder) for path in (chosen.dataset, chosen.samples))
        is_mbpp = "Mbpp/" in dataset.read_text().partition("\n")[0]
        contest = Contest(folder, dataset, samples, is_mbpp, chosen.evalplus, chosen.jobs)
        first = {each: [contest.run(each)] for each in NAMES}
        _compare(f"{samples.name}, {chosen.jobs} at once, nothing cached", first)
        runs: dict[str, list[Measured]] = {each: [] for each in NAMES}
        for each in shuffled_rounds(NAMES, chosen.rounds):
            runs[each].append(contest.run(each))
        _compare(f"the same, expected values cached, {chosen.rounds} rounds", runs)
    theirs, ours = (runs[each][-1].passed for each in NAMES)
    for task, found in ours.items():
        if theirs.get(task) != found:
            print(f"{task}: (base, all) passed here {found}, by evalplus {theirs.get(task)}")


if __name__ == "__main__":
    main()
