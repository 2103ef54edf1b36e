"""Starters with a wheel for each platform: several jobs build, one set is published and carried."""

import re
import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from support.act.rehearse_command import read_report, rehearse
from support.paths import EXAMPLES

#: The starters test each wheel on three systems and each Python; a story needs one of the jobs.
_FEWER_JOBS = (
    (
        "release.yml",
        r"(?s)(  test:.*?os: )\[ubuntu-latest, macos-latest, windows-latest\]",
        r"\1[windows-latest]",
    ),
    ("pyproject.toml", r'  "Programming Language :: Python :: 3\.13",\n', ""),
)


def has_c_compiler() -> bool:
    headers = Path(sysconfig.get_path("include"), "Python.h")
    return shutil.which("cc") is not None and headers.is_file()


def has_rust() -> bool:
    return shutil.which("cargo") is not None


def copy_starter(name: str, project: Path) -> None:
    """Copy a starter, to be tested by fewer jobs."""
    shutil.copytree(EXAMPLES / name, project)
    for file_name, pattern, text in _FEWER_JOBS:
        file = next(project.rglob(file_name))
        changed, count = re.subn(pattern, text, file.read_text(encoding="utf-8"))
        assert count == 1
        file.write_text(changed, encoding="utf-8")


@pytest.mark.network
@pytest.mark.parametrize(
    ("name", "has_tools"),
    [
        ("cibuildwheel", has_c_compiler),
        pytest.param("maturin", has_rust, marks=pytest.mark.rust),
    ],
)
def test_a_wheel_for_each_platform_is_built_once_and_carried(
    tmp_path: Path, name: str, has_tools: Callable[[], bool]
) -> None:
    if not has_tools():
        pytest.skip("no compiler for it on this machine")
    copy_starter(name, tmp_path / "project")
    output = tmp_path / "out"
    done = rehearse(tmp_path / "project", output, "--until", "qa")
    assert done.returncode == 0, done.stdout + done.stderr
    dev, qa = read_report(output)["environments"]
    start = f"eigenoid_{name}-1.0.0"
    names = {file["name"] for file in dev["files"]}
    others = {f"{start}-cp311-abi3-{tag}.whl" for tag in ("macosx_11_0_arm64", "win_amd64")}
    assert {*others, f"{start}.tar.gz"} < names
    (linux,) = names - others - {f"{start}.tar.gz"}
    assert linux.startswith(f"{start}-cp311-abi3-manylinux_2_28_")
    assert dev["files"] == qa["files"]
    assert (dev["installed_version"], qa["installed_version"]) == ("1.0.0", "1.0.0")

    first, second = (
        {log.stem: log.read_text(encoding="utf-8") for log in output.glob(f"logs/*-{stage}/*.log")}
        for stage in ("release-dev", "release-qa")
    )
    # Where files are carried, no job builds; the others run all the same.
    builders = {f"wheels-{runner}-latest" for runner in ("ubuntu", "macos", "windows")} | {"sdist"}
    assert builders < first.keys()
    skipped = [second[job].splitlines()[0] for job in ("sdist", "wheels")]
    assert skipped == ["sdist: skipped", "wheels: skipped"]
    assert {"collect", "test-windows-latest-3.11", "publish"} < second.keys()
    assert "here it runs on this machine" in first["wheels-windows-latest"]
    assert "here it runs on this machine" not in first["wheels-ubuntu-latest"]
    assert "would build in a manylinux container" in first["wheels-ubuntu-latest"]
    assert "wheels are tagged win_amd64" in first["wheels-windows-latest"]
