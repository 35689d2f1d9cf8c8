"""Problems of a dataset: all of them, one by its name, and the program in a text written for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from pytest_humaneval.api.arguments import check_arguments
from pytest_humaneval.api.datasets import DATASET, dataset_file
from pytest_humaneval.core import datasets as dataset_files
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction import extract as extracted
from pytest_humaneval.core.extraction import resolve
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Extraction

_MOST_NAMED = 5
_Index = Mapping[str, Sequence[Problem]]


def read_problems(dataset: str | Path = DATASET) -> list[Problem]:
    """Return the problems of a dataset, in its order.

    Args:
        dataset: a name (``"humaneval"``, ``"humaneval+"``, ``"mbpp"``, ``"mbpp-sanitized"``, ``"mbpp+"``,
            ``"humanevalfix"``, ``"infilling"``), or the path of a file in the schema of one of these. What a
            name stands for is looked for as ``--humaneval-datasets`` says, and else fetched.

    Raises:
        ConfigError: there is no such dataset, its file cannot be had or read, or a line is not a problem.
    """
    check_arguments("read_problems", {"dataset": dataset})
    return list(dataset_files.read_problems(dataset_file(dataset)))


def extract(
    text: str, task_id: str | int, postprocess: str | Sequence[str] = "auto", dataset: str | Path = DATASET
) -> Extraction:
    """Return the program in what a model wrote, and the steps that changed the text.

    Args:
        text: the model's answer, nothing stripped.
        task_id: the problem: its task id, the number at the end of that, or its entry point.
        postprocess: the name of a post-processing, or a list of step names.
        dataset: as for :func:`read_problems`.

    Raises:
        ConfigError: there is no such problem, post-processing or step.
    """
    check_arguments("extract", {"text": text, "postprocess": postprocess})
    return extracted(Completion(text), find_problem(task_id, dataset).stub, resolve(postprocess))


def find_problem(task_id: str | int, dataset: str | Path) -> Problem:
    """Return the problem of that task id, number or entry point; a dataset is read once.

    Raises:
        ConfigError: there is none, or more than one of that entry point; or the dataset cannot be read.
    """
    index = read_index(dataset)
    if len(found := index.get(str(task_id), ())) == 1:
        return found[0]
    check_arguments("problem", {"task_id": task_id})
    if found:
        task_ids = ", ".join(problem.task_id for problem in found[:_MOST_NAMED])
        raise ConfigError(f"task_id: {task_id!r} is several problems; write one of {task_ids}")
    first = next(iter(index.values()))[0]
    # A number that is close to another one is no help.
    close = get_close_matches(str(task_id), [name for name in index if not name.isdecimal()], n=1)
    hint = (
        f"did you mean {close[0]!r}?"
        if close
        else f"write for example {first.task_id!r} or {first.entry_point!r}"
    )
    raise ConfigError(f"task_id: {dataset} has no problem {task_id!r}; {hint}")


def read_index(dataset: str | Path) -> _Index:
    """Return the problems by task id, by number and by entry point; a file that has not changed is read once.

    Raises:
        ConfigError: the dataset cannot be read.
    """
    check_arguments("problem", {"dataset": dataset})
    path = dataset_file(dataset)
    try:
        changed_ns = path.stat().st_mtime_ns if path else 0
    # It is not there: reading it says so.
    except OSError:
        changed_ns = 0
    return _index(path, changed_ns)


@lru_cache(maxsize=8)
def _index(path: Path | None, _changed_ns: int) -> _Index:
    index: dict[str, list[Problem]] = {}
    for problem in dataset_files.read_problems(path):
        for name in {problem.task_id, problem.task_id.rpartition("/")[2], problem.entry_point}:
            index.setdefault(name, []).append(problem)
    return index
