"""Merges that are armed by GraphQL and happen by themselves; merge queues."""

from pathlib import Path
from typing import Any

import pytest
from github import Auth, Github, GithubException

from support.sandbox.branch_protection import (
    HEAD,
    merge,
    open_pull,
    protect,
    push_hotfix,
    push_promotion,
    query,
    requires,
    reviewed,
)
from support.sandbox.fixtures import Sandbox

_ENABLE = """mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) {
    actor { login } pullRequest {
      state isInMergeQueue autoMergeRequest { mergeMethod enabledBy { login } } } } }"""
_ENQUEUE = """mutation($input: EnqueuePullRequestInput!) {
  enqueuePullRequest(input: $input) { mergeQueueEntry { position state } } }"""
_DEQUEUE = """mutation($input: DequeuePullRequestInput!) {
  dequeuePullRequest(input: $input) { mergeQueueEntry { pullRequest { number } } } }"""
_QUEUE = {"type": "merge_queue", "parameters": {"merge_method": "SQUASH"}}


@pytest.fixture
def pull(sandbox: Sandbox, checkout: Path, bot: str) -> dict[str, Any]:
    """The open pull request 1; armed merges are allowed."""
    sandbox.control("POST", "repository", {"merging": {"auto_merge": True}})
    push_promotion(sandbox, checkout)
    return open_pull(sandbox, bot)


def enable(sandbox: Sandbox, token: str, pull: dict[str, Any], **more: Any) -> dict[str, Any]:
    return query(sandbox, token, _ENABLE, input={"pullRequestId": pull["node_id"], **more})


def refusal(answer: dict[str, Any]) -> tuple[str, str]:
    (error,) = answer["errors"]
    assert answer["data"] == {error["path"][0]: None}
    return error["type"], error["message"]


def test_an_armed_merge_happens_once_the_check_succeeds(
    sandbox: Sandbox, bot: str, pull: dict[str, Any]
) -> None:
    protect(sandbox, requires("test"), reviewed(1))
    head = pull["head"]["sha"]
    given = {"mergeMethod": "SQUASH", "expectedHeadOid": head, "commitHeadline": "T"}
    armed = enable(sandbox, bot, pull, **given, commitBody="Promoted-From: x")
    shown = armed["data"]["enablePullRequestAutoMerge"]["pullRequest"]
    by = {"login": "automation-bot[bot]"}
    assert shown["autoMergeRequest"] == {"mergeMethod": "SQUASH", "enabledBy": by}
    logged = sandbox.control("GET", "requests")[-1]
    assert (logged["path"], logged["changed"]) == ("/api/graphql", True)
    assert logged["principal"] == "app:automation-bot"
    query(sandbox, bot, "{ viewer { login } }")
    assert sandbox.control("GET", "requests")[-1]["changed"] is False
    rest = sandbox.request("GET", "pulls/1", token=bot).json()["auto_merge"]
    assert (rest["merge_method"], rest["commit_title"]) == ("squash", "T")
    sandbox.control("PUT", f"checks/{head}/test", {"conclusion": "success"})
    assert not sandbox.request("GET", "pulls/1", token=bot).json()["merged"]
    approval = {"event": "APPROVE"}
    sandbox.request("POST", "pulls/1/reviews", token=sandbox.user_token, json=approval)
    merged = sandbox.request("GET", "pulls/1", token=bot).json()
    assert (merged["merged"], merged["auto_merge"]) == (True, None)
    assert merged["merged_by"]["login"] == by["login"]
    message = sandbox.repository.git.git("log", "-1", "--format=%B", "qa")
    assert message == "T\n\nPromoted-From: x"
    pushed = [one for one in sandbox.events() if one["ref"] == "refs/heads/qa"]
    assert [one["starts_workflows"] for one in pushed if one["name"] == "push"] == [True]


def test_what_a_job_armed_starts_no_workflow(
    sandbox: Sandbox, bot: str, pull: dict[str, Any]
) -> None:
    protect(sandbox, requires("test"))
    job = sandbox.job({"contents": "write", "pull-requests": "write"})["token"]
    assert "errors" not in enable(sandbox, job, pull)
    sandbox.control("PUT", f"checks/{pull['head']['sha']}/test", {"conclusion": "success"})
    assert sandbox.request("GET", "pulls/1", token=bot).json()["merged"]
    assert [one["starts_workflows"] for one in sandbox.events()[-2:]] == [False, False]


