"""A numpy array without numpy, as far as tests use one: comparison, arithmetic and iteration by item."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

Shape = tuple[int, ...]
# Two arrays may be broadcast to a larger one up to this size: a column and a row of thousands of items, which
# are cheap to send, would become millions.
_MAX_BROADCAST_ITEMS = 2_000


class Array:
    """A stand-in for ``numpy.ndarray`` on the trusted side.

    Args:
        shape: its length in each dimension.
        items: all items in C order: the last index changes fastest.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, shape: Shape, items: list[Any]) -> None:
        self.shape = shape
        self._items = items

    @property
    def size(self) -> int:
        """How many items it has."""
        return len(self._items)

    @property
    def ndim(self) -> int:
        """How many dimensions it has."""
        return len(self.shape)

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError("the truth value of an array of other than one element is ambiguous")
        return bool(self._items[0])

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, tuple):
            return self[index[0]][index[1:]] if len(index) > 1 else self[index[0]]
        step = self.size // max(1, len(self))
        chosen = range(len(self))[index]
        if isinstance(chosen, int):
            return _array_or_item(self.shape[1:], self._items[chosen * step : (chosen + 1) * step])
        items = [item for row in chosen for item in self._items[row * step : (row + 1) * step]]
        return Array((len(chosen), *self.shape[1:]), items)

    def __contains__(self, value: Any) -> bool:
        return any(_elements(self == value))

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __abs__(self) -> Any:
        return _array_or_item(self.shape, [abs(item) for item in self._items])

    def __neg__(self) -> Any:
        return _array_or_item(self.shape, [-item for item in self._items])

    def __repr__(self) -> str:
        return f"array({self.tolist()!r})"

    def item(self) -> Any:
        """Return the only item."""
        if self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self._items[0]

    def tolist(self) -> Any:
        """Return nested lists, or the item of an array without dimensions."""
        if not self.shape:
            return self._items[0]
        return [row.tolist() if isinstance(row, Array) else row for row in self]

    def all(self) -> bool:
        """Return whether all items are true."""
        return all(self._items)

    def any(self) -> bool:
        """Return whether any item is true."""
        return any(self._items)

    def combined(self, operation: Callable[[Any, Any], Any], other: Any) -> Any:
        """Apply an operation item by item, after broadcasting both arrays to a common shape.

        Raises:
            ValueError: their shapes cannot be broadcast together.
        """
        other = other if isinstance(other, Array) else _array_of(other)
        shape = _broadcast_shape(self.shape, other.shape)
        pairs = zip(
            _broadcast(self._items, self.shape, shape),
            _broadcast(other._items, other.shape, shape),
            strict=True,
        )
        return _array_or_item(shape, [operation(*pair) for pair in pairs])


def _operator(operation: Callable[[Any, Any], Any], *, swapped: bool = False) -> Any:
    def method(self: Array, other: Any) -> Any:
        return self.combined((lambda own, theirs: operation(theirs, own)) if swapped else operation, other)

    return method


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Array, f"__{_name}__", _operator(getattr(operator, _name)))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod"):
    setattr(Array, f"__{_name}__", _operator(getattr(operator, _name)))
    setattr(Array, f"__r{_name}__", _operator(getattr(operator, _name), swapped=True))


def _array_or_item(shape: Shape, items: list[Any]) -> Any:
    return Array(shape, items) if shape else items[0]


def _elements(found: Any) -> list[Any]:
    return found._items if isinstance(found, Array) else [found]


def _array_of(value: Any) -> Array:
    if not isinstance(value, list | tuple):
        return Array((), [value])
    rows = [_array_of(item) for item in value]
    shape = rows[0].shape if rows else ()
    if any(row.shape != shape for row in rows):
        raise ValueError("the sequence has an inhomogeneous shape, so that no array can be made of it")
    return Array((len(rows), *shape), [item for row in rows for item in row._items])


def _broadcast_shape(one: Shape, other: Shape) -> Shape:
    """Return the shape that two shapes broadcast to by numpy's rules.

    Raises:
        ValueError: there is none, or an array of it would be much larger than both.
    """
    dimensions = max(len(one), len(other))
    pairs = list(zip(_padded(one, dimensions), _padded(other, dimensions), strict=True))
    shape = tuple(theirs if own == 1 else own for own, theirs in pairs)
    fits = all(own == theirs or 1 in (own, theirs) for own, theirs in pairs)
    if not fits or math.prod(shape) > max(_MAX_BROADCAST_ITEMS, math.prod(one), math.prod(other)):
        raise ValueError(f"arrays of shapes {one} and {other} cannot be combined")
    return shape


def _padded(shape: Shape, dimensions: int) -> Shape:
    return (1,) * (dimensions - len(shape)) + shape


def _broadcast(items: list[Any], shape: Shape, target: Shape) -> list[Any]:
    if shape == target:
        return items
    first, *rest = _padded(shape, len(target))
    step = len(items) // max(1, first)
    rows = [_broadcast(items[row * step : (row + 1) * step], tuple(rest), target[1:]) for row in range(first)]
    times = target[0] if first == 1 else 1
    return [item for row in rows * times for item in row]
