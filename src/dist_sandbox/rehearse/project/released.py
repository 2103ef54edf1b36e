"""Make the history that an unpacked source distribution once had: its version, tagged.

A version that is derived from tags has nothing to be derived from in such a folder, and the
packages that need the project would not take its first version.
"""

from email.message import Message
from email.parser import Parser
from pathlib import Path

from packaging.version import InvalidVersion, Version

from dist_actions.errors import DistActionsError
from dist_actions.pipeline.tags import TagFormat
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.project.history import ProjectHistory
from dist_sandbox.rehearse.project.tags import ProjectTags

#: Where a build writes the metadata into a source distribution.
_METADATA = "PKG-INFO"


def find_released_tags(project: Path, tags: ProjectTags) -> frozenset[str]:
    """Name production's tags of the versions that a project's folders were distributed with.

    Args:
        project: The folder that is rehearsed; of a repository of several packages, each has a
            source distribution of its own.
    """
    suffix = tags.environments.production.suffix
    names: set[str] = set()
    for tag_format, path in zip(tags.formats, tags.package_paths, strict=True):
        metadata = project / path / _METADATA
        if metadata.is_file():
            text = metadata.read_text(encoding="utf-8", errors="replace")
            names |= _write_tag(Parser().parsestr(text, headersonly=True), tag_format, suffix)
    return frozenset(names)


def _write_tag(metadata: Message, tag_format: TagFormat, suffix: str) -> set[str]:
    try:
        return {tag_format.format(Version(metadata["Version"] or ""), suffix)}
    except (InvalidVersion, DistActionsError):
        return set()


def make_history(tags: frozenset[str], folder: Path) -> ProjectHistory:
    """Make a repository whose only commit has these tags; it is empty, so that all is new after it.

    Args:
        folder: Where the repository is made; not there yet.
    """
    folder.mkdir()
    clone = GitClone(folder)
    clone.run("init", "--quiet", ".")
    commit = clone.commit_all("chore: release")
    objects = folder / ".git" / "objects"
    return ProjectHistory(commit, dict.fromkeys(tags, commit), objects, base=commit)
