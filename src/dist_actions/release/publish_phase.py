"""The phase `publish`: draft release, index, read back, and the release published last.

It runs no code of the project, checks nothing out and builds nothing: it holds credentials.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest
from dist_actions.errors import ReleaseError
from dist_actions.markdown import code, escape, table
from dist_actions.publish.connecting import Opening
from dist_actions.publish.installing import InstallSource, install_commands
from dist_actions.publish.planning import IndexPlan, describe_plan
from dist_actions.publish.publication import Publications
from dist_actions.publish.target_inputs import require_targets
from dist_actions.publish.targets import warnings_of
from dist_actions.release.adoption import adopt
from dist_actions.release.github_release import ReleaseWriter, find_draft, find_unusable_drafts
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.release.notes import describe_provenance
from dist_actions.release.previous_index import check_previous_index
from dist_actions.services.clock import Clock
from dist_actions.services.github.folders import History
from dist_actions.services.github.refs import Refs
from dist_actions.services.github.releases import GitHubRelease, Releases
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

#: What the releaser bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write"}


@dataclass(frozen=True)
class PublishEdges:
    """What the phase reaches the world through."""

    session: GitHubSession
    environ: Mapping[str, str]
    retries: Retries
    clock: Clock
    runner: Runner

    @property
    def opening(self) -> Opening:
        """What targets are opened with."""
        return Opening(self.environ, self.retries, self.clock, self.runner)


def publish(manifest: Manifest, folder: Path, inputs: ReleaseInputs, edges: PublishEdges) -> None:
    """Bring release and index to the manifest's state; what is there already is left alone.

    Raises:
        DistActionsError: Something refuses; nothing is half done that a rerun does not finish.
    """
    require_targets(inputs.targets, manifest.github_environment)
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
    manifest: Manifest, folder: Path, inputs: ReleaseInputs, edges: PublishEdges, releases: Releases
) -> None:
    """Draft, index, read back, release: whatever of it is not there yet."""
    recent = releases.recent()
    draft = find_draft(recent, manifest)
    for unusable in find_unusable_drafts(recent, manifest):
        edges.runner.annotate("warning", _leftover(unusable), title="release")
    if draft:
        manifest = adopt(draft, releases, manifest, folder, edges.runner)
    publications, plans = _plan_publications(folder, inputs, edges)
    compared = _check_carried(manifest, folder, inputs, edges)
    if inputs.dry_run:
        edges.runner.annotate("notice", f"Would publish {manifest.tag}.", title="release")
        return
    publications.require_upload_permissions(plans)
    writer = _writer(releases, manifest, folder, inputs, edges)
    writer.require_unmoved_tag()
    release = writer.complete(writer.draft(recent))
    _upload(publications, plans, writer, edges)
    release = writer.publish(release, recent)
    report(manifest, release, _sources(inputs, edges), compared, edges.runner)


def _finish_published(
    release: GitHubRelease,
    manifest: Manifest,
    folder: Path,
    inputs: ReleaseInputs,
    edges: PublishEdges,
) -> None:
    """Add what a release that is out lacks, and its index too; usually that is nothing.

    A release without our files was made by hand, before this run.
    """
    releases = Releases(edges.session.as_job(inputs.github_token))
    writer = _writer(releases, manifest, folder, inputs, edges)
    lacking = writer.lacks_assets(release)
    if lacking and release.immutable:
        raise _closed_release(release)
    edges.runner.log(f"The release {release.tag} is out.")
    publications, plans = _plan_publications(folder, inputs, edges)
    some = any(plan.uploads for plan in plans)
    compared = _check_carried(manifest, folder, inputs, edges) if some else ""
    if not inputs.dry_run:
        publications.require_upload_permissions(plans)
        if lacking:
            edges.session.write(
                inputs.credentials,
                _PERMISSIONS,
                lambda opened: _writer(
                    Releases(opened.client), manifest, folder, inputs, edges
                ).complete(release),
            )
        _upload(publications, plans, writer, edges)
    report(manifest, release, _sources(inputs, edges), compared, edges.runner)


def _check_carried(
    manifest: Manifest, folder: Path, inputs: ReleaseInputs, edges: PublishEdges
) -> str:
    """Hold carried files against the index that they were published to before, and name it."""
    distributions = scan_folder(folder, besides=[MANIFEST_NAME])
    url = inputs.previous_index
    check_previous_index(manifest, distributions, url, inputs.targets, edges.opening)
    return url


def _plan_publications(
    folder: Path, inputs: ReleaseInputs, edges: PublishEdges
) -> tuple[Publications, tuple[IndexPlan, ...]]:
    """Open every index and compare; other bytes under our names stop the run here."""
    distributions = scan_folder(folder, besides=[MANIFEST_NAME])
    for text in warnings_of(inputs.targets, distributions):
        edges.runner.annotate("warning", text, title="release")
    publications = edges.opening.publications(inputs.targets, folder, distributions)
    plans = publications.plan()
    for plan in plans:
        edges.runner.log(describe_plan(plan))
    return publications, plans


def _sources(inputs: ReleaseInputs, edges: PublishEdges) -> tuple[InstallSource, ...]:
    """How installers get at what was published."""
    return tuple(edges.opening.source(target) for target in inputs.targets)


def _writer(
    releases: Releases, manifest: Manifest, folder: Path, inputs: ReleaseInputs, edges: PublishEdges
) -> ReleaseWriter:
    reader = edges.session.as_job(inputs.github_token)
    return ReleaseWriter(
        releases,
        Refs(reader),
        History(reader),
        manifest,
        folder,
        _sources(inputs, edges),
        edges.clock,
        edges.runner.log,
    )


def _upload(
    publications: Publications,
    plans: tuple[IndexPlan, ...],
    writer: ReleaseWriter,
    edges: PublishEdges,
) -> None:
    """Upload what the indexes lack, unless the tag was moved, and read everything back."""
    if any(plan.uploads for plan in plans):
        writer.require_unmoved_tag()
        publications.attested(plans, edges.opening.sign).carry_out(plans)


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


def report(
    manifest: Manifest,
    release: GitHubRelease,
    sources: tuple[InstallSource, ...],
    compared: str,
    runner: Runner,
) -> None:
    """Set the phase's outputs and show what stands where.

    Args:
        manifest: Of the release.
        release: What is out.
        sources: How installers get at it.
        compared: The previous index, where it was read; else empty.
        runner: Shows it.
    """
    runner.set_outputs(
        {
            "release-url": release.url,
            "index-urls": "\n".join(source.index_url for source in sources),
            "files": "\n".join(file.name for file in manifest.files),
        }
    )
    rows = [[code(file.name), code(file.sha256)] for file in manifest.files]
    places = ", ".join(code(source.index_url) for source in sources)
    runner.add_summary(
        f"### 🚀 {code(manifest.tag)} is out in {escape(manifest.environment)}\n\n"
        f"[GitHub release]({release.url}) and {places}, of commit "
        f"{code(manifest.commit_sha[:7])}.\n\n{table(['file', 'sha256'], rows)}\n\n"
        f"{describe_provenance(manifest)}{_compared(manifest, compared)}\n\n"
        f"{install_commands(manifest.project, manifest.version, sources)}"
    )


def _compared(manifest: Manifest, index_url: str) -> str:
    """What carried files were held against."""
    if manifest.carried_from is None:
        return ""
    if index_url:
        return f" The index {code(index_url)} holds the same files."
    tag = code(manifest.carried_from.tag)
    return (
        f" Compared with the release {tag} and its manifest, which came out only after its index "
        "had been read back."
    )
