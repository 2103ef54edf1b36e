"""What rules of a branch demand of a pull request, and how GitHub says that it is missing."""

from pathlib import Path
from typing import Any

import pytest

from support.sandbox.branch_protection import (
    merge,
    open_pull,
    protect,
    push_hotfix,
    push_promotion,
    requires,
    reviewed,
    state,
)
from support.sandbox.fixtures import Sandbox


@pytest.fixture
def sha(sandbox: Sandbox, checkout: Path, bot: str) -> str:
    """Head of the open pull request 1."""
    pushed = push_promotion(sandbox, checkout)
    open_pull(sandbox, bot)
    return pushed


def violations(sandbox: Sandbox, bot: str, **body: Any) -> str:
    answer = merge(sandbox, bot, **body)
    assert answer.status_code == 405
    head, _, listed = str(answer.json()["message"]).partition("\n\n")
    assert head == "Repository rule violations found"
    return listed.strip()


def test_checks_are_waited_for(sandbox: Sandbox, bot: str, sha: str) -> None:
    protect(sandbox, requires("test", "lint"))
    assert state(sandbox, bot) == "blocked"
    assert violations(sandbox, bot) == "2 of 2 required status checks are expected."
    sandbox.control("PUT", f"checks/{sha}/test", {"conclusion": "success"})
    assert violations(sandbox, bot) == 'Required status check "lint" is expected.'
    sandbox.control("PUT", f"checks/{sha}/lint", {})
    assert violations(sandbox, bot) == 'Required status check "lint" is in progress.'
    sandbox.control("PUT", f"checks/{sha}/lint", {"conclusion": "failure"})
    assert violations(sandbox, bot) == 'Required status check "lint" is failing.'
    sandbox.control("PUT", f"checks/{sha}/lint", {"conclusion": "skipped"})
    assert state(sandbox, bot) == "clean"
    sandbox.control("PUT", f"checks/{sha}/other", {"conclusion": "failure"})
    assert state(sandbox, bot) == "unstable"
    assert merge(sandbox, bot).status_code == 200


def test_a_check_of_another_app_does_not_count(sandbox: Sandbox, bot: str, sha: str) -> None:
    rule = requires("test")
    rule["parameters"]["required_status_checks"][0]["integration_id"] = sandbox.app().app_id
    protect(sandbox, rule)
    sandbox.control("PUT", f"checks/{sha}/test", {"conclusion": "success"})
    assert violations(sandbox, bot) == 'Required status check "test" is expected.'
    shown = sandbox.request("GET", "rules/branches/qa", token=bot).json()
    assert shown[0]["parameters"]["strict_required_status_checks_policy"] is False


def test_a_head_that_is_behind_is_brought_up_to_date(
    sandbox: Sandbox, bot: str, sha: str, checkout: Path
) -> None:
    push_hotfix(checkout)
    protect(sandbox, requires("test", strict_required_status_checks_policy=True))
    sandbox.control("PUT", f"checks/{sha}/test", {"conclusion": "success"})
    assert state(sandbox, bot) == "behind"
    assert violations(sandbox, bot) == (
        "Head branch is out of date. Review and try the merge again."
    )
    assert sandbox.request("PUT", "pulls/1/update-branch", token=bot).status_code == 202
    head = sandbox.request("GET", "pulls/1", token=bot).json()["head"]["sha"]
    sandbox.control("PUT", f"checks/{head}/test", {"conclusion": "success"})
    assert merge(sandbox, bot).status_code == 200


