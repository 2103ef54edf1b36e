"""Promotion as a whole repository lives it: its own workflows, and merges through GitHub's API."""

import difflib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.act.rehearse_command import SAMPLE, copy_sample, read_report, rehearse

pytestmark = pytest.mark.network

VERSIONS = ("0.5.0", "0.6.0", "0.7.0", "0.8.0")
MODULE = "src/eigenoid_sample/__init__.py"
SHOUTING = "# The greeting is loud.\n"


def sources(number: int) -> dict[str, str]:
    """What the files of a round are: always another version; a line comes, and goes again."""
    project, module = ((SAMPLE / name).read_text() for name in ("pyproject.toml", MODULE))
    old = 'version = "0.5.0"\n'
    assert old in project
    bumped = project.replace(old, f'version = "{VERSIONS[number]}"\n')
    return {"pyproject.toml": bumped, MODULE: (SHOUTING if number == 1 else "") + module}


def write_patches(folder: Path) -> list[str]:
    """A patch for each round but the first, as arguments of the command."""
    arguments = []
    for number, version in enumerate(VERSIONS[1:], start=1):
        before, after = sources(number - 1), sources(number)
        patch = folder / f"v{version}.patch"
        patch.write_text("".join(_difference(name, before[name], after[name]) for name in after))
        arguments += ["--then", str(patch)]
    return arguments


def _difference(name: str, before: str, after: str) -> str:
    lines = (text.splitlines(keepends=True) for text in (before, after))
    return "".join(difflib.unified_diff(*lines, f"a/{name}", f"b/{name}"))


def test_four_rounds_of_squash_merges_bring_the_same_bytes_to_production(tmp_path: Path) -> None:
    """Every round touches the line that the squash before it touched, and one takes a line back."""
    project, out = copy_sample(tmp_path / "sample", one_job=True), tmp_path / "out"
    done = rehearse(project, out, "--merge", "squash", "--keep-state", *write_patches(tmp_path))
    state = Path(re.search(r"State, with keys: (\S+)", done.stdout)[1])
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        (repository,) = [path for path in state.rglob("*.git") if path.name != ".git"]
        trees = {version: released_trees(repository, version) for version in VERSIONS}
    finally:
        shutil.rmtree(state)
    assert [len(set(found)) for found in trees.values()] == [1, 1, 1, 1]
    assert len({found[0] for found in trees.values()}) == 4
    report = read_report(out)
    typed = [stage["command"] for stage in report["stages"] if stage["name"].startswith("merge ")]
    assert typed == [f"gh pr merge {number} --squash" for number in range(1, 9)]
    dev, qa, prd = report["environments"]
    assert [place["installed_version"] for place in (dev, qa, prd)] == ["0.8.0"] * 3
    # Wheel and sdist of every round stand in each index, with the sha256 of what it serves.
    assert len(dev["files"]) == 2 * len(VERSIONS)
    assert dev["files"] == qa["files"] == prd["files"]
    says_where_its_files_come_from(out)


def released_trees(repository: Path, version: str) -> list[str]:
    """The trees of a version's tags in dev, qa and production."""
    tags = [f"v{version}{suffix}^{{tree}}" for suffix in ("-dev", "-qa", "")]
    done = subprocess.run(
        ["git", "rev-parse", *tags], cwd=repository, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def says_where_its_files_come_from(out: Path) -> None:
    """The summaries of the releases in qa and production say what they carry."""
    texts = {
        place: "".join(
            path.read_text() for path in sorted(out.glob(f"logs/*-release-{place}/*.summary.md"))
        )
        for place in ("dev", "qa", "prd")
    }
    assert "carried from" not in texts["dev"]
    assert texts["qa"].count("carried from") >= len(VERSIONS)
    assert texts["prd"].count("carried from") >= len(VERSIONS)


def _sample(folder: Path, promote: str) -> Path:
    return copy_sample(folder / "sample", promote, one_job=True)


def test_promotions_that_a_person_starts_are_started(tmp_path: Path) -> None:
    project, out = _sample(tmp_path, "promote-by-hand.yml"), tmp_path / "out"
    done = rehearse(project, out, "--until", "qa")
    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(out)
    assert "promote-by-hand qa" in report["requests"]
    commands = {stage["name"]: stage.get("command") for stage in report["stages"]}
    start = "gh workflow run promote-by-hand.yml --ref dev -f from=dev"
    assert commands["start promote-by-hand qa"] == start
    assert commands["merge qa"] == "gh pr merge 1 --merge"


def test_auto_merge_takes_a_release_to_qa_and_leaves_production_to_a_person(
    tmp_path: Path,
) -> None:
    project, out = _sample(tmp_path, "promote-auto-merge.yml"), tmp_path / "out"
    done = rehearse(project, out, "--until", "qa")
    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(out)
    assert [place["installed_version"] for place in report["environments"]] == ["0.5.0", "0.5.0"]
    assert "merge qa" not in report["requests"]
    (opened,) = out.glob("logs/*-promote-auto-merge-prd/*.summary.md")
    assert "created" in opened.read_text()
