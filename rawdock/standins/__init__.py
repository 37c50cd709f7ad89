"""What a command of the docker CLI asks of the daemon: its words come to steps, one API call each, without any being made.

A stand-in sends them, `--curl` prints them, and both say the same because there is one list.
"""

from typing import NamedTuple

from ..request import Request

__all__ = ["Request", "Step"]


class Step(NamedTuple):
    """One call. `saves`: the name under which the reply's Id goes into the paths of later steps, where `{name}` stands for it.
    `answer`: what comes back: "document" (JSON, or nothing), "documents" (JSON, one after the other), "frames" (stdout and
    stderr), "bytes" (an archive), or "hijack" (both directions). `fed`, `into`: where a shell would get the body from and put
    the answer, such as "tar -c ." and "> FILE". `note`: on what the daemon's answers make of it."""

    request: Request
    saves: str = ""
    answer: str = "document"
    fed: str = ""
    into: str = ""
    note: str = ""
