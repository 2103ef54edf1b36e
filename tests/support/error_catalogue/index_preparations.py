"""States of Artifact Registry and of other repositories that refuse a publication.

Each returns the inputs that go with it, None where there are none. What no simulator does by itself
is a fault, with the real service's words.
"""

from typing import Any

from support.closed_port import CLOSED_PORT
from support.distributions.builders import write_release
from support.error_catalogue.case import Inputs, Preparation
from support.publishing.job import UPLOAD, PublishingJob


def _repository(publisher: PublishingJob, **changes: Any) -> None:
    publisher.sandbox.control("PATCH", "google/repositories/dev", changes)


def reader_only(publisher: PublishingJob) -> None:
    """Prepare an account that may read and not write."""
    member = f"serviceAccount:{publisher.environment.service_account}"
    _repository(publisher, bindings={"roles/artifactregistry.reader": [member]})


def no_bindings(publisher: PublishingJob) -> None:
    """Prepare an account that may do nothing."""
    _repository(publisher, bindings={})


def upload_forbidden(publisher: PublishingJob) -> None:
    """Prepare permissions that are missing although nobody says so beforehand."""
    _repository(publisher, files_api="disabled")
    reader_only(publisher)


def upload_401(publisher: PublishingJob) -> None:
    """Prepare tokens that are refused, the renewed one too."""
    publisher.fault(
        method="POST", path=UPLOAD, times=2, status=401, body="Unauthenticated request."
    )


def upload_400(publisher: PublishingJob) -> None:
    """Prepare a file that is not accepted."""
    publisher.fault(method="POST", path=UPLOAD, status=400, body="Invalid metadata")


def other_bytes(publisher: PublishingJob) -> None:
    """Prepare an index that holds the version from another build."""
    assert publisher().exit_status == 0
    write_release(publisher.dist, content="another build")


def small_repository(publisher: PublishingJob) -> None:
    """Prepare a repository that takes small files only."""
    _repository(publisher, file_size_limit_bytes=100)


def quota(publisher: PublishingJob) -> None:
    """Prepare a service that answers nobody for an hour."""
    publisher.sandbox.control(
        "PUT",
        "google/quotas/artifact-registry",
        {"requests_per_minute": 0, "retry_after_seconds": 3600},
    )


def virtual_repository(publisher: PublishingJob) -> None:
    """Prepare a repository that gathers others."""
    publisher.sandbox.control(
        "PUT",
        "google/repositories/dev/everything",
        {"mode": "virtual", "upstreams": {publisher.environment.repository: 1}},
    )


def remote_repository(publisher: PublishingJob) -> None:
    """Prepare a repository that mirrors another index."""
    address = f"{publisher.sandbox.world.addresses.service_variables['DIST_ACTIONS_PYPI_URL']}"
    publisher.sandbox.control(
        "PUT",
        "google/repositories/dev/mirror",
        {"mode": "remote", "remote_url": f"{address}/simple/"},
    )


def unknown_bytes(publisher: PublishingJob) -> None:
    """Prepare an index that tells no hashes and whose files cannot be read."""
    assert publisher().exit_status == 0
    _repository(publisher, shows_hashes=False, files_api="refused")
    publisher.fault(method="GET", path="/packages/", times=2, status=403)


def page_is_html(publisher: PublishingJob) -> None:
    """Prepare a proxy that wants somebody to log in."""
    publisher.fault(
        method="GET",
        path="/simple/",
        status=200,
        headers={"content-type": "application/json"},
        body="<html>Log in</html>",
        times=2,
    )


def _moved(publisher: PublishingJob, method: str, path: str, status: int) -> None:
    location = {"location": "https://elsewhere.example.com/simple/"}
    publisher.fault(method=method, path=path, status=status, headers=location, times=2)


def moved_page(publisher: PublishingJob) -> None:
    """Prepare an index that sends its readers elsewhere."""
    _moved(publisher, "GET", "/simple/", 302)


def moved_upload(publisher: PublishingJob) -> None:
    """Prepare a repository that sends its uploaders elsewhere."""
    _moved(publisher, "POST", UPLOAD, 308)


def any_repository(*, index_url: bool = True, password: bool = True) -> Preparation:
    """Prepare a repository by its address, with or without what belongs to it."""

    def prepare(job: PublishingJob) -> Inputs:
        address = job.sandbox.world.addresses.service_variables["DIST_ACTIONS_PYPI_URL"]
        inputs = {"index": f"{address}/legacy/"}
        if index_url:
            inputs["index-url"] = f"{address}/simple/"
        if password:
            inputs |= {"username": "__token__", "password": job.pypi_token()}
        return inputs

    return prepare


def wrong_password(job: PublishingJob) -> Inputs:
    """Prepare a repository that knows its users, and not this one."""
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
        "password": "pw-8c1f-of-somebody-else",
    }


def proxy_password(publisher: PublishingJob) -> None:
    """Prepare a proxy that wants a password of its own."""
    publisher.fault(path="/simple/", status=407)


def closed_port(_: PublishingJob) -> Inputs:
    """Prepare an address at which nothing listens, and no patience."""
    address = f"http://{CLOSED_PORT}/"
    return {
        "index": address,
        "index-url": f"{address}simple/",
        "username": "us",
        "password": "an-unused-password",
        "max-wait": "0s",
    }
