"""The errors of this package. A wrong answer is none of them: it is a verdict.

HumanEvalError
├── ConfigError     the user's file or flag is wrong; nothing has run
├── ProviderError   the provider as a whole cannot give completions; nothing is scored
├── SandboxError    the sandbox as a whole cannot give verdicts; nothing is scored
├── StoreError      completions can be neither read nor kept any more; what is known already still counts
└── TuningError     the training of a soft prompt cannot go on; its checkpoints so far are good
"""


class HumanEvalError(Exception):
    """Base of every error this package raises on purpose; its text is one line for a person."""


class ConfigError(HumanEvalError):
    """A configuration or input file, or a flag, cannot be used.

    The text names where (file, key or line), what was found and what to write instead.
    """


class ProviderError(HumanEvalError):
    """No completions can be had at all, so nothing is scored (server down, engine not installed)."""


class SandboxError(HumanEvalError):
    """No verdicts can be had at all, so nothing is scored (no process can be started)."""


class StoreError(HumanEvalError):
    """The completion store gave out during the run; completions already had are as good as before."""


class TuningError(HumanEvalError):
    """The training of a soft prompt cannot go on; checkpoints written before are as good as ever."""
