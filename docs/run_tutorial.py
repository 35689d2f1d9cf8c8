"""Does what the tutorial tells its reader to do, in an empty folder, and compares what the commands print.

    python docs/run_tutorial.py                        in an environment made as the page says
    python docs/run_tutorial.py --environment .venv    in one that has the package and the extra "embedded"
    python docs/run_tutorial.py --refresh              ... and writes what the commands print into the page

Needs pyte, of the extra "dev", and bash. Takes about a minute on two cores, without the installation. Ends
with status 1, and a diff, if a command prints something else than the page shows.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

from terminal import run_on_terminal, text_of
from tutorial_page import Command, File, is_as_shown, masked, refreshed_output, steps, with_outputs

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
CHECKOUT = "/path/to/pytest-humaneval"
"""What the page calls the checkout."""
FOLDER = "/home/you/prompts"
"""What the page calls the reader's folder."""

# What must not reach a reader's commands from the environment of whoever runs this.
_FOREIGN = ("PYTEST_", "PYTHON", "HUMANEVAL_", "GITHUB_", "VIRTUAL_ENV", "CI", "NO_COLOR", "FORCE_COLOR")


def main() -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--environment", type=Path, help="a virtual environment that has the package")
    parser.add_argument("--refresh", action="store_true", help="write what the commands print into the page")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page; default: %(default)s")
    arguments = parser.parse_args()
    page = arguments.page.read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="tutorial-") as made:
        commands, printed = follow(page, Path(made).resolve(), arguments.environment)
    if arguments.refresh:
        arguments.page.write_text(with_outputs(page, printed), "utf-8")
        return 0
    wrong = [pair for pair in zip(commands, printed, strict=True) if not is_as_shown(pair[0].output, pair[1])]
    for command, lines in wrong:
        print(difference(command, lines))
    print(
        f"{arguments.page.name}: {len(commands) - len(wrong)} of {len(commands)} commands print what it shows"
    )
    return 1 if wrong else 0


def follow(
    page: str, folder: Path, environment: Path | None
) -> tuple[Sequence[Command], Sequence[Sequence[str]]]:
    """Do the steps of a page in a folder.

    Args:
        page: the text of the page.
        folder: an empty one.
        environment: what is used instead of the environment that the page makes.

    Returns:
        The commands whose output counts, and the lines that each printed.
    """
    commands, printed = [], []
    status = 0
    variables = variables_of(environment or folder / ".venv")
    for step in steps(page):
        if isinstance(step, File):
            write(step, folder)
        elif step.is_environment and environment:
            continue
        else:
            started = time.monotonic()
            # So that "echo $?" says what it says to a reader, whose commands share a shell.
            line = f"(exit {status}); {step.line.replace(CHECKOUT, str(ROOT))}"
            status, screen = run_on_terminal(line, folder, variables)
            print(f"{time.monotonic() - started:5.1f} s  {step.line}", flush=True)
            if step.is_environment and status:
                raise SystemExit("\n".join([f"status {status} of: {step.line}", *text_of(screen)[-5:]]))
            if not step.is_environment:
                commands.append(step)
                printed.append([line.replace(str(folder), FOLDER) for line in text_of(screen)])
    return commands, printed


def write(file: File, folder: Path) -> None:
    """Write a file of the page, or add to it."""
    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if file.is_appended else "w", encoding="utf-8") as opened:
        opened.write(file.text)


def difference(command: Command, printed: Sequence[str]) -> str:
    """Return a diff from what the page shows to what was printed, without what may differ."""
    now = refreshed_output(command.output, printed)
    shown, now = ([masked(line) for line in lines] for lines in (command.output, now))
    return "\n".join(["", f"$ {command.line}", *unified_diff(shown, now, "the page", "printed", lineterm="")])


def variables_of(environment: Path) -> dict[str, str]:
    """Return the variables of a reader who has activated an environment."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {**own, "PATH": f"{environment.resolve() / 'bin'}{os.pathsep}{os.environ['PATH']}"}


if __name__ == "__main__":
    sys.exit(main())
