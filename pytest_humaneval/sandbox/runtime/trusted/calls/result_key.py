"""Keys of results: equal for values that a test would find equal, up to what floating point leaves open."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from ...protocol.codec import Opaque

# Decimal digits of a float that count: rounding errors of two ways to compute one number differ beyond them.
_DIGITS = 9
KEY_CHARACTERS = 12


def result_key(value: Any) -> str:
    """Return the key of a value that a candidate returned: short, printable text."""
    form = _form(value).encode("utf-8", "surrogatepass")
    return hashlib.sha256(form).hexdigest()[:KEY_CHARACTERS]


def _form(value: Any) -> str:
    """Return one text for values that are equal by ``==``, as 1 and 1.0 are, and a list and a tuple not."""
    kind = type(value)
    if kind in (bool, int):
        # Hexadecimal: decimal digits of a huge integer take quadratic time.
        return f"{int(value):x}"
    if kind is float:
        return f"{int(value):x}" if value.is_integer() else f"{value:.{_DIGITS}g}"
    if kind in _FORMS:
        return _FORMS[kind](value)
    if isinstance(value, Iterable):
        # Iterators among them: their texts hold an address.
        return f"{kind.__name__} [{','.join(map(_form, _items(value)))}]"
    if isinstance(value, Opaque):
        return f"object {value.description!r}"
    return f"{kind.__name__} {value!r}"


def _items(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    # An iterator of more items than were sent raises at its end.
    with suppress(ValueError):
        found.extend(values)
    return found


def _dict_form(value: dict[Any, Any]) -> str:
    return f"{{{','.join(sorted(f'{_form(key)}:{_form(item)}' for key, item in value.items()))}}}"


def _set_form(value: Any) -> str:
    return f"<{','.join(sorted(map(_form, value)))}>"


_FORMS: dict[type, Callable[[Any], str]] = {
    str: repr,
    list: lambda value: f"[{','.join(map(_form, value))}]",
    tuple: lambda value: f"({','.join(map(_form, value))})",
    dict: _dict_form,
    set: _set_form,
    frozenset: _set_form,
}
