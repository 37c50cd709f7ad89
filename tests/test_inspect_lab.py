"""inspect beside the docker CLI on the same daemon."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator

import engine
import pytest
from test_standins_lab import assert_same, docker, host, pytestmark, rawdock

__all__ = ["host", "pytestmark"]  # used by pytest

IMAGE = "rawdock-lab:1"


@pytest.fixture(scope="module")
def made(host: str) -> Iterator[str]:
    """The name of a container, of a volume and of a network, with much to say. One mount: the daemon gives several in an order
    that changes from call to call."""
    name = f"inspect-{uuid.uuid4().hex[:8]}"
    docker(host, "network", "create", "--label", "odd=<b>&\u2028\x1b[31m", name)
    docker(host, "volume", "create", "--label", "a=b", name)
    options = f"-v {name}:/y --network {name} -p 5000:80 -e A=<b> --health-cmd true --stop-signal INT -m 64m"
    docker(
        host, "create", "--name", name, *options.split(), "-l", "odd=<b>&\u2028\x1b[31m", IMAGE, "sh", "-c", "a \t\n b"
    )
    yield name
    docker(host, "rm", "-f", name)
    docker(host, "network", "rm", name)
    docker(host, "volume", "rm", name)


@pytest.mark.parametrize(
    "words",
    [
        "NAME",
        "/NAME",
        f"NAME web {IMAGE} bridge",
        "NAME nobody web",
        "nobody",
        "--type network NAME",
        "--type volume NAME nobody",
        "--type image NAME",
        "--type plugin NAME",
        "--type service NAME",
        f"--type image {IMAGE}",
        "-f json NAME bridge",
        "-f json nobody",
        "-s NAME",
        "-s NAME bridge",
        "a/b:c NO NAME: A%2Fb",
        "..",
    ],
)
def test_inspect(host: str, made: str, words: str) -> None:
    assert_same(host, "inspect", *(word.replace("NAME", made) for word in words.split()))


@pytest.mark.parametrize(
    "template",
    [
        "{{.ID}} {{.Name}} {{.State.Status}} {{.State.Running}}",
        "{{.Id}}",
        pytest.param("{{.State.Health}}", marks=engine.docker_is_no_judge),
        "{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}",
        "{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}} {{end}}",
        "{{json .NetworkSettings.Ports}} {{json .Mounts}} {{json .Config.Labels}}",
        '{{index .Config.Labels "odd"}} [{{index .Config.Labels "nope"}}]',
        '{{.Config.Env}} {{range .Config.Env}}{{println .}}{{end}} {{join .Config.Env ","}}',
        "{{.Config.Cmd}} {{json .Config.Cmd}} {{.Config.Entrypoint}} {{json .Config.Entrypoint}}",
        "{{.Config.Volumes}} {{.Config.MacAddress}} {{.Config.StopSignal}} {{.Config.StopTimeout}} {{.Config.Shell}}",
        "{{.HostConfig.PidsLimit}} {{.HostConfig.Init}} {{.HostConfig.Tmpfs}} {{.HostConfig.Mounts}} {{.HostConfig.Binds}}",
        "{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.MemorySwappiness}} {{.SizeRw}}",
        "{{range .Mounts}}{{.Type}} {{.Name}} {{.Source}}:{{.Destination}} {{.RW}};{{end}}{{len .Mounts}}",
        "{{.Nope}}",
        "{{.State.Nope}}",
        "{{.Name.First}}",
        "{{slice .Id 0 12}} {{.Name | upper}}",
    ],
)
def test_inspect_with_a_template(host: str, made: str, template: str) -> None:
    assert_same(host, "inspect", "-f", template, made, "web")


def test_what_is_wrong_is_said_and_the_rest_is_printed(host: str) -> None:
    argv = [sys.executable, "-m", "rawdock", "-H", host, "inspect", "-f", "{{.Name}}"]
    done = subprocess.run([*argv, "nobody", "web"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "/web\n") and "there is no object 'nobody'" in done.stderr
    done = subprocess.run([*argv, "--size", "bridge"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "bridge\n") and "--size is for containers" in done.stderr
    assert rawdock(host, "inspect", "-f", "{{.Name", "web") == (2, "")
    assert rawdock(host, "inspect", "--type", "thing", "web") == (2, "")
