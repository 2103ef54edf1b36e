"""The promote stage from environment variables to exit status.

Requests to GitHub's API, where nothing is repeated. To read, 7: the list of releases, two for
checks, two for rules, two for pull requests; and two for the manifest of each environment that has
one. To write, 4: three for a token, one for the pull request; one each for labels and reviewers.
A merge takes one to arm it, and where nothing is to wait for four more. Where git alone does not
tell how commits came to the target, one for every hundred of them, ten at most. Each promotion that
is superseded takes five, own changes to bring back two or three, and each workflow run whose checks
are not good one, ten at most. None of it grows with the history.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.version import Version

from dist_actions.errors import EXIT_DONE, PromotionConflictError
from dist_actions.job.event import Event, refuse_untrusted
from dist_actions.job.stage import run_stage
from dist_actions.overview.reading import read_standings
from dist_actions.overview.table import Standing
from dist_actions.pipeline.settings import read_settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.promote.execution import Execution
from dist_actions.promote.gates.evaluation import Gatekeeper, GateReport
from dist_actions.promote.gates.others_checks import OthersChecks
from dist_actions.promote.history.reading import Monorepo
from dist_actions.promote.history.repository import Histories
from dist_actions.promote.inputs import Inputs
from dist_actions.promote.outcome import Outcome, report, set_outputs
from dist_actions.promote.planning import nothing_to_promote
from dist_actions.promote.preparation import Preparation, prepare
from dist_actions.promote.promotion import Plan
from dist_actions.promote.pull_request.back_merge import refuse_own_changes_left
from dist_actions.promote.pull_request.body import Contents, pull_request_body
from dist_actions.promote.pull_request.gathering import gather_changelog, gather_pulls
from dist_actions.promote.pull_request.merging import Merger
from dist_actions.promote.pull_request.notices import find_notices
from dist_actions.promote.selection import (
    ALL,
    Selection,
    Wish,
    find_package,
    newest_tag,
    no_package,
    select_packages,
    select_version,
)
from dist_actions.services.clock import SystemClock
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

#: Commits that the pull request lists.
_LISTED_COMMITS = 50


def main(environ: Mapping[str, str]) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage("promote", environ, lambda runner: _Promote(environ, runner).run())


class _Promote:
    """One run."""

    def __init__(self, environ: Mapping[str, str], runner: Runner) -> None:
        self._environ = environ
        self._runner = runner
        self._event = Event.from_environ(environ)
        refuse_untrusted(self._event)
        self._inputs = Inputs.from_environ(environ)
        settings = read_settings(
            Path(environ.get("GITHUB_WORKSPACE", ".")),
            ".",
            tag_format=self._inputs.tag_format,
            environments=self._inputs.environments,
        )
        self._environments = settings.environments
        self._packages = settings.packages
        if self._inputs.package not in {"", ALL} and not self._packages:
            raise no_package(self._inputs.package, ())
        self._tags = TagFormat(
            settings.tag_format, self._inputs.project, settings.environments.suffixes
        )
        self._retries = Retries(SystemClock(), runner.log, self._inputs.max_wait)
        self._session = GitHubSession.from_environ(environ, runner, self._retries)

    def run(self) -> int:
        """Find out what is to be promoted, and open, update or merge its pull request."""
        if reason := self._of_no_release():
            report(Outcome("nothing", reason), self._runner)
            return EXIT_DONE
        job = self._session.as_job(self._inputs.github_token)
        listed = Releases(job).recent()
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
            url = f"{self._session.server_url}/{self._session.github_repository}.git"
            token, retries = self._inputs.github_token, self._retries
            histories = Histories(Path(folder), self._environ, url, token, retries)
            tags = histories.list_tags() if self._packages else {}
            monorepo = Monorepo(self._packages, tags, self._environments)
            selection = self._select(_published(listed), monorepo)
            if selection is None:
                outcome = Outcome("nothing", "production is the last environment")
            else:
                pulls_of = pulls_into(job, selection.target.branch)
                prepared = prepare(histories, selection, monorepo, pulls_of)
                outcome = self._promote(prepared, job, listed, tags)
        report(outcome, self._runner)
        return EXIT_DONE

    def _of_no_release(self) -> str:
        """Why the run's tag is no release of this project; empty where it is, or is not asked."""
        tag = self._event.tag or ""
        if not tag or self._inputs.from_name:
            return ""
        if self._packages:
            known = find_package(self._packages, tag, self._environments.suffixes)
            return "" if known else f"the tag {tag} belongs to no package"
        known_form = self._tags.parse(tag)
        return "" if known_form else f"the tag {tag} is not of the form {self._tags.template}"

    def _select(self, released: Sequence[str], monorepo: Monorepo) -> Selection | None:
        given = self._inputs
        tag = self._event.tag or ""
        wish = Wish(
            tag,
            given.from_name,
            given.to_name,
            given.version,
            given.package,
            allow_skip=given.allow_skip,
        )
        if not self._packages:
            return select_version(wish, self._tags, self._environments, released)
        return select_packages(
            wish, self._packages, self._environments, released, tags=monorepo.tags
        )

    def _promote(
        self,
        prepared: Preparation,
        job: GitHubClient,
        listed: Sequence[GitHubRelease],
        tags: Mapping[str, str],
    ) -> Outcome:
        promotion, observed = prepared.promotion, prepared.observed
        if reason := nothing_to_promote(promotion, observed):
            return Outcome("nothing", reason, promotion, observed)
        gates = Gatekeeper(
            self._inputs.conditions,
            Releases(job),
            self._checks(job),
            listed,
            commits={**tags, promotion.tag: observed.source_commit},
            retries=self._retries,
        ).check(promotion, observed.source_commit)
        known = Outcome("blocked", gates.closed, promotion, observed, gates=gates)
        if gates.closed:
            return known
        rules = read_branch_rules(job, promotion.target.branch)
        plan = self._plan(prepared, rules, known)
        if self._inputs.on_own_changes == "fail":
            refuse_own_changes_left(promotion, plan)
        contents = self._contents(prepared, plan, rules, gates=gates, job=job, listed=listed)
        execution = Execution(
            session=self._session,
            job=job,
            inputs=self._inputs,
            prepared=prepared,
            planned=replace(
                known,
                plan=plan,
                standings=tuple(contents.standings),
                notices=tuple(contents.notices),
            ),
            body=pull_request_body(contents),
            merger=lambda client: self._merger(client, job, prepared, plan, rules),
            warn=lambda message: self._runner.annotate("warning", message, title="promote"),
        )
        return execution.run()

    def _plan(self, prepared: Preparation, rules: BranchRules, known: Outcome) -> Plan:
        try:
            if self._inputs.strategy == "fast-forward":
                # No button is pressed, so what the buttons may do must not change the commit.
                return prepared.plan(replace(rules, methods=frozenset(MERGE_METHODS)))
            return prepared.plan(rules)
        except PromotionConflictError as error:
            conflict = replace(known, result="conflict", reason=error.what)
            set_outputs(replace(conflict, conflict_files=error.files), self._runner)
            raise

    def _contents(
        self,
        prepared: Preparation,
        plan: Plan,
        rules: BranchRules,
        *,
        gates: GateReport,
        job: GitHubClient,
        listed: Sequence[GitHubRelease],
    ) -> Contents:
        promotion = prepared.promotion
        standings: tuple[Standing, ...] = ()
        if not self._packages:
            standings = read_standings(
                Releases(job), listed, self._environments, {"": self._tags}, known=gates.manifests
            )
        return Contents(
            promotion,
            prepared.observed,
            plan,
            rules,
            self._inputs.strategy,
            gates,
            commits=prepared.commits(_LISTED_COMMITS),
            pulls=gather_pulls(prepared),
            changelog=gather_changelog(prepared, self._before(prepared, listed)),
            standings=standings,
            notices=find_notices(
                prepared,
                plan,
                environments=self._environments,
                override_reason=self._inputs.conditions.override_reason,
            ),
            pulls_page=f"{self._session.server_url}/{self._session.github_repository}/pull",
        )

    def _before(self, prepared: Preparation, listed: Sequence[GitHubRelease]) -> Version | None:
        """The target's version, in a repository of one package."""
        target = prepared.promotion.target
        found = newest_tag(self._tags, target, _published(listed))
        return found[0] if found else None

    def _merger(
        self,
        client: GitHubClient,
        job: GitHubClient,
        prepared: Preparation,
        plan: Plan,
        rules: BranchRules,
    ) -> Merger:
        observed = prepared.observed
        ends = (observed.target_commit, observed.source_commit)
        return Merger(
            merging=Merging(client),
            pulls=PullRequests(client),
            checks=self._checks(job),
            graphql=GraphQL(job),
            promotion=prepared.promotion,
            observed=observed,
            plan=plan,
            rules=rules,
            wanted=self._inputs.strategy,
            advances=prepared.histories.git.succeeds("merge-base", "--is-ancestor", *ends),
            retries=self._retries,
        )

    def _checks(self, job: GitHubClient) -> OthersChecks:
        # owner/name/.github/workflows/promote.yml@refs/heads/main
        workflow = self._environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
        path = workflow.removeprefix(f"{self._session.github_repository}/")
        return OthersChecks(Checks(job), self._environ.get("GITHUB_RUN_ID", ""), path)


def _published(listed: Sequence[GitHubRelease]) -> list[str]:
    return [release.tag for release in listed if not release.draft]
