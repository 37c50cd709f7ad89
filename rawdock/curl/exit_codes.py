"""curl's exit codes, and the error that carries one. Source: curl(1), EXIT CODES; each was compared with 7.88.1."""

from __future__ import annotations

from enum import IntEnum

from ..errors import RawdockError


class CurlCode(IntEnum):
    OK = 0
    UNSUPPORTED_PROTOCOL = 1  # of the URL, or of what answers
    USAGE = 2
    URL_MALFORMED = 3
    RESOLVE = 6
    CONNECT = 7
    WEIRD_REPLY = 8
    PARTIAL = 18
    HTTP_STATUS = 22
    WRITE = 23
    READ = 26
    TIMED_OUT = 28
    TLS_CONNECT = 35
    REDIRECTS = 47
    NOTHING = 52
    RECEIVE = 56
    CERTIFICATE_FILE = 58
    PEER_CERTIFICATE = 60  # 51 too, before curl 7.62
    CA_FILE = 77


class CurlError(RawdockError):
    """What curl would have ended with. `code` is its exit code."""

    def __init__(self, code: CurlCode, cause: str, remedy: str = "") -> None:
        super().__init__(cause, remedy)
        self.code = code


def usage(cause: str, remedy: str = "") -> CurlError:
    return CurlError(CurlCode.USAGE, cause, remedy)


def malformed(cause: str, remedy: str = "") -> CurlError:
    return CurlError(CurlCode.URL_MALFORMED, cause, remedy)
