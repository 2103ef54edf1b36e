"""`dist-actions status`: what stands where, and what promotion would do next."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.promotion.monorepo import PromotedMonorepo
from support.promotion.project import PromotedProject
from support.promotion.status_command import (
    command_environ,
    publish_with_manifest,
    read_status,
    run_status,
)
from support.sandbox.fixtures import git

#: What only the steps of a workflow have.
_WORDS_OF_JOBS = re.compile("the step|this step|`with:`|actions/checkout|job token")


def test_from_nothing_to_a_version_in_two_environments(project: PromotedProject) -> None:
    empty = read_status(project)
    assert [one["tag"] for one in empty["environments"]] == ["", "", ""]
    assert [step["plan"] for step in empty["next"]] == ["nothing", "nothing"]
    assert empty["next"][0]["reason"] == "No version was released in dev yet."

    project.develop("0.1.0", {"a.txt": "1\n"})
    dev = publish_with_manifest(project, "0.1.0", "dev")
    opened = project.promote()
    step = read_status(project)["next"][0]
    assert (step["from"], step["to"], step["tag"]) == ("dev", "qa", "v0.1.0-dev")
    assert step["plan"] == opened.outputs["plan"]
    assert step["pr-url"] == opened.outputs["pr-url"]

    project.merge(opened.outputs["pr-number"], "squash")
    project.tag("0.1.0", "qa")
    publish_with_manifest(project, "0.1.0", "qa", dev)
    before = project.sandbox.world.requests.last_number()
    answer = read_status(project, cwd=project.checkout)
    asked = project.sandbox.world.requests.since(before)
    _is_read_in_few_requests(asked)

    there, qa, prd = answer["environments"]
    assert answer["repository"] == project.sandbox.repository.full_name
    assert (there["version"], there["same-bytes"], there["carried-from"]) == ("0.1.0", None, "")
    assert (qa["version"], qa["same-bytes"], qa["carried-from"]) == ("0.1.0", True, "v0.1.0-dev")
    assert qa["tree"] == there["tree"] == project.tree("qa")
    assert qa["commit"] == project.sandbox.branch_sha("qa") != there["commit"]
    assert {file["sha256"] for file in qa["files"]} == {file.sha256 for file in dev.files}
    assert prd == {**dict.fromkeys(prd, ""), "name": "prd", "same-bytes": None, "files": []}
    first, second = answer["next"]
    assert (first["plan"], first["reason"]) == (
        "nothing",
        "the target holds the same files already",
    )
    assert (second["plan"], second["tag"], second["pr-url"]) == ("direct", "v0.1.0-qa", "")
    _is_aligned(project)
    _is_markdown(project)
    _is_coloured_on_a_terminal_only(project)


def _is_read_in_few_requests(asked: list[Any]) -> None:
    """1 + 1 for each release; then a look for an open pull request where one is next."""
    paths = [one.path for one in asked if "/api/v3/" in one.path]
    assert not any(one.changed for one in asked)
    assert sum("/releases?" in one or one.endswith("/releases") for one in paths) == 1
    assert sum("/releases/assets/" in one for one in paths) == 2
    assert len(paths) <= 8


def _is_aligned(project: PromotedProject) -> None:
    done = run_status(project)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "\x1b" not in done.stdout
    assert lines[0] == project.sandbox.repository.full_name
    heading = next(line for line in lines if line.startswith("environment"))
    column = heading.index("same bytes as dev")
    qa = next(line for line in lines if line.startswith("qa "))
    assert qa[column:] == "yes, carried from v0.1.0-dev"
    assert any(re.match(r"v0\.1\.0-qa +[0-9a-f]{12}  \S+\.whl$", line) for line in lines)
    assert "qa → prd   direct    v0.1.0-qa, by the released commit itself" in lines
    assert max(map(len, lines)) <= 100


def _is_markdown(project: PromotedProject) -> None:
    text = run_status(project, "--markdown").stdout
    assert "| environment | version | commit |" in text
    assert '  e1 ==>|"promote v0.1.0-qa"| e2' in text


def _is_coloured_on_a_terminal_only(project: PromotedProject) -> None:
    texts = []
    for extra in ({}, {"NO_COLOR": "1"}):
        leader, follower = pty.openpty()
        subprocess.run(
            [sys.executable, "-m", "dist_actions.cli", "status"],
            cwd=project.checkout,
            env=command_environ(project, **extra),
            stdout=follower,
            check=True,
        )
        os.close(follower)
        texts.append(os.read(leader, 100_000).decode())
        os.close(leader)
    assert "\x1b[32myes, carried from v0.1.0-dev\x1b[0m" in texts[0]
    assert "\x1b" not in texts[1]


def test_a_stop_names_its_reason_and_what_to_do(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "one\n"})
    project.merge(project.promote({"version": "0.1.0"}).outputs["pr-number"], "merge")
    project.commit("qa", "a.txt", "hotfix\n", "fix: \x1b[31m::error::now")
    project.develop("0.2.0", {"a.txt": "two\n"})
    publish_with_manifest(project, "0.2.0", "dev")
    done = run_status(project)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("dev → qa")]
    assert line.split()[3] == "stop"
    assert "Fix: " in done.stdout
    assert "\x1b" not in done.stdout
    step = read_status(project)["next"][0]
    assert (step["plan"], step["tag"]) == ("stop", "v0.2.0-dev")
    assert step["reason"]
    assert step["fix"]


def test_of_several_packages_each_has_a_row(shop: PromotedMonorepo) -> None:
    project = shop.project
    shop.commit("dev", {".github/dist-actions.toml": _settings(shop)}, "Settings")
    git("push", "-q", "origin", "dev:qa", "dev:main", cwd=project.checkout)
    shop.develop("shop-core", "1.1.0")
    shop.release("shop-core", "1.1.0")
    answer = read_status(project)
    rows = [(one["name"], one["package"], one["version"]) for one in answer["environments"]]
    assert rows == [
        (name, package, "1.1.0" if (name, package) == ("dev", "shop-core") else "")
        for name in ("dev", "qa", "prd")
        for package in ("shop-core", "shop-api")
    ]
    (core,) = answer["next"][0]["packages"]
    assert core == {"name": "shop-core", "from": "", "version": "1.1.0"}
    lines = run_status(project).stdout.splitlines()
    assert any(re.match(r"dev +shop-core +1\.1\.0 ", line) for line in lines)
    assert any(line.strip() == "shop-core — → 1.1.0" for line in lines)
    alone = read_status(project, "--package", "Shop_Core")["next"][0]
    assert (alone["plan"], alone["tag"]) == ("graft", "shop-core-v1.1.0-dev")
    unknown = run_status(project, "--package", "shop-web")
    assert unknown.returncode == 2
    assert "no package of this repository" in unknown.stderr


def test_what_a_release_does_not_tell_is_left_open(project: PromotedProject) -> None:
    """A manifest that cannot be read, one of another tag, and a tag that was moved."""
    project.develop("0.1.0", {"a.txt": "1\n"})
    project.commit("qa", "a.txt", "2\n")
    project.commit("main", "a.txt", "3\n")
    for environment in ("qa", "prd"):
        project.tag("0.1.0", environment)
    publish_with_manifest(project, "0.1.0", "dev", text="no manifest")
    publish_with_manifest(project, "0.1.0", "qa", commit_sha="0" * 40)
    publish_with_manifest(project, "0.1.0", "prd", tag="v0.0.9")
    dev, qa, prd = read_status(project)["environments"]
    for place, branch in ((dev, "dev"), (qa, "qa"), (prd, "main")):
        assert (place["version"], place["tree"]) == ("0.1.0", "")
        assert place["commit"] == project.sandbox.branch_sha(branch)
        assert {Path(file["name"]).suffix for file in place["files"]} == {".whl", ".gz"}


def _settings(shop: PromotedMonorepo) -> str:
    return (shop.project.workspace / ".github" / "dist-actions.toml").read_text()


def test_what_is_missing_is_said_in_three_parts(project: PromotedProject, tmp_path: Path) -> None:
    folder = tmp_path / "no-clone"
    folder.mkdir()
    cases = [
        ((), {"GH_TOKEN": ""}, "There is no token for GitHub."),
        ((), {"GH_TOKEN": "gho_x\ny"}, "The token for GitHub holds a character that no token has."),
        (("--repository", "https://x"), {}, "'https://x' is no repository."),
        ((), {"cwd": folder}, "It is not known which repository is meant."),
        ((), {"GITHUB_SERVER_URL": ""}, "no repository at https://github.com."),
        (("--path", "nowhere"), {}, "There is no folder"),
        ((), {"INDEXES": "qa = nonsense"}, "Variable INDEXES is 'nonsense'"),
    ]
    for arguments, options, what in cases:
        done = run_status(project, *arguments, **options)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert what in done.stderr
        assert "\nWhy: " in done.stderr
        assert "\nFix: " in done.stderr
        assert "Traceback" not in done.stderr
        assert not _WORDS_OF_JOBS.search(done.stderr)


@pytest.mark.parametrize("token", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_the_repository_of_the_run_is_taken_outside_of_a_clone(
    project: PromotedProject, tmp_path: Path, token: str
) -> None:
    given = command_environ(project)["GH_TOKEN"]
    name = project.sandbox.repository.full_name
    tokens = {"GH_TOKEN": "", token: given, "GITHUB_REPOSITORY": name}
    assert read_status(project, cwd=tmp_path, **tokens)["repository"] == name


def test_a_token_that_is_refused_is_not_shown(project: PromotedProject) -> None:
    done = run_status(project, GH_TOKEN="ghp_0123456789abcdefghij")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Why: " in done.stderr
    assert 'Fix: give a valid one: `export GH_TOKEN="$(gh auth token)"`.' in done.stderr
    assert "ghp_" not in done.stderr


@pytest.mark.parametrize(("status", "why"), [(501, "does not know this kind of"), (403, "lacks a")])
def test_a_refusal_is_not_asked_for_again(project: PromotedProject, status: int, why: str) -> None:
    project.sandbox.control("POST", "faults", {"status": status, "path": "/releases", "times": 9})
    before = project.sandbox.world.requests.last_number()
    done = run_status(project)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Why: {'your token ' * (status == 403)}" in done.stderr
    assert why in done.stderr
    assert not _WORDS_OF_JOBS.search(done.stderr)
    assert len(project.sandbox.world.requests.since(before)) == 1


def test_a_request_of_git_that_fails_is_made_again(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "1\n"})
    publish_with_manifest(project, "0.1.0", "dev")
    fault = {"path": r"\.git/info/refs", "connection": "reset"}
    project.sandbox.control("POST", "faults", fault)
    done = run_status(project, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "list branches: the connection failed; next try in 1 s\n"
