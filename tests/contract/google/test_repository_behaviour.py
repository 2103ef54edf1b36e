"""What Artifact Registry may answer beside the plain case: formats, delays, limits, refusals."""

import hashlib
import json

import pytest

from dist_actions.services.index.simple_page import parse_simple_page

JSON = "application/vnd.pypi.simple.v1+json"
PEP_691 = f"{JSON}, text/html;q=0.1"


@pytest.fixture
def stored(caller, make_wheel):
    """A file in the repository, its page, and how to change what the repository does."""

    def change(**settings):
        caller.control("PATCH", "google/repositories/dev", settings)

    file = make_wheel("shaped", "1.0")
    answer = caller.upload(file, caller.sandbox_token("writer"))
    assert answer.ok or "already exists" in answer.text
    return file, change


def _page(caller, accept, project="shaped"):
    return caller.send(
        "GET",
        f"{caller.index_url()}{project}/",
        auth=("oauth2accesstoken", caller.sandbox_token("reader")),
        headers={"Accept": accept},
    )


@pytest.mark.parametrize(
    ("formats", "accept", "kind"),
    [
        (["html"], PEP_691, "text/html"),
        (["html"], "*/*", "text/html"),
        (["html", "json"], PEP_691, JSON),
        (["html", "json"], "*/*", "text/html"),
        (["html", "json"], "text/html", "text/html"),
        (["json"], "text/html", JSON),
    ],
)
@pytest.mark.parametrize("shows_hashes", [True, False])
def test_format_of_the_page(caller, stored, formats, accept, kind, shows_hashes):
    file, change = stored
    change(page_formats=formats, shows_hashes=shows_hashes)
    answer = _page(caller, accept)
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    found = parse_simple_page(kind, answer.text, answer.url)
    digest = hashlib.sha256(file.read_bytes()).hexdigest() if shows_hashes else None
    assert [(one.name, one.sha256) for one in found] == [(file.name, digest)]
    token = caller.sandbox_token("reader")
    assert caller.read(found[0].url, token).content == file.read_bytes()


@pytest.mark.parametrize("formats", [["html"], ["json"]])
def test_project_that_is_not_there(caller, formats):
    caller.control("PATCH", "google/repositories/dev", {"page_formats": formats})
    assert _page(caller, PEP_691, "nothing").status_code == 404


def test_upload_is_hidden_for_some_reads(caller, make_wheel):
    writer = caller.sandbox_token("writer")
    seen = make_wheel("delayed", "1.0")
    assert caller.upload(seen, writer).ok
    caller.control("PATCH", "google/repositories/dev", {"hidden_for_reads": 2})
    late = make_wheel("delayed", "2.0")
    assert caller.upload(late, writer).ok
    assert caller.upload(late, writer).status_code == 400
    pages = [_page(caller, "*/*", "delayed").text for _ in range(4)]
    assert [late.name in page for page in pages] == [False, False, True, True]
    assert all(seen.name in page for page in pages)


def test_first_upload_of_a_project_is_hidden_altogether(caller, make_wheel):
    caller.control("PATCH", "google/repositories/dev", {"hidden_for_reads": 1})
    assert caller.upload(make_wheel("invisible", "1.0"), caller.sandbox_token("writer")).ok
    statuses = [_page(caller, "*/*", "invisible").status_code for _ in range(2)]
    assert statuses == [404, 200]


def test_file_above_the_limit(caller, make_wheel):
    caller.control("PATCH", "google/repositories/dev", {"file_size_limit_bytes": 5000})
    token = caller.sandbox_token("writer")
    big = make_wheel("sized", "1.0", content=100_000 * "#")
    answer = caller.upload(big, token)
    assert (answer.status_code, answer.text) == (413, "Request Entity Too Large")
    assert caller.upload(make_wheel("sized", "2.0"), token).ok


def _files(caller, role="reader"):
    environment = caller.environment()
    return caller.send(
        "GET",
        f"/artifact-registry-api/v1/projects/{environment['project_id']}/locations/"
        f"{environment['location']}/repositories/{environment['repository']}/files",
        headers={"Authorization": f"Bearer {caller.sandbox_token(role)}"},
    )


def test_files_api_that_is_refused(caller, stored):
    stored[1](files_api="refused")
    answer = _files(caller)
    assert answer.status_code == 403
    assert answer.json()["error"]["details"][0]["reason"] == "IAM_PERMISSION_DENIED"
    held = caller.ask_permissions(
        ["artifactregistry.repositories.uploadArtifacts"], caller.sandbox_token("writer")
    )
    assert held.json()["permissions"]


def test_api_that_is_not_enabled(caller, stored):
    stored[1](files_api="disabled")
    permission = ["artifactregistry.repositories.uploadArtifacts"]
    for answer in (
        _files(caller),
        caller.ask_permissions(permission, caller.sandbox_token("writer")),
    ):
        assert answer.status_code == 403
        error = answer.json()["error"]
        assert error["message"].startswith(
            "Artifact Registry API has not been used in project 100000000001 before or it is "
            "disabled. Enable it by visiting https://console.developers.google.com/"
        )
        assert error["details"][0]["reason"] == "SERVICE_DISABLED"
        assert error["details"][0]["metadata"] == {
            "service": "artifactregistry.googleapis.com",
            "consumer": "projects/100000000001",
        }


@pytest.mark.parametrize(
    "settings",
    [
        {"shows_hashes": "no"},
        {"page_formats": []},
        {"page_formats": ["xml"]},
        {"files_api": "away"},
        {"file_size_limit_bytes": -1},
        {"hidden_for_reads": True},
        {"nothing": 1},
    ],
    ids=json.dumps,
)
def test_unusable_setting_is_refused(caller, settings):
    assert (
        caller.send("PATCH", "/_sandbox/google/repositories/dev", json=settings).status_code == 400
    )
