"""Decide what a container engine is asked for in place of what act asks for; pure.

A workflow chooses options, volumes, services and networks of its containers. None of them may lead
out: every container gets the network of one that has only the gateway, and the rights of an
ordinary container.

Spec: https://docs.docker.com/reference/api/engine/version/v1.41/
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

#: By this label everything is found that a rehearsal made.
LABEL = "dist-sandbox.rehearsal"
_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")
#: What cannot be set beside another container's network.
_NETWORK_SETTINGS = (
    "PortBindings", "PublishAllPorts", "Links", "ExtraHosts", "Dns", "DnsOptions", "DnsSearch",
)  # fmt: skip
#: What gives a container more than its own: rights, devices, namespaces, the files of others.
_PRIVILEGES = (
    "Privileged", "CapAdd", "Devices", "DeviceRequests", "DeviceCgroupRules", "SecurityOpt",
    "PidMode", "IpcMode", "UTSMode", "UsernsMode", "CgroupnsMode", "CgroupParent", "Runtime",
    "VolumesFrom", "Sysctls", "MaskedPaths", "ReadonlyPaths",
)  # fmt: skip


@dataclass(frozen=True)
class ContainerRules:
    """What holds for the containers of a rehearsal.

    Attributes:
        name: The container whose network they share; also the value of their label.
        folders: Folders of this machine, of which a container may see parts.
        authority: The certificate that each of them is shown.
        kept_volumes: Volumes that outlive the rehearsal; others are of its own.
    """

    name: str
    folders: tuple[str, ...]
    authority: str
    kept_volumes: tuple[str, ...] = ()


def find_resource(method: str, target: str) -> str:
    """Return what is created by a request, such as `containers`; empty for anything else."""
    path = _VERSION.sub("", urlsplit(target).path)
    parts = path.strip("/").split("/")
    if method != "POST":
        return ""
    if parts in (["containers", "create"], ["networks", "create"], ["volumes", "create"]):
        return parts[0]
    return "exec" if parts[0] == "containers" and parts[-1] == "exec" else ""


def rewrite_body(resource: str, body: bytes, rules: ContainerRules) -> bytes:
    """Write the body that the engine gets in place of this one."""
    document: dict[str, Any] = json.loads(body)
    if resource == "exec":
        return json.dumps({**document, "Privileged": False}).encode()
    document["Labels"] = {**(document.get("Labels") or {}), LABEL: rules.name}
    if resource == "networks":
        document["Internal"] = True
    elif resource == "volumes":
        for name in ("Driver", "DriverOpts", "ClusterVolumeSpec"):
            document.pop(name, None)
        document["Name"] = _own_volume(str(document.get("Name") or ""), rules)
    else:
        document = _rewrite_container(document, rules)
    return json.dumps(document).encode()


def _rewrite_container(document: Mapping[str, Any], rules: ContainerRules) -> dict[str, Any]:
    left_out = {"NetworkingConfig", "Hostname", "Domainname", "MacAddress", "ExposedPorts"}
    container = {name: value for name, value in document.items() if name not in left_out}
    host = {
        name: value
        for name, value in (document.get("HostConfig") or {}).items()
        if name not in {*_NETWORK_SETTINGS, *_PRIVILEGES}
    }
    binds = [_own_volume(bind, rules) for bind in host.get("Binds") or []]
    binds = [bind for bind in binds if _may_bind(bind, rules)]
    # The job's own options may show the certificate already.
    has_certificate = any(bind.split(":")[1:2] == [rules.authority] for bind in binds)
    host["Binds"] = (
        binds if has_certificate else [*binds, f"{rules.authority}:{rules.authority}:ro"]
    )
    host["Mounts"] = [
        _own_mount(mount, rules) for mount in host.get("Mounts") or [] if _may_mount(mount, rules)
    ]
    host["NetworkMode"] = f"container:{rules.name}"
    return {**container, "HostConfig": host}


def _own_volume(bind: str, rules: ContainerRules) -> str:
    """Let a volume be one of this rehearsal, which ends with it."""
    source = bind.partition(":")[0]
    is_volume = source.isascii() and source[:1].isalnum() and source not in rules.kept_volumes
    return f"{rules.name}-{bind}" if is_volume else bind


def _may_bind(bind: str, rules: ContainerRules) -> bool:
    """Tell whether a volume is named, or a folder of the rehearsal."""
    source = bind.partition(":")[0]
    return not source.startswith(("/", ".", "~")) or _is_of_rehearsal(source, rules)


def _may_mount(mount: Mapping[str, Any], rules: ContainerRules) -> bool:
    if mount.get("Type") == "bind":
        return _is_of_rehearsal(str(mount.get("Source")), rules)
    options = mount.get("VolumeOptions") or {}
    return mount.get("Type") in {"volume", "tmpfs"} and not options.get("DriverConfig")


def _own_mount(mount: Mapping[str, Any], rules: ContainerRules) -> dict[str, Any]:
    """Do the same for a volume in the longer form."""
    source = str(mount.get("Source") or "")
    is_volume = mount.get("Type") == "volume" and source
    return {**mount, "Source": _own_volume(source, rules)} if is_volume else dict(mount)


def _is_of_rehearsal(source: str, rules: ContainerRules) -> bool:
    path = PurePosixPath(source)
    allowed = (*rules.folders, rules.authority)
    return ".." not in path.parts and any(path.is_relative_to(folder) for folder in allowed)
