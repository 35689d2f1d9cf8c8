"""What every test may use: pytester runs pytest inside a test, ``evaluate`` runs this plugin in it."""

pytest_plugins = ["pytester", "evaluating"]
