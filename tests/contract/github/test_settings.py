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


def test_variables_of_the_repository_are_made_and_changed(sandbox: Sandbox) -> None:
    token, url = sandbox.user_token, "actions/variables"
    body = {"name": "KIND", "value": "a"}
    assert sandbox.request("POST", url, token=token, json=body).status_code == 201
    again = sandbox.request("POST", url, token=token, json=body)
    assert (again.status_code, again.json()["message"]) == (
        409,
        "Already exists - Variable already exists",
    )
    changed = sandbox.request("PATCH", f"{url}/kind", token=token, json={"value": "b"})
    assert changed.status_code == 204
    assert sandbox.repository.variables.values()["KIND"] == "b"
    absent = sandbox.request("PATCH", f"{url}/OTHER", token=token, json={"value": "b"})
    assert absent.status_code == 404
    for name in ("GITHUB_X", "1A", "A-B"):
        refused = sandbox.request("POST", url, token=token, json={**body, "name": name})
        assert refused.status_code == 422
    bot = sandbox.installation_token()
    assert sandbox.request("POST", url, token=bot, json=body).status_code == 403


def test_deployment_policies_are_made_once_and_removed(sandbox: Sandbox) -> None:
    token, url = sandbox.user_token, "environments/dev/deployment-branch-policies"
    custom = {"protected_branches": False, "custom_branch_policies": True}
    body = {"deployment_branch_policy": custom}
    sandbox.request("PUT", "environments/dev", token=token, json=body)
    policy = {"name": "v*", "type": "tag"}
    made = sandbox.request("POST", url, token=token, json=policy).json()
    again = sandbox.request("POST", url, token=token, json=policy, allow_redirects=False)
    assert again.status_code == 303
    number = made["id"]
    assert sandbox.request("DELETE", f"{url}/{number}", token=token).status_code == 204
    assert sandbox.request("DELETE", f"{url}/{number}", token=token).status_code == 404
    assert sandbox.request("GET", url, token=token).json()["branch_policies"] == []


def test_rulesets_are_made_and_changed_by_administrators(sandbox: Sandbox) -> None:
    token, app_id = sandbox.user_token, sandbox.app().app_id
    body = {
        "name": "tags",
        "target": "tag",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}},
        "rules": [{"type": "creation"}],
        "bypass_actors": [
            {"actor_id": app_id, "actor_type": "Integration", "bypass_mode": "always"}
        ],
    }
    bot = sandbox.installation_token()
    assert sandbox.request("POST", "rulesets", token=bot, json=body).status_code == 403
    made = sandbox.request("POST", "rulesets", token=token, json=body)
    assert made.status_code == 201
    again = sandbox.request("POST", "rulesets", token=token, json=body)
    assert again.status_code == 422
    assert [error["message"] for error in again.json()["errors"]] == ["Name must be unique"]
    url = f"rulesets/{made.json()['id']}"
    off = sandbox.request("PUT", url, token=token, json={"enforcement": "disabled"}).json()
    assert (off["enforcement"], off["rules"]) == ("disabled", [{"type": "creation"}])
    assert sandbox.request("PUT", "rulesets/1", token=token, json=body).status_code == 404


def test_rulesets_hold_only_what_github_knows(sandbox: Sandbox) -> None:
    stranger = {"actor_id": 1, "actor_type": "Integration", "bypass_mode": "always"}
    for wrong in (
        {"enforcement": "on"},
        {"target": "commit"},
        {"rules": [{"type": "renaming"}]},
        {"bypass_actors": [stranger]},
        {"bypass_actors": [{**stranger, "actor_type": "Robot"}]},
    ):
        body = {"name": "tags", "target": "tag", "enforcement": "active", **wrong}
        refused = sandbox.request("POST", "rulesets", token=sandbox.user_token, json=body)
        assert refused.status_code == 422, wrong
    assert sandbox.repository.rulesets == []


def test_workflow_permissions_are_for_administrators(sandbox: Sandbox) -> None:
    token, url = sandbox.user_token, "actions/permissions/workflow"
    shown = sandbox.request("GET", url, token=token).json()
    assert shown == {
        "default_workflow_permissions": "read",
        "can_approve_pull_request_reviews": False,
    }
    body = {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": True}
    assert sandbox.request("PUT", url, token=token, json=body).status_code == 204
    assert sandbox.request("GET", url, token=token).json() == body
    wrong = {"default_workflow_permissions": "all"}
    assert sandbox.request("PUT", url, token=token, json=wrong).status_code == 422
    bot = sandbox.installation_token()
    assert sandbox.request("GET", url, token=bot).status_code == 403


def test_an_app_is_found_by_its_name_in_addresses(sandbox: Sandbox) -> None:
    api = sandbox.world.addresses.github_api
    shown = sandbox.request("GET", f"{api}/apps/automation-bot", token=sandbox.user_token).json()
    assert (shown["id"], shown["client_id"]) == (sandbox.app().app_id, sandbox.app().client_id)
    absent = sandbox.request("GET", f"{api}/apps/nobody", token=sandbox.user_token)
    assert absent.status_code == 404
