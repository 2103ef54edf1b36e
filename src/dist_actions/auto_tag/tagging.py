"""Read the tags of all candidates on GitHub, and create those that are absent."""

from collections.abc import Mapping, Sequence

from dist_actions.auto_tag.candidates import Push
from dist_actions.auto_tag.existing import ExistingTags
from dist_actions.auto_tag.expected_tree import PromotionPush
from dist_actions.auto_tag.inputs import AutoTagInputs
from dist_actions.auto_tag.planning import (
    Candidate,
    Decision,
    ExistingTag,
    UnversionedCandidate,
    plan_tag,
)
from dist_actions.auto_tag.report import report, report_interrupted
from dist_actions.errors import DistActionsError
from dist_actions.services.clock import SystemClock
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.pulls import PullRequests
from dist_actions.services.github.refs import Refs, TagExistsError
from dist_actions.services.github.session import GitHubSession, Writer
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.versions import require_releasable

#: What the bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write"}


def tag(
    candidates: Sequence[Candidate | UnversionedCandidate],
    push: Push,
    inputs: AutoTagInputs,
    git: Git,
    runner: Runner,
    *,
    environ: Mapping[str, str],
    promotion: PromotionPush | None,
) -> int:
    """Read the tags, create those that are absent with one token, and return the exit status.

    A promotion that the push ends with is compared before all else.

    Raises:
        PromotionError: The promotion brought other files than it promised; nothing is tagged.
        DistActionsError: GitHub refused, or did not answer; what is created by then is kept.
    """
    retries = Retries(SystemClock(), runner.log, inputs.max_wait)
    session = GitHubSession.from_environ(environ, runner, retries)
    client = session.as_job(inputs.github_token)
    if promotion:
        promotion.check(PullRequests(client).of_commit, runner)
    existing_tags = ExistingTags(client, git, retries)
    versioned = existing_tags.find_versions(candidates)
    for candidate in versioned:
        _require_releasable(candidate, inputs, push)
    pairs = zip(versioned, existing_tags.find(versioned), strict=True)
    decisions = [_decide(candidate, existing, inputs) for candidate, existing in pairs]
    absent = [decision.candidate for decision in decisions if decision.plan.create]
    overtaken = _create(absent, inputs, session, runner) if absent else set()
    decisions = [
        _decide(decision.candidate, existing_tags.wait_for(decision.candidate), inputs)
        if decision.candidate.tag in overtaken
        else decision
        for decision in decisions
    ]
    return report(runner, decisions, job_token=inputs.credentials.job_token)


def _require_releasable(candidate: Candidate, inputs: AutoTagInputs, push: Push) -> None:
    """Check a version that promotion brought; declared versions were checked before, offline."""
    if candidate.version.source == "promotion":
        require_releasable(
            candidate.version,
            allow_prerelease=inputs.allow_prerelease,
            environment=push.production,
        )


def _decide(candidate: Candidate, existing: ExistingTag | None, inputs: AutoTagInputs) -> Decision:
    plan = plan_tag(candidate, existing, on_unbumped=inputs.on_unbumped, dry_run=inputs.dry_run)
    return Decision(candidate, plan)


def _create(
    candidates: Sequence[Candidate], inputs: AutoTagInputs, session: GitHubSession, runner: Runner
) -> set[str]:
    """Create the tags, and return those that another run created meanwhile."""
    created: list[Candidate] = []
    overtaken: set[str] = set()

    def create(writer: Writer) -> None:
        # It is called again where GitHub asks for a further permission, perhaps half way.
        settled = {candidate.tag for candidate in created} | overtaken
        refs = Refs(writer.client)
        for candidate in candidates:
            if candidate.tag in settled:
                continue
            try:
                refs.create_annotated(candidate.tag, candidate.message, candidate.commit_sha)
                created.append(candidate)
            except TagExistsError:
                runner.log(f"Another run created {candidate.tag} meanwhile.")
                overtaken.add(candidate.tag)

    try:
        session.write(inputs.credentials, _PERMISSIONS, create)
    except DistActionsError:
        if created:
            report_interrupted(runner, created, candidates)
        raise
    return overtaken
