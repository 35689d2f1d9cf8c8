"""Evaluate code models with pytest: every HumanEval problem is a test."""
