"""Draw what ``growth.py`` measured: time and memory against the number of samples, as SVG.

    pip install matplotlib
    python benchmarks/growth_figure.py [benchmarks/results/growth.json] [docs/growth.svg]

Both axes are logarithmic: a cost that stays the same for each sample is a level line on the left.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

_RESULTS = Path(__file__).parent / "results" / "growth.json"
_FIGURE = Path(__file__).parents[1] / "docs" / "growth.svg"
_COLOURS = {"recorded": "#4477aa", "server": "#cc3311"}
# By field: what a line shows, and how it is drawn.
_TIMES = {"cpu_s": ("CPU time, all processes", "-"), "pytest_cpu_s": ("CPU time, the pytest process", "--")}
_MEMORY = {"all_mib": ("all processes", "-"), "pytest_mib": ("the pytest process", "--")}


def main() -> None:
    """Read the results and write the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("results", type=Path, nargs="?", default=_RESULTS)
    parser.add_argument("figure", type=Path, nargs="?", default=_FIGURE)
    chosen = parser.parse_args()
    found = json.loads(chosen.results.read_text())
    # Text stays text, and the same data give the same file.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "growth", "font.size": 9})
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    time, memory = figure.subplots(1, 2)
    for source, colour in _COLOURS.items():
        sizes = [size for size in found["sizes"] if size["source"] == source]
        for field, (name, style) in _TIMES.items():
            known = [size for size in sizes if size[field] is not None]
            each_ms = [1e3 * size[field] / size["samples"] for size in known]
            _line(time, known, each_ms, colour, style, f"{source}: {name}")
        for field, (name, style) in _MEMORY.items():
            _line(memory, sizes, [size[field] for size in sizes], colour, style, f"{source}: {name}")
    for axes, title in ((time, "milliseconds for each sample"), (memory, "peak memory in MiB")):
        axes.set(xscale="log", yscale="log", xlabel="samples", title=title)
        axes.grid(visible=True, which="both", color="#eeeeee")
        axes.legend(frameon=False)
    of = found["machine"]
    figure.suptitle(f"{of['cores']} cores, {of['cpu']}, Python {of['python']}, {of['date']}", fontsize=8)
    figure.savefig(chosen.figure, metadata={"Date": None})


def _line(
    axes: Any,  # noqa: ANN401 -- matplotlib is not installed where this is checked
    sizes: list[dict[str, Any]],
    values: list[float],
    colour: str,
    style: str,
    name: str,
) -> None:
    places = [size["samples"] for size in sizes]
    axes.plot(places, values, linestyle=style, color=colour, marker="o", markersize=3, label=name)


if __name__ == "__main__":
    main()
