"""What stands where, as a table and as a picture."""

from dataclasses import replace

from packaging.version import Version

from dist_actions.distributions.manifest import ManifestFile
from dist_actions.overview.table import EnvironmentStatus, environments_diagram, environments_table

WHEEL = ManifestFile("a-1.0-py3-none-any.whl", 10, "1a" * 32)
SDIST = ManifestFile("a-1.0.tar.gz", 20, "2b" * 32)
DEV = EnvironmentStatus("dev", "v1.0-dev", Version("1.0"), "c" * 40, "d" * 40, files=(WHEEL, SDIST))
QA = replace(DEV, environment="qa", tag="v1.0-qa", commit_sha="e" * 40, carried_from="v1.0-dev")
EMPTY = EnvironmentStatus("prd")


def cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


def test_each_environment_has_a_row() -> None:
    header, _, dev, qa, prd = cells(environments_table((DEV, QA, EMPTY)))
    assert header == [
        "environment",
        "version",
        "commit",
        "tree",
        "files, sha256",
        "same bytes as dev",
    ]
    files = "`a-1.0-py3-none-any.whl` `1a1a1a1a1a1a`<br/>`a-1.0.tar.gz` `2b2b2b2b2b2b`"
    assert dev == ["dev", "`1.0`", "`ccccccc`", "`ddddddd`", files, "—"]
    assert qa == [
        "qa",
        "`1.0`",
        "`eeeeeee`",
        "`ddddddd`",
        files,
        "yes, carried from `v1.0-dev`",
    ]
    assert prd == ["prd", "—", "—", "—", "—", "—"]


def test_other_bytes_and_other_versions_are_told_apart() -> None:
    rebuilt = replace(QA, files=(WHEEL,), carried_from="")
    older = replace(QA, environment="prd", version=Version("0.9"), carried_from="v0.9-qa")
    unread = replace(QA, environment="x", files=(), carried_from="")
    *_, no, other, unknown = cells(environments_table((DEV, rebuilt, older, unread)))
    assert no[-1] == "no"
    assert other[-1] == "another version, carried from `v0.9-qa`"
    assert unknown[-1] == "unknown"


def test_of_several_packages_each_has_a_row_in_each_environment() -> None:
    core, api = (replace(DEV, package=name) for name in ("core", "api"))
    qa = (replace(QA, package="core"), EnvironmentStatus("qa", package="api"))
    header, _, *rows = cells(environments_table((core, api, *qa)))
    assert header[:2] == ["environment", "package"]
    assert [row[:3] for row in rows] == [
        ["dev", "`core`", "`1.0`"],
        ["dev", "`api`", "`1.0`"],
        ["qa", "`core`", "`1.0`"],
        ["qa", "`api`", "—"],
    ]
    assert [row[-1] for row in rows] == ["—", "—", "yes, carried from `v1.0-dev`", "—"]
    assert 'e1["qa<br/>core 1.0<br/>api —"]' in environments_diagram((core, api, *qa))


def test_many_files_are_counted() -> None:
    wheels = tuple(replace(WHEEL, name=f"a-1.0-{number}.whl") for number in range(20))
    text = environments_table((replace(DEV, files=wheels),))
    assert text.count(".whl") == 6
    assert "and 14 more" in text


def test_the_arrow_that_is_promoted_is_marked() -> None:
    new = replace(DEV, version=Version("1.1"), files=(SDIST,))
    prd = replace(QA, environment="prd")
    assert environments_diagram((new, QA, prd), ("dev", "qa"), "v1.1").splitlines() == [
        "```mermaid",
        "flowchart LR",
        '  e0["dev<br/>1.1"]',
        '  e1["qa<br/>1.0"]',
        '  e2["prd<br/>1.0"]',
        '  e1 -->|"same bytes"| e2',
        '  e0 ==>|"promote v1.1"| e1',
        "```",
    ]


def test_a_skipped_stage_has_an_arrow_of_its_own() -> None:
    lines = environments_diagram((DEV, QA, EMPTY), ("dev", "prd"), "v1.0").splitlines()
    assert lines[-4:-1] == [
        '  e0 -->|"same bytes"| e1',
        "  e1 --> e2",
        '  e0 ==>|"promote v1.0"| e2',
    ]


def test_no_text_ends_a_label() -> None:
    evil = replace(DEV, environment='a"]; click e0 "x', package="<script>")
    picture = environments_diagram((evil,), None)
    assert picture.count('"') == 2
    assert "<script>" not in picture


def test_a_chain_of_nothing_is_empty() -> None:
    assert environments_table(()) == environments_diagram(()) == ""
