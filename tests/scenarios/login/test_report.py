"""What the phase `report` tells of a job's Python: the private packages, and nothing else."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from support.projects.private_packages import PrivatePackages
from support.sandbox.private_index import USERNAME, private_index

REPORT = {"phase": "report", "python": "environment"}
OUTPUT = "private-dependencies"
PUBLIC = ["pytest-8.0.0", "eigenoid_public-1.0"]


def make_environment(
    workspace: Path, distributions: Iterable[str], folder: str = "environment"
) -> Path:
    """Make what a virtual environment has, with folders as installers write them."""
    environment = workspace / folder
    (environment / "bin").mkdir(parents=True)
    (environment / "pyvenv.cfg").write_text("home = /usr/bin\n")
    python = environment / "bin" / "python"
    python.write_text("#!/bin/sh\ntouch was-started\n")
    python.chmod(0o755)
    for name in distributions:
        metadata = environment / "lib" / "python3.11" / "site-packages" / f"{name}.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 99\n")
    return environment


def test_each_private_package_is_told_with_the_version_that_was_installed(
    private_packages: PrivatePackages,
) -> None:
    """With real installers, and the versions of that environment."""
    private_packages.publish("eigenoid-core", "1.3")
    login = private_packages.log_in()
    private_packages.later_step(
        login,
        "python -m venv --without-pip environment && "
        "pip -q --python environment install 'eigenoid-core<1.3'",
    )
    result = private_packages.log_in(REPORT)
    assert result.exit_status == 0, result.log
    assert json.loads(result.outputs[OUTPUT]) == {"eigenoid-core": "1.2"}
    assert result.variables == {}
    assert "| `eigenoid-core` | `1.2` |" in result.summary
    assert "eigenoid-public" not in result.summary


def test_a_command_is_found_on_the_path_of_the_job(private_packages: PrivatePackages) -> None:
    environment = make_environment(private_packages.workspace, ["eigenoid_core-1.2", *PUBLIC])
    command = environment / "bin" / "tested-python"
    (environment / "bin" / "python").rename(command)
    path = f"{environment / 'bin'}:/usr/bin:/bin"
    inputs = {"phase": "report", "python": "tested-python"}
    result = private_packages.log_in(inputs, environ={"PATH": path})
    assert json.loads(result.outputs[OUTPUT]) == {"eigenoid-core": "1.2"}
    assert not list(private_packages.workspace.rglob("was-started"))


def test_the_package_under_test_is_none_of_its_dependencies(
    private_packages: PrivatePackages,
) -> None:
    private_packages.publish("eigenoid-web", "1.0")
    workspace = private_packages.workspace
    (workspace / "pyproject.toml").write_text('[project]\nname = "Eigenoid.Web"\n')
    make_environment(workspace, ["eigenoid_core-1.2", "eigenoid_web-1.1"])
    result = private_packages.log_in(REPORT)
    assert json.loads(result.outputs[OUTPUT]) == {"eigenoid-core": "1.2"}


@pytest.mark.parametrize(
    "distributions",
    [
        [],
        PUBLIC,
        ["~igenoid_core-1.2", "eigenoid_core-", "eigenoid_core-latest", "eigenoid_core"],
        ["eigenoid_core\n::error::x-1.2", "eigenoid_core-1.2+\u017f", "eigenoid_core-1.2<b>"],
    ],
    ids=["nothing", "public ones", "no versions", "hostile names"],
)
def test_what_is_no_private_package_is_left_out(
    private_packages: PrivatePackages, distributions: list[str]
) -> None:
    make_environment(private_packages.workspace, ["pip-25.0", *distributions])
    result = private_packages.log_in(REPORT)
    assert (result.exit_status, result.outputs) == (0, {OUTPUT: "{}"}), result.log
    assert "None." in result.summary


@pytest.mark.parametrize(("installed", "warnings"), [("eigenoid_web-1.1", 0), ("pip-25.0", 1)])
def test_a_python_that_has_not_even_the_tested_package_is_warned_of(
    private_packages: PrivatePackages, installed: str, warnings: int
) -> None:
    workspace = private_packages.workspace
    (workspace / "pyproject.toml").write_text('[project]\nname = "eigenoid-web"\n')
    make_environment(workspace, [installed, *PUBLIC])
    result = private_packages.log_in(REPORT)
    assert (result.exit_status, result.outputs) == (0, {OUTPUT: "{}"})
    messages = [annotation.message for annotation in result.annotations]
    assert len(messages) == warnings
    assert all("Neither eigenoid-web nor any private package" in text for text in messages)


def test_of_another_index_its_first_page_tells(
    private_packages: PrivatePackages, tmp_path: Path
) -> None:
    make_environment(private_packages.workspace, ["eigenoid_core-2.0", "pytest-8.0.0"])
    with private_index(tmp_path / "company") as index:
        (index.folder / "eigenoid_core-2.0-py3-none-any.whl").write_bytes(b"")
        inputs = {
            "indexes": index.index_url,
            "username": USERNAME,
            "password": index.password,
            "workload-identity-provider": "",
            "service-account": "",
        }
        result = private_packages.log_in({**REPORT, **inputs}, permissions={})
    assert json.loads(result.outputs[OUTPUT]) == {"eigenoid-core": "2.0"}, result.log


def test_an_index_that_cannot_be_read_stops_no_release(private_packages: PrivatePackages) -> None:
    make_environment(private_packages.workspace, ["eigenoid_core-1.2"])
    private_packages.repository(name="eigenoid-all").bindings.clear()
    result = private_packages.log_in(REPORT)
    assert (result.exit_status, result.outputs) == (0, {OUTPUT: "{}"})
    assert result.annotation.level == "warning"
    assert "cannot be listed: HTTP 403" in result.annotation.message


@pytest.mark.parametrize(
    ("python", "text"),
    [("nowhere", "'nowhere', and is nowhere"), ("bin/shim", "no folder of packages goes with")],
)
def test_a_python_without_packages_is_refused(
    private_packages: PrivatePackages, python: str, text: str
) -> None:
    shim = private_packages.workspace / "bin" / "shim"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\nexec python\n")
    result = private_packages.log_in({"phase": "report", "python": python})
    assert (result.exit_status, result.outputs) == (2, {})
    assert text in result.annotation.message
    assert "Fix: give the path" in result.annotation.message
