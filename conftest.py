"""What every test may use: pytester, whole evaluations, model servers, engines, sandboxes, and a browser."""

pytest_plugins = [
    "pytester",
    "evaluating",
    "serving",
    "redis_serving",
    "engines",
    "browsing",
    "pages",
    "sandboxes",
]
