"""Pull requests: opened, found, changed and merged as GitHub does it."""

from pathlib import Path
from typing import Any

import pytest
from github import Auth, Github, GithubException

from support.sandbox.fixtures import Sandbox, commit_file, git


@pytest.fixture
def promotion(sandbox: Sandbox, checkout: Path) -> str:
    """Name of a branch with two commits that qa lacks."""
    commit_file(checkout, "a.txt", "a\n", "Add a\n\nWith a reason.")
    commit_file(checkout, "b.txt", "b\n", "Add b")
    name = "promote/v0.5.0-to-qa"
    git("push", "-q", "origin", f"HEAD:refs/heads/{name}", cwd=checkout)
    return name


def test_pull_request_is_opened_by_the_bot_and_is_an_event(
    sandbox: Sandbox, bot: str, promotion: str
) -> None:
    pull = _open(sandbox, bot, promotion)
    assert (pull["number"], pull["state"], pull["mergeable"]) == (1, "open", None)
    assert pull["user"]["login"] == "automation-bot[bot]"
    assert (pull["commits"], pull["additions"], pull["changed_files"]) == (2, 2, 2)
    event = sandbox.events()[-1]
    assert (event["name"], event["payload"]["action"]) == ("pull_request", "opened")
    assert event["payload"]["pull_request"]["head"]["ref"] == promotion


def test_mergeability_is_known_from_the_second_look_on(
    sandbox: Sandbox, bot: str, promotion: str
) -> None:
    _open(sandbox, bot, promotion)
    looks = [sandbox.request("GET", "pulls/1", token=bot).json() for _ in range(2)]
    assert [(one["mergeable"], one["mergeable_state"]) for one in looks] == [
        (None, "unknown"),
        (True, "clean"),
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({}, {"message": "A pull request already exists for eigenoid:{0}."}, id="2nd"),
        pytest.param({"head": "main"}, {"message": "No commits between qa and main"}, id="equal"),
        pytest.param({"head": "gone"}, {"field": "head", "code": "invalid"}, id="no-head"),
        pytest.param({"base": "gone"}, {"field": "base", "code": "invalid"}, id="no-base"),
    ],
)
def test_refusals_name_what_is_wrong(
    *, sandbox: Sandbox, bot: str, promotion: str, body: dict[str, str], error: dict[str, str]
) -> None:
    _open(sandbox, bot, promotion)
    sent = {"title": "x", "head": promotion, "base": "qa", **body}
    answer = sandbox.request("POST", "pulls", token=bot, json=sent)
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    expected = {name: text.format(promotion) for name, text in error.items()}
    assert expected.items() <= answer.json()["errors"][0].items()


def test_job_may_open_none_unless_the_setting_says_so(sandbox: Sandbox, promotion: str) -> None:
    token = sandbox.job({"contents": "read", "pull-requests": "write"})["token"]
    body = {"title": "x", "head": promotion, "base": "qa"}
    refused = sandbox.request("POST", "pulls", token=token, json=body)
    assert refused.status_code == 403
    assert "not permitted to create or approve pull requests" in refused.json()["message"]
    sandbox.control("POST", "repository", {"actions_may_open_pulls": True})
    assert sandbox.request("POST", "pulls", token=token, json=body).status_code == 201
    assert sandbox.events()[-1]["starts_workflows"] is False


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("head=eigenoid:promote/v0.5.0-to-qa", 1),
        ("head=eigenoid:other", 0),
        ("head=other", 1),
        ("base=qa", 1),
        ("base=main", 0),
        ("state=closed", 0),
        ("state=all", 1),
    ],
)
def test_list_filters_as_github_does(
    *, sandbox: Sandbox, bot: str, promotion: str, query: str, count: int
) -> None:
    _open(sandbox, bot, promotion)
    assert len(sandbox.request("GET", f"pulls?{query}", token=bot).json()) == count


