"""The training's curve of an adapter in the reports of the runs that use it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.training_curve import training_metrics
from tests.support.adapters import CURVE
from tests.support.pages import write_page
from tests.support.records_made import run_of


def tuned() -> Run:
    """Return a run whose manifest has an adapter with a curve."""
    curve = [{key: value for key, value in asdict(point).items() if value is not None} for point in CURVE]
    adapter = {"name": "out", "method": "lora", "card": {"trained_on": [], "curve": curve}}
    return replace(run_of("+-"), manifest={"adapter": adapter})


def test_the_page_draws_it_and_says_it_in_numbers(tmp_path: Path) -> None:
    """A figure of its own, named for a screen reader; the manifest's table leaves the points out."""
    page = write_page(tmp_path, tuned()).read_text(encoding="utf-8")

    assert 'aria-label="one: loss in its adapter&#39;s training, in nats for each token, by step"' in page
    for line in ("training, step 1: 5.500", "training, step 2: 4.250", "validation, step 2: 4.500"):
        assert f"<li>{line}</li>" in page
    assert "learning_rate" not in page


def test_a_page_without_an_adapter_has_none(tmp_path: Path) -> None:
    """Nor one whose adapter came without a card."""
    for manifest in ({}, {"adapter": {"name": "out", "card": None}}):
        run = replace(run_of("+-"), manifest=manifest)
        assert "nats for each token" not in write_page(tmp_path, run).read_text(encoding="utf-8")


def test_mlflow_gets_each_point_with_its_step() -> None:
    """Loss, validation loss and learning rate."""
    assert list(training_metrics(tuned())) == [
        ("training.loss", 5.5, 1),
        ("training.learning_rate", 0.1, 1),
        ("training.loss", 4.25, 2),
        ("training.learning_rate", 0.05, 2),
        ("training.validation_loss", 4.5, 2),
    ]
