"""The phase `build`: the files of one release, built or carried, and their manifest."""

import json
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dist_actions.abbreviation import LISTED_IN_SENTENCE
from dist_actions.changelog import find_changelog, section_of
from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.files import (
    Distribution,
    Kinds,
    require_same_release,
    scan_folder,
)
from dist_actions.distributions.folder import find_generator_of
from dist_actions.distributions.manifest import (
    MANIFEST_NAME,
    Manifest,
    manifest_files,
    require_same_files,
)
from dist_actions.errors import InputError, ReleaseError
from dist_actions.markdown import code, table
from dist_actions.release.distribution_build import (
    BUILD_UMASK,
    DistributionBuild,
    find_import_name,
    umask,
)
from dist_actions.release.github_release.notes import describe_provenance
from dist_actions.release.packing import (
    CommittedFiles,
    Packing,
    read_committed_files,
    read_packing,
    require_contents,
)
from dist_actions.release_plan.carrying import (
    EarlierRelease,
    carried_manifest,
    first_build,
    release_fields,
)
from dist_actions.release_plan.earlier_releases import EarlierReleases
from dist_actions.release_plan.planning import ReleasePlan
from dist_actions.services.foreign_code.towncrier import draft_news
from dist_actions.services.git.checkout import Git
from dist_actions.services.git.commit_tree import CommitTree
from dist_actions.services.runner import Runner
from dist_actions.versions import Deriver, ProjectFiles, find_deriver
from dist_actions.versions.python_support import read_matrix


@dataclass(frozen=True)
class BuildRequest:
    """What is built, and how.

    Attributes:
        plan: What is released; its commit is checked out in `workspace`.
        workspace: The checkout; it is left as it is.
        environ: The job's environment.
        log: Receives what the backend prints.
        normalise: Whether sdist and wheel are repacked, so that equal trees give equal bytes.
        epoch: SOURCE_DATE_EPOCH, seconds since 1970; None for the time of the commit.
        kinds: Which distributions are meant.
    """

    plan: ReleasePlan
    workspace: Path
    environ: Mapping[str, str]
    log: Callable[[str], None]
    normalise: bool = False
    epoch: int | None = None
    kinds: Kinds = "all"


@dataclass(frozen=True)
class Source:
    """A clean checkout of the commit, and what it tells of the distributions made of it.

    Attributes:
        folder: The package's, as long as it is checked out.
        backend: Import name of the build backend.
        epoch: SOURCE_DATE_EPOCH for every build.
        notes: The changelog's section, Markdown.
        committed: What was to be packed.
    """

    folder: Path
    backend: str
    epoch: int
    notes: str
    committed: CommittedFiles


def build(request: BuildRequest, reason: str, *, folder: Path) -> tuple[Manifest, Packing]:
    """Build into a new or empty folder, check the files, and write the manifest beside them.

    One kind of distributions is a part of a release, which gets no manifest.

    Raises:
        BuildError: The backend failed.
        ReleaseError: The folder is not empty, the files are not of the plan's version, or one of
            them has no content.
    """
    _require_empty(folder)
    _log_uncommitted(request)
    folder.mkdir(parents=True, exist_ok=True)
    source = build_files(request, folder)
    distributions = scan_folder(folder)
    manifest, packing = describe_built(request, source, reason, folder, distributions)
    if request.kinds == "all":
        write_manifest(manifest, folder)
    return manifest, packing


def build_files(request: BuildRequest, folder: Path) -> Source:
    """Build the plan's commit from a clean checkout into a folder.

    Raises:
        BuildError: The backend failed.
        GitError: The commit cannot be checked out.
    """
    with check_out(request) as source:
        version, normalise = request.plan.version, request.normalise
        distribution_build = DistributionBuild(
            request.environ, version, source.epoch, request.log, normalise
        )
        distribution_build.run(source.folder, folder, request.kinds)
    return source


@contextmanager
def check_out(request: BuildRequest) -> Iterator[Source]:
    """Check the plan's commit out for a block.

    Raises:
        GitError: The commit cannot be checked out.
    """
    plan, epoch = request.plan, request.epoch
    if epoch is None:
        epoch = Git(request.workspace, request.environ).commit_timestamp(plan.commit_sha)
    package_folder = plan.package.folder.path
    project = ProjectFiles(request.workspace, package_folder)
    commit_tree = CommitTree(request.workspace, plan.commit_sha, package_folder, request.environ)
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch, umask(BUILD_UMASK):
        tree = Path(scratch, request.workspace.name or "source")
        with _checkout(commit_tree, plan, find_deriver(project), tree):
            notes = _read_notes(plan, tree, request.environ, request.log)
            folder = tree / package_folder
            committed = read_committed_files(folder, ProjectFiles(folder).pyproject())
            yield Source(folder, find_import_name(folder), epoch, notes, committed)


def describe_built(
    request: BuildRequest,
    source: Source,
    reason: str,
    folder: Path,
    distributions: tuple[Distribution, ...],
) -> tuple[Manifest, Packing]:
    """Check files that were built, and describe them in a manifest.

    Raises:
        ReleaseError: They are not of the plan's version, or one of them has no content.
        BuildError: An index would refuse a file's metadata.
    """
    plan, project = request.plan, request.plan.declared.name
    require_tagged_version(distributions, plan)
    require_same_release(distributions, project, plan.version)
    for text in check_distributions(folder, distributions):
        request.log(text)
    packing = read_packing(source.committed, folder, distributions)
    require_contents(packing)
    manifest = Manifest(
        **release_fields(plan),
        project=project,
        version=plan.version,
        source_date_epoch=source.epoch,
        backend=find_generator_of(folder, distributions) or source.backend,
        normalised=request.normalise,
        python=platform.python_version(),
        notes=source.notes,
        built_for=first_build(plan),
        reason=reason,
        files=manifest_files(distributions),
    )
    return manifest, packing


