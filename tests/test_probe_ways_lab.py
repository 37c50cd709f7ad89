"""Every way into the containers' networks against a real dockerd: each gives the verdicts of the first, where it can see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_probe_lab import Lab, Said, all_awake, container, proxied, reply, up

pytestmark = [pytest.mark.lab, pytest.mark.slow]

# The machine's own programs: bash, coreutils and python3 for a container whose image has none of them.
TOOLS = [f"{folder}:{folder}:ro" for folder in ("/usr", "/lib", "/lib64") if Path(folder).exists()]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Without the paused container, whose silence costs each run five seconds; with one that has python3, and one that has
    bash."""
    with (
        up("docker-machine") as lab,
        all_awake(lab),
        container(lab, "snake", NetworkMode="backend", Binds=TOOLS),
        container(lab, "shell", NetworkMode="backend", Binds=["/usr/bin/bash:/bin/bash:ro", *TOOLS[1:]]),
    ):
        yield lab


@pytest.fixture(scope="module")
def first(lab: Lab) -> Said:
    return lab.probe("--helper", "sandbox")


def verdicts(said: Said) -> dict[tuple[Any, ...], str]:
    """By what is asked; the port of this machine is another each time."""
    return {(r.vantage, r.kind == "client" or r.target, r.kind, r.name): r.verdict for r in said.records}


def test_a_helper_in_each_network_sees_the_same(lab: Lab, first: Said) -> None:
    said = lab.probe("--helper", "container")
    assert (said.code, said.stderr) == (0, "")
    assert verdicts(said) == verdicts(first)
    assert lab.traces() == []


def test_a_helper_in_each_network_has_no_capability(lab: Lab, tmp_path: Path) -> None:
    made: list[dict[str, Any]] = []

    def look(call: str) -> None:
        if "/containers/create" in call:
            made.append(json.loads(proxy.body)["HostConfig"])

    with proxied(tmp_path, lab, look) as proxy:
        lab.probe("--helper", "container", host=proxy.host)
    assert len(made) > 8
    assert all(config["CapDrop"] == ["ALL"] and not config.get("CapAdd") and not config.get("Binds") for config in made)


def test_processes_in_the_containers_see_the_same_where_they_can(lab: Lab, first: Said) -> None:
    """By nc in most, by python3 in one and by bash in another: only what lies on the daemon's host is missing."""
    said = lab.probe("--helper", "exec")
    seen, wanted = verdicts(said), verdicts(first)
    host = {key for key in wanted if key[0] == "daemon host"}
    assert {key: seen[key] for key in wanted if key not in host} == {k: v for k, v in wanted.items() if k not in host}
    assert {seen[key] for key in host} == {"vantage-unavailable"}
    assert said.code == 3
    unseen = next(record for record in said.records if record.vantage == "daemon host")
    assert unseen.explanation == "not probed from here: only a helper container can stand on the daemon's host"


def test_a_refused_helper_is_replaced_and_that_is_said(lab: Lab, first: Said, tmp_path: Path) -> None:
    def refuse(call: str) -> bytes | None:
        return reply("403 Forbidden", "no SYS_ADMIN here") if b"SYS_ADMIN" in proxy.body else None

    with proxied(tmp_path, lab, refuse) as proxy:
        said = lab.probe(host=proxy.host)
    assert said.code == 0
    assert said.stderr == (
        "rawdock: the daemon refused the one helper container for all networks (the daemon answered 403: no SYS_ADMIN here "
        "(POST /containers/create)): a helper in each container's network is used, without any capability; it sees the "
        "same, but takes longer\n"
    )
    wanted = verdicts(first)  # by a Unix socket there is no address of the daemon's host
    assert {key: wanted[key] for key in verdicts(said)} == verdicts(said)
    assert len(said.records) > 150
    assert lab.traces() == []


def test_where_no_container_may_be_created_those_that_are_there_are_used(lab: Lab, first: Said, tmp_path: Path) -> None:
    def refuse(call: str) -> bytes | None:
        return reply("403 Forbidden", "not here") if "/containers/create" in call else None

    with proxied(tmp_path, lab, refuse) as proxy:
        said = lab.probe("app", "db:5432", host=proxy.host)
    assert said.code == 0
    one, two = said.stderr.splitlines()
    assert one.startswith("rawdock: the daemon refused the one helper container for all networks (")
    assert two.startswith("rawdock: the daemon refused a helper container in each container's network (")
    assert "python3 or sh is run in the containers" in two
    assert {record.verdict for record in said.records if record.vantage == "app"} == {"open"}
    assert any(call.startswith("DELETE ") and "/images/rawdock-probe:" in call for call in proxy.calls)
    assert lab.traces() == []
