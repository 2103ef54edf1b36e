"""The machines that a project may be installed on: every Python on every platform; pure.

Spec: https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from dist_actions.dependencies.metadata import Metadata
from dist_actions.errors import InputError
from dist_actions.versions.python_versions import MAINTAINED, python_matrix

_PLATFORMS = {
    "Linux": {"os_name": "posix", "sys_platform": "linux", "platform_machine": "x86_64"},
    "macOS": {"os_name": "posix", "sys_platform": "darwin", "platform_machine": "arm64"},
    "Windows": {"os_name": "nt", "sys_platform": "win32", "platform_machine": "AMD64"},
}
_SYSTEMS = {"macOS": "Darwin"}


@dataclass(frozen=True)
class Machine:
    """One Python on one platform: `3.12` on `Linux`."""

    python: str
    platform: str

    def __str__(self) -> str:
        return f"Python {self.python} on {self.platform}"

    @cached_property
    def python_version(self) -> Version:
        """Return the newest release that its series could have: who installs keeps up to date."""
        return Version(f"{self.python}.99")

    def runs(self, requires_python: str) -> bool:
        """Tell whether what requires these Pythons can be installed there."""
        return _specifiers(requires_python).contains(self.python_version)

    def wants(self, requirement: Requirement, extras: Iterable[str]) -> bool:
        """Tell whether a requirement holds there, for a project that is installed with extras."""
        if requirement.marker is None:
            return True
        return any(self._fulfils(requirement.marker, extra) for extra in ("", *extras))

    def _fulfils(self, marker: Marker, extra: str) -> bool:
        return _evaluate(str(marker), self.python, self.platform, extra)


def machines_of(metadata: Iterable[Metadata]) -> tuple[Machine, ...]:
    """List the machines that a project supports, or all of several projects together do.

    A project without a maintained Python supports none.

    Raises:
        PromotionError: See `parse_metadata`, which reads what is used here.
    """
    pythons = set(MAINTAINED)
    for project in metadata:
        try:
            pythons &= set(python_matrix(project.requires_python, project.classifiers).supported)
        except InputError:
            return ()
    return tuple(
        Machine(python, platform)
        for python in MAINTAINED
        if python in pythons
        for platform in _PLATFORMS
    )


@lru_cache(maxsize=4096)
def _specifiers(text: str) -> SpecifierSet:
    return SpecifierSet(text)


@lru_cache(maxsize=65536)
def _evaluate(marker: str, python: str, platform: str, extra: str) -> bool:
    """Evaluate a marker, as often as it stands in metadata but once for each machine."""
    full = f"{python}.99"
    variables = {
        **_PLATFORMS[platform],
        "platform_system": _SYSTEMS.get(platform, platform),
        "platform_release": "",
        "platform_version": "",
        "python_version": python,
        "python_full_version": full,
        "implementation_name": "cpython",
        "implementation_version": full,
        "platform_python_implementation": "CPython",
        "extra": extra,
    }
    return Marker(marker).evaluate(variables)
