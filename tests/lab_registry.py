"""A real registry, Debian's docker-registry, beside a lab's daemon: on 127.0.0.1:5000 of its network namespace.

The program is taken from PATH, or else unpacked from its package into a folder of the test's: installed, it would start a
service of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from rawdock import Endpoint, SyncClient

ADDRESS = "127.0.0.1:5000"  # on loopback, so the daemon speaks plain HTTP to it
USER = {"username": "ann", "password": "word"}
_HTPASSWD = "ann:$2b$04$qXV/J5cYqGxxjCvRm/Lw3.p7Ico2J5w/NfmPdVvVt1HwCQuxcLob6\n"  # bcrypt, the only kind it takes


@contextmanager
def registry(lab: Path, folder: Path, *, login: bool = False) -> Iterator[None]:
    """Run one in `folder` for the daemon of the lab whose folder `lab` is; with `login` it wants USER's."""
    settings = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": f"{folder}/data"}},
        "http": {"addr": ADDRESS, "secret": "of this test"},
    }
    if login:
        (folder / "htpasswd").write_text(_HTPASSWD)
        settings["auth"] = {"htpasswd": {"realm": "the test", "path": f"{folder}/htpasswd"}}
    (folder / "config.yml").write_text(json.dumps(settings))  # JSON is YAML
    argv = ["nsenter", f"--net={_namespace(lab)}", "--", _program(folder), "serve", f"{folder}/config.yml"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        assert running.stderr
        reader = Thread(
            target=running.stderr.read
        )  # the registry waits for whoever reads its log, once the pipe is full
        try:
            said = b""
            while b"listening on" not in said:
                line = running.stderr.readline()
                assert line, f"the registry did not begin to listen: {said.decode()}"
                said += line
            reader.start()
            yield
        finally:
            running.kill()
            if reader.ident:
                reader.join(20)


def use_as_mirror(lab: Path) -> None:
    """Have the daemon ask it for what is on Docker Hub."""
    config = lab / "daemon.json"
    settings = json.loads(config.read_text()) | {"registry-mirrors": [f"http://{ADDRESS}"]}
    config.write_text(json.dumps(settings))
    since = time.time()
    os.kill(_daemon(lab), signal.SIGHUP)
    filters = {"type": "daemon", "event": "reload"}
    with SyncClient(daemon_of(lab)) as client, client.events(since=since, until=since + 20, filters=filters) as events:
        assert next(iter(events), None), "the daemon did not read its settings again"


def fill(lab: Path, name: str, auth: dict[str, str]) -> None:
    """Push an image of one layer, the file system of the lab's container web, and forget it. `name`: "library/alpine:3.20"."""
    repository, _, tag = f"{ADDRESS}/{name}".rpartition(":")
    params = {"fromSrc": "-", "repo": repository, "tag": tag}
    with SyncClient(daemon_of(lab)) as client:
        with client.export("web") as pieces:
            made = client.post("/images/create", params=params, content=b"".join(pieces))
        made.raise_for_status()
        with client.push(f"{repository}:{tag}", auth=auth) as documents:
            for _ in documents:
                pass
        client.delete(f"/images/{repository}:{tag}").raise_for_status()


def daemon_of(lab: Path) -> Endpoint:
    return Endpoint.parse(f"unix://{lab}/docker.sock", "the lab")


def _namespace(lab: Path) -> Path:
    """The daemon's, by name: /proc/PID/ns/net is that of the first thread, which Podman may leave in a container's."""
    place = Path("/run/netns") / f"rd-{lab.name}-vm"
    return place if place.exists() else place.with_name(f"rd-{lab.name}-client")


def _daemon(lab: Path) -> int:
    return int((lab / "engine.pid").read_text())


def _program(folder: Path) -> str:
    if found := shutil.which("docker-registry"):
        return found
    package = folder / "package"
    package.mkdir(mode=0o755)
    for words in (["download", "docker-registry"], ["update"], ["download", "docker-registry"]):
        done = subprocess.run(["apt-get", "-qq", *words], cwd=package, capture_output=True, text=True, check=False)
        if words[0] == "download" and done.returncode == 0:
            break
    else:
        raise AssertionError(f"Debian's docker-registry cannot be had: {done.stderr}")
    subprocess.run(["dpkg-deb", "-x", *package.glob("*.deb"), package], check=True, capture_output=True)
    return str(package / "usr" / "bin" / "docker-registry")
