"""Attestations are taken with a Trusted Publisher's upload only, verified, kept, and shown."""

import copy
import json

import pytest

from dist_sandbox.addresses import Addresses
from dist_sandbox.clock import Clock
from dist_sandbox.sigstore.state import Sigstore
from support.distributions.builders import PROJECT
from support.pypi.attesting import SLSA, attest, flip
from support.pypi.client import refusal


@pytest.fixture
def attestation(pypi):
    """Signs attestations of a file as a job of `release.yml`: `attestation(file, kind=SLSA)`."""

    def sign(file, *, job=None, **changes):
        trust = pypi.sandbox.world.sigstore.trust_config()
        return attest(trust, pypi.id_token("sigstore", **(job or {})), file, **changes)

    return sign


def test_attestations_are_kept_and_shown(pypi, wheel, attestation):
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


def test_provenance_is_that_of_its_own_file(pypi, wheel, attestation):
    given = json.dumps([attestation(wheel())])
    assert pypi.upload(wheel(), pypi.minted(), attestations=given).ok
    path = pypi.files()[0]["provenance"]
    for other in (path.replace(f"/{PROJECT}/", "/other/"), path.replace("/0.1.0/", "/0.2.0/")):
        assert pypi.get(other).status_code == 404


def test_api_token_cannot_attest(pypi, wheel, attestation):
    given = json.dumps([attestation(wheel())])
    answer = pypi.upload(wheel(), pypi.token(), attestations=given)
    assert answer.status_code == 400
    assert (
        "Invalid attestations supplied during upload: Attestations are only supported when using "
        "Trusted Publishing" in refusal(answer)
    )


def changed(attestation, change):
    """A copy of an attestation, with one change."""
    other = copy.deepcopy(attestation)
    change(other)
    return other


def entry(attestation):
    """The only entry of the log in an attestation."""
    return attestation["verification_material"]["transparency_entries"][0]


def break_signature(attestation):
    envelope = attestation["envelope"]
    envelope["signature"] = flip(envelope["signature"])


def break_statement(attestation):
    envelope = attestation["envelope"]
    envelope["statement"] = flip(envelope["statement"])


def break_root(attestation):
    proof = entry(attestation)["inclusionProof"]
    proof["rootHash"] = flip(proof["rootHash"])


def break_checkpoint(attestation):
    proof = entry(attestation)["inclusionProof"]
    note = proof["checkpoint"]["envelope"]
    head, mark, signature = note.rstrip("\n").rpartition(" ")
    proof["checkpoint"]["envelope"] = f"{head}{mark}{flip(signature)}\n"


def break_promise(attestation):
    promise = entry(attestation)["inclusionPromise"]
    promise["signedEntryTimestamp"] = flip(promise["signedEntryTimestamp"])


def drop_entries(attestation):
    attestation["verification_material"]["transparency_entries"] = []


def drop_certificate(attestation):
    attestation["verification_material"]["certificate"] = "Zm9v"


def empty_entry(attestation):
    attestation["verification_material"]["transparency_entries"] = [{}]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (break_signature, "Verification failed"),
        (break_statement, "Verification failed"),
        (break_root, "Verification failed"),
        (break_checkpoint, "Verification failed"),
        (break_promise, "Verification failed"),
        (drop_entries, "Malformed attestations"),
        (drop_certificate, "invalid X.509 certificate"),
        (empty_entry, "invalid transparency log entry"),
        (lambda one: one.update(version=2), "Malformed attestations"),
        (lambda one: one.update(envelope={"statement": "?"}), "Malformed attestations"),
    ],
)
def test_an_attestation_that_was_changed_is_refused(pypi, wheel, attestation, change, text):
    require_refused(pypi, wheel(), [changed(attestation(wheel()), change)], text)


def test_the_certificate_of_another_signature_is_refused(pypi, wheel, attestation):
    one, other = attestation(wheel()), attestation(wheel())
    one["verification_material"]["certificate"] = other["verification_material"]["certificate"]
    require_refused(pypi, wheel(), [one], "Verification failed")


