"""Read what `docker-machine env` printed, for any shell, and what `rawdock machine env` prints.

docker-machine escapes nothing: the value between the first `="` (or `NAME "`) and the last `"` of the line is the true
one, so the text is read raw, without a shell's rules. Where a store path holds a quote or a backtick, the documented
`eval` is wrong and this is right. Source: docker-machine 0.16.2, commands/env.go; its 144 captured outputs are test data.
"""

from __future__ import annotations

import re

from ..endpoint import Endpoint, TLSFiles
from ..errors import EndpointError

_NAME = r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
_SET = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf'export {_NAME}="(?P<value>.*)"',  # bash, sh, zsh, ksh and every unknown shell
        rf'set -gx {_NAME} "(?P<value>.*)";',  # fish
        rf'setenv {_NAME} "(?P<value>.*)";',  # tcsh
        rf'\$Env:{_NAME} = "(?P<value>.*)"',  # powershell
        rf'\(setenv "{_NAME}" "(?P<value>.*)"\)',  # emacs
        rf"SET {_NAME}=(?P<value>.+)",  # cmd, which has no quotes; nothing after = unsets
    )
)
_STATEMENT = re.compile(r'export |set -gx |setenv |\$Env:|\(setenv "|SET |unset|set -e |Remove-Item |# |: |REM |;; ')
_WHOLE_TEXT = "give the output of `docker-machine env --shell bash NAME`, and look at what it wrote to standard error"
_UNSET = re.compile(r'(unset|set -e|unsetenv|Remove-Item) .*|SET \w+=|\(setenv ".*" nil\)')


def read_machine_env(text: str) -> dict[str, str]:
    """Return the variables that `text` sets. Other lines are passed over; a value may hold newlines."""
    from .shells import read_quoted  # its patterns cost 1.7 ms, which every command would pay

    pairs = (_read_raw(statement) or read_quoted(statement) for statement in _statements(text))
    return dict(pair for pair in pairs if pair)


def _read_raw(statement: str) -> tuple[str, str] | None:
    match = next((match for pattern in _SET if (match := pattern.fullmatch(statement))), None)
    return (match["name"], match["value"]) if match else None


def _statements(text: str) -> list[str]:
    """The text's statements. A line that begins none goes on with the value before it, newline and all."""
    statements: list[str] = []
    for line in text.lstrip("\ufeff").rstrip("\r\n").replace("\r\n", "\n").split("\n"):
        if _STATEMENT.match(line):
            statements.append(line)
        elif statements:
            statements[-1] += f"\n{line}"
    return statements


def machine_env_endpoint(text: str, source: str) -> Endpoint:
    """Return the endpoint that the text of `docker-machine env` names. `source` says where the text was read.
    Raises EndpointError if it sets no DOCKER_HOST, or asks for TLS without saying where the certificates are."""
    variables = read_machine_env(text)
    if "DOCKER_HOST" not in variables:
        raise EndpointError(f"the text from {source} sets no DOCKER_HOST: {_first_words(text)}", _remedy(text))
    tls = None
    if variables.get("DOCKER_TLS_VERIFY"):
        if not variables.get("DOCKER_CERT_PATH"):
            raise EndpointError(f"the text from {source} sets DOCKER_TLS_VERIFY but no DOCKER_CERT_PATH", _WHOLE_TEXT)
        tls = TLSFiles.in_folder(variables["DOCKER_CERT_PATH"], f"DOCKER_CERT_PATH in {source}")
    endpoint = Endpoint.parse(variables["DOCKER_HOST"], f"DOCKER_HOST in {source}", tls)
    return endpoint._replace(machine=variables.get("DOCKER_MACHINE_NAME"))


def _first_words(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return f"it begins {line[:60]!r}" if line else "it is empty"


def _remedy(text: str) -> str:
    if any(_UNSET.fullmatch(statement) for statement in _statements(text)):
        return "this is the output of `docker-machine env -u`: run it without -u"
    return _WHOLE_TEXT
