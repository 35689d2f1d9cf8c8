"""Check and display URLs of servers."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def is_http_url(text: str) -> bool:
    """Return whether the text is an HTTP or HTTPS URL with a host."""
    # urlsplit and its attribute port raise ValueError for an unclosed bracket and for a port that is no
    # number.
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def without_password(url: str) -> str:
    """Return a URL that may be printed: ``***`` replaces user and password before the host, and the query.

    The query is hidden as a whole, since Redis clients accept a password there too.
    """
    hidden = re.sub(r"(?<=://)[^/?#]*@", "***@", url)
    return re.sub(r"\?.*", "?***", hidden, count=1, flags=re.DOTALL)
