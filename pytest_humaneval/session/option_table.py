"""The flags: what each is called, what it means, and the field of Settings that it fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_humaneval.session import option_types as values


@dataclass(frozen=True)
class Option:
    """One flag and the field of Settings it fills.

    Attributes:
        parse: reads a value of its type; see ``option_types``.
        ini: whether it has twins in the environment and in the ini file.
        default: the value of the flag alone; None if it must have a value.
    """

    name: str
    metavar: str
    help: str
    field: str
    parse: Callable[[str], Any] = str
    ini: bool = True
    default: str | None = None

    @property
    def ini_name(self) -> str:
        """What its twin in the ini file is called, and in capitals that in the environment."""
        return f"humaneval_{self.name.replace('-', '_')}"


OPTIONS = (
    Option(
        "config",
        "PATH",
        "experiments file (default: experiments.toml of the rootdir, else of this folder or above it in the "
        "checkout, else the one shipped in the package)",
        "config",
        Path,
    ),
    Option(
        "tasks",
        "SPEC",
        "only these problems: 17, 0-9,32, HumanEval/17, or an entry point's name",
        "tasks",
        ini=False,
    ),
    Option("max-problems", "N", "only the first N problems", "max_problems", values.count, ini=False),
    Option(
        "dataset",
        "NAME|PATH",
        "another dataset: humaneval+, mbpp, mbpp-sanitized, mbpp+, humanevalfix, infilling, one of a plugin, "
        "or a file in the schema of one of these (JSONL or a JSON array, .gz or not)",
        "dataset",
        values.dataset,
    ),
    Option(
        "datasets",
        "FOLDER",
        "folder in which the files of named datasets are looked for first, before evalplus's cache and the "
        "user's; a file that is in none of them is downloaded, once",
        "datasets",
        Path,
    ),
    Option("samples", "PATH", "score recorded samples instead of generating", "samples", Path, ini=False),
    Option(
        "samples-field",
        "F",
        "which text of a samples file to score: raw, completion or solution (default: the first a line has)",
        "samples_field",
        values.field,
    ),
    Option("save-samples", "PATH", "write every sample to a JSON Lines file", "save_samples", Path),
    Option("n", "N", "samples of each problem; overrides the experiment's n", "n", values.count),
    Option(
        "k", "K", "the k of pass@k to report, such as 1,10; overrides the experiment's k", "k", values.counts
    ),
    Option(
        "select",
        "HOW",
        "choose one of each problem's samples by what its prompt shows: first, examples, vote, likelihood, "
        "or a comma list; overrides the experiment's select",
        "select",
        values.ways,
    ),
    Option(
        "timeout",
        "S",
        "CPU time limit for one candidate, in seconds (default: 3; for plus inputs by the reference's time); "
        "auto: 10 times what the problem's own solution takes here, 1 to 60 s",
        "timeout_s",
        values.timeout,
    ),
    Option(
        "memory",
        "MIB",
        "memory limit for one candidate, in MiB (default: 1024; for plus inputs 4096)",
        "memory_mib",
        values.mebibytes,
    ),
    Option(
        "sandbox",
        "WHERE",
        "where candidates are judged: forkserver, forkserver-numpy, oneshot, ray or ray://HOST:PORT "
        "(default: forkserver)",
        "sandbox",
    ),
    Option(
        "isolation",
        "HOW",
        "how much isolation: auto (every layer that this machine has), strict (all layers, or no run), or "
        "basic (limits only)",
        "isolation",
        values.isolation,
    ),
    Option(
        "jobs",
        "N",
        "candidates executed at once, with Ray on each node (default: all cores, 1 in an xdist worker)",
        "jobs",
        values.count,
    ),
    Option(
        "base-url", "URL", "URL of the model server; overrides that of the experiment", "base_url", values.url
    ),
    Option(
        "cache",
        "WHERE",
        "completion store: a folder, redis://..., or off (default: .humaneval_cache of the rootdir)",
        "cache",
    ),
    Option(
        "max-cost",
        "X",
        "stop requesting when the answers of all experiments together cost X by the prices of their servers",
        "max_cost",
        values.cost,
    ),
    Option("report", "PATH", "write the JSON report", "report", Path),
    Option("html", "PATH", "write the HTML report: one self-contained file", "html", Path),
    Option(
        "write",
        "NAME=PATH",
        "write the report that a plugin has added under this name; several are separated by commas",
        "write",
        values.named_paths,
    ),
    Option(
        "mlflow",
        "URI",
        "log every experiment to an MLflow tracking server (default: the one of MLFLOW_TRACKING_URI)",
        "mlflow",
        values.tracking_uri,
        default="",
    ),
    Option(
        "fail-under",
        "X",
        "gate: pass@1 of each experiment must be at least X (0..1, or 54%%)",
        "fail_under",
        values.share,
    ),
    Option(
        "gate-on",
        "SCORE",
        "the score that fail-under and baseline are about: pass@1, or selected@1 of a choice among samples; "
        "overrides the experiment's gate_on (default: pass@1)",
        "gate_on",
        values.gate_score,
    ),
    Option(
        "baseline",
        "WHAT",
        "gate and comparison against a saved baseline (its name) or an earlier JSON report (its path)",
        "baseline",
        values.baseline,
    ),
    Option(
        "save-baseline",
        "NAME",
        "keep the report as a baseline of this name, unless the gate does not hold",
        "save_baseline",
        values.baseline_name,
    ),
    Option(
        "baselines",
        "FOLDER",
        "where baselines are kept (default: .humaneval_baselines of the rootdir)",
        "baselines",
        Path,
    ),
    Option(
        "replay",
        "REPORT",
        "execute a report's own programs again and compare the verdicts, then exit",
        "replay",
        Path,
        ini=False,
    ),
)


EXPERIMENT = (
    "run these experiments: repeatable, comma lists, shell globs, 'all' = every enabled one; named in "
    "addopts they run beside the project's own tests, typed without a path they run alone"
)
"""The help of the flag that names what to run, which may be given several times."""

INSTEAD = {
    "selftest": "check that the harness judges right and wrong programs as it should, then exit",
    "doctor": "check that the experiments' servers are ready, and say how to mend what is not, then exit",
    "init": "write an experiments file, a strategy and a CI workflow into this folder, then exit",
}
"""Flags that run something of their own instead of the suite."""

SWITCHES = {
    "list": "list the experiments of the experiments file and exit",
    "dry-run": "show what would be requested of the model, count requests, tokens and cost; send nothing",
    "ablate": "replay the completions through every post-processing, and each without each of its steps",
    "debug": "run what failed once more in this process, WITHOUT the sandbox, under pytest's --pdb",
    "serve": "start the model servers that the experiments use, where none answers, and stop them at the end",
    "allow-subset": "let --humaneval-save-baseline save a run of only some of the problems",
}
"""Flags without a value, and their help."""

OPTION_NAMES = ("experiment", *SWITCHES, *INSTEAD, *(each.name for each in OPTIONS))
"""What the flags are called, without their common beginning."""
