"""What a client's environment holds in each topology, as a mapping for `lab exec` and as text for `lab env`.

Source of the text: docker-machine 0.16.2, commands/env.go, `env --shell bash`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .instance import Instance
from .machine_store import machine_folder

# What would lead a client elsewhere: another daemon's settings, or a proxy out of the namespaces' reach.
_MISLEADING = {
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"),
    *("DOCKER_API_VERSION", "DOCKER_MACHINE_NAME", "MACHINE_STORAGE_PATH"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
}


def client_variables(instance: Instance) -> dict[str, str]:
    """The variables that lead a client to the instance's daemon, in the order docker-machine prints them."""
    machine = instance.topology.machine
    if machine is None:
        return {"DOCKER_HOST": f"unix://{instance.socket}"}
    return {
        "MACHINE_STORAGE_PATH": str(instance.store),
        "DOCKER_TLS_VERIFY": "1",
        "DOCKER_HOST": machine.url,
        "DOCKER_CERT_PATH": str(machine_folder(instance, machine)),
        "DOCKER_MACHINE_NAME": machine.name,
    }


def client_environment(instance: Instance, inherited: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a command in the client's namespace."""
    kept = {name: value for name, value in inherited.items() if name not in _MISLEADING}
    return {**kept, **client_variables(instance)}


def env_text(instance: Instance) -> str:
    """Lines for `eval` in bash; with a machine, its last six are `docker-machine env`'s own."""
    lines = [f'export {name}="{value}"' for name, value in client_variables(instance).items()]
    if machine := instance.topology.machine:
        lines.append("# Run this command to configure your shell: ")  # its trailing space is docker-machine's
        lines.append(f"# eval $(docker-machine env --shell bash {machine.name})")
    return "\n".join(lines) + "\n"
