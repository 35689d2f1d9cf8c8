"""The command ``html``: an HTML report from JSON reports that exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path

from pytest_humaneval.api.datasets import dataset_file
from pytest_humaneval.api.report_files import read_report
from pytest_humaneval.api.run import Run
from pytest_humaneval.core.datasets import (
    HUMANEVAL_SHA256,
    Dataset,
    find_local_file,
    read_dataset,
    release_of,
)
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.reports.cautions import run_notes
from pytest_humaneval.reports.failure_card import FailureCard
from pytest_humaneval.reports.json_report_reader import described

PrintLine = Callable[[str], None]


def run_html(
    reports: Iterable[Path], html: Path, datasets: Sequence[str | Path], print_line: PrintLine
) -> int:
    """Write one HTML report of all experiments of these reports.

    Args:
        reports: JSON reports; experiments of the same name have the file's path added.
        html: the file to write.
        datasets: names or files of datasets that the problems' prompts are read from, where they cannot be
            found by the reports alone.
        print_line: prints a line.

    Returns:
        0.

    Raises:
        ConfigError: a report cannot be read, they have no experiment, or the page cannot be written.
    """
    paths = list(dict.fromkeys(reports))
    runs = [(path, run) for path in paths for run in read_report(path).values()]
    if not runs:
        raise ConfigError(f"{', '.join(map(str, paths))}: no experiment in it; name a report of a run")
    names = [run.name for _, run in runs]
    distinct = [run if names.count(run.name) == 1 else renamed(run, str(path)) for path, run in runs]
    write_runs(html, distinct, paths, datasets, print_line)
    return 0


def renamed(run: Run, addition: str) -> Run:
    """Return the run with an addition to its name, so that another of that name is distinct."""
    place = run.experiment.place
    own = replace(place, study=f"{place.study} ({addition})") if place else None
    return replace(run, experiment=replace(run.experiment, name=f"{run.name} ({addition})", place=own))


def write_runs(
    html: Path,
    runs: Sequence[Run],
    inputs: Iterable[Path],
    named: Sequence[str | Path],
    print_line: PrintLine,
    comparisons: Mapping[str, Comparison] | None = None,
    gate: str | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Write the HTML report of runs that were read from reports, and print where it is.

    Raises:
        ConfigError: the dataset cannot be read, or the page cannot be written.
    """
    # Imported late: only the page needs it.
    from pytest_humaneval.reports.html.report import Page, write

    datasets = [read_dataset(dataset_file(each)) for each in named]
    datasets += _found(runs, {dataset.sha256 for dataset in datasets})
    all_notes = [*notes, *(line for run in runs for line in run_notes(run)), *_unknown(runs, datasets)]
    page = Page(runs, comparisons or {}, _card_maker(runs, datasets), gate, all_notes)
    print_line(write_file(html, lambda: write(html, page), inputs))


def write_file(path: Path, write: Callable[[], None], inputs: Iterable[Path]) -> str:
    """Have ``write`` write a page, over none of the reports that it is made of, and return where it is.

    Raises:
        ConfigError: it is one of them, or cannot be written.
    """
    if any(path.resolve() == report.resolve() for report in inputs):
        raise ConfigError(f"{path}: a report that is read is not overwritten; name another file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); name another file") from error
    return f"HTML report: {path.resolve().as_uri()}"


def _found(runs: Iterable[Run], known: Set[str]) -> Iterator[Dataset]:
    """Yield the datasets of the runs that this machine has: HumanEval, and those that a name stands for."""
    for sha256 in dict.fromkeys(run.dataset_sha256 for run in runs):
        if sha256 in known:
            continue
        if sha256 == HUMANEVAL_SHA256:
            yield read_dataset()
        elif (release := release_of(sha256)) and (file := find_local_file(release)):
            yield read_dataset(file)


def _unknown(runs: Iterable[Run], datasets: Iterable[Dataset]) -> Iterator[str]:
    known = {dataset.sha256 for dataset in datasets}
    for run in runs:
        if run.dataset_sha256 not in known:
            which = described(run.dataset, run.dataset_sha256)
            yield (
                f"{run.name}: its dataset ({which}) is not known here, so its "
                "problems are shown without prompt and test; name it, or its file, with --dataset"
            )


def _card_maker(
    runs: Sequence[Run], datasets: Iterable[Dataset]
) -> Callable[[str, ProblemResult], FailureCard]:
    """Return what makes the cards: with the problem where its dataset is known, without commands.

    A report does not have the experiments file, so the command that runs a problem again is unknown.
    """
    run_of = {run.name: run for run in runs}
    problems = {(each.sha256, problem.task_id): problem for each in datasets for problem in each.problems}

    def make_card(experiment: str, result: ProblemResult) -> FailureCard:
        unknown = Problem(result.task_id, "", result.entry_point, "", "")
        run = run_of[experiment]
        problem = problems.get((run.dataset_sha256, result.task_id), unknown)
        return FailureCard(experiment, problem, (), result, rerun="", debug="", dataset=run.dataset)

    return make_card
