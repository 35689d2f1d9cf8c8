"""The API keys of servers, which are read from environment variables."""

from __future__ import annotations

import os

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.resolution import experiments_file


def is_key_missing(server: Server) -> bool:
    """Return whether the server's table names a variable for its API key that is not set, or empty."""
    return server.needs_key and not os.environ.get(server.api_key_env)


def check_api_keys(plan: Plan) -> None:
    """Refuse to send requests without a key where the experiments file names the key's variable.

    Raises:
        ConfigError: the variable is not set.
    """
    # Recorded samples need no server.
    if plan.recorded is not None:
        return
    for resolved in plan.experiments.values():
        server = resolved.experiment.server
        if server is not None and is_key_missing(server):
            raise ConfigError(
                f"{experiments_file(plan.settings)}, [servers.{server.name}], api_key_env: the environment "
                f"variable {server.api_key_env} is not set; set it to the server's API key, or leave "
                "api_key_env out for a server that needs none"
            )
