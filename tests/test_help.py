"""`rawdock help` and the manual page, which say what --help says; and that every command's help has what a user looks for."""

from __future__ import annotations

import argparse
import io
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from rawdock.catalogue.lookup import by_id
from rawdock.cli import COMMANDS, main
from rawdock.cli.console import Console
from rawdock.cli.man import page, text
from rawdock.cli.parser import _DOCKERS, commands_of, parser_of, whole_parser


def run(*words: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)"""
    out, err = io.BytesIO(), io.StringIO()
    code = main(words, Console(out, err, io.BytesIO(), {}))
    return code, out.getvalue().decode(), err.getvalue()


def parsers() -> Iterator[argparse.ArgumentParser]:
    """Of every command and its commands."""
    for command in commands_of(whole_parser()).values():
        yield command
        yield from commands_of(command).values()


PARSERS = {parser.prog: parser for parser in parsers()}


@pytest.mark.parametrize("words", ["", "ps", "get", "network", "network create", "machine env", "help"])
def test_it_is_what_help_behind_the_command_says(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words.split(), "--help"]) == 0
    assert main(["help", *words.split()]) == 0
    shown = capsys.readouterr().out
    half = len(shown) // 2
    assert shown[:half] == shown[half:] and shown.startswith("usage: ")


def test_helps_and_manual_have_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """From Python 3.14 on argparse has some of its own: in the manual they would be letters."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in page()
    assert "\x1b" not in "".join(parser.format_help() for parser in parsers())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["pss"], "rawdock has no command 'pss'; did you mean ps?"),
        (["network", "lst"], "rawdock network has no command 'lst'; did you mean ls?"),
        (["container", "ls"], "rawdock has no command 'container'; leave the word out, as in `rawdock ps`"),
        (["commit"], "rawdock has no command 'commit'; the API has it: `rawdock call ImageCommit`"),
        (["ps", "ls"], "rawdock ps has no command 'ls'"),
        (["--man", "ps"], "--man is one page of all commands"),
    ],
)
def test_what_there_is_no_help_for_is_said(words: list[str], sentence: str) -> None:
    code, out, err = run("help", *words)
    assert (code, out, err.count("\n")) == (2, "", 1) and sentence in err


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_every_help_has_a_description_examples_and_exit_codes(name: str) -> None:
    parser = PARSERS[name]
    epilog = parser.epilog or ""
    assert len((parser.description or "").split()) >= 2 and (parser.description or "")[0].isupper()
    assert (parser.description or "").rstrip().endswith((".", "themselves", "…", "sends it all the same", "`.", ")"))
    examples = epilog.partition("\n\n")[0]
    assert examples.startswith("examples:\n  ") and any(name in line for line in examples.split("\n"))
    assert re.search(r"^exit codes: 0 \S+", epilog, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_every_example_is_a_command_that_is_understood(name: str) -> None:
    """Of a line such as `rawdock x | jq …` or `$(rawdock x)` the part that is rawdock's."""
    for example in (PARSERS[name].epilog or "").partition("\n\n")[0].split("\n")[1:]:
        line = re.split(r"\s{3,}", example.strip())[0]  # what follows is a remark
        inner = re.findall(r"\$\(([^)]*)\)", line)
        for command in (*inner, re.sub(r'"?\$\([^)]*\)"?', "given", line)):
            words = own(command)
            assert words or inner
            if words:
                parser_of(80, words[1:]).parse_args(words[1:])


def own(command: str) -> list[str]:
    """The words of the part of a command line that is rawdock's."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|><&;")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if set(word) <= set("|><&;"):
            if words:
                break
        elif words or word == "rawdock":
            words.append(word)
    return words


def test_the_page_has_every_command_and_option() -> None:
    manual = page()
    for name, parser in PARSERS.items():
        assert f'.SS "{name}"\n' in manual
        for action in parser._actions:
            if action.help != argparse.SUPPRESS and action.option_strings:
                assert text(action.option_strings[-1]) in manual
    for name, summary in COMMANDS.items():
        assert name and summary
    assert manual.isascii()


@pytest.mark.parametrize(
    ("plain", "roff"),
    [(".dot", r"\&.dot"), ("'quote", r"\(aqquote"), (r"a\b", r"a\eb"), ("-v", r"\-v"), ("…", r"\[u2026]"), ("", "")],
)
def test_no_text_is_taken_for_a_command_of_the_page(plain: str, roff: str) -> None:
    assert text(plain) == roff


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff on this machine")
@pytest.mark.parametrize(("device", "ellipsis"), [("utf8", "…"), ("latin1", "..."), ("ascii", "...")])
def test_the_page_is_set_without_a_warning(device: str, ellipsis: str) -> None:
    argv = ["groff", "-man", "-ww", f"-T{device}", "-P-cbou", "-rLL=100n"]
    done = subprocess.run(argv, input=page().encode(), capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = re.sub(rb".\x08", b"", done.stdout).decode()
    assert "rawdock network create --internal --subnet 10.5.0.0/24 backend" in shown
    assert "name==value          a parameter of the query" in shown
    assert f"{ellipsis}=@FILE " in shown


def test_the_operations_that_docker_words_lead_to_are_there() -> None:
    for hint in _DOCKERS.values():
        for name in re.findall(r"`rawdock call (\w+)`", hint):
            assert by_id(name).id == name
