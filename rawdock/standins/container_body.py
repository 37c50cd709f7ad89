"""The options of `docker run` and `docker create` to the body of POST /containers/create. Source: docker/cli
command/container/opts.go; API 1.41's ContainerConfig, HostConfig and NetworkingConfig."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..errors import UsageError
from ..text.duration import nanoseconds_of
from ..text.units import bytes_of
from .mounts import mounts, tmpfs, volumes
from .pairs import pairs
from .publish import exposed, published

NANO = 1_000_000_000
STREAMS = ("stdin", "stdout", "stderr")


def container_body(
    options: Namespace, image: str, command: Sequence[str], env: Sequence[str], absolute: Callable[[str], str]
) -> dict[str, Any]:
    """The body. `env`: lines NAME=VALUE. `absolute`: makes a path of this machine absolute. Raises UsageError for a value that
    is none."""
    if not image:
        raise UsageError("the image's name is empty", "write NAME[:TAG]; the daemon would make a container of nothing")
    bindings = published(options.publish)
    ports = [*bindings, *exposed(options.expose)]
    found = volumes(options.volume, absolute)
    attached = not options.detach
    wanted = _streams(options)
    body = {
        "Hostname": options.hostname,
        "Domainname": options.domainname,
        "User": options.user,
        "AttachStdin": attached and options.interactive and "stdin" in wanted,
        "AttachStdout": attached and "stdout" in wanted,
        "AttachStderr": attached and "stderr" in wanted,
        "ExposedPorts": {port: {} for port in ports},
        "Tty": options.tty,
        "OpenStdin": options.interactive,
        "StdinOnce": options.interactive and attached,
        "Env": list(env),
        "Cmd": list(command) or None,
        "Image": image,
        "Volumes": {place: {} for place in found.places},
        "WorkingDir": options.workdir,
        "Entrypoint": _entrypoint(options.entrypoint),
        "Labels": pairs(options.label, "--label"),
        "StopSignal": options.stop_signal,
        "StopTimeout": options.stop_timeout,
        "Healthcheck": _health(options),
        "MacAddress": options.mac_address,
        "HostConfig": _host(options, bindings, found.binds, absolute),
        "NetworkingConfig": _network(options),
    }
    return _without_empty(body)


def _streams(options: Namespace) -> list[str]:
    """What to attach to."""
    given = [word.lower() for word in options.attach]
    if unknown := [word for word in given if word not in STREAMS]:
        raise UsageError(f"--attach {unknown[0]!r} is no stream", f"write {', '.join(STREAMS)}")
    if given and options.detach:
        raise UsageError("-a attaches, and -d does not", "leave one of them out")
    return given or [*(STREAMS[:1] if options.interactive else ()), *STREAMS[1:]]


def _host(
    options: Namespace, bindings: dict[str, list[dict[str, str]]], binds: list[str], absolute: Callable[[str], str]
) -> dict[str, Any]:
    return _without_empty(
        {
            "AutoRemove": options.rm,
            "Binds": binds,
            "Mounts": mounts(options.mount, absolute),
            "Tmpfs": tmpfs(options.tmpfs),
            "VolumesFrom": options.volumes_from,
            "PortBindings": bindings,
            "PublishAllPorts": options.publish_all,
            "NetworkMode": _networks(options)[0],
            "RestartPolicy": _restart(options.restart),
            "LogConfig": _log(options),
            "Privileged": options.privileged,
            "ReadonlyRootfs": options.read_only,
            "Init": options.init or None,
            "CapAdd": _capabilities(options.cap_add),
            "CapDrop": _capabilities(options.cap_drop),
            "Devices": [_device(word) for word in options.device],
            "DeviceRequests": _gpus(options.gpus),
            "Dns": options.dns,
            "DnsSearch": options.dns_search,
            "DnsOptions": options.dns_option,
            "ExtraHosts": [_extra_host(word) for word in options.add_host],
            "Links": options.link,
            "GroupAdd": options.group_add,
            "SecurityOpt": options.security_opt,
            "Sysctls": pairs(options.sysctl, "--sysctl"),
            "Ulimits": [_ulimit(word) for word in options.ulimit],
            "Memory": _size(options.memory, "--memory"),
            "MemorySwap": -1 if options.memory_swap == "-1" else _size(options.memory_swap, "--memory-swap"),
            "MemoryReservation": _size(options.memory_reservation, "--memory-reservation"),
            "ShmSize": _size(options.shm_size, "--shm-size"),
            "NanoCpus": _cpus(options.cpus),
            "CpuShares": options.cpu_shares,
            "CpusetCpus": options.cpuset_cpus,
            "PidsLimit": options.pids_limit,
            "OomScoreAdj": options.oom_score_adj,
            "PidMode": options.pid,
            "IpcMode": options.ipc,
            "UTSMode": options.uts,
            "UsernsMode": options.userns,
            "CgroupnsMode": options.cgroupns,
            "Runtime": options.runtime,
        }
    )


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """What was not asked for is not sent: the daemon's defaults hold, of whatever version it is. An empty entry point was."""
    return {name: value for name, value in fields.items() if value or value == [""]}


