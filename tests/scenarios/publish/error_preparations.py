"""Brings a sandbox into states that refuse a publication, by its control interface.

Each returns the inputs that go with it, None where there are none. What no simulator does by
itself is a fault, with the real service's words.
"""

import json
from collections.abc import Callable
from typing import Any

import jwt
import requests

from dist_builders import write_release, write_sdist, write_wheel
from dist_sandbox.pypi.state import IndexName
from release_fixtures import PUBLISHING
from scenarios.publish.conftest import PYPI_UPLOAD, UPLOAD, Publisher

Inputs = dict[str, str] | None
Preparation = Callable[[Publisher], Inputs]

_TAG = "refs/tags/v0.1.0-dev"
_DAY_SECONDS = 86400
_PULL = {"event": "pull_request", "ref": "refs/pull/1/merge"}
#: A pull request of somebody else's copy, and of a branch of the repository itself.
FORK = {**_PULL, "payload": {"pull_request": {"head": {"repo": {"full_name": "x/sample"}}}}}
NO_FORK = {
    **_PULL,
    "payload": {"pull_request": {"head": {"repo": {"full_name": "eigenoid/eigenoid-sample"}}}},
}
#: Headings below which a refusal of an identity or an index is explained.
PUBLISHING_ANCHORS = {
    *("id-token", "id-token-in-a-fork", "id-token-refused"),
    *("attribute-condition", "provider-not-found", "provider-name", "provider-issuer"),
    *("mapped-attribute", "token-exchange", "service-account", "service-account-key"),
    *("upload-401", "upload-403", "upload-refused", "conflict", "file-size", "repository-kind"),
    *("service-unavailable", "unknown-bytes", "index-unreadable", "index-redirects", "index-url"),
    *("trusted-publishing-off", "trusted-publishing-token", "trusted-publishing-pending"),
    *("trusted-publishing-publisher", "reusable-workflow", "burnt-name", "closed-release"),
    *("project-name", "foreign-project", "attestations", "password"),
}


def nothing(_: Publisher) -> None:
    """The sandbox as it is."""


def id_token_refused(publisher: Publisher) -> None:
    """GitHub does not know the job's bearer."""
    publisher.fault(path="^/oidc/token", status=401)


# Google's token exchange and impersonation


def provider(**settings: Any) -> Preparation:
    """The provider of dev with other settings."""

    def prepare(publisher: Publisher) -> None:
        publisher.sandbox.control("PATCH", "google/providers/dev", settings)

    return prepare


def deleted_provider(publisher: Publisher) -> None:
    """No provider."""
    publisher.sandbox.control("DELETE", "google/providers/dev")


def disabled_pool(publisher: Publisher) -> None:
    """A provider in a pool that is disabled."""
    publisher.sandbox.control("PATCH", "google/pools/dev", {"enabled": False})


def condition_on_old_subject(publisher: Publisher) -> None:
    """A condition from before the subjects had numbers."""
    publisher.sandbox.control("PATCH", "oidc", {"subject_form": "numeric-ids"})
    condition = "assertion.sub == 'repo:eigenoid/eigenoid-sample:environment:dev'"
    provider(attribute_condition=condition)(publisher)


def _exchange(publisher: Publisher, error: str, description: str) -> None:
    body = json.dumps({"error": error, "error_description": description})
    publisher.fault(path="^/sts/", status=400, body=body)


def audience_refused(publisher: Publisher) -> None:
    """A provider's name that the inputs let pass, and Google does not."""
    _exchange(
        publisher,
        "invalid_request",
        'Invalid value for "audience". This value should be the full resource name of the '
        "Identity Provider.",
    )


def exchange_new(publisher: Publisher) -> None:
    """Words that nobody knows."""
    _exchange(publisher, "invalid_grant", "Something new.")


def impersonators(*members: str) -> Preparation:
    """Other members in the account's binding."""

    def prepare(publisher: Publisher) -> None:
        publisher.sandbox.control(
            "PUT", "google/service-accounts/dev/impersonators", {"members": list(members)}
        )

    return prepare


def binding_to_old_subject(publisher: Publisher) -> None:
    """A binding from before the subjects had numbers."""
    publisher.sandbox.control("PATCH", "oidc", {"subject_form": "numeric-ids"})
    pool = publisher.environment.workload_identity_provider.partition("/providers/")[0]
    subject = "repo:eigenoid/eigenoid-sample:environment:dev"
    impersonators(f"principal://iam.googleapis.com/{pool}/subject/{subject}")(publisher)


