"""The auto-tag stage from environment variables to exit status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dist_actions.auto_tag.planning import (
    Candidate,
    Existing,
    Idle,
    OnUnbumped,
    Plan,
    plan,
    tree_in_message,
    triage,
)
from dist_actions.credentials import WriterCredentials, read_credentials, require_credentials
from dist_actions.edges.clock import SystemClock
from dist_actions.edges.git import Git
from dist_actions.edges.github_refs import Refs, TagExistsError
from dist_actions.edges.github_session import GitHubSession
from dist_actions.edges.metadata_reading import metadata_reader
from dist_actions.edges.retries import DEFAULT_MAX_WAIT, Retries
from dist_actions.edges.runner import Runner
from dist_actions.environments import Environment
from dist_actions.errors import EXIT_DONE, EXIT_REFUSED, InputError
from dist_actions.event import Event, refuse_untrusted
from dist_actions.inputs import InputReader
from dist_actions.markdown import code, escape, table
from dist_actions.secret import Secret
from dist_actions.settings import Settings, read_settings
from dist_actions.stage import run_stage
from dist_actions.tags import TagFormat
from dist_actions.versions import (
    MetadataReader,
    Project,
    VersionSource,
    read_version,
    require_releasable,
)

_TITLE = "auto-tag"
_ON_UNBUMPED: tuple[OnUnbumped, ...] = ("warn", "ok", "fail")
#: What the bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write"}


@dataclass(frozen=True)
class Inputs:
    """The action's inputs; each is described in `auto-tag/action.yml`."""

    credentials: WriterCredentials
    github_token: Secret
    package_path: str
    version_source: VersionSource
    tag_format: str
    environments: str
    on_unbumped: OnUnbumped
    allow_prerelease: bool
    dry_run: bool
    sha: str
    max_wait: timedelta

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Inputs":
        """Read them.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        github_token = reader.secret("github-token")
        on_unbumped = reader.choice("on-unbumped", _ON_UNBUMPED)
        inputs = cls(
            credentials=read_credentials(reader, github_token),
            github_token=github_token,
            package_path=reader.relative_path("package-path", "."),
            version_source=VersionSource(
                version=reader.text("version"),
                file=reader.relative_path("version-file", ""),
                pattern=reader.text("version-pattern"),
            ),
            tag_format=reader.text("tag-format"),
            environments=reader.block("environments"),
            on_unbumped=next(option for option in _ON_UNBUMPED if option == on_unbumped),
            allow_prerelease=reader.boolean("allow-prerelease", default=False),
            dry_run=reader.boolean("dry-run", default=False),
            sha=reader.commit_sha("sha"),
            max_wait=reader.duration("max-wait", DEFAULT_MAX_WAIT),
        )
        reader.finish()
        return inputs


def main(environ: Mapping[str, str]) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage(_TITLE, environ, lambda runner: _run(environ, runner))


def _run(environ: Mapping[str, str], runner: Runner) -> int:
    event = Event.from_environ(environ)
    refuse_untrusted(event)
    inputs = Inputs.from_environ(environ)
    workspace = Path(environ.get("GITHUB_WORKSPACE", "."))
    settings = read_settings(
        workspace,
        inputs.package_path,
        tag_format=inputs.tag_format,
        environments=inputs.environments,
    )
    environment = triage(event, settings.environments)
    if isinstance(environment, Idle):
        return _finish_idle(runner, event, environment)
    if event.in_fork and not inputs.credentials.given:
        idle = Idle("no-credentials", "This is a fork without the App's key; nothing is tagged.")
        return _finish_idle(runner, event, idle)
    git = Git(workspace, environ)
    candidate = _find_candidate(
        inputs,
        environment,
        settings,
        inputs.sha or event.sha,
        git=git,
        project=Project(workspace, inputs.package_path),
        read_metadata=metadata_reader(environ, runner.log),
    )
    if not inputs.dry_run:
        require_credentials(inputs.credentials, "create tags")
    session = GitHubSession.from_environ(
        environ, runner, Retries(SystemClock(), runner.log, inputs.max_wait)
    )
    return _tag(candidate, inputs, session, git, runner)


def _find_candidate(
    inputs: Inputs,
    environment: Environment,
    settings: Settings,
    commit_sha: str,
    *,
    git: Git,
    project: Project,
    read_metadata: MetadataReader,
) -> Candidate:
    """Work out the tag, offline and without a secret."""
    _require_checked_out(git.head_commit(), commit_sha)
    found = read_version(project, inputs.version_source, read_metadata)
    production = environment == settings.environments.production
    require_releasable(
        found,
        allow_prerelease=inputs.allow_prerelease,
        environment=environment.name if production else "",
    )
    tags = TagFormat(settings.tag_format, found.name, settings.environments.suffixes)
    tag = tags.format(found.version, environment.suffix)
    return Candidate(environment, found, tag, commit_sha, git.tree(commit_sha))


def _require_checked_out(head: str, commit_sha: str) -> None:
    if head != commit_sha:
        raise InputError(
            f"The checkout is at {head[:7]}, but this run is for {commit_sha[:7]}.",
            why="a step before checked out another commit, so the version may be another one.",
            fix="leave out `ref:` in actions/checkout, or give the commit as the input sha.",
            anchor="checkout",
        )


def _tag(
    candidate: Candidate, inputs: Inputs, session: GitHubSession, git: Git, runner: Runner
) -> int:
    reader = Refs(session.as_job(inputs.github_token))

    def decide() -> Plan:
        existing = _read_existing(candidate, reader, git)
        return plan(candidate, existing, on_unbumped=inputs.on_unbumped, dry_run=inputs.dry_run)

    decided = decide()
    if decided.create:
        try:
            with session.as_writer(inputs.credentials, _PERMISSIONS) as writer:
                Refs(writer).create_annotated(
                    candidate.tag, candidate.message, candidate.commit_sha
                )
        except TagExistsError:
            runner.log(f"Another run created {candidate.tag} meanwhile.")
            decided = decide()
    return _finish(runner, candidate, decided, job_token=inputs.credentials.job_token)


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


def _finish_idle(runner: Runner, event: Event, idle: Idle) -> int:
    runner.annotate("notice", f"Nothing to do: {idle.message}", title=_TITLE)
    runner.set_outputs(
        {
            "tag": "",
            "version": "",
            "environment": "",
            "created": "false",
            "reason": idle.reason,
            "sha": event.sha,
        }
    )
    runner.add_summary(f"### auto-tag\n\nNothing to do: {escape(idle.message)}\n")
    return EXIT_DONE


def _finish(runner: Runner, candidate: Candidate, decided: Plan, *, job_token: bool) -> int:
    runner.annotate(decided.level, decided.message, title=_TITLE, location=decided.location)
    created = decided.create and decided.reason == "created"
    if created and job_token:
        runner.annotate(
            "warning",
            "The tag was made with the job's own token, whose events start no workflow. "
            "Fix: give a GitHub App's client-id and private-key, so that release starts by itself.",
            title=_TITLE,
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
