"""Jobs that only install: which of them get a reader's token, and that it never becomes more."""

import pytest

PUSHED = {"event_name": "push", "ref": "refs/heads/dev"}


@pytest.mark.parametrize(
    "job",
    [
        PUSHED,
        {"event_name": "push", "ref": "refs/heads/feature/a-name-that-no-subject-has-room-for" * 4},
        {"event_name": "push", "ref": "refs/tags/v0.5.0-dev"},
        {"event_name": "pull_request", "ref": "refs/pull/7/merge"},
        {"event_name": "merge_group", "ref": "refs/heads/gh-readonly-queue/dev/pr-7-8be07d4"},
        {"event_name": "schedule", "ref": "refs/heads/main"},
        {"event_name": "workflow_dispatch", "ref": "refs/heads/feature"},
    ],
)
def test_a_job_of_the_repository_reads(caller, job):
    token = caller.reader_token(**job)
    assert caller.read(f"{caller.index_url()}nothing/", token).status_code == 404
    virtual = caller.index_url().replace("-python/", "-all/")
    # What nobody published in the sandbox comes from where this machine takes packages.
    elsewhere = caller.read(f"{virtual}nothing/", token)
    assert elsewhere.status_code == 302
    assert elsewhere.headers["Location"].endswith("/simple/nothing/")


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "issue_comment"])
def test_a_job_on_what_others_wrote_does_not(caller, event):
    answer = caller.exchange_as_reader(event_name=event, ref="refs/heads/main")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_a_job_of_another_repository_does_not(caller):
    provider = f"https://iam.googleapis.com/{caller.readers_provider()}"
    forged = caller.forge(aud=provider, repository_id="900999")
    answer = caller.exchange(forged, audience=provider.removeprefix("https:"))
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("account", ["", "installer@eigenoid-dev.iam.gserviceaccount.com"])
def test_a_reader_never_acts_as_another_account(caller, account):
    for bearer in (caller.federated_reader(**PUSHED), caller.reader_token(**PUSHED)):
        assert caller.impersonate(bearer, account=account).status_code == 403


def test_in_the_publishers_pool_the_same_provider_would_be_the_publisher(caller):
    """Why the readers' pool is a pool of its own: bindings do not name the provider."""
    caller.control(
        "PATCH",
        "google/providers/dev",
        {"attribute_condition": f"assertion.repository_id == '{900_100}'"},
    )
    federated = caller.exchange(caller.id_token(**PUSHED)).json()["access_token"]
    assert caller.impersonate(federated).ok


def test_a_reader_writes_nothing(caller, make_wheel):
    token = caller.reader_token(**PUSHED)
    wheel = make_wheel("eigenoid-core", "1.0")
    for repository in ("eigenoid-python", "pypi-cache", "eigenoid-all"):
        url = caller.upload_url().replace("eigenoid-python", repository)
        assert caller.upload(wheel, token, url).status_code == 403
    changes = ["uploadArtifacts", "deleteArtifacts", "delete", "update", "setIamPolicy"]
    asked = [f"artifactregistry.repositories.{name}" for name in changes]
    assert caller.ask_permissions(asked, token).json() == {}
    assert caller.read(f"{caller.index_url()}eigenoid-core/", token).status_code == 404
