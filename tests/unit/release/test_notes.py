"""The text of a GitHub release."""

from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.distributions.manifest import Manifest
from dist_actions.publish.installing import InstallSource
from dist_actions.release.notes import package_changes, previous_tag, release_notes
from dist_actions.services.github.facts import FolderChange
from support.distributions.builders import make_manifest, parsed, write_release

INDEX = "https://us-central1-python.pkg.dev/eigenoid-dev/eigenoid-python/simple/"
SOURCE = InstallSource("Artifact Registry", INDEX, "artifact-registry")


@pytest.fixture
def manifest_with_notes(tmp_path: Path) -> Manifest:
    write_release(tmp_path, "1.10.0")
    return make_manifest(tmp_path, notes="- Greets in *two* languages.")


def test_changelog_generated_notes_files_and_install_stand_in_this_order(
    manifest_with_notes: Manifest,
) -> None:
    notes = release_notes(manifest_with_notes, "## What's Changed\n* A change", [SOURCE])
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
    notes = release_notes(manifest_with_notes, "", [SOURCE])
    assert "--extra-index-url" not in notes
    assert "explicit = true" in notes


def test_without_an_index_nothing_is_said_of_installing(manifest_with_notes: Manifest) -> None:
    assert "Install" not in release_notes(manifest_with_notes, "", [])


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
    notes = release_notes(manifest, generated, [])
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
        notes = release_notes(manifest_with_notes, f"* {text} by @octo-cat in {url}\r\n", [])
        (line,) = [line for line in notes.splitlines() if "One" in line]
        assert "@victim" not in line
        assert line.endswith(f" \\* two by @octo-cat in {url}")


def test_notes_are_cut_where_github_would_refuse_them_but_keep_their_ending(
    manifest_with_notes: Manifest,
) -> None:
    notes = release_notes(manifest_with_notes, "x" * 200_000, [SOURCE])
    assert len(notes) <= 125_000
    assert notes.rstrip().endswith("docs/installing.md).")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param([], "", id="first"),
        pytest.param(["v1.9.0-dev", "v1.2.0-dev"], "v1.9.0-dev", id="numbers, not letters"),
        pytest.param(["v1.9.0-qa", "v1.9.5", "v1.1.0-dev"], "v1.1.0-dev", id="same environment"),
        pytest.param(["v1.10.0-dev", "v2.0.0-dev"], "", id="only lower ones"),
        pytest.param(["latest", "1.9.0-dev", "v-dev"], "", id="other tags"),
        pytest.param(["v1.10.0rc1-dev"], "v1.10.0rc1-dev", id="a pre-release is lower"),
    ],
)
def test_the_previous_tag_is_the_highest_lower_one_of_the_environment(
    manifest_with_notes: Manifest, tags: list[str], expected: str
) -> None:
    assert manifest_with_notes.version == parsed("1.10.0")
    assert previous_tag(manifest_with_notes, tags) == expected


def change(number: int, subject: str = "Work") -> FolderChange:
    sha = f"{number:040x}"
    return FolderChange(sha, subject, f"https://github.com/o/r/commit/{sha}")


def test_changes_of_a_package_are_those_since_its_previous_release() -> None:
    notes = package_changes([change(3), change(2), change(1)], [change(1)], "packages/core")

    assert notes.startswith("### Changes in `packages/core`\n\n* Work ([0000000](https://")
    assert notes.count("\n* ") == 2


def test_no_changes_make_no_heading() -> None:
    assert package_changes([change(1)], [change(1)], "packages/core") == ""


def test_subjects_of_commits_are_shown_as_they_are() -> None:
    notes = package_changes([change(1, "[x](y) @all ::error::<b>")], [], "a`b")

    assert "\\[x\\]\\(y\\) @\u200ball ::error::\\<b\\>" in notes
    assert "## Changes in ``a`b``" in notes.replace("`` a`b ``", "``a`b``")
