"""Escape characters in a model's or candidate's text that would control a terminal or break a file."""

from __future__ import annotations

import re

# C0 and C1 controls but tab and newline: they move the cursor, set a terminal's title or clear it. The
# bidirectional overrides make code look different from what it is ("Trojan Source", CVE-2021-42574). Lone
# surrogates have no UTF-8.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str, limit_chars: int | None = None) -> str:
    """Return the first ``limit_chars`` characters of a text, with unsafe ones as escapes."""
    # Cut first, so that no escape is cut in two and a long text costs nothing.
    shown = text if limit_chars is None else text[:limit_chars]
    left_out = len(text) - len(shown)
    escaped = _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], shown)
    return escaped + (f"\n... ({left_out} more characters)" if left_out else "")
