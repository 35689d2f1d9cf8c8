"""The example of the page of hooks: a conftest.py, and the experiment and the command that use what it adds."""

from __future__ import annotations

EXAMPLE = '''
import hashlib
from pathlib import Path

from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion
from pytest_humaneval.sandbox import SANDBOXES

PROMPT = 'def add(a, b):\\n    """Return the sum of two numbers."""\\n'
TEST = "def check(candidate):\\n    assert candidate(1, 2) == 3\\n"


class Echo:
    """A provider: answers everything with one text."""

    def __init__(self, text):
        self.text = text

    async def complete(self, draws):
        for draw in draws:
            yield draw, Completion(self.text)


class Memory:
    """A completion store that lasts as long as the process."""

    def __init__(self, url):
        self.known = {}

    def get(self, draws):
        return {draw: self.known[draw] for draw in draws if draw in self.known}

    def put(self, draw, completion):
        self.known[draw] = completion

    def close(self):
        pass


class Outcomes:
    """A report: one line of text for each problem."""

    def __init__(self, path):
        self.path = path

    def write(self, session):
        lines = [f"{result.task_id} {result.outcome}" for run in session.runs for result in run.results]
        self.path.write_text("\\n".join(lines))
        yield f"outcomes: {self.path}"


def open_echo(resolved, problems):
    return Echo(resolved.experiment.added["echo_text"])


def read_sums():
    solution = "    return a + b\\n"
    problem = Problem("Sums/0", PROMPT, "add", canonical_solution=solution, test=TEST)
    return Dataset(Path("sums"), hashlib.sha256(PROMPT.encode()).hexdigest(), (problem,), name="sums")


def open_patient(limits, jobs, isolation, address):
    return SANDBOXES["forkserver"].open(limits.overridden(60.0, None), jobs, isolation, address)


def open_outcomes(plan, path):
    return None if path is None else Outcomes(path)


def drop_prints(text, stub):
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("print("))


def pytest_humaneval_register(registry):
    text = Rule((str,), "the text of every answer", bool)
    registry.provider("echo", open_echo, keys={"echo_text": text})
    registry.dataset("sums", read_sums)
    registry.sandbox("patient", open_patient)
    registry.store("memory", Memory)
    registry.report("outcomes", open_outcomes)
    registry.step("drop_prints", drop_prints, kind="format")


def pytest_humaneval_request(experiment, draw):
    print(f"{experiment} requests {draw.task_id}")


def pytest_humaneval_sample_judged(experiment, task_id, sample):
    print(f"{experiment}: {task_id} is {sample.outcome}")


def pytest_humaneval_run_finished(run):
    print(f"{run.experiment.name}: pass@1 is {run.pass_at[1]:.0%}")
'''

EXPERIMENT = '''
[experiments.echo]
provider = "echo"
echo_text = """
    return a + b
print(add(1, 2))
"""
dataset = "sums"
api = "completion"
strategy = "minimal"
postprocess = ["drop_prints"]
'''

COMMAND = (
    "pytest --humaneval-experiment=echo --humaneval-sandbox=patient --humaneval-cache=memory:// "
    "--humaneval-write=outcomes=outcomes.txt -s"
)

PRINTED = ("echo requests Sums/0", "echo: Sums/0 is passed", "echo: pass@1 is 100%")
"""What the listeners print, in this order."""
