"""Values that make an example of a request: what stands in the path, in the query and in the body of each operation."""

from __future__ import annotations

from typing import Any

PATHS = {
    "Config": "web-config",
    "Container": "web",
    "Distribution": "alpine",
    "Exec": "EXEC_ID",
    "Image": "alpine",
    "Network": "front",
    "Node": "NODE",
    "Plugin": "sshfs",
    "Secret": "web-key",
    "Service": "shop",
    "Task": "TASK",
    "Volume": "uploads",
}
# What is required and has no other sample, by name.
REQUIRED = {"h": "40", "w": "120", "version": "42", "path": "/etc/hosts", "term": "redis", "remote": "vieux/sshfs"}
_SPEC = {"Name": "web-config", "Data": "aGVsbG8="}
_TASK = {"Name": "shop", "TaskTemplate": {"ContainerSpec": {"Image": "nginx"}}}
QUERIES: dict[str, dict[str, str]] = {
    "BuildPrune": {"all": "true"},
    "ContainerArchive": {"path": "/etc/hosts"},
    "ContainerAttach": {"stream": "true", "stdout": "true", "stderr": "true"},
    "ContainerAttachWebsocket": {"stream": "true", "stdout": "true"},
    "ContainerCreate": {"name": "web"},
    "ContainerDelete": {"force": "true"},
    "ContainerKill": {"signal": "SIGHUP"},
    "ContainerList": {"all": "true"},
    "ContainerLogs": {"stdout": "true", "stderr": "true", "tail": "10"},
    "ContainerPrune": {"filters": '{"until":["24h"]}'},
    "ContainerRename": {"name": "old-web"},
    "ContainerStats": {"stream": "false"},
    "ContainerStop": {"t": "5"},
    "ContainerWait": {"condition": "next-exit"},
    "GetPluginPrivileges": {"remote": "vieux/sshfs"},
    "ImageBuild": {"t": "web:1"},
    "ImageCommit": {"container": "web", "repo": "web", "tag": "2"},
    "ImageCreate": {"fromImage": "alpine", "tag": "latest"},
    "ImageGetAll": {"names": "alpine"},
    "ImagePush": {"tag": "latest"},
    "ImageTag": {"repo": "registry.local/alpine", "tag": "1"},
    "PluginCreate": {"name": "sshfs"},
    "PutContainerArchive": {"path": "/srv"},
    "ServiceLogs": {"stdout": "true", "stderr": "true"},
    "SystemDataUsage": {"type": "container"},
    "SystemEvents": {"until": "0"},
    "TaskLogs": {"stdout": "true", "stderr": "true"},
}
BODIES: dict[str, Any] = {
    "ConfigCreate": _SPEC,
    "ConfigUpdate": {"Name": "web-config", "Labels": {"stage": "test"}},
    "ContainerCreate": {"Image": "alpine", "Cmd": ["sleep", "60"], "HostConfig": {"Memory": 33554432}},
    "ContainerExec": {"Cmd": ["date"], "AttachStdout": True},
    "ContainerUpdate": {"Memory": 67108864, "MemorySwap": 134217728},
    "ExecStart": {"Detach": False},
    "ImageCommit": {"Labels": {"stage": "test"}},
    "NetworkConnect": {"Container": "web", "EndpointConfig": {"Aliases": ["shop"]}},
    "NetworkCreate": {"Name": "front", "Internal": True},
    "NetworkDisconnect": {"Container": "web", "Force": True},
    "NodeUpdate": {"Role": "worker", "Availability": "drain"},
    "SecretCreate": {"Name": "web-key", "Data": "aGVsbG8="},
    "SecretUpdate": {"Name": "web-key", "Labels": {"stage": "test"}},
    "ServiceCreate": _TASK,
    "ServiceUpdate": _TASK,
    "SwarmInit": {"ListenAddr": "0.0.0.0:2377"},
    "SwarmJoin": {"RemoteAddrs": ["10.0.0.2:2377"], "JoinToken": "TOKEN"},
    "SwarmUnlock": {"UnlockKey": "KEY"},
    "SwarmUpdate": {"Name": "default", "TaskDefaults": {}},
    "SystemAuth": {"username": "me", "password": "PASSWORD", "serveraddress": "registry.local"},
    "VolumeCreate": {"Name": "uploads", "Labels": {"stage": "test"}},
    "VolumeUpdate": {"Spec": {"AccessMode": {"Availability": "drain"}}},
}
# A body that no items make: what the file holds.
FILES = {"PluginPull": "privileges.json", "PluginUpgrade": "privileges.json", "PluginSet": "settings.json"}
ARCHIVES = {"ImageBuild": "context.tar", "ImageLoad": "images.tar", "PluginCreate": "plugin.tar"}
ARCHIVE = "files.tar"
