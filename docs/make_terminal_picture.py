"""Draws docs/images/terminal.svg: what a terminal shows after a real run, as at the end of the tutorial.

    python docs/make_terminal_picture.py --environment .venv

The environment has the package and the extra "embedded". Needs pyte, of the extra "dev".
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from pyte.screens import Char
from run_tutorial import PAGE, ROOT, variables_of, write
from terminal import rows_of, run_on_terminal
from tutorial_page import File, steps

PICTURE = ROOT / "docs" / "images" / "terminal.svg"
FIRST = "pytest --humaneval-experiment=plain --humaneval-report=plain.json --tb=no"
SHOWN = "pytest --humaneval-experiment=key --humaneval-baseline=plain.json --humaneval-fail-under=90%"
COLUMNS = 100

# In pixels. The width of a character is that of common monospaced fonts, 0.6 of their size; textLength
# holds every font to it.
_SIZE, _WIDTH, _HEIGHT, _MARGIN, _BAR = 14, 8.4, 19, 18, 34
_COLOURS = {
    "default": "#d6dbe4",
    "red": "#ff7a85",
    "green": "#7fd88f",
    "brown": "#e8c56b",
    "blue": "#7fb4ff",
    "magenta": "#d9a0ff",
    "cyan": "#6fd3e0",
    "white": "#ffffff",
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--environment", type=Path, required=True, help="an environment with the package")
    environment = variables_of(parser.parse_args().environment)
    with tempfile.TemporaryDirectory(prefix="picture-") as made:
        folder = Path(made).resolve() / "prompts"
        for step in steps(PAGE.read_text("utf-8")):
            if isinstance(step, File):
                write(step, folder)
        run_on_terminal(FIRST, folder, environment)
        _, screen = run_on_terminal(SHOWN, folder, environment, COLUMNS)
    prompt = [Char("$", fg="green"), Char(" "), *map(Char, SHOWN)]
    # The header names this machine's folders and plugins.
    kept = [row for row in rows_of(screen) if not _text(row).startswith(("rootdir:", "plugins:", "platform"))]
    rows = [line for row in [prompt, *kept] for line in _broken(row)]
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(rows), "utf-8")
    print(f"{PICTURE.relative_to(ROOT)}: {len(rows)} lines, {PICTURE.stat().st_size / 1000:.0f} kB")


def drawn(rows: Sequence[Sequence[Char]]) -> str:
    """Return an SVG picture of a window with these rows."""
    width, height = COLUMNS * _WIDTH + 2 * _MARGIN, _BAR + len(rows) * _HEIGHT + _MARGIN
    dots = "".join(
        f'<circle cx="{_MARGIN + 4 + 20 * place}" cy="{_BAR / 2:g}" r="6" fill="{colour}"/>'
        for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    lines = "\n".join(
        f'<text y="{_BAR + number * _HEIGHT + _SIZE:g}">{"".join(_spans(row))}</text>'
        for number, row in enumerate(rows)
        if _text(row).strip()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">\n'
        f"<title>{escape(SHOWN)}</title>\n"
        f'<rect width="{width:g}" height="{height:g}" rx="10" fill="#161a22" stroke="#596273"/>\n{dots}\n'
        f"<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" "
        f'font-size="{_SIZE}">\n{lines}\n</g>\n</svg>\n'
    )


def _broken(row: Sequence[Char]) -> list[Sequence[Char]]:
    """Return a row as the lines that a terminal makes of it."""
    return [row[start : start + COLUMNS] for start in range(0, max(1, len(row)), COLUMNS)]


def _spans(row: Sequence[Char]) -> Iterator[str]:
    """Yield the parts of a row that look alike, each at its own place."""
    place = 0
    for (colour, is_bold), cells in groupby(row, key=lambda cell: (cell.fg, cell.bold)):
        # Of several plain blanks an SVG shows one.
        text = "".join(cell.data for cell in cells).replace(" ", "\N{NO-BREAK SPACE}")
        if text.strip():
            weight = ' font-weight="bold"' if is_bold else ""
            yield (
                f'<tspan x="{_MARGIN + place * _WIDTH:g}" textLength="{len(text) * _WIDTH:g}" '
                f'fill="{_colour(colour)}"{weight}>{escape(text)}</tspan>'
            )
        place += len(text)


def _colour(name: str) -> str:
    """Return a colour by pyte's name of it, or by the six hex digits that it gives for others."""
    known = _COLOURS.get(name.removeprefix("bright"))
    return known or (f"#{name}" if len(name) == 6 else _COLOURS["default"])


def _text(row: Sequence[Char]) -> str:
    return "".join(cell.data for cell in row)


if __name__ == "__main__":
    main()
