"""Check every index at the end of a rehearsal, and install what is there."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain
from typing import Generic, TypeVar

from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import RehearsalError
from dist_sandbox.rehearse.kept_tools import kept_pip
from dist_sandbox.rehearse.plan import RehearsalPlan
from dist_sandbox.rehearse.project.provisioning import Provisioning
from dist_sandbox.rehearse.publishing.publications import GITHUB_RELEASE, URL
from dist_sandbox.rehearse.results.installation import Installer
from dist_sandbox.rehearse.results.observation import (
    ObservedEnvironment,
    PublishedPackage,
    ReadableIndex,
    artifact_registry,
    find_registry,
    list_projects,
    observe,
    parse_file_name,
    read_index,
    read_releases,
)
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.session import Session
from dist_sandbox.rehearse.toolchain import clean_environ

#: What each is called in the report.
_PYPI = {"testpypi": "TestPyPI", "pypi": "PyPI"}

#: The same by target, the private index included.
_INDEX_NAMES = _PYPI | {URL: "private index"}

_Row = TypeVar("_Row", ObservedEnvironment, PublishedPackage)


@dataclass(frozen=True)
class Check(Generic[_Row]):
    """The check of one index.

    Attributes:
        read: Observes each package; nothing is installed yet.
        index: The index.
        installer: Installs from it.
        prefix: What the names of the new environments begin with.
    """

    read: Callable[[], Sequence[_Row]]
    index: ReadableIndex
    installer: Installer
    prefix: str = ""


@dataclass(frozen=True)
class IndexChecks:
    """The checks of a project's indexes, and what they need.

    `explain_nothing` makes the error where nothing was published.
    """

    session: Session
    explain_nothing: Callable[[], RehearsalError]

    @property
    def plan(self) -> RehearsalPlan:
        """Return how far the project went."""
        return self.session.project.plan

    @property
    def provisioning(self) -> Provisioning:
        """Return what was provided for the project."""
        return self.session.project.provisioning

    def list_stages(self) -> list[Check[ObservedEnvironment]]:
        """List the checks of the project's environments."""
        stages = self.plan.stages if self.plan.tags.staged else ()
        return [self._stage_check(stage) for stage in stages]

    def list_indexes(self) -> list[Check[PublishedPackage]]:
        """List the checks of the indexes that belong to no environment."""
        stages = self.plan.environments.stages if self.plan.tags.staged else ()
        names = [stage.github_environment for stage in stages]
        indexes = find_indexes(self.session.sandbox, self.provisioning, names)
        return [self._index_check(index) for index in indexes]

    def _stage_check(self, stage: Environment) -> Check[ObservedEnvironment]:
        names, sandbox, tags = self.plan.tags.package_names, self.session.sandbox, self.plan.tags
        target = _target_of(self.provisioning, stage.github_environment)
        index = _pypi(sandbox, target) if target else find_registry(sandbox, stage)

        def read() -> list[ObservedEnvironment]:
            return [observe(sandbox, stage, tags, name, index) for name in names]

        return Check(read, index, self._installer(stage.name))

    def _index_check(self, index: ReadableIndex) -> Check[PublishedPackage]:
        names = self.plan.tags.package_names
        packages = names if names != ("",) else (self.provisioning.project,)
        folder = index.name.replace(" ", "-")

        def read() -> list[PublishedPackage]:
            sandbox = self.session.sandbox
            further = () if self.plan.tags.staged else list_projects(sandbox, index)
            named = filter(None, (*packages, *further))
            return [_read(sandbox, index, package) for package in dict.fromkeys(named)]

        return Check(read, index, self._installer(folder), f"{folder}-")

    def _installer(self, name: str) -> Installer:
        folder = self.session.folder / "installed" / name
        folder.mkdir(parents=True)
        toolchain = self.session.runner.toolchain
        return Installer(folder, clean_environ(toolchain, folder), kept_pip(toolchain))


def check_indexes(
    projects: Sequence[IndexChecks],
) -> tuple[tuple[ObservedEnvironment, ...], tuple[PublishedPackage, ...]]:
    """Observe and install each package of each stage, and of each further index.

    Raises:
        RehearsalError: An index holds nothing that should hold something.
    """
    environments = _run([project.list_stages() for project in projects])
    published = _run([project.list_indexes() for project in projects])
    for project, rows in zip(projects, published, strict=True):
        if not project.plan.tags.staged:
            rows[:] = _require_published(project, rows)
    return tuple(chain.from_iterable(environments)), tuple(chain.from_iterable(published))


