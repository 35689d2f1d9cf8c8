"""The command line's flags and the ini file's values, as one typed record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Timeout = float | Literal["auto"]
"""A candidate's time limit in seconds; "auto": one for each problem, from its canonical solution's time."""

CANONICAL_FACTOR = 10.0
"""How many times the canonical solution's CPU time a candidate has, where that decides.

Neither a machine whose speed varies by half nor a plainer algorithm is to change a verdict.
"""

ISOLATIONS = ("auto", "strict", "basic")
"""How much isolation to use: what the machine offers; every layer, or no run at all; resource limits only."""

SAMPLE_FIELDS = ("raw", "completion", "solution")
"""The texts of a samples file that can be scored."""

GATE_SCORES = ("pass@1", "selected@1")
"""The scores that a gate can be on: of one sample, or of the one chosen among several."""

LONGEST_TIMEOUT_S = 3600
"""The greatest time limit of a candidate, in seconds."""

LEAST_MEMORY_MIB, MOST_MEMORY_MIB = 64, 1 << 20
"""The bounds of a candidate's memory limit; with less the interpreter itself has no room."""

_DATASET_NAME = re.compile(r"[A-Za-z][\w+-]*")
_BASELINE_NAME = re.compile(r"\w[\w.-]*")


def is_baseline_name(text: str) -> bool:
    """Return whether a text is the name of a saved baseline rather than a report's path."""
    return _BASELINE_NAME.fullmatch(text) is not None and not text.endswith(".json")


def is_dataset_name(text: str) -> bool:
    """Return whether a text is the name of a dataset rather than a file's path."""
    return _DATASET_NAME.fullmatch(text) is not None


@dataclass(frozen=True)
class Settings:
    """The flags, typed. None means: not given.

    Attributes:
        rootdir: the project's root folder: where experiments.toml, strategies and the completion store are.
        experiments: names, comma lists and globs of the experiments to run.
        config: the experiments file.
        tasks: which problems; see ``selection`` for the syntax.
        max_problems: at most this many problems.
        dataset: the dataset: a file of problems, or a name; None for what the experiment names.
        datasets: the folder where the files of named datasets are looked for first.
        samples: a file of recorded samples to score instead of generating.
        samples_field: which text of a samples file to score.
        save_samples: where to write every sample.
        n: samples per problem; overrides the experiment's.
        timeout_s: limit for one candidate, in seconds of CPU time; "auto": by its canonical solution's time.
        memory_mib: limit for one candidate, in MiB.
        jobs: candidates executed at once, on a cluster on each node; None: all cores there.
        base_url: the server's URL; overrides the experiment's.
        cache: where completions are kept: a folder (relative to ``rootdir``), a URL, or ``off``.
        report: where to write the JSON report.
        html: where to write the HTML report.
        write: where to write reports that plugins add, by their names; built-in ones have these names, too.
        mlflow: the tracking server to log to; empty for the one of MLFLOW_TRACKING_URI.
        fail_under: the least pass@1 (0 to 1) of each experiment.
        gate_on: which of ``GATE_SCORES`` the gate is on; overrides the experiment's.
        select: how one of a problem's samples is chosen; overrides the experiment's.
        baseline: what to compare with: the path of an earlier JSON report, or the name of a saved one.
        save_baseline: the name under which to save this run as a baseline.
        allow_subset: save a baseline even of a subset of the problems.
        baselines: the folder of the saved baselines; default ``.humaneval_baselines`` in ``rootdir``.
        k: the k of pass@k to report; overrides the experiment's.
        replay: a report whose programs to execute again.
        sandbox: where candidates are judged: the name of a sandbox, or a cluster's address.
        isolation: one of ``ISOLATIONS``.
        ablate: replay the run's completions through every post-processing.
        debug: run failing candidates in this process, under the debugger.
        serve: start the servers that the experiments use, and stop them at the end.
        max_cost: what the requests of a run may cost, in the currency of the servers' prices.
        dry_run: show what would be requested, and request nothing.
    """

    rootdir: Path
    experiments: tuple[str, ...] = ()
    config: Path | None = None
    tasks: str | None = None
    max_problems: int | None = None
    dataset: Path | str | None = None
    datasets: Path | None = None
    samples: Path | None = None
    samples_field: str | None = None
    save_samples: Path | None = None
    n: int | None = None
    timeout_s: Timeout | None = None
    memory_mib: int | None = None
    jobs: int | None = None
    base_url: str | None = None
    cache: str = ".humaneval_cache"
    report: Path | None = None
    html: Path | None = None
    write: Mapping[str, Path] = field(default_factory=dict)
    mlflow: str | None = None
    fail_under: float | None = None
    gate_on: str | None = None
    baseline: Path | str | None = None
    save_baseline: str | None = None
    allow_subset: bool = False
    baselines: Path | None = None
    k: tuple[int, ...] = ()
    select: tuple[str, ...] = ()
    replay: Path | None = None
    ablate: bool = False
    debug: bool = False
    serve: bool = False
    max_cost: float | None = None
    dry_run: bool = False
    isolation: str = "auto"
    sandbox: str = "auto"

    @property
    def baselines_folder(self) -> Path:
        """The folder of the saved baselines."""
        return self.baselines or self.rootdir / ".humaneval_baselines"
