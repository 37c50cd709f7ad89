"""The options of curl that count for a daemon, by their long names, with the short ones. Source: curl(1)."""

from __future__ import annotations

FLAGS = {
    "silent": "s",
    "show-error": "S",
    "fail": "f",
    "fail-with-body": "",
    "insecure": "k",
    "include": "i",
    "head": "I",
    "verbose": "v",
    "no-buffer": "N",
    "remote-name": "O",
    "location": "L",
    "get": "G",
    "globoff": "g",
    "compressed": "",
    "path-as-is": "",
    "create-dirs": "",
    "retry-connrefused": "",
    "retry-all-errors": "",
    # These change nothing here: no curlrc is read, no progress is drawn, one version of HTTP is spoken.
    "disable": "q",
    "http1.1": "",
    "progress-bar": "#",
    "no-progress-meter": "",
    "tcp-nodelay": "",
    "no-keepalive": "",
    "tlsv1": "1",
    "tlsv1.2": "",
}

VALUES = {
    "unix-socket": "",
    "url": "",
    "request": "X",
    "data": "d",
    "data-ascii": "",
    "data-binary": "",
    "data-raw": "",
    "data-urlencode": "",
    "json": "",
    "url-query": "",
    "header": "H",
    "upload-file": "T",
    "output": "o",
    "output-dir": "",
    "dump-header": "D",
    "write-out": "w",
    "user": "u",
    "user-agent": "A",
    "referer": "e",
    "cert": "E",
    "key": "",
    "cacert": "",
    "capath": "",
    "max-time": "m",
    "connect-timeout": "",
    "retry": "",
    "retry-delay": "",
    "retry-max-time": "",
    "max-redirs": "",
    "noproxy": "",  # no proxy is used anyway
}

SECONDS = {"max-time", "connect-timeout", "retry-delay", "retry-max-time"}
NUMBERS = SECONDS | {"retry", "max-redirs"}

# What curl has and a daemon has no use for, or what this does not do: letter, and what to do instead.
REFUSED = {
    "abstract-unix-socket": (
        "",
        "no daemon listens on an abstract socket; --unix-socket /var/run/docker.sock names one",
    ),
    "form": ("F", "a daemon takes no multipart form; -d sends JSON, and -T or --data-binary @FILE a file"),
    "form-string": ("", "a daemon takes no multipart form; -d sends JSON"),
    "http1.0": ("0", "HTTP/1.1 is spoken, as daemons do; leave it out"),
    "http2": ("", "HTTP/1.1 is spoken, as daemons do; leave it out"),
    "http2-prior-knowledge": ("", "HTTP/1.1 is spoken, as daemons do; leave it out"),
    "http3": ("", "HTTP/1.1 is spoken, as daemons do; leave it out"),
    "proxy": ("x", "no proxy is used on the way to a daemon; leave it out, or use curl itself"),
    "next": (":", "one set of options is for all URLs; write two commands"),
    "config": ("K", "no file of options is read; write them on the command line"),
    "parallel": ("Z", "URLs are asked one after the other; leave it out"),
    "cookie": ("b", "a daemon knows no cookies; leave it out"),
    "cookie-jar": ("c", "a daemon knows no cookies; leave it out"),
    "range": ("r", "a daemon sends no ranges; leave it out"),
    "continue-at": ("C", "a daemon sends no ranges; leave it out"),
    "pass": ("", "a password would be seen by everyone on this machine; decrypt the key: openssl pkey -in key.pem"),
    "resolve": ("", "give the address in the URL, or use curl itself"),
    "connect-to": ("", "give the address in the URL, or use curl itself"),
    "trace": ("", "-v shows the heads of request and reply"),
    "trace-ascii": ("", "-v shows the heads of request and reply"),
    "trace-time": ("", "-v shows the heads of request and reply"),
}

SHORT = {
    **{letter: name for name, letter in (FLAGS | VALUES).items() if letter},
    **{letter: name for name, (letter, _) in REFUSED.items() if letter},
}
