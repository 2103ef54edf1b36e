"""Check by GitHub what must hold before a version is promoted.

A gate that a person must mend raises an error; one that opens by itself, or by what happens
elsewhere, is told as closed, and so nothing was done yet when a later run passes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dist_actions.abbreviation import LISTED_IN_SENTENCE, short_sha
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest
from dist_actions.errors import PromotionError
from dist_actions.overview.reading import download_manifest
from dist_actions.promote.gates.conditions import Conditions, GateReport, PassedGate, format_time
from dist_actions.promote.gates.dependencies import DependencyGate
from dist_actions.promote.gates.freezes import frozen_until
from dist_actions.promote.promotion import Promotion
from dist_actions.services.github.checks import Check, Checks
from dist_actions.services.github.releases import GitHubRelease, Releases
from dist_actions.services.retries import Retries

#: Workflow runs that are looked up.
_MOST_RUNS = 10


@dataclass
class ForeignChecks:
    """Reads the checks of a commit, but for those of the workflow that asks.

    A promotion that began with the release of a commit is a check of that commit itself: under way
    now, and failed for ever where an earlier run stopped. Neither says anything about the commit.
    `run_id` is empty outside of a workflow run; `workflow` is its file's path in the repository.
    """

    checks: Checks
    run_id: str = ""
    workflow: str = ""
    _workflows: dict[str, str] = field(default_factory=dict)

    def of(self, commit_sha: str) -> tuple[Check, ...]:
        """Read the checks of a commit that others made.

        Which workflow made one is asked only of those that are not good; where the token may not
        read that, only this very run is left out.
        """
        return tuple(check for check in self.checks.of(commit_sha) if not self._is_own(check))

    def _is_own(self, check: Check) -> bool:
        if not check.run_id or not self.run_id:
            return False
        if check.run_id == self.run_id:
            return True
        if check.state == "passed" or not self.workflow:
            return False
        if check.run_id not in self._workflows and len(self._workflows) < _MOST_RUNS:
            self._workflows[check.run_id] = self.checks.workflow_of(check.run_id)
        return self._workflows.get(check.run_id) == self.workflow


@dataclass(frozen=True)
class Gates:
    """The gates of one promotion; `recent_releases` and the tags' `commits` are read already."""

    conditions: Conditions
    releases: Releases
    checks: ForeignChecks
    dependencies: DependencyGate
    recent_releases: Sequence[GitHubRelease]
    commits: Mapping[str, str]
    retries: Retries

    def check(self, promotion: Promotion, commit_sha: str) -> GateReport:
        """Check all gates of what is promoted.

        `release`: the tag has a published GitHub release, which is published only after the index
        was read back. `published`: that release lists its files, holds every one with its digest,
        and was made of the tag's commit. `dependencies`: the target's index holds what it requires,
        as far as that is private. Of several packages, those whose folders change in the target are
        checked: the others bring nothing there.

        Raises:
            PromotionError: A gate is closed, and no waiting opens it.
        """
        passed_gates: list[PassedGate] = []
        if closed := self._freeze(passed_gates):
            return GateReport(closed=closed)
        releases, missing = self._releases(promotion, passed_gates)
        if missing:
            # Each package's own release starts a promotion of all; the last one finds all out.
            return GateReport(closed=f"not released yet: {_list_names(missing)}")
        manifests = self._published(promotion, releases, passed_gates)
        closed = self._min_age(releases, passed_gates) or self._checks(commit_sha, passed_gates)
        if closed:
            return GateReport(tuple(passed_gates), manifests, closed)
        packages = self.dependencies.check(promotion, releases, self.conditions.gates)
        if packages.finding and not packages.closed:
            passed_gates.append(PassedGate("dependencies", packages.finding))
        return GateReport(tuple(passed_gates), manifests, packages.closed, packages)

    def _freeze(self, passed_gates: list[PassedGate]) -> str:
        if not self.conditions.freezes:
            return ""
        frozen = frozen_until(self.conditions.freezes, self.retries.clock.now())
        reason = self.conditions.override_reason
        passed_gates.append(PassedGate("freeze", f"set aside: {reason}" if reason else "none now"))
        if not frozen or reason:
            return ""
        freeze, opens = frozen
        return f"frozen until {format_time(opens)} by {freeze.text}"

    def _releases(
        self, promotion: Promotion, passed_gates: list[PassedGate]
    ) -> tuple[tuple[GitHubRelease, ...], list[str]]:
        """Find the releases that are out, and the tags of packages that will follow."""
        gates = self.conditions.gates
        if not set(gates) - {"checks"} and not self.conditions.min_age:
            return (), []
        tags = [state.tag for state in promotion.moving] if promotion.packages else [promotion.tag]
        recent = {release.tag: release for release in self.recent_releases if not release.draft}
        releases, missing = [], []
        # A package without a tag is no gate's matter: it cannot be promoted at all.
        for tag in filter(None, tags):
            release = recent.get(tag) or self.releases.find_published(tag)
            if release is None:
                missing.append(tag)
            else:
                releases.append(release)
        if missing and not releases:
            fix = "wait for its release workflow, or look why it failed"
            raise _closed(promotion, missing[0], "has no published GitHub release", fix)
        if "release" in gates:
            passed_gates.append(PassedGate("release", _since(releases)))
        return tuple(releases), missing

    def _published(
        self,
        promotion: Promotion,
        releases: Iterable[GitHubRelease],
        passed_gates: list[PassedGate],
    ) -> tuple[Manifest, ...]:
        if "published" not in self.conditions.gates:
            return ()
        manifests = tuple(self._read_manifest(promotion, release) for release in releases)
        for manifest in manifests:
            tagged = self.commits.get(manifest.tag, manifest.commit_sha)
            if manifest.commit_sha != tagged:
                raise _moved_tag(promotion, manifest, tagged)
        files = sum(len(manifest.files) for manifest in manifests)
        passed_gates.append(PassedGate("published", f"{files} files as their manifest lists them"))
        return manifests

    def _read_manifest(self, promotion: Promotion, release: GitHubRelease) -> Manifest:
        asset = release.uploaded_asset(MANIFEST_NAME)
        if asset is None:
            problem = f"has no {MANIFEST_NAME} in its release"
            raise _closed(promotion, release.tag, problem, "release it with dist-actions")
        manifest = download_manifest(self.releases, asset)
        for file in manifest.files:
            asset = release.uploaded_asset(file.name)
            if asset is None or asset.sha256 != file.sha256:
                problem = f"lacks {file.name}, or holds it with other bytes"
                fix = f"look who changed the assets of {release.url}"
                raise _closed(promotion, release.tag, problem, fix)
        return manifest

    def _min_age(self, releases: Sequence[GitHubRelease], passed_gates: list[PassedGate]) -> str:
        min_age = self.conditions.min_age
        times = [release.published_at for release in releases if release.published_at]
        if not min_age or not times:
            return ""
        opens = max(times) + min_age
        finding = f"{_since(releases)}, longer than {min_age}"
        passed_gates.append(PassedGate("min-age", finding))
        if opens <= self.retries.clock.now():
            return ""
        return f"released less than {min_age} ago; open from {format_time(opens)} on"

    def _checks(self, commit_sha: str, passed_gates: list[PassedGate]) -> str:
        if "checks" not in self.conditions.gates:
            return ""

        def settled(checks: tuple[Check, ...]) -> bool:
            states = {check.state for check in checks}
            return "failed" in states or "pending" not in states

        subject = f"the checks of {short_sha(commit_sha)}"
        checks = self.retries.look_until(settled, lambda: self.checks.of(commit_sha), subject)
        for state, problem in (("failed", "failed"), ("pending", "are not done yet")):
            if names := [check.name for check in checks if check.state == state]:
                return f"checks of {short_sha(commit_sha)} {problem}: {_list_names(names)}"
        # Not how many: later runs of this workflow are checks too, and would change the text.
        passed_gates.append(PassedGate("checks", "none has failed or is under way"))
        return ""


def _since(releases: Iterable[GitHubRelease]) -> str:
    times = [release.published_at for release in releases if release.published_at]
    return f"published {format_time(max(times))}" if times else "published"


def _list_names(names: Sequence[str]) -> str:
    more = len(names) - LISTED_IN_SENTENCE
    return ", ".join(names[:LISTED_IN_SENTENCE]) + (f" and {more} more" if more > 0 else "")


def _moved_tag(promotion: Promotion, manifest: Manifest, tagged: str) -> PromotionError:
    released = short_sha(manifest.commit_sha)
    return PromotionError(
        f"{manifest.tag} points to {short_sha(tagged)}, but was released from {released}.",
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
