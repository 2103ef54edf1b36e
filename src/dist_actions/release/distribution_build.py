"""Build sdist and wheel of one source tree so that nothing of this machine decides their bytes."""

import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.version import Version

from dist_actions.distributions.files import Kinds
from dist_actions.distributions.normalising import normalise_file
from dist_actions.services.foreign_code.backend import Backend
from dist_actions.versions import ProjectFiles
from dist_actions.versions.derivers import pin_variables, without_stronger_pins

#: Of the checkout and of the build, so that modes in archives do not vary.
BUILD_UMASK = 0o022
#: What a project without `build-backend` is built by (PEP 517).
_DEFAULT_BACKEND = "setuptools.build_meta:__legacy__"


@dataclass(frozen=True)
class DistributionBuild:
    """How sdist and wheel of a source tree are built.

    Attributes:
        environ: The job's environment.
        version: Pinned for every tool that would derive another one.
        epoch: SOURCE_DATE_EPOCH, seconds since 1970.
        log: Receives what the backend prints.
        normalise: Whether each file is repacked.
    """

    environ: Mapping[str, str]
    version: Version
    epoch: int
    log: Callable[[str], None]
    normalise: bool

    def run(self, source: Path, folder: Path, kinds: Kinds) -> None:
        """Build the sdist, and the wheel from the sdist, as every installer of the sdist will.

        The sdist is normalised before the wheel is built from it: that is the file which is
        published, and modes and times that a backend copies into the wheel come from it.

        Args:
            source: The package's folder in a clean checkout.
            kinds: What is left in the folder; a wheel alone is built from an sdist, too.

        Raises:
            BuildError: The backend failed, or wrote what is no valid sdist or wheel.
            ReleaseError: It wrote an archive that must not be published.
        """
        self.log("Building the sdist …")
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            sdist = self._build(source, "sdist", Path(scratch) if kinds == "wheel" else folder)
            if kinds == "sdist":
                return
            with tarfile.open(sdist) as archive:
                # As an attribute, because Pythons before 3.11.4 (Debian 12 has one) take no
                # argument.
                archive.extraction_filter = getattr(tarfile, "data_filter", None)
                archive.extractall(scratch)  # noqa: S202 - the filter stands above
            self.log("Building the wheel from it …")
            self._build(Path(scratch, sdist.name.removesuffix(".tar.gz")), "wheel", folder)

    def _build(self, source: Path, distribution: Literal["sdist", "wheel"], folder: Path) -> Path:
        variables = {**pin_variables(self.version), "SOURCE_DATE_EPOCH": str(self.epoch)}
        backend = Backend(source, without_stronger_pins(self.environ), variables, self.log)
        path = backend.build(distribution, folder)
        if self.normalise:
            normalise_file(path, self.epoch)
        return path


def find_import_name(source: Path) -> str:
    """Read the backend's import name from pyproject.toml."""
    system = ProjectFiles(source, ".").pyproject().get("build-system", {})
    return str(system.get("build-backend", _DEFAULT_BACKEND))


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Set the process's file mode mask for a block."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
