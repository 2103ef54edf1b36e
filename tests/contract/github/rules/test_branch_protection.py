"""Classic branch protection: its settings, what it refuses, and what readers learn of it."""

from pathlib import Path
from typing import Any

import pytest
from github import Auth, Github, GithubException
from github.Branch import Branch

from support.sandbox.branch_protection import (
    NO_DEMANDS,
    merge,
    open_pull,
    protect,
    protect_classically,
    push_hotfix,
    push_promotion,
    query,
    requires,
    state,
)
from support.sandbox.fixtures import Sandbox, commit_file, git

NOT_AUTHORIZED = "You're not authorized to push to this branch. Visit https://docs.github.com/"
RULE = """
query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) { ref(qualifiedName: $branch) { refUpdateRule {
    pattern requiredApprovingReviewCount requiredStatusCheckContexts requiresLinearHistory
    requiresCodeOwnerReviews requiresSignatures requiresConversationResolution allowsForcePushes
    allowsDeletions blocksCreations viewerAllowedToDismissReviews viewerCanPush
  } } }
}
"""


def message(answer: Any, status: int) -> str:
    """What a refusal says; nothing where it was none."""
    assert answer.status_code in (status, 200, 204), answer.text
    return "" if answer.ok else str(answer.json()["message"])


def move(sandbox: Sandbox, token: str, sha: str, *, force: bool = False) -> str:
    body = {"sha": sha, "force": force}
    return message(sandbox.request("PATCH", "git/refs/heads/qa", token=token, json=body), 422)


def update_rule(sandbox: Sandbox, token: str, branch: str = "qa") -> Any:
    owner, _, name = sandbox.repository.full_name.partition("/")
    found = query(sandbox, token, RULE, owner=owner, name=name, branch=f"refs/heads/{branch}")
    return found["data"]["repository"]["ref"]["refUpdateRule"]


def status_of(branch: Branch) -> int:
    with pytest.raises(GithubException) as refused:
        branch.get_protection()
    return int(refused.value.status)


def test_pygithub_protects_a_branch_and_takes_it_back(sandbox: Sandbox) -> None:
    auth = Auth.Token(sandbox.user_token)
    with Github(auth=auth, base_url=sandbox.world.addresses.github_api) as client:
        repository = client.get_repo(sandbox.repository.full_name)
        branch = repository.get_branch("qa")
        assert (branch.protected, status_of(branch)) == (False, 404)
        branch.edit_protection(
            strict=True,
            checks=["test", ("scan", sandbox.app().app_id)],
            enforce_admins=True,
            dismiss_stale_reviews=True,
            required_approving_review_count=2,
            users_bypass_pull_request_allowances=["developer", "nobody"],
            user_push_restrictions=["developer"],
            app_push_restrictions=["releaser-bot"],
            required_linear_history=True,
            allow_force_pushes=True,
        )
        found = branch.get_protection()
        assert (found.required_status_checks.strict, found.enforce_admins) == (True, True)
        assert found.required_status_checks.contexts == ["test", "scan"]
        reviews = found.required_pull_request_reviews
        assert (reviews.required_approving_review_count, reviews.dismiss_stale_reviews) == (2, True)
        restrictions = found.raw_data["restrictions"]
        assert [one["login"] for one in restrictions["users"]] == ["developer"]
        assert [one["slug"] for one in restrictions["apps"]] == ["releaser-bot"]
        switches = (found.required_linear_history, found.allow_force_pushes, found.allow_deletions)
        assert switches == (True, True, False)
        assert repository.get_branch("qa").protected
        assert not repository.get_branch("dev").protected
        shown = sandbox.request("GET", "branches/qa", token=sandbox.user_token).json()
        assert shown["protection"] == {
            "enabled": True,
            "required_status_checks": {
                "enforcement_level": "everyone",
                "contexts": ["test", "scan"],
                "checks": [
                    {"context": "test", "app_id": None},
                    {"context": "scan", "app_id": sandbox.app().app_id},
                ],
            },
        }
        branch.remove_protection()
        assert (repository.get_branch("qa").protected, status_of(branch)) == (False, 404)


