"""Check every index at the end of a rehearsal, and install what is there."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import RehearsalError
from dist_sandbox.rehearse.plan import RehearsalPlan
from dist_sandbox.rehearse.project.needs import URL
from dist_sandbox.rehearse.project.provisioning import Provisioning
from dist_sandbox.rehearse.results.installation import Installer
from dist_sandbox.rehearse.results.observation import (
    ObservedEnvironment,
    PublishedPackage,
    ReadableIndex,
    artifact_registry,
    find_registry,
    observe,
    parse_file_name,
    read_index,
)
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.session import Session
from dist_sandbox.rehearse.toolchain import clean_environ

#: What each is called in the report, and the variable that its address comes from.
_PYPI = {
    "testpypi": ("TestPyPI", "DIST_ACTIONS_TESTPYPI_URL"),
    "pypi": ("PyPI", "DIST_ACTIONS_PYPI_URL"),
}

_Row = TypeVar("_Row", ObservedEnvironment, PublishedPackage)


@dataclass(frozen=True)
class IndexChecks:
    """The checks of all indexes, and what they need."""

    session: Session
    plan: RehearsalPlan
    provisioning: Provisioning

    def run(self) -> tuple[tuple[ObservedEnvironment, ...], tuple[PublishedPackage, ...]]:
        """Observe and install each package of each stage, and of each further index.

        Raises:
            RehearsalError: An index holds nothing that should hold something.
        """
        tags = self.plan.tags
        stages = self.plan.stages if tags.staged else ()
        all_stages = self.plan.environments.stages if tags.staged else ()
        names = [stage.github_environment for stage in all_stages]
        indexes = find_indexes(self.session.sandbox, self.provisioning, names)
        with ThreadPoolExecutor() as threads:
            stage_checks = [threads.submit(self._check_stage, stage) for stage in stages]
            index_checks = [threads.submit(self._check_index, index) for index in indexes]
        environments = tuple(row for check in stage_checks for row in check.result())
        published = tuple(row for check in index_checks for row in check.result())
        if not tags.staged:
            require_published(published)
        return environments, published

    def _check_stage(self, stage: Environment) -> list[ObservedEnvironment]:
        """Observe and install each package in one environment."""
        names, sandbox = self.plan.tags.package_names, self.session.sandbox
        target = _target_of(self.provisioning, stage.github_environment)
        index = _pypi(sandbox, target) if target else find_registry(sandbox, stage)
        rows = [observe(sandbox, stage, self.plan.tags, name, index) for name in names]
        return _install_each(rows, index, self._installer(stage.name))

    def _check_index(self, index: ReadableIndex) -> list[PublishedPackage]:
        """Observe and install each package in one index that belongs to no stage."""
        names = self.plan.tags.package_names
        packages = names if names != ("",) else (self.provisioning.project,)
        folder = index.name.replace(" ", "-")
        rows = [_read(index, package) for package in packages]
        return _install_each(rows, index, self._installer(folder), f"{folder}-")

    def _installer(self, name: str) -> Installer:
        folder = self.session.folder / "installed" / name
        folder.mkdir(parents=True)
        return Installer(folder, clean_environ(self.session.runner.toolchain, folder))


def _install_each(
    rows: Sequence[_Row], index: ReadableIndex, installer: Installer, prefix: str = ""
) -> list[_Row]:
    """Install each package that has a version in the index, and note the installed version.

    The names of the new environments begin with `prefix`.
    """
    released = [(row.package, row.version) for row in rows if row.version]
    return [
        replace(
            row,
            installed_version=installer.install(
                row.package,
                row.version,
                index,
                name=f"{prefix}{row.package}",
                siblings=[sibling for sibling in released if sibling[0] != row.package],
            ),
        )
        if row.version
        else row
        for row in rows
    ]


def find_indexes(
    sandbox: Sandbox, provisioning: Provisioning, stages: Sequence[str]
) -> tuple[ReadableIndex, ...]:
    """Find the indexes that the workflows publish to, besides those of the stages."""
    needs = provisioning.needs
    of_stages = {_target_of(provisioning, stage) for stage in stages}
    indexes = [
        _pypi(sandbox, target)
        for target in _PYPI
        if needs.publishes_to(target) and target not in of_stages
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
    name, variable = _PYPI[target]
    return ReadableIndex(name, f"{sandbox.ready['service_variables'][variable]}/simple/")


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


def _read(index: ReadableIndex, package: str) -> PublishedPackage:
    files = tuple(read_index(index, package))
    distributions = [parse_file_name(file.name) for file in files]
    newest = max((version for _, version in filter(None, distributions)), default="")
    return PublishedPackage(index.name, package, str(newest), index.url, files)