def test_the_log_entry_of_another_signature_is_refused(pypi, wheel, attestation):
    one, other = attestation(wheel()), attestation(wheel(), kind=SLSA)
    entries = other["verification_material"]["transparency_entries"]
    one["verification_material"]["transparency_entries"] = entries
    require_refused(pypi, wheel(), [one], "Verification failed")


def test_the_signature_of_a_strangers_sigstore_is_refused(pypi, wheel, attestation):
    """Whoever runs a Sigstore of his own signs whatever he likes."""
    world = pypi.sandbox.world
    kept = {name: vars(world.sigstore)[name] for name in ("entries", "certificate_log")}
    authority = world.sigstore.authority
    stranger = Sigstore(Addresses(world.addresses.base), Clock())
    vars(world.sigstore).update(
        entries=stranger.entries,
        certificate_log=stranger.certificate_log,
        _authority=stranger.authority,
    )
    try:
        signed = attestation(wheel())
    finally:
        vars(world.sigstore).update(kept, _authority=authority)
    require_refused(pypi, wheel(), [signed], "Verification failed")


@pytest.mark.parametrize(
    "publisher",
    [
        {"workflow": "upload.yml"},
        {"repository": "another"},
        {"owner": "somebody", "owner_id": 7},
    ],
    ids=lambda publisher: next(iter(publisher)),
)
def test_the_signature_of_another_workflow_is_refused(pypi, wheel, attestation, publisher):
    signed = attestation(wheel())
    pypi.set_publishers({"project": PROJECT, **publisher})
    owner, repository = publisher.get("owner", "eigenoid"), publisher.get("repository", PROJECT)
    workflow = publisher.get("workflow", "release.yml")
    claims = {
        "repository": f"{owner}/{repository}",
        "repository_owner": owner,
        "repository_owner_id": str(publisher.get("owner_id", "")) or None,
        "ref": "refs/heads/dev",
        "job_workflow_ref": f"{owner}/{repository}/.github/workflows/{workflow}@refs/heads/dev",
        "workflow_ref": f"{owner}/{repository}/.github/workflows/{workflow}@refs/heads/dev",
    }
    minted = pypi.mint(pypi.forge(**{name: value for name, value in claims.items() if value}))
    assert minted.ok, minted.text
    require_refused(pypi, wheel(), [signed], "Verification failed", minted.json()["token"])


@pytest.mark.parametrize("field", ["no JSON", "{}", "[{}]"])
def test_what_are_no_attestations_is_refused(pypi, wheel, field):
    require_refused(pypi, wheel(), field, "Malformed attestations")


def test_an_empty_set_is_refused(pypi, wheel):
    require_refused(pypi, wheel(), "[]", "an empty attestation set is not permitted")


def test_two_of_a_kind_are_refused(pypi, wheel, attestation):
    signed = attestation(wheel())
    require_refused(pypi, wheel(), [signed, signed], "with the same predicate type")
    require_refused(pypi, wheel(), 3 * [signed], "A maximum of 2 attestations per file")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kind": "https://example.com/v1"}, "unsupported predicate type"),
        ({"name": "another-1.0.tar.gz"}, "subject does not match distribution name"),
        ({"sha256": 64 * "0"}, "subject does not match distribution digest"),
    ],
)
def test_what_says_something_else_is_refused(pypi, wheel, attestation, changes, text):
    require_refused(pypi, wheel(), [attestation(wheel(), **changes)], text)


def require_refused(pypi, file, attestations, text, token=None):
    """Assert that an upload with these attestations is refused, and leaves nothing."""
    field = attestations if isinstance(attestations, str) else json.dumps(attestations)
    answer = pypi.upload(file, token or pypi.minted(), attestations=field)
    assert answer.status_code == 400
    assert "Invalid attestations supplied during upload" in refusal(answer)
    assert text in refusal(answer)
    assert pypi.filenames() == []
