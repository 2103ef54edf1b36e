"""The phase `publish`: draft release, index, read back, and the release published last.

It runs no code of the project, checks nothing out and builds nothing: it holds credentials.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dist_actions.distributions import scan_folder
from dist_actions.edges.clock import Clock
from dist_actions.edges.github_history import History
from dist_actions.edges.github_refs import Refs
from dist_actions.edges.github_releases import GitHubRelease, Releases
from dist_actions.edges.github_session import GitHubSession
from dist_actions.edges.retries import Retries
from dist_actions.edges.runner import Runner
from dist_actions.endpoints import GoogleEndpoints
from dist_actions.errors import ReleaseError
from dist_actions.installing import InstallSource, install_commands
from dist_actions.manifest import (
    MANIFEST_NAME,
    Manifest,
)
from dist_actions.markdown import code, escape, table
from dist_actions.publish.planning import IndexPlan, refuse_conflicts
from dist_actions.publish.publication import Publication, describe_plan
from dist_actions.publish.target import require_target
from dist_actions.release.adoption import adopt
from dist_actions.release.github_release import ReleaseWriter, find_draft, find_unusable_drafts
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


def publish(manifest: Manifest, folder: Path, inputs: Inputs, edges: PublishEdges) -> None:
    """Bring release and index to the manifest's state; what is there already is left alone.

    Raises:
        DistActionsError: Something refuses; nothing is half done that a rerun does not finish.
    """
    require_target(inputs.target, manifest.github_environment)
    reader = edges.session.as_job(inputs.github_token)
    published = Releases(reader).find_published(manifest.tag)
    if published:
        manifest = adopt(published, Releases(reader), manifest, folder, edges.runner)
        _finish_published(published, manifest, folder, inputs, edges)
        return
    edges.session.write(
        inputs.credentials,
        _PERMISSIONS,
        lambda opened: _bring_out(manifest, folder, inputs, edges, Releases(opened.client)),
    )


def _bring_out(
    manifest: Manifest, folder: Path, inputs: Inputs, edges: PublishEdges, releases: Releases
) -> None:
    """Draft, index, read back, release: whatever of it is not there yet."""
    recent = releases.recent()
    draft = find_draft(recent, manifest)
    for unusable in find_unusable_drafts(recent, manifest):
        edges.runner.annotate("warning", _leftover(unusable), title="release")
    if draft:
        manifest = adopt(draft, releases, manifest, folder, edges.runner)
    publication, plan = _plan_publication(manifest, folder, inputs, edges)
    edges.runner.log(describe_plan(plan))
    if inputs.dry_run:
        edges.runner.annotate("notice", f"Would publish {manifest.tag}.", title="release")
        return
    writer = _writer(releases, manifest, folder, inputs, edges)
    writer.require_unmoved_tag()
    release = writer.complete(writer.draft(recent))
    _upload(publication, plan, writer)
    release = writer.publish(release, recent)
    report(manifest, release, publication.index.index_url, edges.runner)


def _finish_published(
    release: GitHubRelease, manifest: Manifest, folder: Path, inputs: Inputs, edges: PublishEdges
) -> None:
    """Add what a release that is out lacks, and its index too; usually that is nothing.

    A release without our files was made by hand, before this run.
    """
    releases = Releases(edges.session.as_job(inputs.github_token))
    writer = _writer(releases, manifest, folder, inputs, edges)
    lacking = writer.lacks_assets(release)
    if lacking and release.immutable:
        raise _closed_release(release)
    publication, plan = _plan_publication(manifest, folder, inputs, edges)
    edges.runner.log(f"The release {release.tag} is out. {describe_plan(plan)}")
    if not inputs.dry_run:
        if lacking:
            edges.session.write(
                inputs.credentials,
                _PERMISSIONS,
                lambda opened: _writer(
                    Releases(opened.client), manifest, folder, inputs, edges
                ).complete(release),
            )
        _upload(publication, plan, writer)
    report(manifest, release, publication.index.index_url, edges.runner)


def _plan_publication(
    manifest: Manifest, folder: Path, inputs: Inputs, edges: PublishEdges
) -> tuple[Publication, IndexPlan]:
    """Open the index and compare; other bytes under our names stop the run here."""
    index = inputs.target.open(edges.endpoints, edges.environ, edges.retries, edges.runner)
    distributions = scan_folder(folder, besides=[MANIFEST_NAME])
    publication = Publication(index, folder, manifest.project, distributions, edges.retries)
    plan = publication.plan()
    refuse_conflicts([plan])
    return publication, plan


def _writer(
    releases: Releases, manifest: Manifest, folder: Path, inputs: Inputs, edges: PublishEdges
) -> ReleaseWriter:
    reader = edges.session.as_job(inputs.github_token)
    return ReleaseWriter(
        releases,
        Refs(reader),
        History(reader),
        manifest,
        folder,
        inputs.target.index_url(edges.endpoints),
        edges.clock,
        edges.runner.log,
    )


def _upload(publication: Publication, plan: IndexPlan, writer: ReleaseWriter) -> None:
    """Upload what the index lacks, unless the tag was moved, and read everything back."""
    if plan.with_action("upload"):
        writer.require_unmoved_tag()
        publication.carry_out(plan)
        publication.read_back()


def _leftover(release: GitHubRelease) -> str:
    return (
        f"A draft of {release.tag} (release {release.id}) holds files of an interrupted build, and "
        "no run can go on with it. Why: this build made other bytes. Fix: delete that draft; "
        "nothing was published from it."
    )


def _closed_release(release: GitHubRelease) -> ReleaseError:
    return ReleaseError(
        f"The release {release.tag} is out without the files of this version, and immutable.",
        why="it was published by hand before this workflow had built them.",
        fix="raise the version, and let this workflow make the release.",
        anchor="conflict",
    )


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
    source = InstallSource("Artifact Registry", index_url, "artifact-registry")
    runner.add_summary(
        f"### 🚀 {code(manifest.tag)} is out in {escape(manifest.environment)}\n\n"
        f"[GitHub release]({release.url}) and {code(index_url)}, built from commit "
        f"{code(manifest.commit_sha[:7])}.\n\n{table(['file', 'sha256'], rows)}\n\n"
        f"{install_commands(manifest.project, manifest.version, [source])}"
    )
