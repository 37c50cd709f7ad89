"""The order in which a daemon is looked for: the docker CLI's, with docker-machine's two options beside --context and -H.

Source: docker CLI 28.2.2, resolveContextName in cli/command/cli.go and getServerHost, run as in tests/fixtures: --context,
-H, a DOCKER_HOST that is not empty, DOCKER_CONTEXT, currentContext of config.json, the default. Any DOCKER_TLS_VERIFY that is
not empty means yes, "0" too; DOCKER_TLS means TLS without verification; tcp://localhost:2376 is the default under both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..endpoint import DEFAULT_ORIGIN, DEFAULT_SOCKET, DEFAULT_TLS_PORT, Endpoint, Scheme, TLSFiles
from ..errors import EndpointError
from .doubts import doubted, environment_doubted

if TYPE_CHECKING:
    from .contexts import ContextStore
    from .machine_store import MachineStore

PLACES = (
    "--machine",
    "--machine-env",
    "--context",
    "-H",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "currentContext",
    "default",
)
DEFAULT_CONTEXT = "default"  # reserved: stands for DOCKER_HOST or the default socket, and is never on disk


class Search:
    """What the caller said and the environment. Files are read when they decide, not before; each at most once."""

    def __init__(
        self,
        environ: Mapping[str, str],
        host: str | None = None,
        context: str | None = None,
        machine: str | None = None,
        machine_env: tuple[str, str] | None = None,
        *,
        live: bool = False,
        host_origin: str = "-H",
    ) -> None:
        self.environ = environ
        self.host = host
        self.context = context
        self.machine = machine
        self.machine_env = machine_env
        self.live = live
        self.host_origin = host_origin

    def endpoint(self) -> Endpoint:
        """Return the endpoint to use. Raises EndpointError if two options contradict each other, or if what decides names
        no endpoint: nothing later is tried in its place."""
        return self.endpoint_of(self.decider())

    def decider(self) -> str:
        """The first of PLACES that says something."""
        if len(given := self.given()) > 1:
            raise EndpointError(f"{' and '.join(given)} each name a daemon", "give one of them")
        if self.live and self.machine is None:
            why = "--live asks docker-machine for a machine's address, and no machine is named"
            raise EndpointError(why, "add --machine")
        return given[0] if given else next(place for place in PLACES if self.says(place))

    def given(self) -> list[str]:
        """The options that the caller gave."""
        return [place for place in ("-H", "--context", "--machine", "--machine-env") if self.says(place)]

    def says(self, place: str) -> bool:
        """Whether a place names a daemon, be it in vain. An empty --context, DOCKER_HOST or DOCKER_CONTEXT is none."""
        match place:
            case "--machine":
                return self.machine is not None
            case "--machine-env":
                return self.machine_env is not None
            case "-H":
                return self.host is not None
            case "DOCKER_HOST":
                return bool(self.environ.get("DOCKER_HOST"))
            case "default":
                return True
            case _:
                return self.context_of(place) is not None

    def context_of(self, place: str) -> str | None:
        """The context that "--context", "DOCKER_CONTEXT" or "currentContext" names, None for none."""
        match place:
            case "--context":
                return self.context or None
            case "DOCKER_CONTEXT":
                return self.environ.get(place) or None
            case _:
                return self.contexts.current()

    def endpoint_of(self, place: str) -> Endpoint:
        """The endpoint that a place which says something names. Raises EndpointError."""
        return doubted(self._endpoint_of(place))

    @cached_property
    def contexts(self) -> ContextStore:
        from .contexts import ContextStore  # 1 ms to import, and -H and DOCKER_HOST do without

        return ContextStore.of(self.environ)

    @property
    def machines(self) -> MachineStore:
        from .machine_store import MachineStore

        return MachineStore.of(self.environ)

    def _endpoint_of(self, place: str) -> Endpoint:
        if place == "--machine" and self.machine is not None:
            return self._machine(self.machine)
        if place == "--machine-env" and self.machine_env is not None:
            from .machine_env import machine_env_endpoint

            return machine_env_endpoint(*self.machine_env)
        if place == "-H" and self.host is not None:
            return self._parse(self.host, self.host_origin)
        if place == "DOCKER_HOST":
            return self._parse(self.environ[place], place)
        if place == "default":
            return self._default()
        name = self.context_of(place) or DEFAULT_CONTEXT
        if name == DEFAULT_CONTEXT:  # `--context default` with DOCKER_HOST is DOCKER_HOST's daemon
            return self._endpoint_of("DOCKER_HOST" if self.says("DOCKER_HOST") else "default")
        where = f"currentContext in {self.contexts.config_path}" if place == "currentContext" else place
        return self.contexts.endpoint(name, where)

    def _machine(self, name: str) -> Endpoint:
        if not self.live:
            return self.machines.endpoint(name)
        from .machine_live import live_endpoint

        return live_endpoint(self.machines, self.environ, name)

    def _parse(self, text: str, origin: str) -> Endpoint:
        return environment_doubted(Endpoint.parse(text, origin, self._tls()), self.environ)

    def _default(self) -> Endpoint:
        if tls := self._tls():
            origin = f"the default under {'DOCKER_TLS_VERIFY' if tls.verify else 'DOCKER_TLS'}"
            return environment_doubted(Endpoint(Scheme.TCP, "localhost", DEFAULT_TLS_PORT, origin, tls), self.environ)
        endpoint = Endpoint(Scheme.UNIX, DEFAULT_SOCKET, None, DEFAULT_ORIGIN)
        if self.contexts.closed():
            return endpoint.noted(f"{self.contexts.config_path} may not be read, so no currentContext is known")
        return endpoint

    def _tls(self) -> TLSFiles | None:
        verify = bool(self.environ.get("DOCKER_TLS_VERIFY"))
        if not (verify or self.environ.get("DOCKER_TLS")):
            return None
        if folder := self.environ.get("DOCKER_CERT_PATH"):
            return TLSFiles.in_folder(folder, "DOCKER_CERT_PATH", verify=verify)
        origin = "DOCKER_CONFIG" if self.environ.get("DOCKER_CONFIG") else "the default certificate folder"
        return TLSFiles.in_folder(self.contexts.folder, origin, verify=verify)
