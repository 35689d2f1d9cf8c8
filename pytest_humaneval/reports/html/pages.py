"""What all pages have in common: templates, style, the hash of the script, and how a file is written."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent


def write_pieces(path: Path, pieces: Iterable[str]) -> None:
    """Write a page atomically: a reader finds the old file or the new one, never half of one."""
    # In the same folder, since a rename is atomic only within a file system.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # A model may write lone surrogates, which have no UTF-8.
        with unfinished.open("w", encoding="utf-8", errors="backslashreplace") as out:
            out.writelines(pieces)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def render(template: str, styles: Sequence[str], scripts: Sequence[str], **values: object) -> Iterator[str]:
    """Yield a page piece by piece, made of a template and of these style sheets and scripts."""
    script = _joined("js", scripts)
    common = {
        "now": datetime.now(timezone.utc),
        "style": _joined("css", styles),
        "script": script,
        "script_hash": _hash(script),
    }
    # generate, not render: the page of a run with many samples is large.
    yield from _environment().get_template(template).generate(**common, **values)


def _environment() -> Environment:
    # Imported late: only what writes a page pays for it.
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda share: f"{share:.1%}".replace("%", " %")
    environment.filters["css"] = lambda share: f"{100 * share:.3f}%"
    return environment


def _joined(kind: str, names: Sequence[str]) -> str:
    return "\n".join((_FOLDER / "assets" / f"{name}.{kind}").read_text(encoding="utf-8") for name in names)


def _hash(script: str) -> str:
    """Return the script's hash for the content security policy (W3C CSP level 3): no other script may run."""
    # Of the element's exact text: the template puts a line end before and after the script.
    digest = hashlib.sha256(f"\n{script}\n".encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
