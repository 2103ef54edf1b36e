"""What stops the phase `publish`: one clear annotation, an exit status, and nothing half done."""

from collections.abc import Callable

import pytest

from support.distributions.builders import parsed, write_sdist, write_wheel
from support.projects.releases import TaggedProject
from support.stages.running import StageResult

VARIABLES = {
    "workload-identity-provider": "GCP_WIF_PROVIDER",
    "project-id": "GCP_PROJECT_ID",
    "location": "AR_LOCATION",
    "repository": "AR_REPOSITORY",
}


def refused(result: StageResult, exit_status: int, *said: str) -> None:
    """Assert one annotation that says all of this, in the log and in the summary's place."""
    assert result.exit_status == exit_status, result.log
    message = result.annotation.message
    assert [text for text in said if text not in message] == [], message
    assert "\nWhy: " in message
    assert "\nFix: " in message
    assert "❌ release" in result.summary


def untouched(project: TaggedProject, result: StageResult) -> None:
    """Assert that nothing was made anywhere."""
    assert result.changes == ()
    assert project.releases() == []
    assert project.indexed() == {}


@pytest.mark.parametrize("name", list(VARIABLES))
def test_a_missing_variable_is_named_with_its_environment(tagged: TaggedProject, name: str) -> None:
    result = tagged.publish({name: ""})
    refused(result, 2, VARIABLES[name], "GitHub Environment 'dev' does not set", "Settings, Env")
    assert result.annotation.message.count("GCP_") + result.annotation.message.count("AR_") <= 4
    untouched(tagged, result)


def test_all_variables_missing_mean_that_the_job_has_no_environment(
    tagged: TaggedProject,
) -> None:
    nothing = dict.fromkeys([*VARIABLES, "service-account"], "")
    result = tagged.publish(nothing)
    refused(result, 2, *VARIABLES.values(), "does not name the GitHub Environment 'dev'")
    assert "add `environment:` to the job" in result.annotation.message
    untouched(tagged, result)


def test_without_id_token_write_nothing_is_begun(tagged: TaggedProject) -> None:
    result = tagged.publish(permissions={"contents": "read"})
    refused(result, 1, "the job has no `id-token: write`", "contents: read, id-token: write")
    untouched(tagged, result)


def test_a_pull_request_gets_its_own_explanation(tagged: TaggedProject) -> None:
    pull = {"pull_request": {"head": {"repo": {"full_name": "somebody/eigenoid-sample"}}}}
    permissions = {"contents": "read"}
    result = tagged.publish(event="pull_request", permissions=permissions, payload=pull)
    refused(result, 1, "a pull request from a fork, which gets none")
    untouched(tagged, result)


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "issue_comment"])
def test_events_with_others_content_are_refused_before_anything_is_read(
    tagged: TaggedProject, event: str
) -> None:
    result = tagged.publish(event=event)
    refused(result, 2, f"The event {event} is refused")
    assert result.requests == ()


def test_a_refused_attribute_condition_shows_the_claims(tagged: TaggedProject) -> None:
    result = tagged.publish(environment="")
    refused(
        result,
        1,
        "rejected by the attribute condition",
        "sub=repo:eigenoid/eigenoid-sample:ref:refs/tags/v0.1.0-dev",
        "environment=(absent)",
        "gcloud iam workload-identity-pools providers describe projects/100000000001/",
    )
    untouched(tagged, result)


def test_a_missing_binding_is_answered_with_the_exact_command(tagged: TaggedProject) -> None:
    tagged.sandbox.control("PUT", "google/service-accounts/dev/impersonators", {"members": []})
    result = tagged.publish({"max-wait": "2s"})  # else a new binding is waited for
    account, provider = (
        tagged.environment.service_account,
        tagged.environment.workload_identity_provider,
    )
    pool = provider.partition("/providers/")[0]
    command = (
        f"gcloud iam service-accounts add-iam-policy-binding {account} "
        "--role=roles/iam.workloadIdentityUser --member="
        f'"principalSet://iam.googleapis.com/{pool}/attribute.repository_id/900100"'
    )
    refused(result, 1, command, "up to 5 minutes")
    untouched(tagged, result)
    member = command.split('"')[1]
    tagged.sandbox.control(
        "PUT", "google/service-accounts/dev/impersonators", {"members": [member]}
    )
    assert tagged.publish().exit_status == 0


def test_an_unknown_service_account_is_told(tagged: TaggedProject) -> None:
    tagged.sandbox.control("DELETE", "google/service-accounts/dev")
    refused(tagged.publish(), 1, "there is no such service account", "HTTP 404")


def test_a_provider_that_does_not_exist_is_told(tagged: TaggedProject) -> None:
    wrong = tagged.environment.workload_identity_provider.replace("/repository-", "/gitlab-")
    result = tagged.publish({"workload-identity-provider": wrong})
    refused(result, 1, "does not exist, or it or its pool is disabled", "providers list")
    untouched(tagged, result)


@pytest.mark.parametrize(
    "provider",
    [
        "projects/eigenoid-dev/locations/global/workloadIdentityPools/github/providers/p",
        "projects/1/locations/global/workloadIdentityPools/github",
        "github",
    ],
)
def test_what_is_no_providers_name_is_refused_offline(tagged: TaggedProject, provider: str) -> None:
    result = tagged.publish({"workload-identity-provider": provider})
    refused(result, 2, "workload-identity-provider", "PROJECT_NUMBER")
    assert result.requests == ()


