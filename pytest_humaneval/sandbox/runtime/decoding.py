"""JSON's types back into values; see ``codec`` for which stands for what.

What a message can make its receiver spend is bounded here, for it comes from an adversary.
"""

from __future__ import annotations

from typing import Any

from .codec import (
    MAX_DECIMAL_DIGITS,
    MAX_DEPTH,
    MAX_HASHED,
    MAX_RATIO_BITS,
    Malformed,
    Opaque,
)


class Decoder:
    """Turns one message's JSON types back into values, within the bounds of one message."""

    def __init__(self) -> None:
        self._hashed = MAX_HASHED

    def decode(self, data: Any, depth: int = 0) -> Any:
        """Return the value that ``data`` stands for.

        Raises:
            Malformed: no honest encoder writes this.
        """
        kind = type(data)
        if kind is list:
            if depth > MAX_DEPTH:
                raise Malformed("too deep")
            return [self.decode(item, depth + 1) for item in data]
        if kind is not dict:
            return data
        if len(data) != 1:
            raise Malformed("an object of more than one member")
        ((tag, content),) = data.items()
        try:
            return self._tagged(tag, content, depth + 1)
        except (TypeError, ValueError, KeyError, ArithmeticError) as error:
            raise Malformed(f"{tag[:40]}: {type(error).__name__}") from error

    def _tagged(self, tag: str, content: Any, depth: int) -> Any:
        if tag in _SCALARS:
            return _SCALARS[tag](content)
        items = self.decode(_array(content), depth)
        if tag == "tuple":
            return tuple(items)
        if tag == "iterator":
            return iter(items)
        if tag == "ratio":
            return _ratio(*items)
        self._hashed -= len(items)
        if self._hashed < 0:
            raise Malformed("too many hashed elements")
        return _HASHED[tag](items)


def _dict(pairs: list[Any]) -> dict[Any, Any]:
    return {key: value for key, value in pairs}  # noqa: C416 -- dict() would accept strings as pairs


def _array(content: Any) -> list[Any]:
    if type(content) is not list:
        raise Malformed("not an array")
    return content


def _integer(digits: str) -> int:
    return int(digits, 16)


def _surrogates(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "surrogatepass")


def _complex(parts: list[float]) -> complex:
    real, imag = map(float, parts)
    return complex(real, imag)


def _range(bounds: list[Any]) -> Any:
    start, stop, step = (_integer(bound["int"]) if type(bound) is dict else bound for bound in bounds)
    found = range(start, stop, step)
    short = abs(found.stop - found.start) <= MAX_HASHED * abs(found.step)
    return found if short else Opaque("a long range")


def _ratio(numerator: int, denominator: int) -> Any:
    from fractions import Fraction

    if max(numerator.bit_length(), denominator.bit_length()) > MAX_RATIO_BITS:
        raise Malformed("a large ratio")
    return Fraction(numerator, denominator)


def _decimal(digits: str) -> Any:
    from decimal import Decimal

    if len(digits) > MAX_DECIMAL_DIGITS:
        raise Malformed("a long decimal")
    return Decimal(digits)


def _opaque(content: Any) -> Opaque:
    description, truth = content
    return Opaque(str(description)[:200], bool(truth))


_HASHED: dict[str, Any] = {"dict": _dict, "set": set, "frozenset": frozenset}
_SCALARS: dict[str, Any] = {
    "int": _integer,
    "str": _surrogates,
    "bytes": lambda text: text.encode("latin-1"),
    "complex": _complex,
    "ellipsis": lambda _: ...,
    "range": _range,
    "decimal": _decimal,
    "opaque": _opaque,
}
