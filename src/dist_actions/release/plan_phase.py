"""The phase `plan`: what is released, from the tag, the checkout and the branch."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dist_actions.errors import ReleaseError
from dist_actions.job.event import Event
from dist_actions.markdown import code, escape, table
from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.pipeline.settings import read_settings
from dist_actions.release.carrying import Source, Trees
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.release.planning import (
    ReleasePlan,
    Subject,
    choose_subject,
    choose_tag,
    plan,
    require_on_branch,
    require_same_commit,
    version_of_tag,
)
from dist_actions.services.foreign_code.metadata_reading import metadata_reader
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.refs import Refs
from dist_actions.services.runner import Runner
from dist_actions.versions import (
    MetadataReader,
    ProjectFiles,
    ProjectVersion,
    find_deriver,
    find_name,
    read_version,
)
from dist_actions.versions.project_files import normalised
from dist_actions.versions.python_support import read_matrix
from dist_actions.versions.tag_derived import require_tellable


def plan_offline(
    inputs: ReleaseInputs, event: Event, workspace: Path, environ: Mapping[str, str], runner: Runner
) -> ReleasePlan:
    """The plan as far as the checkout tells it.

    Raises:
        InputError: There is no tag, or a setting is unusable.
        ReleaseError: Tag and package disagree, or another commit is checked out.
    """
    tag = choose_tag(event, inputs.tag)
    checked_out = Git(workspace, environ).head_commit()
    if inputs.commit_sha:
        require_same_commit(tag, inputs.commit_sha, checked_out)
    settings = read_settings(
        workspace,
        inputs.package_path,
        tag_format=inputs.tag_format,
        environments=inputs.environments,
    )
    subject = choose_subject(settings, tag, inputs.package_path, inputs.version_source)
    found = _find_version(
        subject,
        tag,
        ProjectFiles(workspace, subject.path),
        settings.environments,
        metadata_reader(environ, runner.log),
    )
    return plan(tag, checked_out, found, subject=subject, environments=settings.environments)


def _find_version(
    subject: Subject,
    tag: str,
    project: ProjectFiles,
    environments: EnvironmentMap,
    read_metadata: MetadataReader,
) -> ProjectVersion:
    """The version that the package declares; where it derives that from tags, the tag's own."""
    deriver = None if subject.source.file else find_deriver(project)
    if deriver:
        require_tellable(deriver)
        # The tag is the only place that says this version, so there is nothing to compare it with.
        name = normalised(find_name(project) or subject.name)
        form = subject.tag_format
        location = deriver.location
        return version_of_tag(tag, name, location, tag_format=form, environments=environments)
    found = read_version(project, subject.source, read_metadata, find_matches)
    return replace(found, name=found.name or normalised(subject.name))


def own_trees(plan: ReleasePlan, git: Git) -> Trees:
    """The trees of the plan's commit.

    Raises:
        GitError: The checkout is missing.
    """
    subject = plan.subject
    package = (
        git.subtree(plan.commit_sha, subject.path, without=subject.without)
        if subject.several
        else ""
    )
    return Trees(git.tree(plan.commit_sha), package)


def check_against_github(made: ReleasePlan, refs: Refs) -> frozenset[str]:
    """Compare the plan with the tag and the branch on GitHub.

    Returns:
        The version's tags in earlier environments, as far as there are such: they come with the
        same answer.

    Raises:
        ReleaseError: The tag is gone or elsewhere, or its commit is not on the branch.
    """
    found = refs.find_all((made.tag, *made.earlier_tags.values()))
    ref = found.get(made.tag)
    if ref is None:
        raise ReleaseError(
            f"There is no tag {made.tag} on GitHub.",
            why="it was deleted since this run began, or was never pushed.",
            fix="push the tag, or let auto-tag make it.",
            anchor="tag-branch",
        )
    require_same_commit(made.tag, refs.peel(ref).commit_sha, made.commit_sha)
    on_branch = refs.is_on_branch(made.commit_sha, made.environment.branch)
    require_on_branch(made, on_branch=on_branch)
    return frozenset(found) - {made.tag}


def report_plan(made: ReleasePlan, source: Source, workspace: Path, runner: Runner) -> None:
    """Set the phase's outputs and show the plan."""
    matrix = read_matrix(ProjectFiles(workspace, made.subject.path))
    outputs = {
        "environment": made.environment.name,
        "github-environment": made.environment.github_environment,
        "version": str(made.version),
        "tag": made.tag,
        "package": made.found.name,
        "package-path": made.subject.path,
        "commit-sha": made.commit_sha,
        "prerelease": "true" if made.environment.prerelease else "false",
        "python-versions": json.dumps(matrix.supported),
        "matrix": matrix.to_json(),
        "source": source.kind,
        "carried-from": source.carried_from,
        "carried-manifest-sha256": source.manifest_sha256,
    }
    runner.set_outputs(outputs)
    rows = [
        ["package", f"{code(made.found.name)} in {code(made.subject.path)}"],
        ["version", code(str(made.version))],
        ["environment", escape(made.environment.name)],
        ["commit", code(made.commit_sha[:7])],
        ["tested on", escape(", ".join(matrix.supported))],
        ["files", source.describe()],
    ]
    runner.add_summary(f"### 🧭 plan: {code(made.tag)}\n\n{table(['', ''], rows)}\n")
