"""The auto-tag stage from environment variables to exit status, as far as no service is needed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dist_actions.auto_tag.candidates import Push, find_candidates
from dist_actions.auto_tag.expected_tree import find_promotion_push
from dist_actions.auto_tag.inputs import AutoTagInputs
from dist_actions.auto_tag.planning import TITLE, NothingToDo, triage
from dist_actions.auto_tag.report import report_nothing_to_do
from dist_actions.identity.credentials import require_credentials
from dist_actions.job.checkout_place import find_checkout
from dist_actions.job.event import Event, refuse_untrusted
from dist_actions.pipeline.settings import read_settings
from dist_actions.services.clock import SYSTEM_CLOCK, Clock
from dist_actions.services.git.checkout import Git
from dist_actions.services.runner import Runner
from dist_actions.stage import run_stage


def main(environ: Mapping[str, str], clock: Clock = SYSTEM_CLOCK) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage(TITLE, environ, lambda runner: _run(environ, runner, clock))


def _run(environ: Mapping[str, str], runner: Runner, clock: Clock) -> int:
    event = Event.from_environ(environ)
    refuse_untrusted(event)
    inputs = AutoTagInputs.from_environ(environ)
    workspace = Path(environ.get("GITHUB_WORKSPACE", "."))
    place = find_checkout(workspace, inputs.package_path)
    workspace, inputs = place.repository, replace(inputs, package_path=place.package_path)
    settings = read_settings(
        workspace,
        inputs.package_path,
        tag_format=inputs.tag_format,
        environments=inputs.environments,
    )
    environment = triage(event, settings.environments, dry_run=inputs.dry_run)
    if isinstance(environment, NothingToDo):
        return report_nothing_to_do(runner, event, environment)
    if event.in_fork and not inputs.credentials.complete and not inputs.dry_run:
        text = "This is a fork without the App's key; nothing is tagged."
        return report_nothing_to_do(runner, event, NothingToDo("no-credentials", text))
    git = Git(workspace, environ)
    push = Push(workspace, environment, settings, inputs.sha or event.sha)
    candidates = find_candidates(push, inputs, git)
    if not candidates:
        text = f"None of the packages has come to {environment.branch} yet."
        return report_nothing_to_do(runner, event, NothingToDo("no-package", text))
    promotion = find_promotion_push(push, git, inputs.on_other_tree)
    if not inputs.dry_run:
        require_credentials(inputs.credentials, "create tags")
    # Runs with nothing to do, which are most, need not wait until GitHub's client is loaded.
    from dist_actions.auto_tag.tagging import tag  # noqa: PLC0415

    return tag(
        candidates,
        push,
        inputs,
        git,
        runner,
        environ=environ,
        promotion=promotion,
        clock=clock,
    )
