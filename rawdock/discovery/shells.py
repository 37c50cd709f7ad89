"""Environment variables as lines that a shell evaluates, quoted by that shell's own rules.

A value without special characters gives docker-machine's own line, byte for byte. docker-machine quotes nothing: with a
store at a path that holds ", $, ` or \\ its lines give a wrong value, a syntax error, or run what stands in the backticks.
Such values are quoted here in forms that docker-machine never prints, so that a reader tells the two apart (`read_quoted`).

Source: docker-machine 0.16.2, commands/env.go and libmachine/shell; the manuals of each shell. Evaluated in bash, dash, zsh,
fish and tcsh by tests; cmd, PowerShell and Emacs Lisp are from their manuals alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import UsageError

_PLAIN = re.compile(r"[\w./:@,+=\[\]-]+")
_NAME = r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"


@dataclass(frozen=True)
class Shell:
    """One shell's lines. `plain` is docker-machine's line that sets, `odd` ours around `quote(value)`; `hint` is how the
    lines of `{command}` are evaluated, as a comment. `pattern` matches an odd line, and `unquote` undoes `quote`."""

    name: str
    plain: str
    odd: str
    unset: str
    comment: str
    hint: str
    quote: Callable[[str], str]
    pattern: re.Pattern[str]
    unquote: Callable[[str], str]

    def set_line(self, name: str, value: str) -> str:
        """Raises UsageError for a value that this shell has no way to say."""
        if _PLAIN.fullmatch(value):
            return self.plain.format(name=name, value=value)
        return self.odd.format(name=name, value=self.quote(value))

    def unset_line(self, name: str) -> str:
        return self.unset.format(name=name)

    def hint_lines(self, command: str) -> list[str]:
        return [f"{self.comment}Run this command to configure your shell:", self.hint.format(command=command)]


def _one_line(shell: str, value: str) -> str:
    if "\n" in value or "\r" in value:
        raise UsageError(
            f"{value!r} holds a line break, which {shell} cannot take in", "move the store to another path"
        )
    return value


def _quote_powershell(value: str) -> str:
    r"""'…', where '' is one quote, and the typographic quotes count as quotes too; line breaks as [char]10."""
    parts = re.split("([\r\n])", value)
    words = [f"[char]{ord(part)}" if part in "\r\n" else _doubled(part) for part in parts if part]
    return " + ".join(words if words[0].startswith("'") else ["''", *words])


def _doubled(text: str) -> str:
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text) + "'"


def _unquote_powershell(text: str) -> str:
    words = re.findall(r"\[char\](\d+)|'((?:[^'\u2018-\u201b]|(['\u2018-\u201b])\3)*)'", text)
    return "".join(chr(int(code)) if code else re.sub("(['\u2018-\u201b])\\1", r"\1", word) for code, word, _ in words)


def _unquote_fish(text: str) -> str:
    words = re.findall(r"(\\n)|'((?:[^'\\]|\\.)*)'", text, re.DOTALL)
    return "".join("\n" if newline else re.sub(r"\\(['\\])", r"\1", word) for newline, word in words)


POSIX = Shell(
    "bash",
    'export {name}="{value}"',
    "export {name}={value}",
    "unset {name}",
    "# ",
    '# eval "$({command})"',  # quoted: without quotes, bash would split the lines and join them by single spaces
    lambda value: "'" + value.replace("'", r"'\''") + "'",
    re.compile(rf"export {_NAME}='(?P<value>.*)'", re.DOTALL),
    lambda text: text.replace(r"'\''", "'"),
)
FISH = Shell(
    "fish",
    'set -gx {name} "{value}";',
    "set -gx {name} {value};",
    "set -e {name};",
    "# ",
    "# {command} | source",
    # \n outside quotes, for `eval (…)` splits at line breaks and joins by spaces.
    lambda value: "'" + value.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"'\n'") + "'",
    re.compile(rf"set -gx {_NAME} (?P<value>(?:\\n|'(?:[^'\\]|\\.)*')+);", re.DOTALL),
    _unquote_fish,
)
TCSH = Shell(
    "tcsh",
    'setenv {name} "{value}";',
    "setenv {name} {value};",
    "unsetenv {name};",
    ": ",
    ": 'eval \"`{command}`\"'",  # in quotes, or eval of these lines would run it once more
    lambda value: "'" + _one_line("tcsh", value).replace("'", r"'\''").replace("!", r"\!") + "'",
    re.compile(rf"setenv {_NAME} '(?P<value>.*)';"),
    lambda text: text.replace(r"'\''", "'").replace(r"\!", "!"),
)
CMD = Shell(
    "cmd",
    "SET {name}={value}",
    'SET "{name}={value}"',
    "SET {name}=",
    "REM ",
    "REM @FOR /f \"tokens=*\" %i IN ('{command}') DO @%i",
    lambda value: _one_line("cmd", value),
    re.compile(rf'SET "{_NAME}=(?P<value>.*)"'),
    str,
)
POWERSHELL = Shell(
    "powershell",
    '$Env:{name} = "{value}"',
    "$Env:{name} = {value}",
    "Remove-Item Env:\\\\{name}",
    "# ",
    "# & {command} | Invoke-Expression",
    _quote_powershell,
    re.compile(rf"\$Env:{_NAME} = (?P<value>'.*)", re.DOTALL),
    _unquote_powershell,
)
EMACS = Shell(
    "emacs",
    '(setenv "{name}" "{value}")',
    '(setenv "{name}" (concat {value}))',  # concat, because docker-machine's own line may hold bare quotes
    '(setenv "{name}" nil)',
    ";; ",
    ';; (with-temp-buffer (shell-command "{command}" (current-buffer)) (eval-buffer))',
    lambda value: '"' + value.replace("\\", r"\\").replace('"', r"\"") + '"',
    re.compile(rf'\(setenv "{_NAME}" \(concat "(?P<value>.*)"\)\)', re.DOTALL),
    lambda text: re.sub(r'\\([\\"])', r"\1", text),
)
SHELLS = (POSIX, FISH, TCSH, CMD, POWERSHELL, EMACS)
NAMES: dict[str, Shell] = {
    **dict.fromkeys(("bash", "sh", "zsh", "ksh", "mksh", "dash", "ash"), POSIX),
    "fish": FISH,
    **dict.fromkeys(("tcsh", "csh"), TCSH),  # docker-machine gives csh lines for bash, which it cannot read
    "cmd": CMD,
    **dict.fromkeys(("powershell", "pwsh"), POWERSHELL),
    "emacs": EMACS,
}


def shell_name(environ: Mapping[str, str]) -> str:
    """The name of the shell in use, as docker-machine finds it: the last part of SHELL. Raises UsageError without one."""
    if environ.get("__fish_bin_dir"):
        return "fish"
    name = environ.get("SHELL", "").replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    if not name:
        raise UsageError("which shell the lines are for is unknown: SHELL is not set", f"give --shell {known_shells()}")
    return name


def known_shells() -> str:
    return ", ".join(shell.name for shell in SHELLS[:-1]) + f" or {SHELLS[-1].name}"


def read_quoted(statement: str) -> tuple[str, str] | None:
    """(name, value) of an odd line of any shell, None if it is none."""
    for shell in SHELLS:
        if match := shell.pattern.fullmatch(statement):
            return match["name"], shell.unquote(match["value"])
    return None
