"""Say what `init` saw, what it decided and why, and what remains for a person; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.commands.init.packages import Package
from dist_actions.commands.init.repository import Repository, uses_dist_actions
from dist_actions.commands.init.settings import NewSettings
from dist_actions.commands.init.testing.step import missing_requirements
from dist_actions.commands.init.workflows import Edits
from dist_actions.errors import PAGES
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS


@dataclass(frozen=True)
class Choice:
    """One row of the summary: what was observation, what was decided, and why."""

    subject: str
    observation: str
    decision: str
    why: str


@dataclass(frozen=True)
class IndexChoice:
    """Where a project is published.

    Attributes:
        seen: What tells it.
        starter: The starter for that index; empty for the workflows for Artifact Registry.
        assumed: Whether nothing tells it.
        misfit: What the project has that the starter for PyPI is not made for, where it publishes
            to PyPI; empty where that starter fits.
    """

    seen: str
    starter: str = ""
    assumed: bool = False
    misfit: str = ""


def explain(
    repository: Repository,
    sources: Mapping[str, str],
    settings: NewSettings,
    edits: Edits,
    index: IndexChoice,
) -> list[Choice]:
    """Explain a set-up, a row for each thing that was seen.

    Args:
        sources: The starter that each workflow is taken from.
        index: Where it is published.
    """
    rows = [row for package in repository.packages for row in _explain_package(package)]
    rows += _explain_layout(repository, settings)
    if repository.submodules:
        decision = f"submodules: {repository.submodules}"
        rows.append(Choice("submodules", ".gitmodules", decision, "the build needs their files"))
    if repository.lfs:
        rows.append(Choice("git-lfs", ".gitattributes", "lfs: true", "else pointers are packed"))
    if edits.branches:
        observation = repository.settings_file or (
            "branch master" if "master" in edits.branches else "the starter"
        )
        why = "the last is production" if edits.branches[1:] else "it is production"
        rows.append(Choice("branches", observation, ", ".join(edits.branches), why))
    if settings.tag_prefix is not None:
        decision = f'tag-format = "{settings.tag_prefix}{{version}}{{suffix}}"'
        rows.append(Choice("tags", repository.git.tags[0], decision, "as tags are written now"))
    rows.append(_explain_index(index))
    names = dict.fromkeys(sources.values())
    decision = ", ".join(f"examples/{name}" if name else "examples/*.yml" for name in names)
    rows.append(Choice("workflows", "the rows above", f"from {decision}", "edited to fit"))
    return rows + _explain_workflows(repository)


def _explain_index(index: IndexChoice) -> Choice:
    decision = f"as the starter {index.starter}" if index.starter else "Artifact Registry"
    if index.assumed:
        decision, why = f"{decision}, assumed", "for PyPI: --starter pypi"
    elif index.misfit:
        why = f"the starter for PyPI is not made for {index.misfit}; see below"
    else:
        why = "--starter NAME takes another"
    return Choice("published to", index.seen, decision, why)


def _explain_package(package: Package) -> list[Choice]:
    version, tests = package.version, package.tests
    decision, why = {
        "file": ("auto-tag reads it there", "none of the project's code has to run"),
        "tags": ("auto-tag raises the last tag", f"{version.place} derives it from tags"),
        "module": ("version-file, version-pattern", "only setup.py reads it from there"),
        "build": ("a job without secrets asks the build", "code of the project works it out"),
    }[version.kind]
    observation = f"{version.version} in {version.place}" if version.version else version.place
    rows = [
        Choice(
            "package",
            f"{package.name or 'no name'}: {package.layout}",
            "is released",
            f"{package.backend} builds it",
        ),
        Choice("version", observation, decision, why),
    ]
    if package.binary:
        decision = f"the starter {package.binary_starter}"
        why = "a wheel for each platform"
        rows.append(Choice("compiled modules", package.binary, decision, why))
    if not tests.paths:
        why = "pytest fails where there are no tests"
        return [*rows, Choice("tests", "none", "the test job imports the package", why)]
    count = f"{len(tests.paths)} file{'s' * (len(tests.paths) != 1)}"
    missing = missing_requirements(package)
    needs = [package.test_source.label] if package.test_source else []
    needs += [", ".join(missing)] if missing else []
    why = f"no list names {', '.join(missing)}" if missing else "that is what they import"
    decision = f"pytest with {' and '.join(needs)}" if needs else "pytest"
    return [
        *rows,
        Choice("tests", f"{count} in {_describe(tests.folder)}", decision, why),
    ]


def _describe(folder: str) -> str:
    return {"": "several folders", ".": "the root"}.get(folder, folder)


def _explain_layout(repository: Repository, settings: NewSettings) -> list[Choice]:
    rows = []
    paths = [package.path for package in repository.packages]
    if paths != ["."]:
        decision = "a tag of its own for each" if len(paths) > 1 else "package-path"
        why = f"settings in {repository.settings_file or 'a file of their own'}"
        why = why if len(paths) > 1 or settings else "the root holds no package"
        rows.append(Choice("folders", ", ".join(paths), decision, why))
    if repository.others:
        why = "--package-path names another"
        why = f"what is in the root is released; {why}" if "." in paths else why
        rows.append(Choice("other projects", ", ".join(repository.others), "not released", why))
    return rows


def _explain_workflows(repository: Repository) -> list[Choice]:
    publishing = repository.publishing_workflows
    rows = [
        Choice(name, f"publishes by {tool}", "left alone", "remove it yourself: see below")
        for name, tool in publishing.items()
    ]
    others = [
        name
        for name, text in repository.workflows.items()
        if name not in publishing and not uses_dist_actions(text)
    ]
    if others:
        rows.append(
            Choice("other workflows", ", ".join(others), "left alone", "none is seen to publish")
        )
    return rows


def list_manual_steps(
    repository: Repository, index: IndexChoice, environments: Mapping[str, str], release_file: str
) -> list[str]:
    """List what remains for a person, in the order in which it is done.

    Args:
        index: Where it is published.
        release_file: Name of the workflow that publishes, which may not be the usual one.
        environments: The branch of each environment that the workflows are for, where these are
            not the defaults.
    """
    starter_name = index.starter
    steps = [
        f"Remove {name}, or the step with {tool} in it: both would publish a release."
        for name, tool in repository.publishing_workflows.items()
    ]
    for package in repository.packages:
        version = package.version
        if not package.name:
            steps.append(f"Give the package in {package.path} a name in pyproject.toml.")
        if version.kind == "tags" and len({p.version.kind for p in repository.packages}) > 1:
            steps.append(
                f"Declare the version of {package.name} in a file: auto-tag proposes versions of "
                "several packages only where all derive them from tags."
            )
        if version.kind == "tags" and package.binary and not starter_name:
            steps.append(
                "Let the job wheels build from the sdist, which has the version written down: "
                f"{version.place} reads it from tags. {PAGES}/docs/binary-wheels.md shows how."
            )
        if package.binary_starter == "cibuildwheel" and package.selects_wheels and not starter_name:
            steps.append(
                "See that [tool.cibuildwheel] selects a wheel for each Python that `dist-actions "
                "matrix` lists: the job test installs it there."
            )
        if version.kind == "module":
            steps.append(f"See that {version.source.file} holds the version that is built.")
        if version.version and Version(version.version).is_prerelease:
            steps.append(
                f"Raise {version.version} to a final version before it goes to production, or set "
                "allow-prerelease: true."
            )
    is_default = repository.settings.environments == DEFAULT_ENVIRONMENTS
    if repository.settings_file and environments and is_default:
        tables = ", ".join(f'{name} = {{branch = "{at}"}}' for name, at in environments.items())
        steps.append(f"Name the environments in {repository.settings_file}: {tables}.")
    if index.misfit:
        steps.append(
            f"Let the job publish of {release_file} publish to PyPI: {PAGES}/docs/publishing.md"
            "#targets shows how."
        )
    if starter_name and release_file != "release.yml":
        steps.append(
            f"Name {release_file} as the workflow of the Trusted Publisher on PyPI: the name is "
            "a part of what PyPI compares."
        )
    return steps
