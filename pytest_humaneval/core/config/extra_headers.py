"""The key ``extra_headers`` of an experiment: headers of HTTP, whose secrets come from the environment.

In a value ``${NAME}`` stands for the environment variable NAME. Its content is put in when requests are sent
and never kept; no message of this module shows any value, since it may be a secret by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_humaneval.core.errors import ConfigError

EXPECTED = 'a table of headers, such as { X-Title = "evaluation", X-Api-Key = "${MY_KEY}" }'

# RFC 9110, section 5.6.2.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTABLE = re.compile(r"[ -~]*")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET_NAME = re.compile(r"auth|key|token|secret|passw|cookie|credential", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"(bearer|basic)\s+\S|(sk|pk|hf|gsk|xai|ghp)[-_]", re.IGNORECASE)
_HIDDEN = "***"
_LONGEST_SCHEME = 16  # characters: "Bearer ", "Token token="
_OF_THE_CLIENT = frozenset({"connection", "content-length", "content-type", "host", "transfer-encoding"})


def headers_of(value: object, where: str) -> dict[str, str]:
    """Return the headers that a value of the key stands for, with their variables' names.

    Raises:
        ConfigError: it is no table of headers, or one of them holds a secret; ``where`` begins the message.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: found {type(value).__name__}, expected {EXPECTED}")
    headers: dict[str, str] = {}
    for written, content in value.items():
        # Names have no case (RFC 9110, section 5.1): so two of them are not sent both.
        name = str(written).title()
        _check(name, content, f"{where}, {written}")
        if name in headers:
            raise ConfigError(f"{where}: the header {name} is there twice; keep one of the two")
        headers[name] = content
    return headers


def _check(name: str, value: object, where: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: no name of a header; write letters, digits and '-'")
    if name.lower() in _OF_THE_CLIENT:
        raise ConfigError(f"{where}: the client writes this header itself; remove it")
    if not isinstance(value, str):
        raise ConfigError(f"{where}: found {type(value).__name__}, expected text")
    literal = _VARIABLE.sub("", value)
    if "$" in literal:
        raise ConfigError(f'{where}: a $ that begins no variable; write "${{NAME}}"')
    if not _PRINTABLE.fullmatch(literal):
        raise ConfigError(f"{where}: no text of a header; write one line of ASCII characters")
    if _is_secret(name, literal, has_variable=literal != value):
        raise ConfigError(
            f"{where}: the value looks like a secret, and this file is no place for one; "
            'put it into an environment variable, and write "${NAME}" in its place'
        )


def _is_secret(name: str, literal: str, *, has_variable: bool) -> bool:
    if _SECRET_VALUE.match(literal):
        return True
    return bool(_SECRET_NAME.search(name)) and (not has_variable or len(literal) > _LONGEST_SCHEME)


def variables_of(headers: Mapping[str, str]) -> list[str]:
    """Return the environment variables that headers name, each once."""
    return list(dict.fromkeys(name for value in headers.values() for name in _VARIABLE.findall(value)))


def missing_variables(headers: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """Return those variables of headers that are not set, or empty."""
    return [name for name in variables_of(headers) if not environment.get(name, "").strip()]


@dataclass(frozen=True)
class SentHeaders:
    """Headers as requests have them.

    Attributes:
        values: by name.
        secrets: what of them came from the environment.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()

    def hidden(self, message: str) -> str:
        """Return a server's message without the secrets that it quotes."""
        # The longest first: one may be a part of another.
        for secret in sorted(self.secrets, key=len, reverse=True):
            message = message.replace(secret, _HIDDEN)
        return message


NO_HEADERS = SentHeaders()


def sent_headers(headers: Mapping[str, str], environment: Mapping[str, str]) -> SentHeaders:
    """Return headers with their variables filled in, without blanks around the contents.

    Raises:
        ConfigError: a variable holds what no header may, or nothing.
    """
    contents = {name: environment.get(name, "").strip() for name in variables_of(headers)}
    for name, content in contents.items():
        if not content or not _PRINTABLE.fullmatch(content):
            raise ConfigError(
                f"extra_headers: the environment variable {name} must hold one line of ASCII characters"
            )
    values = {name: _VARIABLE.sub(lambda found: contents[found[1]], value) for name, value in headers.items()}
    return SentHeaders(values, tuple(contents.values()))
