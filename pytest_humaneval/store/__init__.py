"""Stores of completions: one file for each kind, and :func:`pytest_humaneval.store.open_store.open_store`."""
