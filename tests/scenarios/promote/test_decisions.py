"""What is promoted, what not, and where promotion stops and asks."""

from typing import Any

import pytest

from support.promotion.project import ALL_GATES, PromotedProject

OF_RELEASE: dict[str, Any] = {
    "event": "release",
    "payload": {"release": {"tag_name": "v0.1.0-dev"}},
}


def test_a_published_release_starts_its_own_promotion(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.release("0.1.0", "dev")
    result = project.promote({**ALL_GATES, "from": ""}, **OF_RELEASE)
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    body = project.pulls()[0].body or ""
    assert "Passed: release, published" in body
    assert "eigenoid_sample-0.1.0.tar.gz" in body
    assert "| dev | `0.1.0` |" in body
    assert "| qa | — |" in body


def test_the_newest_released_version_is_chosen(project: PromotedProject) -> None:
    for version in ("0.9.0", "0.10.0", "0.11.0"):
        project.develop(version, {"a.txt": version})
        if version != "0.11.0":
            project.release(version, "dev")
    result = project.promote(ALL_GATES)
    assert (result.outputs["result"], result.outputs["version"]) == ("created", "0.10.0")


def test_without_a_release_there_is_nothing_to_choose_from(project: PromotedProject) -> None:
    project.develop("0.1.0")
    result = project.promote(ALL_GATES)
    assert result.exit_status == 2
    assert "No version was released in dev yet" in result.annotation.message


@pytest.mark.parametrize("tag", ["v0.1.0", "docs-7"])
def test_other_releases_promote_nothing(project: PromotedProject, tag: str) -> None:
    """Of production, and of a tag that is not ours."""
    payload = {"release": {"tag_name": tag}}
    result = project.promote({"from": ""}, event="release", payload=payload)
    assert (result.exit_status, result.changes) == (0, ())
    assert result.outputs["result"] == "nothing"
    expected = "production is the last" if tag == "v0.1.0" else f"{tag} is not of the form"
    assert expected in result.outputs["reason"]


def test_what_the_target_holds_is_not_promoted_again(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    for method, reason in (("merge", "this commit already"), ("squash", "same files already")):
        version = {"merge": "0.1.0", "squash": "0.2.0"}[method]
        if method == "squash":
            project.develop(version, {"a.txt": "aa\n"})
        number = project.promote({"version": version}).outputs["pr-number"]
        project.merge(number, method)
        again = project.promote({"version": version})
        assert (again.exit_status, again.changes) == (0, ())
        assert again.outputs["result"] == "nothing"
        assert reason in again.outputs["reason"]


def test_the_targets_own_changes_stop_it_with_a_list(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.merge(project.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
    first = project.commit("qa", "hotfix.txt", "1\n", "Fix the <b>first</b>")
    second = project.commit("qa", "hotfix.txt", "2\n", "Fix the second")
    project.develop("0.2.0", {"a.txt": "aa\n"})
    result = project.promote({"version": "0.2.0", "on-own-changes": "fail"})
    assert (result.exit_status, result.changes) == (1, ())
    message = result.annotation.message
    assert f"{first[:7]} Fix the <b>first</b>" in message
    assert f"{second[:7]} Fix the second" in message
    assert "merge qa into dev" in message
    assert "Version 0.1.0" not in message
    assert "<b>" not in result.summary.replace("\\<b\\>", "")


def test_the_targets_own_changes_stand_and_are_brought_back(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.merge(project.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
    project.commit("qa", "hotfix.txt", "1\n", "Fix the <b>first</b>")
    project.develop("0.2.0", {"a.txt": "aa\n"})
    result = project.promote({"version": "0.2.0"})
    assert (result.exit_status, result.outputs["plan"]) == (0, "stitch"), result.log
    titles = {pull.head: pull.title for pull in project.pulls()[1:]}
    assert titles == {
        "promote/v0.2.0-to-qa": "chore: promote v0.2.0 to qa",
        "promote/back-merge-qa-into-dev": "chore: back-merge qa into dev",
    }
    project.merge(result.outputs["pr-number"], "squash")
    assert project.tree("qa") == result.outputs["expected-tree"]
    assert project.on_github("show", "qa:hotfix.txt", "qa:a.txt") == "1\naa"
    assert project.promote({"version": "0.2.0"}).changes == (), "a rerun adds nothing"


def test_own_changes_that_were_merged_back_are_no_obstacle(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.merge(project.promote({"version": "0.1.0"}).outputs["pr-number"], "merge")
    hotfix = project.commit("qa", "hotfix.txt", "1\n")
    back = project.sandbox.request(
        "POST",
        "merges",
        token=project.sandbox.user_token,
        json={"base": "dev", "head": hotfix, "commit_message": "Back-merge"},
    )
    assert back.status_code == 201, back.text
    project.checkout.joinpath("x").touch()
    from support.sandbox.fixtures import git

    git("checkout", "-q", "dev", cwd=project.checkout)
    git("pull", "-q", "--ff-only", "origin", "dev", cwd=project.checkout)
    project.develop("0.2.0", {"a.txt": "aa\n"})
    result = project.promote({"version": "0.2.0"})
    assert (result.exit_status, result.outputs["plan"]) == (0, "direct"), result.log
    project.merge(result.outputs["pr-number"], "merge")
    assert project.tree("qa") == project.tree("dev")


def test_skipping_a_stage_is_refused(project: PromotedProject) -> None:
    project.develop("0.1.0")
    result = project.promote({"version": "0.1.0", "to": "prd"})
    assert (result.exit_status, result.changes) == (2, ())
    assert "prd does not follow dev" in result.annotation.message


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"from": "test"}, "The input from is 'test', which is no environment"),
        ({"to": "test"}, "The input to is 'test', which is no environment"),
        ({"version": "one"}, "nput version is 'one'"),
        ({"require": "luck"}, "nput require holds 'luck'"),
        ({"mode": "merge"}, "nput mode is 'merge'"),
    ],
)
def test_bad_inputs_are_told(project: PromotedProject, inputs: dict[str, str], said: str) -> None:
    result = project.promote(inputs)
    assert (result.exit_status, result.changes) == (2, ())
    assert said in result.annotation.message


def test_a_tag_or_a_branch_that_is_missing_is_named(project: PromotedProject) -> None:
    result = project.promote({"version": "9.9.9"})
    assert result.exit_status == 1
    assert "There is no tag v9.9.9-dev" in result.annotation.message
    project.develop("0.1.0")
    project.sandbox.repository.git.delete_ref("refs/heads/qa")
    result = project.promote({"version": "0.1.0"})
    assert result.exit_status == 1
    assert "There is no branch qa" in result.annotation.message


def test_histories_without_a_common_commit_are_refused(project: PromotedProject) -> None:
    project.develop("0.1.0")
    tree = project.tree("qa")
    orphan = project.on_github(
        "-c", "user.name=x", "-c", "user.email=x@example.com", "commit-tree", tree, "-m", "anew"
    )
    project.on_github("update-ref", "refs/heads/qa", orphan)
    result = project.promote({"version": "0.1.0"})
    assert (result.exit_status, result.changes) == (1, ())
    assert "no commit in common" in result.annotation.message


def close_release(project: PromotedProject) -> None:
    project.sandbox.repository.releases.clear()


def draft_release(project: PromotedProject) -> None:
    project.sandbox.repository.releases[0].draft = True


def remove_manifest(project: PromotedProject) -> None:
    assets = project.sandbox.repository.releases[0].assets
    assets[:] = [one for one in assets if not one.name.endswith(".json")]


def remove_sdist(project: PromotedProject) -> None:
    assets = project.sandbox.repository.releases[0].assets
    assets[:] = [one for one in assets if not one.name.endswith(".gz")]


def replace_sdist(project: PromotedProject) -> None:
    assets = project.sandbox.repository.releases[0].assets
    next(one for one in assets if one.name.endswith(".gz")).sha256 = "0" * 64


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (close_release, "v0.1.0-dev has no published GitHub release"),
        (draft_release, "v0.1.0-dev has no published GitHub release"),
        (remove_manifest, "v0.1.0-dev has no dist-manifest.json in its release"),
        (remove_sdist, "lacks eigenoid_sample-0.1.0.tar.gz"),
        (replace_sdist, "lacks eigenoid_sample-0.1.0.tar.gz, or holds it with other bytes"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_closed_gate_stops_it(project: PromotedProject, change: Any, said: str) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.release("0.1.0", "dev")
    change(project)
    result = project.promote({**ALL_GATES, "version": "0.1.0"})
    assert (result.exit_status, result.changes) == (1, ())
    assert said in result.annotation.message
    assert "only what is out in dev is promoted" in result.annotation.message
    assert project.pulls() == []


def test_without_an_app_nothing_is_begun(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    result = project.promote({"version": "0.1.0", "client-id": "", "private-key": ""})
    assert (result.exit_status, result.changes) == (2, ())
    assert "so nothing can open pull requests" in result.annotation.message
