"""Pieces of Markdown that reads well on GitHub and in Sphinx."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

BANNER = "<!-- made by `python docs/make_reference.py`; do not edit -->"
"""The first line of a page that is made from the code."""


def page(title: str, *blocks: str) -> str:
    """Return a page: its title and its blocks, with an empty line between them."""
    return "\n\n".join([BANNER, f"# {title}", *(block.strip("\n") for block in blocks if block)]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a cell may hold any Markdown of one line."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Return text in code marks, whatever it holds."""
    marks = "``" if "`" in text else "`"
    return f"{marks}{' ' if '`' in text else ''}{text}{' ' if '`' in text else ''}{marks}"


def fence(text: str, language: str = "") -> str:
    """Return a block of code."""
    return f"```{language}\n{text.strip()}\n```"


def sentence(text: str) -> str:
    """Return text that begins with a capital letter and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"
