"""The pipelines that the page on CI has readers copy are valid by the schemas of GitHub and GitLab."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "ci_gate.md"


@pytest.mark.parametrize(
    ("block", "schema"), [("workflow", "vendor.github-workflows"), ("gitlab", "vendor.gitlab-ci")]
)
def test_the_pipeline_is_valid(block: str, schema: str, tmp_path: Path) -> None:
    """By the copy of the schema that check-jsonschema comes with."""
    found = re.search(rf"<!-- ci: {block} -->\n```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    (tmp_path / "pipeline.yml").write_text(found[1])

    command = ("check_jsonschema", "--builtin-schema", schema, "pipeline.yml")
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
