"""Choose the tag with which a person releases a project without stages."""

import contextlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from packaging.version import Version

from dist_actions.errors import DistActionsError
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, TagFormat, is_ref_name
from dist_actions.versions import find_name
from dist_actions.versions.parsing import parse_version
from dist_actions.versions.project_files import ProjectFiles
from dist_sandbox.folder_files import leads_out
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.manual_steps.steps import DEVELOPER
from dist_sandbox.rehearse.project.copy import read_declared_version, read_package_versions
from dist_sandbox.rehearse.project.history import ProjectHistory
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.publishing.publications import ProjectSources
from dist_sandbox.rehearse.publishing.selection import find_leading
from dist_sandbox.rehearse.publishing.tag_names import choose_package_tag, choose_tag
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, read_triggers, starts

#: No file of a project that a workflow runs is larger than this many bytes.
_LARGEST = 1_000_000


def find_release_tag(
    given: str, copy: Path, sources: ProjectSources, tags: ProjectTags, history: ProjectHistory
) -> str:
    """Return the tag that a person makes; empty with stages, whose tags follow by themselves.

    Args:
        given: What a person says; empty for nothing.

    Raises:
        UsageError: It would release nothing.
    """
    require_release_tag(given, sources, staged=tags.staged)
    if tags.staged:
        return ""
    return given or choose_release_tag(copy, sources, tags.tag_format, history)


def choose_release_tag(
    copy: Path, sources: ProjectSources, tag_format: TagFormat, history: ProjectHistory
) -> str:
    """Choose the tag of the version that is released; made of the settings if they say how.

    Where the version is derived from tags and the last commit has one, it is that tag. A repository
    whose root is no project releases one of its packages.
    """
    declared = read_declared_version(copy)
    if declared and tag_format.template != DEFAULT_TAG_FORMAT:
        return tag_format.format(Version(declared), "")
    flows = _leading_workflows(sources)
    patterns = _tag_patterns(flows)
    starts_for = partial(_start_for, flows)
    if not declared and not _has_root_project(copy):
        versions = read_package_versions(copy)
        if tag := choose_package_tag(versions, history.tags, patterns, starts_for):
            return tag
    if not declared and history.tags_of_commit:
        return max(history.tags_of_commit, key=_order)
    return choose_tag(declared, history.tags, patterns, starts_for)


def require_release_tag(tag: str, sources: ProjectSources, *, staged: bool) -> None:
    """Refuse a tag that a person says, where it would release nothing.

    Args:
        tag: Its name; empty where nobody says one.
        staged: Whether the project has environments.

    Raises:
        UsageError: It would not.
    """
    if not tag:
        return
    if staged:
        raise UsageError(
            f"The tag {tag} has no effect in this project.",
            why="its workflows use dist-actions, which names each environment's tag after the "
            "version that the files say.",
            fix="leave out --tag, and `tag` in rehearsal.toml.",
        )
    if not is_ref_name(tag):
        raise UsageError(
            f"{tag!r} cannot be the name of a tag.",
            why="git refuses it.",
            fix="write it as in --tag v1.2.0.",
        )
    flows = _leading_workflows(sources)
    patterns = _tag_patterns(flows)
    by_release = any({"release", "create"} & set(read_triggers(flow)) for flow in flows)
    if patterns and not by_release and not _start_for(flows, tag):
        raise UsageError(
            f"The tag {tag} starts no workflow that publishes.",
            why=f"`on: push: tags:` of {', '.join(flow.file_name for flow in flows)} lets in "
            f"{', '.join(patterns)}.",
            fix="give a tag of that form by --tag, or leave it out.",
        )


def _leading_workflows(sources: ProjectSources) -> list[Workflow]:
    """List the workflows that publish, and what leads to them."""
    leading = find_leading(sources)
    return [flow for flow in sources.workflows if flow.path in leading]


def _tag_patterns(flows: Iterable[Workflow]) -> list[str]:
    return [
        str(pattern)
        for flow in flows
        for pattern in read_triggers(flow).get("push", {}).get("tags") or ()
    ]


def _start_for(flows: Iterable[Workflow], tag: str) -> bool:
    event = TriggerEvent("push", f"refs/tags/{tag}", "", DEVELOPER)
    return any(starts(flow, event) for flow in flows)


def _has_root_project(copy: Path) -> bool:
    if (copy / "setup.py").is_file() or (copy / "setup.cfg").is_file():
        return True
    with contextlib.suppress(DistActionsError):
        return bool(find_name(ProjectFiles(copy)))
    return True


def read_project_text(folder: Path, path: str) -> str | None:
    """Read a file of a project's folder; None for what is no text, too large, or elsewhere."""
    file = folder / path
    if leads_out(folder, path) or not file.is_file() or file.stat().st_size > _LARGEST:
        return None
    return file.read_text(encoding="utf-8", errors="replace")


def _order(tag: str) -> tuple[bool, Version]:
    """Order tags by their version; those that have none come first."""
    version = parse_version(tag.rpartition("/")[2])
    return version is not None, version or Version("0")
