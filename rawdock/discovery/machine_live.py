"""Ask the docker-machine program itself where a machine is: for drivers whose address on disk may be stale.

`docker-machine url` is asked and not `env`: env shakes hands with the daemon first, so it fails for every fault that the
doctor could explain, and for driver none it names a folder without certificates. The certificates come from the store.
Source: docker-machine 0.16.2, captured: 20 s when port 2376 is dropped, over 60 s for some calls, so it gets a time-out.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping

from ..endpoint import Endpoint
from ..errors import EndpointError, TimedOutError
from .machine_store import MachineStore

TIMEOUT = 30.0  # seconds; the program's own limits end at 20


def live_endpoint(store: MachineStore, environ: Mapping[str, str], name: str, timeout: float = TIMEOUT) -> Endpoint:
    """The endpoint of machine `name` at the address that docker-machine gives now. Raises EndpointError with what the
    program wrote to stderr, TimedOutError when it takes over `timeout` seconds."""
    url = _ask(environ, store, name, timeout)
    return store.endpoint(name, url=url)


def _ask(environ: Mapping[str, str], store: MachineStore, name: str, timeout: float) -> str:
    store.check_name(name)
    program = shutil.which("docker-machine", path=environ.get("PATH", os.defpath))
    if program is None:
        raise EndpointError(
            f"docker-machine, asked for machine {name!r} by --live, is not in PATH",
            "without --live the store on disk answers",
        )
    command = f"docker-machine url {name}"
    code, out, err = _run([program, "url", name], {**environ, "MACHINE_STORAGE_PATH": store.folder}, timeout)
    said = " ".join(err.split())[:300] or "it wrote nothing to standard error"
    if code is None:
        raise TimedOutError(
            f"`{command}` took over {timeout:g} s: {said}", "is the machine running? without --live the store answers"
        )
    if code != 0:
        raise EndpointError(f"`{command}` ended with exit code {code}: {said}", _remedy(err, name))
    if "://" not in out or len(out.split()) != 1:  # an unknown word makes it print its usage, with exit code 0
        raise EndpointError(f"`{command}` printed no URL: it begins {out[:60]!r}", "is that program docker-machine?")
    return out.strip()


def _remedy(said: str, name: str) -> str:
    if "is not running" in said:
        return f"start it: docker-machine start {name}; a generic machine seems stopped when its sshd does not answer"
    if "plugin binary" in said or "VBoxManage" in said:
        return "install the driver, or leave --live out: the store answers without it"
    return "without --live the store on disk answers"


def _run(argv: list[str], environ: Mapping[str, str], timeout: float) -> tuple[int | None, str, str]:
    """(exit code or None when time ran out, stdout, stderr). The program starts a plugin server as its child, so the
    whole group is ended: a child left over would hold the pipes open."""
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            start_new_session=True,
        )
    except OSError as error:
        return 126, "", error.strerror or str(error)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as expired:
        return None, "", (expired.stderr or b"").decode("utf-8", "replace")
    finally:
        if process.returncode is None:
            _end(process)
    return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        assert pipe is not None
        pipe.close()
