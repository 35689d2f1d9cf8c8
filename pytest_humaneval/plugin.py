"""The plugin's entry: the hooks that every pytest run of an environment calls.

So it imports nothing of the package but options and arguments until an experiment is named. Then hooks are
registered from ``session.collection`` and ``suite`` (what runs), ``session.result_transport`` and
``session.reporting`` (what becomes of it) and, where xdist distributes, ``session.workers.controller``.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from pytest_humaneval import hookspecs
from pytest_humaneval.session.arguments import idle_gate, refuse_without_experiment
from pytest_humaneval.session.options import add_options, asked_command, is_asked_for, read_settings


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that other plugins may implement."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options (called while pytest reads its command line)."""
    add_options(parser)


@pytest.hookimpl(specname="pytest_cmdline_main", wrapper=True, tryfirst=True)
def pytest_exit_status(config: pytest.Config) -> Generator[None, object, object]:
    """Have a run end with what was really decided (called around everything, so that it has the last word).

    Whatever sets the status to 0 on the way, or leaves it so after an error, does not make a run green.
    """
    if asked_command(config) or not is_asked_for(config) or hasattr(config, "workerinput"):
        return (yield)
    from pytest_humaneval.session.collection import is_listing
    from pytest_humaneval.session.state import exit_status

    if is_listing(config):
        return (yield)
    try:
        status = yield
    except SystemExit as end:
        # Some plugins end pytest so.
        status = end.code or 0
    return exit_status(config).of(status) if isinstance(status, int) else status


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Begin to debug, or list the experiments instead of running anything (called before the session)."""
    if config.option.humaneval_debug:
        _use_debugger(config)
    if command := asked_command(config):
        from pytest_humaneval.session.commands import run_command
        from pytest_humaneval.session.plugins import registry_of

        return run_command(command, read_settings(config), registry_of(config))
    if not config.option.humaneval_list:
        return None
    from pytest_humaneval.session.plugins import registry_of
    from pytest_humaneval.session.reporting import print_experiments

    print_experiments(read_settings(config), registry_of(config))
    return 0


def pytest_configure(config: pytest.Config) -> None:
    """Set everything up if an experiment is named (called before collection, on controller and workers)."""
    config.addinivalue_line("markers", "humaneval: one HumanEval problem, put to a model")
    if asked_command(config):
        return
    if not is_asked_for(config):
        refuse_without_experiment(config)
        return
    from pytest_humaneval import suite
    from pytest_humaneval.session import collection, progress_line, reporting, result_transport
    from pytest_humaneval.session.ci_reports import CiReports
    from pytest_humaneval.session.header import Header
    from pytest_humaneval.session.state import SUITE

    is_worker, is_dry = hasattr(config, "workerinput"), config.option.humaneval_dry_run
    if not is_worker and not is_dry:
        config.pluginmanager.register(CiReports(config), "humaneval-ci-reports")
    collection.prepare(config, read_settings(config))
    config.pluginmanager.register(collection, "humaneval-items")
    config.pluginmanager.register(result_transport, "humaneval-result-transport")
    config.pluginmanager.register(suite, SUITE)
    if is_worker:
        return
    config.pluginmanager.register(Header(config), "humaneval-header")
    if is_dry:
        _prepare_dry_run(config)
        return
    config.pluginmanager.register(reporting.Reporting(config), "humaneval-reporting")
    config.pluginmanager.register(progress_line.ProgressHooks(config), "humaneval-progress")
    if config.option.humaneval_serve:
        from pytest_humaneval.session import model_servers

        config.pluginmanager.register(model_servers, "humaneval-serving")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say that a gate without an experiment judges nothing (called at the start of a run)."""
    return None if is_asked_for(config) else idle_gate(config)


def _prepare_dry_run(config: pytest.Config) -> None:
    from pytest_humaneval.session import dry_run

    dry_run.run_alone(config)
    config.pluginmanager.register(dry_run, "humaneval-dry-run")


def _use_debugger(config: pytest.Config) -> None:
    """Have pytest stop in its debugger at a failure, as with ``--pdb``.

    Raises:
        pytest.UsageError: workers are asked for, none of which has the terminal.
    """
    if workers := config.getoption("numprocesses", None) or config.getoption("tx", None):
        raise pytest.UsageError(
            f"--humaneval-debug: found workers (-n {workers}), expected none, since a debugger needs the "
            "terminal; leave -n out, or say -n 0"
        )
    config.option.usepdb = True
