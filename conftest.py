"""What every test may use: pytester, whole evaluations, model servers, engines, sandboxes, and a browser."""

pytest_plugins = ["pytester", "evaluating", "serving", "engines", "browsing", "pages", "sandboxes"]
