"""`rawdock curl …`: a curl command line for a daemon as it stands, run over rawdock's own wire code, or told in another
language."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from urllib.parse import urljoin

from ..curl.exit_codes import CurlCode, CurlError
from ..curl.parse import Command
from ..curl.transfer import Transfer
from ..errors import RawdockError, UsageError
from ..wire.http1 import Head
from .console import Console
from .curl_output import Output
from .curl_transfer import Exchange, Outcome, unreadable
from .endpoint_options import refuse_daemon

LANGUAGES = ("rawdock", "python", "python-async", "httpx", "requests", "curl")
HELP = """Run a curl command line for a Docker daemon as it stands: it sends what curl would send (no API version is
negotiated), prints what curl would print, and ends with curl's exit code. What a sloppy URL really does is said on standard
error. All words are curl's, so -H is a header here; before them, --to LANGUAGE prints the request as code instead of running
it: rawdock, python, python-async, httpx, requests, or curl for the tidied line."""
EXAMPLES = """examples:
  rawdock curl --unix-socket /var/run/docker.sock http://localhost/version
  rawdock curl -s --cacert ca.pem --cert cert.pem --key key.pem https://192.168.99.100:2376/info
  rawdock curl --to python --unix-socket /var/run/docker.sock http://localhost/containers/json?all=1
  rawdock curl --to rawdock curl -XPOST --unix-socket /var/run/docker.sock http://localhost/containers/web/stop

exit codes: 0 well (a 4xx or 5xx too, without -f), 2 options, 3 no URL, 6 host unknown, 7 nobody there, 22 status with -f,
  23 cannot write, 26 cannot read, 28 time-out, 35 TLS failed, 52 empty reply, 56 broke off, 58 --cert or --key,
  60 the daemon's certificate, 77 --cacert"""
MOST_REDIRECTS = 50  # curl's own
_REDIRECTS = {301, 302, 303, 307, 308}
_TRANSIENT = {408, 429, 500, 502, 503, 504}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", choices=LANGUAGES, metavar="LANGUAGE", help="print the request as this instead of running it"
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="curl's own words, options and URLs")


