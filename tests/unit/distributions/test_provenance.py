"""Records of where files come from, and addresses that name an Artifact Registry repository."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from dist_actions.distributions.manifest import CarriedFrom, FirstBuild, Manifest, parse_manifest
from dist_actions.errors import ReleaseError
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.release.github_release.notes import describe_provenance
from support.distributions.builders import make_manifest, write_release

PUBLIC = GoogleEndpoints()
PRIVATE = replace(PUBLIC, artifact_registry_url="https://python.example.org/ar/{location}")


@pytest.fixture
def plain_manifest(tmp_path: Path) -> Manifest:
    write_release(tmp_path)
    return make_manifest(tmp_path)


def read(plain_manifest: Manifest) -> Manifest:
    return parse_manifest(plain_manifest.to_json().encode(), plain_manifest.sha256)


def test_the_records_are_read_as_they_were_written(plain_manifest: Manifest) -> None:
    carried = CarriedFrom("dev", "v0.1.0-dev", "a" * 40, "b" * 40, "c" * 64)
    first = FirstBuild("dev", "v0.1.0-dev", "a" * 40)
    full = replace(
        plain_manifest, carried_from=carried, built_for=first, package_tree="e" * 40, reason="so"
    )
    assert read(full) == full
    assert full.first_build == first


def test_a_manifest_from_before_there_were_records_describes_its_own_build(
    plain_manifest: Manifest,
) -> None:
    old = json.loads(plain_manifest.to_json())
    for key in ("carried-from", "built", "package-tree", "reason"):
        del old[key]
    text = json.dumps(old).encode()
    found = parse_manifest(text, sha256(text).hexdigest())
    assert found == plain_manifest
    assert found.first_build == FirstBuild("dev", "v0.1.0-dev", "c" * 40)


@pytest.mark.parametrize("record", ["a text", ["a list"], 1, {"tag": "v1"}])
@pytest.mark.parametrize("key", ["carried-from", "built"])
def test_a_record_that_is_none_is_refused(
    plain_manifest: Manifest, key: str, record: object
) -> None:
    text = json.dumps({**json.loads(plain_manifest.to_json()), key: record}).encode()
    with pytest.raises(ReleaseError, match="cannot be read"):
        parse_manifest(text, sha256(text).hexdigest())


def test_hostile_texts_of_an_earlier_manifest_stay_texts(plain_manifest: Manifest) -> None:
    first = FirstBuild("dev", "v0.1.0-dev", "a" * 40)
    carried = CarriedFrom("dev", "`</code>", "a" * 40, "b" * 40, "c" * 64)
    evil = replace(plain_manifest, python="<img src=x>", reason="**bold**", built_for=first)
    for one in (evil, replace(evil, carried_from=carried)):
        shown = describe_provenance(one)
        assert r"\<img" in shown
        assert r"\*\*bold" in shown


@pytest.mark.parametrize(
    ("endpoints", "url", "place"),
    [
        (PUBLIC, "https://us-central1-python.pkg.dev/p/r/simple/", ("p", "us-central1", "r")),
        (PUBLIC, "https://us-python.pkg.dev/example.com:p/r/simple", ("example.com:p", "us", "r")),
        (PUBLIC, "https://us-python.pkg.dev/p/r/", None),
        (PUBLIC, "https://us-python.pkg.dev/p/r/simple/x/", None),
        (PUBLIC, "https://us-python.pkg.dev.example.org/p/r/simple/", None),
        (PUBLIC, "https://evil.example/?-python.pkg.dev/p/r/simple/", None),
        (PUBLIC, "https://us-pythonXpkg.dev/p/r/simple/", None),
        (PUBLIC, "http://us-python.pkg.dev/p/r/simple/", None),
        (
            PRIVATE,
            "https://python.example.org/ar/europe-west3/p/r/simple/",
            ("p", "europe-west3", "r"),
        ),
        (PRIVATE, "https://us-python.pkg.dev/p/r/simple/", None),
    ],
)
def test_only_addresses_of_artifact_registry_get_its_token(
    endpoints: GoogleEndpoints, url: str, place: tuple[str, str, str] | None
) -> None:
    assert endpoints.place_of(url) == place
    if place:
        project, location, repository = place
        assert endpoints.index_url(location, project, repository).rstrip("/") == url.rstrip("/")