def carry(
    request: BuildRequest,
    release: EarlierRelease,
    reason: str,
    earlier_releases: EarlierReleases,
    *,
    folder: Path,
) -> Manifest:
    """Download an earlier release's files, check them, and write the new manifest beside them.

    The folder must be empty or absent, and stays so where something is refused.

    Raises:
        ReleaseError: A file is missing, or not what the earlier manifest says.
        BuildError: An index would refuse a file's metadata.
    """
    plan, log = request.plan, request.log
    _require_empty(folder)
    manifest = carried_manifest(plan, release, reason)
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
        files = Path(scratch, "files")
        files.mkdir()
        earlier_releases.download(release, files, log)
        distributions = scan_folder(files, digests=manifest.digests)  # as they were downloaded
        require_same_files(manifest, distributions)
        require_same_release(distributions, manifest.project, plan.version)
        for text in check_distributions(files, distributions):
            log(text)
        folder.mkdir(parents=True, exist_ok=True)
        for path in files.iterdir():
            shutil.move(path, folder / path.name)
    write_manifest(manifest, folder)
    return manifest


def report_build(
    request: BuildRequest,
    manifest: Manifest,
    packing: Packing | None,
    runner: Runner,
    *,
    is_part: bool = False,
) -> None:
    """Set the phase's outputs, and show the files; a part of a release has no manifest."""
    runner.set_outputs(
        {
            **_list_pythons(request),
            "manifest-sha256": "" if is_part else manifest.sha256,
            "distributions": "\n".join(file.name for file in manifest.files),
        }
    )
    rows = [
        [code(file.name), f"{file.size_bytes:,} bytes", code(file.sha256)]
        for file in manifest.files
    ]
    runner.add_summary(
        f"### 🔨 build: {code(f'{manifest.project} {manifest.version}')}\n\n"
        f"{table(['file', 'size', 'sha256'], rows)}\n\n{describe_provenance(manifest)}\n\n"
        f"{packing.describe() if packing else ''}"
    )


def _list_pythons(request: BuildRequest) -> Mapping[str, str]:
    """List the Pythons to test on; files can be built where no maintained one is supported."""
    try:
        matrix = read_matrix(ProjectFiles(request.workspace, request.plan.package.folder.path))
    except InputError as error:
        request.log(f"There is no Python to test on: {error.what}")
        return {"python-versions": "[]", "matrix": ""}
    return {"python-versions": json.dumps(matrix.supported), "matrix": matrix.to_json()}


def require_tagged_version(distributions: Sequence[Distribution], plan: ReleasePlan) -> None:
    """Refuse a build of another version than the tag's: nothing before it ran the project's code.

    Raises:
        ReleaseError: The build made another version.
    """
    other = next((dist for dist in distributions if dist.version != plan.version), None)
    if other:
        raise ReleaseError(
            f"The build made {other.project} {other.version}, but the tag {plan.tag} says "
            f"{plan.version}.",
            why="the project's code works out another version than its files, or whoever gave "
            "auto-tag the version, say.",
            fix="let both say the same, then delete this tag, nothing was published, and push "
            "again; see `dist-actions version`.",
            anchor="tag-version",
        )


def _require_empty(folder: Path) -> None:
    """Refuse a folder whose files would be published beside the new ones."""
    if folder.is_dir() and any(folder.iterdir()):
        raise ReleaseError(
            f"The folder {folder.name} is not empty.",
            why="what lies there would be published together with the new files.",
            fix="remove it from the checkout, download no artifacts where files are carried, or "
            "give another folder as the input dist.",
            anchor="distributions",
        )


def _log_uncommitted(request: BuildRequest) -> None:
    """Say what the checkout has beside the commit: whoever generated it may expect it in a file."""
    paths = Git(request.workspace, request.environ).list_paths(
        *("ls-files", "--others", "--directory", "--no-empty-directory", "-z"),
        *("--", request.plan.package.folder.path),
    )
    if paths:
        more = len(paths) - LISTED_IN_SENTENCE
        names = ", ".join(paths[:LISTED_IN_SENTENCE])
        rest = f" and {more} more" if more > 0 else ""
        request.log(f"Not in the commit, so not built: {names}{rest}")


def _checkout(
    commit_tree: CommitTree, plan: ReleasePlan, deriver: Deriver | None, folder: Path
) -> AbstractContextManager[Path]:
    """Check out cleanly; for a tool that asks git, a repository that knows this version alone."""
    if deriver is None:
        return commit_tree.worktree(folder)
    return commit_tree.clone_with_tag(folder, f"{deriver.tag_prefix}{plan.version}")


def _read_notes(
    plan: ReleasePlan, source: Path, environ: Mapping[str, str], log: Callable[[str], None]
) -> str:
    """Read the version's section of the changelog, else what towncrier would write into it.

    A changelog in the root speaks for the only package, or in headings that name the package.
    """
    project, version = source / plan.package.folder.path, plan.version
    package_changelog = find_changelog(project)
    changelog = package_changelog or find_changelog(source)
    text = changelog.read_text(encoding="utf-8", errors="replace") if changelog else ""
    if section := section_of(text, version, name="" if package_changelog else plan.package.name):
        return section
    return section_of(draft_news(project, version, environ, log), version)


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write a manifest beside the files that it lists."""
    Path(folder, MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
