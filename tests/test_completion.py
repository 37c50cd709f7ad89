"""Completion in the real shells: Tab is pressed at a terminal, and the shell then runs the words that it made."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pseudo_terminal import PseudoTerminal

from rawdock.cli import COMMANDS, main
from rawdock.cli.console import Console

SHELLS = ("bash", "zsh", "fish")
START = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}
ECHO = """rawdock() { echo "got:$*;"; }; echo be''gun"""
SETUP = {  # as the help has it: bash evaluates the script, zsh finds it as _rawdock in its fpath
    "bash": "bind 'set bell-style none'; source FOLDER/rawdock.bash; " + ECHO,
    "zsh": "zstyle ':completion:*' insert-tab false; fpath=(FOLDER $fpath); autoload -Uz compinit; compinit -u -D; "
    + ECHO,
}


def script(shell: str) -> str:
    out, err = io.BytesIO(), io.StringIO()
    assert main(["completion", shell], Console(out, err, io.BytesIO(), {})) == 0
    assert err.getvalue() == ""
    return out.getvalue().decode()


def path_of(shell: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the scripts are."""
    folder = tmp_path_factory.mktemp("completion")
    for shell in SHELLS:
        (folder / ("_rawdock" if shell == "zsh" else f"rawdock.{shell}")).write_text(script(shell))
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="setsid --ctty is Linux's")
@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize(
    ("typed", "run"),
    [
        ("rawdock compl\tfi\t", "completion fish"),
        ("rawdock netw\tlis\t--no-t\t", "network list --no-trunc"),
        ("rawdock ps --no-t\t--filt\ta=b", "ps --no-trunc --filter a=b"),
        ("rawdock volume pru\t--for\t--filt\ta=b", "volume prune --force --filter a=b"),
    ],
    ids=lambda value: value.replace("\t", "⇥"),
)
def test_tab_completes(folder: Path, shell: str, typed: str, run: str) -> None:
    with PseudoTerminal([path_of(shell), *START[shell]], columns=120) as terminal:
        terminal.press(SETUP[shell].replace("FOLDER", str(folder)).encode() + b"\r")
        terminal.expect(b"begun\r\n")
        terminal.press(typed.encode() + b"\r")
        shown = terminal.expect(rb"got:([^;]*);")[1].decode()
        assert shown.split() == run.split()
        terminal.press(b"exit\r")


def fish_offers(file: Path, words: str) -> list[str]:
    argv = [path_of("fish"), "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", str(file), words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return [line.partition("\t")[0] for line in done.stdout.splitlines()]


def test_fish_offers_commands_and_options(folder: Path) -> None:
    assert set(fish_offers(folder / "rawdock.fish", "rawdock ")) >= set(COMMANDS)
    assert set(fish_offers(folder / "rawdock.fish", "rawdock volume ")) >= {"ls", "create", "rm", "inspect", "prune"}
    assert fish_offers(folder / "rawdock.fish", "rawdock -H unix:///x ps --no-t") == ["--no-trunc"]
    assert fish_offers(folder / "rawdock.fish", "rawdock completion z") == ["zsh"]


def test_a_file_is_completed_where_an_option_takes_one(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "variables.env").touch()
    offered = fish_offers(folder / "rawdock.fish", f"rawdock run --env-file {tmp_path}/var")
    assert offered == [f"{tmp_path}/variables.env"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_the_script(shell: str) -> None:
    text = script(shell)
    assert [name for name in COMMANDS if name not in text] == []


def test_no_other_command_imports_shtab() -> None:
    program = "import sys; from rawdock.cli import main; main(['version', '--help']); print('shtab' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.endswith("\nFalse\n")


def test_an_unknown_shell_is_one_sentence() -> None:
    err = io.StringIO()
    assert main(["completion", "tcsh"], Console(io.BytesIO(), err, io.BytesIO(), {})) == 2
    assert "invalid choice: 'tcsh'" in err.getvalue() and err.getvalue().count("\n") == 1
