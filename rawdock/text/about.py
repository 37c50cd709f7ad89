"""What `version` and `info` say of the two ends, in lines. Source: docker/cli command/system/version.go and info.go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .dates import ansic
from .units import binary_size

LABEL_WIDTH = 20  # columns
_ENGINE = (
    ("Version", "Version"),
    ("API version", "ApiVersion"),
    ("Go version", "GoVersion"),
    ("Git commit", "GitCommit"),
    ("Built", "BuildTime"),
    ("OS/Arch", "Os"),
    ("Experimental", "Experimental"),
)


def server_version(version: Mapping[str, Any]) -> dict[str, Any]:
    """The daemon's answer to /version as the docker CLI has it: with a component Engine, whose date is for people."""
    components = [dict(component) for component in version.get("Components") or []]
    if not any(component.get("Name") == "Engine" for component in components):  # Podman's, and before API 1.35
        names = ("ApiVersion", "Arch", "BuildTime", "GitCommit", "GoVersion", "MinAPIVersion", "Os")
        details = {name: _word(version[name]) for name in names if name in version}
        details["Experimental"] = _word(version.get("Experimental", False))
        components.append({"Name": "Engine", "Version": version.get("Version", ""), "Details": details})
    for component in components:
        if component.get("Name") == "Engine":
            details = dict(component.get("Details") or {})
            if "BuildTime" in details:
                details["BuildTime"] = ansic(details["BuildTime"])
            component["Details"] = details
    return {**version, "Platform": version.get("Platform") or {"Name": ""}, "Components": components}


def client_lines(client: Mapping[str, Any]) -> Iterator[str]:
    """`client`: Version, ApiVersion, DefaultAPIVersion, PythonVersion, Os, Arch, Context."""
    spoken, newest = client["ApiVersion"], client["DefaultAPIVersion"]
    yield f"Client: {client['Platform']['Name']}"
    yield _labelled(" Version", client["Version"])
    yield _labelled(" API version", spoken if spoken == newest else f"{spoken} (downgraded from {newest})")
    yield _labelled(" Python version", client["PythonVersion"])
    yield _labelled(" OS/Arch", f"{client['Os']}/{client['Arch']}")
    yield _labelled(" Context", client["Context"])


def server_lines(server: Mapping[str, Any]) -> Iterator[str]:
    """`server` as server_version gives it."""
    yield f"Server: {server['Platform'].get('Name', '')}".rstrip()
    for component in server["Components"]:
        details = component.get("Details") or {}
        yield f" {component['Name']}:"
        if component["Name"] == "Engine":
            values = {**details, "Version": component.get("Version", "")}
            values["ApiVersion"] = (
                f"{_word(details.get('ApiVersion'))} (minimum version {details.get('MinAPIVersion', '')})"
            )
            values["Os"] = f"{_word(details.get('Os'))}/{_word(details.get('Arch'))}"
            for label, name in _ENGINE:
                yield _labelled(f"  {label}", _word(values.get(name)))
        else:
            for name, value in (("Version", component.get("Version")), *sorted(details.items())):
                first, *more = _word(value).rstrip("\n").split("\n")  # Podman has the runtime say all it knows
                yield _labelled(f"  {name}", first)
                yield from (" " * LABEL_WIDTH + line for line in more)


def info_lines(info: Mapping[str, Any]) -> Iterator[str]:
    """The daemon's answer to /info, the lines below "Server:"."""
    for label, name in (
        (" Containers", "Containers"),
        ("  Running", "ContainersRunning"),
        ("  Paused", "ContainersPaused"),
        ("  Stopped", "ContainersStopped"),
        (" Images", "Images"),
        (" Server Version", "ServerVersion"),
        (" Storage Driver", "Driver"),
    ):
        yield from _filled(label, info.get(name))
    for name, value in info.get("DriverStatus") or []:
        yield f"  {name}: {value}"
    for label, name in (
        (" Logging Driver", "LoggingDriver"),
        (" Cgroup Driver", "CgroupDriver"),
        (" Cgroup Version", "CgroupVersion"),
    ):
        yield from _filled(label, info.get(name))
    yield from _plugins(info.get("Plugins") or {})
    if directories := info.get("CDISpecDirs"):
        yield " CDI spec directories:"
        yield from (f"  {directory}" for directory in directories)
    if devices := info.get("DiscoveredDevices"):
        yield " Discovered Devices:"
        yield from (f"  {device['Source']}: {device['ID']}" for device in devices)
    yield from _swarm(info.get("Swarm") or {})
    if runtimes := info.get("Runtimes"):
        yield f" Runtimes: {' '.join(sorted(runtimes))}"
        yield f" Default Runtime: {info.get('DefaultRuntime', '')}"
    if info.get("OSType") == "linux":
        yield from _linux(info)
    if info.get("OSType") == "windows":
        yield f" Default Isolation: {info.get('Isolation', '')}"
    yield from _machine(info)
    yield from _settings(info)


