"""Builds a release's files once more and says whether the bytes are the same, and why not."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dist_actions.distributions.differences import (
    Difference,
    find_differences_of_folders,
    summarise,
)
from dist_actions.distributions.manifest import Manifest
from dist_actions.errors import BuildError, ReleaseError
from dist_actions.markdown import code, escape, table
from dist_actions.release.build_phase import BuildRequest, build_files
from dist_actions.release.carrying import Build, Released, Source, VerifyRebuild
from dist_actions.release.earlier_releases import EarlierReleases
from dist_actions.services.runner import Runner

#: A table that is longer is read by nobody; the log holds all.
_SHOWN_DIFFERENCES = 40


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
    """Show whether the bytes are the same and, where not, why.

    Raises:
        ReleaseError: They differ, and `strict` is true.
    """
    found, other = comparison.differences, comparison.other
    heading = f"### ♻️ {code(f'{manifest.project} {manifest.version}')} and {escape(other)}"
    if not found:
        runner.log(f"The same bytes as {other}.")
        runner.add_summary(f"{heading}\n\nThe same bytes in every file.\n")
        return
    for line in summarise(found):
        runner.log(line)
    rows = [
        [code(one.file), code(one.member) if one.member else "", one.cause, escape(one.text)]
        for one in found[:_SHOWN_DIFFERENCES]
    ]
    more = len(found) - len(rows)
    runner.add_summary(
        f"{heading}\n\n{table(['file', 'member', 'cause', 'difference'], rows)}\n"
        f"{f'{chr(10)}{more} more are in the log.{chr(10)}' if more else ''}"
    )
    causes = ", ".join(dict.fromkeys(one.cause for one in found))
    what = f"The bytes differ from {other} in {len(found)} places: {causes}."
    if strict:
        raise ReleaseError(
            what,
            why="verify-rebuild is strict, and something besides the commit decides the bytes: "
            f"{found[0].text}.",
            fix="set normalise to true, pin the build backend in build-system.requires; the "
            "summary lists every difference.",
            anchor="rebuild",
        )
    runner.annotate("warning", what, title="release")


def _compare(other: str, manifest: Manifest, folder: Path, there: Path) -> Comparison:
    names = {file.name for file in manifest.files} | {path.name for path in there.iterdir()}
    return Comparison(other, find_differences_of_folders(folder, there, names))
