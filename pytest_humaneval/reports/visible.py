"""Escape characters in a model's or candidate's text that would control a terminal or break a file."""

from __future__ import annotations

import re

# C0 and C1 controls but tab and newline: they move the cursor, set a terminal's title or clear it. The
# bidirectional controls make code look different from what it is ("Trojan Source", CVE-2021-42574), and so do
# characters without a width (Unicode's Default_Ignorable_Code_Point), some of which a Python name may have.
# Lone surrogates have no UTF-8. The same list is in reports/html/assets/elements.js.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)


def visible(text: str, limit_chars: int | None = None) -> str:
    """Return the first ``limit_chars`` characters of a text, with unsafe ones as escapes."""
    # Cut first, so that no escape is cut in two and a long text costs nothing.
    shown = text if limit_chars is None else text[:limit_chars]
    left_out = len(text) - len(shown)
    escaped = _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], shown)
    return escaped + (f"\n... ({left_out} more characters)" if left_out else "")
