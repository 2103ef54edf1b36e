"""The phase `publish`: draft release, index, read back, and the release published last.

It runs no code of the project, checks nothing out and builds nothing: it holds credentials.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dist_actions.archive_members import refuse_credentials
from dist_actions.distributions import require_same_release, scan_folder, sha256_of
from dist_actions.edges.clock import Clock
from dist_actions.edges.github_refs import Refs
from dist_actions.edges.github_releases import GitHubRelease, Releases
from dist_actions.edges.github_session import GitHubSession
from dist_actions.edges.retries import Retries
from dist_actions.edges.runner import Runner
from dist_actions.endpoints import GoogleEndpoints
from dist_actions.errors import ReleaseError
from dist_actions.installing import install_commands
from dist_actions.manifest import (
    MANIFEST_NAME,
    Manifest,
    parse_manifest,
    require_same_files,
)
from dist_actions.markdown import code, escape, table
from dist_actions.publish.planning import refuse_conflicts
from dist_actions.publish.publication import Publication, describe_plan
from dist_actions.publish.target import require_target
from dist_actions.release.github_release import ReleaseWriter, find_draft
from dist_actions.release.inputs import Inputs

#: What the releaser bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write"}


@dataclass(frozen=True)
class PublishEdges:
    """What the phase reaches the world through."""

    session: GitHubSession
    endpoints: GoogleEndpoints
    environ: Mapping[str, str]
    retries: Retries
    clock: Clock
    runner: Runner


def load_manifest(folder: Path, manifest_sha256: str) -> Manifest:
    """Read the manifest of a build job, and check the folder against it.

    Raises:
        ReleaseError: There is none, or a file is not what was built.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise ReleaseError(
            f"There is no {MANIFEST_NAME} in {folder.name}.",
            why="the build job's artifact was not downloaded, or to another folder.",
            fix="download it with actions/download-artifact into the folder named by dist.",
            anchor="distributions",
        )
    manifest = parse_manifest(path.read_bytes(), manifest_sha256)
    distributions = scan_folder(folder, besides=[MANIFEST_NAME])
    require_same_files(manifest, distributions)
    require_same_release(distributions, manifest.project, manifest.version)
    refuse_credentials(folder / dist.name for dist in distributions)
    return manifest


def publish(manifest: Manifest, folder: Path, inputs: Inputs, edges: PublishEdges) -> None:
    """Bring release and index to the manifest's state; what is there already is left alone.

    Raises:
        DistActionsError: Something refuses; nothing is half done that a rerun does not finish.
    """
    require_target(inputs.target, manifest.github_environment)
    reader = edges.session.as_job(inputs.github_token)
    published = Releases(reader).find_published(manifest.tag)
    if published:
        manifest = _adopt(published, Releases(reader), manifest, folder, edges.runner)
        _finish_published(published, manifest, folder, inputs, edges)
        return
    with edges.session.as_writer(inputs.credentials, _PERMISSIONS) as client:
        releases = Releases(client)
        recent = releases.recent()
        draft = find_draft(recent, manifest.tag)
        if draft:
            manifest = _adopt(draft, releases, manifest, folder, edges.runner)
        publication = _open_publication(manifest, folder, inputs, edges)
        plan = publication.plan()
        refuse_conflicts([plan])
        edges.runner.log(describe_plan(plan))
        writer = ReleaseWriter(
            releases,
            Refs(reader),
            manifest,
            folder,
            publication.index.index_url,
            edges.clock,
            edges.runner.log,
        )
        if inputs.dry_run:
            edges.runner.annotate("notice", f"Would publish {manifest.tag}.", title="release")
            return
        writer.require_unmoved_tag()
        release = writer.complete(writer.draft(recent))
        publication.carry_out(plan)
        publication.read_back()
        writer.publish(release)
        release = releases.find_published(manifest.tag) or release
    report(manifest, release, publication.index.index_url, edges.runner)


def _finish_published(
    release: GitHubRelease, manifest: Manifest, folder: Path, inputs: Inputs, edges: PublishEdges
) -> None:
    """Check the index of a release that is out, and upload to it what it lacks."""
    publication = _open_publication(manifest, folder, inputs, edges)
    plan = publication.plan()
    refuse_conflicts([plan])
    edges.runner.log(f"The release {release.tag} is out. {describe_plan(plan)}")
    if not inputs.dry_run:
        publication.carry_out(plan)
        publication.read_back()
    report(manifest, release, publication.index.index_url, edges.runner)


def _open_publication(
    manifest: Manifest, folder: Path, inputs: Inputs, edges: PublishEdges
) -> Publication:
    index = inputs.target.open(edges.endpoints, edges.environ, edges.retries, edges.runner)
    distributions = scan_folder(folder, besides=[MANIFEST_NAME])
    return Publication(index, folder, manifest.project, distributions, edges.retries)


def _adopt(
    release: GitHubRelease, releases: Releases, manifest: Manifest, folder: Path, runner: Runner
) -> Manifest:
    """Go on with the bytes of the first build, where a release of this tag holds them already.

    The same commit may build to other bytes, and one version is one set of bytes.

    Raises:
        ReleaseError: The release is of another commit.
    """
    asset = release.asset(MANIFEST_NAME)
    ours = sha256_of(folder / MANIFEST_NAME)
    if asset is None or not asset.uploaded or asset.sha256 == ours:
        return manifest
    data = releases.download_asset(asset, folder).read_bytes()
    first = parse_manifest(data, asset.sha256 or sha256_of(folder / MANIFEST_NAME))
    if (first.commit_sha, first.tag) != (manifest.commit_sha, manifest.tag):
        raise ReleaseError(
            f"The release {release.tag} was built from {first.commit_sha[:7]}, "
            f"this run from {manifest.commit_sha[:7]}.",
            why="the tag was moved after the first build.",
            fix="raise the version; a released version keeps its bytes.",
            anchor="tag-moved",
        )
    for file in manifest.files:
        (folder / file.name).unlink()
    for file in first.files:
        kept = release.asset(file.name)
        if kept is None or not kept.uploaded:
            raise ReleaseError(
                f"The draft of {release.tag} lacks {file.name} of its first build.",
                why="the run that made the draft was interrupted, and its bytes are not built "
                "the same again.",
                fix="run the failed jobs of that run again, or delete the draft by hand.",
                anchor="conflict",
            )
        releases.download_asset(kept, folder)
    require_same_files(first, scan_folder(folder, besides=[MANIFEST_NAME]))
    runner.annotate(
        "notice", f"Going on with the files that the first build of {release.tag} made."
    )
    return first


def report(manifest: Manifest, release: GitHubRelease, index_url: str, runner: Runner) -> None:
    """Set the phase's outputs and show what stands where."""
    runner.set_outputs(
        {
            "release-url": release.url,
            "index-urls": index_url,
            "files": "\n".join(file.name for file in manifest.files),
        }
    )
    rows = [[code(file.name), code(file.sha256)] for file in manifest.files]
    runner.add_summary(
        f"### 🚀 {code(manifest.tag)} is out in {escape(manifest.environment)}\n\n"
        f"[GitHub release]({release.url}) and {code(index_url)}, built from commit "
        f"{code(manifest.commit_sha[:7])}.\n\n{table(['file', 'sha256'], rows)}\n\n"
        f"{install_commands(manifest.project, manifest.version, index_url)}"
    )
