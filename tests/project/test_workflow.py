"""The workflow file in the README is valid by GitHub's schema."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def test_the_workflow_is_valid(tmp_path: Path) -> None:
    """By the copy of the schema that check-jsonschema comes with."""
    found = re.search(
        r"<!-- ci: workflow -->\n```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found
    (tmp_path / "humaneval.yml").write_text(found[1])

    command = ("check_jsonschema", "--builtin-schema", "vendor.github-workflows", "humaneval.yml")
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
