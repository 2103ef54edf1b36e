"""Environments, variables, names of secrets and rulesets."""

from github import Auth, Github

from support.sandbox.fixtures import Sandbox


def test_environments_hold_what_the_actions_need(sandbox: Sandbox) -> None:
    listed = sandbox.request("GET", "environments", token=sandbox.user_token).json()
    assert [one["name"] for one in listed["environments"]] == ["dev", "qa", "prd"]
    for environment in sandbox.ready["environments"]:
        url = f"environments/{environment['name']}/variables"
        shown = sandbox.request("GET", url, token=sandbox.user_token).json()["variables"]
        assert {one["name"]: one["value"] for one in shown} == {
            "GCP_WIF_PROVIDER": environment["workload_identity_provider"],
            "GCP_SA_EMAIL": environment["service_account"],
            "GCP_PROJECT_ID": environment["project_id"],
            "AR_LOCATION": environment["location"],
            "AR_REPOSITORY": environment["repository"],
        }


#: What jobs that install read with.
READERS = ["INDEXES", "READER_SA_EMAIL", "READER_WIF_PROVIDER"]


def test_variables_and_secrets_of_the_organisation(sandbox: Sandbox) -> None:
    token = sandbox.user_token
    shown = sandbox.request("GET", "actions/organization-variables", token=token).json()
    assert {one["name"]: one["value"] for one in shown["variables"]} == {
        "AUTOMATION_BOT_CLIENT_ID": sandbox.app("automation-bot").client_id,
        "RELEASER_BOT_CLIENT_ID": sandbox.app("releaser-bot").client_id,
    }
    names = sandbox.request("GET", "actions/organization-secrets", token=token).json()["secrets"]
    assert [one["name"] for one in names] == [
        "AUTOMATION_BOT_PRIVATE_KEY",
        "RELEASER_BOT_PRIVATE_KEY",
    ]
    for path in ("actions/secrets", "environments/dev/secrets"):
        assert sandbox.request("GET", path, token=token).json()["total_count"] == 0
    own = sandbox.request("GET", "actions/variables", token=token).json()["variables"]
    assert [variable["name"] for variable in own] == READERS


def test_control_changes_variables_and_environments(sandbox: Sandbox) -> None:
    changes = {"AR_LOCATION": "europe-west3", "GCP_SA_EMAIL": None}
    sandbox.control("PUT", "environments/dev/variables", changes)
    sandbox.control("PUT", "environments/extra/variables", {"X": "1"})
    sandbox.control("PUT", "repository/variables", {"Y": "2"})
    sandbox.control("PUT", "variables", {"AUTOMATION_BOT_CLIENT_ID": None})
    sandbox.control("DELETE", "environments/qa")
    token = sandbox.user_token
    url = "environments/dev/variables"
    changed = sandbox.request("GET", f"{url}/AR_LOCATION", token=token)
    assert changed.json()["value"] == "europe-west3"
    assert sandbox.request("GET", f"{url}/GCP_SA_EMAIL", token=token).status_code == 404
    assert sandbox.request("GET", "environments/extra", token=token).status_code == 200
    assert sandbox.request("GET", "environments/qa", token=token).status_code == 404
    own = sandbox.request("GET", "actions/variables", token=token).json()["variables"]
    assert [variable["name"] for variable in own] == [*READERS, "Y"]
    shown = sandbox.request("GET", "actions/organization-variables", token=token).json()
    assert shown["total_count"] == 1


def test_pygithub_makes_an_environment_with_variables(sandbox: Sandbox) -> None:
    auth = Auth.Token(sandbox.user_token)
    with Github(auth=auth, base_url=sandbox.world.addresses.github_api) as client:
        repository = client.get_repo(sandbox.repository.full_name)
        environment = repository.create_environment("stage")
        assert environment.create_variable("NAME", "one")
        variable = environment.get_variable("NAME")
        assert variable.edit("two")
        assert environment.get_variable("NAME").value == "two"


