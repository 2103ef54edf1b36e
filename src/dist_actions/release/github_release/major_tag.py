"""Move the tag of a major version, such as `v1`, to the newest release of that version.

It moves last, when release and indexes have everything, and only forwards: whoever uses `v1` never
gets something older, or something that is not out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from packaging.version import Version

from dist_actions.abbreviation import short_sha
from dist_actions.distributions.manifest import Manifest
from dist_actions.markdown import code
from dist_actions.pipeline.tag_shapes import common_start
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.services.github.refs import Refs, TagExistsError
from dist_actions.services.github.session import GitHubSession, Writer
from dist_actions.services.runner import Runner

#: What the token may do that moves the tag, and nothing else.
_PERMISSIONS = {"contents": "write"}


@dataclass(frozen=True)
class MajorTagPlan:
    """What becomes of the tag of a major version.

    Attributes:
        action: What is done to it.
        tag: Its name; empty where this release has none.
        reason: Why nothing is done.
    """

    action: Literal["create", "move", "nothing"]
    tag: str = ""
    reason: str = ""


def name_major_tag(manifest: Manifest) -> str:
    """Name the tag of a release's major version: `v1` for `v1.4.0`."""
    version = manifest.version
    epoch = f"{version.epoch}!" if version.epoch else ""
    return manifest.tags.format(Version(f"{epoch}{version.major}"), manifest.suffix)


def plan_major_tag(
    manifest: Manifest, tags: Iterable[str], current_commit: str | None
) -> MajorTagPlan:
    """Decide what becomes of the tag of a major version.

    Args:
        manifest: The release that is out.
        tags: The repository's tags, or all that start as this one does.
        current_commit: Where the tag stands; None where there is none.
    """
    name = name_major_tag(manifest)
    if manifest.prerelease or manifest.version.is_prerelease:
        return MajorTagPlan("nothing", name, f"{manifest.tag} is a pre-release")
    if name == manifest.tag:
        return MajorTagPlan("nothing", name, f"{name} is the release's own tag")
    if newer := _find_newer(manifest, tags):
        return MajorTagPlan("nothing", name, f"{newer} is newer than {manifest.tag}")
    if current_commit is None:
        return MajorTagPlan("create", name)
    if current_commit == manifest.commit_sha:
        return MajorTagPlan("nothing", name, f"{name} is on {short_sha(current_commit)} already")
    return MajorTagPlan("move", name)


def _find_newer(manifest: Manifest, tags: Iterable[str]) -> str:
    """Find the newest tag of the same major version that is above this release."""
    version, newest = manifest.version, manifest.version
    for tag in tags:
        parsed = manifest.tags.parse(tag)
        if parsed is None or parsed.suffix != manifest.suffix or parsed.version.is_prerelease:
            continue
        if (parsed.version.epoch, parsed.version.major) == (version.epoch, version.major):
            newest = max(newest, parsed.version)
    return manifest.tags.format(newest, manifest.suffix) if newest > version else ""


@dataclass(frozen=True)
class MajorTag:
    """The tag of the major version of a release that is out."""

    manifest: Manifest
    inputs: ReleaseInputs
    session: GitHubSession
    runner: Runner

    def move(self) -> None:
        """Move the tag, or create the first one; say in log and summary what was done.

        Raises:
            DistActionsError: GitHub refused, or did not answer.
        """
        name = name_major_tag(self.manifest)
        refs = Refs(self.session.as_job(self.inputs.github_token))
        start = common_start([name, self.manifest.tag])
        tags = {ref.tag: ref for ref in refs.matching_tags(start)}
        current = refs.peel(tags[name]).commit_sha if name in tags else None
        plan = plan_major_tag(self.manifest, tags, current)
        place = f"{name} is to be on {self.manifest.tag} ({short_sha(self.manifest.commit_sha)})"
        if plan.action == "nothing":
            self.runner.log(f"The major tag stays where it is: {plan.reason}.")
        elif self.inputs.dry_run:
            self.runner.log(f"Would {plan.action} the major tag: {place}.")
        elif self.session.write(
            self.inputs.credentials, _PERMISSIONS, lambda writer: self._carry_out(plan, writer)
        ):
            tag, release = code(name), code(self.manifest.tag)
            self.runner.add_summary(f"{tag} is on the commit of {release} now.\n")
        else:
            self.runner.annotate(
                "notice", f"{name} stays: {self.manifest.tag} does not follow it.", title="release"
            )

    def _carry_out(self, plan: MajorTagPlan, writer: Writer) -> bool:
        refs, commit = Refs(writer.client), self.manifest.commit_sha
        if plan.action == "create":
            try:
                refs.create_lightweight(plan.tag, commit)
            except TagExistsError:
                self.runner.log(f"Another run created {plan.tag} meanwhile.")
            else:
                return True
        return refs.move_forward(plan.tag, commit)
