# The everyday commands, the same that .ci/run and the workflows use; `make` alone lists them.
# Programs come from .venv where it is, otherwise from the environment that is active.

# Named, since make 3.81 (macOS) looks for simple commands in its own PATH unless a shell is asked for.
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
EXTRAS ?= dev,maintenance
WORKERS ?= auto
# Where the tutorial's commands are taken from: it needs the extra embedded.
ENVIRONMENT ?= .venv

# The rule of the fast tests: they start no program and take under two seconds (conftest.py marks the others), and
# no sandbox and no training is their subject.
FAST := -m "not slow" --ignore=tests/sandbox --ignore=tests/tuning
LOWEST_OF := mlflow pandas redis
# What those tests need beside: pytest's plugins of the extra dev need a newer pytest than the lowest.
LOWEST_TOOLS := check-jsonschema hatchling hypothesis pip scipy selenium
# What coverage-fast runs, and what is looked at; the floor only rises.
MEASURED := tests/core tests/api tests/reports
LOOKED_AT := pytest_humaneval/core/*,pytest_humaneval/api/*
FLOOR := 92

.PHONY: help venv test test-all lint format types docs docs-serve reference pictures tutorial tutorial-refresh changes \
        coverage coverage-fast mutation lowest release-check clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

venv: ## make .venv with what the commands need: or EXTRAS=dev,docs,tuning,ray
	python3 -m venv .venv
	.venv/bin/pip install --quiet -c constraints.txt -e ".[$(EXTRAS)]"

test: ## the fast tests: no program is started
	pytest -n $(WORKERS) $(FAST)

test-all: ## all tests
	pytest -n $(WORKERS)

lint: ## linters of the code, the workflows and the fragments of the changelog
	ruff check .
	ruff format --check .
	zizmor --offline --quiet --persona=pedantic .github
	check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml

format: ## format the code
	ruff check --fix .
	ruff format .

types: ## mypy, strict, tests included
	mypy

docs: ## build the documentation; a warning is an error
	sphinx-build -W --keep-going -n -q -b html docs docs/_build/html

docs-serve: docs ## build the documentation and serve it on port 8000
	python -m http.server -d docs/_build/html 8000

reference: ## make the generated pages of docs/reference/ again
	python docs/make_reference.py

pictures: ## make the pictures of the documentation again, from real runs (extras dev, embedded)
	python docs/make_pictures.py
	python docs/make_terminal_picture.py --environment $(ENVIRONMENT)
	python docs/make_terminal_picture.py --environment $(ENVIRONMENT)

tutorial: ## do what the tutorial says, in an empty folder, and compare what is printed
	python docs/run_tutorial.py --environment $(ENVIRONMENT)

tutorial-refresh: ## write what the tutorial's commands print into its page
	python docs/run_tutorial.py --environment $(ENVIRONMENT) --refresh

changes: ## show the changelog of the next version, made of changes/
	towncrier build --draft --version next

coverage: ## branch coverage by all tests, also in the processes that they start; below the floor is an error
	coverage erase
	coverage run -m pytest -q -n $(WORKERS)
	coverage combine --quiet
	coverage report --skip-covered

coverage-fast: ## branch coverage of core/ and api/ by fast tests; below the floor is an error
	coverage erase
	coverage run -m pytest -q -n $(WORKERS) $(FAST) $(MEASURED)
	coverage combine --quiet
	coverage report --skip-covered --include="$(LOOKED_AT)" --fail-under=$(FLOOR)

mutation: ## mutants of scoring and extraction, and which of them no test notices; takes half an hour
	mutmut run
	mutmut results

lowest: ## the fast tests with the lowest version of every dependency that pyproject.toml allows, on Python 3.10
	mkdir -p build
	uv pip compile --quiet --python-version 3.10 --no-header --no-annotate --resolution lowest-direct $(LOWEST_OF:%=--extra %) \
	    pyproject.toml > build/lowest.txt
	uv venv --quiet --clear --python 3.10 build/lowest
	uv pip install --quiet --python build/lowest -c build/lowest.txt -e . -r build/lowest.txt $(LOWEST_TOOLS)
	build/lowest/bin/pytest -n $(WORKERS) $(FAST)

release-check: ## build the sdist and the wheel and check them as PyPI does
	rm -rf dist
	python -m build --quiet
	twine check --strict dist/*

clean: ## remove what these commands made
	rm -rf .coverage .coverage.* build dist docs/_build mutants
