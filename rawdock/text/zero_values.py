"""What stands for a null of the daemon's, or for a field that it leaves out where it is empty, when a template asks for it: the
docker CLI has typed structures, where it is a zero value. Source: moby api/types (container, image, network, volume)."""

from __future__ import annotations

from typing import Any


class Null:
    """A nil of Go's: nothing in it, `null` as JSON, and a text of its own."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __str__(self) -> str:
        return self._text


NULL_LIST, NULL_MAP, NIL, NO_ENTRY = Null("[]"), Null("map[]"), Null("<nil>"), Null("<no value>")
_MAPS = """annotations auxiliaryaddresses config containers data driveropts exposedports labels networks options portbindings
    ports services status storageopt sysctls tmpfs volumes"""
_POINTERS = """bindoptions clustervolume containerd descriptor driverconfig health healthcheck imagemanifestdescriptor init
    ipamconfig memoryswappiness oomkilldisable pidslimit sizerootfs sizerw stoptimeout tmpfsoptions usagedata volumeoptions"""
_LISTS = """cdispecdirs defaultaddresspools discovereddevices genericresources layers linklocalips manifests mounts onbuild
    peers shell"""
_TEXTS = """author buildtime comment consistency createdat driver firewallbackend gitcommit isolation kernelversion macaddress
    name osversion productlicense propagation runtime stopsignal variant"""
_SWITCHES = "argsescaped experimental networkdisabled nocopy readonly"
_NULLS = {name: null for names, null in ((_MAPS, NULL_MAP), (_POINTERS, NIL)) for name in names.split()}
_ABSENT: dict[str, Any] = {
    **_NULLS,
    **dict.fromkeys(_LISTS.split(), NULL_LIST),
    **dict.fromkeys(_TEXTS.split(), ""),
    **dict.fromkeys(_SWITCHES.split(), False),
}


def null_of(name: str) -> Null:
    """The null of a field: mostly a list's."""
    return _NULLS.get(name.lower(), NULL_LIST)


def absent(name: str) -> Any:
    """The value of a field that the daemon left out, None if it leaves out none of that name."""
    return _ABSENT.get(name.lower())
