"""Plan a release from the run and GitHub alone, for a job that holds credentials.

It makes the same plan as the phase `plan`, and trusts neither that job nor the one that builds:
they only tell which files are at hand.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dist_actions.abbreviation import short_sha
from dist_actions.errors import Location, ReleaseError
from dist_actions.job.event import Event
from dist_actions.pipeline.git_trees import tree_without
from dist_actions.pipeline.packages import PackageFolder
from dist_actions.pipeline.settings import SETTINGS_FILE, Settings, read_settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.release_plan.agreement import RunPlan
from dist_actions.release_plan.carrying import PlanInputs
from dist_actions.release_plan.earlier_releases import EarlierReleases
from dist_actions.release_plan.planning import (
    ReleasePlan,
    Trees,
    choose_package,
    choose_tag,
    plan_release,
    require_name,
    require_on_branch,
    version_of_tag,
)
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.commit_files import CommitFiles, read_commit_files
from dist_actions.services.github.history import History
from dist_actions.services.github.refs import Refs
from dist_actions.services.github.releases import Releases
from dist_actions.versions import ProjectFiles, VersionSource, find_name
from dist_actions.versions.project_files import PYPROJECT

#: Files of a package that say its name.
_NAMING = (PYPROJECT, "setup.cfg", "setup.py")


@dataclass(frozen=True)
class RunPlanner:
    """Makes the plan of a run.

    Attributes:
        event: What started the run.
        inputs: Those of this job, as its workflow gives them.
        client: GitHub, as the job token reads it.
    """

    event: Event
    inputs: PlanInputs
    client: GitHubClient

    def plan(self, *, checks_branch: bool = True) -> RunPlan:
        """Plan what the run's tag releases, and where its files come from.

        Args:
            checks_branch: Whether the commit must be on the environment's branch.

        Raises:
            InputError: There is no tag, or a setting is unusable.
            ReleaseError: The tag is gone or elsewhere than the run, its commit is not on the
                branch, or this version has other files in an earlier environment.
        """
        tag = choose_tag(self.event, self.inputs.tag)
        refs = Refs(self.client)
        commit_sha = self._commit_of_run(tag, refs)
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            plan, committed_at = self._read_plan(tag, commit_sha, Path(scratch))
        if checks_branch:
            on_branch = refs.is_on_branch(plan.commit_sha, plan.environment.branch)
            require_on_branch(plan, on_branch=on_branch)
        history, releases = History(self.client), Releases(self.client)
        earlier_releases = EarlierReleases(plan, refs, releases, history)
        return RunPlan(plan, earlier_releases.find_source(self.inputs.artifacts), committed_at)

    def _commit_of_run(self, tag: str, refs: Refs) -> str:
        """Take the commit of the run if that is for the tag, else ask GitHub."""
        if self.event.tag:
            return self.event.sha
        commit = refs.tagged_commit(tag)
        if commit is None:
            raise _not_on_commit(tag, "", "")
        return commit.commit_sha

    def _read_plan(self, tag: str, commit_sha: str, workspace: Path) -> tuple[ReleasePlan, int]:
        path = self.inputs.package_path
        commit = self._read(tag, commit_sha, (SETTINGS_FILE, PYPROJECT, *_below(path)), workspace)
        settings = self._read_settings(workspace)
        if settings.packages:
            # Settings in a package's own file are refused, as the phase `plan` does.
            paths = [name for package in settings.packages for name in _below(package.path)]
            commit = self._read(tag, commit_sha, paths, workspace)
            settings = self._read_settings(workspace)
        package = choose_package(settings, tag, path, VersionSource())
        project = ProjectFiles(workspace, package.folder.path)
        name = require_name(project, find_name(project), package)
        tags = TagFormat(package.tag_format, name, settings.environments.suffixes)
        location = Location(str(PurePosixPath(package.folder.path, PYPROJECT)))
        plan = plan_release(
            tag,
            commit_sha,
            version_of_tag(tag, tags, location),
            package=package,
            environments=settings.environments,
            trees=Trees(commit.tree_sha, _package_tree(package.folder, commit)),
        )
        return plan, commit.committed_at

    def _read(
        self, tag: str, commit_sha: str, paths: tuple[str, ...] | list[str], workspace: Path
    ) -> CommitFiles:
        """Write files of the commit into a folder of our own."""
        commit = read_commit_files(self.client, tag, commit_sha, paths)
        if commit.tagged_sha != commit_sha or not commit.tree_sha:
            raise _not_on_commit(tag, commit.tagged_sha, commit_sha)
        _write(commit.texts, workspace)
        return commit

    def _read_settings(self, workspace: Path) -> Settings:
        return read_settings(
            workspace,
            self.inputs.package_path,
            tag_format=self.inputs.tag_format,
            environments=self.inputs.environments,
        )


def _below(folder: str) -> list[str]:
    return [str(PurePosixPath(folder, name)) for name in _NAMING]


def _write(texts: Mapping[str, str], workspace: Path) -> None:
    for path, text in texts.items():
        file = workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")


def _package_tree(folder: PackageFolder, commit: CommitFiles) -> str:
    """Find the tree of one package of several; empty for an only one."""
    if not folder.several:
        return ""
    if folder.path == ".":
        return tree_without(commit.folders, folder.without)
    path = PurePosixPath(folder.path)
    entries = commit.folders.get(str(path.parent), ())
    return next((entry.oid for entry in entries if entry.name == path.name.encode()), "")


def _not_on_commit(tag: str, tagged_sha: str, commit_sha: str) -> ReleaseError:
    return ReleaseError(
        f"The tag {tag} is {f'on {short_sha(tagged_sha)}' if tagged_sha else 'gone'}"
        f"{f', but this run is for {short_sha(commit_sha)}' if commit_sha else ''}.",
        why="somebody moved or deleted the tag since the run began.",
        fix="find out who; forbid moving tags by a tag ruleset; raise the version.",
        anchor="tag-moved",
    )