def test_pygithub_arms_and_disarms(sandbox: Sandbox, bot: str, pull: dict[str, Any]) -> None:
    with Github(auth=Auth.Token(bot), base_url=sandbox.world.addresses.github_api) as client:
        found = client.get_repo(sandbox.repository.full_name).get_pull(1)
        with pytest.raises(GithubException) as refused:
            found.enable_automerge("SQUASH", expected_head_oid=pull["head"]["sha"])
        assert "Protected branch rules not configured" in str(refused.value)
        protect(sandbox, requires("test"))
        done = found.enable_automerge("SQUASH", expected_head_oid=pull["head"]["sha"])
        assert done["actor"]["login"] == "automation-bot[bot]"
        found.update()
        assert found.raw_data["auto_merge"]["merge_method"] == "squash"
        found.disable_automerge()
        found.update()
        assert found.raw_data["auto_merge"] is None
        found.enable_automerge("SQUASH")
        found.edit(state="closed")
        assert found.raw_data["auto_merge"] is None
        found.edit(state="open")
        found.convert_to_draft()
        assert found.draft
        found.mark_ready_for_review()
        assert not found.draft


def test_refusals(sandbox: Sandbox, bot: str, pull: dict[str, Any]) -> None:
    def because(token: str = bot, **more: Any) -> tuple[str, str]:
        return refusal(enable(sandbox, token, pull, **more))

    wrong = "UNPROCESSABLE"
    number = protect(sandbox, {"type": "non_fast_forward"})
    assert because() == (wrong, "Pull request Pull request is in clean status")
    sha = pull["head"]["sha"]
    sandbox.control("PUT", f"checks/{sha}/other", {})
    assert because() == (wrong, "Pull request Pull request is in unstable status")
    sandbox.control("DELETE", f"rulesets/{number}")
    protect(sandbox, requires("test"))
    assert because(expectedHeadOid="1" * 40) == (
        wrong,
        "Pull request Head sha didn't match expected head sha",
    )
    sandbox.control("POST", "repository", {"merging": {"squash": False}})
    assert because(mergeMethod="SQUASH") == (
        wrong,
        "Pull request Merge method squash merging is not allowed on this repository",
    )
    sandbox.control("POST", "repository", {"merging": {"auto_merge": False}})
    assert because() == (wrong, "Pull request Auto merge is not allowed for this repository")
    for granted in ({"contents": "read", "pull-requests": "write"}, {"contents": "write"}):
        token = sandbox.job(granted)["token"]
        assert because(token) == ("FORBIDDEN", "Resource not accessible by integration")
    pull["node_id"] = "nothing"
    assert because()[0] == "NOT_FOUND"
    text = 'mutation { enqueuePullRequest(input: {pullRequestId: "x", mergeMethod: SQUASH}) { x } }'
    answer = query(sandbox, bot, text)
    assert "data" not in answer
    assert "mergeMethod" in answer["errors"][0]["message"]


def test_a_queue_tests_each_pull_request_on_top_of_the_base(
    sandbox: Sandbox, bot: str, pull: dict[str, Any], checkout: Path
) -> None:
    protect(sandbox, _QUEUE, requires("test"))
    push_promotion(sandbox, checkout, file="b", name="second")
    second = open_pull(sandbox, bot, head="second")
    for one in (pull, second):
        sandbox.control("PUT", f"checks/{one['head']['sha']}/test", {"conclusion": "success"})
    refused = merge(sandbox, bot)
    assert (refused.status_code, refused.json()["message"].split("\n")[2]) == (
        405,
        "Changes must be made through the merge queue",
    )
    entered = {"pullRequestId": second["node_id"], "expectedHeadOid": second["head"]["sha"]}
    armed = enable(sandbox, bot, pull)["data"]["enablePullRequestAutoMerge"]["pullRequest"]
    assert armed == {"state": "OPEN", "isInMergeQueue": True, "autoMergeRequest": None}
    entry = query(sandbox, bot, _ENQUEUE, input=entered)["data"]["enqueuePullRequest"]
    assert entry["mergeQueueEntry"] == {"position": 2, "state": "QUEUED"}
    for number in (1, 2):
        (group,) = [
            one
            for one in sandbox.events()
            if one["name"] == "merge_group" and f"/pr-{number}-" in one["ref"]
        ]
        assert group["starts_workflows"]
        assert group["payload"]["merge_group"]["base_sha"] == sandbox.branch_sha("qa")
        sandbox.control("PUT", f"checks/{group['sha']}/test", {"conclusion": "success"})
        assert sandbox.branch_sha("qa") == group["sha"]
        shown = sandbox.request("GET", f"pulls/{number}", token=bot).json()
        assert (shown["merged"], shown["merge_commit_sha"]) == (True, group["sha"])
    listed = sandbox.repository.git.git("log", "--format=%s", "-2", "qa").splitlines()
    assert listed == ["Add b (#2)", "Add a (#1)"]
    assert not list(sandbox.repository.git.refs("refs/heads/gh-readonly-queue/"))


