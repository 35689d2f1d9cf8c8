"""The API keys of servers and the secrets of headers, which are read from environment variables."""

from __future__ import annotations

import os

from pytest_humaneval.core.config.extra_headers import missing_variables
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.resolution import experiments_file


def is_key_missing(server: Server) -> bool:
    """Return whether the server's table names a variable for its API key that is not set, or empty."""
    return server.needs_key and not os.environ.get(server.api_key_env)


def check_api_keys(plan: Plan) -> None:
    """Refuse to send requests without a key or a header where the experiments file names its variable.

    Raises:
        ConfigError: the variable is not set.
    """
    # Recorded samples need no server.
    if plan.recorded is not None:
        return
    for name, resolved in plan.experiments.items():
        headers = resolved.experiment.extras.table("extra_headers")
        if missing := missing_variables(headers, os.environ):
            raise ConfigError(
                f'{experiments_file(plan.settings)}: experiment "{name}", extra_headers: the environment '
                f"variable {missing[0]} is not set; set it to what stands in the header for it"
            )
        server = resolved.experiment.server
        if server is not None and is_key_missing(server):
            raise ConfigError(
                f"{experiments_file(plan.settings)}, [servers.{server.name}], api_key_env: the environment "
                f"variable {server.api_key_env} is not set; set it to the server's API key, or leave "
                "api_key_env out for a server that needs none"
            )