def test_only_administrators_protect_and_bad_settings_are_refused(
    sandbox: Sandbox, bot: str
) -> None:
    path, user = "branches/qa/protection", sandbox.user_token
    for method in ("GET", "PUT", "DELETE"):
        refused = sandbox.request(method, path, token=bot, json=NO_DEMANDS)
        access = "read" if method == "GET" else "write"
        assert refused.status_code == 403
        wanted = refused.headers["X-Accepted-GitHub-Permissions"]
        assert wanted == f"administration={access}"

    def refusal(**settings: Any) -> str:
        body = {name: value for name, value in {**NO_DEMANDS, **settings}.items() if value != "-"}
        answer = sandbox.request("PUT", path, token=user, json=body)
        assert answer.status_code == 422, answer.text
        return str(answer.json()["message"])

    assert '"restrictions" wasn\'t supplied' in refusal(restrictions="-")
    assert "is not a boolean" in refusal(enforce_admins="yes")
    assert "is not an object" in refusal(restrictions=["x"])
    assert "is no check" in refusal(required_status_checks={"strict": True, "checks": ["a"]})
    many = {"required_approving_review_count": 7}
    assert "no number from 0 to 6" in refusal(required_pull_request_reviews=many)
    sandbox.control("POST", "repository", {"merging": {"squash": False, "rebase": False}})
    assert "linear history needs" in refusal(required_linear_history=True)
    absent = sandbox.request("PUT", "branches/none/protection", token=user, json=NO_DEMANDS)
    assert (absent.status_code, absent.json()["message"]) == (404, "Branch not found")


def test_merges_wait_for_checks_reviews_and_a_linear_history(
    sandbox: Sandbox, checkout: Path, bot: str
) -> None:
    sha = push_promotion(sandbox, checkout)
    open_pull(sandbox, bot)
    protect_classically(
        sandbox,
        required_status_checks={"strict": False, "contexts": ["test"]},
        required_pull_request_reviews={},
        required_linear_history=True,
        restrictions={"users": [], "teams": [], "apps": ["automation-bot"]},
    )

    def refusal(**body: Any) -> str:
        return message(merge(sandbox, bot, **body), 405)

    linear = "This branch must not contain merge commits."
    absent = 'Required status check "test" is expected.'
    review = "At least 1 approving review is required by reviewers with write access."
    assert refusal() == f"{linear} {absent} {review}"
    assert state(sandbox, bot) == "blocked"
    sandbox.control("PUT", f"checks/{sha}/test", {"conclusion": "success"})
    assert refusal(merge_method="squash") == review
    # What rulesets demand comes on top, and is told in their way.
    number = protect(sandbox, requires("lint"))
    assert refusal(merge_method="squash") == (
        "Repository rule violations found\n\n"
        f'Required status check "lint" is expected.\n{review}\n\n'
    )
    sandbox.control("DELETE", f"rulesets/{number}")
    approval = {"event": "APPROVE"}
    sandbox.request("POST", "pulls/1/reviews", token=sandbox.user_token, json=approval)
    assert state(sandbox, bot) == "clean"
    other = sandbox.job({"contents": "write", "pull-requests": "write"})["token"]
    assert message(merge(sandbox, other, merge_method="squash"), 405).startswith(NOT_AUTHORIZED)
    assert refusal() == linear
    assert refusal(merge_method="squash") == ""


def test_a_push_takes_approvals_away_and_strict_checks_want_the_newest_base(
    sandbox: Sandbox, checkout: Path, bot: str
) -> None:
    sha = push_promotion(sandbox, checkout)
    open_pull(sandbox, bot)
    push_hotfix(checkout)
    reviews = {"dismiss_stale_reviews": True}
    checks = {"strict": True, "contexts": ["test"]}
    protect_classically(
        sandbox, required_pull_request_reviews=reviews, required_status_checks=checks
    )
    sandbox.control("PUT", f"checks/{sha}/test", {"conclusion": "success"})
    approval = {"event": "APPROVE"}
    sandbox.request("POST", "pulls/1/reviews", token=sandbox.user_token, json=approval)
    assert state(sandbox, bot) == "behind"
    assert sandbox.request("PUT", "pulls/1/update-branch", token=bot).status_code == 202
    head = sandbox.request("GET", "pulls/1", token=bot).json()["head"]["sha"]
    sandbox.control("PUT", f"checks/{head}/test", {"conclusion": "success"})
    assert message(merge(sandbox, bot), 405) == (
        "At least 1 approving review is required by reviewers with write access."
    )


