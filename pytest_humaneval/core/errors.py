"""The exceptions of this package. A wrong answer is not an exception: it is a verdict.

HumanEvalError
├── ConfigError     the user's file or flag is wrong; nothing has run
├── ProviderError   the provider as a whole cannot give completions; nothing is scored
├── SandboxError    the sandbox as a whole cannot give verdicts; nothing is scored
├── StepError       a step of post-processing failed on a text; that sample has no verdict
├── StoreError      completions can no longer be read or stored; those known already stay valid
└── TuningError     the training of an adapter cannot continue; its adapters so far stay valid
"""


class HumanEvalError(Exception):
    """Base class of every exception that this package raises on purpose; its message is one line."""


class ConfigError(HumanEvalError):
    """A configuration or input file, or a flag, cannot be used.

    The message says where (file, key or line), what was found and what to write instead.
    """


class ProviderError(HumanEvalError):
    """No completions are available at all, so nothing is scored (server down, engine not installed)."""


class SandboxError(HumanEvalError):
    """No verdicts are available at all, so nothing is scored (no process can be started)."""


class StepError(HumanEvalError):
    """A step of post-processing raised an exception, so what it was to make of a text is unknown."""


class StoreError(HumanEvalError):
    """The completion store failed during the run; completions received so far stay valid."""


class TuningError(HumanEvalError):
    """The training of an adapter cannot continue; those written so far stay valid."""
