"""scripts/lab fault: each fault comes and goes, and leaves the lab as it was."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import engine
import pytest
from test_lab import LAB, Lab, lab_only, new_lab, run

sys.path.insert(0, str(Path(LAB).parent))
from lab_parts.faults import FAULTS


def in_a_lab(test: Callable[..., None]) -> Callable[..., None]:
    for mark in lab_only:
        test = mark(test)
    return test


ONE_OF_EACH_KIND = ["drop", "ip-forward-off", "static-route", "own-rules", "internal"]


def test_help_lists_every_fault() -> None:
    said = run(LAB, "--help").stdout
    assert [name for name in FAULTS if f"\n  {name} " not in said] == []


@pytest.fixture(scope="module")
def machine() -> Iterator[Lab]:
    if engine.PODMAN:
        pytest.skip("the faults are those of Docker's own chains")
    lab = new_lab("docker-machine")
    try:
        done = lab("up")
        assert done.returncode == 0, done.stderr
        yield lab
    finally:
        lab("down")


@in_a_lab
def test_each_comes_and_goes_and_leaves_the_lab_as_it_was(machine: Lab) -> None:
    before = state(machine)
    for words in ([], ["--undo"]):
        for name in ONE_OF_EACH_KIND:
            done = machine("fault", name, *words)
            assert done.returncode == 0, done.stderr
        assert (state(machine) == before) == bool(words)


@in_a_lab
def test_one_that_is_there_is_not_brought_twice_and_up_says_that_it_is_there(machine: Lab) -> None:
    assert machine("fault", "drop").returncode == 0
    again, said = machine("fault", "drop"), machine("up")
    assert machine("fault", "drop", "--undo").returncode == 0
    assert (again.returncode, again.stderr) == (1, f"lab: {machine.id} has the fault drop already\n")
    assert f"{machine.id} is already up, with the faults drop" in said.stderr
    assert f"{machine.id} does not have the fault drop" in machine("fault", "drop", "--undo").stderr


@in_a_lab
def test_what_cannot_be_brought_is_said(machine: Lab) -> None:
    setting, unknown = machine("fault", "no-proxy"), machine("fault", "rain")
    assert (setting.returncode, unknown.returncode) == (2, 2)
    assert f"scripts/lab up docker-machine --as {machine.name} --fault no-proxy" in setting.stderr
    assert "unknown fault 'rain'; known: reject-port," in unknown.stderr


def state(lab: Lab) -> list[str]:
    """Rules, routes, links and containers, without what counts or is named anew each time."""
    look = "iptables-save | grep -v '^[#:]'; ip -o route; cat /proc/sys/net/ipv4/ip_forward; ip -o link show eth1"
    place = f"--net=/run/netns/rd-{lab.id}-vm"
    told = run("nsenter", place, "--", "sh", "-c", look).stdout
    told += lab.exec("ip", "-o", "route").stdout
    listed = lab.exec("env", f"PYTHONPATH={LAB.parents[1]}", sys.executable, "-m", "rawdock", "ps", "-a", "-q")
    assert told and listed.returncode == 0, listed.stderr
    return sorted(told.splitlines() + listed.stdout.splitlines())
