"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: all is well, a reader should know, or a run would go wrong.
        told: what was found.
        remedy: what to do about it; empty if nothing.
    """

    level: Literal["ok", "warn", "FAIL"]
    told: str
    remedy: str = ""
