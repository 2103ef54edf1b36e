"""Decide how a repository is set up: starter, edits and settings, with reasons; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from dist_actions.commands.init.explanation import (
    Choice,
    IndexChoice,
    explain,
    list_manual_steps,
)
from dist_actions.commands.init.packages import Package
from dist_actions.commands.init.repository import Repository, uses_dist_actions
from dist_actions.commands.init.settings import NewSettings
from dist_actions.commands.init.shell import quote
from dist_actions.commands.init.starters import ARTIFACT_REGISTRY, BY_KIND, ONE_ENVIRONMENT
from dist_actions.commands.init.testing.step import write_arguments, write_test_commands
from dist_actions.commands.init.workflows import Edits, edit_workflow, signature_of
from dist_actions.errors import DOCUMENTATION, PAGES, InputError
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import find_problem
from dist_actions.versions.project_files import normalised

#: Where a workflow of ours goes whose usual name is taken by another.
_OTHER_NAME = "dist-{}"


#: What a project of Artifact Registry needs.
SETUP_PAGE = f"{DOCUMENTATION}/setup.md"


@dataclass(frozen=True)
class Setup:
    """How a repository is set up.

    Attributes:
        workflows: The texts of the workflows by the names of their files.
        settings: What stands in the settings.
        choices: The rows of the summary.
        by_hand: What remains for a person in the files.
        page: Address of the page that lists what is to be set up elsewhere.
        first_branch: The branch whose push begins a release.
        index_assumed: Whether nothing tells the index that it publishes to.
        other_starter: The starter that the release workflow here is taken from, where it is another
            one; empty for the base, None where there is no other.
    """

    workflows: Mapping[str, str]
    settings: NewSettings
    choices: tuple[Choice, ...]
    by_hand: tuple[str, ...]
    page: str
    first_branch: str
    index_assumed: bool = False
    other_starter: str | None = None


def decide(
    repository: Repository, starters: Mapping[str, Mapping[str, str]], starter: str = ""
) -> Setup:
    """Decide how a repository is set up.

    Args:
        starters: The workflows of each starter by its name; the base has no name.
        starter: The one that a person chose; empty for the one that its workflows are taken from
            already, else the one for its index, else those that fit its kind.

    Raises:
        InputError: There is no such starter.
    """
    offered = sorted({*starters, ARTIFACT_REGISTRY} - BY_KIND - {""})
    if starter and starter not in offered:
        raise InputError(
            f"There is no starter {starter[:60]!r}.",
            why=f"one of these can be chosen: {', '.join(offered)}; others go by what the project "
            "is.",
            fix="give one of them with --starter, or none.",
        )
    chosen = _choose_index(repository, starter or _recognise(repository, starters) or "")
    starter_name = chosen.starter
    sources = _choose_starters(repository, starters, starter_name)
    environments = _name_environments(repository, starter_name, starters[starter_name])
    settings = _decide_settings(repository, environments)
    edits = _decide_edits(repository, settings, starters, starter_name)
    texts = {name: starters[source][name] for name, source in sources.items()}
    names = {name: _file_name(repository, name, text) for name, text in texts.items()}
    present = _recognise(repository, starters)
    return Setup(
        {names[name]: edit_workflow(text, edits) for name, text in texts.items()},
        settings,
        tuple(explain(repository, sources, settings, edits, chosen)),
        tuple(list_manual_steps(repository, chosen, environments, names["release.yml"])),
        f"{PAGES}/examples/{starter_name}/README.md" if starter_name else SETUP_PAGE,
        _first_branch(repository, settings, starter_name, sources),
        index_assumed=chosen.assumed,
        other_starter=present if present not in {None, starter_name} else None,
    )


def _recognise(repository: Repository, starters: Mapping[str, Mapping[str, str]]) -> str | None:
    """Find the starter that the release workflow is taken from already; None where none is seen.

    The base has no name, and those that go by the kind of a project are not looked for.
    """
    name = _file_name(repository, "release.yml", starters[""]["release.yml"])
    release = repository.workflows.get(name, "")
    if not uses_dist_actions(release):
        return None
    signature = signature_of(release)
    names = ("", *sorted(set(starters) - BY_KIND - {""}))
    own = (name for name in names if "release.yml" in starters[name])
    return next((n for n in own if signature_of(starters[n]["release.yml"]) == signature), None)


def _choose_index(repository: Repository, starter: str) -> IndexChoice:
    """Choose where it is published: as a person said, else as the files tell.

    Args:
        starter: The one that a person chose, now or before; empty where none did.
    """
    if starter:
        name = "" if starter == ARTIFACT_REGISTRY else starter
        return IndexChoice("--starter, or the release workflow here", name)
    stages = repository.settings.environments.stages
    for name, environment in ONE_ENVIRONMENT.items():
        if repository.settings_file and [stage.name for stage in stages] == [environment]:
            return IndexChoice(f"{repository.settings_file} names the environment pypi alone", name)
    if any(map(uses_dist_actions, repository.workflows.values())):
        return IndexChoice("the workflows here")
    sign = repository.index
    if sign is None:
        return IndexChoice("no file tells it", assumed=True)
    if sign.index == "Artifact Registry":
        return IndexChoice(sign.seen)
    misfit = _why_pypi_does_not_fit(repository)
    return IndexChoice(sign.seen, "" if misfit else "pypi", misfit=misfit)


def _why_pypi_does_not_fit(repository: Repository) -> str:
    """Say why the workflows of the starter `pypi` would not release it; empty where they do."""
    first, *others = repository.packages
    if others:
        return "several packages"
    if first.binary_starter:
        return "wheels for each platform"
    if first.version.kind == "build":
        return "a version that code works out"
    is_default = repository.settings.environments == DEFAULT_ENVIRONMENTS
    return "" if is_default else "the environments of the settings"


def _choose_starters(
    repository: Repository, starters: Mapping[str, Mapping[str, str]], starter_name: str
) -> dict[str, str]:
    """Choose the starter that each workflow is taken from, by the file's name."""
    if starter_name:
        return dict.fromkeys(starters[starter_name], starter_name)
    sources = dict.fromkeys(starters[""], "")
    first = repository.packages[0]
    if len(repository.packages) > 1:
        kinds = ["monorepo"]
    else:
        by_version = {"tags": "setuptools-scm", "build": "computed-version"}
        kinds = [by_version.get(first.version.kind, ""), first.binary_starter]
    for kind in filter(None, kinds):
        # A workflow that the kind's starter does not have, does not fit it.
        sources = {name: source for name, source in sources.items() if name in starters[kind]}
        for name, text in starters[kind].items():
            # What a starter has in common with the base stays as the kind before chose it.
            if text != starters[""].get(name):
                sources[name] = kind
    return sources