def test_reviews_are_waited_for(sandbox: Sandbox, bot: str, sha: str, checkout: Path) -> None:
    protect(sandbox, reviewed(2, dismiss_stale_reviews_on_push=True))
    second = sandbox.control("POST", "users", {"login": "second"})["token"]

    def review(token: str, event: str) -> Any:
        return sandbox.request("POST", "pulls/1/reviews", token=token, json={"event": event})

    own = review(bot, "APPROVE")
    assert (own.status_code, own.json()["errors"]) == (
        422,
        ["Can not approve your own pull request"],
    )
    job = sandbox.job({"pull-requests": "write"})["token"]
    assert review(job, "APPROVE").status_code == 422
    assert review(sandbox.user_token, "APPROVE").json()["state"] == "APPROVED"
    assert sandbox.events()[-1]["name"] == "pull_request_review"
    needed = "At least 2 approving reviews are required by reviewers with write access."
    assert violations(sandbox, bot) == needed
    review(second, "REQUEST_CHANGES")
    assert violations(sandbox, bot) == "Changes have been requested."
    review(second, "APPROVE")
    assert state(sandbox, bot) == "clean"
    push_promotion(sandbox, checkout, file="b", name="other")
    body = {"sha": sandbox.branch_sha("other"), "force": True}
    url = "git/refs/heads/promote/v0.5.0-to-qa"
    assert sandbox.request("PATCH", url, token=bot, json=body).status_code == 200
    assert violations(sandbox, bot) == needed
    listed = sandbox.request("GET", "pulls/1/reviews", token=bot).json()
    assert {one["state"] for one in listed} == {"DISMISSED"}


def test_methods_and_history(sandbox: Sandbox, bot: str, sha: str) -> None:
    number = protect(
        sandbox, reviewed(0, allowed_merge_methods=["squash", "rebase"]), {"type": "deletion"}
    )
    assert "merge method merge is not allowed" in violations(sandbox, bot)
    sandbox.control("DELETE", f"rulesets/{number}")
    protect(sandbox, {"type": "required_linear_history"}, {"type": "non_fast_forward"})
    assert violations(sandbox, bot) == "This branch must not contain merge commits."
    types = [one["type"] for one in sandbox.request("GET", "rules/branches/qa", token=bot).json()]
    assert types == ["required_linear_history", "non_fast_forward"]
    body = {"sha": sha, "force": True}
    url = "git/refs/heads/qa"
    assert sandbox.request("PATCH", url, token=bot, json=body).status_code == 200
    back = {"sha": sandbox.branch_sha("dev"), "force": True}
    assert sandbox.request("PATCH", url, token=bot, json=back).status_code == 422


def test_settings_are_shown_to_those_who_may_write(sandbox: Sandbox, bot: str) -> None:
    reader = sandbox.job({"contents": "read"})["token"]
    sandbox.control("POST", "repository", {"merging": {"auto_merge": True, "delete_branch": True}})
    names = ("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge")
    shown = sandbox.request("GET", "", token=bot).json()
    assert [shown[name] for name in (*names, "allow_auto_merge")] == [True] * 4
    assert shown["delete_branch_on_merge"] is True
    hidden = sandbox.request("GET", "", token=reader).json()
    assert not {*names, "allow_auto_merge", "delete_branch_on_merge"} & hidden.keys()


def test_commits_know_their_pull_requests(
    sandbox: Sandbox, bot: str, sha: str, checkout: Path
) -> None:
    merged = merge(sandbox, bot, merge_method="squash").json()["sha"]
    push_promotion(sandbox, checkout, file="b", name="second")
    second = open_pull(sandbox, bot, head="second")

    def pulls_of(commit: str) -> list[int]:
        listed = sandbox.request("GET", f"commits/{commit}/pulls", token=bot).json()
        return [one["number"] for one in listed]

    assert [pulls_of(one) for one in (merged, sha)] == [[1], [1]]
    assert pulls_of(second["head"]["sha"]) == [2]
    assert pulls_of(sandbox.branch_sha("dev")) == []
    files = sandbox.request("GET", "pulls/2/files", token=bot).json()
    assert [(one["filename"], one["status"]) for one in files] == [("b.txt", "added")]


def test_a_merged_head_is_deleted_unless_a_rule_keeps_it(
    sandbox: Sandbox, bot: str, sha: str, checkout: Path
) -> None:
    sandbox.control("POST", "repository", {"merging": {"delete_branch": True}})
    push_promotion(sandbox, checkout, file="b", name="kept")
    open_pull(sandbox, bot, head="kept")
    names = {"include": ["refs/heads/kept"], "exclude": []}
    rules = {"conditions": {"ref_name": names}, "rules": [{"type": "deletion"}]}
    sandbox.control("POST", "rulesets", rules)
    for number in (1, 2):
        assert merge(sandbox, bot, number).status_code == 200
    assert sandbox.repository.git.branch("promote/v0.5.0-to-qa") is None
    assert sandbox.repository.git.branch("kept") is not None
