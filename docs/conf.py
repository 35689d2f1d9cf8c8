"""The documentation site: Sphinx with MyST Markdown; ``sphinx-build -W --keep-going -n -b html docs docs/_build/html``."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "pytest-humaneval"
author = "The pytest-humaneval authors"
copyright = author  # noqa: A001 (Sphinx's name)
release = metadata.version(project)

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]

# A copy of an example is what a reader types, without the prompts and without the output.
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
html_theme = "furo"
html_title = f"{project} {release}"

# "--" in text stays what it is.
smartquotes = False

# Links such as options.md#--humaneval-n are GitHub's, and are checked here too.
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_use_ivar = True

# What signatures name and has no page: Python's own types, libraries', and internal records of this package, whose
# fields the pages of the reference tell in words. Without their inventories, which a build would have to download,
# Sphinx cannot know them.
nitpick_ignore_regex = [
    ("py:.*", r"(builtins|collections|datetime|enum|fractions|pathlib|typing)\..*"),
    ("py:.*", r"(pandas|pd)\..*"),
    ("py:.*", r"pytest_humaneval\.(core|api|evaluation)\..*"),
    # Docstrings name an error without its module.
    ("py:exc", r"\w+Error"),
]

_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)#]+)(?:#[^)]*)?\)")


def name_files_of_the_repository(app: Sphinx, document: str, source: list[str]) -> None:
    """Replace links that lead out of docs/ by the name of the file, which the site does not have."""
    folder, docs = (Path(app.srcdir) / document).parent, Path(app.srcdir)

    def named(found: re.Match[str]) -> str:
        target = (folder / found[2]).resolve()
        if target.is_relative_to(docs):
            return found[0]
        path = target.relative_to(docs.parent).as_posix()
        return found[1] if path in found[1] else f"{found[1]} (`{path}`)"

    source[0] = _LINK.sub(named, source[0])


def setup(app: Sphinx) -> None:
    """Connect what this file adds."""
    app.connect("source-read", name_files_of_the_repository)
