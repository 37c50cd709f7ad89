"""An image's name as the docker CLI shows it. Source: github.com/distribution/reference, normalize.go, FamiliarName."""

from __future__ import annotations


def familiar(name: str) -> str:
    """The name without what is meant anyway: "docker.io/library/alpine:3.20" is "alpine:3.20", "docker.io/team/app" is
    "team/app". Dockerd gives such names out itself; Podman gives them whole."""
    registry, slash, path = name.partition("/")
    if slash and registry in ("docker.io", "index.docker.io"):
        name = path
    official = name.removeprefix("library/")
    return name if "/" in official else official
