"""An experiment with all that its names stand for: the strategy, the post-processing, the model's content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_humaneval.core.config.adapter import Adapter
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.repair_template import RepairTemplate
from pytest_humaneval.core.config.strategy import Strategy
from pytest_humaneval.core.extraction import Step, extract, format_steps
from pytest_humaneval.core.problem import Problem, Stub
from pytest_humaneval.core.prompt_ending import with_prefill
from pytest_humaneval.core.records import Completion, Extraction, Message, Request
from pytest_humaneval.core.self_debugging import Failure


@dataclass(frozen=True)
class ResolvedExperiment:
    """An experiment with all that its names stand for.

    Attributes:
        experiment: the experiment.
        strategy: how a problem is put to the model; None where there is no model.
        steps: its post-processing.
        embedded: the model run in this process, or used to embed a server's prompts, its name looked up;
            None if there is none.
        model_sha256: the content of that model's folder; None where it is a name on the hub.
        adapter: what is put on the model; None if there is nothing.
        repair: how a failure is put to the model in a repair round; None where there are none.
    """

    experiment: Experiment
    strategy: Strategy | None
    steps: Sequence[str | Step]
    embedded: Embedded | None = None
    model_sha256: str | None = None
    adapter: Adapter | None = None
    repair: RepairTemplate | None = None

    @property
    def model(self) -> str:
        """What the store knows the model by: a folder by its content, which training in place changes."""
        if self.experiment.server is not None:
            return self.experiment.model
        name = self.experiment.model if self.model_sha256 is None else f"sha256:{self.model_sha256}"
        if self.experiment.added:
            # All of them, since only the plugin knows which ones change an answer.
            added = json.dumps(self.experiment.added, sort_keys=True, default=str)
            return f"{name} by {self.experiment.provider} {added}"
        if self.embedded is None:
            return name
        dtype, engine = self.embedded.dtype, self.embedded.engine
        name += "" if dtype == "auto" else f" in {dtype}"
        return name if engine == "embedded" else f"{name} by {engine} {dict(self.embedded.engine_args)}"

    def request(self, problem: Problem) -> Request:
        """Return what is sent for a problem; nothing but the model's name where there is no model."""
        experiment = self.experiment
        if self.strategy is None:
            return Request(self.model, experiment.api, (), experiment.sampling)
        request = self.strategy.render(problem, self.model, experiment.sampling, experiment.prompt_tail)
        return replace(
            request,
            messages=with_prefill(request.messages, experiment.assistant_prefill),
            adapter=self.adapter.sha256 if self.adapter else None,
            logprobs="likelihood" in experiment.select,
            extras=experiment.extras,
        )

    def follow_up(
        self, request: Request, answer: Completion, stub: Stub, failure: Failure, template: RepairTemplate
    ) -> Request:
        """Return what is sent after an answer that fails: the conversation so far, and the failure."""
        prefill, tail = self.experiment.assistant_prefill, self.experiment.prompt_tail
        asked = request.messages[:-1] if prefill else request.messages
        turn = Message("user", template.render(stub, failure.program, failure.text, tail))
        turns = (*asked, Message("assistant", self.whole(answer).text), turn)
        return replace(request, messages=with_prefill(turns, prefill))

    def may_score(self, problem: Problem) -> bool:
        """Whether a score on this problem is honest: an adapter may have been trained on it."""
        return self.adapter is None or self.adapter.may_score(problem)

    def whole(self, completion: Completion) -> Completion:
        """Return an answer with the prefill before it, which a server leaves out."""
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
