"""Misspelt parameters and fields of the raw verbs: a warning where the operation is known, and what is sent stays as it is."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from wire_daemon import HOLD, REQUEST, WireDaemon, ping, reply

from rawdock.catalogue.operations import operations
from rawdock.cli import main
from rawdock.cli.console import Console
from rawdock.quick import PLAIN_ENDS, PLAIN_NAMES

RAWDOCK = [sys.executable, "-W", "error", "-m", "rawdock"]


def warned(folder: Path, *words: str) -> str:
    """What is said on stderr of a request that is sent, and answered well."""
    out, err = io.BytesIO(), io.StringIO()
    with WireDaemon(folder, "unix", [REQUEST, ping(), REQUEST, reply(b"{}"), HOLD]) as daemon:
        code = main([*words, "-H", daemon.url], Console(out, err, io.BytesIO(), {}))
    assert (code, out.getvalue()) == (0, b"{}")
    return err.getvalue()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("get /containers/json al==1", "ContainerList has no parameter 'al'; did you mean all?"),
        ("get /containers/json?al=1", "ContainerList has no parameter 'al'; did you mean all?"),
        ("get /containers/json All==1", "ContainerList has no parameter 'All'; did you mean all?"),
        ("get /images/json shared_size==1", "ImageList has no parameter 'shared_size'; did you mean shared-size?"),
        (
            "get /images/library/alpine/json manifest==1",
            "ImageInspect has no parameter 'manifest'; did you mean manifests?",
        ),
        ("get /containers/a%2Fb/json sise==1", "ContainerInspect has no parameter 'sise'; did you mean size?"),
        (
            "get /containers/json all=1",
            "ContainerList has no body field 'all', but a parameter of the query: all==VALUE?",
        ),
        ("post /containers/create name=a Image=b", "no body field 'name', but a parameter of the query: name==VALUE?"),
        ("post /containers/create Image==b", "has no parameter 'Image', but a body field: Image=VALUE?"),
        ("post /containers/create Imge=b", "ContainerCreate has no body field 'Imge'; did you mean Image?"),
        ("post /containers/create HostConfig[Memry]:=1", "'HostConfig.Memry'; did you mean HostConfig.Memory?"),
        (
            "post /containers/create HostConfig[PortBindings][80/tcp][][HostPrt]=1",
            "'HostConfig.PortBindings.HostPrt'; did you mean HostConfig.PortBindings.HostPort?",
        ),
    ],
)
def test_a_near_miss_is_said_and_the_request_is_sent(tmp_path: Path, words: str, sentence: str) -> None:
    said = warned(tmp_path, *words.split())
    assert said.startswith("rawdock: ") and said.endswith(" It is sent as it is.\n")
    assert sentence in said and said.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        "get /containers/json all==1 limit==2 --filter label=a",
        "get /containers/json anything==1",  # nothing is near
        "get /containers/web/logs stdout==1 details==1 --raw",  # taken, and near to nothing that is documented
        "get /no/such/path al==1",
        "post /build t==a buildid==1 cgroupparent==a",
        "post /containers/create image=a hostconfig[memory]:=1",  # Go's decoder takes any case
        "post /containers/create Labels[Imge]=a HostConfig[LogConfig][Typ]=a",  # the user's own names, and unknown ones
        "post /containers/web/start Force=1",
        "post /plugins/a/set Imge=a",
    ],
)
def test_what_is_right_or_unknown_is_left_alone(tmp_path: Path, words: str) -> None:
    assert warned(tmp_path, *words.split()) == ""


def test_a_version_in_the_path_hides_nothing(tmp_path: Path) -> None:
    out, err = io.BytesIO(), io.StringIO()
    with WireDaemon(tmp_path, "unix", [REQUEST, reply(b"[]"), HOLD]) as daemon:
        words = ["get", "/v1.41/containers/json?al=1", "-H", daemon.url]
        assert main(words, Console(out, err, io.BytesIO(), {})) == 0
    assert "did you mean all?" in err.getvalue() and daemon.lines == [["GET /v1.41/containers/json?al=1 HTTP/1.1"]]


def test_the_quick_get_leaves_unknown_names_to_the_warning(tmp_path: Path) -> None:
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(b"[]"), HOLD]) as daemon:
        argv = [*RAWDOCK, "-H", daemon.url, "get", "/containers/json?all=1&limt=3"]
        done = subprocess.run(argv, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, b"[]") and b"did you mean limit?" in done.stderr


def test_the_quick_get_takes_parameters_that_are_documented() -> None:
    """Of the paths that it takes: any other name may be a misspelt one."""
    ends = [each for each in operations() if each.method == "GET" and each.path.endswith(PLAIN_ENDS)]
    names = {parameter.name for each in ends for parameter in each.parameters if parameter.place == "query"}
    assert {*PLAIN_NAMES} <= names


@pytest.mark.parametrize(("words", "loaded"), [(["/info", "X-A:1"], False), (["/info", "a==1"], True)])
def test_the_catalogue_is_loaded_for_a_query_or_a_body_alone(tmp_path: Path, words: list[str], loaded: bool) -> None:
    program = (
        "import sys; from rawdock.cli import main; main(sys.argv[1:]); print('rawdock.catalogue.words' in sys.modules)"
    )
    with WireDaemon(tmp_path, "unix", [REQUEST, ping(), REQUEST, reply(b""), HOLD]) as daemon:
        argv = [sys.executable, "-c", program, "get", *words, "-H", daemon.url]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == f"{loaded}\n"
