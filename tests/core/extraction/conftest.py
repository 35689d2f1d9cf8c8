"""Fixtures for tests of extraction: the problems, and a judge of many answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Limits
from pytest_humaneval.sandbox import open_sandbox
from tests.support.extraction.judging import Judge, Judging


@pytest.fixture(scope="session")
def problems() -> tuple[Problem, ...]:
    """The 164 problems of HumanEval."""
    return read_problems()


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """Extract answers with a post-processing, and run each distinct program in a real sandbox."""
    jobs = min(4, os.cpu_count() or 1)
    with closing(open_sandbox(Limits(), jobs)) as sandbox, ThreadPoolExecutor(jobs) as threads:
        yield Judging(sandbox, threads)
