"""Make the pages of docs/reference that come from the code: ``python docs/make_reference.py [--check]``.

With ``--check`` nothing is written; the exit status is 1 if a page is not what the code says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from reference_pages import console, endings, hooks, json_report, keys, options, samples_file

FOLDER = Path(__file__).parent / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "options.md": options.options,
    "experiments_toml.md": keys.experiments_toml,
    "prompt_toml.md": keys.prompt_toml,
    "repair_toml.md": keys.repair_toml,
    "adapter_training.md": keys.adapter_training,
    "outcomes.md": endings.outcomes,
    "exit_statuses.md": endings.exit_statuses,
    "json_report.md": json_report.json_report,
    "samples_file.md": samples_file.samples_file,
    "hooks.md": hooks.hooks,
    "environment.md": options.environment,
    "console.md": console.commands,
}
"""By file name, the function that returns the page."""


def stale() -> list[str]:
    """Return the names of the pages whose files are not what the code says."""
    return [
        name
        for name, make in PAGES.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != make()
    ]


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; return the exit status."""
    names = stale()
    if arguments == ["--check"]:
        for name in names:
            print(f"{name} is not what the code says; run: python docs/make_reference.py")
        return int(bool(names))
    for name in names:
        (FOLDER / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"written: {FOLDER / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
