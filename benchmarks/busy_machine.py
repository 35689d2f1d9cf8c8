"""Compare verdicts on the canonical solutions without and with many busy processes beside them.

    python benchmarks/busy_machine.py [--busy 64] [--tasks 0-31]

Every canonical solution must pass, however long it takes: limits are of CPU time, and a timeout by the wall
clock is run again alone before it counts. Prints the outcomes without and with the busy processes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_SPIN = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(100_000))"


def main() -> None:
    """Score twice, and end with 1 if the busy machine changed anything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--busy", type=int, default=64, help="how many busy processes")
    parser.add_argument("--tasks", default="0-31", help="as for --humaneval-tasks")
    arguments = parser.parse_args()
    undisturbed = _outcomes(arguments.tasks)
    print(f"  0 busy processes: {undisturbed}", flush=True)
    spin = [sys.executable, "-c", _SPIN]
    spinning = [subprocess.Popen(spin) for _ in range(arguments.busy)]  # noqa: S603
    try:
        busy = _outcomes(arguments.tasks)
    finally:
        for process in spinning:
            process.kill()
        for process in spinning:
            process.wait()
    print(f"{arguments.busy:3} busy processes: {busy}")
    raise SystemExit(undisturbed[0] != busy[0])


def _outcomes(tasks: str) -> tuple[dict[str, int], str]:
    """Return how many samples ended how, and how long it took."""
    with tempfile.TemporaryDirectory(prefix="humaneval-busy-") as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pytest", "-q", "--humaneval-experiment=canonical"]
        command += [f"--humaneval-tasks={tasks}", f"--humaneval-report={report}"]
        began_s = time.monotonic()
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False, timeout=1800)  # noqa: S603
        wall_s = time.monotonic() - began_s
        (run,) = json.loads(report.read_text())["experiments"].values()
        return run["outcomes"], f"{wall_s:.1f} s"


if __name__ == "__main__":
    main()