def _decide_settings(repository: Repository, environments: Mapping[str, str]) -> NewSettings:
    if repository.settings_file:
        return NewSettings()
    several = len(repository.packages) > 1
    packages = {str(normalised(package.name)): package.path for package in repository.packages}
    prefix = repository.git.tag_prefix
    suffixes = tuple(stage.suffix for stage in Settings().environments.stages)
    name = str(normalised(repository.packages[0].name))
    if prefix is not None and find_problem(f"{prefix}{{version}}{{suffix}}", name, suffixes):
        prefix = None  # such as @, which tags of other versions cannot begin with
    return NewSettings(
        environments,
        packages if several else None,
        prefix if prefix != "v" and not several else None,
    )


def _name_environments(
    repository: Repository, starter_name: str, starter: Mapping[str, str]
) -> dict[str, str]:
    """Name the environments with their branches; none where the defaults fit."""
    branches, stages = repository.git.branches, Settings().environments.stages
    is_master = "master" in branches and "main" not in branches
    production = "master" if is_master else "main"
    if starter_name in ONE_ENVIRONMENT:
        return {ONE_ENVIRONMENT[starter_name]: production}
    if not is_master:
        return {}
    # Where nothing is tagged by a push, a person tags the one branch that there is.
    earlier = stages[:-1] if "auto-tag.yml" in starter else ()
    return {**{stage.name: stage.branch for stage in earlier}, stages[-1].name: production}