def deleted_account(publisher: Publisher) -> None:
    """No service account."""
    publisher.sandbox.control("DELETE", "google/service-accounts/dev")


def iam_disabled(publisher: Publisher) -> None:
    """The project of the provider has not enabled the API."""
    message = (
        "IAM Service Account Credentials API has not been used in project 100000000001 before or "
        "it is disabled."
    )
    body = json.dumps({"error": {"code": 403, "message": message, "status": "PERMISSION_DENIED"}})
    publisher.fault(path="^/iam-credentials/", status=403, body=body)


# Keys of service accounts


def _key(publisher: Publisher) -> dict[str, str]:
    made: dict[str, str] = publisher.sandbox.control("POST", "google/service-accounts/dev/keys", {})
    publisher.sandbox.credentials.values.add(made["private_key"])
    return made


def _with_key(key: dict[str, str], **changes: str) -> dict[str, str]:
    return {
        "workload-identity-provider": "",
        "service-account": "",
        "credentials-json": json.dumps({**key, **changes}),
    }


def deleted_key(publisher: Publisher) -> Inputs:
    """A key that is deleted."""
    key = _key(publisher)
    publisher.sandbox.control("DELETE", f"google/service-accounts/dev/keys/{key['private_key_id']}")
    return _with_key(key)


def key_without_account(publisher: Publisher) -> Inputs:
    """A key whose account is deleted."""
    key = _key(publisher)
    deleted_account(publisher)
    return _with_key(key)


def key_of_disabled_account(publisher: Publisher) -> Inputs:
    """A key whose account is disabled."""
    key = _key(publisher)
    publisher.sandbox.control("PATCH", "google/service-accounts/dev", {"enabled": False})
    return _with_key(key)