def test_deployment_policies_need_an_environment_that_takes_them(sandbox: Sandbox) -> None:
    token = sandbox.user_token
    url = "environments/dev/deployment-branch-policies"
    body = {"name": "v*-dev", "type": "tag"}
    assert sandbox.request("POST", url, token=token, json=body).status_code == 404
    both = {"protected_branches": True, "custom_branch_policies": True}
    refused = sandbox.request(
        "PUT", "environments/dev", token=token, json={"deployment_branch_policy": both}
    )
    assert refused.status_code == 422
    custom = {"protected_branches": False, "custom_branch_policies": True}
    sandbox.request(
        "PUT", "environments/dev", token=token, json={"deployment_branch_policy": custom}
    )
    assert sandbox.request("POST", url, token=token, json=body).status_code == 200
    listed = sandbox.request("GET", url, token=token).json()["branch_policies"]
    assert [(one["name"], one["type"]) for one in listed] == [("v*-dev", "tag")]


def test_rulesets_are_shown_with_their_bypass_list_to_administrators_only(
    sandbox: Sandbox,
) -> None:
    rule = {
        "name": "tags",
        "target": "tag",
        "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": ["refs/tags/v0*"]}},
        "rules": [{"type": "creation"}, {"type": "update"}, {"type": "deletion"}],
        "bypass_apps": ["automation-bot"],
    }
    number = sandbox.control("POST", "rulesets", rule)["id"]
    listed = sandbox.request("GET", "rulesets", token=sandbox.user_token).json()
    assert [one["name"] for one in listed] == ["tags"]
    url = f"rulesets/{number}"
    shown = sandbox.request("GET", url, token=sandbox.user_token).json()
    assert [one["actor_id"] for one in shown["bypass_actors"]] == [sandbox.app().app_id]
    assert (
        "bypass_actors"
        not in sandbox.request("GET", url, token=sandbox.installation_token()).json()
    )
    sandbox.control("DELETE", url)
    assert sandbox.request("GET", url, token=sandbox.user_token).status_code == 404


def test_tag_ruleset_binds_the_api_but_not_who_may_bypass_it(sandbox: Sandbox) -> None:
    rule = {
        "name": "tags",
        "target": "tag",
        "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}},
        "rules": [{"type": "creation"}, {"type": "deletion"}],
        "bypass_apps": ["automation-bot"],
    }
    sandbox.control("POST", "rulesets", rule)
    body = {"ref": "refs/tags/v1", "sha": sandbox.branch_sha("dev")}
    releaser = sandbox.installation_token("releaser-bot")
    refused = sandbox.request("POST", "git/refs", token=releaser, json=body)
    assert refused.status_code == 422
    assert refused.json()["message"] == (
        "Repository rule violations found\n\n"
        "Cannot create ref due to creations being restricted.\n\n"
    )
    other = {**body, "ref": "refs/tags/other"}
    assert sandbox.request("POST", "git/refs", token=releaser, json=other).status_code == 201
    bot = sandbox.installation_token()
    assert sandbox.request("POST", "git/refs", token=bot, json=body).status_code == 201
    assert sandbox.request("DELETE", "git/refs/tags/v1", token=releaser).status_code == 422
    assert sandbox.request("DELETE", "git/refs/tags/v1", token=bot).status_code == 204


def test_deployments_are_kept(sandbox: Sandbox) -> None:
    token = sandbox.job({"deployments": "write"})["token"]
    body = {"ref": "dev", "environment": "dev", "auto_merge": False, "required_contexts": []}
    made = sandbox.request("POST", "deployments", token=token, json=body).json()
    assert made["sha"] == sandbox.branch_sha("dev")
    url = f"deployments/{made['id']}/statuses"
    status = sandbox.request("POST", url, token=token, json={"state": "success"})
    assert status.json()["state"] == "success"
    assert sandbox.request("POST", url, token=token, json={"state": "odd"}).status_code == 422
    listed = sandbox.request("GET", "deployments?environment=dev", token=token).json()
    assert [one["id"] for one in listed] == [made["id"]]


def test_service_operations(sandbox: Sandbox) -> None:
    api = sandbox.world.addresses.github_api
    assert sandbox.request("GET", f"{api}/meta").status_code == 200
    assert sandbox.request("GET", f"{api}/rate_limit").json()["rate"]["limit"] == 5000
    repositories = sandbox.request("GET", f"{api}/orgs/eigenoid/repos", token=sandbox.user_token)
    assert [one["name"] for one in repositories.json()] == ["eigenoid-sample"]
    runs = sandbox.request("GET", "actions/runs", token=sandbox.user_token)
    assert runs.json()["total_count"] == 0
