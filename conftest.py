"""What every test may use: pytester, whole evaluations, and model servers."""

pytest_plugins = ["pytester", "evaluating", "serving", "redis_serving"]
