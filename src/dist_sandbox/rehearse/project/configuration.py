"""Read `rehearsal.toml`, in which a project says what its workflows do not tell a rehearsal.

It stands in the project's root or in `.github`. What the command line says wins.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from dist_actions.errors import InputError, Location
from dist_actions.pipeline.settings_table import SettingsTable
from dist_actions.toml import leads_outside, parse_toml
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.manual_steps.steps import Dispatch
from dist_sandbox.rehearse.options import Options
from dist_sandbox.rehearse.project.remote import is_repository_name
from dist_sandbox.rehearse.publishing.given_secrets import GivenSecret, read_purpose

#: Where it is looked for, below the project's root.
CONFIGURATION_FILES = ("rehearsal.toml", ".github/rehearsal.toml")
_LISTS = ("skip", "only", "reviewed", "dispatch", "run")
_KEYS = ("repository", "tag", "all-workflows", *_LISTS, "secrets", "variables")


def configure(options: Options, project: Path) -> Options:
    """Add what a project's own file says to the options of its rehearsal.

    Raises:
        UsageError: The file is no TOML, or a key or value is unusable; the message has its line.
    """
    names = [name for name in CONFIGURATION_FILES if (project / name).is_file()]
    if not names or leads_outside(project / names[0], project):
        return options
    try:
        text = (project / names[0]).read_text(encoding="utf-8")
        values = parse_toml(text, Location(names[0]))
        return _add(options, SettingsTable(values, names[0], text), project)
    except InputError as error:
        raise UsageError(error.what, why=error.why, fix=error.fix) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{names[0]} is not UTF-8.", why="TOML is.", fix="save it in that encoding."
        ) from error


def _add(options: Options, table: SettingsTable, project: Path) -> Options:
    table.refuse_unknown(_KEYS)
    lists = {key: _read_list(table, key) for key in _LISTS}
    choice = options.workflows
    every = table.values.get("all-workflows", False)
    if not isinstance(every, bool):
        raise table.refusal("all-workflows", f"is {every!r}", "write true or false.")
    repository = table.text_at("repository")
    if repository and not is_repository_name(repository):
        raise table.refusal("repository", f"is {repository!r}", "write OWNER/NAME.")
    return replace(
        options,
        repository=options.repository or repository,
        tag=options.tag or table.text_at("tag"),
        workflows=replace(
            choice,
            every=choice.every or every,
            only=choice.only or lists["only"],
            skipped=(*choice.skipped, *lists["skip"]),
        ),
        reviewed=(*options.reviewed, *lists["reviewed"]),
        dispatches=options.dispatches or tuple(map(Dispatch.parse, lists["dispatch"])),
        commands=options.commands or lists["run"],
        secrets={**_read_secrets(table.table("secrets"), project), **options.secrets},
        variables=_read_texts(table.table("variables")),
    )


def _read_list(table: SettingsTable, key: str) -> tuple[str, ...]:
    value: Any = table.values.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise table.refusal(key, f"is {value!r}", 'write a list of texts, as in ["ci.yml"].')
    return tuple(value)


def _read_texts(table: SettingsTable) -> dict[str, str]:
    return {name.upper(): table.text_at(name) for name in table.values}


def _read_secrets(table: SettingsTable, project: Path) -> dict[str, GivenSecret]:
    return {
        name.upper(): read_purpose(
            table.text_at(name), f"{table.location(name)}: {table.path(name)}", project
        )
        for name in table.values
    }
