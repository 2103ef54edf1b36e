"""Set up GitHub's side of a repository: look, show the plan, ask, and make it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ruamel.yaml.error import YAMLError

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.commands.command_line import find_width
from dist_actions.commands.init.repository import uses_dist_actions
from dist_actions.commands.init.settings import NewSettings, write_settings
from dist_actions.commands.init.variables import HostedOptions, read_values
from dist_actions.commands.status.inputs import find_repository, find_token
from dist_actions.commands.tables import write_table
from dist_actions.doctor.yaml import value_reader
from dist_actions.errors import DOCUMENTATION, DistActionsError, InputError, Location
from dist_actions.pipeline.settings import Settings, parse_settings
from dist_actions.pipeline.settings_table import SettingsTable
from dist_actions.repository_settings.applying import make_change
from dist_actions.repository_settings.comparison import ITSELF, Comparison, State, Values, compare
from dist_actions.repository_settings.expected import ExpectedSettings, expect_settings
from dist_actions.repository_settings.reading import read_repository_settings
from dist_actions.repository_settings.workflow_jobs import WorkflowJob, read_jobs
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.json_fields import number, text
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.services.transport.certificates import require_certificate_bundle
from dist_actions.toml import parse_toml

#: The variable of each bot, by the option that names the bot.
_CLIENT_IDS = {"automation": "AUTOMATION_BOT_CLIENT_ID", "releaser": "RELEASER_BOT_CLIENT_ID"}
#: How settings begin that are one of several of their kind.
_BRANCH, _VARIABLE = "branch ", "variable "
_WORDS: Mapping[State, str] = {
    "there": "",
    "missing": "make",
    "differs": "change",
    "unknown": "cannot be read",
}


@dataclass(frozen=True)
class App:
    """A GitHub App, as everybody may know it."""

    app_id: int
    client_id: str = ""


@dataclass(frozen=True)
class HostedPlan:
    """The settings on GitHub beside those that the workflows need."""

    client: GitHubClient
    rows: tuple[Comparison, ...]

    @property
    def changes(self) -> tuple[Comparison, ...]:
        """Return what would be made or changed."""
        return tuple(row for row in self.rows if row.change is not None)

    @property
    def not_as_needed(self) -> tuple[str, ...]:
        """Name the settings that are missing or differ, and those that cannot be read."""
        return tuple(str(row) for row in self.rows if row.state != "there")

    @property
    def by_hand(self) -> tuple[str, ...]:
        """Return what remains for a person, each once."""
        rows = [row for row in self.rows if row.by_hand and not row.setting.startswith(_BRANCH)]
        steps = {_name_unset(row, rows): None for row in rows}
        unread = ", ".join(str(row) for row in self.rows if row.state == "unknown")
        if unread:
            steps[f"Run it with a token that may read what this one may not: {unread}."] = None
        return tuple(steps)

    @property
    def branches_to_come(self) -> tuple[str, ...]:
        """Name the branches that are made once the repository has a commit to start at."""
        waiting = (row.setting for row in self.rows if row.by_hand)
        return tuple(name.removeprefix(_BRANCH) for name in waiting if name.startswith(_BRANCH))

    def __str__(self) -> str:
        rows: list[tuple[str, str, str]] = []
        place = ""
        for row in self.rows:
            is_heading = row.setting == ITSELF
            if row.place != place and not is_heading:
                rows.append(("", row.place, ""))
            place = row.place
            setting = row.place if is_heading else f"  {row.setting}"
            rows.append((_word(row), setting, _describe(row)))
        table = write_table(("", "", ""), rows, width=find_width(sys.stdout))
        return f"{self.client.github_repository} on GitHub:\n{table}"


def open_github(repository: str, folder: Path, environ: Mapping[str, str]) -> GitHubClient:
    """Open the repository on GitHub, by the token of the environment.

    Args:
        repository: `OWNER/NAME`; empty for that of the workflow run, or of the remote `origin`.

    Raises:
        InputError: There is no token, or nothing tells the repository.
    """
    runner = Runner.from_environ({**environ, "GITHUB_OUTPUT": ""}, sys.stderr)
    require_certificate_bundle(environ)
    described = {**environ, "GITHUB_REPOSITORY": find_repository(repository, environ, folder)}
    retries = Retries.of_run(environ, runner)
    session = GitHubSession.from_environ(described, runner, retries)
    return session.as_person(find_token(environ))


def plan_hosted(
    client: GitHubClient,
    settings: Settings,
    name: str,
    texts: Mapping[str, str],
    options: HostedOptions,
) -> HostedPlan:
    """Read the settings on GitHub, and plan how they become as the workflows need them.

    Args:
        settings: The project's, as they will be.
        name: The project's normalised name; empty where there are several, or nothing tells it.
        texts: The workflow files as they will be, by name.

    Raises:
        InputError: An option is unusable, or a workflow.
        GitHubApiError: The token does not see the repository.
    """
    jobs = read_workflow_jobs(texts, settings)
    apps = {bot: _find_app(client, name) for bot, name in options.apps.items()}
    _require_two_apps(apps)
    app_id = apps["automation"].app_id if "automation" in apps else None
    expected = expect_settings(settings, name, jobs, bot_app_id=app_id)
    files = [(place, _read(path)) for place, path in options.files]
    values = {
        **_client_ids(apps, expected),
        **read_values(options.variables, files, expected),
    }
    return HostedPlan(client, compare(read_repository_settings(client), expected, values))


def apply_plan(plan: HostedPlan) -> None:
    """Make every change of a plan, and say so.

    Raises:
        DistActionsError: One of them failed; those before it stand.
    """
    changes = plan.changes
    if not changes:
        print("On GitHub nothing is to be made or changed.")
    for count, row in enumerate(changes):
        assert row.change is not None  # noqa: S101 - `changes` are those that have one
        try:
            make_change(plan.client, row.change)
        except DistActionsError as error:
            error.add(
                what=f"{count} of {len(changes)} changes were made before.",
                fix="Then run the command again: what is made stays, the rest follows.",
            )
            raise
        print(f"{'Made' if row.state == 'missing' else 'Changed'} {row}")


def confirm(plan: HostedPlan, *, agreed: bool) -> bool:
    """Ask whether the plan is carried out, unless that was said before; False for a no.

    Raises:
        InputError: There is no terminal to ask at.
    """
    if agreed or not plan.changes:
        return True
    count = len(plan.changes)
    repository = plan.client.github_repository
    if not sys.stdin.isatty():
        raise InputError(
            f"Nothing was changed: {count} setting{'s' * (count != 1)} of {repository} would be.",
            why="there is no terminal to ask you.",
            fix="add --yes to carry the plan out.",
        )
    try:
        answer = input(
            f"\nMake or change {count} setting{'s' * (count != 1)} of {repository}? [y/N] "
        )
    except EOFError:
        return False
    return answer.strip().lower() in {"y", "yes"}


def settings_after(folder: Path, settings: Settings, new: NewSettings) -> Settings:
    """Return the settings as they are once the new ones are written."""
    if not new:
        return settings
    toml = write_settings("", new, in_pyproject=False)
    values = parse_toml(toml, Location("the new settings"))
    return parse_settings(SettingsTable(values, "the new settings", toml), folder)


def read_workflow_jobs(texts: Mapping[str, str], settings: Settings) -> list[WorkflowJob]:
    """Read what the jobs of the workflows ask for that use dist-actions.

    Raises:
        InputError: One of them is no YAML.
    """
    stages = [stage.github_environment for stage in settings.environments.stages]
    jobs: list[WorkflowJob] = []
    for name, workflow in sorted(texts.items()):
        if uses_dist_actions(workflow):
            jobs += read_jobs(name, _parse(name, workflow), stages)
    return jobs


def _parse(name: str, workflow: str) -> Mapping[str, Any]:
    try:
        document = value_reader().load(workflow)
    except YAMLError as error:
        raise InputError(
            f"The workflow {name} cannot be read.",
            why=f"it is no YAML: {str(error).splitlines()[0]}.",
            fix="mend the file, then run the command again.",
        ) from error
    return document if isinstance(document, dict) else {}


def _find_app(client: GitHubClient, name: str) -> App:
    """Find an App by its name in addresses; one that is given by its App ID needs no request."""
    if name.isascii() and name.isdigit():
        return App(int(name))
    try:
        return client.read(
            f"read the GitHub App {name}",
            f"/apps/{quote(name, safe='')}",
            lambda app: App(number(app["id"]), text(app.get("client_id") or "")),
            meaningful=frozenset({404}),
        )
    except RefusedError as error:
        raise InputError(
            f"There is no GitHub App {name[:QUOTED_NAME]!r}, or your token does not see it.",
            why="it is looked up by its name as its page has it: /apps/NAME.",
            fix="copy the name from the address of that page, or give the App ID instead.",
        ) from error


def _require_two_apps(apps: Mapping[str, App]) -> None:
    """Refuse one App as both bots.

    Raises:
        InputError: It is.
    """
    if len({app.app_id for app in apps.values()}) < len(apps):
        raise InputError(
            "--automation-app and --releaser-app name the same App.",
            why="whoever could use the key of releases could then make tags, too.",
            fix="make a second App, with the permissions that "
            f"{DOCUMENTATION}/setup.md lists, and name it.",
        )


def _client_ids(apps: Mapping[str, App], expected: ExpectedSettings) -> Values:
    """Return the client IDs of the bots, for every environment whose jobs read them."""
    return {
        (environment.name.lower(), _CLIENT_IDS[bot]): app.client_id
        for bot, app in apps.items()
        if app.client_id
        for environment in expected.environments
        if _CLIENT_IDS[bot] in environment.variables
    }


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(
            f"{path} cannot be read.", why=f"{why}.", fix="name a file with lines NAME=VALUE."
        ) from error


def _describe(row: Comparison) -> str:
    """Describe how a setting is to be, and how it is where that differs."""
    if row.state == "there":
        return row.actual or "there"
    return f"{row.needed}, now {row.actual}" if row.actual else row.needed


def _word(row: Comparison) -> str:
    """Say what becomes of a setting."""
    changed = row.state in {"there", "unknown"} or row.change is not None
    return _WORDS[row.state] if changed else "by hand"


def _name_unset(row: Comparison, rows: Sequence[Comparison]) -> str:
    """Say what a person has to do; once for all variables of an environment that have no value."""
    names = [
        other.setting.removeprefix(_VARIABLE)
        for other in rows
        if other.place == row.place and other.setting.startswith(_VARIABLE)
    ]
    environment = row.place.removeprefix("environment ")
    if not row.setting.startswith(_VARIABLE) or len(names) == 1 or environment == row.place:
        return row.by_hand
    return (
        f"Say what {', '.join(names)} of {environment} are: each as --variable "
        f"{environment}:{names[0]}=VALUE, or all by --variables {environment}=FILE, a file with "
        "lines NAME=VALUE, as google.sh prints them."
    )
