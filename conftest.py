"""What every test may use: pytester, whole evaluations, model servers, and a browser."""

pytest_plugins = ["pytester", "evaluating", "serving", "browsing", "pages"]
