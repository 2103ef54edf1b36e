"""Every kind of target takes a publication, with every credential that it knows."""

import base64
import json
from typing import Any

import pytest

from support.publishing.job import PublishingJob, is_upload
from support.sandbox.private_index import PrivateIndex
from support.stages.running import StageResult

READER, WRITER = "roles/artifactregistry.reader", "roles/artifactregistry.writer"


def make_key(publisher: PublishingJob, **described: Any) -> dict[str, Any]:
    return dict(publisher.sandbox.control("POST", "google/service-accounts/dev/keys", described))


def with_key(key: str) -> dict[str, str]:
    return {"workload-identity-provider": "", "service-account": "", "credentials-json": key}


def services(result: StageResult) -> list[str]:
    """The services that were asked, in order, without what they ask each other."""
    asked = [one.path.split("/")[1] for one in result.requests if "well-known" not in one.path]
    return list(dict.fromkeys(asked))


def bind_federated(publisher: PublishingJob, role: str = WRITER) -> None:
    """Let the repository know the jobs of our GitHub repository themselves."""
    pool = publisher.environment.workload_identity_provider.partition("/providers/")[0]
    repository_id = publisher.sandbox.world.organisation.repository_id
    member = f"principalSet://iam.googleapis.com/{pool}/attribute.repository_id/{repository_id}"
    bindings = {"bindings": {role: [member]}}
    publisher.sandbox.control("PATCH", "google/repositories/dev", bindings)


def test_without_a_service_account_the_federated_token_itself_publishes(
    publisher: PublishingJob,
) -> None:
    bind_federated(publisher)
    result = publisher({"service-account": ""})
    assert result.exit_status == 0, result.log
    assert publisher.indexed() == publisher.at_hand()
    assert "iam-credentials" not in services(result)


def test_a_federated_token_that_the_repository_does_not_know_is_told_before_an_upload(
    publisher: PublishingJob,
) -> None:
    bind_federated(publisher, READER)
    result = publisher({"service-account": ""})
    assert (result.exit_status, result.changes) == (1, ())
    assert "may not upload" in result.annotation.message
    assert "roles/artifactregistry.writer" in result.annotation.message


def raw(text: str) -> str:
    return text


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def in_wrapped_base64(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


def indented(text: str) -> str:
    return json.dumps(json.loads(text), indent=2)


@pytest.mark.parametrize("form", [raw, indented, in_base64, in_wrapped_base64])
def test_a_service_accounts_key_publishes_and_is_warned_of(
    publisher: PublishingJob, form: Any
) -> None:
    key = make_key(publisher)
    result = publisher(with_key(form(json.dumps(key))))
    assert result.exit_status == 0, result.log
    assert publisher.indexed() == publisher.at_hand()
    assert services(result) == ["oauth2", "artifact-registry", "artifact-registry-api"]
    assert result.annotation.level == "warning"
    assert f"a key of {key['client_email']}" in result.annotation.message
    assert "workload identity federation" in result.annotation.message
    require_unshown(result, key)


def require_unshown(result: StageResult, key: dict[str, Any]) -> None:
    """Assert that no line of the key stands anywhere but in a mask."""
    lines = [line for line in key["private_key"].splitlines() if "-----" not in line]
    shown = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    everything = "\n".join([*shown, result.summary, *result.outputs.values()])
    assert [line for line in lines if line in everything] == []
    assert in_base64(key["private_key"])[40:80] not in everything


def delete_key(publisher: PublishingJob, key: dict[str, Any]) -> None:
    publisher.sandbox.control("DELETE", f"google/service-accounts/dev/keys/{key['private_key_id']}")


def disable_key(publisher: PublishingJob, key: dict[str, Any]) -> None:
    publisher.sandbox.control(
        "PATCH",
        f"google/service-accounts/dev/keys/{key['private_key_id']}",
        {"enabled": False},
    )


def disable_account(publisher: PublishingJob, _: dict[str, Any]) -> None:
    publisher.sandbox.control("PATCH", "google/service-accounts/dev", {"enabled": False})


def delete_account(publisher: PublishingJob, _: dict[str, Any]) -> None:
    publisher.sandbox.control("DELETE", "google/service-accounts/dev")


def set_clock_wrong(publisher: PublishingJob, _: dict[str, Any]) -> None:
    publisher.sandbox.control("POST", "clock", {"offset_seconds": 7200})


def cut_key(_: PublishingJob, key: dict[str, Any]) -> None:
    key["private_key"] = key["private_key"][:200]


def swap_key(publisher: PublishingJob, key: dict[str, Any]) -> None:
    key["private_key"] = make_key(publisher)["private_key"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (delete_key, "the key was deleted or disabled"),
        (disable_key, "the key was deleted or disabled"),
        (swap_key, "the key was deleted or disabled"),
        (disable_account, "the service account is disabled"),
        (delete_account, "the service account was deleted"),
        (set_clock_wrong, "the runner's clock is wrong"),
        (cut_key, "the secret was cut"),
    ],
)
def test_a_key_that_is_no_good_is_explained(
    publisher: PublishingJob, change: Any, said: str
) -> None:
    key = make_key(publisher)
    change(publisher, key)
    result = publisher(with_key(json.dumps(key)))
    assert (result.exit_status, result.changes) == (1, ())
    error = next(one for one in result.annotations if one.level == "error")
    assert said in error.message
    assert "#service-account-key" in error.message
    require_unshown(result, key)


def test_a_key_of_somebody_who_may_only_read_is_told_before_an_upload(
    publisher: PublishingJob,
) -> None:
    result = publisher(with_key(json.dumps(make_key(publisher, role="reader"))))
    assert (result.exit_status, result.changes) == (1, ())
    assert "may not upload" in result.annotations[-1].message


