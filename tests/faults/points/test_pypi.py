"""Points 53 to 60: what PyPI mints, takes and refuses, and what stands elsewhere by then."""

import json
from datetime import timedelta
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from support.distributions.builders import PROJECT, write_release
from support.faults.flows import Flow
from support.faults.modes import EVER
from support.faults.points import play, play_refusal
from support.publishing.job import PYPI_UPLOAD, PublishingJob

MINT, PAGE = "/pypi/_/oidc/mint-token$", "^/pypi/simple/"
CERTIFICATE, LOG_ENTRY = "/api/v2/signingCert", "/sigstore/rekor/api/v1/log/entries"


def publish_to_pypi(flow: Flow, inputs: dict[str, str] | None = None) -> None:
    """Let an earlier run have published the same files to PyPI alone."""
    result = flow.run(inputs={"index": "pypi", **(inputs or {})})
    assert result.exit_status == 0, result.log


@pytest.mark.parametrize(
    "fault",
    [
        *({"status": status} for status in (500, 502, 503, 504)),
        {"status": 429, "headers": {"retry-after": "20"}},
        {"status": 502, "applied": True},
    ],
    ids=["500", "502", "503", "504", "429", "minted then 502"],
)
def test_point_53_mint_5xx_or_429(publish_flow: Flow, fault: dict[str, Any]) -> None:
    told_seconds = 20 if fault["status"] == 429 else 0
    assert play(publish_flow, [{"path": MINT, **fault}], told_seconds=told_seconds) == []


@pytest.mark.parametrize("audience", ["", "\ud800"], ids=["empty", "half a character"])
def test_point_53_an_audience_that_is_none(publish_flow: Flow, audience: str) -> None:
    body = json.dumps({"audience": audience})
    assert play(publish_flow, [{"path": "/_/oidc/audience$", "status": 200, "body": body}]) == []


def test_point_53_mint_422(publish_flow: Flow) -> None:
    """No publisher fits: nothing is uploaded anywhere, and a publisher is all that is missing."""

    def forget() -> None:
        publish_flow.sandbox.control("PUT", "pypi/pypi/publishers", {"publishers": []})

    says = ["PyPI gave no upload token: invalid-publisher", "add or correct a publisher"]
    assert play_refusal(publish_flow, forget, says=says) == []
    add = publish_flow.sandbox.world.pypi["pypi"].set_up
    assert play(publish_flow, before=forget, after=add, exit_status=1, says=says) == []


@pytest.mark.parametrize("skip", [0, 1])
def test_point_54_applied_then_502(publish_flow: Flow, skip: int) -> None:
    assert (
        play(publish_flow, [{"path": PYPI_UPLOAD, "skip": skip, "applied": True, "status": 502}])
        == []
    )


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed yet"])
def test_point_55_other_bytes(publish_flow: Flow, listed: bool) -> None:
    """Where PyPI lists them, nothing is uploaded to Artifact Registry either."""
    other = PublishingJob(
        publish_flow.sandbox,
        publish_flow.project.run_stage,
        publish_flow.project.workspace / "other",
    )
    if not other.dist.exists():
        write_release(other.dist, content="another build")

    def publish_others() -> None:
        assert other({"index": "pypi"}, skew_seconds=0.0).exit_status == 0
        if not listed:
            publish_flow.sandbox.control("POST", "faults", {"path": PAGE, "status": 404})

    says = ["PyPI holds eigenoid_sample-0.1.0", "other bytes under the same name"]
    assert play_refusal(publish_flow, publish_others, says=says, changes=not listed) == []


def test_point_56_burnt_name(publish_flow: Flow) -> None:
    """Nobody knows it before the upload; Artifact Registry has the files by then."""
    name = next(name for name in publish_flow.project.at_hand() if name.endswith(".whl"))

    def burn() -> None:
        publish_to_pypi(publish_flow)
        publish_flow.sandbox.control("DELETE", f"pypi/pypi/files/{name}")

    says = [f"PyPI refused {name}", "never gives a name out again", "raise the version"]
    assert play_refusal(publish_flow, burn, says=says, changes=True) == []


