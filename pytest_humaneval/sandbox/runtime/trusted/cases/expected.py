"""What the reference of a problem returned, and the limits and tolerances that follow from it."""

from __future__ import annotations

import marshal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from ...protocol import case_items
from ...protocol.case_items import Item
from ...protocol.codec import Malformed, Opaque, loads
from ...protocol.digests import SIZE
from ...protocol.marshalled import unmarshalled
from ..decoding import Decoder
from .rules import Tolerance

# EvalPlus's limits (its config.py and eval/__init__.py, version 0.3.1): for one case, and for all of them.
LEAST_CASE_S, REFERENCE_FACTOR, MOST_S, SPARE_S = 1.0, 4.0, 60.0, 1.0
# The absolute tolerance where the reference returned floats, and the problem names none.
FLOAT_TOLERANCE = 1e-6
# No dataset has so many cases for one problem.
MOST_CASES = 1 << 20


class CaseInputs(NamedTuple):
    """The cases of one problem; fields as in ``Cases``."""

    reference: str
    base: bytes
    plus: bytes
    atol: float
    rule: str


class LargeForm(NamedTuple):
    """A large value: the digest of its normal form, empty where it has none, and a preview of it."""

    digest: bytes
    preview: str


class Expected:
    """What the reference returned.

    Args:
        inputs: the cases.
        entry_point: the function that they call.
        items: one for each, base cases first.
        seconds: the reference's CPU time for each.

    Attributes:
        normal: the normal forms of the values that are too large, once they were asked for, by case.
    """

    def __init__(self, inputs: CaseInputs, entry_point: str, items: list[Item], seconds: list[float]) -> None:
        self.inputs, self.entry_point, self.items, self.seconds = inputs, entry_point, items, seconds
        self.normal: list[LargeForm | None] | None = None
        self._values: dict[int, tuple[Any, list[Opaque]]] = {}
        self.memory_bytes = sum(len(item.content) + 200 for item in items) + len(inputs.base + inputs.plus)

    def arguments(self, index: int) -> list[Any]:
        """Return the arguments of one case."""
        return _arguments(self.inputs.base, self.inputs.plus)[index]

    @cached_property
    def base_count(self) -> int:
        """How many base cases there are."""
        return len(_arguments(self.inputs.base, b""))

    def name(self, index: int) -> str:
        """Return what a case is called: which of how many."""
        plus_index = index - self.base_count
        if plus_index < 0:
            return f"base input {index + 1} of {self.base_count}"
        return f"plus input {plus_index + 1} of {len(self.items) - self.base_count}"

    def limit_s(self, index: int) -> float:
        """Return the limit of CPU time for one case."""
        return max(LEAST_CASE_S, REFERENCE_FACTOR * self.seconds[index])

    @cached_property
    def slow(self) -> list[int]:
        """The cases with a higher limit than others."""
        return [
            index for index, spent_s in enumerate(self.seconds) if spent_s * REFERENCE_FACTOR > LEAST_CASE_S
        ]

    @cached_property
    def total_limit_s(self) -> float:
        """The limit of CPU time for all cases."""
        return min(MOST_S, sum(map(self.limit_s, range(len(self.items))))) + SPARE_S

    @cached_property
    def _first_floats(self) -> tuple[int, int]:
        """The first base case and the first further one for which the reference returned floats."""
        count, found = len(self.items), [i for i, item in enumerate(self.items) if are_floats(item)]
        return (
            min((i for i in found if i < self.base_count), default=count),
            min((i for i in found if i >= self.base_count), default=count),
        )

    def tolerance(self, index: int) -> Tolerance:
        """Return the tolerance for a case.

        Once the reference has returned floats, ``FLOAT_TOLERANCE`` stays for all later base cases, or all
        later further ones: EvalPlus sets a variable that outlives the case.
        """
        atol = self.inputs.atol
        if atol:
            return Tolerance(atol, atol)
        first = self._first_floats[index >= self.base_count]
        return Tolerance(
            FLOAT_TOLERANCE if index > first else 0.0, FLOAT_TOLERANCE if index >= first else 0.0
        )

    def is_large(self, index: int) -> bool:
        """Return whether a value is known only by its digest."""
        item = self.items[index]
        return is_large(item) or (item.kind == case_items.UNEQUAL and not item.content)

    def value(self, index: int) -> tuple[Any, list[Opaque]]:
        """Return what ``decoded`` does for what the reference returned; it must not be large."""
        if index not in self._values:
            self._values[index] = decoded(self.items[index])
        return self._values[index]


@lru_cache(maxsize=4)
def _arguments(base: bytes, plus: bytes) -> list[list[Any]]:
    parts = filter(None, (base, plus))
    return [case for part in parts for case in marshal.loads(part)]  # noqa: S302 -- the dataset's own


def are_floats(item: Item) -> bool:
    """Return whether an item stands for a float, or for a list or tuple of at least one, and nothing else."""
    content = item.content
    if item.kind not in (case_items.PLAIN, case_items.UNEQUAL):
        return item.kind == case_items.FLOATS
    # One byte for the kind of each value, then eight of a float, or four of a length.
    if content[:1] in (b"[", b"("):
        return len(content) > 5 and len(content) % 9 == 5 and content[5::9].count(b"g") == len(content) // 9
    return content[:1] == b"g"


def is_large(item: Item) -> bool:
    """Return whether an item holds a digest in place of a value."""
    return item.kind in (case_items.DIGEST, case_items.FLOATS)


def decoded(item: Item) -> tuple[Any, list[Opaque]]:
    """Return the value of an item, and the stand-ins in it for objects that are no plain data.

    Raises:
        Malformed: no honest process sends it, or it exceeds a bound (then it is ``TooComplex``).
    """
    if item.kind in (case_items.PLAIN, case_items.UNEQUAL) and len(item.content) <= case_items.MAX_PLAIN:
        # So few elements cost little, whatever their hashes are.
        return unmarshalled(item.content, case_items.MAX_PLAIN), []
    if item.kind not in (case_items.JSON, case_items.OBJECT):
        raise Malformed("no value")
    decoder = Decoder()
    return decoder.decode(loads(item.content)), decoder.opaques


def large_form(item: Item) -> LargeForm:
    """Return what an item of the kind ``NORMAL`` says.

    Raises:
        Malformed: it is of another kind.
    """
    length = item.content[:1]
    if item.kind != case_items.NORMAL or length not in (b"\0", bytes([SIZE])):
        raise Malformed("no normal form")
    size = length[0]
    return LargeForm(item.content[1 : 1 + size], item.content[1 + size :].decode("utf-8", "replace"))
