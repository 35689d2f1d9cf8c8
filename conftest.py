"""What every test may use: pytester, whole evaluations, model servers, engines, sandboxes, and a browser."""

pytest_plugins = [
    "pytester",
    "tests.support.evaluating",
    "tests.support.serving",
    "tests.support.redis_serving",
    "tests.support.mlflow_serving",
    "tests.support.ollama_stub",
    "tests.support.engines",
    "tests.support.browsing",
    "tests.support.pages",
    "tests.support.sandbox.sandboxes",
]
