"""Credential helpers: programs called docker-credential-NAME that keep secrets in a keychain.

Source: github.com/docker/docker-credential-helpers, client/client.go. The registry goes to stdin, JSON comes from stdout; with
an exit code other than 0 stdout holds the reason. None of that output is ever shown: it may hold the secret. So errors are
raised outside the `except` that found them, which would tie the output to them as their context.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import CredentialsError
from .credentials import Credentials

TIMEOUT = 10.0  # seconds; a keychain that asks for its password takes a few
NOT_FOUND = "credentials not found in native keychain"
_SPOKEN = (
    NOT_FOUND,
    "no credentials server URL",
    "no credentials username",
)  # the protocol's own words, without secrets
TOKEN_USER = "<token>"  # with this user the secret is an identity token


class Finished(NamedTuple):
    """How a program ended: `code` None when it took too long and was killed."""

    code: int | None
    stdout: bytes


class _Asked(NamedTuple):
    """One question: the helper's verb, what goes to its stdin, and in words what for."""

    verb: str
    stdin: str
    purpose: str


Runner = Callable[[list[str], bytes, Mapping[str, str], float], Finished]


def run_program(words: list[str], stdin: bytes, environ: Mapping[str, str], timeout: float) -> Finished:
    """Run `words` with `environ`, at most `timeout` seconds. Raises OSError where it cannot be started."""
    try:
        done = subprocess.run(
            words,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finished(None, b"")
    return Finished(done.returncode, done.stdout)


@dataclass(frozen=True, repr=False)  # the environment may hold secrets
class Helper:
    """One helper: `name` as config.json has it ("pass", "ecr-login"), `origin` where that stands."""

    name: str
    origin: str
    environ: Mapping[str, str]
    run: Runner = run_program
    timeout: float = TIMEOUT

    @property
    def program(self) -> str:
        return f"docker-credential-{self.name}"

    def get(self, server: str) -> Credentials | None:
        """The credentials for a registry, None if the keychain has none. Raises CredentialsError."""
        asked = _Asked("get", server, f"for {server}")
        document = self._answer(asked)
        if document is None:
            return None
        user, secret = document.get("Username", ""), document.get("Secret", "")
        if not isinstance(user, str) or not isinstance(secret, str):
            raise self._fault(asked, "answered without the texts Username and Secret")
        if not secret:
            return None
        if user == TOKEN_USER:
            return Credentials(identity_token=secret, server=server, origin=self._named)
        return Credentials(user, secret, server=server, origin=self._named)

    def list(self) -> list[str]:
        """The registries that the keychain has credentials for. Raises CredentialsError."""
        return list(self._answer(_Asked("list", "unused", "for the list of its registries")) or ())

    @property
    def _named(self) -> str:
        return f"the credential helper {self.program} from {self.origin}"

    def _answer(self, asked: _Asked) -> dict[str, Any] | None:
        """The JSON object that it prints, None for its words that there is nothing."""
        done = self._run(asked)
        if done.code is None:
            raise self._fault(asked, f"took over {self.timeout:g} s")
        if done.code != 0:
            said = done.stdout.decode("utf-8", "replace").strip()
            if said == NOT_FOUND:
                return None
            words = f" ({said})" if said in _SPOKEN else ""
            raise self._fault(asked, f"ended with exit code {done.code}{words}")
        try:
            document = json.loads(done.stdout)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise self._fault(asked, "answered what is no JSON object")
        return document

    def _run(self, asked: _Asked) -> Finished:
        path = None if "/" in self.name else shutil.which(self.program, path=self.environ.get("PATH", os.defpath))
        if path is None:
            raise CredentialsError(
                f"{self._named}, asked {asked.purpose}, is not in PATH", "install it, or take it out of config.json"
            )
        try:
            return self.run([path, asked.verb], asked.stdin.encode(), self.environ, self.timeout)
        except OSError as error:
            problem = error.strerror or type(error).__name__
        raise CredentialsError(f"{self._named}, asked {asked.purpose}, cannot be started: {problem}")

    def _fault(self, asked: _Asked, what: str) -> CredentialsError:
        remedy = f"see what it says: echo {shlex.quote(asked.stdin)} | {self.program} {asked.verb}"
        return CredentialsError(f"{self._named}, asked {asked.purpose}, {what}", remedy)
