"""Keep what references returned in the user's cache: a file for each, named by all that it depends on."""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import sys
import zlib
from pathlib import Path

from ...protocol import case_items
from ...protocol.case_items import Item
from ...protocol.codec import Malformed
from .expected import MOST_CASES, CaseInputs

# To be raised whenever the form of the items or of the files changes.
FORMAT = 1
_MAGIC = b"pytest-humaneval reference\n"
_CHECKSUM_BYTES = 32


class ReferenceFiles:
    """The file of one problem.

    Args:
        folder: where it is; empty to keep nothing.
        inputs: the cases.
        entry_point: the function to call.
    """

    def __init__(self, folder: str, inputs: CaseInputs, entry_point: str) -> None:
        self._path = Path(folder) / f"{_key(inputs, entry_point)}.zlib" if folder else None

    def read(self) -> tuple[list[Item], list[float]] | None:
        """Return the items and the CPU seconds of each case; None where they are not there or damaged."""
        try:
            data = self._path.read_bytes() if self._path else b""
            checksum, packed = data[len(_MAGIC) :][:_CHECKSUM_BYTES], data[len(_MAGIC) + _CHECKSUM_BYTES :]
            if not data.startswith(_MAGIC) or hashlib.sha256(packed).digest() != checksum:
                return None
            *items, times = case_items.split(zlib.decompress(packed), MOST_CASES)
            return items, list(struct.unpack(f"<{len(items)}d", times.content))
        except (OSError, zlib.error, Malformed, ValueError, struct.error):
            return None

    def write(self, items: list[Item], seconds: list[float]) -> None:
        """Write the file, or nothing where that is not possible."""
        if self._path is None:
            return
        times = Item(case_items.TIMES, struct.pack(f"<{len(seconds)}d", *seconds))
        packed = zlib.compress(case_items.joined([*items, times]), 1)
        # Another worker may write the same file meanwhile: each renames one of its own.
        partial = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(_MAGIC + hashlib.sha256(packed).digest() + packed)
            partial.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink()


def _key(inputs: CaseInputs, entry_point: str) -> str:
    version = f"{FORMAT} {sys.implementation.cache_tag} {entry_point} {inputs.rule} {inputs.atol!r}"
    digest = hashlib.sha256()
    for part in (
        version.encode(),
        inputs.reference.encode("utf-8", "surrogatepass"),
        inputs.base,
        inputs.plus,
    ):
        digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()
