"""What is promoted, what not, and where promotion stops and asks."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Chain

GATES = {"require": ""}
OF_RELEASE: dict[str, Any] = {
    "event": "release",
    "payload": {"release": {"tag_name": "v0.1.0-dev"}},
}


def test_a_published_release_starts_its_own_promotion(chain: "Chain") -> None:
    chain.develop("0.1.0", {"a.txt": "a\n"})
    chain.release("0.1.0", "dev")
    result = chain.promote({**GATES, "from": ""}, **OF_RELEASE)
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    body = chain.pulls()[0].body or ""
    assert "Passed: release, published" in body
    assert "eigenoid_sample-0.1.0.tar.gz" in body
    assert "| dev | `0.1.0` |" in body
    assert "| qa | — |" in body


def test_the_newest_released_version_is_chosen(chain: "Chain") -> None:
    for version in ("0.9.0", "0.10.0", "0.11.0"):
        chain.develop(version, {"a.txt": version})
        if version != "0.11.0":
            chain.release(version, "dev")
    result = chain.promote(GATES)
    assert (result.outputs["result"], result.outputs["version"]) == ("created", "0.10.0")


def test_without_a_release_there_is_nothing_to_choose_from(chain: "Chain") -> None:
    chain.develop("0.1.0")
    result = chain.promote(GATES)
    assert result.exit_status == 2
    assert "No version was released in dev yet" in result.annotation.message


@pytest.mark.parametrize("tag", ["v0.1.0", "docs-7"])
def test_other_releases_promote_nothing(chain: "Chain", tag: str) -> None:
    """Of production, and of a tag that is not ours."""
    payload = {"release": {"tag_name": tag}}
    result = chain.promote({"from": ""}, event="release", payload=payload)
    assert (result.exit_status, result.changes) == (0, ())
    assert result.outputs["result"] == "nothing"
    expected = "production is the last" if tag == "v0.1.0" else f"{tag} is not of the form"
    assert expected in result.outputs["reason"]


def test_what_the_target_holds_is_not_promoted_again(chain: "Chain") -> None:
    chain.develop("0.1.0", {"a.txt": "a\n"})
    for method, reason in (("merge", "this commit already"), ("squash", "same files already")):
        version = {"merge": "0.1.0", "squash": "0.2.0"}[method]
        if method == "squash":
            chain.develop(version, {"a.txt": "aa\n"})
        number = chain.promote({"version": version}).outputs["pr-number"]
        chain.merge(number, method)
        again = chain.promote({"version": version})
        assert (again.exit_status, again.changes) == (0, ())
        assert again.outputs["result"] == "nothing"
        assert reason in again.outputs["reason"]


def test_the_targets_own_changes_stop_it_with_a_list(chain: "Chain") -> None:
    chain.develop("0.1.0", {"a.txt": "a\n"})
    chain.merge(chain.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
    first = chain.commit("qa", "hotfix.txt", "1\n", "Fix the <b>first</b>")
    second = chain.commit("qa", "hotfix.txt", "2\n", "Fix the second")
    chain.develop("0.2.0", {"a.txt": "aa\n"})
    result = chain.promote({"version": "0.2.0", "on-own-changes": "fail"})
    assert (result.exit_status, result.changes) == (1, ())
    message = result.annotation.message
    assert f"{first[:7]} Fix the <b>first</b>" in message
    assert f"{second[:7]} Fix the second" in message
    assert "merge qa into dev" in message
    assert "Version 0.1.0" not in message
    assert "<b>" not in result.summary.replace("\\<b\\>", "")


def test_the_targets_own_changes_stand_and_are_brought_back(chain: "Chain") -> None:
    chain.develop("0.1.0", {"a.txt": "a\n"})
    chain.merge(chain.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
    chain.commit("qa", "hotfix.txt", "1\n", "Fix the <b>first</b>")
    chain.develop("0.2.0", {"a.txt": "aa\n"})
    result = chain.promote({"version": "0.2.0"})
    assert (result.exit_status, result.outputs["plan"]) == (0, "stitch"), result.log
    titles = {pull.head: pull.title for pull in chain.pulls()[1:]}
    assert titles == {
        "promote/v0.2.0-to-qa": "chore: promote v0.2.0 to qa",
        "promote/back-merge-qa-into-dev": "chore: back-merge qa into dev",
    }
    chain.merge(result.outputs["pr-number"], "squash")
    assert chain.tree("qa") == result.outputs["expected-tree"]
    assert chain.on_github("show", "qa:hotfix.txt", "qa:a.txt") == "1\naa"
    assert chain.promote({"version": "0.2.0"}).changes == (), "a rerun adds nothing"


def test_own_changes_that_were_merged_back_are_no_obstacle(chain: "Chain") -> None:
    chain.develop("0.1.0", {"a.txt": "a\n"})
    chain.merge(chain.promote({"version": "0.1.0"}).outputs["pr-number"], "merge")
    hotfix = chain.commit("qa", "hotfix.txt", "1\n")
    back = chain.sandbox.request(
        "POST",
        "merges",
        token=chain.sandbox.user_token,
        json={"base": "dev", "head": hotfix, "commit_message": "Back-merge"},
    )
    assert back.status_code == 201, back.text
    chain.checkout.joinpath("x").touch()
    from support.sandbox.fixtures import git

    git("checkout", "-q", "dev", cwd=chain.checkout)
    git("pull", "-q", "--ff-only", "origin", "dev", cwd=chain.checkout)
    chain.develop("0.2.0", {"a.txt": "aa\n"})
    result = chain.promote({"version": "0.2.0"})
    assert (result.exit_status, result.outputs["plan"]) == (0, "direct"), result.log
    chain.merge(result.outputs["pr-number"], "merge")
    assert chain.tree("qa") == chain.tree("dev")


def test_skipping_a_stage_is_refused(chain: "Chain") -> None:
    chain.develop("0.1.0")
    result = chain.promote({"version": "0.1.0", "to": "prd"})
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
def test_bad_inputs_are_told(chain: "Chain", inputs: dict[str, str], said: str) -> None:
    result = chain.promote(inputs)
    assert (result.exit_status, result.changes) == (2, ())
    assert said in result.annotation.message


def test_a_tag_or_a_branch_that_is_missing_is_named(chain: "Chain") -> None:
    result = chain.promote({"version": "9.9.9"})
    assert result.exit_status == 1
    assert "There is no tag v9.9.9-dev" in result.annotation.message
    chain.develop("0.1.0")
    chain.sandbox.repository.git.delete_ref("refs/heads/qa")
    result = chain.promote({"version": "0.1.0"})
    assert result.exit_status == 1
    assert "There is no branch qa" in result.annotation.message


def test_histories_without_a_common_commit_are_refused(chain: "Chain") -> None:
    chain.develop("0.1.0")
    tree = chain.tree("qa")
    orphan = chain.on_github(
        "-c", "user.name=x", "-c", "user.email=x@example.com", "commit-tree", tree, "-m", "anew"
    )
    chain.on_github("update-ref", "refs/heads/qa", orphan)
    result = chain.promote({"version": "0.1.0"})
    assert (result.exit_status, result.changes) == (1, ())
    assert "no commit in common" in result.annotation.message


def close_release(chain: "Chain") -> None:
    chain.sandbox.repository.releases.clear()


def draft_release(chain: "Chain") -> None:
    chain.sandbox.repository.releases[0].draft = True


def remove_manifest(chain: "Chain") -> None:
    assets = chain.sandbox.repository.releases[0].assets
    assets[:] = [one for one in assets if not one.name.endswith(".json")]


def remove_sdist(chain: "Chain") -> None:
    assets = chain.sandbox.repository.releases[0].assets
    assets[:] = [one for one in assets if not one.name.endswith(".gz")]


def replace_sdist(chain: "Chain") -> None:
    assets = chain.sandbox.repository.releases[0].assets
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
def test_a_closed_gate_stops_it(chain: "Chain", change: Any, said: str) -> None:
    chain.develop("0.1.0", {"a.txt": "a\n"})
    chain.release("0.1.0", "dev")
    change(chain)
    result = chain.promote({**GATES, "version": "0.1.0"})
    assert (result.exit_status, result.changes) == (1, ())
    assert said in result.annotation.message
    assert "only what is out in dev is promoted" in result.annotation.message
    assert chain.pulls() == []


def test_without_an_app_nothing_is_begun(chain: "Chain") -> None:
    chain.develop("0.1.0", {"a.txt": "a\n"})
    result = chain.promote({"version": "0.1.0", "client-id": "", "private-key": ""})
    assert (result.exit_status, result.changes) == (2, ())
    assert "so nothing can open pull requests" in result.annotation.message
