"""Stores of completions: one file for each kind, and :func:`pytest_humaneval.store.kinds.open_store`."""
