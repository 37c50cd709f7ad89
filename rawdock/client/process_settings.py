"""How to run a process, in the daemon's words, from what the caller has."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from ..errors import RequestError

Command = Sequence[str | os.PathLike[str]] | str
Environment = Mapping[str, str | int | None]
Folder = str | os.PathLike[str]
User = str | int


def command(cmd: Command) -> list[str]:
    """The words to run; one text is for a shell. Raises RequestError for what are none."""
    if isinstance(cmd, str):
        return ["sh", "-c", cmd]
    if not isinstance(cmd, Iterable) or isinstance(cmd, bytes | Mapping):
        raise RequestError(
            f"the command is of type {type(cmd).__name__}", 'give its words, ["ls", "-l"], or a text for sh'
        )
    words = [os.fspath(word) if isinstance(word, os.PathLike) else word for word in cmd]
    for word in words:
        if not isinstance(word, str):
            raise RequestError(
                f"the command has {word!r}, which is of type {type(word).__name__}", "give its words as text"
            )
    return words


def environment(env: Environment, others: Iterable[str] = ()) -> list[str]:
    """ "NAME=value" each; a value None takes away a variable that the image or container has. `others`: what
    there is without `env`, in the same form; a bare name behind a value of it takes nothing away (seen on 20.10). Raises
    RequestError."""
    if not isinstance(env, Mapping):
        raise RequestError(f"env is of type {type(env).__name__}", 'give a dict: {"NAME": "value"}')
    for name, value in env.items():
        if isinstance(value, bytes) or not isinstance(name, str):  # the value is not shown, it may be a secret
            raise RequestError(f"the variable {name!r} in env is not of text", 'give a dict: {"NAME": "value"}')
    kept = [other for other in others if other.partition("=")[0] not in env]
    return [*kept, *(name if value is None else f"{name}={value}" for name, value in env.items())]


def place(workdir: Folder | None, user: User | None) -> dict[str, str]:
    """Where and as whom, as far as it is said. User 0 is one."""
    return {
        **({"WorkingDir": os.fspath(workdir)} if workdir else {}),
        **({"User": str(user)} if user is not None else {}),
    }
