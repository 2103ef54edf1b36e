"""The text of a GitHub release."""

from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.distributions.manifest import Manifest
from dist_actions.publish.installing import InstallSource
from dist_actions.release.github_release.changes import Changes
from dist_actions.release.github_release.notes import list_pulls, release_notes
from support.distributions.builders import make_manifest, write_release

INDEX = "https://us-central1-python.pkg.dev/eigenoid-dev/eigenoid-python/simple/"
SOURCE = InstallSource("Artifact Registry", INDEX, "artifact-registry")


@pytest.fixture
def manifest_with_notes(tmp_path: Path) -> Manifest:
    write_release(tmp_path, "1.10.0")
    return make_manifest(tmp_path, notes="- Greets in *two* languages.")


def test_changelog_generated_notes_files_and_install_stand_in_this_order(
    manifest_with_notes: Manifest,
) -> None:
    notes = release_notes(manifest_with_notes, Changes("## What's Changed\n* A change"), [SOURCE])
    parts = [
        "- Greets in",
        "## What's Changed",
        "### Files",
        manifest_with_notes.files[0].sha256,
        "### Install",
    ]
    positions = [notes.index(part) for part in parts]
    assert positions == sorted(positions)
    assert f"pip install --index-url {INDEX} eigenoid-sample==1.10.0" in notes


def test_no_second_index_stands_beside_the_private_one(manifest_with_notes: Manifest) -> None:
    notes = release_notes(manifest_with_notes, Changes(), [SOURCE])
    assert "--extra-index-url" not in notes
    assert "explicit = true" in notes


def test_without_an_index_nothing_is_said_of_installing(manifest_with_notes: Manifest) -> None:
    assert "Install" not in release_notes(manifest_with_notes, Changes(), [])


def test_what_anybody_wrote_is_text(manifest_with_notes: Manifest) -> None:
    """The changelog's section, and the titles in what GitHub generates; authors stay."""
    hostile = "Fixes #1 <img src=x> @everyone \u202e"
    manifest = replace(manifest_with_notes, notes=f"- {hostile}\n<!-- x -->")
    url = "https://github.com/o/r"
    generated = (
        f"<!-- by a template -->\n## What's Changed\n"
        f"* {hostile} by @all in {url}/pull/1 by @octo-cat[bot] in {url}/pull/7\n\n"
        f"## New Contributors\n* @octo-cat made their first contribution in {url}/pull/7\n\n"
        f"**Full Changelog**: {url}/compare/v1...v2\n"
    )
    notes = release_notes(manifest, Changes(generated), [])
    shown = "\\#1 \\<img src=x\\> @\u200beveryone"
    assert f"- F\u200bixes {shown}" in notes
    title = f"F\u200bixes {shown} by @\u200ball in {url}/pull/1"
    assert f"* {title} by @octo-cat[bot] in {url}/pull/7" in notes
    assert f"* @octo-cat made their first contribution in {url}/pull/7" in notes
    assert f"**Full Changelog**: {url}/compare/v1...v2" in notes
    assert "<!--" not in notes


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r"])
def test_a_title_begins_no_line_that_is_taken_for_githubs(
    manifest_with_notes: Manifest, end: str
) -> None:
    url = "https://github.com/o/r/pull/7"
    title = f"One by @victim in https://evil.example/x{end}* two"
    for text in (title, f"One{end}**Full Changelog**: https://evil.example/x{end}* two"):
        notes = release_notes(
            manifest_with_notes, Changes(f"* {text} by @octo-cat in {url}\r\n"), []
        )
        (line,) = [line for line in notes.splitlines() if "One" in line]
        assert "@victim" not in line
        assert line.endswith(f" \\* two by @octo-cat in {url}")


def test_notes_are_cut_where_github_would_refuse_them_but_keep_their_ending(
    manifest_with_notes: Manifest,
) -> None:
    notes = release_notes(manifest_with_notes, Changes("x" * 200_000), [SOURCE])
    assert len(notes) <= 125_000
    assert notes.rstrip().endswith("docs/installing.md).")


PULLS = """\
## What's Changed
### Features
* feat: greet twice by @octo-cat in https://github.com/o/r/pull/7
### Housekeeping
* chore: promote 1.4.0 to qa by @automation-bot[bot] in https://github.com/o/r/pull/8
* chore: back-merge main into qa by @automation-bot[bot] in https://github.com/o/r/pull/9

**Full Changelog**: https://github.com/o/r/compare/v1...v2
"""


def test_promotions_and_headings_above_nothing_are_left_out(
    manifest_with_notes: Manifest,
) -> None:
    notes = release_notes(manifest_with_notes, Changes(PULLS), [])

    assert "## What's Changed\n### Features\n* feat: greet twice by @octo-cat" in notes
    assert "chore: " not in notes
    assert "Housekeeping" not in notes
    assert list_pulls(PULLS) == {7: "feat: greet twice"}


@pytest.mark.parametrize(("generated", "first"), [(PULLS, "What's Changed"), ("", "- Direct")])
def test_commits_follow_pull_requests(
    manifest_with_notes: Manifest, generated: str, first: str
) -> None:
    notes = release_notes(manifest_with_notes, Changes(generated, "- Direct"), [])

    assert notes.index(first) <= notes.index("- Direct") < notes.index("### Files")
