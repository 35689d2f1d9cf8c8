"""Report to GitHub Actions: annotations of the workflow run, and a job summary in Markdown.

Sources: the pages "Workflow commands for GitHub Actions" and "Variables reference" of docs.github.com.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_humaneval.core.scoring.gate import Comparison, Decision, check_threshold
from pytest_humaneval.core.scoring.gate_score import gate_score
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.core.scoring.study import Study, studies_of
from pytest_humaneval.reports import study_table
from pytest_humaneval.reports.comparison_text import cautions, figures, verdict
from pytest_humaneval.reports.cost_text import cost_notes
from pytest_humaneval.reports.dataset_text import heading
from pytest_humaneval.reports.gate_text import base_lines, gate_line
from pytest_humaneval.reports.repair_text import repair_notes
from pytest_humaneval.reports.score_text import BASE, base_cell, score_cells
from pytest_humaneval.reports.selected_text import SELECTED, selected_cell, selected_notes
from pytest_humaneval.reports.visible import visible

_HEADINGS = (
    *("experiment", "dataset", "pass@1", BASE),
    *("95% interval", SELECTED, "passed", "outcomes", "against the baseline"),
)
_FLIPS_SHOWN = 50


@dataclass(frozen=True)
class GitHub:
    """The channels through which a step of a workflow reports.

    Attributes:
        summary: the file to which the job's summary is appended; None if there is none.
        token: the word that makes the runner obey commands again, after :attr:`stop_commands`.
    """

    summary: Path | None
    token: str

    # The runner reads commands anywhere in a job's output, so a completion or a candidate's output that is
    # shown there could forge annotations or mask text.
    @property
    def stop_commands(self) -> str:
        """The line after which the runner ignores commands, until a line with the token."""
        return f"::stop-commands::{self.token}"

    def write(self, session: SessionSummary) -> Iterable[str]:
        """Append the session to the job's summary, and return :meth:`annotations`.

        Raises:
            OSError: it cannot be written.
        """
        if self.summary is not None:
            with self.summary.open("a", encoding="utf-8") as out:
                out.write(visible(job_summary(session)))
        return self.annotations(session)

    def annotations(self, session: SessionSummary) -> Iterator[str]:
        """Yield the line that makes the runner obey commands again, then the commands for the annotations."""
        yield f"::{self.token}::"
        yield from commands(session)


def detect(environment: Mapping[str, str]) -> GitHub | None:
    """Return the channels to GitHub Actions if this process runs there; else None."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return None
    summary = environment.get("GITHUB_STEP_SUMMARY")
    # The token must not be guessable: whoever knows it can end the stop in the middle of the run.
    return GitHub(Path(summary) if summary else None, secrets.token_hex(16))


def commands(session: SessionSummary) -> Iterator[str]:
    """Yield a workflow command (an annotation) for everything that needs attention, and for the gate."""
    for run in session.runs:
        name, where = run.experiment.name, heading([run.dataset])
        if run.undecided:
            yield _command("warning", f"{where}: {name}", f"{run.undecided} samples have no verdict")
        floor, score = run.experiment.fail_under, gate_score(run)
        if floor is not None and check_threshold(run, floor) is Decision.FAILS:
            text = f"{score.name} is {score.value or 0.0:.1%}, below the floor of {floor:.1%}"
            yield _command("error", f"{where}: {name}", text)
        if comparison := session.comparisons.get(name):
            yield from _compared(f"{where}: {name}", comparison)
    if session.decision is not None:
        level = {Decision.HOLDS: "notice", Decision.FAILS: "error", Decision.UNDECIDED: "error"}
        yield _command(level[session.decision], _title(session), gate_line(session))


