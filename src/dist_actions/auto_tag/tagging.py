"""The part of auto-tag that speaks to GitHub: reads the tags, makes those that are absent."""

from collections.abc import Mapping, Sequence

from dist_actions.auto_tag.existing import ExistingTags
from dist_actions.auto_tag.expected_tree import PromotionPush
from dist_actions.auto_tag.inputs import AutoTagInputs
from dist_actions.auto_tag.planning import Candidate, Decision, Existing, Underived, plan
from dist_actions.auto_tag.report import report, report_interrupted
from dist_actions.errors import DistActionsError
from dist_actions.services.clock import SystemClock
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.commit_pulls import pulls_of_commit
from dist_actions.services.github.refs import Refs, TagExistsError
from dist_actions.services.github.session import GitHubSession, Writer
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.versions import require_releasable

#: What the bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write"}


def tag(
    subjects: Sequence[Candidate | Underived],
    inputs: AutoTagInputs,
    environ: Mapping[str, str],
    git: Git,
    runner: Runner,
    *,
    promotion: PromotionPush | None,
    production: str,
) -> int:
    """Read the tags, make those that are absent with one token, and report.

    Args:
        subjects: What is to be tagged, in the order of the settings.
        inputs: The action's inputs.
        environ: The job's environment.
        git: The checkout.
        runner: The job's runner.
        promotion: What the push ends with, if that is one; it is compared before all else.
        production: Name of the production environment if this run is for it, else empty.

    Returns:
        The stage's exit status.

    Raises:
        PromotionError: The promotion brought other files than it promised; nothing is tagged.
        DistActionsError: GitHub refused, or did not answer; what is made by then is kept.
    """
    retries = Retries(SystemClock(), runner.log, inputs.max_wait)
    session = GitHubSession.from_environ(environ, runner, retries)
    client = session.as_job(inputs.github_token)
    if promotion:
        promotion.check(lambda sha: pulls_of_commit(client, sha), runner)
    existing = ExistingTags(client, git, retries)
    candidates = existing.find_versions(subjects)
    for subject, candidate in zip(subjects, candidates, strict=True):
        if isinstance(subject, Underived):
            _require_releasable(candidate, inputs, production)

    def decide(candidate: Candidate, found: Existing | None) -> Decision:
        unbumped, dry_run = inputs.on_unbumped, inputs.dry_run
        return Decision(candidate, plan(candidate, found, on_unbumped=unbumped, dry_run=dry_run))

    found = existing.find(candidates)
    decisions = [decide(*pair) for pair in zip(candidates, found, strict=True)]
    absent = [one.candidate for one in decisions if one.plan.create]
    overtaken = _create(absent, inputs, session, runner) if absent else set()
    decisions = [
        decide(one.candidate, existing.wait_for(one.candidate))
        if one.candidate.tag in overtaken
        else one
        for one in decisions
    ]
    return report(runner, decisions, job_token=inputs.credentials.job_token)


def _require_releasable(candidate: Candidate, inputs: AutoTagInputs, production: str) -> None:
    """Refuse a derived version as one that files declare is refused, which was known before."""
    require_releasable(
        candidate.version, allow_prerelease=inputs.allow_prerelease, environment=production
    )


def _create(
    candidates: Sequence[Candidate], inputs: AutoTagInputs, session: GitHubSession, runner: Runner
) -> set[str]:
    """Make the tags; the answer is those that another run made meanwhile."""
    made: list[Candidate] = []
    overtaken: set[str] = set()

    def create(writer: Writer) -> None:
        # It is called again where GitHub asks for a further permission, perhaps half way.
        settled = {candidate.tag for candidate in made} | overtaken
        refs = Refs(writer.client)
        for candidate in candidates:
            if candidate.tag in settled:
                continue
            try:
                refs.create_annotated(candidate.tag, candidate.message, candidate.commit_sha)
                made.append(candidate)
            except TagExistsError:
                runner.log(f"Another run created {candidate.tag} meanwhile.")
                overtaken.add(candidate.tag)

    try:
        session.write(inputs.credentials, _PERMISSIONS, create)
    except DistActionsError:
        if made:
            report_interrupted(runner, made, candidates)
        raise
    return overtaken
