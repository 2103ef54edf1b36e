"""A job waits for its environment's reviewers, and gets nothing before one of them approved."""

from dataclasses import dataclass
from typing import Any

import pytest
from github import Auth, Github

from support.sandbox.fixtures import Sandbox

RUN = 77
PATH = f"actions/runs/{RUN}"


@dataclass
class Waiting:
    """A sandbox with a run of the developer's whose job waits for `deploy`."""

    sandbox: Sandbox
    reviewer: dict[str, Any]
    environment_id: int
    job: int

    def review(self, token: str, state: str = "approved", **body: Any) -> Any:
        asked = {"environment_ids": [self.environment_id], "state": state, "comment": "", **body}
        return self.sandbox.request("POST", f"{PATH}/pending_deployments", token=token, json=asked)

    def look(self) -> Any:
        return self.sandbox.control("GET", f"runs/{RUN}/jobs/{self.job}")

    def status(self) -> str:
        run = self.sandbox.request("GET", PATH, token=self.sandbox.user_token).json()
        return str(run["status"])


def protect(sandbox: Sandbox, reviewer: dict[str, Any], **body: Any) -> int:
    reviewers = [{"type": "User", "id": reviewer["id"]}]
    made = sandbox.request(
        "PUT",
        "environments/deploy",
        token=sandbox.user_token,
        json={"reviewers": reviewers, **body},
    )
    assert made.status_code == 200
    return int(made.json()["id"])


def begin(sandbox: Sandbox, actor: str = "developer") -> None:
    run = {"path": ".github/workflows/w.yml", "event": "push", "ref": "refs/tags/v1.0.0"}
    sandbox.control("PUT", f"runs/{RUN}", {**run, "sha": "1" * 40, "actor": actor})


def arrive(sandbox: Sandbox, environment: str = "deploy") -> Any:
    body = {"job": "publish", "environment": environment}
    return sandbox.control("POST", f"runs/{RUN}/jobs", body)


@pytest.fixture
def waiting(sandbox: Sandbox) -> Waiting:
    reviewer = sandbox.control("POST", "users", {"login": "reviewer", "name": "Rev Iewer"})
    environment_id = protect(sandbox, reviewer)
    begin(sandbox)
    return Waiting(sandbox, reviewer, environment_id, arrive(sandbox)["number"])


def test_a_run_waits_and_says_for_whom(waiting: Waiting) -> None:
    assert waiting.status() == "waiting"
    token = waiting.reviewer["token"]
    (pending,) = waiting.sandbox.request("GET", f"{PATH}/pending_deployments", token=token).json()
    assert pending["environment"]["id"] == waiting.environment_id
    assert pending["environment"]["name"] == "deploy"
    assert pending["current_user_can_approve"] is True
    assert [one["reviewer"]["login"] for one in pending["reviewers"]] == ["reviewer"]
    listed = waiting.sandbox.request(
        "GET", "actions/runs?status=waiting", token=waiting.sandbox.user_token
    ).json()
    assert [one["id"] for one in listed["workflow_runs"]] == [RUN]
    shown = waiting.sandbox.request("GET", "environments/deploy", token=token).json()
    assert [rule["type"] for rule in shown["protection_rules"]] == ["required_reviewers"]


def test_an_approval_lets_the_job_in_and_its_credentials_are_handed_out_once(
    waiting: Waiting,
) -> None:
    path = f"runs/{RUN}/jobs/{waiting.job}/credentials"
    early = waiting.sandbox.ask_control("PUT", path, {"NAME": "value"})
    assert early.status_code == 409
    answer = waiting.review(waiting.reviewer["token"], comment="go")
    assert answer.status_code == 200
    assert [one["environment"] for one in answer.json()] == ["deploy"]
    assert waiting.status() == "in_progress"
    waiting.sandbox.control("PUT", path, {"NAME": "value"})
    looks = [waiting.look() for _ in range(2)]
    assert [look["credentials"] for look in looks] == [{"NAME": "value"}, None]
    token = waiting.sandbox.user_token
    (review,) = waiting.sandbox.request("GET", f"{PATH}/approvals", token=token).json()
    assert (review["user"]["login"], review["state"], review["comment"]) == (
        "reviewer",
        "approved",
        "go",
    )


