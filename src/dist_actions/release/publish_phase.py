"""The phase `publish`: draft release, index, read back, and the release published last.

It runs no code of the project, checks nothing out and builds nothing: it holds credentials. What it
publishes was held against the run before (`main.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from dist_actions.abbreviation import short_sha
from dist_actions.distributions.files import Distribution, scan_folder
from dist_actions.distributions.manifest import MANIFEST_NAME, CarriedFrom, Manifest
from dist_actions.errors import ReleaseError
from dist_actions.indexes.connecting import IndexConnector
from dist_actions.indexes.target_inputs import require_targets
from dist_actions.indexes.targets import warnings_of
from dist_actions.markdown import code, escape
from dist_actions.publish.index_plans import install_sources, plan_publications, project_url
from dist_actions.publish.installing import InstallSource, install_commands
from dist_actions.publish.publication import Publications
from dist_actions.release.adoption import Adoption
from dist_actions.release.github_release.drafts import (
    describe_unusable,
    drafts_of,
    find_draft,
    find_published,
    holds_only,
    settle_drafts,
)
from dist_actions.release.github_release.notes import describe_files
from dist_actions.release.github_release.writing import ReleaseWriter
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.release_plan.agreement import RunPlan
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.graphql import Account, find_own_account
from dist_actions.services.github.history import History
from dist_actions.services.github.refs import Refs
from dist_actions.services.github.releases import GitHubRelease, Releases
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.runner import Runner

#: What the releaser bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write"}


@dataclass(frozen=True)
class PublishRun:
    """One run of the phase; its folder holds the manifest and the files that it lists."""

    run: RunPlan
    manifest: Manifest
    folder: Path
    inputs: ReleaseInputs
    session: GitHubSession
    connector: IndexConnector

    def publish(self) -> None:
        """Bring release and index to the manifest's state; what is there already is left alone.

        Raises:
            DistActionsError: Something refuses; nothing is half done that a rerun does not finish.
        """
        require_targets(self.inputs.targets, self.manifest.github_environment)
        if problem := self.inputs.tested_with.problem:
            self._runner.annotate("warning", _unusable_report(problem), title="release")
        releases = Releases(self._reader)
        published = releases.find_published(self.manifest.tag)
        if published:
            self._adopt(published, releases)
            return
        self.session.write(
            self.inputs.credentials,
            _PERMISSIONS,
            lambda writer: self._release(writer.client),
        )

    @cached_property
    def _reader(self) -> GitHubClient:
        return self.session.as_job(self.inputs.github_token)

    @cached_property
    def _distributions(self) -> tuple[Distribution, ...]:
        # The manifest was held to the files before, and they are not hashed again.
        digests = self.manifest.digests
        return scan_folder(self.folder, besides=[MANIFEST_NAME], digests=digests)

    @property
    def _runner(self) -> Runner:
        return self.connector.runner

    def _adoption(self, releases: Releases) -> Adoption:
        return Adoption(self.run, self.manifest, self.folder, releases, self._runner)

    def _release(self, writer: GitHubClient) -> None:
        """Find the draft to continue with, and complete and publish it or a new one."""
        releases = Releases(writer)
        recent = releases.recent()
        if release := find_published(recent, self.manifest.tag):
            self._adopt(release, releases)
            return
        find_account = cache(lambda: find_own_account(writer))
        drafts = drafts_of(recent, self.manifest)
        manifest = self._adoption(releases).adopt_own_draft(drafts, find_account)
        for draft in drafts:
            if find_draft((draft,), manifest, find_account) is None:
                text = describe_unusable(draft, fits=holds_only(draft, manifest))
                self._runner.annotate("warning", text, title="release")
        replace(self, manifest=manifest)._publish_draft(releases, recent, find_account)

    def _publish_draft(
        self,
        releases: Releases,
        recent: tuple[GitHubRelease, ...],
        find_account: Callable[[], Account | None],
    ) -> None:
        """Draft, index, read back, release: do whatever of it is not done yet."""
        publications = self._plan_publications()
        self._check_previous_index()
        if self.inputs.dry_run:
            self._runner.annotate("notice", f"Would publish {self.manifest.tag}.", title="release")
            return
        publications.require_upload_permissions()
        writer = self._writer(releases)
        writer.require_unmoved_tag()
        draft = writer.draft(recent, find_account)
        if not draft.draft:
            self._adopt(draft, releases)
            return
        draft = writer.complete(draft)
        _upload(publications, writer)
        release = writer.publish(draft, recent)
        settle_drafts(self.manifest, releases, recent, find_account, self._runner)
        if release.id != draft.id:
            self._adopt(release, releases)
            return
        self._report(release, self.inputs.previous_index)

    def _adopt(self, release: GitHubRelease, releases: Releases) -> None:
        """Go on with the release that another run, or an earlier one, has published."""
        adopted = self._adoption(releases).adopt_published(release)
        replace(self, manifest=adopted)._finish_published(release, releases)

    def _finish_published(self, release: GitHubRelease, releases: Releases) -> None:
        """Add what a published release lacks, and its index too; usually that is nothing.

        A release without our files was made by hand, before this run.
        """
        writer = self._writer(releases)
        lacks_assets = writer.lacks_assets(release)
        if lacks_assets and release.immutable:
            raise _immutable_release(release)
        self._runner.log(f"The release {release.tag} is out.")
        publications = self._plan_publications()
        if publications.uploads:
            self._check_previous_index()
        if not self.inputs.dry_run:
            publications.require_upload_permissions()
            if lacks_assets:
                self.session.write(
                    self.inputs.credentials,
                    _PERMISSIONS,
                    lambda bot: self._writer(Releases(bot.client)).complete(release),
                )
            _upload(publications, writer)
        self._report(release, self.inputs.previous_index if publications.uploads else "")

    def _plan_publications(self) -> Publications:
        """Compare with every index; other bytes under our names stop the run here."""
        for text in warnings_of(self.inputs.targets, self._distributions):
            self._runner.annotate("warning", text, title="release")
        return plan_publications(
            self.connector, self.inputs.targets, self.folder, self._distributions
        )

    def _check_previous_index(self) -> None:
        """Compare every carried file with the index that it was published to before.

        Nothing is compared where the input `previous-index` is empty or nothing is carried.
        """
        index_url, targets = self.inputs.previous_index, self.inputs.targets
        carried_from = self.manifest.carried_from
        if carried_from is None or not index_url:
            return
        index = self.connector.connect_for_reading(index_url, targets)
        digests = index.digests(self._distributions) or {}
        if any(digests.get(dist.name) != dist.sha256 for dist in self._distributions):
            raise _other_files_in_index(carried_from, index_url, self._distributions, digests)

    def _writer(self, releases: Releases) -> ReleaseWriter:
        return ReleaseWriter(
            releases,
            Refs(self._reader),
            History(self._reader),
            self.manifest,
            self.folder,
            self._sources,
            self.connector.retries,
            self._tests,
        )

    @property
    def _tests(self) -> str:
        """Say what the tests ran with."""
        return self.inputs.tested_with.without(self.manifest.project).describe()

    @property
    def _sources(self) -> tuple[InstallSource, ...]:
        return install_sources(self.connector.environ, self.inputs.targets)

    def _report(self, release: GitHubRelease, compared_index: str) -> None:
        """Set the phase's outputs, and show what is published where.

        `compared_index` is the previous index where it was read, else empty.
        """
        manifest, sources = self.manifest, self._sources
        environ, targets = self.connector.environ, self.inputs.targets
        page = project_url(environ, targets, manifest.project, manifest.version)
        self._runner.set_outputs(
            {
                "release-url": release.url,
                "project-url": page or release.url,
                "index-urls": "\n".join(source.index_url for source in sources),
                "files": "\n".join(file.name for file in manifest.files),
            }
        )
        places = ", ".join(code(source.index_url) for source in sources)
        parts = [
            f"{describe_files(manifest)}{_comparison(manifest, compared_index)}",
            self._tests,
            install_commands(manifest.project, manifest.version, sources),
        ]
        self._runner.add_summary(
            f"### 🚀 {code(manifest.tag)} is out in {escape(manifest.environment)}\n\n"
            f"[GitHub release]({release.url}) and {places}, of commit "
            f"{code(short_sha(manifest.commit_sha))}.\n\n"
            + "\n\n".join(part for part in parts if part)
        )


def _upload(publications: Publications, writer: ReleaseWriter) -> None:
    """Upload what the indexes lack, unless the tag was moved, and read everything back."""
    if publications.uploads:
        writer.require_unmoved_tag()
        publications.carry_out()


def _comparison(manifest: Manifest, index_url: str) -> str:
    """Say in a sentence what carried files were compared with."""
    if manifest.carried_from is None:
        return ""
    if index_url:
        return f" The index {code(index_url)} holds the same files."
    tag = code(manifest.carried_from.tag)
    return (
        f" Compared with the release {tag} and its manifest, which came out only after its index "
        "had been read back."
    )


def _unusable_report(problem: str) -> str:
    return (
        f"The input tested-with is not used as it is: {problem}.\n"
        "Why: it is to be a JSON object of names and versions, which the job that ran the tests "
        "hands over; its code can have changed it.\n"
        "Fix: give the output private-dependencies of the login step with `phase: report`; the "
        "release goes on, and tells the rest."
    )


def _immutable_release(release: GitHubRelease) -> ReleaseError:
    return ReleaseError(
        f"The release {release.tag} is out without the files of this version, and immutable.",
        why="it was published by hand before this workflow had built them.",
        fix="raise the version, and let this workflow make the release.",
        anchor="conflict",
    )


def _other_files_in_index(
    carried_from: CarriedFrom,
    index_url: str,
    distributions: Sequence[Distribution],
    digests: Mapping[str, str | None],
) -> ReleaseError:
    problems = "; ".join(
        f"{dist.name} has sha256 {digests[dist.name] or 'that nothing tells'} there, "
        f"carried is {dist.sha256}"
        if dist.name in digests
        else f"{dist.name} is not there"
        for dist in distributions
        if digests.get(dist.name) != dist.sha256
    )
    return ReleaseError(
        f"The previous index {index_url} does not hold what is carried from {carried_from.tag}: "
        f"{problems}.",
        why="the release there was changed after its publication, the file was removed from "
        "the index, or previous-index is another environment's.",
        fix=f"compare previous-index with the index of {carried_from.environment}; if it is right, "
        "find out who changed what, and raise the version.",
        anchor="previous-index",
    )
