"""Stop sequences that are cut at on this side of the server."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.records import Completion
from pytest_humaneval.core.stops import cut_at_stops, sent_stops


def test_a_text_ends_before_its_first_stop_sequence() -> None:
    """The earliest in the text counts, not the first in the list; the rest of the text is gone."""
    completion = Completion("return 1\nprint(2)\ndef f", "length")

    assert Completion("return 1", "stop") == cut_at_stops(completion, ["\ndef", "\nprint"])


@pytest.mark.parametrize("stops", [[], ["\nclass"], [""]])
def test_a_text_without_a_stop_sequence_stays(stops: list[str]) -> None:
    """Text and finish reason are the server's."""
    completion = Completion("return 1\nprint(2)", "length")

    assert completion == cut_at_stops(completion, stops)


def test_no_more_are_sent_than_the_server_takes() -> None:
    """The first four of five."""
    assert sent_stops(["a", "b", "c", "d", "e"]) == ("a", "b", "c", "d")


def test_a_stop_sequence_that_another_begins_with_is_sent_alone() -> None:
    """What the shorter one has stopped leaves the longer one nothing to do."""
    assert sent_stops(["\ndef main", "\ndef", "#", "#"]) == ("\ndef", "#")
