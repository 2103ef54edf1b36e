"""Build a release's files once more, and tell whether and where the bytes differ."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dist_actions.abbreviation import LISTED_IN_CELL, LISTED_IN_SECTION
from dist_actions.distributions.comparison import Difference, compare_folders
from dist_actions.distributions.manifest import Manifest
from dist_actions.errors import BuildError, ReleaseError
from dist_actions.markdown import code, escape, table
from dist_actions.release.build_phase import BuildRequest, build_files
from dist_actions.release_plan.carrying import EarlierRelease
from dist_actions.release_plan.earlier_releases import EarlierReleases
from dist_actions.services.runner import Runner

#: How to find out why two builds differ.
GUIDE = (
    "https://github.com/eigenoid/dist-actions/blob/v1/docs/reproducible-builds.md"
    "#find-the-cause-of-a-difference"
)


@dataclass(frozen=True)
class BuildComparison:
    """Compares the files of a release with other builds of the same version.

    The folder that holds them is left as it is. `strict` tells whether a difference is refused.
    """

    manifest: Manifest
    folder: Path
    runner: Runner
    strict: bool

    def compare_with_release(
        self, release: EarlierRelease, earlier_releases: EarlierReleases
    ) -> None:
        """Compare files that were built with those of an earlier release of the version.

        Raises:
            ReleaseError: A file of that release is missing, or not what its manifest says; or
                `strict` is true, and the bytes differ.
        """
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            earlier_releases.download(release, Path(scratch), self.runner.log)
            self._compare(f"the release {release.tag}", Path(scratch))

    def compare_with_rebuild(self, request: BuildRequest) -> None:
        """Build the commit a further time, in another folder, and compare.

        Time and normalisation are the manifest's.

        Raises:
            BuildError: `strict` is true, and the backend failed.
            ReleaseError: `strict` is true, and the bytes differ.
        """
        manifest = self.manifest
        again = replace(request, epoch=manifest.source_date_epoch, normalise=manifest.normalised)
        request.log("Building once more, to compare …")
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            try:
                build_files(again, Path(scratch))
            except BuildError as error:
                if self.strict:
                    raise
                text = f"The rebuild failed, so nothing was compared: {error.what}"
                self.runner.annotate("warning", text, title="release")
                return
            self._compare("a rebuild of this commit", Path(scratch))

    def _compare(self, build: str, build_folder: Path) -> None:
        """Compare with another build, and show the differences; the build is named in words."""
        names = {file.name for file in self.manifest.files}
        names |= {path.name for path in build_folder.iterdir()}
        differences = compare_folders(self.folder, build_folder, names)
        version = code(f"{self.manifest.project} {self.manifest.version}")
        heading = f"### ♻️ {version} and {escape(build)}"
        if not differences:
            self.runner.log(f"The same bytes as {build}.")
            self.runner.add_summary(f"{heading}\n\nThe same bytes in every file.\n")
            return
        for difference in differences:
            self.runner.log(str(difference))
        self.runner.add_summary(f"{heading}\n\n{_table(differences)}")
        text = f"The bytes differ from {build} in {len(differences)} places: {_list(differences)}."
        if self.strict:
            raise _other_bytes(text)
        self.runner.annotate("warning", text, title="release")


def _table(differences: Sequence[Difference]) -> str:
    rows = [
        [code(place.file), code(place.member) if place.member else "", place.kind]
        for place in differences[:LISTED_IN_SECTION]
    ]
    more = len(differences) - len(rows)
    return (
        f"{table(['file', 'member', 'difference'], rows)}\n"
        f"{f'{chr(10)}{more} more are in the log.{chr(10)}' if more else ''}"
        f"\nTo see why they differ, run `diffoscope` on both builds: [how to]({GUIDE}).\n"
    )


def _list(differences: Sequence[Difference]) -> str:
    more = len(differences) - LISTED_IN_CELL
    texts = [str(place) for place in differences[:LISTED_IN_CELL]]
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def _other_bytes(text: str) -> ReleaseError:
    return ReleaseError(
        text,
        why="verify-rebuild is strict, and something besides the commit decides the bytes.",
        fix="run diffoscope on both builds to see what does; set normalise to true, and pin the "
        "build backend in build-system.requires.",
        anchor="rebuild",
    )
