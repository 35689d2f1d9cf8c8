"""``evaluate`` and ``evaluate_async``: the same run as pytest's, and an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest

import pytest_humaneval as ph
from pytest_humaneval.core.errors import ConfigError, ProviderError
from tests.support.eight_problems import solving_model, stored_completions
from tests.support.evaluating import Evaluate, completion, write_samples
from tests.support.processes import is_running, processes_below, wait_until
from tests.support.python_api import easy_run, start_script
from tests.support.serving import StartServer

linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the processes from /proc")


def without_times(value: object) -> object:
    """Return JSON data without what a clock has written."""
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if key not in ("seconds", "date")}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def threads_of_evaluations() -> list[str]:
    """Return the names of the threads that an evaluation has started and that still run."""
    ours = ("humaneval-generation", "humaneval-execution")
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(ours)]


@pytest.mark.parametrize("timeout_s", [2.0, "auto"])
def test_a_run_is_what_pytest_reports(
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    monkeypatch: pytest.MonkeyPatch,
    timeout_s: float | Literal["auto"],
) -> None:
    """Of the same samples, the entry of pytest's report and ``to_dict`` are the same but for times."""
    texts = ["    return 1/0\n", "    return [1, 2]\n", "    return (\n", "", "    return [1, 2]\n"]
    rows = [completion(number, text) for number in (0, 7) for text in texts]
    samples = write_samples(pytester.path / "samples.jsonl", rows)
    by_pytest = evaluate(
        "--humaneval-samples=samples.jsonl", "--humaneval-tasks=0-9", f"--humaneval-timeout={timeout_s}"
    )
    monkeypatch.chdir(pytester.path)

    run = ph.evaluate("samples", samples=samples, tasks="0-9", timeout_s=timeout_s)

    assert run.name == "samples"
    assert without_times(run.to_dict()) == without_times(by_pytest.run)


def test_samples_are_chosen_from_as_with_the_flag(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text and list mean the same."""
    rows = [completion(0, text) for text in ("    return None\n", "    return 1/0\n")]
    write_samples(pytester.path / "samples.jsonl", rows)
    monkeypatch.chdir(pytester.path)

    runs = [
        ph.evaluate("samples", samples="samples.jsonl", select=how)
        for how in ("examples,vote", ["examples", "vote"])
    ]

    assert [run.experiment.select for run in runs] == [("examples", "vote")] * 2
    assert [run.selected_figures and run.selected_figures.name for run in runs] == ["selected@1 of 2"] * 2


def test_a_configured_experiment_is_what_pytest_runs(
    pytester: pytest.Pytester, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch, stub_server: StartServer
) -> None:
    """The folder's experiments.toml, the server, n and the store: the second of them asks for nothing."""
    server = stub_server(solving_model())
    toml = f"""
        [servers.stub]
        base_url = "{server.base_url}"
        model = "stub"

        [experiments.mine]
        server = "stub"
        strategy = "fewshot_v1"
        n = 2
    """
    (pytester.path / "experiments.toml").write_text(toml)
    by_pytest = evaluate("--humaneval-experiment=mine", "--humaneval-max-problems=3")
    asked = len(server.log)
    monkeypatch.chdir(pytester.path)

    run = ph.evaluate("mine", max_problems=3)

    assert len(server.log) == asked
    assert run.outcomes == {"passed": 6}
    assert without_times(run.to_dict()) == without_times(by_pytest.run)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("kind", [str, Path])
def test_another_file_may_be_named(folder: Path, kind: Any) -> None:  # noqa: ANN401
    """By text or by path, also in another folder."""
    (folder / "study").mkdir()
    (folder / "study" / "mine.toml").write_text('[experiments.own]\nprovider = "canonical"\n')

    run = ph.evaluate("own", config=kind("study/mine.toml"), dataset=kind("easy.jsonl"), max_problems=1)

    assert (run.name, run.outcomes) == ("own", {"passed": 1})


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "all"},
            r"evaluate: 'all' is \d+ experiments \(canonical, .*\), expected one; call evaluate .*",
        ),
        ({"name": "canonicl"}, r".*no experiment is called 'canonicl'; did you mean 'canonical'\?"),
        ({"name": None}, "evaluate, name: found None, expected the name of an experiment"),
        (
            {"name": ["canonical"]},
            r"evaluate, name: found \['canonical'\], expected the name of an experiment",
        ),
        ({"n": 0}, "evaluate, n: found 0, expected a whole number of at least 1"),
        ({"tasks": 7}, "evaluate, tasks: found 7, expected text such as .*"),
        ({"tasks": "900"}, ".*no problem is called '900'; .*"),
        (
            {"select": "best"},
            "evaluate, select: found 'best', expected one of first, examples, vote, likelihood, .*",
        ),
        (
            {"timeout_s": -1},
            "evaluate, timeout_s: found -1, expected a number of seconds above 0, at most 3600, or .auto.",
        ),
        ({"base_url": "localhost"}, "evaluate, base_url: found 'localhost', expected a URL such as .*"),
        ({"isolation": "none"}, "evaluate, isolation: found 'none', expected one of auto, strict, basic"),
        ({"sandbox": "docker"}, "sandbox: there is no 'docker'; choose one of .*"),
        ({"dataset": "humanevel+"}, r".*there is no dataset 'humanevel\+'; did you mean 'humaneval\+'\?"),
        ({"progress": 1}, "evaluate, progress: found 1, expected a function .*"),
        ({"samples": "nothing.jsonl"}, r".*nothing\.jsonl.*"),
    ],
)
def test_a_wrong_argument_is_one_line(arguments: dict[str, Any], message: str) -> None:
    """It says which argument, what was found and what is expected, before anything runs."""
    with pytest.raises(ConfigError) as error:
        ph.evaluate(**{"name": "canonical", **arguments})

    assert re.fullmatch(message, str(error.value))


