"""The input `attestations`: what PyPI takes is signed first, and nothing else is."""

import pytest
import requests

from release_fixtures import TaggedProject
from sandbox_fixtures import Sandbox
from scenarios.publish.conftest import Publisher

CERTIFICATE = "/api/v2/signingCert"
TO_PYPI = {"index": "pypi", "attestations": "true"}


def provenance(sandbox: Sandbox) -> list[str]:
    """Addresses of the attestations that PyPI's page offers."""
    page = requests.get(
        f"{sandbox.world.addresses.pypi}/simple/eigenoid-sample/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
        timeout=10,
    ).json()
    return [file["provenance"] for file in page["files"] if file.get("provenance")]


def test_every_file_for_pypi_is_attested(publisher: Publisher) -> None:
    result = publisher({**TO_PYPI, "index": "artifact-registry\npypi"})
    assert result.exit_status == 0, result.log
    offered = provenance(publisher.sandbox)
    assert len(offered) == 2
    held = requests.get(offered[0], timeout=10).json()
    (bundle,) = held["attestation_bundles"]
    assert bundle["publisher"]["repository"] == "eigenoid/eigenoid-sample"


def test_a_rerun_signs_nothing(publisher: Publisher) -> None:
    publisher(TO_PYPI)
    again = publisher(TO_PYPI)
    assert (again.exit_status, again.changes) == (0, ())
    assert [call for call in again.calls if "sigstore" in call] == []


def test_a_signature_that_is_refused_stops_every_upload(publisher: Publisher) -> None:
    fault = {"method": "POST", "path": CERTIFICATE, "status": 400, "times": 9}
    publisher.sandbox.control("POST", "faults", fault)
    result = publisher({**TO_PYPI, "index": "artifact-registry\npypi"})
    assert result.exit_status == 1, result.log
    assert "#attestations" in result.annotation.message
    assert publisher.indexed() == {}
    assert provenance(publisher.sandbox) == []


@pytest.mark.parametrize(
    "inputs",
    [
        {"index": "artifact-registry"},
        {"index": "pypi", "password": "pypi-token"},
    ],
    ids=["no PyPI", "a token"],
)
def test_what_cannot_be_attested_is_refused_offline(
    publisher: Publisher, inputs: dict[str, str]
) -> None:
    result = publisher({"attestations": "true", **inputs})
    assert (result.exit_status, result.requests) == (2, ())
    assert "Trusted Publishing, which alone can be attested" in result.annotation.message


def test_a_release_is_attested_too(tagged: TaggedProject) -> None:
    google = {"workload-identity-provider": "", "service-account": ""}
    result = tagged.publish({**google, **TO_PYPI})
    assert result.exit_status == 0, result.log
    assert len(provenance(tagged.sandbox)) == 2
