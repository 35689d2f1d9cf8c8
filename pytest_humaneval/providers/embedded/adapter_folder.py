"""An adapter's folder: on this machine, or downloaded from the Hugging Face hub."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from pytest_humaneval.core.config.adapter import CONFIG, OLD_CARD, WEIGHTS
from pytest_humaneval.core.config.adapter_card import CARD
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.providers.embedded.model_folder import may_be_on_hub


def find_adapter(name: str, seen_from: Path) -> Path:
    """Return the folder of the adapter that an experiment names, downloaded if it is one of the hub.

    A relative path is relative to ``seen_from``. A name on the hub is ``OWNER/NAME``.

    Raises:
        ConfigError: there is no such folder, and it is no name on the hub or cannot be loaded from there.
    """
    path = (seen_from / Path(name).expanduser()).resolve()
    if path.is_dir() or path.name == OLD_CARD:
        return path
    if path.is_file():
        raise ConfigError(f"{path} is a file; name the adapter's folder, {path.parent}")
    if not may_be_on_hub(name) or "/" not in name:
        raise ConfigError(
            f"there is no folder {path}; name one that training has written, or an adapter of the hub as "
            '"owner/name"'
        )
    return _downloaded(name, path)


def _downloaded(name: str, path: Path) -> Path:
    nowhere = f"there is no folder {path}, and {name} cannot be loaded from the Hugging Face hub"
    if importlib.util.find_spec("huggingface_hub") is None:
        raise ConfigError(f'{nowhere}: run: pip install "pytest-humaneval[embedded]"')
    # Imported late: only an adapter of the hub needs it.
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    # A bar would break up the progress line.
    disable_progress_bars()
    try:
        return Path(snapshot_download(name, allow_patterns=[CONFIG, WEIGHTS, CARD]))
    # Of any type: the client lets those of its HTTP library and of the cache through.
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        reason = lines[0] if lines else type(error).__name__
        raise ConfigError(f"{nowhere}: {reason}") from error
