"""The part of auto-tag that speaks to GitHub: reads the tag, makes it, and reports."""

from collections.abc import Mapping

from dist_actions.auto_tag.inputs import Inputs
from dist_actions.auto_tag.planning import (
    TITLE,
    Candidate,
    Existing,
    Plan,
    plan,
    tree_in_message,
)
from dist_actions.edges.clock import SystemClock
from dist_actions.edges.git import Git
from dist_actions.edges.github_refs import Refs, TagExistsError
from dist_actions.edges.github_session import GitHubSession
from dist_actions.edges.retries import Retries, Transient
from dist_actions.edges.runner import Runner
from dist_actions.errors import EXIT_REFUSED
from dist_actions.markdown import code, escape, table

#: What the bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write"}


def tag(
    candidate: Candidate,
    inputs: Inputs,
    environ: Mapping[str, str],
    git: Git,
    runner: Runner,
) -> int:
    """Read the tag, make it where it is absent, and report.

    Returns:
        The stage's exit status.

    Raises:
        DistActionsError: GitHub refused, or did not answer.
    """
    retries = Retries(SystemClock(), runner.log, inputs.max_wait)
    session = GitHubSession.from_environ(environ, runner, retries)
    reader = Refs(session.as_job(inputs.github_token))

    def decide(existing: Existing | None) -> Plan:
        return plan(candidate, existing, on_unbumped=inputs.on_unbumped, dry_run=inputs.dry_run)

    decided = decide(_read_existing(candidate, reader, git))
    if decided.create:
        try:
            session.write(
                inputs.credentials,
                _PERMISSIONS,
                lambda writer: Refs(writer.client).create_annotated(
                    candidate.tag, candidate.message, candidate.commit_sha
                ),
            )
        except TagExistsError:
            runner.log(f"Another run created {candidate.tag} meanwhile.")
            decided = decide(_await_existing(candidate, reader, git, retries))
    return _finish(runner, candidate, decided, job_token=inputs.credentials.job_token)


class _NotListedError(Exception):
    """GitHub refuses to make the tag because it exists, and does not list it yet."""


def _await_existing(candidate: Candidate, refs: Refs, git: Git, retries: Retries) -> Existing:
    """The tag that another run made a moment ago.

    Raises:
        ServiceUnavailableError: GitHub does not list it for too long.
    """

    def read() -> Existing:
        existing = _read_existing(candidate, refs, git)
        if existing is None:
            raise _NotListedError
        return existing

    def classify(error: Exception) -> Transient | None:
        return Transient("not listed yet") if isinstance(error, _NotListedError) else None

    return retries.call(f"read the tag {candidate.tag}", read, classify)


def _read_existing(candidate: Candidate, refs: Refs, git: Git) -> Existing | None:
    """The tag of the candidate's name; its tree is only asked for where it matters."""
    ref = refs.find(candidate.tag)
    if ref is None:
        return None
    peeled = refs.peel(ref)
    if peeled.commit_sha == candidate.commit_sha:
        return Existing(peeled.commit_sha)
    if git.has_commit(peeled.commit_sha):
        return Existing(peeled.commit_sha, git.tree(peeled.commit_sha))
    tree = tree_in_message(peeled.message) or refs.commit_tree(peeled.commit_sha)
    return Existing(peeled.commit_sha, tree)


def _finish(runner: Runner, candidate: Candidate, decided: Plan, *, job_token: bool) -> int:
    runner.annotate(decided.level, decided.message, title=TITLE, location=decided.location)
    created = decided.create and decided.reason == "created"
    if created and job_token:
        runner.annotate(
            "warning",
            "The tag was made with the job's own token, whose events start no workflow. "
            "Fix: give a GitHub App's client-id and private-key, so that release starts by itself.",
            title=TITLE,
        )
    runner.set_outputs(
        {
            "tag": candidate.tag,
            "version": str(candidate.version.version),
            "environment": candidate.environment.name,
            "created": "true" if created else "false",
            "reason": decided.reason,
            "sha": candidate.commit_sha,
        }
    )
    runner.add_summary(_summary(candidate, decided))
    return decided.exit_status


def _summary(candidate: Candidate, decided: Plan) -> str:
    icon = "❌" if decided.exit_status == EXIT_REFUSED else "🏷️" if decided.create else "✅"
    found = candidate.version
    rows = [
        ["version", f"{code(str(found.version))} from {code(str(found.location))}"],
        ["environment", escape(candidate.environment.name)],
        ["commit", code(candidate.commit_sha[:7])],
        ["result", escape(decided.reason)],
    ]
    heading = f"### {icon} auto-tag: {code(candidate.tag)}"
    return f"{heading}\n\n{table(['', ''], rows)}\n\n{escape(decided.message)}\n"
