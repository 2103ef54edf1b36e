"""The phase `plan`: what is released, from the tag, the checkout and the branch.

Its outputs choose the environment in which another job publishes, so nothing of the project runs
here: versions and names are read from files.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dist_actions.abbreviation import short_sha
from dist_actions.errors import ReleaseError
from dist_actions.job.event import Event
from dist_actions.markdown import code, escape, table
from dist_actions.pipeline.settings import read_settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.release_plan.carrying import FileSource
from dist_actions.release_plan.planning import (
    ReleasedPackage,
    ReleasePlan,
    Trees,
    choose_package,
    choose_tag,
    plan_release,
    require_name,
    require_on_branch,
    require_same_commit,
    version_of_tag,
)
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.refs import Refs
from dist_actions.services.runner import Runner
from dist_actions.versions import (
    ProjectFiles,
    ProjectVersion,
    find_deriver,
    find_name,
    find_version,
)
from dist_actions.versions.project_files import PYPROJECT
from dist_actions.versions.python_support import read_matrix
from dist_actions.versions.tag_derived import require_tellable


def plan_offline(
    inputs: ReleaseInputs, event: Event, workspace: Path, environ: Mapping[str, str]
) -> ReleasePlan:
    """Plan the release as far as the checkout tells it.

    Raises:
        InputError: There is no tag, a setting is unusable, or no file says the project's name.
        ReleaseError: Tag and package disagree, or another commit is checked out.
    """
    tag = choose_tag(event, inputs.tag)
    git = Git(workspace, environ)
    checked_out = git.head_commit()
    if inputs.commit_sha:
        require_same_commit(tag, inputs.commit_sha, checked_out)
    settings = read_settings(
        workspace,
        inputs.package_path,
        tag_format=inputs.tag_format,
        environments=inputs.environments,
    )
    package = choose_package(settings, tag, inputs.package_path, inputs.version_source)
    project, suffixes = ProjectFiles(workspace, package.folder.path), settings.environments.suffixes
    declared = _find_version(package, tag, project, suffixes)
    return plan_release(
        tag,
        checked_out,
        declared,
        package=package,
        environments=settings.environments,
        trees=_read_trees(git, checked_out, package),
    )


def _find_version(
    package: ReleasedPackage,
    tag: str,
    project: ProjectFiles,
    suffixes: tuple[str, ...],
) -> ProjectVersion:
    """Read the version that the package's files say, else take the tag's.

    The tag alone says it where it is derived from tags, and where only a build would tell it. The
    build then compares what it made with the tag, and so does the phase that publishes.

    Raises:
        InputError: No file says the project's name.
    """
    deriver = None if package.source.file else find_deriver(project)
    if deriver:
        require_tellable(deriver)
    declared = None if deriver else find_version(project, package.source, find_matches)
    name = require_name(project, (declared and declared.name) or find_name(project), package)
    if declared:
        return replace(declared, name=name)
    location = deriver.location if deriver else project.location(PYPROJECT)
    tags = TagFormat(package.tag_format, name, suffixes)
    return version_of_tag(tag, tags, location)


def _read_trees(git: Git, commit_sha: str, package: ReleasedPackage) -> Trees:
    folder = package.folder
    tree = git.subtree(commit_sha, folder.path, without=folder.without) if folder.several else ""
    return Trees(git.tree(commit_sha), tree)


def check_against_github(plan: ReleasePlan, refs: Refs) -> frozenset[str]:
    """Compare the plan with the tag and the branch on GitHub.

    Returns:
        The version's tags in earlier environments that exist: they come with the same answer.

    Raises:
        ReleaseError: The tag is gone or elsewhere, or its commit is not on the branch.
    """
    refs_by_tag = refs.find_all((plan.tag, *plan.earlier_tags.values()))
    ref = refs_by_tag.get(plan.tag)
    if ref is None:
        raise ReleaseError(
            f"There is no tag {plan.tag} on GitHub.",
            why="it was deleted since this run began, or was never pushed.",
            fix="push the tag, or let auto-tag make it.",
            anchor="tag-branch",
        )
    require_same_commit(plan.tag, refs.peel(ref).commit_sha, plan.commit_sha)
    on_branch = refs.is_on_branch(plan.commit_sha, plan.environment.branch)
    require_on_branch(plan, on_branch=on_branch)
    return frozenset(refs_by_tag) - {plan.tag}


def report_plan(
    plan: ReleasePlan,
    source: FileSource,
    workspace: Path,
    environ: Mapping[str, str],
    runner: Runner,
) -> None:
    """Set the phase's outputs and show the plan."""
    earlier = source.carried or source.compared
    epoch = (
        earlier.manifest.source_date_epoch
        if earlier
        else Git(workspace, environ).commit_timestamp(plan.commit_sha)
    )
    matrix = read_matrix(ProjectFiles(workspace, plan.package.folder.path))
    environment, folder, version = plan.environment, plan.package.folder, str(plan.version)
    outputs = {
        "environment": environment.name,
        "github-environment": environment.github_environment,
        "version": version,
        "tag": plan.tag,
        "package": plan.declared.name,
        "package-path": folder.path,
        "commit-sha": plan.commit_sha,
        "prerelease": "true" if environment.prerelease else "false",
        "python-versions": json.dumps(matrix.supported),
        "matrix": matrix.to_json(),
        "source-date-epoch": str(epoch),
        "source": source.kind,
        "carried-from": source.carried_from,
        "carried-manifest-sha256": source.manifest_sha256,
    }
    runner.set_outputs(outputs)
    rows = [
        ["package", f"{code(plan.declared.name)} in {code(folder.path)}"],
        ["version", code(version)],
        ["environment", escape(environment.name)],
        ["commit", code(short_sha(plan.commit_sha))],
        ["tested on", escape(", ".join(matrix.supported))],
        ["files", source.describe()],
    ]
    runner.add_summary(f"### 🧭 plan: {code(plan.tag)}\n\n{table(['', ''], rows)}\n")
