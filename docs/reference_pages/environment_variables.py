"""The environment variables that are no twins of flags."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLES: Mapping[str, str] = {
    "OPENAI_API_KEY": "The API key of a server whose table has no `api_key_env`. It need not be set.",
    "HUMANEVAL_OVERRIDE_PATH": "evalplus's: the file of `humaneval+`.",
    "MBPP_OVERRIDE_PATH": "evalplus's: the file of `mbpp+`.",
    "HTTP_PROXY, HTTPS_PROXY, NO_PROXY": "Proxies of requests to servers.",
    "SSL_CERT_FILE": "OpenSSL's: a file of certificates by which a server's certificate is checked.",
    "RAY_ADDRESS": "Ray's: the cluster of `--humaneval-sandbox=ray`.",
    "MLFLOW_TRACKING_URI": "MLflow's: the server of `--humaneval-mlflow` without a value.",
    "MLFLOW_EXPERIMENT_NAME": "MLflow's: the experiment that runs are logged to; default `pytest-humaneval`.",
    "XDG_CACHE_HOME": "The folder of the user's caches on Linux, by default `~/.cache`: datasets that were fetched "
    "are below it.",
    "XDG_STATE_HOME": "The folder below which `python -m pytest_humaneval.server` keeps process ids and logs, by "
    "default `~/.local/state`.",
    "TERM": "`dumb` turns the progress line off.",
    "CI, BUILD_NUMBER": "pytest's: where one is set, reasons in the short summary are not shortened.",
    "GITHUB_ACTIONS, GITHUB_STEP_SUMMARY": "Set by GitHub Actions: a run annotates the workflow and adds a table "
    "to the job's summary.",
    "RAY_USAGE_STATS_ENABLED": "Ray's: set to 0 where it is not set.",
    "VLLM_ENABLE_V1_MULTIPROCESSING, VLLM_NO_USAGE_STATS, VLLM_LOGGING_LEVEL": "vLLM's: set to 0, 1 and WARNING "
    'with `provider = "vllm"` where they are not set.',
}
"""What each means, in Markdown; several that belong together are separated by commas."""
