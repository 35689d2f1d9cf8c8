"""``python -m pytest_humaneval.server``: start, stop and watch the model servers of experiments.toml."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.experiment import read_servers
from pytest_humaneval.core.config.lookup import find_experiments_file
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ConfigError, HumanEvalError, ProviderError
from pytest_humaneval.server.backends import BACKENDS, open_service
from pytest_humaneval.server.client import RefusalError, ServerClient
from pytest_humaneval.server.health import is_healthy, local_client
from pytest_humaneval.server.lifecycle import TIMEOUT_S, start
from pytest_humaneval.server.service import ReportProgress, Service, ServiceError

# Exit status 3 is what the Linux Standard Base has init scripts return for "program is not running".
_NOT_RUNNING = 3
_PRINT_EVERY_S = 10.0


def _start(service: Service, arguments: argparse.Namespace) -> int:
    is_new = start(service, _progress_printer(), arguments.timeout)
    _clear_line()
    print(f"{service.server.name}: {'started' if is_new else 'was running'}; {_address(service)}")
    return 0


def _stop(service: Service, _: argparse.Namespace) -> int:
    print(f"{service.server.name}: {'stopped' if service.end() else 'was not running'}")
    return 0


def _restart(service: Service, arguments: argparse.Namespace) -> int:
    return _stop(service, arguments) or _start(service, arguments)


def _status(service: Service, _: argparse.Namespace) -> int:
    running, healthy = service.is_running(), is_healthy(service.server)
    state = {
        (True, True): f"running, answers; {_address(service)}; {service.description()}",
        (True, False): f"running, does not answer yet; {service.description()}",
        (False, True): f"one that was not started from here answers at {service.server.base_url}",
        (False, False): "not running",
    }
    print(f"{service.server.name}: {state[running, healthy]}")
    return 0 if healthy else _NOT_RUNNING


def _logs(service: Service, arguments: argparse.Namespace) -> int:
    sys.stdout.writelines(service.log(arguments.lines))
    return 0


def _test(service: Service, _: argparse.Namespace) -> int:
    """Request the list of models and one token, as an evaluation will."""
    server = service.server
    try:
        duration_s = _token_duration_s(server, local_client(server, server.timeout_s))
    except ProviderError as error:
        raise ServiceError(f'server "{server.name}": no answer ({error})') from error
    except RefusalError as error:
        raise ServiceError(f'server "{server.name}" refuses: {error}') from error
    print(f"{server.name}: answers; {server.model}: one token in {duration_s:.2f} s")
    return 0


def _token_duration_s(server: Server, client: ServerClient) -> float:
    names = [str(model.get("id")) for model in client.models()]
    if server.model not in names:
        raise ServiceError(f'server "{server.name}" serves {", ".join(names)}, not {server.model}')
    began_s = time.monotonic()
    client.complete({"model": server.model, "prompt": "def", "max_tokens": 1, "temperature": 0})
    return time.monotonic() - began_s


_COMMANDS: Mapping[str, tuple[str, Callable[[Service, argparse.Namespace], int]]] = {
    "start": ("start a server, and wait until it answers", _start),
    "stop": ("stop a server that was started from here", _stop),
    "restart": ("stop it if it runs, and start it", _restart),
    "status": ("print whether it runs and answers (exit status 3: it does not answer)", _status),
    "logs": ("print the end of its log", _logs),
    "test": ("ask it for one token", _test),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command of the command line; return the exit status: 1 for a failure, 4 for a usage error."""
    arguments = parser().parse_args(argv)
    try:
        server = _server(arguments)
        service = open_service(server, arguments.way, arguments.vllm, arguments.compose_file, arguments.cpu)
        return _COMMANDS[arguments.command][1](service, arguments)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 4
    except HumanEvalError as error:
        _clear_line()
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _clear_line()
        print("interrupted", file=sys.stderr)
        # 128 + SIGINT, as a shell reports a program that Ctrl-C has ended.
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    whole = argparse.ArgumentParser("python -m pytest_humaneval.server", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, _) in _COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument("server", nargs="?", default="instruct", help="a [servers.NAME] table's name")
        command.add_argument("--config", type=Path, help="experiments file (default: as for a run)")
        command.add_argument("--way", choices=BACKENDS, help="default: Docker where it is there, else local")
        command.add_argument("--vllm", metavar="PROGRAM", help="the vllm program that '--way local' runs")
        command.add_argument("--compose-file", type=Path, help="default: docker-compose.yml here")
        command.add_argument("--cpu", action="store_true", help="with compose: its service without GPU")
        if name in ("start", "restart"):
            command.add_argument(
                "--timeout", type=float, default=TIMEOUT_S, metavar="S", help="seconds to wait for an answer"
            )
        if name == "logs":
            command.add_argument("--lines", type=int, default=50, metavar="N", help="how many (default 50)")
    return whole


def _server(arguments: argparse.Namespace) -> Server:
    path = arguments.config or find_experiments_file(Path.cwd(), Path.cwd()).path
    servers = read_servers(path)
    if arguments.server not in servers:
        raise ConfigError(
            f"{path}: no [servers.{arguments.server}] table; {suggest(arguments.server, servers)}"
        )
    return servers[arguments.server]


def _address(service: Service) -> str:
    return f"{service.server.model} at {service.server.base_url}"


def _progress_printer() -> ReportProgress:
    """Return a function that prints progress: in place on a terminal, else one line every 10 seconds."""
    due_s = time.monotonic() + _PRINT_EVERY_S

    def report(text: str) -> None:
        nonlocal due_s
        if sys.stderr.isatty():
            # "\r" and CSI 2 K (ECMA-48): back to the first column, erase the line.
            print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() >= due_s:
            due_s += _PRINT_EVERY_S
            print(text, file=sys.stderr, flush=True)

    return report


def _clear_line() -> None:
    # Nothing is written to a pipe or a log: tests and scripts expect an empty stderr of a good start.
    if sys.stderr.isatty():
        print("\r\x1b[2K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
