"""Attestations are taken with a Trusted Publisher's upload only, kept, and shown as provenance."""

import base64
import hashlib
import json
from urllib.parse import urlsplit

import pytest
from twine.utils import DEFAULT_REPOSITORY

from support.distributions.builders import PROJECT
from support.pypi.client import refusal

_DOMAIN = urlsplit(DEFAULT_REPOSITORY).hostname.partition(".")[2]
PUBLISH = f"https://docs.{_DOMAIN}/attestations/publish/v1"
SLSA = "https://slsa.dev/provenance/v1"


def attestation(file, *, kind=PUBLISH, **changes):
    """An attestation object of the right form, whose signature nobody looks at."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    subject = {"name": file.name, "digest": {"sha256": digest}} | changes.pop("subject", {})
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [subject],
        "predicateType": kind,
        "predicate": None,
    }
    encoded = base64.b64encode(json.dumps(statement).encode()).decode()
    return {
        "version": 1,
        "verification_material": {"certificate": "Zm9v", "transparency_entries": [{}]},
        "envelope": {"statement": encoded, "signature": "Zm9v"},
        **changes,
    }


def test_attestations_are_kept_and_shown(pypi, wheel):
    given = [attestation(wheel()), attestation(wheel(), kind=SLSA)]
    assert pypi.upload(wheel(), pypi.minted(), attestations=json.dumps(given)).ok
    [file] = pypi.files()
    provenance = pypi.get(file["provenance"]).json()
    assert provenance["version"] == 1
    [bundle] = provenance["attestation_bundles"]
    assert bundle["attestations"] == given
    assert bundle["publisher"] == {
        "kind": "GitHub",
        "claims": None,
        "repository": "eigenoid/eigenoid-sample",
        "workflow": "release.yml",
        "environment": None,
    }


def test_upload_without_attestations_has_no_provenance(pypi, wheel):
    assert pypi.upload(wheel(), pypi.minted()).ok
    assert pypi.files()[0]["provenance"] is None


def test_provenance_is_that_of_its_own_file(pypi, wheel):
    given = json.dumps([attestation(wheel())])
    assert pypi.upload(wheel(), pypi.minted(), attestations=given).ok
    path = pypi.files()[0]["provenance"]
    for other in (path.replace(f"/{PROJECT}/", "/other/"), path.replace("/0.1.0/", "/0.2.0/")):
        assert pypi.get(other).status_code == 404


def test_api_token_cannot_attest(pypi, wheel):
    given = json.dumps([attestation(wheel())])
    answer = pypi.upload(wheel(), pypi.token(), attestations=given)
    assert answer.status_code == 400
    assert (
        "Invalid attestations supplied during upload: Attestations are only supported when using "
        "Trusted Publishing" in refusal(answer)
    )


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda file: "no JSON", "Malformed attestations"),
        (lambda file: "{}", "Malformed attestations"),
        (lambda file: "[]", "an empty attestation set is not permitted"),
        (lambda file: [{}], "Malformed attestations"),
        (lambda file: [attestation(file, version=2)], "Malformed attestations"),
        (lambda file: [attestation(file, envelope={"statement": "?"})], "Malformed attestations"),
        (
            lambda file: [attestation(file), attestation(file)],
            "with the same predicate type",
        ),
        (lambda file: 3 * [attestation(file)], "A maximum of 2 attestations per file"),
        (
            lambda file: [attestation(file, kind="https://example.com/v1")],
            "unsupported predicate type",
        ),
        (
            lambda file: [attestation(file, subject={"name": "another.whl"})],
            "subject does not match distribution",
        ),
        (
            lambda file: [attestation(file, subject={"digest": {"sha256": 64 * "0"}})],
            "subject does not match distribution",
        ),
    ],
)
def test_attestations_that_are_refused(pypi, wheel, make, text):
    given = make(wheel())
    field = given if isinstance(given, str) else json.dumps(given)
    answer = pypi.upload(wheel(), pypi.minted(), attestations=field)
    assert answer.status_code == 400
    assert text in refusal(answer)
    assert pypi.filenames() == []
