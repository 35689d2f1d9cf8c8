"""Text from a model or a candidate is data: what would steer a terminal or a parser is made visible."""

from __future__ import annotations

import re

# C0 and C1 controls but tab and newline, the bidirectional overrides, and lone surrogates.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str, limit_chars: int | None = None) -> str:
    """Return the text with unsafe characters as escapes, and no longer than ``limit_chars`` of its own."""
    shown = text if limit_chars is None else text[:limit_chars]
    left_out = len(text) - len(shown)
    escaped = _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], shown)
    return escaped + (f"\n... ({left_out} more characters)" if left_out else "")
