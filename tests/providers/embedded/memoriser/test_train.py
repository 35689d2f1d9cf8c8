"""Training the memoriser: it is repeatable, and uses the same token ids as engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from tests.support.engines import needs_engine

if TYPE_CHECKING:
    from pytest_humaneval.providers.embedded.memoriser.lessons import Lesson

pytestmark = needs_engine


@pytest.fixture(scope="module")
def learned() -> list[Lesson]:
    """Return all lessons."""
    from pytest_humaneval.providers.embedded.memoriser.train import lessons_of

    return lessons_of("memoriser")


def test_an_engine_sees_the_token_ids_of_the_training(learned: list[Lesson]) -> None:
    """The tokenizer as trained, as transformers loads it, and as its file alone describes it are the same."""
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer

    from pytest_humaneval.providers.embedded.memoriser.tokenizer import texts, train_tokenizer
    from pytest_humaneval.providers.embedded.memoriser.train import VOCABULARY, encode

    trained = train_tokenizer(texts(learned), VOCABULARY)
    loaded = AutoTokenizer.from_pretrained(MEMORISER_MODEL)
    bare = Tokenizer.from_file(str(MEMORISER_MODEL / "tokenizer.json"))

    assert [encode(lesson, trained) for lesson in learned] == [encode(lesson, loaded) for lesson in learned]
    corpus = texts(learned)
    assert [trained(text).input_ids for text in corpus] == [bare.encode(text).ids for text in corpus]
    assert corpus == [loaded.decode(loaded(text).input_ids) for text in corpus]


def test_training_lowers_the_loss_and_is_repeatable(learned: list[Lesson]) -> None:
    """The loss falls, and the same seed gives the same losses."""
    import torch
    from transformers import AutoTokenizer

    from pytest_humaneval.providers.embedded.memoriser.train import encode, make_model, train

    tokenizer = AutoTokenizer.from_pretrained(MEMORISER_MODEL)
    encoded = [encode(lesson, tokenizer) for lesson in learned[:8]]

    def losses(seed: int) -> list[float]:
        torch.manual_seed(seed)
        return [loss for _, loss in train(make_model(tokenizer), encoded, epochs=6, seed=seed)]

    first = losses(0)

    assert first[-1] < first[0] - 1
    assert first == losses(0)
    assert first != losses(1)
