"""Draw what ``growth.py`` measured: time and memory against the number of samples, as SVG.

    pip install matplotlib
    python benchmarks/growth_figure.py [benchmarks/results/growth.json] [docs/explanation/growth.svg]

The number of samples and the times are on logarithmic scales.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

_RESULTS = Path(__file__).parent / "results" / "growth.json"
_FIGURE = Path(__file__).parents[1] / "docs" / "explanation" / "growth.svg"
_COLOURS = {"recorded": "#4477aa", "server": "#cc3311"}
# How the lines of all processes and of the pytest process are drawn; the fields of their times and memory.
_LINES = {
    "all processes": ("-", "cpu_s", "all_mib"),
    "the pytest process": ("--", "pytest_cpu_s", "pytest_mib"),
}


def main() -> None:
    """Read the results and write the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("results", type=Path, nargs="?", default=_RESULTS)
    parser.add_argument("figure", type=Path, nargs="?", default=_FIGURE)
    chosen = parser.parse_args()
    found = json.loads(chosen.results.read_text())
    # Text stays text, and the same data give the same file.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "growth", "font.size": 9})
    figure = Figure(figsize=(9, 4), layout="constrained")
    time, memory = figure.subplots(1, 2)
    for source, colour in _COLOURS.items():
        sizes = [size for size in found["sizes"] if size["source"] == source]
        for processes, (style, cpu_s, mib) in _LINES.items():
            drawn = {"color": colour, "linestyle": style, "marker": "o", "markersize": 3}
            known = [size for size in sizes if size[cpu_s] is not None]
            each_ms = [1e3 * size[cpu_s] / size["samples"] for size in known]
            time.plot([size["samples"] for size in known], each_ms, **drawn)
            label = f"{source}, {processes}"
            samples = [size["samples"] for size in sizes]
            memory.plot(samples, [size[mib] for size in sizes], label=label, **drawn)
    time.set(yscale="log", title="CPU time of each sample in milliseconds")
    memory.set(ylim=(0, None), title="Peak memory in MiB")
    for axes in (time, memory):
        axes.set(xscale="log", xlabel="samples")
        axes.grid(visible=True, color="#eeeeee")
    of = found["machine"]
    figure.suptitle(f"{of['cores']} cores, {of['cpu']}, Python {of['python']}, {of['date']}", fontsize=8)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(chosen.figure, metadata={"Date": None})


if __name__ == "__main__":
    main()
