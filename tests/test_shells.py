"""Lines for a shell: what real shells make of them, and that they are docker-machine's own where those are right."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rawdock.discovery.machine_env import read_machine_env
from rawdock.discovery.machine_list import VARIABLES
from rawdock.discovery.shells import CMD, NAMES, SHELLS, TCSH, Shell, shell_name
from rawdock.errors import UsageError

FIXTURES = Path(__file__).parent / "fixtures"
ODD_PATHS = json.loads((FIXTURES / "docker_machine_env_odd_paths.json").read_text(encoding="utf-8"))["cases"]
PLAIN = [
    case
    for case in json.loads((FIXTURES / "docker_machine_env.json").read_text(encoding="utf-8"))["cases"]
    if case["id"].startswith(("set-", "unset-", "noproxy-", "detect-SHELL-")) and case["rc"] == 0
]
PATHS = sorted({case["want_cert_path"] for case in ODD_PATHS})
VALUES = [
    *PATHS,
    "/plain/path",
    "/two  spaces\tand a tab",
    "/it's '' \\' \\\\ end\\",
    '/$(id) ${HOME} $HOME `id` "$(id)"',
    "/a!b!!c !d",
    "/* ? [a] {a,b} ~ # ; & | < > ( )",
    "/%PATH% ^ %%",
    "",
    " ",
]


def lines(shell: Shell, values: list[str]) -> str:
    return "".join(shell.set_line(f"V{place}", value) + "\n" for place, value in enumerate(values))


def evaluated(program: str, script: str, text: str, tmp_path: Path) -> dict[str, str]:
    """The variables V0 to Vn after `program` has run `script`, in which FILE is a file that holds `text`."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    file = tmp_path / "lines"
    file.write_text(text, encoding="utf-8")
    script_file = tmp_path / "script"
    script_file.write_text(script.replace("FILE", str(file)) + "\nexec env -0\n")
    done = subprocess.run(
        [path, *(["-f"] if program in ("tcsh", "zsh") else []), str(script_file)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0 and done.stderr == b"", done.stderr
    pairs = (entry.partition("=") for entry in done.stdout.decode("utf-8").split("\0") if entry)
    found = {name: value for name, _, value in pairs if name.startswith("V") and name[1:].isdecimal()}
    return {name: found[name] for name in sorted(found, key=lambda name: int(name[1:]))}


@pytest.mark.parametrize(
    ("program", "script"),
    [
        ("bash", 'eval "$(cat FILE)"'),
        ("bash", ". FILE"),
        ("dash", 'eval "$(cat FILE)"'),
        ("zsh", 'eval "$(cat FILE)"'),
        ("fish", "cat FILE | source"),
        ("fish", "eval (cat FILE)"),
        ("tcsh", 'eval "`cat FILE`"'),
        ("tcsh", "source FILE"),
    ],
)
def test_a_real_shell_gets_every_value_as_it_is(program: str, script: str, tmp_path: Path) -> None:
    shell = NAMES[program]
    values = [value for value in VALUES if shell is not TCSH or "\n" not in value]
    text = lines(shell, values) + "\n".join(shell.hint_lines("rawdock machine env dev")) + "\n"
    assert list(evaluated(program, script, text, tmp_path).values()) == values


@pytest.mark.parametrize("program", ["bash", "dash", "zsh"])
def test_the_unquoted_eval_of_old_habits_keeps_what_it_can(program: str, tmp_path: Path) -> None:
    """Without quotes around $(…) these shells join the lines by single spaces and expand globs: all but those survive."""
    values = [value for value in PATHS if "\n" not in value]
    assert list(evaluated(program, "eval $(cat FILE)", lines(NAMES[program], values), tmp_path).values()) == values


@pytest.mark.parametrize("program", ["bash", "dash", "zsh", "fish", "tcsh"])
def test_unset_lines_unset(program: str, tmp_path: Path) -> None:
    shell = NAMES[program]
    text = lines(shell, ["a", "b"]) + shell.unset_line("V1") + "\n" + "\n".join(shell.hint_lines("x")) + "\n"
    script = {"fish": "cat FILE | source", "tcsh": "source FILE"}.get(program, ". FILE")
    assert evaluated(program, script, text, tmp_path) == {"V0": "a"}


@pytest.mark.parametrize("case", PLAIN, ids=[case["id"] for case in PLAIN])
def test_plain_values_give_docker_machines_own_lines(case: dict[str, Any]) -> None:
    argv = case["argv"]
    named = argv[argv.index("--shell") + 1] if "--shell" in argv else case["id"].removeprefix("detect-SHELL-")
    shell = NAMES.get(named, NAMES["bash"])
    if named in ("csh", "pwsh"):
        assert case["stdout"].startswith("export ")  # which neither of the two shells reads
        return
    variables = read_machine_env(case["stdout"])
    if variables:
        made = [shell.set_line(name, value) for name, value in variables.items()]
    else:
        more = ["NO_PROXY"] if "--no-proxy" in argv else []
        made = [shell.unset_line(name) for name in (*VARIABLES, *more)]
    assert made == case["stdout"].splitlines()[:-2]


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.name)
def test_our_reader_reads_our_lines(shell: Shell) -> None:
    values = [value for value in VALUES if value and (shell not in (TCSH, CMD) or "\n" not in value)]
    read = read_machine_env(lines(shell, values) + "\n".join(shell.hint_lines("rawdock machine env")) + "\n")
    assert list(read.values()) == values


@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=30))
@settings(deadline=None, max_examples=300)
def test_any_value_is_read_back(value: str) -> None:
    for shell in SHELLS:
        if "\n" in value and shell in (TCSH, CMD):
            with pytest.raises(UsageError, match=rf"holds a line break, which {shell.name} cannot take in; move"):
                shell.set_line("NAME", value)
        elif not any(begins_a_statement(line) for line in value.split("\n")[1:]):
            assert read_machine_env(shell.set_line("NAME", value) + "\n") == {"NAME": value}


def begins_a_statement(line: str) -> bool:
    return line.startswith(
        ("export ", "set ", "setenv ", "$Env", "(setenv", "SET ", "unset", "Remove", "#", ":", "REM", ";;")
    )


@pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"SHELL": "/bin/bash"}, "bash"),
        ({"SHELL": "/usr/bin/fish"}, "fish"),
        ({"SHELL": "zsh"}, "zsh"),
        ({"SHELL": "C:\\Program Files\\Git\\usr\\bin\\bash.exe"}, "bash"),
        ({"SHELL": "/bin/bash", "__fish_bin_dir": "/usr/bin"}, "fish"),
    ],
)
def test_the_shell_is_found_as_docker_machine_finds_it(environ: dict[str, str], name: str) -> None:
    assert shell_name(environ) == name


@pytest.mark.parametrize("environ", [{}, {"SHELL": ""}, {"SHELL": "/"}])
def test_without_a_shell_the_option_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"SHELL is not set; give --shell bash, fish, tcsh, cmd, powershell or emacs"):
        shell_name(environ)
