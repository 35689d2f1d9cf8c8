"""The example of another plugin: installed from its own pyproject into a fresh environment, and run there."""

from __future__ import annotations

import csv
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.evaluating import PLAIN_AND_WORKERS
from tests.support.ollama_stub import MODEL, OllamaStub

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "plugin"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that has the example, and sees what the tests' own one has."""
    folder = tmp_path_factory.mktemp("example") / "venv"
    venv.create(folder, symlinks=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    seen = [path for path in sys.path if path.endswith("-packages")]
    (site_packages / "seen.pth").write_text("\n".join([str(ROOT), *seen]))
    interpreter = folder / "bin" / "python"
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([interpreter, *install, str(EXAMPLE)], check=True)
    return interpreter


class Finished:
    """A run of the example that has ended: its exit status, its output, and the rows of its CSV report."""

    def __init__(self, result: pytest.RunResult, folder: Path) -> None:
        self.status, self.text = int(result.ret), f"{result.stdout}\n{result.stderr}"
        path = folder / "samples.csv"
        self.rows = list(csv.DictReader(path.read_text().splitlines())) if path.exists() else []

    @property
    def errors(self) -> list[str]:
        """The lines by which pytest refuses to run."""
        return [line for line in self.text.splitlines() if line.startswith("ERROR:")]


class Example:
    """Runs the example's own experiments file against a stub of Ollama."""

    def __init__(self, pytester: pytest.Pytester, python: Path, url: str) -> None:
        self._pytester, self._python = pytester, python
        text = (EXAMPLE / "experiments.toml").read_text()
        self.experiments = text.replace("qwen2.5-coder:0.5b", MODEL).replace("http://localhost:11434", url)

    def __call__(self, *args: str, write: str = "csv=samples.csv") -> Finished:
        """Run three problems."""
        (self._pytester.path / "experiments.toml").write_text(self.experiments)
        flags = ["--humaneval-experiment=ollama", "--humaneval-tasks=0-2", "--humaneval-cache=off"]
        flags += ["-pno:hypothesispytest", "--tb=short", f"--humaneval-write={write}"]
        command = [str(self._python), "-m", "pytest"]
        return Finished(self._pytester.run(*command, *flags, *args, timeout=120), self._pytester.path)


@pytest.fixture
def example(pytester: pytest.Pytester, python: Path, ollama: OllamaStub) -> Example:
    """Return what runs the example."""
    return Example(pytester, python, ollama.url)


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(("api", "endpoint"), [("chat", "/api/chat"), ("completion", "/api/generate")])
def test_the_example_is_installed_and_evaluates(
    example: Example, ollama: OllamaStub, mode: tuple[str, ...], api: str, endpoint: str
) -> None:
    """Each problem is asked once, at the endpoint of its API; the report has a line for each."""
    example.experiments = example.experiments.replace('"chat"', f'"{api}"')

    finished = example(*mode)

    assert finished.status == 0, finished.text
    assert "CSV report: " in finished.text
    assert [path for path, _ in ollama.requests] == [endpoint] * 3
    assert sorted((row["task_id"], row["outcome"]) for row in finished.rows) == [
        (f"HumanEval/{number}", "passed") for number in range(3)
    ]


def test_the_example_s_step_removes_calls_of_print(tmp_path: Path, python: Path) -> None:
    """Those that are not indented; the rest stays as it is."""
    script = (
        "from humaneval_ollama.steps import drop_prints\n"
        "from pytest_humaneval.core.problem import Stub\n"
        "print(repr(drop_prints('def f():\\n    print(1)\\nprint(f())\\n', Stub('', 'f'))))\n"
    )

    done = subprocess.run([python, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == repr("def f():\n    print(1)\n")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((f'model = "{MODEL}"\n', ""), 'experiment "ollama": expected the key "model", the name of a model'),
        (("ollama_url = ", "ollama_ur = "), "unknown key 'ollama_ur'; did you mean 'ollama_url'?"),
        (("http://", "htp://"), 'expected a URL such as "http://localhost:11434"'),
    ],
    ids=["no model", "unknown key", "no URL"],
)
def test_a_mistake_in_the_example_s_keys_is_one_line(
    example: Example, change: tuple[str, str], expected: str
) -> None:
    """Exit status 4, and nothing has run."""
    example.experiments = example.experiments.replace(*change)

    finished = example()

    assert finished.status == 4, finished.text
    assert finished.text.count(expected) == 1
    assert "Traceback" not in finished.text
    assert finished.rows == []


def test_a_report_that_there_is_not_is_one_line(example: Example) -> None:
    """The nearest name is suggested."""
    finished = example(write="cvs=samples.csv")

    assert finished.status == 4
    (error,) = finished.errors
    assert "there is no report 'cvs'; did you mean 'csv'?" in error


def test_a_path_that_cannot_be_written_is_one_line(example: Example) -> None:
    """It names the file, with exit status 4."""
    finished = example(write="csv=experiments.toml/samples.csv")

    assert finished.status == 4
    assert len([line for line in finished.text.splitlines() if "experiments.toml/samples.csv" in line]) == 1
    assert "Traceback" not in finished.text


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_model_that_the_server_does_not_have_is_no_verdict(example: Example, mode: tuple[str, ...]) -> None:
    """The server's own words are given, and nothing counts as a wrong answer."""
    example.experiments = example.experiments.replace(MODEL, "other:7b")

    finished = example(*mode)

    assert '404 {"error": "model \'other:7b\' not found"}' in finished.text
    assert [row["outcome"] for row in finished.rows] == ["infra_error"] * 3


def test_without_a_server_there_is_no_verdict(example: Example) -> None:
    """The address that does not answer is named."""
    example.experiments = example.experiments.replace("ollama_url = ", 'ollama_url = "http://127.0.0.1:9" # ')

    finished = example()

    assert finished.status != 0
    assert "http://127.0.0.1:9: ConnectError" in finished.text
    assert [row["outcome"] for row in finished.rows] == ["infra_error"] * 3
