"""What a docker command asks of the daemon, told without a daemon."""

from __future__ import annotations

import ast
import io
import re
import subprocess

import pytest

from rawdock.cli import main
from rawdock.cli.console import Console

COMMANDS = """
docker run -d -p 8080:80 --name web -e A=b -v /tmp:/x:ro nginx
docker run --rm -it alpine sh
docker run --rm alpine echo it's
docker exec -it web sh -c 'echo $HOME'
docker exec -d web true
docker ps -aq --filter status=exited
docker images --filter dangling=true
docker pull alpine:3.20
docker push registry.example/x:1
docker build -t x:1 --build-arg A=b /src
docker save -o x.tar x:1
docker load
docker tag a b:2
docker rmi a b
docker cp web:/etc/passwd /tmp/x
docker cp /etc/hostname web:/tmp
docker logs -f --tail 10 web
docker stats --no-stream web
docker top web
docker start web
docker start -a web
docker stop -t 3 web
docker restart web
docker kill -s HUP web
docker rm -fv web
docker wait web
docker inspect --type container web
docker events --since 10m
docker version
docker info
docker network ls
docker network create --subnet 10.9.0.0/24 backend
docker network connect --alias db backend web
docker network rm backend
docker volume create data
docker volume ls
docker container ls -a
docker image ls
""".strip().splitlines()


def explain(*words: str) -> tuple[int, str, str]:
    out, err = io.BytesIO(), io.StringIO()
    code = main(["explain", *words], Console(out, err, io.BytesIO(), {"PATH": "/usr/bin"}))
    return code, out.getvalue().decode(), err.getvalue()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_form_of_every_command_is_well_formed(command: str) -> None:
    words = command.split()
    code, told, err = explain(*words)
    assert (code, err) == (0, "") and told.startswith("1. ") and "`rawdock op " in told
    for form in ("curl", "rawdock"):
        _, script, _ = explain("--as", form, *words)
        checked = subprocess.run(["sh", "-n"], input=script, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "") and f"{form} " in script
    _, program, _ = explain("--as", "python", *words)
    assert ast.parse(program).body and "rawdock.SyncClient()" in program


@pytest.mark.parametrize("words", [["run", "-it", "alpine"], ["exec", "-it", "web", "sh"]])
def test_the_program_takes_what_a_terminal_gets_for_no_frames(words: list[str]) -> None:
    assert "tty=True" in explain("--as", "python", *words)[1]
    assert "tty=False" in explain("--as", "python", words[0], "-i", *words[2:])[1]


@pytest.mark.parametrize(
    ("command", "request_line"),
    [
        ("docker image rm x", "DELETE /images/x"),
        ("docker image remove x", "DELETE /images/x"),
        ("docker image ls", "GET /images/json"),
        ("docker image list", "GET /images/json"),
        ("docker image inspect x", "GET /images/x/json"),
        ("docker container inspect x", "GET /containers/x/json"),
        ("docker container rm x", "DELETE /containers/x"),
        ("docker container ls -a", "GET /containers/json?all=1"),
        ("docker system info", "GET /info"),
        ("docker -H tcp://box:1 --tlsverify ps", "GET /containers/json"),
        ("docker --host=tcp://box:1 -l debug --context lab ps", "GET /containers/json"),
        ("sudo docker -Htcp://box:1 ps", "GET /containers/json"),
        ("podman ps", "GET /containers/json"),
    ],
)
def test_a_command_is_known_by_each_of_its_names_and_wherever_it_goes(command: str, request_line: str) -> None:
    code, out, err = explain(*command.split())
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"1. {request_line}"
    assert "2. " not in out


def test_what_one_call_gives_goes_into_the_next() -> None:
    _, told, _ = explain("docker", "run", "-d", "nginx")
    assert "gives Id, which is {container} below" in told and "POST /containers/{container}/start" in told
    assert '/containers/"$container"/start' in told and "f'/containers/{container}/start'" in told


def test_what_the_cli_asks_for_its_own_sake_is_told_apart() -> None:
    _, told, _ = explain("docker", "exec", "web", "true")
    told, _, beside = told.partition("\nas curl")[0].partition("the docker CLI asks besides, for its own sake\n")
    assert "/json" not in told and beside.splitlines()[1:] == [
        "   before 1: GET /containers/web/json: whether there is such a container",
        "   at the end: GET /exec/{exec}/json: its exit code",
    ]


@pytest.mark.parametrize("form", ["curl", "rawdock", "python"])
def test_a_parameter_that_comes_twice_is_told_twice(form: str) -> None:
    _, told, _ = explain("--as", form, "docker", "build", "-t", "a:1", "-t", "b:2", ".")
    assert re.search("a(:|%3A)1", told) and re.search("b(:|%3A)2", told)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "explain what? a docker command"),
        (["docker"], "explain what? a docker command"),
        (["docker", "swarm", "init"], "docker 'swarm' is not known"),
        (["docker", "image", "run", "x"], "docker 'image run' is not known"),
        (["docker", "system", "df"], "docker 'system df' is not known"),
        (["docker", "--nosuch", "ps"], "docker '--nosuch' is not known"),
        (["docker", "doctor"], "'doctor' is no command of docker's"),
        (["docker", "run"], "IMAGE"),
        (["docker", "ps", "--filter", "x"], "--filter 'x'"),
    ],
)
def test_what_cannot_be_explained_is_said(words: list[str], said: str) -> None:
    code, out, err = explain(*words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err