def test_an_upload_that_is_not_permitted_is_finished_by_a_rerun(tagged: TaggedProject) -> None:
    bindings = {
        "roles/artifactregistry.reader": [f"serviceAccount:{tagged.environment.service_account}"]
    }
    tagged.sandbox.control("PATCH", "google/repositories/dev", {"bindings": bindings})
    result = tagged.publish()
    refused(result, 1, "may not upload", "--role=roles/artifactregistry.writer")
    untouched(tagged, result)
    tagged.sandbox.control("POST", "google/reset")
    assert tagged.publish().exit_status == 0
    assert not tagged.release().draft
    assert tagged.indexed() == tagged.built()


def test_an_index_that_cannot_be_read_stops_the_run_before_the_draft(
    tagged: TaggedProject,
) -> None:
    tagged.sandbox.control("PATCH", "google/repositories/dev", {"bindings": {}})
    result = tagged.publish()
    refused(result, 1, "cannot be read: HTTP 403")
    untouched(tagged, result)


@pytest.mark.parametrize("name", ["location", "repository"])
def test_a_wrong_place_is_told(tagged: TaggedProject, name: str) -> None:
    result = tagged.publish({name: "europe-west9"})
    assert result.exit_status == 1
    assert "gcloud artifacts repositories list" in result.annotation.message
    assert tagged.indexed() == {}


def test_without_an_app_nothing_is_begun(tagged: TaggedProject) -> None:
    result = tagged.publish({"client-id": "", "private-key": ""})
    refused(result, 2, "so nothing can create releases", "private key as a secret")
    assert result.requests == ()


def test_half_an_app_is_named(tagged: TaggedProject) -> None:
    result = tagged.publish({"private-key": ""})
    refused(result, 2, "private-key is empty", "`environment:`")
    assert result.requests == ()


def test_without_the_manifests_digest_nothing_is_begun(tagged: TaggedProject) -> None:
    result = tagged.publish({"manifest-sha256": ""})
    refused(result, 2, "The input manifest-sha256 is empty", "needs.build.outputs.manifest-sha256")
    assert result.requests == ()


def add_file(project: TaggedProject) -> None:
    write_wheel(project.dist, project="other")


def add_foreign_file(project: TaggedProject) -> None:
    (project.dist / "gha-creds-0123.json").write_text("{}")


def add_folder(project: TaggedProject) -> None:
    (project.dist / "nested").mkdir()


def build_another_version(project: TaggedProject) -> None:
    for path in project.dist.glob("*0.1.0*"):
        path.unlink()
    write_wheel(project.dist, "0.2.0")
    project.write_manifest(version=parsed("0.1.0"))


def build_with_credentials(project: TaggedProject) -> None:
    write_sdist(project.dist, members={"gha-creds-0123456789.json": "{}"})
    project.write_manifest()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (add_file, "differ from dist-manifest.json: other-0.1.0-py3-none-any.whl."),
        (add_foreign_file, "'gha-creds-0123.json' in dist is no sdist and no wheel"),
        (add_folder, "'nested' in dist is no sdist and no wheel"),
        (build_another_version, "is eigenoid-sample 0.2.0, not eigenoid-sample 0.1.0"),
        (build_with_credentials, "holds eigenoid_sample-0.1.0/gha-creds-0123456789.json"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_folder_that_is_not_what_was_built_is_refused_offline(
    tagged: TaggedProject, change: Callable[[TaggedProject], None], said: str
) -> None:
    change(tagged)
    result = tagged.publish()
    refused(result, 1, said)
    assert result.requests == ()
    untouched(tagged, result)


def test_what_tools_write_beside_the_files_is_no_change(tagged: TaggedProject) -> None:
    """Only what the manifest lists is published and attached."""
    ours = tagged.built()
    (wheel,) = (name for name in ours if name.endswith(".whl"))
    for name in (".gitignore", f"{wheel}.asc"):
        (tagged.dist / name).write_text("*", encoding="ascii")
    result = tagged.publish()
    assert result.exit_status == 0, result.log
    assert f"passed over in dist, not published: .gitignore, {wheel}.asc" in result.log
    assert tagged.indexed() == ours
    assets = {asset.name for asset in tagged.release().assets}
    assert assets == {*ours, "dist-manifest.json"}


@pytest.mark.parametrize("name", ["index-url", "previous-index"])
def test_the_page_of_the_project_is_no_index(tagged: TaggedProject, name: str) -> None:
    address = {
        "index": "https://index.example.com/upload/",
        "index-url": "https://index.example.com/simple/",
        "username": "us",
        "password": "an-unused-password",
        **dict.fromkeys(("workload-identity-provider", "service-account", "project-id"), ""),
        **dict.fromkeys(("location", "repository"), ""),
        name: "https://index.example.com/simple/eigenoid-sample",
    }
    result = tagged.publish(address)
    refused(result, 2, f"The input {name} ends in", "Fix: write https://index.example.com/simple/")
    assert result.requests == ()
    untouched(tagged, result)


def test_all_bad_inputs_are_told_at_once(tagged: TaggedProject) -> None:
    bad = {"dry-run": "yes", "location": "US!", "dist": "../dist", "max-wait": "long"}
    result = tagged.publish(bad)
    refused(result, 2, *bad)
    assert result.requests == ()
