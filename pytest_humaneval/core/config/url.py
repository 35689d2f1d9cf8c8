"""Addresses of servers."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def is_http_url(text: str) -> bool:
    """Whether the text is a URL that names a host to ask over HTTP or HTTPS."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is never closed
        return False


def without_password(url: str) -> str:
    """Return a URL as it may be shown: with ``***`` in place of what stands before its host, or of a query.

    A query goes as a whole, since clients take passwords there too.
    """
    hidden = re.sub(r"(?<=://)[^/?#]*@", "***@", url)
    return re.sub(r"\?.*", "?***", hidden, count=1, flags=re.DOTALL)