def _plugins(plugins: Mapping[str, Any]) -> Iterator[str]:
    yield " Plugins:"
    for kind in ("Volume", "Network", "Authorization", "Log"):
        if kind != "Authorization" or plugins.get(kind):
            yield f"  {kind}: {' '.join(plugins.get(kind) or [])}"


def _swarm(swarm: Mapping[str, Any]) -> Iterator[str]:
    state = swarm.get("LocalNodeState", "")
    yield f" Swarm: {state}"
    if state in ("", "inactive", "locked"):
        return
    yield f"  NodeID: {swarm.get('NodeID', '')}"
    yield from _filled("  Error", swarm.get("Error"))
    manager = bool(swarm.get("ControlAvailable"))
    yield f"  Is Manager: {_word(manager)}"
    cluster = swarm.get("Cluster")
    if cluster and manager:
        yield f"  ClusterID: {cluster.get('ID', '')}"
        yield f"  Managers: {swarm.get('Managers', 0)}"
        yield f"  Nodes: {swarm.get('Nodes', 0)}"
    yield f"  Node Address: {swarm.get('NodeAddr', '')}"
    if managers := sorted(entry.get("Addr", "") for entry in swarm.get("RemoteManagers") or []):
        yield "  Manager Addresses:"
        yield from (f"   {address}" for address in managers)


def _linux(info: Mapping[str, Any]) -> Iterator[str]:
    yield f" Init Binary: {info.get('InitBinary', '')}"
    for label, name in (("containerd", "ContainerdCommit"), ("runc", "RuncCommit"), ("init", "InitCommit")):
        yield f" {label} version: {(info.get(name) or {}).get('ID', '')}"
    options = info.get("SecurityOptions") or []
    if options:
        yield " Security Options:"
    for option in options:
        fields = dict(field.partition("=")[::2] for field in option.split(","))
        yield f"  {fields.get('name', option)}"
        if "profile" in fields:
            yield f"   Profile: {fields['profile']}"


def _machine(info: Mapping[str, Any]) -> Iterator[str]:
    for label, name in (
        (" Kernel Version", "KernelVersion"),
        (" Operating System", "OperatingSystem"),
        (" OSType", "OSType"),
        (" Architecture", "Architecture"),
        (" CPUs", "NCPU"),
    ):
        yield from _filled(label, info.get(name))
    yield f" Total Memory: {binary_size(info.get('MemTotal', 0))}"
    yield from _filled(" Name", info.get("Name"))
    yield from _filled(" ID", info.get("ID"))
    yield f" Docker Root Dir: {info.get('DockerRootDir', '')}"


def _settings(info: Mapping[str, Any]) -> Iterator[str]:
    yield f" Debug Mode: {_word(info.get('Debug', False))}"
    if info.get("Debug"):
        for label, name in (
            ("  File Descriptors", "NFd"),
            ("  Goroutines", "NGoroutines"),
            ("  System Time", "SystemTime"),
            ("  EventsListeners", "NEventsListener"),
        ):
            yield f"{label}: {_word(info.get(name))}"
    for label, name in ((" HTTP Proxy", "HttpProxy"), (" HTTPS Proxy", "HttpsProxy"), (" No Proxy", "NoProxy")):
        yield from _filled(label, info.get(name))
    if labels := info.get("Labels"):
        yield " Labels:"
        yield from (f"  {label}" for label in labels)
    yield f" Experimental: {_word(info.get('ExperimentalBuild', False))}"
    registry = info.get("RegistryConfig") or {}
    indexes = registry.get("IndexConfigs") or {}
    ranges = registry.get("InsecureRegistryCIDRs") or []
    if indexes or ranges:
        yield " Insecure Registries:"
        yield from (f"  {index['Name']}" for index in indexes.values() if not index.get("Secure"))
        yield from (f"  {addresses}" for addresses in ranges)
    if mirrors := registry.get("Mirrors"):
        yield " Registry Mirrors:"
        yield from (f"  {mirror}" for mirror in mirrors)
    yield f" Live Restore Enabled: {_word(info.get('LiveRestoreEnabled', False))}"
    yield from _filled(" Product License", info.get("ProductLicense"))
    if pools := info.get("DefaultAddressPools"):
        yield " Default Address Pools:"
        yield from (f"   Base: {pool['Base']}, Size: {pool['Size']}" for pool in pools)
    if firewall := info.get("FirewallBackend"):
        yield f" Firewall Backend: {firewall.get('Driver', '')}"
        yield from (f"  {name}: {value}" for name, value in firewall.get("Info") or [])


def _filled(label: str, value: Any) -> Iterator[str]:
    if value is not None and value != "":
        yield f"{label}: {_word(value)}"


def _labelled(label: str, value: str) -> str:
    return f"{label + ':':{LABEL_WIDTH - 1}} {value}"


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
