"""The public Python API: what ``import pytest_humaneval`` offers, without pytest."""
