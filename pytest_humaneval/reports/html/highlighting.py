"""The colours of programs, found by Pygments line by line: an equal line in an equal state is coloured once.

A line's colours depend on the line and on the state before it alone (inside a text of many lines, or not).
So the samples of a problem, which share most of their lines, need a few colours more than one of them. The
page has the same programs in the same order and asks for the next colours whenever it meets a new line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

# By Pygments' name of a token's type: the first that it is in; what is in none has no colour.
_LETTERS = {
    "Comment": "c",
    "Keyword": "k",
    "Operator.Word": "k",
    "Literal.String.Escape": "e",
    "Literal.String.Interpol": "e",
    "Literal.String": "s",
    "Literal.Number": "n",
    "Name.Builtin": "b",
    "Name.Exception": "b",
    "Name.Function": "f",
    "Name.Class": "f",
    "Name.Decorator": "d",
}
_NO_COLOUR = "-"
# What is written in a longer line is rarely code.
_MOST_CHARS_OF_LINE = 2_000

_State = tuple[str, ...]
_ROOT: _State = ("root",)


class Highlighter:
    """Colours programs, as long as its characters last.

    Args:
        left_chars: how many characters of distinct lines it colours, over all programs that it is asked for.
    """

    def __init__(self, left_chars: int) -> None:
        self._left_chars = left_chars

    def colours(self, programs: Iterable[str]) -> list[str | None]:
        """Return the colours of each line that these programs do not have before, in their order.

        ``k3-1f5`` colours three characters (UTF-16 code units) as a keyword, none of the next, and five as a
        name; what is left has no colour. ``>2`` at the end: state 2 is next; each program begins in state 0.
        None: the line was not coloured, since it is too long or there were too many.
        """
        found: list[str | None] = []
        numbers = {_ROOT: 0}
        # By state: the state after each line that was met.
        known: dict[_State, dict[str, _State]] = {}
        for program in programs:
            state = _ROOT
            lines = known.setdefault(state, {})
            for line in program.split("\n"):
                after = lines.get(line)
                if after is None:
                    runs, after = self._line(state, line)
                    lines[line] = after
                    number = numbers.setdefault(after, len(numbers))
                    found.append(runs if runs is None or after == state else f"{runs}>{number}")
                if after != state:
                    state, lines = after, known.setdefault(after, {})
        return found

    def _line(self, state: _State, line: str) -> tuple[str | None, _State]:
        if len(line) > min(_MOST_CHARS_OF_LINE, self._left_chars):
            return None, state
        self._left_chars -= len(line)
        return _coloured(state, line)


# So many lines that the cards of one problem and the same report, written again, find theirs.
@lru_cache(maxsize=2**16)
def _coloured(state: _State, line: str) -> tuple[str, _State]:
    # Imported late: only what writes a page pays for it.
    from pygments.lexer import LexerContext

    context = LexerContext(f"{line}\n", 0, list(state), len(line) + 1)
    runs = "".join(f"{letter}{length}" for letter, length in _runs(line, context))
    return runs, tuple(context.stack)


@cache
def _lexer() -> Any:  # noqa: ANN401 (Pygments has no types)
    """Return Python's lexer, as one that begins in a given state and tells in which it ends."""
    from pygments.lexer import ExtendedRegexLexer
    from pygments.lexers.python import PythonLexer

    class Lexer(ExtendedRegexLexer, PythonLexer):  # type: ignore[misc]
        name = aliases = None

    return Lexer()


def _runs(line: str, context: Any) -> Iterator[tuple[str, int]]:  # noqa: ANN401 (as above)
    """Yield the colour and the length of each piece, without the last ones that have no colour."""
    letter, length = _NO_COLOUR, 0
    for position, kind, text in _lexer().get_tokens_unprocessed(context=context):
        own = _letter(kind)
        # A space between two words of one colour has it too: that makes one piece of three.
        if own != letter and not text.isspace():
            if length:
                yield letter, length
            letter, length = own, 0
        length += utf16_units(line[position : position + len(text)])
    if letter != _NO_COLOUR:
        yield letter, length


@cache
def _letter(kind: object) -> str:
    name = f"{kind}."
    return next(
        (letter for parent, letter in _LETTERS.items() if name.startswith(f"Token.{parent}.")), _NO_COLOUR
    )


def utf16_units(text: str) -> int:
    """Return the length of a text as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
