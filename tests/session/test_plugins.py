"""Other plugins: what they add is used as if it were built in, and their mistakes are one line."""

from __future__ import annotations

import textwrap

import pytest

from tests.support.evaluating import PLAIN, PLAIN_AND_WORKERS, Evaluate, completion, write_samples

ECHO = """
    from pytest_humaneval.core.config.toml_schema import Rule
    from pytest_humaneval.core.records import Completion

    class Echo:
        def __init__(self, text):
            self.text = text

        async def complete(self, draws):
            for draw in draws:
                yield draw, Completion(self.text)

    def open_echo(resolved, problems):
        return Echo(resolved.experiment.added["echo_text"])

    def pytest_humaneval_register(registry):
        keys = {"echo_text": Rule((str,), "the text of every answer", bool)}
        registry.provider("echo", open_echo, keys=keys)
"""

EXPERIMENTS = """
    [experiments.one]
    provider = "echo"
    echo_text = "    return number % 1.0\\n"
    strategy = "minimal"
    api = "completion"
"""

TASK = ("--humaneval-experiment=one", "--humaneval-tasks=2", "--humaneval-cache=off")


def given(pytester: pytest.Pytester, conftest: str, experiments: str = EXPERIMENTS) -> None:
    """Write a conftest.py and, unless it is empty, an experiments file."""
    pytester.makeconftest(textwrap.dedent(conftest))
    if experiments:
        (pytester.path / "experiments.toml").write_text(textwrap.dedent(experiments))


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_plugin_s_provider_answers(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """With the key that it adds to experiments.toml, also where workers judge."""
    given(pytester, ECHO)

    finished = evaluate(*TASK, *mode)

    assert finished.status == 0, finished.text
    assert finished.verdicts == {"HumanEval/2": ["passed"]}
    assert finished.run["manifest"]["provider"] == "echo"
    assert finished.run["manifest"]["added"] == {"echo_text": "    return number % 1.0\n"}


def test_a_plugin_s_keys_decide_what_the_store_finds(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """Another value of an added key is another model: nothing of the first one is found again."""
    given(pytester, ECHO)
    assert evaluate(*TASK[:2]).status == 0
    given(pytester, ECHO, EXPERIMENTS.replace("number % 1.0", "number"))

    finished = evaluate(*TASK[:2])

    assert finished.verdicts == {"HumanEval/2": ["wrong_answer"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('"    return number % 1.0\\n"', "3"), "echo_text: found 3, expected the text of every answer"),
        (("echo_text", "echo_txt"), "unknown key 'echo_txt'; did you mean 'echo_text'?"),
        (('provider = "echo"', 'provider = "canonical"'), "unknown key 'echo_text'"),
        (
            ('provider = "echo"', 'provider = "ecko"'),
            "expected one of server, embedded, vllm, canonical, echo",
        ),
    ],
)
def test_a_plugin_s_keys_are_checked_like_ours(
    pytester: pytest.Pytester, evaluate: Evaluate, change: tuple[str, str], expected: str
) -> None:
    """Wrong values and names are refused in one line before anything runs."""
    given(pytester, ECHO, EXPERIMENTS.replace(*change))

    finished = evaluate(*TASK)

    assert finished.status == 4
    assert expected in finished.text
    assert "Traceback" not in finished.text


STEP = """
    def shout(text, stub):
        return text.upper()

    def unshout(text, stub):
        return text.lower()

    def fail(text, stub):
        raise ValueError("no")

    def for_one_problem(text, stub):
        return text.replace("pass", "return 1") if stub.entry_point == "has_close_elements" else text

    def pytest_humaneval_register(registry):
        registry.step("shout", shout)
        registry.step("unshout", unshout)
        registry.step("fail", fail)
        registry.step("for_one_problem", for_one_problem, kind="format")
"""

STEPPED = """
    [experiments.one]
    provider = "canonical"
    postprocess = [{steps}]
"""


def stepped(pytester: pytest.Pytester, evaluate: Evaluate, steps: str, text: str, *mode: str) -> list[str]:
    """Return the outcomes of a raw answer to HumanEval/2 after these steps, and all that was printed."""
    given(pytester, STEP, STEPPED.format(steps=steps))
    write_samples(pytester.path / "samples.jsonl", [{"task_id": "HumanEval/2", "raw": text}])
    finished = evaluate("--humaneval-experiment=one", "--humaneval-samples=samples.jsonl", *mode)
    return [*finished.verdicts["HumanEval/2"], finished.text]


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_plugin_s_step_changes_the_text(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """A step named in postprocess is applied in its place; without a kind it counts as a repair."""
    outcome, text = stepped(pytester, evaluate, '"unshout"', "    RETURN NUMBER % 1.0\n", *mode)

    assert outcome == "passed"
    assert "1 pass only after repair steps (HumanEval/2)" in text


def test_a_step_that_fails_is_no_wrong_answer(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """The sample has no verdict, and the message names step and plugin."""
    outcome, text = stepped(pytester, evaluate, '"fail"', "    return number % 1.0\n")

    assert outcome == "infra_error"
    assert "step 'fail' of plugin" in text
    assert "conftest.py' failed (ValueError: no)" in text


def test_a_format_step_that_knows_a_problem_is_refused(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A step that calls itself blind and does something else under other names is no format step."""
    given(pytester, STEP, STEPPED.format(steps='"for_one_problem"'))

    finished = evaluate("--humaneval-experiment=one")

    assert finished.status == 4
    assert "is not blind" in finished.text
    assert "HumanEval/0" in finished.text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'registry.provider("server", print)',
            "there is a provider 'server' already, added by plugin 'pytest-humaneval'",
        ),
        ('registry.step("drop_usage", lambda text, stub: text)', "there is a step 'drop_usage' already"),
        ('registry.store("redis", print)', "there is a store 'redis' already"),
        ('registry.sandbox("oneshot", print)', "there is a sandbox 'oneshot' already"),
        ('registry.dataset("humaneval", print)', "there is a dataset 'humaneval' already"),
        ('registry.report("json", print)', "there is a report 'json' already"),
        ('registry.provider("a b", print)', "found 'a b' as the name of a provider"),
        ('registry.provider("x", print, keys={"n": None})', "experiments have a key 'n' already"),
        (
            'registry.step("x", lambda text, stub, test: text)',
            "sees nothing else of a problem; found a function that takes (text, stub, test)",
        ),
        (
            "registry.nothing()",
            "pytest_humaneval_register failed (AttributeError: 'Registry' object has no attribute",
        ),
        ("1 / 0", "pytest_humaneval_register failed (ZeroDivisionError: division by zero)"),
    ],
)
def test_a_plugin_s_mistake_is_one_line_that_names_it(
    pytester: pytest.Pytester, evaluate: Evaluate, line: str, expected: str
) -> None:
    """A name that is taken, a step that wants to see more, an exception: exit 4, nothing runs."""
    given(pytester, f"    def pytest_humaneval_register(registry):\n        {line}\n")

    finished = evaluate("--humaneval-experiment=canonical")

    assert finished.status == 4
    errors = [each for each in finished.text.splitlines() if expected in each]
    assert len(errors) == 1, finished.text
    assert "plugin '" in errors[0]
    assert "conftest.py'" in errors[0]
    assert "Traceback" not in finished.text


def test_a_factory_that_fails_names_its_plugin(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """One line, nothing scored, exit 4."""
    given(pytester, ECHO.replace('["echo_text"]', '["text"]'))

    finished = evaluate(*TASK)

    assert finished.status == 4
    assert "provider 'echo' of plugin" in finished.text
    assert "cannot be opened (KeyError: 'text')" in finished.text


LISTENERS = """
    from pathlib import Path

    HEARD = Path(__file__).with_name("heard.txt")

    def heard(*words):
        with HEARD.open("a") as out:
            print(*words, file=out)

    def pytest_humaneval_sample_judged(experiment, task_id, sample):
        heard("judged", experiment, task_id, sample.sample_index, sample.outcome)

    def pytest_humaneval_request(experiment, draw):
        heard("request", experiment, draw.task_id)
"""


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_plugins_hear_of_requests_and_samples(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """Each request and each judged sample once, whoever judges; recorded samples are not requested."""
    given(pytester, LISTENERS, "")
    samples = [completion(2, "    return number % 1.0\n"), completion(2, "    return 1\n")]
    path = write_samples(pytester.path / "samples.jsonl", samples)
    assert evaluate(f"--humaneval-samples={path}", *mode).status == 0
    assert evaluate("--humaneval-experiment=canonical", "--humaneval-tasks=7", *mode).status == 0

    lines = (pytester.path / "heard.txt").read_text().splitlines()

    assert sorted(lines) == [
        "judged canonical HumanEval/7 0 passed",
        "judged samples HumanEval/2 0 passed",
        "judged samples HumanEval/2 1 wrong_answer",
        "request canonical HumanEval/7",
    ]


@pytest.mark.parametrize("hook", ["request(experiment)", "sample_judged(task_id)", "run_finished(run)"])
@pytest.mark.parametrize("mode", [PLAIN, ("-n", "2")])
def test_a_listener_that_fails_loses_nothing(
    pytester: pytest.Pytester, evaluate: Evaluate, hook: str, mode: tuple[str, ...]
) -> None:
    """Its exception is a line of the summary that names it; verdicts, report and exit status stay."""
    given(pytester, f"    def pytest_humaneval_{hook}:\n        raise ValueError('deaf')\n", "")

    finished = evaluate("--humaneval-experiment=canonical", "--humaneval-tasks=0-2", *mode)

    assert finished.status == 0
    assert finished.run["passed"] == 3
    name = hook.partition("(")[0]
    shown = [line for line in finished.text.splitlines() if f"pytest_humaneval_{name} failed" in line]
    assert len(shown) == 1
    assert "conftest.py'" in shown[0]
    assert shown[0].endswith("failed (ValueError: deaf)")


def test_a_project_without_an_experiment_calls_no_hook(pytester: pytest.Pytester) -> None:
    """Whoever has the plugin installed and evaluates nothing pays for nothing."""
    pytester.makeconftest("def pytest_humaneval_register(registry): raise ValueError")
    pytester.makepyfile("def test_own(): pass")

    assert pytester.runpytest_subprocess().ret == 0


SANDBOX = """
    from pytest_humaneval.core.records import Outcome, Verdict
    from pytest_humaneval.core.datasets import read_dataset
    from dataclasses import replace

    class Trusting:
        places = 1
        def run(self, candidate): return Verdict(Outcome.PASSED)
        def layers(self): return {}
        def close(self): pass
        def __enter__(self): return self
        def __exit__(self, *_): pass

    def open_trusting(limits, jobs, isolation, address):
        assert address == "near"
        return Trusting()

    class Memory(dict):
        def get(self, draws): return {draw: self[draw] for draw in draws if draw in self}
        def put(self, draw, completion): self[draw] = completion
        def close(self): print("closed the store", len(self))

    def first_two():
        whole = read_dataset()
        return replace(whole, problems=whole.problems[:2])

    def pytest_humaneval_register(registry):
        registry.sandbox("trusting", open_trusting, takes_address=True)
        registry.store("memory", lambda url: Memory())
        registry.dataset("two", first_two)
"""


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_plugin_s_sandbox_and_dataset_are_used(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """By their names, and the sandbox with its address."""
    given(pytester, SANDBOX)
    path = write_samples(
        pytester.path / "s.jsonl", [completion(0, "    wrong\n"), completion(1, "    wrong\n")]
    )

    finished = evaluate(
        f"--humaneval-samples={path}", "--humaneval-sandbox=trusting://near", "--humaneval-dataset=two", *mode
    )

    assert finished.status == 0, finished.text
    assert finished.run["passed"] == finished.run["problems"] == 2


STORE = f"""
{ECHO.replace("def pytest_humaneval_register", "def register_echo")}
{SANDBOX.replace("def pytest_humaneval_register", "def register_others")}
    def pytest_humaneval_register(registry):
        register_echo(registry)
        register_others(registry)
"""


def test_a_plugin_s_store_is_used(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A URL of its scheme opens it."""
    given(pytester, STORE)

    finished = evaluate(*TASK[:2], "--humaneval-cache=memory://", "-s")

    assert finished.status == 0, finished.text
    assert "closed the store 1" in finished.text
