"""The content key, under which every store keeps a completion.

Everything that determines a completion is part of it, and nothing else: the model, its adapter if it has
one, the kind of API, the rendered messages and suffix, every sampling parameter, what else the request
carries (of headers the names of their variables, never the contents) and the sample's index. The server's
address and the task id are not, so the same request to another server, or for a renamed problem, has the same
key.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from pytest_humaneval.core.records import Draw, Request
from pytest_humaneval.core.request_json import to_json

_NUMBERS = {
    "temperature",
    "top_p",
    "repetition_penalty",
    "min_p",
    "presence_penalty",
    "frequency_penalty",
}


def content_key(draw: Draw) -> bytes:
    """Return the draw's key, 32 bytes: SHA-256 over the request's hash and the sample's index."""
    return hashlib.sha256(b"%s:%d" % (_request_hash(draw.request), draw.sample_index)).digest()


@lru_cache(maxsize=1024)
def _request_hash(request: Request) -> bytes:
    """Return the SHA-256 (hex) of the request as canonical JSON; cached, as a request has up to n draws."""
    fields = to_json(request)
    # Left out rather than null: keys of stores from before there were adapters stay valid.
    if request.adapter is None:
        del fields["soft_prompt"]
    sampling = fields["sampling"]
    for name in _NUMBERS & set(sampling):
        # 1 and 1.0 are the same temperature, but not the same JSON.
        sampling[name] = float(sampling[name])
    # Sorted keys, ASCII, no spaces: the same bytes in every process, whatever characters are in the prompt.
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest().encode("ascii")
