"""What auto-tag says when GitHub refuses: the edge-case table, row by row."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageResult, StageRunner, app_inputs

READ = "GET git/matching-refs/tags/v1.0.0-dev"
INSTALLATION = "GET installation"
MINT = "POST app/installations/ID/access_tokens"
REVOKE = "DELETE installation/token"


@dataclass
class Refused:
    """Runs auto-tag against a GitHub that refuses something."""

    package: ProjectCheckout
    sandbox: Sandbox
    run_stage: StageRunner

    def answer(self, method: str, path: str, status: int, message: str, **more: Any) -> None:
        """Let one request be refused with a message of GitHub's."""
        body = json.dumps({"message": message, "documentation_url": "", "status": str(status)})
        fault = {"method": method, "path": path, "status": status, "body": body, **more}
        self.sandbox.control("POST", "faults", fault)

    def run(self, inputs: dict[str, str] | None = None, **options: Any) -> StageResult:
        """Run auto-tag; what it says is one error."""
        inputs = app_inputs(self.sandbox) if inputs is None else inputs
        result = self.run_stage("auto-tag", inputs, workspace=self.package.folder, **options)
        assert result.annotation.level == "error"
        assert "Why: " in result.annotation.message
        assert "Fix: " in result.annotation.message
        assert self.sandbox.repository.git.tag("v1.0.0-dev") is None
        return result


@pytest.fixture
def refusing_github(package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner) -> Refused:
    return Refused(package, sandbox, run_stage)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (422, "Repository rule violations found\n\nCannot create ref due to creations being"),
        (403, "GH013: Repository rule violations found for refs/tags/v1.0.0-dev."),
    ],
)
def test_ruleset_forbids_it(refusing_github: Refused, status: int, message: str) -> None:
    refusing_github.answer("POST", "/git/refs", status, message)

    result = refusing_github.run()

    assert result.exit_status == 1
    assert "the App's token may not bypass it" in result.annotation.message
    assert "bypass list" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, MINT, "POST git/tags", "POST git/refs", REVOKE)


def test_forbidden_to_create(refusing_github: Refused) -> None:
    needed = {"x-accepted-github-permissions": "contents=write"}
    message = "Resource not accessible by integration"
    refusing_github.answer("POST", "/git/tags", 403, message, headers=needed)

    result = refusing_github.run()

    assert result.exit_status == 1
    assert "GitHub accepts: contents=write" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, MINT, "POST git/tags", REVOKE)


WORKFLOWS_NEEDED = {
    "x-accepted-github-permissions": "contents=write; contents=write,workflows=write"
}


def test_workflow_files_need_a_permission_of_their_own(refusing_github: Refused) -> None:
    message = "Resource not accessible by integration"
    refusing_github.answer("POST", "/git/refs", 403, message, headers=WORKFLOWS_NEEDED, times=1)

    result = refusing_github.run()

    assert result.exit_status == 1
    assert "Workflows: read and write" in result.annotation.message
    assert result.calls[-2:] == (INSTALLATION, MINT)


def test_workflow_files_are_tagged_where_the_app_may(refusing_github: Refused) -> None:
    permissions = {"contents": "write", "metadata": "read", "workflows": "write"}
    refusing_github.sandbox.control("POST", "apps/automation-bot", {"permissions": permissions})
    message = "Resource not accessible by integration"
    refusing_github.answer("POST", "/git/refs", 403, message, headers=WORKFLOWS_NEEDED, times=1)

    result = refusing_github.run_stage(
        "auto-tag", app_inputs(refusing_github.sandbox), workspace=refusing_github.package.folder
    )

    assert result.exit_status == 0, result.log
    assert result.outputs["reason"] == "created"
    assert "once more with workflows: write" in result.log


def test_reading_needs_a_permission(refusing_github: Refused) -> None:
    """`permissions: {}` leaves a job token that may read nothing in a private repository."""
    result = refusing_github.run(permissions={})

    assert result.exit_status == 1
    assert "`permissions: contents: read`" in result.annotation.message
    assert result.calls == (READ,)


def test_reading_is_forbidden(refusing_github: Refused) -> None:
    needed = {"x-accepted-github-permissions": "contents=read"}
    message = "Resource not accessible by integration"
    refusing_github.answer("GET", "/git/matching-refs", 403, message, headers=needed)

    result = refusing_github.run()

    assert result.exit_status == 1
    assert "add `permissions: contents: read` to the job" in result.annotation.message
    assert result.calls == (READ,)


def test_an_expired_job_token(refusing_github: Refused) -> None:
    result = refusing_github.run(
        {**app_inputs(refusing_github.sandbox), "github-token": "ghs_notAToken12345"}
    )

    assert result.exit_status == 1
    assert "the job token is not valid" in result.annotation.message
    assert result.calls == (READ, READ), "it may have been a mistake once"


