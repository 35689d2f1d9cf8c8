"""The tutorial's runner: it does what the page says, and notices where the page and a command differ."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("pyte", reason="needs pyte, of the extra dev")

from run_tutorial import FOLDER, PAGE, main
from tutorial_page import Command, File, is_as_shown, steps

SMALL = f"""\
<!-- environment -->
```console
$ exit 9
```

<!-- file: notes/one.txt -->
```toml
first
```

<!-- appended: notes/one.txt -->
```toml
second
```

```console
$ cat notes/one.txt; pwd; echo done; false
first
...
{FOLDER}
done
$ echo "$?, after 0.1 s"
1, after 0.2 s
```
"""
SCORES = """\
experiment  pass@1  95% interval   passed   tokens/s  candidates/s  wall   outcomes
mine        50.0%   42.4% - 57.6%  82/164   -         1,035         8.5 s  82 passed
=== 82 passed in 8.70s ==="""


@pytest.fixture
def follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the runner follow the page of the returned path, in the environment of the tests."""
    page = tmp_path / "page.md"
    monkeypatch.setattr(sys, "argv", ["run_tutorial", "--page", str(page), "--environment", sys.prefix])
    return page


def test_a_page_that_is_true_passes(follow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files are written and added to, commands share a folder and an exit status, times do not count."""
    follow.write_text(SMALL)

    assert main() == 0
    assert capsys.readouterr().out.endswith("page.md: 2 of 2 commands print what it shows\n")


@pytest.mark.parametrize(("true", "wrong"), [("first\n...", "fist\n..."), ("$?, after", "$?, before")])
def test_a_wrong_line_ends_with_a_diff(
    follow: Path, capsys: pytest.CaptureFixture[str], true: str, wrong: str
) -> None:
    """A line of an output, and a command that prints something else."""
    follow.write_text(SMALL.replace(true, wrong, 1))

    assert main() == 1
    assert "--- the page\n+++ printed\n" in capsys.readouterr().out


def test_an_installation_that_fails_ends_it(follow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command runs in whatever environment is there: without one that is given, the page's is made."""
    follow.write_text(SMALL)
    monkeypatch.setattr(sys, "argv", sys.argv[:-2])

    with pytest.raises(SystemExit, match="status 9 of: exit 9"):
        main()


def test_a_refresh_changes_what_is_wrong_alone(follow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is as it was before it was spoilt: with the lines that it leaves out, and its own times."""
    follow.write_text(SMALL.replace("done\n", "undone\n"))
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--refresh"])

    assert main() == 0
    assert follow.read_text() == SMALL


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        pytest.param(("8.5 s", "12.25 s"), False, id="wall time"),
        pytest.param(("8.70s", "68.70s (0:01:08)"), False, id="pytest's time"),
        pytest.param(("1,035 ", "9 "), False, id="rate"),
        pytest.param(("=== 82", "====== 82"), False, id="rule"),
        pytest.param(("50.0%", "50.1%"), True, id="score"),
        pytest.param(("82/164", "81/164"), True, id="passes"),
        pytest.param(("82 passed in", "82 failed in"), True, id="last line"),
    ],
)
def test_times_and_rates_may_differ_and_scores_may_not(change: tuple[str, str], counts: bool) -> None:
    """In the table of scores and in pytest's last line."""
    printed = SCORES.replace(*change)
    assert printed != SCORES

    assert is_as_shown(SCORES.split("\n"), printed.split("\n")) is not counts


def test_the_tutorial_has_steps() -> None:
    """The real page is read: it writes files, and shows the output of each command but the installation's."""
    found = list(steps(PAGE.read_text("utf-8")))

    assert {step.name for step in found if isinstance(step, File)} >= {"experiments.toml"}
    commands = [step for step in found if isinstance(step, Command)]
    assert len(commands) > 10
    assert [step.line for step in commands if not step.output and not step.is_environment] == []