def _decide_edits(
    repository: Repository,
    settings: NewSettings,
    starters: Mapping[str, Mapping[str, str]],
    starter_name: str,
) -> Edits:
    first = repository.packages[0]
    several = len(repository.packages) > 1
    environments = settings.environments or _branches_of(repository.settings)
    branches, standard = tuple(environments.values()), tuple(_branches_of(Settings()).values())
    tags = [f"{normalised(package.name)}-v*" for package in repository.packages]
    prefix = settings.tag_prefix
    if prefix is None:
        prefix = _prefix_of(repository.settings.tag_format, first.name)
    is_standard = branches == standard and prefix == "v"
    platform_wheels = bool(first.binary_starter) and not starter_name
    return Edits(
        package_path="." if several else first.path,
        version_source=first.version.source,
        submodules=repository.submodules,
        lfs=repository.lfs,
        test_commands=(
            _test_packages(repository.packages)
            if several
            else write_test_commands(first, platform_wheels=platform_wheels)
        ),
        branches=branches if branches != standard else (),
        environments=tuple(environments),
        tags=tuple(tags if several else [f"{prefix}*" if prefix else "[0-9]*"]),
        bump="conventional" if _all_from_tags(repository.packages) else "",
        checkout="" if is_standard else starters[""]["auto-tag.yml"],
    )


def _first_branch(
    repository: Repository, settings: NewSettings, starter_name: str, sources: Mapping[str, str]
) -> str:
    """Name the branch whose push begins a release; production's where a person tags."""
    branches = [*(settings.environments or _branches_of(repository.settings)).values()]
    is_tagged_by_push = "auto-tag.yml" in sources or starter_name in ONE_ENVIRONMENT
    return branches[0 if is_tagged_by_push else -1]


def _branches_of(settings: Settings) -> dict[str, str]:
    return {stage.name: stage.branch for stage in settings.environments.stages}


def _all_from_tags(packages: tuple[Package, ...]) -> bool:
    return all(package.version.kind == "tags" for package in packages)


def _prefix_of(template: str, name: str) -> str:
    """Return what tags of this form have before the version."""
    return template.split("{version", maxsplit=1)[0].replace("{name}", normalised(name))


def _test_packages(packages: tuple[Package, ...]) -> tuple[str, ...]:
    """Write the commands that test one package, with the others of its commit if they need them."""
    extras = {p.path: p.test_source.extra if p.test_source else "" for p in packages}
    own_names = {normalised(package.name) for package in packages}
    choice, arguments = _write_choice(packages)
    if any(package.requires & own_names for package in packages):
        paths = [
            quote(f"./{path}[{extra}]" if extra else f"./{path}") for path, extra in extras.items()
        ]
        install = [
            f"for package in {' '.join(paths)}; do",
            '  if [ -d "${package%[*}" ]; then set -- "$@" "$package"; fi # promoted one by one',
            "done",
            " ".join(["python -m pip install pytest", *arguments, '"$@"']),
            "python -m pip install --no-deps --force-reinstall dist/*.whl",
        ]
    else:
        extra = ",".join(sorted({extra for extra in extras.values() if extra}))
        wheel = f'"$(ls dist/*.whl)[{extra}]"' if extra else "dist/*.whl"
        starter_name = ['"$@"'] if choice else []
        install = [" ".join(["python -m pip install pytest", *arguments, *starter_name, wheel])]
    # pytest fails where it collects nothing, as in a package without tests.
    without_tests = "" if all(p.tests.paths for p in packages) else " || test $? = 5"
    return (
        *choice,
        *install,
        f'pytest "$PACKAGE_PATH"{without_tests} # not `python -m pytest`, which would import from '
        "the checkout",
    )


def _write_choice(packages: tuple[Package, ...]) -> tuple[list[str], list[str]]:
    """Write what the tests of each package need, as a choice by its folder, and what those of all.

    What one needs may be listed in its own folder, which an environment that has the others lacks.
    """
    arguments = {package.path: write_arguments(package) for package in packages}
    if len(set(map(tuple, arguments.values()))) == 1:
        return [], next(iter(arguments.values()))
    rows = [f"  {quote(path)}) set -- {' '.join(own)} ;;" for path, own in arguments.items() if own]
    return ['case "$PACKAGE_PATH" in', *rows, "esac"], []


def _file_name(repository: Repository, name: str, text: str) -> str:
    """Return the name of a workflow's file; another one where a foreign workflow has it."""
    existing = repository.workflows.get(name)
    foreign = existing is not None and not uses_dist_actions(existing) and uses_dist_actions(text)
    return _file_name(repository, _OTHER_NAME.format(name), text) if foreign else name
