"""Write the text of a GitHub release, and what its summary shares with it; pure."""

import re
from collections.abc import Iterable, Iterator, Sequence

from packaging.version import Version

from dist_actions.abbreviation import short_sha
from dist_actions.distributions.manifest import Manifest
from dist_actions.markdown import code, escape, table
from dist_actions.printable import printable_lines
from dist_actions.publish.installing import InstallSource, install_commands
from dist_actions.release.markdown_rewriting import (
    joined_within,
    rewritten,
    rewritten_blocks,
    show_line,
)
from dist_actions.services.github.facts import FolderChange

#: GitHub refuses longer ones.
_LIMIT_CHARACTERS = 125_000
_AUTHOR = r"@[A-Za-z0-9][A-Za-z0-9_-]{0,50}(?:\[bot\])?"
_URL = r"https?://[^\s<>()\"'`]+"
#: Lines as GitHub writes them. A title is anybody's; authors, of whom a release's page shows
#: pictures, and addresses are GitHub's.
_PULL_REQUEST = re.compile(rf"\* (?P<title>.*) (?P<ending>by {_AUTHOR} in {_URL})")
_OWN_LINE = re.compile(
    rf"\* {_AUTHOR} made their first contribution in {_URL}|\*\*Full Changelog\*\*: {_URL}"
)


def release_notes(manifest: Manifest, generated: str, sources: Sequence[InstallSource]) -> str:
    """Join the changelog's section, GitHub's notes, files with digests, and how to install.

    What anybody wrote is text: a changelog's, a pull request's title, a commit's subject.

    Args:
        generated: What GitHub wrote; empty where it could not.
        sources: Where it is installed from; none where nothing is published to an index.
    """
    files = f"### Files\n\n{describe_files(manifest)}"
    installing = (
        f"### Install\n\n{install_commands(manifest.project, manifest.version, sources)}"
        if sources
        else ""
    )
    ending = "\n\n".join(part for part in (files, installing) if part)
    blocks = [*rewritten_blocks(manifest.notes), *_generated_blocks(generated)]
    changes = joined_within(blocks, _LIMIT_CHARACTERS - len(ending) - 2)
    return f"{changes}\n\n{ending}" if changes else ending


def _generated_blocks(generated: str) -> Iterator[str]:
    """Write GitHub's notes anew, and keep the authors and addresses that are its own.

    Its lines end with a newline, which no title can hold. Whatever else ends a line somewhere may
    stand in a title, and what follows there is no line of GitHub's.
    """
    for paragraph in re.split(r"\n\s*\n", generated[:_LIMIT_CHARACTERS].strip()):
        lines = (_generated_line(line) for line in paragraph.split("\n"))
        yield "\n".join(line for line in lines if line)


def _generated_line(raw_line: str) -> str:
    line = " ".join(printable_lines(raw_line)).rstrip()
    if change := _PULL_REQUEST.fullmatch(line):
        return f"* {show_line(change['title'])} {change['ending']}"
    return line if _OWN_LINE.fullmatch(line) else rewritten(line)


def describe_files(manifest: Manifest) -> str:
    """List the files with their digests, and say where they come from."""
    rows = [[code(file.name), code(file.sha256)] for file in manifest.files]
    return f"{table(['file', 'sha256'], rows)}\n\n{describe_provenance(manifest)}"


def describe_provenance(manifest: Manifest) -> str:
    """Say in a line or two of Markdown where the files come from."""
    first, carried = manifest.first_build, manifest.carried_from
    several = sum(file.name.endswith(".whl") for file in manifest.files) > 1
    details = (
        f"by {code(manifest.backend)} "
        f"{'in several jobs' if several else f'on Python {escape(manifest.python)}'}"
        f"{' and normalised' if manifest.normalised else ''}, from commit "
        f"{code(short_sha(first.commit_sha))}"
    )
    if carried is None:
        why = f": {escape(manifest.reason)}" if manifest.reason else ""
        return f"Built {details}{why}."
    return (
        f"Carried from {code(carried.tag)}, byte for byte: {escape(manifest.reason)}. "
        f"First built for {code(first.tag)} {details}."
    )


def package_changes(new: Sequence[FolderChange], old: Sequence[FolderChange], path: str) -> str:
    """List what changed in one package of several; GitHub's notes are of the whole repository.

    Args:
        new: The newest commits of its folder up to this release, newest first.
        old: The same up to the previous release; empty where there is none.
    """
    old_commits = {change.commit_sha for change in old}
    changes = [change for change in new if change.commit_sha not in old_commits]
    if not changes:
        return ""
    lines = [
        f"* {escape(change.subject)} ([{short_sha(change.commit_sha)}]({change.url}))"
        for change in changes
    ]
    return "\n".join([f"### Changes in {code(path)}", "", *lines])


def previous_tag(manifest: Manifest, tags: Iterable[str]) -> str:
    """Find the tag of the highest lower version in the same environment; empty for the first."""
    earlier: list[tuple[Version, str]] = []
    for tag in tags:
        parsed = manifest.tags.parse(tag)
        if parsed and parsed.suffix == manifest.suffix and parsed.version < manifest.version:
            earlier.append((parsed.version, tag))
    return max(earlier, default=(None, ""))[1]
