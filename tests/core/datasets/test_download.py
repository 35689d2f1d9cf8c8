"""Datasets are fetched once, from where they are published, and checked."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pytest_humaneval.core.datasets import Release, download, find_file
from pytest_humaneval.core.errors import ConfigError

CONTENT = b'{"task_id": "Own/0"}\n'
FILE = gzip.compress(CONTENT)


@dataclass
class Publisher:
    """A server with one file, the release of it, and how often it was asked."""

    release: Release
    file: bytes = FILE
    requests: int = 0


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """Serve the file; the user's caches are empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name in ("HUMANEVAL_DATASETS", "HUMANEVAL_OVERRIDE_PATH"):
        monkeypatch.delenv(name, raising=False)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests += 1
            self.send_response(200 if served.file else 404)
            self.end_headers()
            self.wfile.write(served.file)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/a/Own.jsonl.gz"
        content_sha256, sha256 = hashlib.sha256(CONTENT).hexdigest(), hashlib.sha256(FILE).hexdigest()
        served = Publisher(Release("own", ("Own",), content_sha256, url, len(FILE), "1.2", sha256=sha256))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def folder(tmp_path: Path) -> Path:
    """Return where datasets are kept."""
    return tmp_path / "caches" / "pytest-humaneval" / "datasets"


def test_what_is_nowhere_is_fetched_once(publisher: Publisher, tmp_path: Path) -> None:
    """It is kept as it was published, its version in its name, and found there from then on."""
    found = find_file(publisher.release)

    assert found == folder(tmp_path) / "Own-v1.2.jsonl.gz"
    assert found.read_bytes() == FILE
    assert find_file(publisher.release) == found
    assert publisher.requests == 1
    assert list(folder(tmp_path).iterdir()) == [found]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        pytest.param(FILE[:-1] + b"x", r"is not what was published \(SHA-256 \w{12}\.\.\., ", id="changed"),
        pytest.param(FILE[:-1], rf"has {len(FILE) - 1} bytes, where {len(FILE)} were published", id="cut"),
        pytest.param(FILE * 9, rf"has more than {len(FILE)} bytes, where {len(FILE)} were", id="longer"),
        pytest.param(b"", r"cannot be fetched \(Not Found\)", id="gone"),
    ],
)
def test_what_is_not_as_it_was_published_is_not_kept(
    publisher: Publisher, tmp_path: Path, file: bytes, reason: str
) -> None:
    """A figure belongs to a known dataset: one line names file and place."""
    publisher.file = file

    with pytest.raises(ConfigError, match=rf"^dataset 'own' .*/Own\.jsonl\.gz {reason}.*; fetch that file, "):
        find_file(publisher.release)

    assert not folder(tmp_path).exists()


def test_a_cache_that_cannot_be_written_is_one_line(publisher: Publisher, tmp_path: Path) -> None:
    """It says where the file can be put instead."""
    folder(tmp_path).parent.parent.mkdir()
    folder(tmp_path).parent.touch()

    with pytest.raises(ConfigError, match=r"cannot be kept there \(.+\); .* --humaneval-datasets names"):
        find_file(publisher.release)


def test_an_end_amid_the_writing_leaves_nothing(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there under the file's name is whole."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)

    with pytest.raises(KeyboardInterrupt):
        find_file(publisher.release)

    assert list(folder(tmp_path).iterdir()) == []


def test_what_takes_long_is_announced(
    publisher: Publisher, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line on stderr says what is fetched, from where; a quick one says nothing."""
    find_file(publisher.release)
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(download, "_QUIET_S", 0.0)

    def opened(url: str, timeout: float) -> None:
        for each in threading.enumerate():
            if isinstance(each, threading.Timer):
                each.join()
        raise OSError(url, timeout)

    monkeypatch.setattr(download, "urlopen", opened)
    with pytest.raises(ConfigError):
        find_file(replace(publisher.release, file_names=("Other",)))

    line = f"humaneval: fetching own (0.0 MB) from {publisher.release.url}\n"
    assert capsys.readouterr().err == line
