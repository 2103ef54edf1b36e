"""What must hold before a version is promoted.

A gate that a person must mend raises an error; one that opens by itself, or by what happens
elsewhere, is told as closed, and so nothing was done yet when a later run passes it.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest, parse_manifest
from dist_actions.errors import PromotionError
from dist_actions.promote.gates.freezes import Freeze, frozen_until
from dist_actions.promote.gates.others_checks import OthersChecks
from dist_actions.promote.gates.waiting import wait_for
from dist_actions.promote.promotion import Promotion
from dist_actions.services.github.checks import Check
from dist_actions.services.github.releases import GitHubRelease, Releases
from dist_actions.services.retries import Retries

Gate = Literal["release", "published", "checks"]
GATES: tuple[Gate, ...] = ("release", "published", "checks")

#: Names of checks that a reason lists.
_LISTED = 10


@dataclass(frozen=True)
class Conditions:
    """What is asked for.

    Attributes:
        gates: The input `require`.
        min_age: How long the source's release must have been out.
        freezes: When nothing is promoted.
        override_reason: Why it is promoted all the same; empty where it is not.
    """

    gates: tuple[Gate, ...] = GATES
    min_age: timedelta = timedelta(0)
    freezes: tuple[Freeze, ...] = ()
    override_reason: str = ""


@dataclass(frozen=True)
class Passed:
    """A gate that is open, and what was seen there: text from anywhere, not Markdown."""

    gate: str
    seen: str


@dataclass(frozen=True)
class GateReport:
    """What came of all gates.

    Attributes:
        manifests: Of the releases in the source; none where they were not asked for.
        closed: Why promotion waits; empty where every gate is open.
    """

    passed: tuple[Passed, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    closed: str = ""


@dataclass(frozen=True)
class Gatekeeper:
    """Checks the gates of one promotion.

    Attributes:
        listed: The newest releases, read already.
        commits: By tag, its commit.
    """

    conditions: Conditions
    releases: Releases
    checks: OthersChecks
    listed: Sequence[GitHubRelease]
    commits: Mapping[str, str]
    retries: Retries

    def check(self, promotion: Promotion, commit_sha: str) -> GateReport:
        """Check all gates of what is promoted.

        `release`: the tag has a published GitHub release, which is published only after the index
        was read back. `published`: that release lists its files, holds every one with its digest,
        and was made of the tag's commit. Of several packages, those whose folders change in the
        target are checked: the others bring nothing there.

        Raises:
            PromotionError: A gate is closed, and no waiting opens it.
        """
        passed: list[Passed] = []
        if closed := self._freeze(passed):
            return GateReport(closed=closed)
        releases, missing = self._releases(promotion, passed)
        if missing:
            # Each package's own release starts a promotion of all; the last one finds all out.
            return GateReport(closed=f"not released yet: {_listed(missing)}")
        manifests = self._published(promotion, releases, passed)
        closed = self._min_age(releases, passed) or self._checks(commit_sha, passed)
        return GateReport(tuple(passed), manifests, closed)

    def _freeze(self, passed: list[Passed]) -> str:
        found = frozen_until(self.conditions.freezes, self.retries.clock.now())
        if self.conditions.freezes:
            reason = self.conditions.override_reason
            passed.append(Passed("freeze", f"set aside: {reason}" if reason else "none now"))
            if found and not reason:
                freeze, opens = found
                return f"frozen until {shown_time(opens)} by {freeze.text}"
        return ""

    def _releases(
        self, promotion: Promotion, passed: list[Passed]
    ) -> tuple[tuple[GitHubRelease, ...], list[str]]:
        """The releases that are out, and the tags of packages that will follow."""
        if (
            not {"release", "published"} & set(self.conditions.gates)
            and not self.conditions.min_age
        ):
            return (), []
        tags = [one.tag for one in promotion.moving] if promotion.packages else [promotion.tag]
        known = {one.tag: one for one in self.listed if not one.draft}
        found, missing = [], []
        # A package without a tag is no gate's matter: it cannot be promoted at all.
        for tag in filter(None, tags):
            release = known.get(tag) or self.releases.find_published(tag)
            if release is None:
                missing.append(tag)
            else:
                found.append(release)
        if missing and not found:
            fix = "wait for its release workflow, or look why it failed"
            raise _closed(promotion, missing[0], "has no published GitHub release", fix)
        if "release" in self.conditions.gates:
            passed.append(Passed("release", _since(found)))
        return tuple(found), missing

    def _published(
        self, promotion: Promotion, releases: Iterable[GitHubRelease], passed: list[Passed]
    ) -> tuple[Manifest, ...]:
        if "published" not in self.conditions.gates:
            return ()
        manifests = tuple(self._read_manifest(promotion, release) for release in releases)
        for manifest in manifests:
            _require_same_commit(promotion, manifest, self.commits)
        files = sum(len(manifest.files) for manifest in manifests)
        passed.append(Passed("published", f"{files} files as their manifest lists them"))
        return manifests

    def _read_manifest(self, promotion: Promotion, release: GitHubRelease) -> Manifest:
        asset = release.asset(MANIFEST_NAME)
        if asset is None or not asset.uploaded:
            problem = f"has no {MANIFEST_NAME} in its release"
            raise _closed(promotion, release.tag, problem, "release it with dist-actions")
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            data = self.releases.download_asset(asset, Path(scratch)).read_bytes()
        manifest = parse_manifest(data, asset.sha256 or hashlib.sha256(data).hexdigest())
        for file in manifest.files:
            found = release.asset(file.name)
            if found is None or not found.uploaded or found.sha256 != file.sha256:
                problem = f"lacks {file.name}, or holds it with other bytes"
                fix = f"look who changed the assets of {release.url}"
                raise _closed(promotion, release.tag, problem, fix)
        return manifest

    def _min_age(self, releases: Sequence[GitHubRelease], passed: list[Passed]) -> str:
        wanted = self.conditions.min_age
        times = [one.published_at for one in releases if one.published_at]
        if not wanted or not times:
            return ""
        opens = max(times) + wanted
        passed.append(Passed("min-age", f"{_since(releases)}, longer than {wanted}"))
        if opens <= self.retries.clock.now():
            return ""
        return f"released less than {wanted} ago; open from {shown_time(opens)} on"

    def _checks(self, commit_sha: str, passed: list[Passed]) -> str:
        if "checks" not in self.conditions.gates:
            return ""

        def settled(seen: tuple[Check, ...]) -> bool:
            states = {one.state for one in seen}
            return "failed" in states or "pending" not in states

        what = f"the checks of {commit_sha[:7]}"
        seen = wait_for(self.retries, what, lambda: self.checks.of(commit_sha), settled)
        for state, said in (("failed", "failed"), ("pending", "are not done yet")):
            if names := [one.name for one in seen if one.state == state]:
                return f"checks of {commit_sha[:7]} {said}: {_listed(names)}"
        # Not how many: later runs of this workflow are checks too, and would change the text.
        passed.append(Passed("checks", "none has failed or is under way"))
        return ""


def shown_time(when: datetime) -> str:
    """A time for people, in UTC and rounded up to the minute."""
    up = when.astimezone(timezone.utc) + timedelta(seconds=59)
    return f"{up:%Y-%m-%d %H:%M} UTC"


def _since(releases: Iterable[GitHubRelease]) -> str:
    times = [one.published_at for one in releases if one.published_at]
    return f"published {shown_time(max(times))}" if times else "published"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _require_same_commit(
    promotion: Promotion, manifest: Manifest, commits: Mapping[str, str]
) -> None:
    tagged = commits.get(manifest.tag, manifest.commit_sha)
    if manifest.commit_sha == tagged:
        return
    raise PromotionError(
        f"{manifest.tag} points to {tagged[:7]}, but was released from {manifest.commit_sha[:7]}.",
        why="somebody moved the tag after the release, so its commit was never validated in "
        f"{promotion.source.name}.",
        fix="move the tag back to the commit that was released, and forbid changes of tags by a "
        "ruleset; release what is new under a higher version.",
        anchor="promote-gates",
    )


def _closed(promotion: Promotion, tag: str, problem: str, fix: str) -> PromotionError:
    return PromotionError(
        f"{tag} {problem}.",
        why=f"only what is out in {promotion.source.name} is promoted.",
        fix=f"{fix}, then run this job again.",
        anchor="promote-gates",
    )
