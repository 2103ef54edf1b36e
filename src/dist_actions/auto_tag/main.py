"""The auto-tag stage from environment variables to exit status, as far as no service is needed."""

from collections.abc import Mapping
from pathlib import Path

from dist_actions.auto_tag.inputs import Inputs
from dist_actions.auto_tag.planning import TITLE, Candidate, Idle, triage
from dist_actions.credentials import require_credentials
from dist_actions.edges.git import Git
from dist_actions.edges.metadata_reading import metadata_reader
from dist_actions.edges.runner import Runner
from dist_actions.environments import Environment
from dist_actions.errors import EXIT_DONE, InputError
from dist_actions.event import Event, refuse_untrusted
from dist_actions.markdown import escape
from dist_actions.settings import Settings, read_settings
from dist_actions.stage import run_stage
from dist_actions.tags import TagFormat
from dist_actions.versions import (
    MetadataReader,
    Project,
    read_version,
    require_releasable,
)


def main(environ: Mapping[str, str]) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage(TITLE, environ, lambda runner: _run(environ, runner))


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
    # Runs with nothing to do, which are most, need not wait until GitHub's client is loaded.
    from dist_actions.auto_tag.tagging import tag  # noqa: PLC0415

    return tag(candidate, inputs, environ, git, runner)


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


def _finish_idle(runner: Runner, event: Event, idle: Idle) -> int:
    runner.annotate("notice", f"Nothing to do: {idle.message}", title=TITLE)
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
