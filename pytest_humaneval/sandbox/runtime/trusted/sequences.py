"""Stand-ins for objects of a candidate's own classes that can be iterated and equal only themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..protocol.codec import Opaque


class Sequence(Opaque):
    """An object of a candidate's own class with ``__iter__`` or ``__getitem__``.

    Args:
        description: see ``Opaque``.
        truth: see ``Opaque``.
        features: which of ``__len__`` and ``__getitem__`` it has.
        items: what each iteration yields.
    """

    def __init__(self, description: str, truth: bool, features: list[str], items: list[Any]) -> None:
        super().__init__(description, truth, decides=False)
        self._features = features
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        self._require("__len__", "has no len()")
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        self._require("__getitem__", "is not subscriptable")
        return self._items[index]

    def _require(self, feature: str, complaint: str) -> None:
        if feature not in self._features:
            raise TypeError(f"{self.description} {complaint}")


class TruncatedIterator(Opaque):
    """An iterator with more items than were sent; asking for a missing one raises ValueError.

    Args:
        items: the first items.
    """

    def __init__(self, items: list[Any]) -> None:
        super().__init__(f"iterator of more than {len(items)} items", decides=False)
        self._items = iter(items)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        for item in self._items:
            return item
        raise ValueError(f"no more items of an {self.description} were sent")
