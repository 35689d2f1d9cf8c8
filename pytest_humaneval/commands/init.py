"""The command --humaneval-init: an experiments file, a strategy and a CI workflow to start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_humaneval.core.errors import ConfigError

_TEMPLATES = Path(__file__).parent / "init_files"
# What is written, and the file of the package that it is a copy of.
_FILES = {
    "experiments.toml": "experiments.toml",
    "strategies/chat/mine/prompt.toml": "prompt.toml",
    ".github/workflows/humaneval.yml": "humaneval.yml",
}


def run_init(folder: Path, print_line: Callable[[str], None]) -> int:
    """Write the files into a folder, none over one that exists, and print what became of each.

    Returns:
        0.

    Raises:
        ConfigError: one cannot be written.
    """
    for name, template in _FILES.items():
        is_new = _write_new(folder / name, (_TEMPLATES / template).read_bytes())
        print_line(f"{'written' if is_new else 'kept, since it exists'}: {name}")
    print_line("next: pytest --humaneval-list, then pytest --humaneval-experiment=canonical")
    return 0


def _write_new(path: Path, content: bytes) -> bool:
    """Write a file; return False, and change nothing, if there is one."""
    if path.exists():
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # "x" fails where there is something all the same, such as a link that leads nowhere.
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise ConfigError(
            f"--humaneval-init: {path} cannot be written ({error.strerror}); call it in a writable folder"
        ) from error
    return True
