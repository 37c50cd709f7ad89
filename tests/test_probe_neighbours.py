"""Who is asked where a network has more containers than the kernel's table of neighbours holds."""

from __future__ import annotations

from collections import Counter

import pytest
from test_probe_inventory import attached, bridge, document, read

from rawdock.probe.asks import port_ask
from rawdock.probe.inventory import Inventory
from rawdock.probe.neighbours import ENTRIES, predicted, spared
from rawdock.probe.target import Place, Vantage, container_targets
from rawdock.probe.topology import What, Where
from rawdock.probe.verdict import Daemon, Situation, Verdict


def inventory(size: int, networks: int = 1) -> Inventory:
    names = [f"n{number}" for number in range(networks)]
    return read(
        *(
            document(
                f"c{number:03}", settings=attached(**{names[number % networks]: f"10.{number % networks}.{number}.2"})
            )
            for number in range(size)
        ),
        networks=[bridge(name, f"10.{number}.0.0/16") for number, name in enumerate(names)],
    )


def situations(found: Inventory) -> list[Situation]:
    daemon = Daemon(What.LINUX, Where.SAME)
    return [
        Situation(Vantage(Place.CONTAINER, here.name), target, found, set(), daemon=daemon)
        for here in found.containers
        for target in container_targets(here, found, {}, None)
    ]


@pytest.mark.parametrize(("size", "networks"), [(2, 1), (20, 1), (60, 10)])
def test_a_network_of_usual_size_is_asked_whole(size: int, networks: int) -> None:
    assert spared(situations(inventory(size, networks))) == set()


@pytest.mark.parametrize(("size", "networks"), [(40, 1), (100, 2)])
def test_of_a_large_network_each_asks_and_is_asked_by_as_many(size: int, networks: int) -> None:
    found = inventory(size, networks)
    everything = situations(found)
    left_out = spared(everything)
    owner = {address: one.name for one in found.containers for address in one.addresses}
    asked = {
        (one.vantage.label, owner[one.target.address])
        for one in everything
        if one.target.address in owner
        and (one.vantage, port_ask(one.target)) not in left_out
        and one.here
        and one.here.on(one.target.network or "")
    }
    assert 0 < len(asked) <= ENTRIES
    assert {(there, here) for here, there in asked} == asked
    counts = Counter(here for here, _ in asked)
    assert len(counts) == size
    assert max(counts.values()) - min(counts.values()) <= 2


def test_other_networks_are_none_of_it() -> None:
    everything = situations(inventory(100, 2))
    left_out = spared(everything)
    across = [one for one in everything if one.here and one.network and not one.here.on(one.network.name)]
    assert across
    assert not {(one.vantage, port_ask(one.target)) for one in across} & left_out


def test_what_is_not_asked_is_predicted_by_dockers_rules() -> None:
    one = next(s for s in situations(inventory(3)) if s.target.container == "c001")
    judgement = predicted(one)
    assert (judgement.verdict, judgement.certainty) == (Verdict.REFUSED, "predicted")
    assert judgement.explanation == (
        "not asked, for the sake of the kernel's table of neighbours: 3 containers are on that network; "
        "this is what Docker's own rules give"
    )


def test_where_nothing_is_expected_nothing_is_predicted() -> None:
    one = situations(inventory(3))[0]
    unknown = Situation(one.vantage, one.target, one.inventory)
    assert (predicted(unknown).verdict, predicted(unknown).certainty) == (Verdict.NOT_SENT, "predicted")
