"""Choose the tag with which a person releases a project without stages."""

from pathlib import Path

from packaging.version import InvalidVersion, Version

from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, TagFormat
from dist_sandbox.folder_files import leads_out
from dist_sandbox.rehearse.manual_steps.steps import DEVELOPER
from dist_sandbox.rehearse.project.copy import read_declared_version
from dist_sandbox.rehearse.project.history import ProjectHistory
from dist_sandbox.rehearse.publishing.publications import ProjectSources
from dist_sandbox.rehearse.publishing.selection import find_leading
from dist_sandbox.rehearse.publishing.tag_names import choose_tag
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, read_triggers, starts

#: No file of a project that a workflow runs is larger than this many bytes.
_LARGEST = 1_000_000


def choose_release_tag(
    copy: Path, sources: ProjectSources, tag_format: TagFormat, history: ProjectHistory
) -> str:
    """Choose the tag of the version that is released; made of the settings if they say how.

    Where the version is derived from tags and the last commit has one, it is that tag.
    """
    declared = read_declared_version(copy)
    if declared and tag_format.template != DEFAULT_TAG_FORMAT:
        return tag_format.format(Version(declared), "")
    if not declared and history.tags_of_commit:
        return max(history.tags_of_commit, key=_order)
    leading = find_leading(sources)
    flows = [flow for flow in sources.workflows if flow.path in leading]
    patterns = [
        str(pattern)
        for flow in flows
        for pattern in read_triggers(flow).get("push", {}).get("tags") or ()
    ]

    def starts_for(tag: str) -> bool:
        event = TriggerEvent("push", f"refs/tags/{tag}", "", DEVELOPER)
        return any(starts(flow, event) for flow in flows)

    return choose_tag(declared, history.tags, patterns, starts_for)


def read_project_text(folder: Path, path: str) -> str | None:
    """Read a file of a project's folder; None for what is no text, too large, or elsewhere."""
    file = folder / path
    if leads_out(folder, path) or not file.is_file() or file.stat().st_size > _LARGEST:
        return None
    return file.read_text(encoding="utf-8", errors="replace")


def _order(tag: str) -> tuple[bool, Version]:
    """Order tags by their version; those that have none come first."""
    try:
        return True, Version(tag.rpartition("/")[2])
    except InvalidVersion:
        return False, Version("0")
