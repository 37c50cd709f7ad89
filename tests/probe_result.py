"""A probe's result for the tests of its forms: real documents, and names and sentences that are markup in each of them."""

from __future__ import annotations

from test_probe_inventory import attached, bridge, document, read

from rawdock.probe.inventory import Published
from rawdock.probe.observation import Observation, Outcome
from rawdock.probe.record import Record, Result
from rawdock.probe.target import CLIENT, Kind, Place, Target, Vantage
from rawdock.probe.topology import Facts, decide
from rawdock.probe.verdict import Judgement, Verdict

EVIL = "<script>owned=1</script><img src=x onerror=owned=1>\"'`|#&*@\\]]>\x1b[2J\x00"
WEB, DB = Vantage(Place.CONTAINER, "web"), Vantage(Place.CONTAINER, "db")
VM = "192.168.99.100"


def published(port: int) -> dict[str, object]:
    return {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(port)}]}}


def result(name: str = "web", why: str = "web listens on 0.0.0.0:80") -> Result:
    """A docker-machine's: `name` is that of the container that is reached, `why` the explanation of the first record."""
    inventory = read(
        document(name, settings=published(8080)),
        document("db", settings=attached(backend="172.18.0.2")),
        networks=[bridge(), bridge("backend", "172.18.0.0/16")],
    )
    binding = Published("0.0.0.0", 8080, 80)
    near = Target(Kind.PUBLISHED, VM, 8080, name, 80, binding)
    here = Target(Kind.PUBLISHED, "127.0.0.1", 8080, name, 80, binding)
    direct = Target(Kind.CONTAINER, "172.17.0.2", 80, name, 80, network="bridge")
    gateway = Target(Kind.GATEWAY, "172.18.0.1", 8080, name, 80, binding, "backend")
    daemon = Target(Kind.GATEWAY, "172.18.0.1", 2376, network="backend")
    gone = Target(Kind.CONTAINER, "", 0, name)
    records = [
        Record(CLIENT, near, Judgement(Verdict.OPEN, why), Observation(Outcome.QUIET, milliseconds=0.4)),
        Record(
            CLIENT, here, Judgement(Verdict.REFUSED, "nothing listens", "use the VM"), Observation(Outcome.FAILED, 111)
        ),
        Record(
            CLIENT, direct, Judgement(Verdict.NO_ROUTE, "no route to 172.17.0.0/16"), Observation(Outcome.FAILED, 101)
        ),
        Record(DB, gateway, Judgement(Verdict.ACCEPTED_THEN_CLOSED, "nobody", "start"), Observation(Outcome.CLOSED)),
        Record(DB, daemon, Judgement(Verdict.OPEN, "connected"), Observation(Outcome.QUIET)),
        Record(
            DB,
            direct,
            Judgement(Verdict.FILTERED, "kept apart", measured=False),
            Observation(Outcome.TIMEOUT, 110, 3506.0),
            2,
        ),
        Record(
            Vantage(Place.CONTAINER, name),
            gone,
            Judgement(Verdict.VANTAGE_UNAVAILABLE, "not probed from here"),
            Observation(Outcome.NO_VANTAGE),
        ),
    ]
    info = {"OperatingSystem": "Debian", "Labels": ["provider=virtualbox"]}
    return Result(inventory, decide(Facts({}, info, host=VM, source="192.168.99.1")), records)
