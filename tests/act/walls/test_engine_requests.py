"""What a workflow asks of the container engine: none of it leads out of the rehearsal."""

import json
from typing import Any

import pytest

from dist_sandbox.rehearse.walls.engine_requests import (
    LABEL,
    ContainerRules,
    find_resource,
    rewrite_body,
)

RULES = ContainerRules("rehearsal-1", ("/work/run",), "/work/ca.pem", ("kept",))


def rewrite(resource: str, document: dict[str, Any]) -> dict[str, Any]:
    rewritten: dict[str, Any] = json.loads(
        rewrite_body(resource, json.dumps(document).encode(), RULES)
    )
    return rewritten


@pytest.mark.parametrize(
    ("method", "target", "resource"),
    [
        ("POST", "/v1.41/containers/create?name=a", "containers"),
        ("POST", "/containers/create", "containers"),
        ("POST", "/v1.41/networks/create", "networks"),
        ("POST", "/v1.41/volumes/create", "volumes"),
        ("POST", "/v1.41/containers/abc/exec", "exec"),
        ("POST", "/v1.41/containers/abc/start", ""),
        ("GET", "/v1.41/containers/json", ""),
    ],
)
def test_what_makes_something_is_looked_at(method: str, target: str, resource: str) -> None:
    assert find_resource(method, target) == resource


@pytest.mark.parametrize(
    "options",
    [
        {"Privileged": True},
        {"CapAdd": ["NET_ADMIN"]},
        {"PidMode": "host"},
        {"IpcMode": "host"},
        {"UTSMode": "host"},
        {"UsernsMode": "host"},
        {"Devices": [{"PathOnHost": "/dev/sda"}]},
        {"SecurityOpt": ["seccomp=unconfined"]},
        {"VolumesFrom": ["another"]},
        {"Runtime": "another"},
        {"Sysctls": {"net.ipv4.ip_forward": "1"}},
        {"PortBindings": {"80/tcp": [{"HostPort": "80"}]}},
        {"ExtraHosts": ["api.github.com:192.0.2.1"]},
        {"Dns": ["192.0.2.1"]},
        {"NetworkMode": "host"},
        {"Binds": ["/:/host", "/work/run/../../etc:/etc2", "../etc:/x", "~/.ssh:/y"]},
        {"Mounts": [{"Type": "bind", "Source": "/etc", "Target": "/x"}]},
        {
            "Mounts": [
                {"Type": "volume", "Source": "v", "VolumeOptions": {"DriverConfig": {"Name": "l"}}}
            ]
        },
    ],
    ids=lambda options: next(iter(options)),
)
def test_an_option_of_a_container_gives_it_nothing(options: dict[str, Any]) -> None:
    plain = rewrite("containers", {"Image": "a", "HostConfig": {}})

    assert rewrite("containers", {"Image": "a", "HostConfig": options}) == plain
    assert plain["HostConfig"]["NetworkMode"] == "container:rehearsal-1"
    assert plain["Labels"] == {LABEL: "rehearsal-1"}


def test_a_container_joins_no_other_network() -> None:
    document = {
        "Hostname": "a",
        "ExposedPorts": {"80/tcp": {}},
        "HostConfig": {},
        "NetworkingConfig": {"EndpointsConfig": {"bridge": {}}},
    }

    assert rewrite("containers", document) == rewrite("containers", {"HostConfig": {}})


def test_folders_of_the_rehearsal_and_volumes_of_its_own_are_mounted() -> None:
    binds = ["/work/run/a:/a", "cache:/cache", "kept:/kept", "/work/ca.pem:/work/ca.pem:ro"]

    host = rewrite("containers", {"HostConfig": {"Binds": binds}})["HostConfig"]

    expected = ["/work/run/a:/a", "rehearsal-1-cache:/cache", "kept:/kept"]
    assert host["Binds"] == [*expected, "/work/ca.pem:/work/ca.pem:ro"]


def test_networks_and_volumes_and_programs_are_plain() -> None:
    options = {"type": "none", "o": "bind", "device": "/"}

    assert rewrite("networks", {"Name": "n", "Internal": False})["Internal"] is True
    volume = rewrite("volumes", {"Name": "v", "Driver": "local", "DriverOpts": options})
    assert volume == {"Name": "rehearsal-1-v", "Labels": {LABEL: "rehearsal-1"}}
    assert rewrite("exec", {"Cmd": ["a"], "Privileged": True})["Privileged"] is False
