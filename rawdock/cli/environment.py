"""`-e` and `--env-file` to the lines of a container's environment. Source: docker/cli opts/env.go, opts/file.go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..errors import UsageError


def environment_lines(files: Iterable[str], words: Iterable[str], environ: Mapping[str, str]) -> list[str]:
    """NAME=VALUE lines, the files' first. A NAME alone takes our own environment's value, or is left out where it has none.
    Raises UsageError for a file that cannot be read, or a line without a name."""
    lines = [word for path in files for word in _in_file(path)]
    return list(_complete([*lines, *words], environ))


def _complete(words: Iterable[str], environ: Mapping[str, str]) -> Iterator[str]:
    for word in words:
        name, equals, _ = word.partition("=")
        if not name or any(ch.isspace() for ch in name):
            raise UsageError(f"environment {word!r}: {name!r} is no name", "write NAME=VALUE")
        if equals:
            yield word
        elif name in environ:
            yield f"{name}={environ[name]}"


def _in_file(path: str) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"--env-file {path!r} cannot be read: {why}", "give a file with lines of NAME=VALUE"
        ) from error
    for line in lines:
        word = line.lstrip("\ufeff \t")
        if word and not word.startswith("#"):
            yield word
