"""docker-machine's own store on disk, so that its readers need neither the program nor a running machine.

Source: docker/machine libmachine/persist/filestore.go, libmachine/host/host.go (version 3), drivers/generic.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

from .certificates import Certificates, make_certificates
from .commands import run
from .instance import Instance
from .topologies import Machine

USER = "root"


def machine_folder(instance: Instance, machine: Machine) -> Path:
    """The folder that DOCKER_CERT_PATH names."""
    return instance.store / "machines" / machine.name


def write_store(instance: Instance, machine: Machine) -> None:
    """Make certificates and write the store: folders 0700, keys and config.json 0600. Raises LabError."""
    made = make_certificates(instance.folder, USER, machine.name, machine.ip)
    certs, folder = instance.store / "certs", machine_folder(instance, machine)
    for path in (instance.store, certs, folder.parent, folder):
        path.mkdir(mode=0o700)
    for place in (certs, folder):  # the machine's own are byte copies
        _write(place / "ca.pem", made.ca.certificate)
        _write(place / "cert.pem", made.client.certificate)
        _write(place / "key.pem", made.client.key, secret=True)
    _write(certs / "ca-key.pem", made.ca.key, secret=True)
    _write_machine(instance, machine, made)


def _write_machine(instance: Instance, machine: Machine, made: Certificates) -> None:
    folder = machine_folder(instance, machine)
    _write(folder / "server.pem", made.server.certificate)
    _write(folder / "server-key.pem", made.server.key, secret=True)
    _write(folder / "id_rsa", made.ssh_key, secret=True)
    _write(folder / "id_rsa.pub", _ssh_public_key(folder / "id_rsa"))
    config = json.dumps(_config(instance.store, machine), indent=4)
    _write(folder / "config.json", config.encode(), secret=True)


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _ssh_public_key(key: Path) -> bytes:
    """The one-line public key of an RSA key. Source: RFC 4253 section 6.6; openssl's exponent is 65537."""
    modulus = run(["openssl", "rsa", "-noout", "-modulus", "-in", str(key)]).strip().partition(b"=")[2]
    # An mpint is signed: the byte of zeros keeps a number whose first bit is set from being negative.
    fields = (b"ssh-rsa", (65537).to_bytes(3, "big"), b"\0" + bytes.fromhex(modulus.decode()))
    return b"ssh-rsa " + base64.b64encode(b"".join(len(f).to_bytes(4, "big") + f for f in fields)) + b"\n"


def _config(store: Path, machine: Machine) -> dict[str, object]:
    """config.json in the order of Go's structs. The driver is generic, whose URL a reader finds offline."""
    certs, folder = store / "certs", store / "machines" / machine.name
    return {
        "ConfigVersion": 3,
        "Driver": {
            "IPAddress": machine.ip,
            "MachineName": machine.name,
            "SSHUser": USER,
            "SSHPort": 22,
            "SSHKeyPath": f"{folder}/id_rsa",
            "StorePath": str(store),
            "SwarmMaster": False,
            "SwarmHost": "tcp://0.0.0.0:3376",
            "SwarmDiscovery": "",
            "EnginePort": machine.port,
            "SSHKey": "",
        },
        "DriverName": "generic",
        "HostOptions": {
            "Driver": "",
            "Memory": 0,
            "Disk": 0,
            "EngineOptions": {
                "ArbitraryFlags": [],
                "Dns": None,
                "GraphDir": "",
                "Env": [],
                "Ipv6": False,
                "InsecureRegistry": [],
                "Labels": [],
                "LogLevel": "",
                "StorageDriver": "",
                "SelinuxEnabled": False,
                "TlsVerify": True,
                "RegistryMirror": [],
                "InstallURL": "https://get.docker.com",
            },
            "SwarmOptions": {
                "IsSwarm": False,
                "Address": "",
                "Discovery": "",
                "Agent": False,
                "Master": False,
                "Host": "tcp://0.0.0.0:3376",
                "Image": "swarm:latest",
                "Strategy": "spread",
                "Heartbeat": 0,
                "Overcommit": 0,
                "ArbitraryFlags": [],
                "ArbitraryJoinFlags": [],
                "Env": None,
                "IsExperimental": False,
            },
            "AuthOptions": {
                "CertDir": str(certs),
                "CaCertPath": f"{certs}/ca.pem",
                "CaPrivateKeyPath": f"{certs}/ca-key.pem",
                "CaCertRemotePath": "",
                "ServerCertPath": f"{folder}/server.pem",
                "ServerKeyPath": f"{folder}/server-key.pem",
                "ClientKeyPath": f"{certs}/key.pem",
                "ServerCertRemotePath": "",
                "ServerKeyRemotePath": "",
                "ClientCertPath": f"{certs}/cert.pem",
                "ServerCertSANs": [],
                "StorePath": str(folder),
            },
        },
        "Name": machine.name,
    }
