"""Faults on a job's way into its index, and in the index: doctor finds each, and nothing else."""

import pytest

from support.distributions.builders import (
    make_manifest,
    parsed,
    write_manifest,
    write_release,
    write_wheel,
)
from support.doctor.faults import Fault
from support.doctor.project import TAG, ExaminedProject, findings
from support.pypi.client import PypiClient
from support.sandbox.releases import publish_release

VERSION = "0.5.0"


def input_is(project: ExaminedProject, name: str, value: str) -> None:
    project.inputs[name] = value


def job(project: ExaminedProject, name: str, value: object) -> None:
    project.job[name] = value


def publish_to_pypi(project: ExaminedProject) -> None:
    PypiClient(project.sandbox, "pypi").set_publishers()
    project.inputs |= {
        "index": "pypi",
        **dict.fromkeys(
            ("workload-identity-provider", "service-account", "project-id", "location"), ""
        ),
        "repository": "",
    }


def take_name_on_pypi(project: ExaminedProject) -> None:
    pypi = PypiClient(project.sandbox, "pypi")
    folder = project.folder.parent / "foreign"
    write_wheel(folder, "99.0", project="eigenoid-sample")
    (wheel,) = folder.iterdir()
    assert pypi.upload(wheel, pypi.token()).ok


def replace_files(project: ExaminedProject) -> None:
    """Publish other bytes than those of the release."""
    dist, assets = project.folder / "dist", project.folder.parent / "assets"
    write_release(dist, VERSION)
    published = project.runner(
        "publish", {**project.publishing, "dist": "dist"}, **project.publishing_job
    )
    assert published.exit_status == 0, published.log
    write_release(assets, VERSION, content="other bytes")
    commit = project.sandbox.branch_sha("dev")
    manifest = make_manifest(assets, version=parsed(VERSION), tag=TAG, commit_sha=commit)
    write_manifest(assets, manifest)
    publish_release(project.sandbox, TAG, assets)


def only_read(project: ExaminedProject) -> None:
    path = "google/repositories/dev"
    bindings = dict(project.sandbox.control("GET", path)["bindings"])
    bindings["roles/artifactregistry.reader"] = bindings.pop("roles/artifactregistry.writer")
    project.sandbox.control("PATCH", path, {"bindings": bindings})


FAULTS = [
    Fault(
        "the job may not ask for an ID token",
        lambda p: job(p, "permissions", {"contents": "read"}),
        "id-token",
        "id-token: write",
    ),
    Fault(
        "the job has no environment",
        lambda p: job(p, "environment", ""),
        "claims",
        "environment:",
    ),
    Fault(
        "the job runs for a branch",
        lambda p: job(p, "ref", "refs/heads/dev"),
        "claims",
        "--ref TAG",
    ),
    Fault(
        "the job runs in another tag's environment",
        lambda p: job(p, "environment", "qa"),
        "claims",
        "tag's own environment",
    ),
    Fault(
        "the provider does not exist",
        lambda p: input_is(
            p,
            "workload-identity-provider",
            "projects/100000000001/locations/global/workloadIdentityPools/github/providers/other",
        ),
        "exchange",
        "gcloud iam workload-identity-pools providers list",
    ),
    Fault(
        "the provider's condition is another one",
        lambda p: p.sandbox.control(
            "PATCH",
            "google/providers/dev",
            {"attribute_condition": "assertion.repository == 'eigenoid/other'"},
        ),
        "exchange",
        "providers describe",
    ),
    Fault(
        "the repository is not bound to the account",
        lambda p: p.sandbox.control(
            "PUT", "google/service-accounts/dev/impersonators", {"members": []}
        ),
        "exchange",
        "add-iam-policy-binding",
    ),
    Fault(
        "the account does not exist",
        lambda p: input_is(p, "service-account", "nobody@eigenoid-dev.iam.gserviceaccount.com"),
        "exchange",
        "gcloud iam service-accounts",
    ),
    Fault(
        "the index has another location",
        lambda p: input_is(p, "location", "europe-west1"),
        "index-writable",
        "gcloud artifacts repositories list",
    ),
    Fault(
        "the account may not read",
        lambda p: p.sandbox.control("PATCH", "google/repositories/dev", {"bindings": {}}),
        "index-readable",
        "",
    ),
    Fault(
        "the account may only read",
        only_read,
        "index-writable",
        "roles/artifactregistry.writer",
    ),
    Fault("PyPI knows no publisher", publish_to_pypi, "exchange", "publish"),
    Fault(
        "the index holds other bytes than the release",
        replace_files,
        "same-bytes",
        "yank",
    ),
    Fault(
        "PyPI has a project of the private name",
        take_name_on_pypi,
        "names-apart",
        "--index-url",
    ),
]


def test_a_service_that_does_not_answer_is_no_fault_of_the_project(
    examined: ExaminedProject,
) -> None:
    # It stands before the faults, of which PyPI keeps one.
    examined.examine()  # the next ones have the sandbox's clock, in which waits are over
    examined.job["skew_seconds"] = 0.0
    path = r"^/api/v3/repos/[^/]+/[^/]+$|/installation$|/releases$|/sts/"
    examined.sandbox.control("POST", "faults", {"path": path, "status": 503, "times": 99})
    try:
        result = examined.examine()
    finally:
        examined.sandbox.control("DELETE", "faults")
    assert findings(result, "error", "warning") == []
    reasons = {row["check"]: row["reason"] for row in findings(result, "not-checked")}
    for check in ("github-readable", "default-branch", "apps", "same-bytes", "exchange"):
        assert "HTTP 503" in reasons[check], check
    assert result.exit_status == 0


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found(examined: ExaminedProject, fault: Fault) -> None:
    fault.require_found(examined)