def parse_words(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """What argparse would do, were curl's options not curl's."""
    rest = list(words)
    language = None
    if rest[:1] == ["--help"] or rest[:1] == ["-h"]:
        parser.print_help()
        raise SystemExit(0)
    if rest[:1] == ["--curl"]:  # as every other command has it
        rest = ["--to", "curl", *rest[1:]]
    if rest[:1] == ["--to"]:
        if len(rest) < 2 or rest[1] not in LANGUAGES:
            given = repr(rest[1]) if len(rest) > 1 else "nothing"
            raise UsageError(f"--to {given}, expected one of {', '.join(LANGUAGES)}", f"see `{parser.prog} --help`")
        language = rest[1]
        rest = rest[2:]
    if rest[:1] == ["curl"]:  # a line pasted whole
        rest = rest[1:]
    return argparse.Namespace(to=language, words=rest)


def run(options: argparse.Namespace, console: Console) -> int:
    from ..curl.parse import parse

    refuse_daemon(options, "and curl's own words do so too")
    command = Command()
    try:
        command = parse(options.words)
        job = Run(command, console)
        return job.tell(options.to) if options.to else job.run()
    except CurlError as error:
        return _report(command, console, error)


def _report(command: Command, console: Console, error: CurlError) -> int:
    if "silent" not in command.flags or "show-error" in command.flags:
        console.talk(f"curl: ({int(error.code)}) {error}")
    return error.code


class Run:
    """A command line under way. `pause` waits so many seconds before a retry."""

    def __init__(self, command: Command, console: Console, pause: Callable[[float], None] = time.sleep) -> None:
        self._command = command
        self._console = console
        self._pause = pause
        self._noted: set[str] = set()
        self._stdin: bytes | None = None
        self._exchange = Exchange(command, console, self._read)

    def run(self) -> int:
        """Run all; return the last one's exit code, as curl does."""
        from ..curl.notes import before
        from ..curl.transfer import transfers

        code: int = CurlCode.OK
        for number, transfer in enumerate(transfers(self._command, self._read)):
            self._note(before(self._command, transfer))
            outcome = self._with_retries(transfer)
            code = outcome.code
            if outcome.message:
                _report(self._command, self._console, CurlError(outcome.code, outcome.message))
            self._write_out(transfer, outcome, number)
        return code

    def tell(self, language: str) -> int:
        """Print all as code."""
        from ..curl.code import code
        from ..curl.job import Job
        from ..curl.notes import before
        from ..curl.place import endpoint_of
        from ..curl.transfer import transfers

        command = self._command
        if "insecure" in command.flags:
            raise UsageError("-k turns verification off, which rawdock's clients never do", "give --cacert instead")
        follow = "location" in command.flags
        if follow and (language == "rawdock" or language.startswith("python")):
            self._note(["rawdock follows no redirect, as -L asks; a daemon sends one for a path with // or .. alone"])
        for number, transfer in enumerate(transfers(command, self._read)):
            self._note(before(command, transfer))
            job = Job(
                endpoint_of(command, transfer.url, self._console.environ.get("CURL_CA_BUNDLE")),
                transfer.request,
                fail=bool(command.flags & {"fail", "fail-with-body"}),
                include="include" in command.flags,
                follow=follow,
                output=transfer.output,
                timeout=command.number("max-time"),
            )
            text = code(language, job)
            self._console.write(
                (b"\n" * (number > 0 and language.startswith("py"))) + text.encode("utf-8", "surrogateescape")
            )
        return CurlCode.OK

    def _with_retries(self, transfer: Transfer) -> Outcome:
        left = int(self._command.number("retry") or 0)
        wait, fixed = 1.0, self._command.number("retry-delay")
        until = self._command.number("retry-max-time")
        began = time.monotonic()
        while True:
            outcome = self._with_redirects(transfer)
            over = until and time.monotonic() - began > until
            if not left or over or not self._worth_another(outcome):
                return outcome
            seconds = fixed or wait
            if "silent" not in self._command.flags:
                what = outcome.message or f"HTTP status {outcome.head.status if outcome.head else 0}"
                self._console.talk(f"Warning: {what}. Will retry in {seconds:g} s. {left} retries left.")
            self._pause(seconds)
            left, wait = left - 1, min(wait * 2, 600)

    def _worth_another(self, outcome: Outcome) -> bool:
        if outcome.code is CurlCode.TIMED_OUT or (outcome.code and "retry-all-errors" in self._command.flags):
            return True
        if outcome.code is CurlCode.CONNECT:
            return "retry-connrefused" in self._command.flags
        return outcome.head is not None and outcome.head.status in _TRANSIENT

    def _with_redirects(self, transfer: Transfer) -> Outcome:
        outcome = Outcome()
        output = Output(
            self._command,
            self._console,
            transfer.output,
            with_head=bool(self._command.flags & {"include", "head"}),
        )
        try:
            for _ in range(int(self._command.values.get("max-redirs", MOST_REDIRECTS)) + 1):
                self._exchange.perform(transfer, output, outcome, shown=self._shown)
                head = outcome.head
                assert head is not None
                following = self._following(transfer, head)
                if following is None:
                    self._judge(transfer, head)
                    return outcome
                transfer = following
                outcome.redirects += 1
                outcome.effective = str(transfer.url)
            raise CurlError(CurlCode.REDIRECTS, "too many redirects were followed", "raise --max-redirs")
        except CurlError as error:
            outcome.code, outcome.message = error.code, str(error)
        except RawdockError as error:  # a socket's path that is too long
            outcome.code, outcome.message = CurlCode.CONNECT, str(error)
        finally:
            output.close()
        return outcome

    def _shown(self, head: Head) -> bool:
        if "fail" in self._command.flags and head.status >= 400:
            return False
        return "head" not in self._command.flags and not self._redirects(head)

    def _redirects(self, head: Head) -> bool:
        return "location" in self._command.flags and head.status in _REDIRECTS and bool(head.get("Location"))

    def _following(self, transfer: Transfer, head: Head) -> Transfer | None:
        if not self._redirects(head):
            return None
        from ..curl.transfer import redirected

        return redirected(self._command, transfer, urljoin(str(transfer.url), head.get("Location")), head.status)

    def _judge(self, transfer: Transfer, head: Head) -> None:
        """Say what the status gives away. Raises CurlError for one that -f makes an error."""
        from ..curl.notes import after

        self._note(after(transfer, head))
        if head.status >= 400 and self._command.flags & {"fail", "fail-with-body"}:
            raise CurlError(CurlCode.HTTP_STATUS, f"The requested URL returned error: {head.status}")

    def _note(self, notes: Sequence[str]) -> None:
        for note in notes:
            if note not in self._noted:
                self._noted.add(note)
                self._console.talk(f"rawdock: note: {note}")

    def _read(self, name: str) -> bytes:
        if name == "-":
            if self._stdin is None:
                self._stdin = self._console.stdin.read()
            return self._stdin
        try:
            with open(name, "rb") as file:
                return file.read()
        except OSError as error:
            raise unreadable(name, error) from error

    def _write_out(self, transfer: Transfer, outcome: Outcome, number: int) -> None:
        text = self._command.values.get("write-out")
        if text is None:
            return
        from ..curl.write_out import UNTOLD, write_out
        from .curl_values import values_of

        if text.startswith("@"):
            text = self._read(text[1:]).decode("utf-8", "surrogateescape")
            text = text.replace("\n", "").replace("\r", "")  # as curl reads it: \\n in it is a line feed
        headers = {name.lower(): value for name, value in reversed(outcome.head.headers)} if outcome.head else {}
        out, err, unknown = write_out(text, values_of(transfer, outcome, number), headers)
        for name in unknown:
            self._console.talk(
                f"rawdock: note: -w tells no %{{{name}}} here"
                if name in UNTOLD
                else f"curl: unknown --write-out variable: '{name}'"
            )
        self._console.write(out.encode("utf-8", "surrogateescape"))
        self._console.err.write(err)