def test_point_57_closed_after_14_days(publish_flow: Flow) -> None:
    """Nobody knows it before the upload; Artifact Registry has the files by then."""

    def close() -> None:
        fault = {"path": PYPI_UPLOAD, "skip": 1, "status": 400, "body": "Not yet."}
        publish_flow.sandbox.control("POST", "faults", fault)
        assert publish_flow.run(inputs={"index": "pypi"}).exit_status == 1
        project = publish_flow.sandbox.world.pypi["pypi"].projects[canonicalize_name(PROJECT)]
        for version, created_at in project.releases.items():
            project.releases[version] = created_at - timedelta(days=15)

    says = ["has been there for more than 14 days", "raise the version"]
    assert play_refusal(publish_flow, close, says=says, changes=True) == []


ATTESTING = {"attestations": "true"}


@pytest.mark.parametrize("path", [CERTIFICATE, LOG_ENTRY], ids=["certificate", "log"])
@pytest.mark.parametrize(
    ("status", "exit_status"), [(403, 1), (503, 3)], ids=["refused", "unavailable"]
)
def test_point_58_attestation_fails(
    publish_flow: Flow, path: str, status: int, exit_status: int
) -> None:
    """Nothing is uploaded anywhere, also where Artifact Registry comes first and takes none."""
    refusal = json.dumps({"code": 7, "message": "issuer is not known"})
    fault = {"path": path, "status": status, "body": refusal, "times": EVER}
    assert play(publish_flow, [fault], inputs=ATTESTING, exit_status=exit_status) == []
    publish_flow.before.restore()
    publish_flow.sandbox.control("POST", "faults", fault)
    result = publish_flow.run(inputs=ATTESTING)
    assert publish_flow.project.indexed() == publish_flow.project.on("pypi") == {}, result.log
    publish_flow.sandbox.control("DELETE", "faults")
    publish_flow.sandbox.world.clock.offset = timedelta()  # Sigstore's client has the machine's
    assert publish_flow.run(inputs=ATTESTING).outputs["uploaded"] == "4"


def test_point_58_attestation_with_a_clock_that_is_behind(publish_flow: Flow) -> None:
    """Sigstore's client compares the machine's clock with the ID token, and says less."""
    publish_flow.before.restore()
    publish_flow.sandbox.world.clock.skip(600)
    result = publish_flow.run(inputs=ATTESTING, skew_seconds=-600.0)
    assert (result.exit_status, result.outputs) == (1, {}), result.log
    assert "s off GitHub's, and Sigstore's client" in result.annotation.message


def test_point_58_attestation_is_refused_by_pypi(publish_flow: Flow) -> None:
    body = "Invalid attestations supplied during upload: Verification failed"
    fault = {"path": PYPI_UPLOAD, "status": 400, "body": body}
    says = ["the index does not accept the attestation"]
    assert play(publish_flow, [fault], inputs=ATTESTING, exit_status=1, says=says) == []


@pytest.mark.parametrize(("reads", "exit_status"), [(1, 0), (3, 0), (30, 3)])
def test_point_59_stale_index(publish_flow: Flow, reads: int, exit_status: int) -> None:
    def lag() -> None:
        publish_flow.sandbox.control("PATCH", "pypi/pypi/settings", {"stale_reads": reads})

    catch_up = publish_flow.sandbox.world.pypi["pypi"].set_up
    says = ["PyPI", "does not show"]
    assert play(publish_flow, before=lag, after=catch_up, exit_status=exit_status, says=says) == []


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize(("status", "exit_status"), [(403, 1), (503, 3)])
def test_point_60_artifact_registry_done_then_pypi_fails(
    publish_flow: Flow, status: int, exit_status: int, skip: int
) -> None:
    """A rerun sends PyPI what it lacks, and nothing to Artifact Registry."""
    fault = {"path": PYPI_UPLOAD, "skip": skip, "status": status, "times": EVER}
    assert play(publish_flow, [fault], exit_status=exit_status) == []
    publish_flow.before.restore()
    publish_flow.sandbox.control("POST", "faults", fault)
    assert publish_flow.run().exit_status == exit_status
    assert publish_flow.project.indexed() == publish_flow.project.at_hand()
    assert len(publish_flow.project.on("pypi")) == skip
    publish_flow.sandbox.control("DELETE", "faults")
    again = publish_flow.run()
    assert set(again.changes) <= {"POST /pypi/legacy/", "POST /pypi/_/oidc/mint-token"}, again.log
    assert again.outputs["uploaded"] == str(2 - skip)
