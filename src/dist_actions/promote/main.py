"""The promote stage from environment variables to exit status.

Requests to GitHub's API, where nothing is repeated. To read, 7: the list of releases, two for
checks, two for rules, two for pull requests; and two for the manifest of each environment that has
one. To write, 4: three for a token, one for the pull request; one each for labels and reviewers.
A merge takes one to arm it, and where nothing is to wait for four more. Where git alone does not
tell how commits came to the target, one for every hundred of them, ten at most. Each promotion that
is superseded takes five, own changes to bring back two or three, and each workflow run whose checks
are not good one, ten at most. Where the target's index is asked about dependencies, the released
wheel takes two, and a required package of the same repository that is promoted first as many as a
promotion. None of it grows with the history.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from packaging.version import Version

from dist_actions.abbreviation import LISTED_IN_SECTION
from dist_actions.errors import EXIT_DONE, PromotionConflictError
from dist_actions.indexes.package_indexes import PackageIndexes
from dist_actions.job.event import Event, refuse_untrusted
from dist_actions.overview.reading import read_environment_statuses
from dist_actions.overview.table import EnvironmentStatus
from dist_actions.pipeline.settings import read_settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.promote.execution import Execution
from dist_actions.promote.gates.conditions import GateReport
from dist_actions.promote.gates.dependencies import DependencyGate
from dist_actions.promote.gates.evaluation import ForeignChecks, Gates
from dist_actions.promote.history.clone import PromotionClone
from dist_actions.promote.history.package_folders import Monorepo
from dist_actions.promote.inputs import PromoteInputs
from dist_actions.promote.outcome import Outcome, report, set_outputs, with_dependencies
from dist_actions.promote.own_changes import refuse_own_changes
from dist_actions.promote.planning import nothing_to_promote
from dist_actions.promote.preparation import Preparation, prepare
from dist_actions.promote.promotion import PromotionPlan
from dist_actions.promote.pull_request.body import Contents, find_notices, write_body
from dist_actions.promote.pull_request.gathering import gather_changelog, gather_pulls
from dist_actions.promote.pull_request.merging import Merger
from dist_actions.promote.selection import (
    ALL,
    PromotionRequest,
    Selection,
    find_package,
    newest_tag,
    no_package,
    select_packages,
    select_version,
)
from dist_actions.services.clock import SYSTEM_CLOCK, Clock
from dist_actions.services.github.checks import Checks
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.facts import MERGE_METHODS, BranchRules
from dist_actions.services.github.graphql import GraphQL, pulls_into
from dist_actions.services.github.merging import Merging
from dist_actions.services.github.pulls import PullRequests
from dist_actions.services.github.releases import GitHubRelease, Releases
from dist_actions.services.github.rules import read_branch_rules
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.stage import run_stage


def main(environ: Mapping[str, str], clock: Clock = SYSTEM_CLOCK) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage("promote", environ, lambda runner: _Promote(environ, runner, clock).run())


class _Promote:
    """One run."""

    def __init__(self, environ: Mapping[str, str], runner: Runner, clock: Clock) -> None:
        self._environ = environ
        self._runner = runner
        self._event = Event.from_environ(environ)
        refuse_untrusted(self._event)
        self._inputs = PromoteInputs.from_environ(environ)
        self._request = replace(self._inputs.request, tag=self._event.tag or "")
        settings = read_settings(
            Path(environ.get("GITHUB_WORKSPACE", ".")),
            ".",
            tag_format=self._inputs.tag_format,
            environments=self._inputs.environments,
        )
        self._environments = settings.environments
        self._packages = settings.packages
        if self._request.package not in {"", ALL} and not self._packages:
            raise no_package(self._request.package, ())
        self._tags = TagFormat(
            settings.tag_format, self._inputs.project, settings.environments.suffixes
        )
        self._retries = Retries.of_run(environ, runner, self._inputs.max_wait, clock)
        self._session = GitHubSession.from_environ(environ, runner, self._retries)
        self._recent: Sequence[GitHubRelease] = ()
        self._indexes = PackageIndexes(self._inputs.indexes, environ, self._retries, runner)

    @cached_property
    def _job(self) -> GitHubClient:
        return self._session.as_job(self._inputs.github_token)

    @cached_property
    def _releases(self) -> Releases:
        return Releases(self._job)

    def run(self) -> int:
        """Find out what is to be promoted, and open, update or merge its pull request."""
        reason = self._reason_to_ignore_tag()
        report(Outcome("nothing", reason) if reason else self._promote_in_order(), self._runner)
        return EXIT_DONE

    def _promote_in_order(self) -> Outcome:
        """Promote what was asked for; before it, where that is wanted, what it requires."""
        outcome = self._select_and_promote(self._request)
        promotion, first = outcome.promotion, outcome.gates.packages.first
        if not self._inputs.with_dependencies or promotion is None:
            return outcome
        own = {package.name for package in self._packages if package.path != "."}
        dependencies = []
        for version in first:
            if version.project not in own:
                continue
            request = PromotionRequest(
                from_name=promotion.source.name,
                to_name=promotion.target.name,
                version=str(version.version),
                package=version.project,
                allow_skip=self._request.allow_skip,
            )
            dependencies.append(self._select_and_promote(request))
        return with_dependencies(outcome, dependencies)

    def _reason_to_ignore_tag(self) -> str:
        """Explain why the run's tag is no release of this project; empty if it is or is unused."""
        tag = self._request.tag
        if not tag or self._request.from_name:
            return ""
        if self._packages:
            package = find_package(self._packages, tag, self._environments.suffixes)
            return "" if package else f"the tag {tag} belongs to no package"
        if self._tags.parse(tag):
            return ""
        return f"the tag {tag} is not of the form {self._tags.template}"

    def _select_and_promote(self, request: PromotionRequest) -> Outcome:
        self._recent = self._releases.recent()
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
            url = f"{self._session.server_url}/{self._session.github_repository}.git"
            token = self._inputs.github_token
            clone = PromotionClone(Path(folder), self._environ, url, token, self._retries)
            tags = clone.list_tags() if self._packages else {}
            monorepo = Monorepo(self._packages, tags, self._environments)
            selection = self._select(request, monorepo)
            if selection is None:
                return Outcome("nothing", "production is the last environment")
            pulls_of = pulls_into(self._job, selection.target.branch)
            return self._promote(prepare(clone, selection, monorepo, pulls_of), tags)

    def _select(self, request: PromotionRequest, monorepo: Monorepo) -> Selection | None:
        environments, released = self._environments, self._published_tags()
        if not self._packages:
            return select_version(request, self._tags, environments, released)
        return select_packages(request, self._packages, environments, released, tags=monorepo.tags)

    def _published_tags(self) -> list[str]:
        return [release.tag for release in self._recent if not release.draft]

    def _promote(self, prepared: Preparation, tags: Mapping[str, str]) -> Outcome:
        promotion, observed = prepared.promotion, prepared.observed
        if reason := nothing_to_promote(promotion, observed):
            return Outcome("nothing", reason, promotion, observed)
        gates = Gates(
            self._inputs.conditions,
            self._releases,
            self._checks(),
            DependencyGate(self._indexes.of, self._releases, self._runner.log),
            self._recent,
            commits={**tags, promotion.tag: observed.source_commit},
            retries=self._retries,
        ).check(promotion, observed.source_commit)
        outcome = Outcome("blocked", gates.closed, promotion, observed, gates=gates)
        if gates.closed:
            return outcome
        rules = read_branch_rules(self._job, promotion.target.branch)
        plan = self._plan(prepared, rules, outcome)
        if self._inputs.on_own_changes == "fail":
            refuse_own_changes(promotion, plan)
        contents = self._contents(prepared, plan, rules, gates)
        return Execution(
            session=self._session,
            job=self._job,
            inputs=self._inputs,
            prepared=prepared,
            planned=replace(
                outcome,
                plan=plan,
                statuses=tuple(contents.statuses),
                notices=tuple(contents.notices),
            ),
            plan=plan,
            body=write_body(contents),
            merger=lambda client: self._merger(client, prepared, plan, rules),
            warn=lambda message: self._runner.annotate("warning", message, title="promote"),
        ).run()

    def _plan(self, prepared: Preparation, rules: BranchRules, outcome: Outcome) -> PromotionPlan:
        try:
            if self._inputs.strategy == "fast-forward":
                # No button is pressed, so what the buttons may do must not change the commit.
                return prepared.plan(replace(rules, methods=frozenset(MERGE_METHODS)))
            return prepared.plan(rules)
        except PromotionConflictError as error:
            conflict = replace(outcome, result="conflict", reason=error.what)
            set_outputs(replace(conflict, conflict_files=error.files), self._runner)
            raise

    def _contents(
        self, prepared: Preparation, plan: PromotionPlan, rules: BranchRules, gates: GateReport
    ) -> Contents:
        promotion = prepared.promotion
        statuses: tuple[EnvironmentStatus, ...] = ()
        if not self._packages:
            statuses = read_environment_statuses(
                self._releases,
                self._recent,
                self._environments,
                {"": self._tags},
                manifests=gates.manifests,
            )
        notices = find_notices(
            promotion,
            prepared.observed,
            plan,
            source_tip=prepared.clone.tip(promotion.source.branch),
            environments=self._environments,
            override_reason=self._inputs.conditions.override_reason,
            dependents=gates.packages.dependents,
        )
        return Contents(
            promotion,
            prepared.observed,
            plan,
            rules,
            self._inputs.strategy,
            gates,
            commits=prepared.commits(LISTED_IN_SECTION),
            pulls=gather_pulls(prepared),
            changelog=gather_changelog(prepared, self._version_before(prepared)),
            statuses=statuses,
            notices=tuple(notices),
            pulls_page=f"{self._session.server_url}/{self._session.github_repository}/pull",
        )

    def _version_before(self, prepared: Preparation) -> Version | None:
        """Find the target's version, in a repository of one package."""
        target = prepared.promotion.target
        newest = newest_tag(self._tags, target, self._published_tags())
        return newest[0] if newest else None

    def _merger(
        self,
        client: GitHubClient,
        prepared: Preparation,
        plan: PromotionPlan,
        rules: BranchRules,
    ) -> Merger:
        return Merger(
            merging=Merging(client),
            pulls=PullRequests(client),
            checks=self._checks(),
            graphql=GraphQL(self._job),
            prepared=prepared,
            plan=plan,
            rules=rules,
            strategy=self._inputs.strategy,
            retries=self._retries,
        )

    def _checks(self) -> ForeignChecks:
        # owner/name/.github/workflows/promote.yml@refs/heads/main
        workflow = self._environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
        path = workflow.removeprefix(f"{self._session.github_repository}/")
        return ForeignChecks(Checks(self._job), self._environ.get("GITHUB_RUN_ID", ""), path)
