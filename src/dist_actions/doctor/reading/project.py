"""Read what the project's files say; nothing of the project runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from dist_actions.doctor.facts import PackageFacts, ProjectFacts
from dist_actions.doctor.findings import Problem
from dist_actions.doctor.workflows import Workflow, parse_workflow
from dist_actions.errors import DistActionsError, GitError
from dist_actions.indexes.project_indexes import find_in_project
from dist_actions.pipeline.packages import Package
from dist_actions.pipeline.settings import Settings, read_settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.git.checkout import Git
from dist_actions.toml import leads_outside
from dist_actions.versions import (
    ProjectFiles,
    VersionSource,
    find_deriver,
    find_name,
    read_version,
    require_releasable,
    require_tellable,
)

#: Where GitHub looks for workflows; subfolders are not searched.
_WORKFLOWS = ".github/workflows"
_LONGEST_WORKFLOW_BYTES = 1_000_000


def read_project(
    project: ProjectFiles, environ: Mapping[str, str], public_index_url: str
) -> ProjectFacts:
    """Read settings, workflows and versions of a checkout.

    Args:
        project: Its folder, in the repository that holds it.
        environ: For git.
        public_index_url: The index that installers ask where nothing else is said.
    """
    root = project.workspace
    workflows = _read_workflows(root)
    readable = tuple(workflow for workflow in workflows if isinstance(workflow, Workflow))
    try:
        settings: Settings | Problem = read_settings(root, project.package_path)
    except DistActionsError as error:
        settings = Problem.of_error(error)
    packages: tuple[PackageFacts, ...] = ()
    if isinstance(settings, Settings):
        packages = _read_packages(project, settings, readable)
    return ProjectFacts(
        settings=settings,
        packages=packages,
        workflows=readable,
        unreadable=tuple(problem for problem in workflows if isinstance(problem, Problem)),
        head_sha=_read_head(root, environ),
        second_indexes=_find_second_indexes(project, public_index_url),
    )


def _read_workflows(root: Path) -> list[Workflow | Problem]:
    folder = root / _WORKFLOWS
    if leads_outside(folder, root):
        return []
    workflows = []
    for path in sorted(folder.glob("*.y*ml")):
        if path.suffix not in {".yml", ".yaml"} or leads_outside(path, root):
            continue
        if path.is_file() and path.stat().st_size <= _LONGEST_WORKFLOW_BYTES:
            text = path.read_bytes().decode("utf-8", errors="replace")
            workflows.append(parse_workflow(f"{_WORKFLOWS}/{path.name}", text))
    return workflows


def _read_packages(
    project: ProjectFiles, settings: Settings, workflows: Sequence[Workflow]
) -> tuple[PackageFacts, ...]:
    if settings.packages:
        return tuple(
            _read_package(
                ProjectFiles(project.workspace, package.path),
                package.version_source,
                settings,
                package,
            )
            for package in settings.packages
            if (project.workspace / package.path).is_dir()
        )
    steps = [step for workflow in workflows for _, step in workflow.steps_of("auto-tag")]
    inputs = next((step.inputs for step in steps), {})
    path = inputs.get("package-path", "")
    if path and project.package_path == "." and "${{" not in path:
        project = ProjectFiles(project.workspace, path)
    source = VersionSource(
        file=inputs.get("version-file", ""), pattern=inputs.get("version-pattern", "")
    )
    return (_read_package(project, source, settings, None),)


def _read_package(
    project: ProjectFiles, source: VersionSource, settings: Settings, package: Package | None
) -> PackageFacts:
    """Read name, tags and version of a package; what cannot be read is its problem."""
    name, path = package.name if package else canonicalize_name(""), project.package_path
    tags: TagFormat | None = None
    try:
        name = name or canonicalize_name(find_name(project))
        template = package.tag_format if package else settings.tag_format
        tags = TagFormat(template, name, settings.environments.suffixes)
        deriver = None if source.file else find_deriver(project)
        if deriver:
            require_tellable(deriver)
            return PackageFacts(name, path, tags, deriver=deriver.tool)
        version = read_version(project, source, find_matches)
        require_releasable(version, allow_prerelease=True, environment="")
    except DistActionsError as error:
        return PackageFacts(name, path, tags, problem=Problem.of_error(error))
    return PackageFacts(name, path, tags, version)


def _read_head(root: Path, environ: Mapping[str, str]) -> str:
    try:
        return Git.asking(root, environ).head_commit()
    except GitError:
        return ""


def _find_second_indexes(project: ProjectFiles, public_index_url: str) -> tuple[str, ...]:
    try:
        places = find_in_project(project.workspace, project.package_path, public_index_url)
        return tuple(dict.fromkeys(places))
    except DistActionsError:  # a file that is no TOML is a problem of the settings
        return ()