@pytest.mark.parametrize(
    ("method", "parents", "subject", "commits"),
    [
        ("merge", 2, "Merge pull request #1 from eigenoid/promote/v0.5.0-to-qa", 3),
        ("squash", 1, "chore: promote (#1)", 1),
        ("rebase", 1, "Add b", 2),
    ],
)
def test_three_ways_to_merge(
    *,
    sandbox: Sandbox,
    bot: str,
    promotion: str,
    method: str,
    parents: int,
    subject: str,
    commits: int,
) -> None:
    pull, before = _open(sandbox, bot, promotion), sandbox.branch_sha("qa")
    body = {"merge_method": method, "sha": pull["head"]["sha"]}
    merged = sandbox.request("PUT", "pulls/1/merge", token=bot, json=body)
    assert merged.status_code == 200
    tip = sandbox.branch_sha("qa")
    assert merged.json()["sha"] == tip
    shown = sandbox.request("GET", f"commits/{tip}", token=bot).json()
    assert len(shown["parents"]) == parents
    assert shown["commit"]["message"].splitlines()[0] == subject
    git_repository = sandbox.repository.git
    assert git_repository.git("rev-list", "--count", f"{before}..qa") == str(commits)
    assert git_repository.git("rev-parse", "qa^{tree}") == git_repository.git(
        "rev-parse", f"{promotion}^{{tree}}"
    )
    after = sandbox.request("GET", "pulls/1", token=bot).json()
    assert (after["merged"], after["state"], after["merge_commit_sha"]) == (True, "closed", tip)
    assert after["merged_by"]["login"] == "automation-bot[bot]"
    named = [(one["name"], one["payload"].get("action")) for one in sandbox.events()[-2:]]
    assert named == [("push", None), ("pull_request", "closed")]


def test_default_commit_of_a_squash_with_one_commit(
    sandbox: Sandbox, bot: str, checkout: Path
) -> None:
    commit_file(checkout, "a.txt", "a\n", "Add a\n\nWith a reason.")
    git("push", "-q", "origin", "HEAD:refs/heads/one", cwd=checkout)
    _open(sandbox, bot, "one")
    sandbox.request("PUT", "pulls/1/merge", token=bot, json={"merge_method": "squash"})
    message = sandbox.repository.git.git("log", "-1", "--format=%B", "qa")
    assert message == "Add a (#1)\n\nWith a reason."


def test_given_commit_title_and_message_are_used(
    sandbox: Sandbox, bot: str, promotion: str
) -> None:
    _open(sandbox, bot, promotion)
    body = {"merge_method": "squash", "commit_title": "T", "commit_message": "Promoted-From: x"}
    sandbox.request("PUT", "pulls/1/merge", token=bot, json=body)
    message = sandbox.repository.git.git("log", "-1", "--format=%B", "qa")
    assert message == "T\n\nPromoted-From: x"


def test_merge_is_refused_when_the_head_moved(sandbox: Sandbox, bot: str, promotion: str) -> None:
    _open(sandbox, bot, promotion)
    answer = sandbox.request("PUT", "pulls/1/merge", token=bot, json={"sha": "0" * 40})
    assert answer.status_code == 409
    assert answer.json()["message"].startswith("Head branch was modified")


def test_conflict_is_refused_and_shown(sandbox: Sandbox, bot: str, checkout: Path) -> None:
    base = git("rev-parse", "HEAD", cwd=checkout).stdout.strip()
    for branch in ("qa", "work"):
        git("checkout", "-q", "-B", branch, base, cwd=checkout)
        commit_file(checkout, "README.md", f"{branch}\n")
        git("push", "-q", "origin", branch, cwd=checkout)
    _open(sandbox, bot, "work")
    sandbox.request("GET", "pulls/1", token=bot)
    shown = sandbox.request("GET", "pulls/1", token=bot).json()
    assert (shown["mergeable"], shown["mergeable_state"]) == (False, "dirty")
    for method in ("merge", "squash", "rebase"):
        answer = sandbox.request("PUT", "pulls/1/merge", token=bot, json={"merge_method": method})
        assert (answer.status_code, answer.json()["message"]) == (
            405,
            "Pull Request is not mergeable",
        )
    merged = sandbox.request("POST", "merges", token=bot, json={"base": "qa", "head": "work"})
    assert merged.status_code == 409


def test_merge_methods_that_the_settings_forbid(sandbox: Sandbox, bot: str, promotion: str) -> None:
    _open(sandbox, bot, promotion)
    sandbox.control("POST", "repository", {"merging": {"merge": False}})
    answer = sandbox.request("PUT", "pulls/1/merge", token=bot, json={})
    assert answer.status_code == 405
    assert answer.json()["message"] == "Merge commits are not allowed on this repository."
    rule = {"name": "linear", "rules": [{"type": "required_linear_history"}]}
    sandbox.control("POST", "repository", {"merging": {"merge": True}})
    sandbox.control("POST", "rulesets", rule)
    answer = sandbox.request("PUT", "pulls/1/merge", token=bot, json={})
    assert answer.status_code == 405
    assert "must not contain merge commits" in answer.json()["message"]
    body = {"merge_method": "squash"}
    assert sandbox.request("PUT", "pulls/1/merge", token=bot, json=body).status_code == 200


