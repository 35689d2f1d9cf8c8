"""Training the vectors of a soft prompt, before a model whose weights are frozen.

The model is in evaluation mode (no dropout) and in the configured number format; the vectors, the loss and
the optimizer are in float32. No NaN and no infinity ever reaches the vectors.
"""

from __future__ import annotations

import inspect
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy

from pytest_humaneval.core.errors import ConfigError, TuningError
from pytest_humaneval.providers.embedded.loading import Loaded
from pytest_humaneval.tuning.batches import Batch
from pytest_humaneval.tuning.config import TuningConfig

# Loss scaling (Micikevicius et al. 2018, arXiv:1710.03740): keeps gradients above the least number of
# float16. A power of two, so that scaling rounds nothing.
_FLOAT16_SCALE = 1024.0


@dataclass(frozen=True)
class TrainingStep:
    """The figures of one step.

    Attributes:
        loss: mean cross entropy of the labels before the step, in nats.
        gradient_norm: Euclidean norm of the gradient before clipping.
    """

    loss: float
    gradient_norm: float


class TrainablePrompt:
    """A soft prompt in training.

    Attributes:
        vectors: (virtual tokens, width), float32.
        optimizer: AdamW over them.
    """

    def __init__(self, loaded: Loaded, config: TuningConfig) -> None:
        """Start with the embeddings of random tokens or of a text, as configured.

        Raises:
            ConfigError: the text has no token.
        """
        self._model, self._config = loaded.model, config
        self._model.requires_grad_(requires_grad=False)
        self._embed = self._model.get_input_embeddings()
        self._scale = _FLOAT16_SCALE if self._embed.weight.dtype == torch.float16 else 1.0
        # Where an architecture can, it computes no logits for the prompts, which have no labels.
        self._takes_fewer_logits = "logits_to_keep" in inspect.signature(self._model.forward).parameters
        tokens = torch.tensor(_first_tokens(loaded, config), device=self._model.device)
        self.vectors = torch.nn.Parameter(self._embed(tokens).detach().float())
        self.optimizer = torch.optim.AdamW(
            [self.vectors], config.learning_rate, weight_decay=config.weight_decay
        )

    def step(self, batches: Sequence[Batch], learning_rate: float) -> TrainingStep:
        """Make one step of the optimizer by the gradient over some batches; return loss and gradient norm.

        Raises:
            TuningError: loss or gradient is not finite; the vectors are as before.
        """
        self.optimizer.zero_grad()
        # Divided by the labels of all batches: each token counts alike, however batches are split.
        labels = sum(batch.label_count for batch in batches)
        loss = 0.0
        for batch in batches:
            part = self._loss_sum(batch) / labels
            self._check("loss", part, batch)
            # Batch by batch, so that the activations of only one are held in memory; gradients add up.
            (part * self._scale).backward()
            self._check("gradient", self.vectors.grad, batch)
            loss += part.item()
        self.vectors.grad /= self._scale
        norm = torch.nn.utils.clip_grad_norm_([self.vectors], self._config.max_gradient_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()
        return TrainingStep(loss, norm.item())

    def mean_loss(self, batches: Sequence[Batch]) -> float:
        """Return the mean cross entropy of the batches' labels, in nats; the vectors stay as they are.

        Raises:
            TuningError: it is not finite.
        """
        total = 0.0
        with torch.no_grad():
            for batch in batches:
                loss = self._loss_sum(batch)
                self._check("validation loss", loss, batch)
                total += loss.item()
        return total / sum(batch.label_count for batch in batches)

    def _loss_sum(self, batch: Batch) -> torch.Tensor:
        """Return the sum of the labels' cross entropy, in nats, float32."""
        device, virtual = self._model.device, len(self.vectors)
        # (batch, tokens, width)
        embedded = self._embed(torch.tensor(batch.tokens, device=device))
        head = self.vectors.to(embedded.dtype).expand(len(batch.tokens), -1, -1)
        is_real = torch.tensor(batch.is_real, device=device)
        # (batch, virtual + tokens)
        mask = torch.cat([is_real.new_ones(len(is_real), virtual), is_real], 1)
        logits = self._logits(torch.cat([head, embedded], 1), mask.long(), batch)
        labels = [row[-logits.shape[1] :] for row in batch.labels]
        counts = torch.tensor([[label is not None for label in row] for row in labels], device=device)
        targets = torch.tensor([label for row in labels for label in row if label is not None], device=device)
        # In float32: a sum over hundreds of tokens would be rounded too much in a format of 16 bits.
        return cross_entropy(logits[counts].float(), targets, reduction="sum")

    def _logits(self, embeddings: torch.Tensor, mask: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the logits for the token of each position from the first label on.

        Their shape is (batch, positions, vocabulary).
        """
        # A position's logits are about the token after it: hence one position more, and without the last one.
        first = min(next(i for i, label in enumerate(row) if label is not None) for row in batch.labels)
        kept = len(batch.tokens[0]) - first + 1
        options = {"logits_to_keep": kept} if self._takes_fewer_logits else {}
        output = self._model(inputs_embeds=embeddings, attention_mask=mask, use_cache=False, **options)
        return output.logits[:, -kept:-1]

    def _check(self, what: str, value: torch.Tensor, batch: Batch) -> None:
        if not torch.isfinite(value).all():
            found = f"{value.item()}" if value.numel() == 1 else "not finite"
            raise TuningError(f"the {what} is {found} in the batch of {', '.join(batch.task_ids)}")


def _first_tokens(loaded: Loaded, config: TuningConfig) -> list[int]:
    """Return the tokens whose embeddings are the vectors' initial values."""
    tokenizer, count = loaded.tokenizer, config.virtual_tokens
    if config.initialization_text is None:
        generator = random.Random(f"{config.seed}/vocabulary")  # noqa: S311 (no secret)
        special = set(tokenizer.all_special_ids)
        return generator.choices([token for token in range(len(tokenizer)) if token not in special], k=count)
    tokens = list(tokenizer(config.initialization_text, add_special_tokens=False).input_ids)
    if not tokens:
        raise ConfigError(f"initialization_text: {config.initialization_text!r} holds no token")
    # Repeated, and cut, to fill all vectors.
    return (tokens * math.ceil(count / len(tokens)))[:count]