def test_pushes_and_refs_are_refused_as_github_words_it(
    sandbox: Sandbox, checkout: Path, bot: str
) -> None:
    git("checkout", "-q", "-B", "work", "origin/qa", cwd=checkout)
    old, new = sandbox.branch_sha("qa"), commit_file(checkout, "a.txt", "a\n")
    git("push", "-q", "origin", "work", cwd=checkout)
    assert move(sandbox, bot, new) == ""

    def push(token: str, what: str) -> str:
        url = sandbox.git_url(token)
        lines = git("push", url, what, cwd=checkout, check=False).stderr.splitlines()
        return "\n".join(line.rstrip() for line in lines if line.startswith(("remote:", " !")))

    protect_classically(sandbox)
    assert push(bot, f"+{old}:refs/heads/qa").splitlines() == [
        "remote: error: GH006: Protected branch update failed for refs/heads/qa.",
        "remote:",
        "remote: - Cannot force-push to this branch",
        f" ! [remote rejected] {old} -> qa (protected branch hook declined)",
    ]
    deletion = sandbox.request("DELETE", "git/refs/heads/qa", token=bot)
    assert message(deletion, 422) == "Cannot delete this protected branch"
    # Administrators are bound by these two, and by the others only where that is wanted.
    assert move(sandbox, sandbox.user_token, old, force=True) == "Cannot force-push to this branch"
    protect_classically(sandbox, allow_force_pushes=True, required_pull_request_reviews={})
    assert move(sandbox, bot, old, force=True) == "Changes must be made through a pull request."
    assert move(sandbox, sandbox.user_token, old, force=True) == ""
    protect_classically(sandbox, enforce_admins=True, lock_branch=True)
    assert move(sandbox, sandbox.user_token, new) == "Cannot change this locked branch"
    allowed = {"bypass_pull_request_allowances": {"apps": ["automation-bot"]}}
    protect_classically(sandbox, enforce_admins=True, required_pull_request_reviews=allowed)
    assert move(sandbox, sandbox.user_token, new).startswith("Changes must be made")
    assert move(sandbox, bot, new) == ""
    nobody: dict[str, list[str]] = {"users": [], "teams": []}
    protect_classically(
        sandbox, restrictions=nobody, required_status_checks={"strict": False, "contexts": ["t"]}
    )
    newer = commit_file(checkout, "b.txt", "b\n")
    refused = push(bot, f"{newer}:refs/heads/qa")
    assert '\nremote: - Required status check "t" is expected.\nremote:\n' in refused
    assert f"\nremote: - {NOT_AUTHORIZED}" in refused
    # One ref that a ruleset keeps makes the whole push a ruleset's refusal.
    protect(sandbox, {"type": "update"})
    refused = push(bot, f"{newer}:refs/heads/qa")
    assert "GH013" in refused
    assert "(push declined due to repository rule violations)" in refused


def test_a_check_counts_by_the_app_that_made_it_last(
    sandbox: Sandbox, checkout: Path, bot: str
) -> None:
    sha = push_promotion(sandbox, checkout)
    sandbox.control("PUT", f"checks/{sha}/test", {"conclusion": "success"})
    any_app = {"context": "lint", "app_id": -1}
    checks = {"strict": True, "contexts": ["test", "new"], "checks": [any_app]}
    protect_classically(sandbox, required_status_checks=checks)
    shown = sandbox.request("GET", "branches/qa", token=bot).json()["protection"]
    assert shown["required_status_checks"] == {
        "enforcement_level": "non_admins",
        "contexts": ["test", "new", "lint"],
        "checks": [
            {"context": "test", "app_id": 15368},
            {"context": "new", "app_id": None},
            {"context": "lint", "app_id": None},
        ],
    }


def test_whoever_reads_learns_it_by_graphql(sandbox: Sandbox, bot: str) -> None:
    reader = sandbox.job({"contents": "read"})["token"]
    assert update_rule(sandbox, reader) is None
    protect(sandbox, {"type": "required_linear_history"})
    assert update_rule(sandbox, reader) is None, "rulesets are read elsewhere"
    protect_classically(
        sandbox,
        required_status_checks={"strict": False, "contexts": ["test"]},
        required_pull_request_reviews={"required_approving_review_count": 0},
        restrictions={"users": [], "teams": [], "apps": ["automation-bot"]},
        required_linear_history=True,
    )
    assert update_rule(sandbox, reader) == {
        "pattern": "qa",
        "requiredApprovingReviewCount": 0,
        "requiredStatusCheckContexts": ["test"],
        "requiresLinearHistory": True,
        "requiresCodeOwnerReviews": False,
        "requiresSignatures": False,
        "requiresConversationResolution": False,
        "allowsForcePushes": False,
        "allowsDeletions": False,
        "blocksCreations": False,
        "viewerAllowedToDismissReviews": True,
        "viewerCanPush": False,
    }
    assert update_rule(sandbox, bot)["viewerCanPush"]
    assert update_rule(sandbox, bot, "dev") is None
    listed = sandbox.request("GET", "rules/branches/qa", token=reader).json()
    assert [one["type"] for one in listed] == ["required_linear_history"]
