"""The way in which a model's completions are generated side by side."""

from __future__ import annotations

from transformers import PreTrainedModel

from pytest_humaneval.providers.embedded.continuous_batch import ContinuousBatch
from pytest_humaneval.providers.embedded.prefix import Prefix
from pytest_humaneval.providers.embedded.row_support import can_be_computed_by_rows
from pytest_humaneval.providers.embedded.whole_batch import WholeBatch


def batch_for(model: PreTrainedModel, prefix: Prefix, batch_size: int) -> ContinuousBatch | WholeBatch:
    """Return the faster way where the model allows it, else the one that is for every model.

    Args:
        model: a model of transformers.
        prefix: what it sees before every prompt.
        batch_size: completions side by side, at most.

    Raises:
        ProviderError: the model cannot be used with such a prefix.
    """
    kind = ContinuousBatch if can_be_computed_by_rows(model) else WholeBatch
    return kind(model, prefix, batch_size)
