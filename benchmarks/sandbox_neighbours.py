"""Count honest verdicts that change beside attackers, among many mixed candidates: none should.

    python benchmarks/sandbox_neighbours.py --candidates 10000 --mode user-namespaces --seed 1

A quarter of the candidates are the attackers of ``tests/sandbox/attacks.jsonl``; all run in namespaces of
their own, where an escape is harmless. The seed decides the order.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

from tests.support.sandbox.jails import MODES, command  # noqa: E402 -- it lies beside the tests that use it too


def main() -> int:
    """Run and print; the exit status is 1 if a verdict was changed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--candidates", type=int, default=10_000)
    parser.add_argument("--mode", choices=MODES, default=MODES[0])
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    jail = command(chosen.mode)
    if jail is None:
        parser.error(f"--mode: no jail for {chosen.mode} can be made here")
    program = str(ROOT / "tests" / "support" / "sandbox" / "neighbours.py")
    line = [*jail, sys.executable, program, chosen.mode, str(chosen.candidates), str(chosen.seed)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(line, env=environment, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    count = json.loads(done.stdout)
    print(*count["changed"], sep="\n")
    print(f"{chosen.mode}: {len(count['changed'])} of {count['honest']} honest verdicts changed", end=" ")
    print(f"among {count['saboteurs']} saboteurs, {count['seconds']:.0f} s")
    return 1 if count["changed"] else 0


if __name__ == "__main__":
    sys.exit(main())
