"""Bad input: one line that says what, where, what was found and what to write; exit status 4."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, Finished

SERVER = '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
EXPERIMENT = '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n'


def refused(finished: Finished, *parts: str) -> None:
    """Check that a run was refused: one error line with these parts, status 4, no traceback, no report."""
    errors = [line for line in finished.result.errlines if line.startswith("ERROR: ")]

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert len(errors) == 1, finished.text
    for part in parts:
        assert part in errors[0]
    assert "Traceback" not in finished.text
    assert "INTERNALERROR" not in finished.text
    assert not finished.report_path.exists()


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(
    ("content", "parts"),
    [
        pytest.param("[experiments.e\n", ("experiments.toml", "line 1"), id="broken-toml"),
        pytest.param(
            SERVER + EXPERIMENT + "temprature = 0.0\n", ("'temprature'", "'temperature'"), id="unknown-key"
        ),
        pytest.param(SERVER + EXPERIMENT + "n = 0\n", ('experiment "e", n', "0", "at least 1"), id="n"),
        pytest.param(
            SERVER + EXPERIMENT + "n = 1000000000000\n",
            ('experiment "e", n: found 1000000000000', "164,000,000,000,000 samples", "write 6097 or less"),
            id="n-for-no-memory",
        ),
        pytest.param(
            SERVER + EXPERIMENT + "temperature = -1\n", ("temperature", "-1", "0 to 2"), id="temperature"
        ),
        pytest.param(
            SERVER + EXPERIMENT + r"stop = ['\n\n']", ("stop[0]", "backslash", '"..."'), id="literal-stop"
        ),
        pytest.param(
            SERVER + EXPERIMENT.replace("fewshot_v1", "fewshot_v9"),
            ("fewshot_v9", "did you mean"),
            id="strategy",
        ),
        pytest.param(
            SERVER.replace("servers.s", "servers.t") + EXPERIMENT,
            ("[servers.s]", "known are: t"),
            id="server",
        ),
        pytest.param(
            SERVER + EXPERIMENT + 'postprocess = "post_chatt"\n',
            ("post_chatt", "'post_chat'"),
            id="postprocess",
        ),
        pytest.param(
            SERVER + EXPERIMENT + 'provider = "magic"\n', ("provider", "magic", "server"), id="provider"
        ),
    ],
)
def test_a_mistake_in_experiments_toml(
    pytester: pytest.Pytester, evaluate: Evaluate, content: str, parts: Sequence[str], mode: Sequence[str]
) -> None:
    """A mistake in experiments.toml is reported in one line, plain and under xdist alike."""
    (pytester.path / "experiments.toml").write_text(content)

    refused(evaluate("--humaneval-experiment=e", *mode), "experiment", *parts)


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_an_unknown_experiment_comes_with_the_nearest_name(evaluate: Evaluate, mode: Sequence[str]) -> None:
    """The error for a typo suggests the nearest name that exists."""
    refused(
        evaluate("--humaneval-experiment=fewshot_v1_chatt", *mode), "'fewshot_v1_chatt'", "'fewshot_v1_chat'"
    )


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_template_without_placeholder(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """A strategy that would send every problem the same text is refused."""
    folder = pytester.path / "strategies" / "chat" / "mine"
    folder.mkdir(parents=True)
    (folder / "prompt.toml").write_text('user = "Solve the problem."\n')
    (pytester.path / "experiments.toml").write_text(SERVER + EXPERIMENT.replace("fewshot_v1", "mine"))

    refused(evaluate("--humaneval-experiment=e", *mode), "prompt.toml", "{problem}", "0 times")


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        pytest.param(None, ("cannot be read",), id="missing"),
        pytest.param(b"", ("empty",), id="empty"),
        pytest.param(b'{"task_id": "T/1"}\n', ("line 1", "'prompt'", "missing"), id="no-problem"),
        pytest.param(b"\x1f\x8b\x08 broken", ("cannot be read",), id="broken-gzip"),
    ],
)
@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_an_unreadable_dataset(
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    content: bytes | None,
    parts: Sequence[str],
    mode: Sequence[str],
) -> None:
    """The error names the file, and the line where there is one."""
    if content is not None:
        (pytester.path / "d.jsonl").write_bytes(content)

    finished = evaluate("--humaneval-experiment=canonical", "--humaneval-dataset=d.jsonl", *mode)

    refused(finished, "d.jsonl", *parts)


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        pytest.param(['{"task_id": "HumanEval/0", "raw": "x"}', "{broken"], ("line 2",), id="broken-line"),
        pytest.param(
            ['{"task_id": "HumanEval/999", "raw": "x"}'], ("line 1", "HumanEval/999"), id="unknown-task"
        ),
        pytest.param(['{"task_id": "HumanEval/1"}'], ("line 1", "raw"), id="no-text"),
        pytest.param([], ("empty",), id="empty"),
    ],
)
@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_broken_samples_file(
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    lines: Sequence[str],
    parts: Sequence[str],
    mode: Sequence[str],
) -> None:
    """A samples file is read as a whole before anything runs; the error names the line of the mistake."""
    (pytester.path / "s.jsonl").write_text("".join(line + "\n" for line in lines))

    refused(evaluate("--humaneval-samples=s.jsonl", *mode), "s.jsonl", *parts)


@pytest.mark.parametrize(
    ("flag", "parts"),
    [
        ("--humaneval-n=0", ("--humaneval-n", "'0'", "at least 1")),
        ("--humaneval-max-problems=x", ("--humaneval-max-problems", "'x'")),
        ("--humaneval-timeout=-1", ("--humaneval-timeout", "'-1'", "above 0")),
        ("--humaneval-isolation=some", ("--humaneval-isolation", "'some'", "strict")),
        ("--humaneval-jobs=none", ("--humaneval-jobs", "'none'")),
        ("--humaneval-fail-under=54", ("--humaneval-fail-under", "'54'", "54%")),
        ("--humaneval-base-url=localhost", ("--humaneval-base-url", "http://")),
        ("--humaneval-samples-field=text", ("--humaneval-samples-field", "'text'", "raw")),
        ("--humaneval-tasks=parse_musik", ("--humaneval-tasks", "'parse_musik'", "'parse_music'")),
        ("--humaneval-tasks=,", ("--humaneval-tasks", "names no problem")),
        ("--humaneval-baseline=none.json", ("none.json", "--humaneval-report")),
        ("--humaneval-cache=ftp://x", ("--humaneval-cache", "ftp")),
        ("--humaneval-n=6098", ("--humaneval-n", "found 6098", "1,000,072 samples", "write 6097 or less")),
        ("--humaneval-memory=12", ("--humaneval-memory", "'12'", "from 64 to")),
        ("--humaneval-timeout=1e300", ("--humaneval-timeout", "'1e300'", "3600")),
        ("--humaneval-base-url=http://", ("--humaneval-base-url", "'http://'")),
    ],
)
def test_a_bad_value_of_a_flag(evaluate: Evaluate, flag: str, parts: Sequence[str]) -> None:
    """The error has the flag, the value, and what was expected."""
    refused(evaluate("--humaneval-experiment=fewshot_v1_chat", flag), *parts)


def test_an_unwritable_report_is_refused_before_anything_runs(evaluate: Evaluate, tmp_path: Path) -> None:
    """A path that cannot be written is found out at the start, not at the end of a long run."""
    (tmp_path / "file").write_text("")

    finished = evaluate(
        "--humaneval-experiment=canonical", f"--humaneval-save-samples={tmp_path}/file/s.jsonl"
    )

    refused(finished, "--humaneval-save-samples", "cannot be written")


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize("folder", ["file", "file/below", "/proc/humaneval"])
def test_an_unwritable_folder_of_baselines_is_refused_before_anything_runs(
    pytester: pytest.Pytester, evaluate: Evaluate, folder: str, mode: Sequence[str]
) -> None:
    """A file in the way, and a place where not even root can write."""
    (pytester.path / "file").write_text("")
    flags = ("--humaneval-save-baseline=main", f"--humaneval-baselines={folder}", *mode)

    refused(
        evaluate("--humaneval-experiment=canonical", *flags),
        "--humaneval-save-baseline",
        f"{folder} cannot be written",
        "--humaneval-baselines",
    )


def test_a_file_in_place_of_a_store_is_refused(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A completion store is a folder; a file of that name ends the run before anything runs."""
    (pytester.path / "file").write_text("")

    refused(
        evaluate("--humaneval-experiment=canonical", "--humaneval-cache=file"), "--humaneval-cache", "file"
    )


def test_a_bad_value_in_the_ini_file(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """The error names the ini key, not the flag of the same setting."""
    pytester.makeini("[pytest]\nhumaneval_timeout = soon\n")

    refused(evaluate("--humaneval-experiment=canonical"), "humaneval_timeout", "'soon'", "seconds")


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_an_empty_samples_path_is_refused(evaluate: Evaluate, mode: Sequence[str]) -> None:
    """``--humaneval-samples=`` (an unset shell variable) is a mistake, not a run without the evaluation."""
    refused(evaluate("--humaneval-samples=", *mode), "samples file cannot be read")
