"""`dist-actions status --organisation`: the packages of many repositories, side by side."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.promotion.project import PromotedProject
from support.promotion.status_command import publish_with_manifest, run_status
from support.sandbox.fixtures import git
from support.sandbox.private_index import private_index

OWNER = ("--organisation", "eigenoid")


def run_for_all(project: PromotedProject, *arguments: str, **changes: str) -> Any:
    """Run the command with a person's token, which sees all repositories."""
    return run_status(project, *arguments, **{"GH_TOKEN": project.sandbox.user_token, **changes})


def read_packages(project: PromotedProject, *arguments: str) -> dict[str, Any]:
    """Return what the command prints with `--json`, by the package's name."""
    done = run_for_all(project, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return {row["name"]: row for row in json.loads(done.stdout)["packages"]}


def test_packages_stand_side_by_side_in_two_queries(
    project: PromotedProject, tmp_path: Path
) -> None:
    for name in ("no-package", "other"):
        project.sandbox.control("POST", "repositories", {"name": name})
    project.develop("0.1.0", {"a.txt": "1\n"})
    dev = publish_with_manifest(project, "0.1.0", "dev")
    opened = project.promote()
    before = project.sandbox.world.requests.last_number()
    page, badge = tmp_path / "site" / "index.html", tmp_path / "site" / "badge.svg"
    packages = read_packages(project, *OWNER, "--html", str(page), "--badge", str(badge))
    requests = project.sandbox.world.requests.since(before)
    assert [request.path for request in requests] == ["/api/graphql"] * 2
    assert not any(request.changed for request in requests)

    (package,) = packages.values()
    assert (package["repository"], package["state"]) == ("eigenoid/eigenoid-sample", "waiting")
    first, qa, prd = package["environments"]
    assert (first["version"], first["tag"]) == ("0.1.0", "v0.1.0-dev")
    assert first["commit"] == project.sandbox.branch_sha("dev")
    assert {file["sha256"] for file in first["files"]} == {file.sha256 for file in dev.files}
    assert (qa["version"], prd["version"]) == ("", "")
    (waiting,) = package["waiting"]
    assert (waiting["from"], waiting["to"], waiting["state"]) == ("dev", "qa", "ready")
    assert waiting["pr-url"] == opened.outputs["pr-url"]
    assert opened.outputs["pr-url"] in page.read_text(encoding="utf-8")
    assert "1: 1 waiting" in badge.read_text(encoding="utf-8")
    assert "2 further repositories" in page.read_text(encoding="utf-8")

    project.merge(opened.outputs["pr-number"], "squash")
    project.tag("0.1.0", "qa")
    publish_with_manifest(project, "0.1.0", "qa", text="other bytes")
    package = read_packages(project, "--repository", "eigenoid/eigenoid-sample", *OWNER)[
        "eigenoid-sample"
    ]
    assert [row["version"] for row in package["environments"]] == ["0.1.0", "0.1.0", ""]
    assert [row["to"] for row in package["waiting"]] == ["prd"]
    _is_shown(project)


def _is_shown(project: PromotedProject) -> None:
    """It is one line for people, and a row for a summary; a page alone, or beside the table."""
    page = run_for_all(project, "--html", "-")
    assert (page.returncode, page.stderr) == (0, "")
    assert page.stdout.startswith("<!doctype html>")
    assert page.stdout.rstrip().endswith("</html>")
    file = project.checkout / "new" / "page.html"
    both = run_for_all(project, "--html", str(file))
    assert "promotion  would do" in both.stdout
    assert both.stdout.endswith(f"\n\nWrote {file}\n")
    both = run_for_all(project, *OWNER, "--badge", str(file.with_name("badge.svg")))
    assert both.stdout.endswith(f"\n\nWrote {file.with_name('badge.svg')}\n")
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    plain = run_for_all(project, *OWNER)
    assert "\x1b" not in plain.stdout
    (line,) = [line for line in plain.stdout.splitlines() if line.startswith("eigenoid-sample")]
    assert line.split()[:4] == ["eigenoid-sample", "0.1.0", "0.1.0", "—"]
    assert "0.1.0 has waited" in line
    assert "| package | versions |" in run_for_all(project, *OWNER, "--markdown").stdout


@pytest.mark.parametrize("way", ["fast-forward", "squash"])
def test_a_version_that_reached_the_branch_waits_for_no_pull_request(
    project: PromotedProject, way: str
) -> None:
    """Both status commands agree, whether the branch has the commit or the files alone."""
    project.develop("0.1.0", {"a.txt": "1\n"})
    publish_with_manifest(project, "0.1.0", "dev")
    if way == "squash":
        project.merge(project.promote().outputs["pr-number"], "squash")
    else:
        git("push", "-q", "origin", "HEAD:refs/heads/qa", cwd=project.checkout)
        project.commit("qa", "b.txt", "2\n")
    (waiting,) = read_packages(project, *OWNER)["eigenoid-sample"]["waiting"]
    assert (waiting["to"], waiting["state"], waiting["pr-url"]) == ("qa", "waits", "")
    assert waiting["reason"] == "the branch qa holds it already, and has no release of it yet"
    step = json.loads(run_for_all(project, "--json").stdout)["next"][0]
    assert (step["plan"], step["tag"]) == ("nothing", "v0.1.0-dev")


def test_an_index_that_holds_other_bytes_has_drifted(
    project: PromotedProject, tmp_path: Path
) -> None:
    project.develop("0.1.0", {"a.txt": "1\n"})
    manifest = publish_with_manifest(project, "0.1.0", "dev")
    with private_index(tmp_path / "dev") as index:
        login = {"INDEX_USERNAME": "publisher", "INDEX_PASSWORD": index.password}
        variables = {"INDEXES": f"dev = {index.index_url}", **login}

        def read_drift() -> list[str]:
            done = run_for_all(project, *OWNER, "--json", **variables)
            assert done.returncode == 0, done.stderr
            drift: list[str] = json.loads(done.stdout)["packages"][0]["drift"]
            return drift

        assert read_drift() == ["the index of dev has no file of 0.1.0"]
        wheel = next(file.name for file in manifest.files if file.name.endswith(".whl"))
        (index.folder / wheel).write_bytes(b"other")
        (sentence,) = read_drift()
        assert sentence.startswith(f"the index of dev holds other bytes of {wheel} and lacks ")
        refused = run_for_all(project, *OWNER, **{**variables, "INDEX_PASSWORD": "wrong"})
        assert refused.returncode == 1
        assert "\nFix: " in refused.stderr


def test_several_repositories_are_named_one_by_one(project: PromotedProject) -> None:
    project.sandbox.control("POST", "repositories", {"name": "other"})
    project.develop("0.1.0", {"a.txt": "1\n"})
    publish_with_manifest(project, "0.1.0", "dev")
    names = [f"--repository=eigenoid/{name}" for name in ("other", "eigenoid-sample")]
    assert list(read_packages(project, *names)) == ["eigenoid-sample"]


@pytest.mark.parametrize(
    ("arguments", "changes", "status", "words"),
    [
        (["--organisation", "nobody"], {}, 2, "There is no organisation or user 'nobody'"),
        (["--organisation", "eigenoid"], {"GH_TOKEN": ""}, 2, "There is no token for GitHub."),
        (["--organisation", "eigenoid", "--repository", "x"], {}, 2, "'x' is no repository."),
        ([*OWNER, "--package", "x"], {}, 2, "--package has no effect beside --organisation."),
        ([*OWNER, "--path", "x"], {}, 2, "--path has no effect beside --organisation."),
        (["--html", "-", "--json"], {}, 2, "--json has no effect beside --html -."),
        (["--html", "-", "--package", "x"], {}, 2, "'x' is no package of this repository."),
        (
            ["--organisation", "eigenoid", "--repository", "eigenoid/nothing"],
            {},
            1,
            "Could not resolve to a Repository with the name 'eigenoid/nothing'",
        ),
        (["--organisation", "eigenoid", "--badge", "/proc/badge.svg"], {}, 2, "cannot be written"),
    ],
)
def test_what_is_missing_is_said_in_three_parts(
    project: PromotedProject, arguments: list[str], changes: dict[str, str], status: int, words: str
) -> None:
    done = run_for_all(project, *arguments, **changes)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert words in done.stderr
    assert "\nWhy: " in done.stderr
    assert "\nFix: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_repository_to_which_nothing_was_pushed_is_said_to_be_empty(
    project: PromotedProject,
) -> None:
    project.sandbox.control("POST", "repositories", {"name": "empty"})
    done = run_for_all(project, "--repository", "eigenoid/empty")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        "\nWhy: the repository is empty, or its default branch was never pushed.\n" in done.stderr
    )
