"""The issuer of ID tokens answers and claims as GitHub's does."""

import base64
import os
import subprocess

import jwt
import pytest

AUDIENCE = "https://example.org"


def _claims(caller, environment="", **job):
    query = {"audience": AUDIENCE, "environment": environment}
    answer = caller.ask_for_id_token(query, **job)
    assert answer.json()["count"] == 1
    discovery = caller.send("GET", "/oidc/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(caller.send("GET", discovery["jwks_uri"]).json())
    token = answer.json()["value"]
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(
        token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=discovery["issuer"]
    )


def test_token_of_a_job_in_an_environment(caller):
    claims = _claims(caller, "dev")
    lifetime = claims.pop("exp") - claims.pop("iat")
    assert 5 * 60 <= lifetime <= 10 * 60
    assert len(claims.pop("jti")) == 36
    del claims["nbf"], claims["iss"]
    workflow_ref = "eigenoid/eigenoid-sample/.github/workflows/release.yml@refs/tags/v0.5.0-dev"
    assert claims == {
        "aud": AUDIENCE,
        "sub": "repo:eigenoid/eigenoid-sample:environment:dev",
        "environment": "dev",
        "repository": "eigenoid/eigenoid-sample",
        "repository_id": "900100",
        "repository_owner": "eigenoid",
        "repository_owner_id": "200100",
        "repository_visibility": "private",
        "actor": "developer",
        "actor_id": "300100",
        "ref": "refs/tags/v0.5.0-dev",
        "ref_type": "tag",
        "ref_protected": "false",
        "base_ref": "",
        "head_ref": "",
        "sha": "8be07d4" + 33 * "0",
        "event_name": "push",
        "workflow": ".github/workflows/release.yml",
        "workflow_ref": workflow_ref,
        "workflow_sha": "8be07d4" + 33 * "0",
        "job_workflow_ref": workflow_ref,
        "job_workflow_sha": "8be07d4" + 33 * "0",
        "run_id": "17",
        "run_number": "1",
        "run_attempt": "1",
        "runner_environment": "github-hosted",
    }


@pytest.mark.parametrize(
    ("environment", "job", "form", "subject"),
    [
        ("qa", {}, "names", "repo:eigenoid/eigenoid-sample:environment:qa"),
        ("", {}, "names", "repo:eigenoid/eigenoid-sample:ref:refs/tags/v0.5.0-dev"),
        (
            "",
            {"event_name": "pull_request", "ref": "refs/pull/7/merge"},
            "names",
            "repo:eigenoid/eigenoid-sample:pull_request",
        ),
        (
            "",
            {"ref": "refs/heads/a:b"},
            "names",
            "repo:eigenoid/eigenoid-sample:ref:refs/heads/a%3Ab",
        ),
        (
            "dev",
            {},
            "numeric-ids",
            "repo:eigenoid@200100/eigenoid-sample@900100:environment:dev",
        ),
        (
            "",
            {"ref": "refs/heads/dev"},
            "numeric-ids",
            "repo:eigenoid@200100/eigenoid-sample@900100:ref:refs/heads/dev",
        ),
    ],
    ids=["environment", "ref", "pull-request", "colon", "ids-environment", "ids-ref"],
)
def test_subject(caller, environment, job, form, subject):
    caller.control("PATCH", "oidc", {"subject_form": form})
    assert _claims(caller, environment, **job)["sub"] == subject


def test_no_environment_claim_without_an_environment(caller):
    assert "environment" not in _claims(caller)


def test_audience_is_the_owners_address_where_none_is_asked_for(caller):
    answer = caller.ask_for_id_token({})
    claims = jwt.decode(answer.json()["value"], options={"verify_signature": False})
    assert claims["aud"] == f"{caller.base}/eigenoid"


def test_pull_request_names_its_branches(caller, tmp_path):
    sha = _push_workflow(caller, tmp_path, "proposed")
    pull = {"title": "Release", "head": "proposed", "base": "dev"}
    developer = caller.ready["users"][0]["token"]
    answer = caller.send(
        "POST",
        f"{caller.ready['github_api_url']}/repos/{caller.ready['repository']}/pulls",
        json=pull,
        headers={"Authorization": f"Bearer {developer}"},
    )
    ref = f"refs/pull/{answer.json()['number']}/merge"
    claims = _claims(caller, event_name="pull_request", ref=ref, sha=sha)
    assert (claims["base_ref"], claims["head_ref"]) == ("dev", "proposed")


def test_workflow_is_called_by_its_name(caller, tmp_path):
    sha = _push_workflow(caller, tmp_path)
    claims = _claims(caller, sha=sha)
    assert claims["workflow"] == "Release it"
    assert claims["workflow_ref"].partition("@")[0].endswith("/.github/workflows/release.yml")


def _push_workflow(caller, folder, branch="named"):
    """Push a workflow with a name to a new branch; the commit."""
    owner, token = caller.ready["users"][0]["login"], caller.ready["users"][0]["token"]
    credentials = base64.b64encode(f"{owner}:{token}".encode()).decode()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {credentials}",
    }

    def git(*arguments):
        who = ["-c", "user.name=Dev", "-c", "user.email=dev@example.org"]
        command = ["git", *who, *arguments]
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=True)
        return done.stdout.decode().strip()

    git("clone", "--quiet", "--branch", "dev", caller.ready["git_url"], ".")
    workflow = folder / ".github" / "workflows" / "release.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("name: Release it\n")
    git("add", ".github")
    git("commit", "--quiet", "--message", "Name the workflow")
    git("push", "--quiet", "origin", f"HEAD:refs/heads/{branch}")
    return git("rev-parse", "HEAD")


def test_job_of_a_reusable_workflow(caller):
    shared = "eigenoid/shared/.github/workflows/publish.yml@refs/tags/v1"
    claims = _claims(caller, "dev", job_workflow_ref=shared, job_workflow_sha=40 * "a")
    assert (claims["job_workflow_ref"], claims["job_workflow_sha"]) == (shared, 40 * "a")
    own = "eigenoid/eigenoid-sample/.github/workflows/release.yml@refs/tags/v0.5.0-dev"
    assert claims["workflow_ref"] == own
    assert claims["sub"] == "repo:eigenoid/eigenoid-sample:environment:dev"


def test_environments_are_found_whatever_their_case(caller):
    assert _claims(caller, "DEV")["environment"] == "dev"


def test_unknown_environment_is_refused(caller):
    assert caller.ask_for_id_token({"environment": "staging"}).status_code == 400


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer nobody"}, {"Authorization": "Bearer "}]
)
def test_bearer_of_no_running_job_is_refused(caller, header):
    answer = caller.send("GET", caller.ready["oidc_request_url"], headers=header)
    assert answer.status_code == 401


def test_job_without_permission_has_neither_address_nor_bearer(caller):
    job = caller.start_job(permissions={"contents": "write"})
    assert (job["oidc_request_url"], job["oidc_request_token"]) == (None, None)


def test_bearer_ends_with_its_job(caller):
    job = caller.start_job()
    header = {"Authorization": f"Bearer {job['oidc_request_token']}"}
    assert caller.send("GET", job["oidc_request_url"], headers=header).ok
    caller.control("DELETE", f"jobs/{job['number']}")
    assert caller.send("GET", job["oidc_request_url"], headers=header).status_code == 401