def test_app_not_installed(refusing_github: Refused) -> None:
    refusing_github.sandbox.control("POST", "apps/automation-bot", {"installed": False})

    result = refusing_github.run()

    assert result.exit_status == 1
    assert "the App is not installed on eigenoid/eigenoid-sample" in result.annotation.message
    assert "/organizations/eigenoid/settings/installations" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, INSTALLATION)


def test_app_not_installed_on_this_repository(refusing_github: Refused) -> None:
    refusing_github.sandbox.control("POST", "apps/automation-bot", {"repository_ids": []})
    known = {"installation-id": str(refusing_github.sandbox.app().installation_id)}

    result = refusing_github.run(app_inputs(refusing_github.sandbox, **known))

    assert result.exit_status == 1
    assert "the App is not installed on eigenoid/eigenoid-sample" in result.annotation.message
    assert result.calls == (READ, MINT)


def test_key_of_another_app(refusing_github: Refused) -> None:
    other = app_inputs(refusing_github.sandbox, "releaser-bot")["private-key"]

    result = refusing_github.run(app_inputs(refusing_github.sandbox, **{"private-key": other}))

    assert result.exit_status == 1
    assert "do not belong to the same App" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, INSTALLATION)


def test_client_id_of_no_app(refusing_github: Refused) -> None:
    result = refusing_github.run(
        app_inputs(refusing_github.sandbox, **{"client-id": "Iv1.0000000000000000"})
    )

    assert result.exit_status == 1
    assert "no App has the client ID" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, INSTALLATION)


def test_clock_off_for_ever_says_by_how_much(refusing_github: Refused) -> None:
    message = (
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at "
        "which the assertion expires"
    )
    refusing_github.sandbox.control("POST", "clock", {"offset_seconds": 600})
    refusing_github.answer("GET", "/installation", 401, message, times=2)

    result = refusing_github.run()

    assert result.exit_status == 1
    told = re.search(r"clock is ([+-]\d+) s off GitHub's", result.annotation.message)
    assert told
    assert int(told[1]) == pytest.approx(-600, abs=5)
    assert result.calls == (READ, INSTALLATION, INSTALLATION)


def test_malformed_client_id(refusing_github: Refused) -> None:
    """GitHub's words for an issuer that is no client ID, and an old server's for one that is."""
    result = refusing_github.run(
        app_inputs(refusing_github.sandbox, **{"client-id": "automation-bot"})
    )

    assert result.exit_status == 2
    assert "'automation-bot' is no client ID" in result.annotation.message
    assert "must be an Integer" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, INSTALLATION)


def test_permissions_not_granted(refusing_github: Refused) -> None:
    refusing_github.sandbox.control(
        "POST", "apps/automation-bot", {"permissions": {"contents": "read"}}
    )

    result = refusing_github.run()

    assert result.exit_status == 1
    assert "an owner has not approved them" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, MINT)


def test_app_suspended(refusing_github: Refused) -> None:
    refusing_github.sandbox.control("POST", "apps/automation-bot", {"suspended": True})

    result = refusing_github.run()

    assert result.exit_status == 1
    assert "suspended" in result.annotation.message
    assert "unsuspend" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, MINT)


@pytest.mark.parametrize(
    "answer",
    [
        {"permissions": {"contents": "write", "administration": "write", "metadata": "read"}},
        {"permissions": {"contents": "write"}, "repositories": [{"full_name": "eigenoid/other"}]},
    ],
    ids=["a permission more", "another repository"],
)
def test_a_broader_token_is_refused(refusing_github: Refused, answer: dict[str, Any]) -> None:
    minted = refusing_github.sandbox.installation_token()
    own = [{"full_name": "eigenoid/eigenoid-sample"}]
    body = json.dumps({"token": minted, "repositories": own, **answer})
    fault = {"path": "/access_tokens", "status": 201, "body": body}
    refusing_github.sandbox.control("POST", "faults", fault)

    result = refusing_github.run()

    assert result.exit_status == 1
    assert "is not how GitHub answers" in result.annotation.message
    assert result.calls == (READ, INSTALLATION, MINT, REVOKE)


def test_a_failed_revocation_is_a_warning(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    fault = {"method": "DELETE", "path": "/installation/token", "status": 403}
    sandbox.control("POST", "faults", fault)

    result = run_stage(
        "auto-tag",
        app_inputs(sandbox, **{"max-wait": "0s"}),
        workspace=package.folder,
        expect_revoked=False,
    )

    assert (result.exit_status, result.outputs["reason"]) == (0, "created")
    assert [one.level for one in result.annotations] == ["warning", "notice"]
    assert "ends by itself within an hour" in result.annotations[0].message
