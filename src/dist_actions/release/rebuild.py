"""Build a release's files once more, and tell whether and where the bytes differ."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dist_actions.abbreviation import LISTED_IN_CELL, LISTED_IN_SECTION
from dist_actions.distributions.comparison import Difference, compare_folders
from dist_actions.distributions.manifest import Manifest
from dist_actions.errors import BuildError, ReleaseError
from dist_actions.markdown import code, escape, table
from dist_actions.release.build_phase import BuildRequest, build_files
from dist_actions.release.carrying import Build, Released, Source, VerifyRebuild
from dist_actions.release.earlier_releases import EarlierReleases
from dist_actions.services.runner import Runner

#: How to find out why two builds differ.
GUIDE = (
    "https://github.com/eigenoid/dist-actions/blob/v1/docs/reproducible-builds.md"
    "#find-the-cause-of-a-difference"
)


@dataclass(frozen=True)
class Comparison:
    """Files held against others of the same names.

    Attributes:
        other: What they are held against, in words.
    """

    other: str
    differences: tuple[Difference, ...]


def compare_with_rebuild(request: BuildRequest, manifest: Manifest, folder: Path) -> Comparison:
    """Build the commit a further time, in another folder, and compare.

    Args:
        request: How the files are built; time and normalisation are the manifest's.
        manifest: Of the files.
        folder: Holds them; it is left as it is.

    Raises:
        BuildError: The backend failed.
    """
    again = replace(request, epoch=manifest.source_date_epoch, normalise=manifest.normalised)
    request.log("Building once more, to compare …")
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
        build_files(again, Path(scratch))
        return _compare("a rebuild of this commit", manifest, folder, Path(scratch))


def compare_with_release(
    earlier: EarlierReleases,
    released: Released,
    manifest: Manifest,
    folder: Path,
    log: Callable[[str], None],
) -> Comparison:
    """Compare files that were built with those of an earlier release of the version.

    Raises:
        ReleaseError: A file of that release is missing, or not what its manifest says.
    """
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
        earlier.download(released, Path(scratch), log)
        return _compare(f"the release {released.tag}", manifest, folder, Path(scratch))


def compare_made(
    request: BuildRequest,
    manifest: Manifest,
    folder: Path,
    source: Source,
    earlier: EarlierReleases,
    *,
    verify: VerifyRebuild,
    runner: Runner,
) -> None:
    """Compare what was built although it could be carried, and whatever `verify-rebuild` asks for.

    Args:
        request: How the files were built, or would be.
        manifest: Of the files.
        folder: Holds them.
        source: Where they come from.
        earlier: Found that.
        verify: The input `verify-rebuild`.
        runner: Shows what is found.

    Raises:
        BuildError: `strict`, and the backend failed.
        ReleaseError: `strict`, and the bytes differ; or the earlier release is not what it says.
    """
    if isinstance(source, Build) and source.earlier:
        comparison = compare_with_release(earlier, source.earlier, manifest, folder, request.log)
        report_comparison(comparison, manifest, runner, strict=verify == "strict")
    _verify(request, manifest, folder, verify, runner)


def _verify(
    request: BuildRequest, manifest: Manifest, folder: Path, verify: VerifyRebuild, runner: Runner
) -> None:
    if verify == "off":
        return
    try:
        comparison = compare_with_rebuild(request, manifest, folder)
    except BuildError as error:
        if verify == "strict":
            raise
        text = f"The rebuild failed, so nothing was compared: {error.what}"
        runner.annotate("warning", text, title="release")
        return
    report_comparison(comparison, manifest, runner, strict=verify == "strict")


def report_comparison(
    comparison: Comparison, manifest: Manifest, runner: Runner, *, strict: bool
) -> None:
    """Show whether the bytes are the same and, where not, which members differ.

    Raises:
        ReleaseError: They differ, and `strict` is true.
    """
    differences, other = comparison.differences, comparison.other
    heading = f"### ♻️ {code(f'{manifest.project} {manifest.version}')} and {escape(other)}"
    if not differences:
        runner.log(f"The same bytes as {other}.")
        runner.add_summary(f"{heading}\n\nThe same bytes in every file.\n")
        return
    for difference in differences:
        runner.log(str(difference))
    runner.add_summary(f"{heading}\n\n{_table(differences)}")
    what = f"The bytes differ from {other} in {len(differences)} places: {_listing(differences)}."
    if strict:
        raise _refuse_difference(what)
    runner.annotate("warning", what, title="release")


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


def _listing(differences: Sequence[Difference]) -> str:
    more = len(differences) - LISTED_IN_CELL
    texts = [str(place) for place in differences[:LISTED_IN_CELL]]
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def _refuse_difference(what: str) -> ReleaseError:
    return ReleaseError(
        what,
        why="verify-rebuild is strict, and something besides the commit decides the bytes.",
        fix="run diffoscope on both builds to see what does; set normalise to true, and pin the "
        "build backend in build-system.requires.",
        anchor="rebuild",
    )


def _compare(other: str, manifest: Manifest, folder: Path, there: Path) -> Comparison:
    names = {file.name for file in manifest.files} | {path.name for path in there.iterdir()}
    return Comparison(other, compare_folders(folder, there, names))