def test_samples_of_other_problems_are_one_line_too(folder: Path) -> None:
    """Where the selection and the samples file have no problem in common there is no run."""
    samples = write_samples(folder / "samples.jsonl", [completion(0, "    pass\n")])

    with pytest.raises(ConfigError, match=r"samples\.jsonl has no line for any of the selected problems"):
        ph.evaluate("samples", samples=samples, tasks="7")


def test_a_missing_api_key_is_noticed_before_anything_is_sent(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable that the experiments file names must be set, as in a run of pytest."""
    monkeypatch.delenv("NOPE_KEY", raising=False)
    path = folder / "keyed.toml"
    path.write_text(
        '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\napi_key_env = "NOPE_KEY"\n'
        '[experiments.one]\nserver = "s"\nstrategy = "minimal"\napi = "completion"\n'
    )

    with pytest.raises(ConfigError, match="NOPE_KEY is not set"):
        ph.evaluate("one", config=path)


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_a_server_that_is_down_is_an_error() -> None:
    """Where no completion can be had at all there is no run, and nothing is left."""
    with pytest.raises(ProviderError, match=re.escape("http://127.0.0.1:9/v1")):
        ph.evaluate("fewshot_v1_chat", base_url="http://127.0.0.1:9/v1", max_problems=1)

    assert threads_of_evaluations() == []


@pytest.mark.usefixtures("folder")
def test_progress_goes_up_to_the_end() -> None:
    """It is called in the thread that evaluates, never counts back, and ends with all of it."""
    steps_seen: list[tuple[str, Any]] = []

    ph.evaluate(
        "canonical",
        tasks="0-9",
        progress=lambda now: steps_seen.append((threading.current_thread().name, now)),
    )

    steps = [(now.completions, now.judged, now.total) for _, now in steps_seen]
    assert {thread for thread, _ in steps_seen} == {threading.current_thread().name}
    assert steps == sorted(set(steps))
    assert steps[-1] == (10, 10, 10)


@linux_only
@pytest.mark.usefixtures("folder")
def test_an_exception_of_the_callback_ends_the_evaluation() -> None:
    """It reaches the caller as it is, and no thread and no process is left."""
    before = set(processes_below(os.getpid()))

    def fail(_now: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ph.evaluate("canonical", progress=fail)

    assert threads_of_evaluations() == []
    assert set(processes_below(os.getpid())) <= before


@pytest.mark.usefixtures("folder")
def test_it_works_within_a_running_event_loop() -> None:
    """As in a notebook's cell, where a loop runs already."""

    async def cell() -> ph.Run:
        return ph.evaluate("canonical", tasks="0-1")

    assert asyncio.run(cell()).outcomes == {"passed": 2}


def test_it_works_from_several_threads(folder: Path) -> None:
    """Each gets the run that it asked for."""
    with ThreadPoolExecutor(3) as threads:
        runs = list(
            threads.map(
                lambda count: ph.evaluate("canonical", dataset=folder / "easy.jsonl", max_problems=count),
                (1, 2, 3),
            )
        )

    assert [run.outcomes for run in runs] == [{"passed": 1}, {"passed": 2}, {"passed": 3}]


@pytest.mark.usefixtures("folder")
def test_the_asynchronous_twin_leaves_the_loop_free() -> None:
    """Two evaluations and other work go on side by side."""

    async def both() -> tuple[list[ph.Run], int]:
        work = asyncio.gather(*(ph.evaluate_async("canonical", tasks=task) for task in ("0", "1-2")))
        turns = 0
        while not work.done():
            turns += 1
            await asyncio.wait([work], timeout=0.01)
        return await work, turns

    runs, turns = asyncio.run(both())

    assert [run.outcomes for run in runs] == [{"passed": 1}, {"passed": 2}]
    assert turns > 1


@linux_only
@pytest.mark.usefixtures("folder")
def test_a_cancelled_task_ends_its_evaluation(stub_server: StartServer) -> None:
    """When the task has ended so has all that it started, though the server never answers."""
    server = stub_server(solving_model(*["hang"] * 8))
    before = set(processes_below(os.getpid()))

    async def cancelled() -> None:
        task = asyncio.ensure_future(
            ph.evaluate_async("fewshot_v1_chat", base_url=server.base_url, tasks="0-7", cache="off")
        )
        while len(server.log) < 8:
            await asyncio.wait([task], timeout=0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert threads_of_evaluations() == []

    asyncio.run(cancelled())

    assert set(processes_below(os.getpid())) <= before


@pytest.mark.usefixtures("folder")
def test_a_task_may_go_on_after_it_was_cancelled() -> None:
    """What it evaluates then is not cancelled too."""
    outcomes = []

    async def stubborn(has_begun: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        try:
            await ph.evaluate_async(
                "canonical", progress=lambda _now: loop.call_soon_threadsafe(has_begun.set)
            )
        except asyncio.CancelledError:
            outcomes.append(ph.evaluate("canonical", tasks="0").outcomes)

    async def cancel_it() -> None:
        has_begun = asyncio.Event()
        task = asyncio.ensure_future(stubborn(has_begun))
        await has_begun.wait()
        task.cancel()
        await task

    asyncio.run(cancel_it())

    assert outcomes == [{"passed": 1}]


@linux_only
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    "call", ["ph.evaluate({})", "asyncio.run(ph.evaluate_async({}))"], ids=["evaluate", "evaluate_async"]
)
def test_ctrl_c_closes_everything_and_loses_nothing(
    folder: Path, stub_server: StartServer, call: str
) -> None:
    """The process ends with KeyboardInterrupt, leaves no other, and the completions are in the store."""
    server = stub_server(solving_model(*[None] * 5, *["hang"] * 3))
    arguments = f'"fewshot_v1_chat", base_url={server.base_url!r}, tasks="0-7"'
    script = f"import asyncio\nimport pytest_humaneval as ph\n{call.format(arguments)}"
    with start_script(script, folder) as process:
        try:
            wait_until(lambda: len(server.log) == 8 and stored_completions(folder) == 5)
            family = processes_below(process.pid)
            os.killpg(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()

    assert family
    assert errors.rstrip().endswith("KeyboardInterrupt")
    wait_until(lambda: not any(map(is_running, family)))


def test_a_run_closes_with_its_block(folder: Path) -> None:
    """Inside the texts can be read; after it the figures are still there."""
    with easy_run(folder, {0, 1}) as run:
        assert run.results[0].samples[0].raw == "    pass\n"

    assert run.outcomes == {"passed": 2, "exception": 18}


def test_a_process_that_evaluates_ends_by_itself(folder: Path) -> None:
    """With nothing on its standard error: no thread, process or file is left to warn of."""
    script = "import pytest_humaneval as ph\nprint(ph.evaluate('canonical', tasks='0'))"

    with start_script(script, folder) as process:
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, errors) == (0, "")
    assert output == "<Run canonical: pass@1 100.0% (95 % interval 20.7% - 100.0%), 1/1 problems passed>\n"
