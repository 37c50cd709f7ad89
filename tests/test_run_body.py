"""The words of `docker run` to what is asked of the daemon, and what is said of words that mean nothing."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from rawdock.cli.run_options import add_run_options
from rawdock.errors import UsageError
from rawdock.standins.container_body import container_body
from rawdock.standins.mounts import mounts, volumes
from rawdock.standins.publish import exposed, published
from rawdock.standins.runs import run_steps


def body(*words: str, image: str = "image") -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    add_run_options(parser)
    return container_body(parser.parse_args(words), image, ["true"], [], lambda path: f"/here/{path}")


def test_what_is_not_asked_for_is_not_sent() -> None:
    assert body() == {
        "AttachStdout": True,
        "AttachStderr": True,
        "Cmd": ["true"],
        "Image": "image",
        "HostConfig": {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}},
    }


@pytest.mark.parametrize(
    ("words", "port", "bindings"),
    [
        (["80"], "80/tcp", [("", "")]),
        (["8080:80"], "80/tcp", [("", "8080")]),
        (["8080:80/UDP"], "80/udp", [("", "8080")]),
        (["127.0.0.1:8080:80", "9090:80"], "80/tcp", [("127.0.0.1", "8080"), ("", "9090")]),
        (["127.0.0.1::80"], "80/tcp", [("127.0.0.1", "")]),
        (["[::1]:8080:80/sctp"], "80/sctp", [("::1", "8080")]),
        (["8000-8010:80"], "80/tcp", [("", "8000-8010")]),
        (["8001-8003:81-83"], "82/tcp", [("", "8002")]),
        (["0:80"], "80/tcp", [("", "0")]),
    ],
)
def test_ports_are_published(words: list[str], port: str, bindings: list[tuple[str, str]]) -> None:
    assert published(words)[port] == [{"HostIp": address, "HostPort": outer} for address, outer in bindings]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("", "is no port to publish"),
        ("http", "'http' in 'http' is no port"),
        ("70000:80", "'70000' in '70000:80' is no port"),
        ("80:0", "'0' in '80:0' is no port"),
        ("9-8:80-81", "is no port or range"),
        ("8000-8001:80-82", "the ranges are not equally long"),
        ("80:80/icmp", "'icmp' in '80:80/icmp' is no protocol"),
        ("::1:80:80", "is no port to publish"),
        ("80:80:80:80", "is no port to publish"),
    ],
)
def test_what_is_no_port_is_said(word: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        published([word])
    assert said in str(caught.value)


def test_exposed_ports_are_numbers_and_ranges() -> None:
    assert exposed(["80", "90-91/udp"]) == ["80/tcp", "90/udp", "91/udp"]
    with pytest.raises(UsageError, match="--expose '80/' is no port"):
        exposed(["80/"])


def test_volumes_are_bound_or_made() -> None:
    found = volumes(["./a:/b", "~/c:/d:ro", "/e:/f", "name:/g", "/h"], lambda path: f"<{path}>")
    assert found.binds == ["<./a>:/b", "<~/c>:/d:ro", "</e>:/f", "name:/g"] and found.places == ["/h"]


@pytest.mark.parametrize("word", ["", ":/a", "/a:", "a:b", "relative", "/a:/b:ro:x"])
def test_what_is_no_volume_is_said(word: str) -> None:
    with pytest.raises(UsageError, match="-v"):
        volumes([word], lambda path: path)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("type=bind,target=/a", "has no source"),
        ("type=bind,source=/a", "target: '' is no absolute path"),
        ("type=nfs,target=/a", "type 'nfs'; types are bind, volume"),
        ("target=/a,color=red", "color=red; fields are"),
        ("target=/a,readonly=maybe", "'maybe' is neither true nor false"),
        ("type=tmpfs,target=/a,tmpfs-size=big", "tmpfs-size=big"),
        ('target=/a,"source=b', "a field with a comma"),
    ],
)
def test_what_is_no_mount_is_said(word: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        mounts([word], lambda path: path)
    assert said in str(caught.value)


def test_a_field_of_a_mount_in_quotes_may_have_commas() -> None:
    words = 'type=volume,"src=a,b",dst=/a,"volume-opt=o=addr=192.0.2.1,vers=4"'
    found = mounts([words], lambda path: path)[0]
    assert (found["Source"], found["VolumeOptions"]["DriverConfig"]["Options"]) == (
        "a,b",
        {"o": "addr=192.0.2.1,vers=4"},
    )


def test_a_mount_in_full_words() -> None:
    words = "type=volume,src=v,dst=/a,ro,volume-driver=nfs,volume-opt=o=addr,volume-label=x=y"
    assert mounts([words], lambda path: path) == [
        {
            "Type": "volume",
            "Target": "/a",
            "Source": "v",
            "ReadOnly": True,
            "VolumeOptions": {"Labels": {"x": "y"}, "DriverConfig": {"Name": "nfs", "Options": {"o": "addr"}}},
        }
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--restart", "sometimes"], "--restart 'sometimes'; write no, always"),
        (["--restart", "always:3"], "--restart 'always:3'"),
        (["-m", "lots"], "--memory 'lots' is no size"),
        (["--cpus", "many"], "--cpus 'many' is no number"),
        (["--ulimit", "nofile"], "--ulimit 'nofile'"),
        (["--device", "null"], "--device 'null' is no device"),
        (["--gpus", "some"], "--gpus 'some'"),
        (["--add-host", "a"], "--add-host 'a'"),
        (["--health-interval", "soon"], "--health-interval 'soon' is no duration"),
        (["--network", "a", "--network", "b"], "--network 'b' is the second"),
        (["--network-alias", "a"], "an alias or address without --network"),
        (["--label", "=x"], "--label '=x' has no name"),
        (["--attach", "stdall"], "--attach 'stdall' is no stream; write stdin, stdout, stderr"),
        (["-d", "-a", "stdout"], "-a attaches, and -d does not"),
        (["--tmpfs", "run"], "--tmpfs 'run': 'run' is no absolute path"),
    ],
)
def test_what_is_no_value_is_said(words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        body(*words)
    assert said in str(caught.value)


def test_values_are_the_daemons() -> None:
    found = body(
        "-m",
        "1g",
        "--cpus",
        "1.5",
        "--health-cmd",
        "x",
        "--health-interval",
        "1m30s",
        "--entrypoint",
        "",
        "--gpus",
        "all",
    )
    assert found["HostConfig"]["Memory"] == 1 << 30 and found["HostConfig"]["NanoCpus"] == 1_500_000_000
    assert found["Healthcheck"] == {"Test": ["CMD-SHELL", "x"], "Interval": 90_000_000_000}
    assert found["Entrypoint"] == [""] and found["HostConfig"]["DeviceRequests"][0]["Count"] == -1


def test_an_image_without_a_name_is_refused() -> None:
    """Of which the daemon makes a container of nothing: `run "$IMAGE"` where IMAGE is not set."""
    with pytest.raises(UsageError, match="the image's name is empty"):
        body(image="")


def test_streams_may_be_in_capitals_and_old_names_are_names() -> None:
    assert body("-a", "STDERR") == body("-a", "stderr")
    old = body("--net", "n", "--net-alias", "a", "--dns-opt", "o")
    assert old == body("--network", "n", "--network-alias", "a", "--dns-option", "o")


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        ([], ["create", "attach", "wait", "start"]),
        (["-d"], ["create", "start"]),
        (["-i", "--rm"], ["create", "attach", "wait", "start"]),
    ],
)
def test_the_calls_stand_in_the_order_that_loses_nothing(words: list[str], paths: list[str]) -> None:
    steps = run_steps(body(*words), name="x")
    assert [step.request.path.rpartition("/")[2] for step in steps] == paths
    assert steps[0].request.query == (("name", "x"),)
    if "-i" in words:
        assert ("stdin", "1") in steps[1].request.query and steps[2].request.query == (("condition", "removed"),)