def damaged_key(publisher: Publisher) -> Inputs:
    """A key that lost its second half."""
    key = _key(publisher)
    half = key["private_key"][: len(key["private_key"]) // 2]
    publisher.sandbox.credentials.values.add(half)
    return _with_key(key, private_key=half)


def key_beside_provider(publisher: Publisher) -> Inputs:
    """Two identities at once."""
    return {"credentials-json": json.dumps(_key(publisher))}


# Artifact Registry


def _repository(publisher: Publisher, **changes: Any) -> None:
    publisher.sandbox.control("PATCH", "google/repositories/dev", changes)


def reader_only(publisher: Publisher) -> None:
    """The account may read and not write."""
    member = f"serviceAccount:{publisher.environment.service_account}"
    _repository(publisher, bindings={"roles/artifactregistry.reader": [member]})


def no_bindings(publisher: Publisher) -> None:
    """The account may do nothing."""
    _repository(publisher, bindings={})


def upload_forbidden(publisher: Publisher) -> None:
    """Permissions that nobody tells beforehand, and that are not there."""
    _repository(publisher, files_api="disabled")
    reader_only(publisher)


def upload_401(publisher: Publisher) -> None:
    """Tokens that are refused, the renewed one too."""
    publisher.fault(
        method="POST", path=UPLOAD, times=2, status=401, body="Unauthenticated request."
    )


def upload_400(publisher: Publisher) -> None:
    """A file that is not accepted."""
    publisher.fault(method="POST", path=UPLOAD, status=400, body="Invalid metadata")


def other_bytes(publisher: Publisher) -> None:
    """The version is there, from another build."""
    assert publisher().exit_status == 0
    write_release(publisher.dist, content="another build")


def small_repository(publisher: Publisher) -> None:
    """A repository that takes small files only."""
    _repository(publisher, file_size_limit_bytes=100)


def quota(publisher: Publisher) -> None:
    """A service that answers nobody for an hour."""
    publisher.sandbox.control(
        "PUT",
        "google/quotas/artifact-registry",
        {"requests_per_minute": 0, "retry_after_seconds": 3600},
    )


def virtual_repository(publisher: Publisher) -> None:
    """A repository that gathers others."""
    publisher.sandbox.control(
        "PUT",
        "google/repositories/dev/everything",
        {"mode": "virtual", "upstreams": {publisher.environment.repository: 1}},
    )


def remote_repository(publisher: Publisher) -> None:
    """A repository that mirrors another index."""
    address = f"{publisher.sandbox.world.addresses.service_variables['DIST_ACTIONS_PYPI_URL']}"
    publisher.sandbox.control(
        "PUT",
        "google/repositories/dev/mirror",
        {"mode": "remote", "remote_url": f"{address}/simple/"},
    )


def unknown_bytes(publisher: Publisher) -> None:
    """Neither page nor API tells hashes, and the files cannot be read."""
    assert publisher().exit_status == 0
    _repository(publisher, shows_hashes=False, files_api="refused")
    publisher.fault(method="GET", path="/packages/", times=2, status=403)


def page_is_html(publisher: Publisher) -> None:
    """A proxy that wants somebody to log in."""
    publisher.fault(
        method="GET",
        path="/simple/",
        status=200,
        headers={"content-type": "application/json"},
        body="<html>Log in</html>",
    )


def _moved(publisher: Publisher, method: str, path: str, status: int) -> None:
    location = {"location": "https://elsewhere.example.com/simple/"}
    publisher.fault(method=method, path=path, status=status, headers=location)


def moved_page(publisher: Publisher) -> None:
    """An index that sends its readers elsewhere."""
    _moved(publisher, "GET", "/simple/", 302)


def moved_upload(publisher: Publisher) -> None:
    """A repository that sends its uploaders elsewhere."""
    _moved(publisher, "POST", UPLOAD, 308)


# Trusted Publishing


def trusted_publishing_off(publisher: Publisher) -> None:
    """Nothing is minted at the moment."""
    publisher.sandbox.control("PATCH", "pypi/pypi/settings", {"trusted_publishing": False})


def mint_not_enabled(publisher: Publisher) -> None:
    """The same, told a step later."""
    error = {"code": "not-enabled", "description": "github trusted publishing not enabled"}
    body = json.dumps({"message": "Token request failed", "errors": [error]})
    publisher.fault(path="/mint-token", status=422, body=body)


def _id_token(publisher: Publisher, **changes: Any) -> str:
    """The job's ID token for PyPI with other claims, which GitHub gives it next."""
    job = publisher.sandbox.job(dict(PUBLISHING), ref=_TAG)
    answer = requests.get(
        f"{job['oidc_request_url']}&environment=dev",
        params={"audience": "pypi"},
        headers={"Authorization": f"Bearer {job['oidc_request_token']}"},
        timeout=30,
    )
    claims = jwt.decode(answer.json()["value"], options={"verify_signature": False})
    signed = publisher.sandbox.control("POST", "oidc/tokens", {"claims": {**claims, **changes}})
    token = str(signed["value"])
    publisher.sandbox.credentials.values.add(token)
    publisher.fault(path="^/oidc/token", status=200, body=json.dumps({"value": token}))
    return token


def another_issuer(publisher: Publisher) -> None:
    """A token of a GitHub Enterprise Server."""
    _id_token(publisher, iss="https://ghes.example.com")


def expired_token(publisher: Publisher) -> None:
    """A token of a minute ago that was good until then."""
    _id_token(publisher, exp=1_700_000_000)


def used_token(publisher: Publisher) -> None:
    """A token that was used before."""
    token = _id_token(publisher)
    address = publisher.sandbox.world.addresses.service_variables["DIST_ACTIONS_PYPI_URL"]
    answer = requests.post(f"{address}/_/oidc/mint-token", json={"token": token}, timeout=30)
    assert answer.ok, answer.text
    publisher.sandbox.credentials.values.add(str(answer.json()["token"]))


def reusable_workflow(publisher: Publisher) -> None:
    """A job that stands in a workflow that others call."""
    called = "eigenoid/shared/.github/workflows/upload.yml@refs/heads/main"
    _id_token(publisher, job_workflow_ref=called)


def publisher(**described: str) -> Preparation:
    """PyPI with another publisher than this job's."""

    def prepare(job: Publisher) -> None:
        job.sandbox.control("PUT", "pypi/pypi/publishers", {"publishers": [described]})

    return prepare


def no_publisher_on_testpypi(job: Publisher) -> None:
    """A publisher on PyPI alone."""
    job.sandbox.control("PUT", "pypi/testpypi/publishers", {"publishers": []})


def _upload(job: Publisher, name: IndexName = "pypi") -> None:
    """Publish what is at hand by a user's token."""
    result = job({"index": name, "password": job.pypi_token(name)})
    assert result.exit_status == 0, result.log


def _only(job: Publisher, version: str = "0.1.0", project: str = "eigenoid-sample") -> None:
    """Have one wheel at hand."""
    for path in job.dist.iterdir():
        path.unlink()
    write_wheel(job.dist, version, project=project)


def late_pending_publisher(job: Publisher) -> None:
    """A pending publisher whose project somebody else made first."""
    publisher()(job)
    _upload(job)
    _only(job, "0.2.0")


def similar_pending(job: Publisher) -> None:
    """A pending publisher of a project whose name is like another's."""
    _upload(job)
    _only(job, "0.2.0")
    publisher(project="eigenoid-samp1e")(job)


# PyPI's rules


def burnt_name(job: Publisher) -> Inputs:
    """A file that was deleted."""
    _upload(job)
    for name in job.on("pypi"):
        job.sandbox.control("DELETE", f"pypi/pypi/files/{name}")
    return {"password": job.pypi_token()}


def old_release(job: Publisher) -> Inputs:
    """A version of 15 days ago that lacks its sdist."""
    _only(job)
    _upload(job)
    job.sandbox.control("POST", "clock", {"offset_seconds": 15 * _DAY_SECONDS})
    write_sdist(job.dist)
    return {"password": job.pypi_token()}


def similar_name(job: Publisher) -> Inputs:
    """Another project whose name looks the same."""
    _only(job, project="eigenoid-samp1e")
    _upload(job)
    _only(job)
    return {"password": job.pypi_token()}


def prohibited_name(job: Publisher) -> Inputs:
    """A name that no project may have."""
    settings = {"prohibited_names": ["eigenoid-sample"]}
    job.sandbox.control("PATCH", "pypi/pypi/settings", settings)
    return {"password": job.pypi_token()}


def small_index(limit: str) -> Preparation:
    """An index with a limit of 100 bytes."""

    def prepare(job: Publisher) -> Inputs:
        job.sandbox.control("PATCH", "pypi/pypi/settings", {limit: 100})
        return {"password": job.pypi_token()}

    return prepare


def foreign_token(job: Publisher) -> Inputs:
    """A token whose scope is another project."""
    _upload(job)
    _only(job, "0.2.0")
    return {"password": job.pypi_token(project="another-project")}


def foreign_project(job: Publisher) -> Inputs:
    """A user who is no owner; the simulated users own everything, so the words are PyPI's."""
    said = "The user 'developer' isn't allowed to upload to project 'eigenoid-sample'."
    _refused(job, 403, said)
    return {"password": job.pypi_token()}


def refused_attestation(job: Publisher) -> Inputs:
    """An attestation that does not hold."""
    _refused(job, 400, "Invalid attestations supplied during upload: Verification failed")
    return {"password": job.pypi_token()}


def password_said_back(job: Publisher) -> Inputs:
    """An index that repeats what it was sent."""
    token = f"{job.pypi_token()}_with_*marks*"
    _refused(job, 400, f"The token {token} cannot upload this")
    return {"password": token}


def _refused(job: Publisher, status: int, said: str) -> None:
    body = f"<html>\n <head>\n  <title>{status} {said}</title>\n </head>\n</html>"
    job.fault(
        method="POST",
        path=PYPI_UPLOAD,
        status=status,
        headers={"content-type": "text/html"},
        body=body,
    )


# Any repository


def any_repository(*, index_url: bool = True, password: bool = True) -> Preparation:
    """A repository by its address, with or without what belongs to it."""

    def prepare(job: Publisher) -> Inputs:
        address = job.sandbox.world.addresses.service_variables["DIST_ACTIONS_PYPI_URL"]
        given = {"index": f"{address}/legacy/"}
        if index_url:
            given["index-url"] = f"{address}/simple/"
        if password:
            given |= {"username": "__token__", "password": job.pypi_token()}
        return given

    return prepare


def wrong_password(job: Publisher) -> Inputs:
    """A repository that knows its users, and not this one."""
    addresses, dev = job.sandbox.world.addresses, job.environment
    place = {
        "location": dev.location,
        "project_id": dev.project_id,
        "repository": dev.repository,
    }
    return {
        "index": addresses.upload_url(**place),
        "index-url": addresses.index_url(**place),
        "username": "somebody",
        "password": "not-the-right-password",
    }
