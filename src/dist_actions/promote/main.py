"""The promote stage from environment variables to exit status."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from dist_actions.credentials import require_credentials
from dist_actions.edges.clock import SystemClock
from dist_actions.edges.github_pulls import PullRequest, PullRequests
from dist_actions.edges.github_releases import Releases
from dist_actions.edges.github_session import GitHubSession, Writer
from dist_actions.edges.retries import Retries
from dist_actions.edges.runner import Runner
from dist_actions.errors import EXIT_DONE, DistActionsError
from dist_actions.event import Event, refuse_untrusted
from dist_actions.promote.body import Standing, merged_body, newest_releases, pull_request_body
from dist_actions.promote.choosing import (
    ALL,
    Selection,
    Wish,
    find_package,
    no_package,
    select_packages,
    select_version,
)
from dist_actions.promote.gates import check_gates
from dist_actions.promote.histories import Histories
from dist_actions.promote.inputs import Inputs
from dist_actions.promote.outcome import Outcome, report
from dist_actions.promote.planning import nothing_to_promote
from dist_actions.promote.preparation import Preparation, prepare
from dist_actions.promote.promotion import BranchRules, Promotion
from dist_actions.promote.reading import Monorepo
from dist_actions.secret import Secret
from dist_actions.settings import read_settings
from dist_actions.stage import run_stage
from dist_actions.tags import TagFormat

#: What the bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write", "pull_requests": "write"}
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
        retries = Retries(SystemClock(), runner.log, self._inputs.max_wait)
        self._session = GitHubSession.from_environ(environ, runner, retries)

    def run(self) -> int:
        """Find out what is to be promoted, and open or update its pull request."""
        if reason := self._of_no_release():
            report(Outcome("nothing", reason), self._runner)
            return EXIT_DONE
        releases = Releases(self._session.as_job(self._inputs.github_token))
        released = [release.tag for release in releases.recent() if not release.draft]
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
            url = f"{self._session.server_url}/{self._session.github_repository}.git"
            histories = Histories(Path(folder), self._environ, url, self._inputs.github_token)
            tags = histories.list_tags() if self._packages else {}
            monorepo = Monorepo(self._packages, tags, self._environments)
            selection = self._select(released, monorepo)
            if selection is None:
                outcome = Outcome("nothing", "production is the last environment")
            else:
                prepared = prepare(histories, selection, monorepo, lambda _: {})
                outcome = self._promote(prepared, releases, released)
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

    def _select(self, released: list[str], monorepo: Monorepo) -> Selection | None:
        given = self._inputs
        tag = self._event.tag or ""
        wish = Wish(tag, given.from_name, given.to_name, given.version, given.package)
        if not self._packages:
            return select_version(wish, self._tags, self._environments, released)
        return select_packages(
            wish, self._packages, self._environments, released, tags=monorepo.tags
        )

    def _promote(self, prepared: Preparation, releases: Releases, released: list[str]) -> Outcome:
        promotion, observed = prepared.promotion, prepared.observed
        manifests = check_gates(promotion, self._inputs.gates, releases)
        if reason := nothing_to_promote(promotion, observed):
            return Outcome("nothing", reason, promotion, observed)
        plan = prepared.plan(BranchRules())
        body = pull_request_body(
            promotion,
            observed,
            plan.strategy,
            manifests=manifests,
            gates=self._inputs.gates,
            commits=prepared.commits(_LISTED_COMMITS),
            standings=self._standings(released),
        )
        planned = Outcome("", "", promotion, observed, plan)
        present = prepared.head()
        moved = present is None or present.sha != plan.head_sha
        if present and moved and not prepared.is_ours(present):
            reason = f"somebody else pushed {present.sha[:7]} to its branch"
            return replace(planned, result="blocked", reason=reason)
        push = partial(prepared.histories.push, plan.head_sha, promotion) if moved else None
        return self._bring_about(planned, promotion, body, push)

    def _standings(self, released: list[str]) -> tuple[Standing, ...]:
        """What stands where; of several packages, their own table says it."""
        if self._packages:
            return ()
        return newest_releases(released, self._tags, self._environments)

    def _bring_about(
        self,
        planned: Outcome,
        promotion: Promotion,
        body: str,
        push: Callable[[Secret], None] | None,
    ) -> Outcome:
        """Make branch and pull request as planned; what is right already is left alone."""
        reader = PullRequests(self._session.as_job(self._inputs.github_token))
        pull = reader.find(promotion.branch, promotion.target.branch)
        if pull and pull.state == "closed":
            reason = f"#{pull.number} was closed without merging"
            return replace(planned, result="blocked", reason=reason, pull=pull)
        wanted = merged_body(pull.body, body) if pull else body
        is_open = pull is not None and pull.state == "open"
        if pull and is_open and not push and self._is_current(pull, promotion, wanted):
            reason = f"#{pull.number} is up to date"
            return replace(planned, result="nothing", reason=reason, pull=pull)
        if self._inputs.dry_run or self._inputs.mode == "plan":
            return replace(planned, result="nothing", reason="this run only plans", pull=pull)
        require_credentials(self._inputs.credentials, "open pull requests")

        def write(writer: Writer) -> Outcome:
            if push:
                push(writer.token)
            pulls = PullRequests(writer.client)
            if pull and is_open:
                pulls.update(pull, title=promotion.title, body=wanted)
                self._label(pulls, pull)
                return replace(planned, result="updated", pull=pull)
            return self._create(pulls, planned, promotion, body)

        return self._session.write(self._inputs.credentials, _PERMISSIONS, write)

    def _create(
        self, pulls: PullRequests, planned: Outcome, promotion: Promotion, body: str
    ) -> Outcome:
        made = pulls.create(
            head=promotion.branch,
            base=promotion.target.branch,
            title=promotion.title,
            body=body,
            draft=self._inputs.draft,
        )
        if made is None:
            return replace(planned, result="nothing", reason="the target holds this commit by now")
        self._label(pulls, made)
        if self._inputs.reviewers:
            self._try(lambda: pulls.request_reviews(made, self._inputs.reviewers))
        if self._inputs.credentials.job_token:
            self._warn(
                "The pull request was opened with the job's own token, whose events start no "
                "workflow, its checks neither. Fix: give a GitHub App's client-id and private-key."
            )
        return replace(planned, result="created", pull=made)

    def _label(self, pulls: PullRequests, pull: PullRequest) -> None:
        missing = [label for label in self._inputs.labels if label not in pull.labels]
        if missing:
            self._try(lambda: pulls.label(pull, missing))

    def _try(self, embellish: Callable[[], None]) -> None:
        """Labels and reviewers are worth having, but no reason to stop a promotion."""
        try:
            embellish()
        except DistActionsError as error:
            self._warn(str(error))

    def _warn(self, message: str) -> None:
        self._runner.annotate("warning", message, title="promote")

    def _is_current(self, pull: PullRequest, promotion: Promotion, body: str) -> bool:
        same_text = pull.title == promotion.title and pull.body.replace("\r\n", "\n") == body
        return same_text and pull.labels >= set(self._inputs.labels)