def test_what_leaves_the_queue(
    sandbox: Sandbox, bot: str, pull: dict[str, Any], checkout: Path
) -> None:
    wanted = {"pullRequestId": pull["node_id"]}
    assert refusal(query(sandbox, bot, _ENQUEUE, input=wanted))[0] == "UNPROCESSABLE"
    number = protect(sandbox, _QUEUE, requires("test"))
    assert enable(sandbox, bot, pull)["data"]["enablePullRequestAutoMerge"]
    assert sandbox.repository.queue == []
    sandbox.control("PUT", f"checks/{pull['head']['sha']}/test", {"conclusion": "success"})
    (entry,) = sandbox.repository.queue
    sandbox.control("PUT", f"checks/{entry.group_sha}/test", {"conclusion": "failure"})
    assert sandbox.events()[-1]["payload"]["action"] == "dequeued"
    assert sandbox.repository.queue == []
    query(sandbox, bot, _ENQUEUE, input=wanted)
    done = query(sandbox, bot, _DEQUEUE, input={"id": pull["node_id"]})
    assert done["data"]["dequeuePullRequest"]["mergeQueueEntry"]["pullRequest"]["number"] == 1
    query(sandbox, bot, _ENQUEUE, input=wanted)
    head = push_promotion(sandbox, checkout, file="b")
    assert sandbox.repository.queue == []
    sandbox.control("PUT", f"checks/{head}/test", {"conclusion": "success"})
    query(sandbox, bot, _ENQUEUE, input=wanted)
    assert len(sandbox.repository.queue) == 1
    other = push_promotion(sandbox, checkout, file="c", name="other")
    sandbox.control("PUT", f"checks/{other}/test", {"conclusion": "success"})
    moved = {"sha": other, "force": True}
    sandbox.request("PATCH", f"git/refs/heads/{HEAD}", token=bot, json=moved)
    assert sandbox.repository.queue == []
    query(sandbox, bot, _ENQUEUE, input=wanted)
    sandbox.control("DELETE", f"rulesets/{number}")
    assert sandbox.repository.queue == []
    hotfix = push_hotfix(checkout)
    protect(sandbox, _QUEUE)
    query(sandbox, bot, _ENQUEUE, input=wanted)
    assert sandbox.request("GET", "pulls/1", token=bot).json()["merged"]
    assert sandbox.repository.git.is_ancestor(hotfix, "qa")


def test_queries(sandbox: Sandbox, bot: str, pull: dict[str, Any]) -> None:
    merged = merge(sandbox, bot, merge_method="squash").json()["sha"]
    fields = """... on Commit { oid associatedPullRequests(first: 5) { totalCount nodes {
      number merged mergedAt baseRefName headRefName headRefOid title body mergeCommit { oid }
    } } }"""
    text = f"""query($name: String!) {{ repository(owner: "eigenoid", name: $name) {{
      nameWithOwner defaultBranchRef {{ name }} mergeQueue(branch: "qa") {{ id }}
      a: object(oid: "{merged}") {{ {fields} }} b: object(expression: "dev") {{ {fields} }}
      pullRequest(number: 1) {{ id state mergeable reviewDecision }} }} }}"""
    found = query(sandbox, bot, text, name=sandbox.repository.name)["data"]["repository"]
    (brought,) = found["a"]["associatedPullRequests"]["nodes"]
    assert brought["mergeCommit"] == {"oid": merged}
    assert (brought["headRefName"], brought["headRefOid"]) == (HEAD, pull["head"]["sha"])
    assert found["b"]["associatedPullRequests"]["totalCount"] == 0
    assert found["pullRequest"] == {
        "id": pull["node_id"],
        "state": "MERGED",
        "mergeable": "UNKNOWN",
        "reviewDecision": None,
    }
    reader = sandbox.job({"contents": "read"})["token"]
    partly = query(sandbox, reader, text, name=sandbox.repository.name)
    kinds = {(tuple(one["path"]), one["type"]) for one in partly["errors"]}
    assert kinds == {
        (("repository", "a", "associatedPullRequests"), "FORBIDDEN"),
        (("repository", "b", "associatedPullRequests"), "FORBIDDEN"),
        (("repository", "pullRequest"), "FORBIDDEN"),
    }
    assert partly["data"]["repository"]["a"]["oid"] == merged
    loose = text.replace("first: 5", "first: 101")
    asked = query(sandbox, bot, loose, name=sandbox.repository.name)
    assert {one["type"] for one in asked["errors"]} == {"EXCESSIVE_PAGINATION"}