def test_a_rejection_ends_the_job(waiting: Waiting) -> None:
    assert waiting.review(waiting.reviewer["token"], "rejected").status_code == 200
    look = waiting.look()
    assert look["state"] == "rejected"
    assert "rejected" in look["reason"]
    assert look["credentials"] is None
    again = waiting.review(waiting.reviewer["token"])
    assert again.status_code == 422


def test_nobody_else_can_approve(waiting: Waiting) -> None:
    sandbox = waiting.sandbox
    job = sandbox.job({"deployments": "write", "actions": "write"})["token"]
    refused = [
        waiting.review(sandbox.user_token),
        waiting.review(sandbox.installation_token()),
        waiting.review(job),
    ]
    assert [answer.status_code for answer in refused] == [422, 403, 403]
    assert waiting.status() == "waiting"
    (pending,) = sandbox.request(
        "GET", f"{PATH}/pending_deployments", token=sandbox.user_token
    ).json()
    assert pending["current_user_can_approve"] is False


@pytest.mark.parametrize(("prevented", "status"), [(True, 422), (False, 200)])
def test_self_review_can_be_prevented(sandbox: Sandbox, *, prevented: bool, status: int) -> None:
    reviewer = sandbox.control("POST", "users", {"login": "reviewer"})
    environment_id = protect(sandbox, reviewer, prevent_self_review=prevented)
    begin(sandbox, actor="reviewer")
    waiting = Waiting(sandbox, reviewer, environment_id, arrive(sandbox)["number"])
    assert waiting.review(reviewer["token"]).status_code == status


@pytest.mark.parametrize(
    "body",
    [{"environment_ids": [1]}, {"environment_ids": []}, {"state": "maybe"}],
    ids=["other-environment", "no-environment", "no-decision"],
)
def test_a_review_of_nothing_is_refused(waiting: Waiting, body: dict[str, Any]) -> None:
    answer = waiting.review(waiting.reviewer["token"], **{"state": "approved", **body})
    assert answer.status_code == 422
    assert waiting.status() == "waiting"


def test_a_ref_that_the_environment_does_not_take_is_turned_away(waiting: Waiting) -> None:
    sandbox = waiting.sandbox
    custom = {"protected_branches": False, "custom_branch_policies": True}
    protect(sandbox, waiting.reviewer, deployment_branch_policy=custom)
    token = sandbox.user_token
    url = "environments/deploy/deployment-branch-policies"
    sandbox.request("POST", url, token=token, json={"name": "main", "type": "branch"})
    turned_away = arrive(sandbox)
    assert turned_away["state"] == "rejected"
    assert 'Tag "v1.0.0" is not allowed to deploy to deploy' in turned_away["reason"]
    sandbox.request("POST", url, token=token, json={"name": "v*", "type": "tag"})
    assert arrive(sandbox)["state"] == "waiting"


def test_an_environment_without_rules_lets_everybody_in(waiting: Waiting) -> None:
    assert arrive(waiting.sandbox, "dev")["state"] == "approved"
    assert arrive(waiting.sandbox, "never-seen")["state"] == "approved"


def test_reviewers_are_people_of_this_github(sandbox: Sandbox) -> None:
    for reviewers in ([{"type": "Team", "id": 1}], [{"type": "User", "id": 1}]):
        answer = sandbox.request(
            "PUT", "environments/deploy", token=sandbox.user_token, json={"reviewers": reviewers}
        )
        assert answer.status_code == 422


def test_pygithub_reads_the_run(waiting: Waiting) -> None:
    auth = Auth.Token(waiting.reviewer["token"])
    base = waiting.sandbox.world.addresses.github_api
    with Github(auth=auth, base_url=base) as client:
        repository = client.get_repo(waiting.sandbox.repository.full_name)
        assert repository.get_workflow_run(RUN).status == "waiting"
        rules = repository.get_environment("deploy").protection_rules
        assert [rule.type for rule in rules] == ["required_reviewers"]
