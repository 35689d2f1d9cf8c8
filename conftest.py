"""What every test may use: pytester, whole evaluations, model servers and engines."""

pytest_plugins = ["pytester", "evaluating", "serving", "engines"]
