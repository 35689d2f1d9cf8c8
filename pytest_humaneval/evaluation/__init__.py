"""The engine: settings become a plan, the plan results, and the results a summary; without pytest."""
