"""The feed: one process writes, another reads along."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_humaneval.core.records import Completion, Draw, DrawResult, NoCompletion, Request, Sampling
from pytest_humaneval.session.workers.completion_feed import FeedReader, FeedWriter

REQUEST = Request("m", "chat", (), Sampling())
ODD = Completion("a\r\nb\u2028c\ud83d\x00☃", "length", "completion", 3, 5)


def draw(index: int, task_id: str = "Test/0") -> Draw:
    """A draw of a problem."""
    return Draw(task_id, index, REQUEST)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A feed's file, empty."""
    path = tmp_path / "feed.jsonl"
    path.touch()
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[FeedReader]:
    """A reader of the feed."""
    reader = FeedReader(path)
    yield reader
    reader.close()


def write(path: Path, *settled: tuple[str, Draw, DrawResult]) -> None:
    """Write draws, and close."""
    writer = FeedWriter(path)
    for each in settled:
        writer.write(*each)
    writer.close()


def test_a_completion_arrives_as_it_was(path: Path, reader: FeedReader) -> None:
    """Line ends, separators and lone surrogates included."""
    write(path, ("one", draw(0), ODD))

    assert reader.take("one", [draw(0)]) == [ODD]


def test_a_failed_draw_arrives_as_one(path: Path, reader: FeedReader) -> None:
    """A request that failed never becomes an empty answer on the way."""
    write(path, ("one", draw(0), NoCompletion("down")))

    assert reader.take("one", [draw(0)]) == [NoCompletion("down")]


def test_draws_are_told_apart_by_experiment_problem_and_index(path: Path, reader: FeedReader) -> None:
    """Whatever the order in which they were settled, each is handed to whom it belongs."""
    keys = [(name, draw(index, task)) for name in ("a", "b") for task in ("T/0", "T/1") for index in (0, 1)]
    write(
        path,
        *(
            (name, each, Completion(f"{name} {each.task_id} {each.sample_index}"))
            for name, each in keys[::-1]
        ),
    )

    found = reader.take("a", [draw(0, "T/1"), draw(1, "T/1")]) + reader.take("b", [draw(0, "T/0")])

    assert [each.text for each in found if isinstance(each, Completion)] == ["a T/1 0", "a T/1 1", "b T/0 0"]


def test_a_half_written_line_is_waited_for(path: Path, reader: FeedReader) -> None:
    """A reader never takes half a line for a whole one, and never loses its first half."""
    write(path, ("one", draw(0), Completion("first")), ("one", draw(1), Completion("second")))
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert reader.take("one", [draw(0)]) == [Completion("first")]

    with ThreadPoolExecutor(1) as threads, path.open("ab") as file:
        taken = threads.submit(reader.take, "one", [draw(1)])
        file.write(whole[-20:])
        file.flush()

        assert taken.result(timeout=60) == [Completion("second")]


WRITER = """
import sys
from pathlib import Path
from pytest_humaneval.core.records import Completion, Draw, Request, Sampling
from pytest_humaneval.session.workers.completion_feed import FeedWriter

writer = FeedWriter(Path(sys.argv[1]))
for line in sys.stdin:
    index = int(line)
    draw = Draw("Test/0", index, Request("m", "chat", (), Sampling()))
    writer.write("one", draw, Completion("x" * 100_000))
"""


def test_what_another_process_writes_is_there_at_once(path: Path, reader: FeedReader) -> None:
    """Each draw can be taken while the writer is still open and waiting to write the next."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdin is not None
        for index in range(3):
            writer.stdin.write(f"{index}\n")
            writer.stdin.flush()
            assert reader.take("one", [draw(index)]) == [Completion("x" * 100_000)]
        writer.stdin.close()

    assert writer.returncode == 0