def _networks(options: Namespace) -> tuple[str, dict[str, str]]:
    """The network's name, and what `--network name=x,alias=y` says besides."""
    words = options.network
    if not words:
        return "", {}
    if len(words) > 1:
        raise UsageError(
            f"--network {words[1]!r} is the second", "give one, and connect it to the others by `network connect`"
        )
    if "=" not in words[0]:
        return words[0], {}
    fields = pairs(words[0].split(","), "--network")
    return fields.pop("name", ""), fields


def _network(options: Namespace) -> dict[str, Any]:
    name, fields = _networks(options)
    address = _without_empty(
        {"IPv4Address": options.ip or fields.get("ip", ""), "IPv6Address": options.ip6 or fields.get("ip6", "")}
    )
    aliases = [*options.network_alias, *([fields["alias"]] if "alias" in fields else [])]
    settings = _without_empty({"Aliases": aliases, "IPAMConfig": address})
    if not settings:
        return {}
    if not name:
        raise UsageError("an alias or address without --network", "give --network NAME, of a network that you made")
    return {"EndpointsConfig": {name: settings}}


def _capabilities(words: Iterable[str]) -> list[str]:
    names = sorted({word.upper() for word in words})
    return [name if name == "ALL" or name.startswith("CAP_") else f"CAP_{name}" for name in names]


def _entrypoint(text: str | None) -> list[str] | None:
    return None if text is None else [text]


def _restart(text: str) -> dict[str, Any]:
    name, _, count = (text or "no").partition(":")
    if name not in ("no", "always", "on-failure", "unless-stopped") or (
        count and (name != "on-failure" or not count.isdecimal())
    ):
        raise UsageError(f"--restart {text!r}", "write no, always, unless-stopped, on-failure or on-failure:COUNT")
    return {"Name": name, "MaximumRetryCount": int(count or 0)}


def _log(options: Namespace) -> dict[str, Any]:
    if not options.log_driver and not options.log_opt:
        return {}
    return _without_empty({"Type": options.log_driver, "Config": pairs(options.log_opt, "--log-opt")})


def _health(options: Namespace) -> dict[str, Any]:
    if options.no_healthcheck:
        return {"Test": ["NONE"]}
    return _without_empty(
        {
            "Test": ["CMD-SHELL", options.health_cmd] if options.health_cmd else [],
            "Interval": _duration(options.health_interval, "--health-interval"),
            "Timeout": _duration(options.health_timeout, "--health-timeout"),
            "StartPeriod": _duration(options.health_start_period, "--health-start-period"),
            "Retries": options.health_retries,
        }
    )


def _device(word: str) -> dict[str, str]:
    host, _, rest = word.partition(":")
    inner, _, rights = rest.partition(":")
    if inner and set(inner) <= set("rwm") and not rights:
        inner, rights = "", inner
    if not host.startswith("/"):
        raise UsageError(f"--device {word!r} is no device", "write /dev/X[:/dev/Y][:rwm]")
    return {"PathOnHost": host, "PathInContainer": inner or host, "CgroupPermissions": rights or "rwm"}


def _gpus(text: str) -> list[dict[str, Any]]:
    if not text:
        return []
    if text == "all" or text.isdecimal():
        return [{"Driver": "", "Count": -1 if text == "all" else int(text), "Capabilities": [["gpu"]]}]
    name, _, devices = text.strip('"').partition("=")
    if name != "device" or not devices:
        raise UsageError(f"--gpus {text!r}", "write all, a number, or device=ID,ID")
    return [{"Driver": "", "DeviceIDs": devices.split(","), "Capabilities": [["gpu"]]}]


def _extra_host(word: str) -> str:
    name, separator, address = word.partition("=") if "=" in word else word.partition(":")
    if not (name and separator and address):
        raise UsageError(f"--add-host {word!r}", "write NAME:IP, or NAME:host-gateway")
    return f"{name}:{address.strip('[]')}"


def _ulimit(word: str) -> dict[str, Any]:
    name, _, limits = word.partition("=")
    soft, _, hard = limits.partition(":")
    try:
        return {"Name": name, "Soft": int(soft), "Hard": int(hard or soft)}
    except ValueError:
        raise UsageError(f"--ulimit {word!r}", "write NAME=SOFT[:HARD], such as nofile=1024:2048") from None


def _size(text: str, option: str) -> int:
    if not text:
        return 0
    size = bytes_of(text)
    if size is None:
        raise UsageError(f"{option} {text!r} is no size", "write a number and b, k, m or g, such as 512m")
    return size


def _cpus(text: str) -> int:
    try:
        return round(float(text or 0) * NANO)
    except ValueError:
        raise UsageError(f"--cpus {text!r} is no number", "write one such as 1.5") from None


def _duration(text: str, option: str) -> int:
    """Nanoseconds, of Go's "1m30s"."""
    if not text:
        return 0
    length = nanoseconds_of(text)
    if length is None or length < 0:
        raise UsageError(f"{option} {text!r} is no duration", "write one such as 30s or 1m30s")
    return length
