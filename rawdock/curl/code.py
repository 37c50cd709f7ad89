"""A request as code that makes it: Python over rawdock, httpx or requests, and the line for rawdock's own command.

The Python is a whole program and writes the reply's body to standard output, as curl does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf
from pprint import pformat
from urllib.parse import urlencode

from ..endpoint import Endpoint, Scheme
from ..errors import UsageError
from ..request import Request
from .items import rawdock_line
from .job import NOTHING, Job, document_of
from .print import curl_line

LONGEST_LINE = 100


def code(language: str, job: Job) -> str:
    """`job` in one of LANGUAGES, ending with a line feed. Raises UsageError for what that language cannot say."""
    return LANGUAGES[language](job)


def python_call(request: Request, name: str = "docker") -> str:
    """`request` on one line, as a call of the client called `name`: `docker.post('/auth', json={…})`."""
    file = f"open({request.body_file!r}, 'rb')"
    return "".join(_call(name, request.method, arguments(request, "content", file, inf), inf))


def _curl(job: Job) -> str:
    options = ["-sS"]
    options += ["-f"] if job.fail else []
    options += ["-i"] if job.include and job.request.method != "HEAD" else []
    options += ["-L"] if job.follow else []
    options += ["-m", f"{job.timeout:g}"] if job.timeout is not None else []
    options += ["-o", job.output] if job.output is not None else []
    return curl_line(job.endpoint, job.request, options=options) + "\n"


# Python


def _python(job: Job) -> str:
    return _blocking(
        job, ["import rawdock"], "rawdock.SyncClient(endpoint)", "docker", arguments(job.request, "content")
    )


def _httpx(job: Job) -> str:
    timeout = "None" if job.timeout is None else f"{job.timeout:g}"
    follow = ", follow_redirects=True" if job.follow else ""
    client = f"httpx.Client(transport=rawdock.SyncHTTPXTransport(endpoint), base_url={_base(job)!r}, timeout={timeout}{follow})"
    return _blocking(
        job, ["import httpx", "import rawdock"], client, "client", arguments(job.request, "content"), "iter_bytes()"
    )


def _requests(job: Job) -> str:
    words = arguments(job.request, "data")
    words[0] = repr(_base(job) + _path(job.request))
    if job.timeout is not None:
        words.append(f"timeout={job.timeout:g}")
    if job.streams:
        words.append("stream=True")
    return _blocking(
        job, ["import rawdock"], "rawdock.requests_session(endpoint)", "session", words, "iter_content(None)"
    )


def _blocking(job: Job, imports: list[str], client: str, name: str, words: list[str], chunks: str = "") -> str:
    """A program in the manner of all three: a client in a `with`, a call, the body passed on. `chunks` gives the body of
    a streamed reply, "" where the reply itself is iterated, which rawdock's own is."""
    if not chunks and job.timeout is not None:
        words = [*words, f"timeout={job.timeout:g}"]
    method = job.request.method
    if job.streams:
        streams = f"with {name}.stream(" if name != "session" else f"with {name}.request("
        body = spread(streams, [repr(method), *words], ") as reply:")
        passed = [f"for data in reply{'.' + chunks if chunks else ''}:", *indent(_written("data", job))]
        body += indent(_after_head(job) + _output(job, passed))
    else:
        body = _call(f"reply = {name}", method, words) + _after_head(job)
        body += _whole(job)
    lines = ["import sys", "", *imports, "", *_endpoint(job.endpoint), f"with {client} as {name}:"]
    return _program(lines + indent(_with_file(job, body)))


def _async(job: Job) -> str:
    words = arguments(job.request, "content")
    if job.timeout is not None:
        words.append(f"timeout={job.timeout:g}")
    method = job.request.method
    if job.streams:
        body = spread("async with docker.stream(", [repr(method), *words], ") as reply:")
        passed = ["while data := await reply.receive():", *indent(_written("data", job))]
        head = [line.replace("reply.raise", "await reply.raise") for line in _after_head(job)]
        body += indent(head + _output(job, passed))
    else:
        body = _call("reply = await docker", method, words) + _after_head(job)
        body += _whole(job)
    main = ["async with rawdock.Client(endpoint) as docker:", *indent(_with_file(job, body))]
    lines = ["import sys", "", "import anyio", "import rawdock", "", *_endpoint(job.endpoint), "", "async def main():"]
    return _program([*lines, *indent(main), "", "anyio.run(main)"])


def _program(lines: list[str]) -> str:
    text = "\n".join(lines) + "\n"
    return text if "sys." in text else text.removeprefix("import sys\n\n")


