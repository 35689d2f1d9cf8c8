"""An experiment with all that its names stand for: the strategy, the post-processing, the model's content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.soft_prompt_card import SoftPrompt, read_soft_prompt
from pytest_humaneval.core.config.strategy import Strategy
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction import Step, extract, format_steps
from pytest_humaneval.core.prompt_ending import with_prefill, with_tail
from pytest_humaneval.core.records import Completion, Extraction, Problem, Request, Stub
from pytest_humaneval.memoriser import MODEL as MEMORISER
from pytest_humaneval.providers.embedded.model_folder import check_folder, content_sha256, find_folder


@dataclass(frozen=True)
class Assignment:
    """An experiment with all that its names stand for.

    Attributes:
        experiment: the experiment.
        strategy: how a problem is put to the model; None where no model is asked.
        steps: its post-processing.
        embedded: the model run in this process, or used to embed a server's prompts, its name looked up;
            None if there is none.
        model_sha256: the content of that model's folder; None where it is a name on the hub.
        soft_prompt: what is put before every prompt; None if there is nothing.
    """

    experiment: Experiment
    strategy: Strategy | None
    steps: Sequence[str | Step]
    embedded: Embedded | None = None
    model_sha256: str | None = None
    soft_prompt: SoftPrompt | None = None

    @property
    def model(self) -> str:
        """What the store knows the model by: a folder by its content, which training in place changes."""
        if self.experiment.server is not None:
            return self.experiment.model
        name = self.experiment.model if self.model_sha256 is None else f"sha256:{self.model_sha256}"
        if self.embedded is None:
            return name
        dtype, engine = self.embedded.dtype, self.embedded.engine
        name += "" if dtype == "auto" else f" in {dtype}"
        return name if engine == "embedded" else f"{name} by {engine} {dict(self.embedded.engine_args)}"

    def request(self, problem: Problem) -> Request:
        """Return what is sent for a problem; nothing but the model's name where no model is asked."""
        experiment = self.experiment
        if self.strategy is None:
            return Request(self.model, experiment.api, (), experiment.sampling)
        ending = replace(problem, prompt=with_tail(problem.prompt, experiment.prompt_tail))
        request = self.strategy.render(ending, self.model, experiment.sampling)
        return replace(
            request,
            messages=with_prefill(request.messages, experiment.assistant_prefill),
            soft_prompt=self.soft_prompt.card.weights_sha256 if self.soft_prompt else None,
        )

    def may_score(self, task_id: str) -> bool:
        """Whether a score on this problem is honest: a soft prompt may have been trained on it."""
        return self.soft_prompt is None or self.soft_prompt.card.may_score(task_id)

    def whole(self, completion: Completion) -> Completion:
        """Return an answer with the words that were put into the assistant's mouth, which it leaves out."""
        if completion.form != "raw" or not self.experiment.assistant_prefill:
            return completion
        return replace(completion, text=self.experiment.assistant_prefill + completion.text)

    def extract(self, completion: Completion, stub: Stub) -> Extraction:
        """Return the program found in an answer."""
        return extract(self.whole(completion), stub, self.steps)

    def extract_unrepaired(self, completion: Completion, stub: Stub) -> Extraction:
        """Return the program found in an answer by the steps that are blind to the problem."""
        return extract(self.whole(completion), stub, format_steps(self.steps))

    @property
    def repairs(self) -> bool:
        """Whether a step of the post-processing changes what the code does."""
        return len(format_steps(self.steps)) < len(self.steps)


def with_soft_prompt(assignment: Assignment, seen_from: Path) -> Assignment:
    """Read the card of the experiment's soft prompt, if it has one.

    Raises:
        ConfigError: it, seen from ``seen_from``, is not there or not whole.
    """
    experiment = assignment.experiment
    if experiment.soft_prompt is None:
        return assignment
    try:
        path = (seen_from / Path(experiment.soft_prompt).expanduser()).resolve()
        return replace(assignment, soft_prompt=read_soft_prompt(path))
    except ConfigError as error:
        raise ConfigError(f'experiment "{experiment.name}", soft_prompt: {error}') from error


def with_model(assignment: Assignment, seen_from: Path) -> Assignment:
    """Look up the model that runs in this process, if the experiment has one.

    Raises:
        ConfigError: its folder, seen from ``seen_from``, is not there or not whole; or the soft prompt was
            trained with another one.
    """
    soft_prompt = assignment.soft_prompt
    embedded = assignment.experiment.embedded
    if embedded is None and soft_prompt is not None:
        embedded = Embedded(soft_prompt.card.model, device="cpu")
    if embedded is None:
        return assignment
    try:
        found, sha256 = look_up(embedded, seen_from)
        if soft_prompt is not None:
            soft_prompt.card.check_model(embedded.model, sha256)
    except ConfigError as error:
        raise ConfigError(f'experiment "{assignment.experiment.name}", model: {error}') from error
    return replace(assignment, embedded=found, model_sha256=sha256)


def look_up(embedded: Embedded, seen_from: Path) -> tuple[Embedded, str | None]:
    """Return a model with its folder for a name, and the folder's content; a name on the hub as it is.

    Raises:
        ConfigError: its folder, seen from ``seen_from``, is not there or not whole.
    """
    folder = _model_folder(embedded, seen_from)
    if folder is None:
        return embedded, None
    return replace(embedded, model=str(folder)), content_sha256(folder)


def _model_folder(embedded: Embedded, seen_from: Path) -> Path | None:
    if embedded.model == "memoriser":
        check_folder(MEMORISER)
        return MEMORISER
    return find_folder(embedded.model, seen_from)
