"""The options of `rawdock run`, those of `docker run` that say what the container is."""

from __future__ import annotations

import argparse

REPEATED = (
    ("-p", "--publish", "[[IP:]PORT:]PORT", "publish a container's port on the daemon's host"),
    ("-v", "--volume", "[SOURCE:]TARGET[:ro]", "mount a folder of the daemon's host, or a volume by its name"),
    ("-e", "--env", "NAME=VALUE", "set a variable of its environment; NAME alone takes ours"),
    ("-l", "--label", "NAME=VALUE", ""),
    ("-a", "--attach", "stdin|stdout|stderr", "attach to these alone"),
    ("", "--env-file", "FILE", "lines of NAME=VALUE"),
    ("", "--expose", "PORT", "say that it listens there, without publishing it"),
    ("", "--mount", "type=T,source=S,target=D", "mount, in full words"),
    ("", "--tmpfs", "FOLDER[:OPTIONS]", "mount memory"),
    ("", "--volumes-from", "CONTAINER", "mount what another has"),
    ("", "--network", "NAME", "bridge, host, none, container:NAME or a network's name"),
    ("", "--network-alias", "NAME", "another name on that network"),
    ("", "--add-host", "NAME:IP", "a line of /etc/hosts; IP may be host-gateway"),
    ("", "--dns", "IP", ""),
    ("", "--dns-search", "DOMAIN", ""),
    ("", "--dns-option", "OPTION", ""),
    ("", "--link", "CONTAINER[:NAME]", ""),
    ("", "--cap-add", "CAPABILITY", ""),
    ("", "--cap-drop", "CAPABILITY", ""),
    ("", "--device", "PATH[:PATH][:rwm]", ""),
    ("", "--group-add", "GROUP", ""),
    ("", "--security-opt", "OPTION", ""),
    ("", "--sysctl", "NAME=VALUE", ""),
    ("", "--ulimit", "NAME=SOFT[:HARD]", ""),
    ("", "--log-opt", "NAME=VALUE", ""),
)
OLD_NAMES = {
    "--net": "--network",
    "--net-alias": "--network-alias",
    "--dns-opt": "--dns-option",
}  # docker has them still
TEXTS = (
    ("-m", "--memory", "SIZE", "such as 512m"),
    ("-u", "--user", "USER[:GROUP]", ""),
    ("-w", "--workdir", "FOLDER", ""),
    ("", "--name", "NAME", "else the daemon makes one up"),
    ("", "--hostname", "NAME", ""),
    ("", "--domainname", "NAME", ""),
    ("", "--restart", "POLICY", "no, always, unless-stopped or on-failure[:COUNT]"),
    ("", "--memory-swap", "SIZE", ""),
    ("", "--memory-reservation", "SIZE", ""),
    ("", "--shm-size", "SIZE", ""),
    ("", "--cpus", "NUMBER", "such as 1.5"),
    ("", "--cpuset-cpus", "LIST", "such as 0-2"),
    ("", "--gpus", "WHICH", ""),
    ("", "--ip", "IP", ""),
    ("", "--ip6", "IP", ""),
    ("", "--mac-address", "MAC", ""),
    ("", "--pid", "MODE", ""),
    ("", "--ipc", "MODE", ""),
    ("", "--uts", "MODE", ""),
    ("", "--userns", "MODE", ""),
    ("", "--cgroupns", "MODE", ""),
    ("", "--runtime", "NAME", ""),
    ("", "--stop-signal", "SIGNAL", ""),
    ("", "--log-driver", "NAME", ""),
    ("", "--health-cmd", "COMMAND", ""),
    ("", "--health-interval", "DURATION", "such as 30s"),
    ("", "--health-timeout", "DURATION", ""),
    ("", "--health-start-period", "DURATION", ""),
    ("", "--platform", "OS[/ARCH]", ""),
    ("", "--cidfile", "FILE", "write the container's identifier there"),
    ("", "--detach-keys", "KEYS", "such as ctrl-a,x (default: ctrl-p,ctrl-q)"),
)
NUMBERS = ("--cpu-shares", "--pids-limit", "--oom-score-adj", "--stop-timeout", "--health-retries")
SWITCHES = (
    ("-d", "--detach", "print its identifier and do not wait for it"),
    ("-i", "--interactive", "give it our standard input"),
    ("-t", "--tty", "give it a terminal, and make ours its own meanwhile"),
    ("-P", "--publish-all", "publish all ports that it exposes"),
    ("", "--rm", "remove it when it ends"),
    ("", "--init", "run an init in it"),
    ("", "--privileged", ""),
    ("", "--read-only", "its files cannot be written"),
    ("", "--no-healthcheck", ""),
    ("-q", "--quiet", "print no progress of a pull"),
)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add them all. `-h` stays help: `--hostname` has no letter."""
    for short, long, help_ in SWITCHES:
        parser.add_argument(*_names(short, long), action="store_true", help=help_ or None)
    for short, long, metavar, help_ in REPEATED:
        text = f"{help_}; repeatable" if help_ else "repeatable"
        parser.add_argument(*_names(short, long), metavar=metavar, action="append", default=[], help=text)
    for old, long in OLD_NAMES.items():
        dest = long[2:].replace("-", "_")
        parser.add_argument(old, dest=dest, action="append", default=[], help=argparse.SUPPRESS)
    for short, long, metavar, help_ in TEXTS:
        parser.add_argument(*_names(short, long), metavar=metavar, default="", help=help_ or None)
    for long in NUMBERS:
        parser.add_argument(long, type=int, metavar="N", default=0)
    parser.add_argument("--entrypoint", metavar="COMMAND", default=None, help="in place of the image's; '' for none")
    parser.add_argument(
        "--pull", choices=("missing", "always", "never"), default="missing", help="when to pull the image"
    )
    parser.add_argument(
        "--sig-proxy",
        action="store_true",
        default=True,
        help="pass signals on to it, which --sig-proxy=false leaves out",
    )


def _names(short: str, long: str) -> tuple[str, ...]:
    return (short, long) if short else (long,)
