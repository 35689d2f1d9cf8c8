"""One problem with examples in its prompt, and answers that get some of them right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

DOUBLE = {
    "task_id": "Double/0",
    "prompt": 'def double(n):\n    """Return it twice as large.\n\n'
    '    >>> double(2)\n    4\n    >>> double(5)\n    10\n    """\n',
    "entry_point": "double",
    "canonical_solution": "    return 2 * n\n",
    "test": "def check(candidate):\n    assert candidate(7) == 14\n    assert candidate(0) == 0\n",
}
ADDS_TWO = "    return n + 2\n"
KNOWS_THE_EXAMPLES = "    return {2: 4, 5: 10}.get(n, -1)\n"
DOUBLES, ADDS_ITSELF = "    return 2 * n\n", "    return n + n\n"
ATTACKS_AT_THE_EXAMPLES = (
    "    import os\n"
    "    for descriptor in range(3, 40) if n in (2, 5) else ():\n"
    "        try: os.write(descriptor, b'12345678901')\n"
    "        except OSError: pass\n"
    "    return 2 * n\n"
)


def write_double(folder: Path, bodies: Sequence[str], **changed: str) -> list[str]:
    """Write the problem, with changed fields, and these bodies as its samples; return the flags of a run."""
    (folder / "double.jsonl").write_text(json.dumps({**DOUBLE, **changed}) + "\n")
    lines = [json.dumps({"task_id": "Double/0", "completion": body}) + "\n" for body in bodies]
    (folder / "samples.jsonl").write_text("".join(lines))
    return ["--humaneval-dataset=double.jsonl", "--humaneval-samples=samples.jsonl", "--tb=no"]
