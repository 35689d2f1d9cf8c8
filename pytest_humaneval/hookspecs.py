"""Hooks for other plugins: what they may add to an evaluation, and what they may hear of it.

Implement any of them in a plugin or in the root's ``conftest.py``. What an implementation raises ends in one
line that names its plugin, and no result is lost by it. See docs/howto/writing_a_plugin.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_humaneval.core.records import Draw
    from pytest_humaneval.core.results import Sample
    from pytest_humaneval.core.scoring.run import Run
    from pytest_humaneval.evaluation.registry import Registry


@pytest.hookspec
def pytest_humaneval_register(registry: Registry) -> None:
    """Add providers, datasets, sandboxes, stores, reports and steps of post-processing.

    Called once in every process that evaluates (with pytest-xdist also in each worker), before
    experiments.toml is read, and only if an experiment is named.
    """


@pytest.hookspec
def pytest_humaneval_request(experiment: str, draw: Draw) -> None:
    """Hear of a completion that is about to be requested from a provider.

    Called once for each completion that no store has, before the first of them is sent, in the thread that
    generates.
    """


@pytest.hookspec
def pytest_humaneval_sample_judged(experiment: str, task_id: str, sample: Sample) -> None:
    """Hear of a sample that was judged.

    Called once for each sample, when its test item has ended, in the process that has the terminal.
    """


@pytest.hookspec
def pytest_humaneval_run_finished(run: Run) -> None:
    """Hear of an experiment that is finished, with all of its results.

    Called once for each experiment, at the end of the session, before the reports are written, in the process
    that has the terminal.
    """