def job_summary(session: SessionSummary) -> str:
    """Return the session in Markdown: a table, the flips, the gate."""
    lines = [f"## {_cell(_title(session))}", "", *_table(session), ""]
    lines += [line for run in session.runs for each in _notes(run) for line in (_cell(each), "")]
    for name, comparison in session.comparisons.items():
        lines += [*_details(name, comparison), ""]
    for study in studies_of(session.runs):
        lines += [*_study(study), ""]
    if session.decision is not None:
        lines += [f"**{_cell(gate_line(session))}**", ""]
        lines += [line for each in base_lines(session.runs) for line in (_cell(each), "")]
    return "\n".join(lines) + "\n"


def _study(study: Study) -> Iterator[str]:
    yield from (f"**{_cell(study_table.title(study))}**", "")
    headings = study_table.headings(study)
    yield f"| {' | '.join(headings)} |"
    yield f"| {' | '.join('---' for _ in headings)} |"
    yield from (f"| {' | '.join(map(_cell, study_table.cells(effect)))} |" for effect in study.effects)
    yield ""
    yield from (f"- {_cell(line)}" for line in study_table.conclusions(study))


def _notes(run: Run) -> Iterator[str]:
    yield from repair_notes(run)
    yield from cost_notes(run)
    yield from selected_notes(run)


def _compared(where: str, comparison: Comparison) -> Iterator[str]:
    text = "\n".join([f"{verdict(comparison)}: {figures(comparison)}", *cautions(comparison)])
    level = "error" if comparison.decision is Decision.FAILS else "notice"
    yield _command("warning" if any(cautions(comparison)) and level == "notice" else level, where, text)


def _command(level: str, title: str, message: str) -> str:
    """Return a workflow command, with its title and message escaped."""
    # As in @actions/core: in a property ":" and "," are separators, in a message they are text.
    title = _escaped(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={title}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _title(session: SessionSummary) -> str:
    return heading(run.dataset for run in session.runs)


def _table(session: SessionSummary) -> Iterator[str]:
    """Yield the lines of the table; scores and datasets that there are have a column."""
    rows = [_row(run, session) for run in session.runs]
    left_out = set()
    if len({run.dataset for run in session.runs}) < 2:
        left_out.add("dataset")
    if not any(run.has_base_tests for run in session.runs):
        left_out.add(BASE)
    if not any(run.selected_figures for run in session.runs):
        left_out.add(SELECTED)
    shown = [name for name in _HEADINGS if name not in left_out]
    yield f"| {' | '.join(shown)} |"
    yield f"| {' | '.join('---' for _ in shown)} |"
    yield from (f"| {' | '.join(_cell(row[name]) for name in shown)} |" for row in rows)


def _row(run: Run, session: SessionSummary) -> dict[str, str]:
    comparison = session.comparisons.get(run.experiment.name)
    score, interval, passed = score_cells(run)
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in run.outcomes.items())
    change = f"{100 * comparison.delta:+.1f} points, {verdict(comparison)}" if comparison else "-"
    scores = (score, base_cell(run), interval, selected_cell(run))
    cells = (run.experiment.name, run.dataset, *scores, passed, outcomes, change)
    return dict(zip(_HEADINGS, cells, strict=True))


def _details(name: str, comparison: Comparison) -> Iterator[str]:
    yield f"**{_cell(name)}**: {_cell(verdict(comparison))}: {_cell(figures(comparison))}"
    for word, flips in (("gained", comparison.gained), ("lost", comparison.lost)):
        if flips:
            rest = f" and {len(flips) - _FLIPS_SHOWN} more" if len(flips) > _FLIPS_SHOWN else ""
            yield f"- {word}: {_cell(', '.join(flips[:_FLIPS_SHOWN]))}{rest}"
    yield from (f"- {_cell(caution)}" for caution in cautions(comparison))


def _cell(text: str) -> str:
    """Return a text on one line, escaped so that Markdown shows it letter by letter."""
    # Names of experiments and models come from files: one with "|" or "<" must not break the table or open an
    # element.
    for special in "\\`*_{}[]<>|#":
        text = text.replace(special, f"\\{special}")
    return " ".join(text.split())
