"""The text of a GitHub release, and what its summary shares with it; pure."""

from collections.abc import Iterable, Sequence

from packaging.version import Version

from dist_actions.distributions.manifest import Manifest
from dist_actions.markdown import code, escape, table
from dist_actions.publish.installing import InstallSource, install_commands
from dist_actions.services.github.facts import FolderChange

#: GitHub refuses longer ones.
_LIMIT_CHARACTERS = 125_000


def release_notes(manifest: Manifest, generated: str, sources: Sequence[InstallSource]) -> str:
    """Changelog section, GitHub's notes, files with their digests, and how to install.

    Args:
        manifest: The release.
        generated: What GitHub wrote; empty where it could not.
        sources: Where it is installed from; none where nothing is published to an index.
    """
    rows = [[code(file.name), code(file.sha256)] for file in manifest.files]
    files = f"### Files\n\n{table(['file', 'sha256'], rows)}\n\n{describe_provenance(manifest)}"
    installing = (
        f"### Install\n\n{install_commands(manifest.project, manifest.version, sources)}"
        if sources
        else ""
    )
    ending = "\n\n".join(part for part in (files, installing) if part)
    opening = "\n\n".join(part for part in (manifest.notes, generated.strip()) if part)
    kept = opening[: _LIMIT_CHARACTERS - len(ending) - 2]
    return f"{kept}\n\n{ending}" if kept else ending


def describe_provenance(manifest: Manifest) -> str:
    """Where the files come from, as Markdown in a line or two."""
    first, carried = manifest.first_build, manifest.carried_from
    built = (
        f"by {code(manifest.backend)} on Python {escape(manifest.python)}"
        f"{' and normalised' if manifest.normalised else ''}, from commit "
        f"{code(first.commit_sha[:7])}"
    )
    if carried is None:
        why = f": {escape(manifest.reason)}" if manifest.reason else ""
        return f"Built {built}{why}."
    return (
        f"Carried from {code(carried.tag)}, byte for byte: {escape(manifest.reason)}. "
        f"First built for {code(first.tag)} {built}."
    )


def package_changes(new: Sequence[FolderChange], old: Sequence[FolderChange], path: str) -> str:
    """What changed in one package of several, in place of GitHub's notes for the whole repository.

    Args:
        new: The newest commits of its folder up to this release, newest first.
        old: The same up to the previous release; empty where there is none.
        path: The folder.
    """
    known = {change.commit_sha for change in old}
    changes = [change for change in new if change.commit_sha not in known]
    if not changes:
        return ""
    lines = [
        f"* {escape(change.subject)} ([{change.commit_sha[:7]}]({change.url}))"
        for change in changes
    ]
    return "\n".join([f"### Changes in {code(path)}", "", *lines])


def previous_tag(manifest: Manifest, tags: Iterable[str]) -> str:
    """The tag of the highest lower version in the same environment; empty for the first.

    Args:
        manifest: The release.
        tags: Names of tags, in any order.
    """
    earlier: list[tuple[Version, str]] = []
    for tag in tags:
        parsed = manifest.tags.parse(tag)
        if parsed and parsed.suffix == manifest.suffix and parsed.version < manifest.version:
            earlier.append((parsed.version, tag))
    return max(earlier, default=(None, ""))[1]