def test_branch_that_needs_a_pull_request_takes_a_merge_and_no_push(
    sandbox: Sandbox, bot: str, promotion: str, checkout: Path
) -> None:
    rule = {
        "name": "reviewed",
        "conditions": {"ref_name": {"include": ["refs/heads/qa"], "exclude": []}},
        "rules": [{"type": "pull_request"}],
    }
    sandbox.control("POST", "rulesets", rule)
    refused = git("push", "origin", "HEAD:qa", cwd=checkout, check=False)
    assert "Changes must be made through a pull request." in refused.stderr
    listed = sandbox.request("GET", "rules/branches/qa", token=bot).json()
    assert [one["type"] for one in listed] == ["pull_request"]
    assert sandbox.request("GET", "rules/branches/dev", token=bot).json() == []
    _open(sandbox, bot, promotion)
    assert sandbox.request("PUT", "pulls/1/merge", token=bot, json={}).status_code == 200


def test_pull_request_follows_its_branch_and_closes_with_it(
    sandbox: Sandbox, bot: str, promotion: str, checkout: Path
) -> None:
    _open(sandbox, bot, promotion)
    sha = commit_file(checkout, "c.txt", "c\n")
    git("push", "-q", "origin", f"HEAD:refs/heads/{promotion}", cwd=checkout)
    assert sandbox.events()[-1]["payload"]["action"] == "synchronize"
    shown = sandbox.request("GET", "pulls/1", token=bot).json()
    assert shown["head"]["sha"] == sha
    git("push", "-q", "origin", "--delete", promotion, cwd=checkout)
    assert sandbox.request("GET", "pulls/1", token=bot).json()["state"] == "closed"


def test_pygithub_changes_labels_comments_and_closes(
    sandbox: Sandbox, bot: str, promotion: str
) -> None:
    with Github(auth=Auth.Token(bot), base_url=sandbox.world.addresses.github_api) as client:
        repository = client.get_repo(sandbox.repository.full_name)
        pull = repository.create_pull(base="qa", head=promotion, title="T", body="B", draft=True)
        pull.edit(title="T2", body="B2")
        pull.add_to_labels("promotion", "qa")
        pull.create_issue_comment("hello")
        pull.create_review_request(reviewers=["developer"])
        with pytest.raises(GithubException) as refused:
            pull.merge()
        assert refused.value.status == 405
        found = list(repository.get_pulls(head=f"eigenoid:{promotion}", base="qa"))
        assert [one.title for one in found] == ["T2"]
        assert [one.name for one in found[0].labels] == ["promotion", "qa"]
        assert [one.body for one in pull.get_issue_comments()] == ["hello"]
        assert [one.commit.message.split()[1] for one in pull.get_commits()] == ["a", "b"]
        pull.edit(state="closed")
        assert not pull.is_merged()
        assert repository.get_pull(1).state == "closed"
        pull.edit(state="open")
        assert repository.get_pull(1).state == "open"


def test_branch_is_brought_up_to_date(
    sandbox: Sandbox, bot: str, promotion: str, checkout: Path
) -> None:
    pull = _open(sandbox, bot, promotion)
    git("checkout", "-q", "-B", "qa", "origin/qa", cwd=checkout)
    commit_file(checkout, "hotfix.txt", "h\n")
    git("push", "-q", "origin", "qa", cwd=checkout)
    stale = {"expected_head_sha": "0" * 40}
    url = "pulls/1/update-branch"
    assert sandbox.request("PUT", url, token=bot, json=stale).status_code == 422
    body = {"expected_head_sha": pull["head"]["sha"]}
    assert sandbox.request("PUT", url, token=bot, json=body).status_code == 202
    tip = sandbox.branch_sha(promotion)
    assert sandbox.repository.git.is_ancestor(sandbox.branch_sha("qa"), tip)


def test_branches_are_merged_without_a_pull_request(
    sandbox: Sandbox, bot: str, promotion: str
) -> None:
    body = {"base": "qa", "head": promotion}
    assert sandbox.request("POST", "merges", token=bot, json=body).status_code == 201
    assert sandbox.request("POST", "merges", token=bot, json=body).status_code == 204
    gone = sandbox.request("POST", "merges", token=bot, json={"base": "no", "head": promotion})
    assert (gone.status_code, gone.json()["message"]) == (404, "Base does not exist")


def _open(sandbox: Sandbox, token: str, head: str) -> dict[str, Any]:
    body = {"title": "chore: promote", "body": "text", "head": head, "base": "qa"}
    answer = sandbox.request("POST", "pulls", token=token, json=body)
    assert answer.status_code == 201, answer.text
    pull: dict[str, Any] = answer.json()
    return pull
