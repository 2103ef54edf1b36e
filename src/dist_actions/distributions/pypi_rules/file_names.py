"""PyPI's rules for the names of files and new projects; pure.

Spec: https://peps.python.org/pep-0625/ for sdists,
https://packaging.python.org/en/latest/specifications/binary-distribution-format/ for wheels, and
https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
"""

import re
from collections.abc import Iterator
from functools import cache

from packaging.utils import (
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_wheel_filename,
)
from packaging.version import Version
from stdlib_list import short_versions, stdlib_list

from dist_actions.distributions.pypi_rules.problems import Problem

#: Platforms that need no more than their name. `linux_…` alone are those of 32-bit Raspberry Pis.
_PLATFORMS = frozenset(
    {"any", "win32", "win_amd64", "win_arm64", "win_ia64", "linux_armv6l", "linux_armv7l"}
    | {f"manylinux{year}_{cpu}" for year in (1, 2010) for cpu in ("i686", "x86_64")}
    | {
        f"manylinux2014_{cpu}"
        for cpu in ("aarch64", "armv7l", "i686", "ppc64", "ppc64le", "s390x", "x86_64")
    }
)
_LINUX_CPUS = frozenset({"aarch64", "armv7l", "i686", "ppc64le", "riscv64", "s390x", "x86_64"})
_MAC_CPUS = frozenset(
    {"arm64", "fat", "fat3", "fat64", "i386", "intel", "ppc", "ppc64", "x86_64"}
    | {"universal", "universal2"}
)
#: Since macOS 11 each year's release is one, whose minor number says nothing.
_MAC_MAJORS = frozenset({"11", "12", "13", "14", "15", "26"})
_IOS_CPUS = frozenset({"arm64", "x86_64"})
_ANDROID_CPUS = frozenset({"arm64_v8a", "armeabi_v7a", "x86", "x86_64"})

_LINUX = re.compile(r"(?P<libc>many|musl)linux_[0-9]+_[0-9]+_(?P<cpu>\w+)", re.ASCII)
_MAC = re.compile(r"macosx_(?P<major>[0-9]+)_(?P<minor>[0-9]+)_(?P<cpu>\w+)", re.ASCII)
_IOS = re.compile(r"ios_[0-9]+_[0-9]+_(?P<cpu>\w+)_(iphoneos|iphonesimulator)", re.ASCII)
_ANDROID = re.compile(r"android_[0-9]+_(?P<cpu>\w+)", re.ASCII)
_EMSCRIPTEN = re.compile(r"pyemscripten_[0-9]+_[0-9]+_wasm32")

#: What mends every name of a file.
FIX_NAME = "build it with a current version of the build backend, and do not rename what it wrote"


def find_name_problems(filename: str, name: str, version: Version) -> tuple[Problem, ...]:
    """Find what PyPI refuses in the name of a file.

    Args:
        name: The project's, as its metadata say it.
        version: As well.
    """
    escaped = canonicalize_name(name).replace("-", "_")
    if filename.endswith(".whl"):
        return tuple(_wheel(filename, escaped, version))
    expected = f"{escaped}-{version}.tar.gz"
    if filename == expected:
        return ()
    return (_misnamed(f"Filename {filename!r} is invalid, should be {expected!r}."),)


def find_project_problems(name: str) -> tuple[Problem, ...]:
    """Find why PyPI would not let anybody make a new project of this name."""
    if canonicalize_name(name) not in _standard_names():
        return ()
    return (
        Problem(
            "name",
            f"The name {name!r} isn't allowed (conflict with Python Standard Library module name).",
            "give the project a name that no module of Python's standard library has",
        ),
    )


def is_known_platform(platform: str) -> bool:
    """Tell whether PyPI takes wheels of a platform tag."""
    if platform in _PLATFORMS:
        return True
    if match := _LINUX.fullmatch(platform):
        cpus = _LINUX_CPUS | {"ppc64"} if match["libc"] == "many" else _LINUX_CPUS
        return match["cpu"] in cpus
    if match := _MAC.fullmatch(platform):
        has_minors = match["major"] == "10"
        known = has_minors or (match["major"] in _MAC_MAJORS and match["minor"] == "0")
        return known and match["cpu"] in _MAC_CPUS
    if match := _IOS.fullmatch(platform):
        return match["cpu"] in _IOS_CPUS
    if match := _ANDROID.fullmatch(platform):
        return match["cpu"] in _ANDROID_CPUS
    return _EMSCRIPTEN.fullmatch(platform) is not None


def _wheel(filename: str, escaped: str, version: Version) -> Iterator[Problem]:
    try:
        project, file_version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename as error:
        yield _misnamed(str(error))
        return
    for platform in sorted({tag.platform for tag in tags}):
        if not is_known_platform(platform):
            yield Problem(
                "filename",
                f"Binary wheel {filename!r} has an unsupported platform tag {platform!r}.",
                "repair the wheel with auditwheel or delocate, as cibuildwheel does, or leave it "
                "to a private index",
            )
    own_name = filename.partition("-")[0]
    if project != canonicalize_name(escaped):
        yield _misnamed(f"Start filename with {escaped!r}.")
    elif own_name != escaped:
        yield _misnamed(
            f"Filename {filename!r} should contain the normalized project name {escaped!r}, not "
            f"{own_name!r}."
        )
    if file_version != version:
        yield _misnamed(
            f"Version in filename should be {str(version)!r} not {str(file_version)!r}."
        )


def _misnamed(text: str) -> Problem:
    return Problem("filename", text, FIX_NAME)


@cache
def _standard_names() -> frozenset[NormalizedName]:
    """List the modules of every version of Python, and the packages that hold them."""
    modules = {module for python in short_versions for module in stdlib_list(python)}
    parts = [module.split(".") for module in modules]
    names = {".".join(part[:depth]) for part in parts for depth in range(1, len(part) + 1)}
    return frozenset(canonicalize_name(name.strip("-_.")) for name in names)