def _endpoint(endpoint: Endpoint) -> list[str]:
    origin = "'this program'"
    if endpoint.tls is None:
        return [f"endpoint = rawdock.Endpoint.parse({endpoint.url!r}, {origin})"]
    files = endpoint.tls
    return [
        f"tls = rawdock.TLSFiles({files.ca!r}, {files.cert!r}, {files.key!r}, {origin})",
        f"endpoint = rawdock.Endpoint.parse({endpoint.url!r}, {origin}, tls)",
    ]


def _base(job: Job) -> str:
    return f"http://{'localhost' if job.endpoint.scheme is Scheme.UNIX else job.endpoint.authority}"


def _call(before: str, method: str, words: list[str], width: float = LONGEST_LINE) -> list[str]:
    """The call of the client's own method; where it has none, or one that takes no body, of `request`."""
    has_body = any(word.startswith(("json=", "content=", "data=")) for word in words)
    if method in ("POST", "PUT") or (method in ("GET", "HEAD", "DELETE") and not has_body):
        return spread(f"{before}.{method.lower()}(", words, ")", width)
    return spread(f"{before}.request(", [repr(method), *words], ")", width)


def spread(before: str, words: list[str], after: str, width: float = LONGEST_LINE) -> list[str]:
    """A call on one line if it fits, else one argument a line."""
    line = f"{before}{', '.join(words)}{after}"
    if len(line) <= width and "\n" not in line:
        return [line]
    return [before, *indent(f"{word}," for word in words), after]


def arguments(request: Request, content: str, file: str = "body", width: float = LONGEST_LINE) -> list[str]:
    """The path, then what goes by name. `content`: the client's word for a body of bytes; `file`: an expression for the open
    file of one that is not standard input. Raises UsageError."""
    headers = list(request.headers)
    words = [repr(_path(request))]
    if _distinct(request.query) and request.query:
        words.append(f"params={dict(request.query)!r}")
    document = document_of(request)
    if document is not NOTHING:
        words.append(f"json={_literal(document, width)}")
        headers = [(name, value) for name, value in headers if name.lower() != "content-type"]
    elif request.body is not None:
        words.append(f"{content}={request.body!r}")
    elif request.body_file is not None:
        words.append(f"{content}={'sys.stdin.buffer' if request.body_file == '-' else file}")
    if headers:
        if not _distinct(headers):
            raise UsageError("a header is given twice, which a dict cannot say", "give it once, joined by a comma")
        words.append(f"headers={dict(headers)!r}")
    return words


def _path(request: Request) -> str:
    """With the query where a dict cannot hold it: a name that comes twice."""
    return request.path + ("" if _distinct(request.query) else f"?{urlencode(request.query)}")


def _distinct(pairs: Iterable[tuple[str, str]]) -> bool:
    names = [name.lower() for name, _ in pairs]
    return len(names) == len(set(names))


def _literal(document: object, width: float) -> str:
    if width == inf:
        return repr(document)
    return pformat(document, width=LONGEST_LINE, sort_dicts=False).replace("\n", "\n" + " " * len("json="))


def _after_head(job: Job) -> list[str]:
    lines: list[str] = []
    if job.include or job.request.method == "HEAD":
        lines += ["print(reply.status_code, reply.headers)"]
    if job.fail:
        lines += ["reply.raise_for_status()"]
    return lines


def _whole(job: Job) -> list[str]:
    return [] if job.request.method == "HEAD" else _output(job, _written("reply.content", job)[:1])


def _written(data: str, job: Job) -> list[str]:
    """Pass `data` on; to standard output at once, as what is streamed may be waited for."""
    if job.output is not None:
        return [f"out.write({data})"]
    return [f"sys.stdout.buffer.write({data})", "sys.stdout.buffer.flush()"]


def _output(job: Job, lines: list[str]) -> list[str]:
    return lines if job.output is None else [f"with open({job.output!r}, 'wb') as out:", *indent(lines)]


def _with_file(job: Job, lines: list[str]) -> list[str]:
    if job.request.body_file in (None, "-"):
        return lines
    return [f"with open({job.request.body_file!r}, 'rb') as body:", *indent(lines)]


def indent(lines: Iterable[str], depth: int = 1) -> list[str]:
    space = "    " * depth
    return ["\n".join(f"{space}{part}" for part in line.split("\n")) if line else line for line in lines]


LANGUAGES: dict[str, Callable[[Job], str]] = {
    "rawdock": rawdock_line,
    "python": _python,
    "python-async": _async,
    "httpx": _httpx,
    "requests": _requests,
    "curl": _curl,
}
