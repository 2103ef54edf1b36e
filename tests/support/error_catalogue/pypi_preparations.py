"""States of PyPI that refuse a publication.

Each returns the inputs that go with it, None where there are none. What no simulator does by itself
is a fault, with the real service's words.
"""

import json
from typing import Any

import jwt
import requests

from dist_sandbox.pypi.state import IndexName
from support.distributions.builders import write_sdist, write_wheel
from support.error_catalogue.case import Inputs, Preparation
from support.projects.releases import PUBLISHING
from support.publishing.job import PYPI_UPLOAD, PublishingJob

_TAG = "refs/tags/v0.1.0-dev"
_DAY_SECONDS = 86400


def trusted_publishing_off(publisher: PublishingJob) -> None:
    """Prepare an index that mints nothing at the moment."""
    publisher.sandbox.control("PATCH", "pypi/pypi/settings", {"trusted_publishing": False})


def mint_not_enabled(publisher: PublishingJob) -> None:
    """Prepare the same, which is told a step later."""
    error = {"code": "not-enabled", "description": "github trusted publishing not enabled"}
    body = json.dumps({"message": "Token request failed", "errors": [error]})
    publisher.fault(path="/mint-token", status=422, body=body)


def _id_token(publisher: PublishingJob, **changes: Any) -> str:
    """Prepare the job's next ID token for PyPI, with other claims."""
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


def another_issuer(publisher: PublishingJob) -> None:
    """Prepare a token of a GitHub Enterprise Server."""
    _id_token(publisher, iss="https://ghes.example.com")


def expired_token(publisher: PublishingJob) -> None:
    """Prepare a token of a minute ago that was good until then."""
    _id_token(publisher, exp=1_700_000_000)


def used_token(publisher: PublishingJob) -> None:
    """Prepare a token that was used before."""
    token = _id_token(publisher)
    address = publisher.sandbox.world.addresses.service_variables["DIST_ACTIONS_PYPI_URL"]
    answer = requests.post(f"{address}/_/oidc/mint-token", json={"token": token}, timeout=30)
    assert answer.ok, answer.text
    publisher.sandbox.credentials.values.add(str(answer.json()["token"]))


def reusable_workflow(publisher: PublishingJob) -> None:
    """Prepare a job that stands in a workflow that others call."""
    workflow = "eigenoid/shared/.github/workflows/upload.yml@refs/heads/main"
    _id_token(publisher, job_workflow_ref=workflow)


def publisher(**described: str) -> Preparation:
    """Prepare PyPI with another publisher than this job's."""

    def prepare(job: PublishingJob) -> None:
        job.sandbox.control("PUT", "pypi/pypi/publishers", {"publishers": [described]})

    return prepare


def no_publisher_on_testpypi(job: PublishingJob) -> None:
    """Prepare a publisher on PyPI alone."""
    job.sandbox.control("PUT", "pypi/testpypi/publishers", {"publishers": []})


def _upload(job: PublishingJob, name: IndexName = "pypi") -> None:
    """Publish what is at hand by a user's token."""
    result = job({"index": name, "password": job.pypi_token(name)})
    assert result.exit_status == 0, result.log


def _only(job: PublishingJob, version: str = "0.1.0", project: str = "eigenoid-sample") -> None:
    """Leave one wheel in the folder."""
    for path in job.dist.iterdir():
        path.unlink()
    write_wheel(job.dist, version, project=project)


def late_pending_publisher(job: PublishingJob) -> None:
    """Prepare a pending publisher whose project somebody else made first."""
    publisher()(job)
    _upload(job)
    _only(job, "0.2.0")


def similar_pending(job: PublishingJob) -> None:
    """Prepare a pending publisher of a project whose name is like another's."""
    _upload(job)
    _only(job, "0.2.0")
    publisher(project="eigenoid-samp1e")(job)


# PyPI's rules


def private_classifier(job: PublishingJob) -> None:
    """Prepare a wheel that is meant for a private index."""
    write_wheel(job.dist, Classifier="Private :: Do Not Upload")


def burnt_name(job: PublishingJob) -> Inputs:
    """Prepare a file that was deleted."""
    _upload(job)
    for name in job.on("pypi"):
        job.sandbox.control("DELETE", f"pypi/pypi/files/{name}")
    return {"password": job.pypi_token()}


def old_release(job: PublishingJob) -> Inputs:
    """Prepare a version of 15 days ago that lacks its sdist."""
    _only(job)
    _upload(job)
    job.sandbox.control("POST", "clock", {"offset_seconds": 15 * _DAY_SECONDS})
    write_sdist(job.dist)
    return {"password": job.pypi_token()}


def similar_name(job: PublishingJob) -> Inputs:
    """Prepare another project whose name looks the same."""
    _only(job, project="eigenoid-samp1e")
    _upload(job)
    _only(job)
    return {"password": job.pypi_token()}


def prohibited_name(job: PublishingJob) -> Inputs:
    """Prepare a name that no project may have."""
    settings = {"prohibited_names": ["eigenoid-sample"]}
    job.sandbox.control("PATCH", "pypi/pypi/settings", settings)
    return {"password": job.pypi_token()}


def small_index(limit: str) -> Preparation:
    """Prepare an index with a limit of 100 bytes."""

    def prepare(job: PublishingJob) -> Inputs:
        job.sandbox.control("PATCH", "pypi/pypi/settings", {limit: 100})
        return {"password": job.pypi_token()}

    return prepare


def foreign_token(job: PublishingJob) -> Inputs:
    """Prepare a token whose scope is another project."""
    _upload(job)
    _only(job, "0.2.0")
    return {"password": job.pypi_token(project="another-project")}


def foreign_project(job: PublishingJob) -> Inputs:
    """Prepare a user who is no owner, in PyPI's words: simulated users own everything."""
    message = "The user 'developer' isn't allowed to upload to project 'eigenoid-sample'."
    _refused(job, 403, message)
    return {"password": job.pypi_token()}


def refused_attestation(job: PublishingJob) -> Inputs:
    """Prepare an attestation that does not hold."""
    _refused(job, 400, "Invalid attestations supplied during upload: Verification failed")
    return {"password": job.pypi_token()}


def password_said_back(job: PublishingJob) -> Inputs:
    """Prepare an index that repeats what it was sent."""
    token = f"{job.pypi_token()}_with_*marks*"
    _refused(job, 400, f"The token {token} cannot upload this")
    return {"password": token}


def _refused(job: PublishingJob, status: int, message: str) -> None:
    body = f"<html>\n <head>\n  <title>{status} {message}</title>\n </head>\n</html>"
    job.fault(
        method="POST",
        path=PYPI_UPLOAD,
        status=status,
        headers={"content-type": "text/html"},
        body=body,
    )