def _require_published(
    project: IndexChecks, rows: Sequence[PublishedPackage]
) -> list[PublishedPackage]:
    """Return what was published, releases on GitHub included.

    Raises:
        RehearsalError: It is nothing, or an index has nothing that an action of ours names.
    """
    needs, session = project.provisioning.needs, project.session
    releases = read_releases(session.sandbox, project.provisioning.project or session.project.name)
    published = [row for row in rows if row.version]
    only_releases = {row.target for row in needs.publications} <= {GITHUB_RELEASE}
    if not published and not (only_releases and releases):
        raise project.explain_nothing()
    expected = {_INDEX_NAMES.get(row.target) for row in needs.publications if row.is_certain}
    require_published([row for row in rows if row.name in expected or row.version])
    return [*published, *releases]


def _run(checks: Sequence[Sequence[Check[_Row]]]) -> list[list[_Row]]:
    """Read what every index holds; then install, since packages may need one another.

    Checks and rows are by project.
    """
    with ThreadPoolExecutor() as threads:
        read = list(threads.map(lambda check: check.read(), chain.from_iterable(checks)))
        released = [row for rows in read for row in rows if row.version]
        installed = threads.map(
            lambda check, rows: _install_each(check, rows, released),
            chain.from_iterable(checks),
            read,
        )
        return [[row for _ in own for row in next(installed)] for own in checks]


def _install_each(check: Check[_Row], rows: Sequence[_Row], released: Sequence[_Row]) -> list[_Row]:
    """Install each package that has a version in the index, and note the installed version."""
    return [
        replace(
            row,
            installed_version=check.installer.install(
                row.package,
                row.version,
                check.index,
                name=f"{check.prefix}{row.package}",
                siblings=[
                    (sibling.package, sibling.version)
                    for sibling in released
                    if sibling.name == row.name and sibling.package != row.package
                ],
            ),
        )
        if row.version
        else row
        for row in rows
    ]


def find_indexes(
    sandbox: Sandbox, provisioning: Provisioning, stages: Sequence[str]
) -> tuple[ReadableIndex, ...]:
    """Find the indexes that the workflows publish to, besides those of the stages.

    Without stages a script may choose while it runs, so that PyPI and TestPyPI are both looked at.
    """
    needs = provisioning.needs
    of_stages = {_target_of(provisioning, stage) for stage in stages}
    indexes = [
        _pypi(sandbox, target)
        for target in _PYPI
        if (needs.publishes_to(target) or not stages) and target not in of_stages
    ]
    if needs.publishes_to(URL):
        user = sandbox.control("POST", "private-index/users", {"username": "reader"})
        credentials = (user["username"], user["password"])
        indexes.append(ReadableIndex("private index", user["index_url"], credentials))
    for environment in sandbox.ready["environments"]:
        name = str(environment["name"])
        if name in provisioning.google_environments and name not in stages:
            token = sandbox.reader_token(name)
            url = str(environment["index_url"])
            indexes.append(artifact_registry(f"Artifact Registry of {name}", url, token))
    return tuple(indexes)


def _pypi(sandbox: Sandbox, target: str) -> ReadableIndex:
    """Describe PyPI or TestPyPI, which everybody may read."""
    return ReadableIndex(_PYPI[target], f"{sandbox.ready[f'{target}_url']}/simple/")


def _target_of(provisioning: Provisioning, environment: str) -> str:
    """Choose PyPI or TestPyPI where a stage publishes to one of them alone; else nothing."""
    jobs = provisioning.needs.in_environment(environment)
    targets = {target for job in jobs for target in job.targets}
    return next(iter(targets)) if len(targets) == 1 and targets <= set(_PYPI) else ""


def require_published(published: Sequence[PublishedPackage]) -> None:
    """Refuse an end at which an index that a workflow names holds nothing.

    Raises:
        RehearsalError: One of them is empty.
    """
    filled = {row.name for row in published if row.version}
    for row in published:
        if row.name not in filled:
            raise RehearsalError(
                f"{row.package} was not published to {row.name}, and no workflow is left to start.",
                why="the workflow that publishes there did not start, or its job was skipped.",
                fix="check its `on:`; if a person starts it, say how with --run or --dispatch.",
            )


def _read(sandbox: Sandbox, index: ReadableIndex, package: str) -> PublishedPackage:
    files = tuple(read_index(sandbox, index, package))
    distributions = [parse_file_name(file.name) for file in files]
    newest = max((version for _, version in filter(None, distributions)), default="")
    return PublishedPackage(index.name, package, str(newest), index.url, files)
