"""Data inside a page: compressed, and in letters that cannot end a script element or begin a comment."""

from __future__ import annotations

import base64
import gzip
import json

_LEVEL = 5  # of gzip: close to the smallest, in half of the time


def packed(data: object) -> str:
    """Return JSON data gzipped and in Base64 (RFC 4648), whose alphabet has neither ``<`` nor a quote.

    The page unpacks it with the browser's own DecompressionStream. The same data is always the same text.
    """
    # Lone surrogates, which a model may well write, stay escaped: they have no UTF-8.
    text = json.dumps(data, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("ascii"), _LEVEL, mtime=0)).decode("ascii")
