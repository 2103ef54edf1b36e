"""Write the text of a GitHub release, and what its summary shares with it; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from dist_actions.abbreviation import short_sha
from dist_actions.distributions.manifest import Manifest
from dist_actions.markdown import code, escape, table
from dist_actions.printable import printable_lines
from dist_actions.publish.installing import InstallSource, install_commands
from dist_actions.release.github_release.changes import Changes
from dist_actions.release.github_release.markdown_rewriting import (
    joined_within,
    rewritten,
    rewritten_blocks,
    show_line,
)
from dist_actions.trailers.commit_messages import is_about_environments

#: GitHub refuses longer ones.
_LIMIT_CHARACTERS = 125_000
_AUTHOR = r"@[A-Za-z0-9][A-Za-z0-9_-]{0,50}(?:\[bot\])?"
_URL = r"https?://[^\s<>()\"'`]+"
#: Lines as GitHub writes them. A title is anybody's; authors, of whom a release's page shows
#: pictures, and addresses are GitHub's.
_PULL_REQUEST = re.compile(
    rf"\* (?P<title>.*) (?P<ending>by {_AUTHOR} in {_URL}/(?P<number>[0-9]{{1,18}}))"
)
_OWN_LINE = re.compile(
    rf"\* {_AUTHOR} made their first contribution in {_URL}|\*\*Full Changelog\*\*: {_URL}"
)


def release_notes(
    manifest: Manifest, changes: Changes, sources: Sequence[InstallSource], tests: str = ""
) -> str:
    """Join the changelog's section, what changed, files with digests, and how to install.

    What anybody wrote is text: a changelog's, a pull request's title, a commit's subject.

    Args:
        changes: Empty where GitHub told nothing.
        sources: Where it is installed from; none where nothing is published to an index.
        tests: What the tests ran with, in Markdown; empty where nobody told.
    """
    files = f"### Files\n\n{describe_files(manifest)}"
    installing = (
        f"### Install\n\n{install_commands(manifest.project, manifest.version, sources)}"
        if sources
        else ""
    )
    ending = "\n\n".join(part for part in (files, tests, installing) if part)
    generated = [block for block in _generated_blocks(changes.generated) if block]
    commits = [changes.commits] if changes.commits else []
    listed = [*generated, *commits] if list_pulls(changes.generated) else [*commits, *generated]
    blocks = [*rewritten_blocks(manifest.notes), *listed]
    beginning = joined_within(blocks, _LIMIT_CHARACTERS - len(ending) - 2)
    return f"{beginning}\n\n{ending}" if beginning else ending


def list_pulls(generated: str) -> Mapping[int, str]:
    """List titles of pull requests in GitHub's notes by number; those of promote are left out."""
    matches = (_PULL_REQUEST.fullmatch(_shown(line)) for line in generated.split("\n"))
    return {
        int(match["number"]): match["title"]
        for match in matches
        if match and not is_about_environments(match["title"])
    }


def _generated_blocks(generated: str) -> Iterator[str]:
    """Write GitHub's notes anew, and keep the authors and addresses that are its own.

    Its lines end with a newline, which no title can hold. Whatever else ends a line somewhere may
    stand in a title, and what follows there is no line of GitHub's.
    """
    for paragraph in re.split(r"\n\s*\n", generated[:_LIMIT_CHARACTERS].strip()):
        lines = [line for line in map(_generated_line, paragraph.split("\n")) if line]
        yield "\n".join(_without_empty_headings(lines))


def _without_empty_headings(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for line in reversed(lines):
        if not _level(line) or (kept and not 0 < _level(kept[0]) <= _level(line)):
            kept.insert(0, line)
    return kept


def _level(line: str) -> int:
    """Count the marks of a heading; 0 for any other line."""
    return len(line) - len(line.lstrip("#"))


def _generated_line(raw_line: str) -> str:
    line = _shown(raw_line)
    if change := _PULL_REQUEST.fullmatch(line):
        if is_about_environments(change["title"]):
            return ""
        return f"* {show_line(change['title'])} {change['ending']}"
    return line if _OWN_LINE.fullmatch(line) else rewritten(line)


def _shown(raw_line: str) -> str:
    return " ".join(printable_lines(raw_line)).rstrip()


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
