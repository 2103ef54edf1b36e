"""Where the packages of a Python lie, for each way in which one is installed."""

from pathlib import Path

import pytest

from dist_actions.login.installed import list_installed


def install(folder: Path, version: str) -> None:
    """Make the folder that an installer leaves behind."""
    (folder / f"Eigenoid.Core-{version}.dist-info").mkdir(parents=True)


@pytest.mark.parametrize(
    ("command", "real", "places"),
    [
        ("x64/bin/python", "x64/bin/python3.12", ["x64/lib/python3.12/site-packages"]),
        ("x64/bin/python", "x64/bin/python3.13t", ["x64/lib/python3.13t/site-packages"]),
        ("x64/bin/python", "x64/bin/pypy3.10", ["x64/lib/pypy3.10/site-packages"]),
        ("conda/bin/python", "", ["conda/lib/python3.9/site-packages"]),
        ("bin/python3", "usr/bin/python3.11", ["usr/lib/python3/dist-packages"]),
        ("bin/python3", "usr/bin/python3.11", [
            "usr/local/lib/python3.11/dist-packages", "usr/lib/python3/dist-packages"]),
        ("bin/python3", "usr/bin/python3.11", [
            "home/.local/lib/python3.11/site-packages",
            "usr/local/lib/python3.11/dist-packages"]),
    ],
)  # fmt: skip
def test_the_first_place_in_which_a_python_looks_counts(
    tmp_path: Path, command: str, real: str, places: list[str]
) -> None:
    python = tmp_path / (real or command)
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    if real:
        (tmp_path / command).parent.mkdir(exist_ok=True)
        (tmp_path / command).symlink_to(python)
        install(tmp_path / "usr/lib/python3.8/site-packages", "0.1")
    for number, place in enumerate(places, 1):
        install(tmp_path / place, f"{number}.0")
    environ = {"HOME": str(tmp_path / "home"), "PATH": str((tmp_path / command).parent)}
    for name in (command, Path(command).name):
        versions = list_installed(name, tmp_path, environ)
        assert {name: str(version) for name, version in versions.items()} == {
            "eigenoid-core": "1.0"
        }


@pytest.mark.parametrize("name", ["work/.venv", "work/.venv/bin/python", ".venv"])
def test_a_virtual_environment_has_packages_of_its_own(tmp_path: Path, name: str) -> None:
    base = tmp_path / "usr" / "bin" / "python3.11"
    base.parent.mkdir(parents=True)
    base.touch(mode=0o755)
    install(tmp_path / "usr/lib/python3.11/site-packages", "0.1")
    environment = tmp_path / ("work/.venv" if "work" in name else ".venv")
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(base)
    (environment / "pyvenv.cfg").touch()
    packages = environment / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    assert list_installed(name, tmp_path, {}) == {}
    install(packages, "1.0")
    assert [str(version) for version in list_installed(name, tmp_path, {}).values()] == ["1.0"]