def test_the_address_in_a_key_is_not_followed(publisher: PublishingJob) -> None:
    key = {**make_key(publisher), "token_uri": "http://127.0.0.1:9/token"}
    assert publisher(with_key(json.dumps(key))).exit_status == 0


@pytest.mark.parametrize("name", ["pypi", "testpypi"])
def test_a_trusted_publisher_needs_no_credential(publisher: PublishingJob, name: Any) -> None:
    result = publisher({"index": name})
    assert result.exit_status == 0, result.log
    assert publisher.on(name) == publisher.at_hand()
    assert services(result) == [name, "oidc"]
    assert result.annotations == ()
    assert result.outputs["index-urls"].endswith(f"/{name}/simple/")
    page = f"/{name}/project/eigenoid-sample/0.1.0/"
    assert result.outputs["project-url"].endswith(page)


@pytest.mark.parametrize("username", ["", "__token__"])
@pytest.mark.parametrize("name", ["pypi", "testpypi"])
def test_a_token_publishes_without_an_id_token(
    publisher: PublishingJob, name: Any, username: str
) -> None:
    given = {"index": name, "username": username, "password": publisher.pypi_token(name)}
    result = publisher(given, permissions={"contents": "read"})
    assert result.exit_status == 0, result.log
    assert publisher.on(name) == publisher.at_hand()
    assert services(result) == [name]


def test_a_token_of_another_project_is_told(publisher: PublishingJob) -> None:
    token = publisher.pypi_token(project="another-project")
    result = publisher({"index": "pypi", "password": token})
    assert (result.exit_status, result.changes) == (1, ())
    assert "PyPI refused eigenoid_sample-0.1.0" in result.annotation.message


def test_a_repository_address_takes_user_and_password(
    publisher: PublishingJob, private: PrivateIndex
) -> None:
    result = publisher(private.inputs)
    assert result.exit_status == 0, result.log
    assert private.files() == publisher.at_hand()
    assert result.requests == ()
    assert result.outputs["index-urls"] == private.index_url
    again = publisher(private.inputs)
    assert (again.exit_status, again.outputs["uploaded"]) == (0, "0")


def test_a_wrong_password_is_told(publisher: PublishingJob, private: PrivateIndex) -> None:
    result = publisher({**private.inputs, "password": "a password of nobody"})
    assert result.exit_status == 1
    assert "HTTP 40" in result.annotation.message
    assert private.files() == {}


def test_a_password_of_any_characters_is_sent_as_utf_8(
    publisher: PublishingJob, private: PrivateIndex
) -> None:
    """What the server does with it is its business; the run does not break down over it."""
    result = publisher({**private.inputs, "password": "pässwörd-пароль"})
    assert result.exit_status == 1
    assert "defect" not in result.annotation.message


def test_an_index_of_other_bytes_is_refused_before_an_upload(
    publisher: PublishingJob, private: PrivateIndex
) -> None:
    (name,) = [name for name in publisher.at_hand() if name.endswith(".whl")]
    (private.folder / name).write_bytes(b"another build")
    result = publisher(private.inputs)
    assert result.exit_status == 1
    assert "holds other bytes under the same name" in result.annotation.message
    assert list(private.files()) == [name]


def first_uploads(result: StageResult) -> list[str]:
    """The services in the order in which they took files."""
    return list(dict.fromkeys(one.service for one in result.requests if is_upload(one)))


def test_artifact_registry_and_pypi_in_one_run(publisher: PublishingJob) -> None:
    result = publisher({"index": "artifact-registry\npypi"})
    assert result.exit_status == 0, result.log
    assert publisher.indexed() == publisher.on("pypi") == publisher.at_hand()
    assert first_uploads(result) == ["artifact-registry", "pypi"]
    require_told(result, "Artifact Registry eigenoid-dev/eigenoid-python", "PyPI")
    addresses = result.outputs["index-urls"].splitlines()
    assert [one.partition("/simple/")[0].split("/")[-1] for one in addresses] == [
        "eigenoid-python",
        "pypi",
    ]


def test_the_order_is_the_given_one(publisher: PublishingJob) -> None:
    result = publisher({"index": "pypi\nartifact-registry"})
    assert result.exit_status == 0, result.log
    assert first_uploads(result) == ["pypi", "artifact-registry"]


def test_testpypi_then_pypi_in_one_run(publisher: PublishingJob) -> None:
    result = publisher({"index": "testpypi\npypi"})
    assert result.exit_status == 0, result.log
    assert publisher.on("testpypi") == publisher.on("pypi") == publisher.at_hand()
    assert first_uploads(result) == ["testpypi", "pypi"]
    require_told(result, "TestPyPI", "PyPI")


def test_pypi_and_a_repository_address_in_one_run(
    publisher: PublishingJob, private: PrivateIndex
) -> None:
    """The password belongs to the address; PyPI is published to without one."""
    result = publisher({**private.inputs, "index": f"pypi\n{private.url}"})
    assert result.exit_status == 0, result.log
    assert publisher.on("pypi") == private.files() == publisher.at_hand()
    require_told(result, "PyPI", private.url)


def require_told(result: StageResult, *labels: str) -> None:
    """Assert that summary and outputs speak of every index."""
    header = next(line for line in result.summary.splitlines() if line.startswith("| file"))
    cells = [cell.strip(" `") for cell in header.strip("|").split("|")]
    assert [cell.partition(" in ")[0] for cell in cells] == ["file", *labels, "sha256"]
    assert len(result.outputs["index-urls"].splitlines()) == len(labels)
    assert "--extra-index-url" not in result.summary
