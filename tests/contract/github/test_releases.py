"""Releases, drafts and assets as GitHub keeps them."""

import hashlib
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from github import Auth, Github

from support.sandbox.fixtures import Sandbox, commit_file, git


@pytest.fixture
def releaser(sandbox: Sandbox) -> str:
    """A token of the releaser bot."""
    return sandbox.installation_token("releaser-bot", permissions={"contents": "write"})


def test_draft_is_listed_for_writers_only_and_has_no_tag(sandbox: Sandbox, releaser: str) -> None:
    draft = _create(sandbox, releaser, "v1", draft=True)
    assert draft["author"]["login"] == "releaser-bot[bot]"
    assert "untagged-" in draft["html_url"]
    assert draft["published_at"] is None
    assert sandbox.repository.git.tag("v1") is None
    reader = sandbox.job({"contents": "read"})["token"]
    for token, count, status in ((releaser, 1, 200), (reader, 0, 404)):
        assert len(sandbox.request("GET", "releases", token=token).json()) == count
        url = f"releases/{draft['id']}"
        assert sandbox.request("GET", url, token=token).status_code == status
    assert sandbox.request("GET", "releases/tags/v1", token=releaser).status_code == 404
    assert sandbox.events() == []


def test_publication_makes_the_absent_tag_and_the_events(sandbox: Sandbox, releaser: str) -> None:
    draft = _create(sandbox, releaser, "v1", draft=True, target_commitish="dev")
    published = _change(sandbox, releaser, draft, draft=False)
    assert published["published_at"]
    tag = sandbox.repository.git.tag("v1")
    assert tag is not None
    assert (tag.object_type, tag.sha) == ("commit", sandbox.branch_sha("dev"))
    assert published["html_url"].endswith("/releases/tag/v1")
    events = [one for one in sandbox.events() if one["name"] == "release"]
    assert [one["payload"]["action"] for one in events] == ["published", "released"]
    assert (events[0]["ref"], events[0]["sha"]) == ("refs/tags/v1", tag.sha)
    assert events[0]["payload"]["release"]["tag_name"] == "v1"
    assert sandbox.request("GET", "releases/tags/v1", token=releaser).status_code == 200


def test_prerelease_is_never_the_latest(sandbox: Sandbox, releaser: str) -> None:
    assert sandbox.request("GET", "releases/latest", token=releaser).status_code == 404
    _create(sandbox, releaser, "v1")
    _create(sandbox, releaser, "v2-dev", prerelease=True)
    assert _latest(sandbox, releaser) == "v1"
    refused = _try_create(sandbox, releaser, "v3-dev", prerelease=True, make_latest="true")
    assert refused.status_code == 422


def test_make_latest_decides(sandbox: Sandbox, releaser: str) -> None:
    _create(sandbox, releaser, "v2")
    _create(sandbox, releaser, "v1", make_latest="false")
    assert _latest(sandbox, releaser) == "v2"
    _create(sandbox, releaser, "v3")
    assert _latest(sandbox, releaser) == "v3"
    v2 = sandbox.request("GET", "releases/tags/v2", token=releaser).json()
    _change(sandbox, releaser, v2, make_latest="true")
    assert _latest(sandbox, releaser) == "v2"


def test_second_release_of_a_tag_is_refused_and_second_draft_is_not(
    sandbox: Sandbox, releaser: str
) -> None:
    _create(sandbox, releaser, "v1")
    answer = _try_create(sandbox, releaser, "v1")
    assert answer.status_code == 422
    error = {"resource": "Release", "code": "already_exists", "field": "tag_name"}
    assert answer.json()["errors"] == [error]
    draft = _create(sandbox, releaser, "v1", draft=True)
    _create(sandbox, releaser, "v1", draft=True)
    refused = sandbox.request(
        "PATCH", f"releases/{draft['id']}", token=releaser, json={"draft": False}
    )
    assert refused.json()["errors"] == [error]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param({"tag_name": "v1..2"}, "Validation Failed", id="bad-tag"),
        pytest.param({"target_commitish": "gone"}, "Validation Failed", id="bad-target"),
        pytest.param({"tag_name": None}, "Invalid request", id="no-tag"),
        pytest.param({"body": "x" * 125_001}, "Validation Failed", id="long-body"),
    ],
)
def test_bad_releases_are_refused(
    sandbox: Sandbox, releaser: str, body: dict[str, Any], message: str
) -> None:
    sent = {"tag_name": "v1", **body}
    answer = sandbox.request("POST", "releases", token=releaser, json=sent)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith(message)


def test_tag_ruleset_stops_a_publication_that_would_make_a_tag(
    sandbox: Sandbox, releaser: str
) -> None:
    rule = {"name": "tags", "target": "tag", "rules": [{"type": "creation"}]}
    sandbox.control("POST", "rulesets", {**rule, "bypass_apps": ["automation-bot"]})
    draft = _create(sandbox, releaser, "v1", draft=True)
    url = f"releases/{draft['id']}"
    answer = sandbox.request("PATCH", url, token=releaser, json={"draft": False})
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("Repository rule violations found")
    assert sandbox.request("GET", url, token=releaser).json()["draft"] is True


def test_asset_keeps_its_bytes_and_shows_their_digest(
    sandbox: Sandbox, releaser: str, tmp_path: Path
) -> None:
    wheel = tmp_path / "pkg-1-py3-none-any.whl"
    wheel.write_bytes(b"wheel" * 5000)
    digest = f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
    with Github(auth=Auth.Token(releaser), base_url=sandbox.world.addresses.github_api) as client:
        repository = client.get_repo(sandbox.repository.full_name)
        release = repository.create_git_release("v1", "v1", "notes", draft=True)
        asset = release.upload_asset(str(wheel), name=wheel.name, content_type="application/zip")
        assert (asset.state, asset.size, asset.name) == ("uploaded", 25_000, wheel.name)
        assert asset.raw_data["digest"] == digest
        assert [one.name for one in release.get_assets()] == [wheel.name]
        target = tmp_path / "downloaded"
        asset.download_asset(str(target))
        assert target.read_bytes() == wheel.read_bytes()
        asset.delete_asset()
        assert list(release.get_assets()) == []


def test_download_address_needs_no_token_but_its_signature(sandbox: Sandbox, releaser: str) -> None:
    draft = _create(sandbox, releaser, "v1", draft=True)
    asset = _upload(sandbox, releaser, draft, "a.txt", b"bytes").json()
    answer = sandbox.request(
        "GET",
        asset["url"],
        token=releaser,
        headers={"Accept": "application/octet-stream"},
        allow_redirects=False,
    )
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert requests.get(location, timeout=10).content == b"bytes"
    assert requests.get(location.partition("?")[0], timeout=10).status_code == 404
    logged = sandbox.control("GET", "requests")
    assert location.partition("sig=")[2] not in str(logged)


def test_address_of_the_release_page_needs_a_token(sandbox: Sandbox, releaser: str) -> None:
    release = _create(sandbox, releaser, "v1/x")
    asset = _upload(sandbox, releaser, release, "a.txt", b"bytes").json()
    url = asset["browser_download_url"]
    assert sandbox.request("GET", url, token=releaser).content == b"bytes"
    assert sandbox.request("GET", url).status_code == 404
    assert sandbox.request("GET", url, token=sandbox.job({})["token"]).status_code == 404


def test_asset_of_the_same_name_is_refused(sandbox: Sandbox, releaser: str) -> None:
    draft = _create(sandbox, releaser, "v1", draft=True)
    assert _upload(sandbox, releaser, draft, "a b.txt", b"1").json()["name"] == "a.b.txt"
    answer = _upload(sandbox, releaser, draft, "a b.txt", b"1")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "already_exists"


def test_interrupted_upload_leaves_a_starter(sandbox: Sandbox, releaser: str) -> None:
    draft = _create(sandbox, releaser, "v1", draft=True)
    url = urlsplit(draft["upload_url"].partition("{")[0])
    head = (
        f"POST {url.path}?name=a.txt HTTP/1.1\r\nHost: {url.netloc}\r\nUser-Agent: x\r\n"
        f"Authorization: Bearer {releaser}\r\nContent-Length: 100\r\n\r\nhalf"
    )
    with socket.create_connection((url.hostname, url.port), timeout=10) as line:
        line.sendall(head.encode())
        line.shutdown(socket.SHUT_WR)
        line.recv(4096)
    assets = sandbox.request("GET", f"releases/{draft['id']}/assets", token=releaser).json()
    assert [(one["state"], one["size"], one["digest"]) for one in assets] == [("starter", 0, None)]
    assert _upload(sandbox, releaser, draft, "a.txt", b"all").status_code == 422
    sandbox.request("DELETE", assets[0]["url"], token=releaser)
    assert _upload(sandbox, releaser, draft, "a.txt", b"all").json()["state"] == "uploaded"


def test_immutable_release_takes_nothing_more(sandbox: Sandbox, releaser: str) -> None:
    sandbox.control("POST", "repository", {"immutable_releases": True})
    draft = _create(sandbox, releaser, "v1", draft=True)
    asset = _upload(sandbox, releaser, draft, "a.txt", b"1").json()
    assert _change(sandbox, releaser, draft, draft=False)["immutable"] is True
    assert _upload(sandbox, releaser, draft, "b.txt", b"1").status_code == 422
    assert sandbox.request("DELETE", asset["url"], token=releaser).status_code == 422


def test_release_without_write_permission_is_refused(sandbox: Sandbox) -> None:
    token = sandbox.job({"contents": "read"})["token"]
    answer = _try_create(sandbox, token, "v1")
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "Resource not accessible by integration",
    )
    assert "contents=write" in answer.headers["X-Accepted-GitHub-Permissions"]


def test_deleted_release_leaves_its_tag(sandbox: Sandbox, releaser: str) -> None:
    release = _create(sandbox, releaser, "v1")
    url = f"releases/{release['id']}"
    assert sandbox.request("DELETE", url, token=releaser).status_code == 204
    assert sandbox.request("GET", url, token=releaser).status_code == 404
    assert sandbox.repository.git.tag("v1") is not None


def test_notes_list_the_pull_requests_since_the_previous_tag(
    sandbox: Sandbox, releaser: str, checkout: Path
) -> None:
    first = sandbox.branch_sha("dev")
    sandbox.repository.git.update_ref("refs/tags/v1-dev", first)
    for number, title in enumerate(("Add speed", "Fix crash"), start=1):
        commit_file(checkout, f"{number}.txt", "x")
        git("push", "-q", "origin", f"HEAD:refs/heads/work-{number}", cwd=checkout)
        body = {"title": title, "head": f"work-{number}", "base": "dev"}
        sandbox.request("POST", "pulls", token=sandbox.user_token, json=body)
        url = f"pulls/{number}/merge"
        sandbox.request("PUT", url, token=sandbox.user_token, json={})
    asked = {"tag_name": "v2-dev", "target_commitish": "dev", "previous_tag_name": "v1-dev"}
    answer = sandbox.request("POST", "releases/generate-notes", token=releaser, json=asked)
    page = f"{sandbox.world.addresses.github_server}/{sandbox.repository.full_name}"
    assert answer.json()["body"] == (
        "## What's Changed\n"
        f"* Add speed by @developer in {page}/pull/1\n"
        f"* Fix crash by @developer in {page}/pull/2\n\n"
        "## New Contributors\n"
        f"* @developer made their first contribution in {page}/pull/1\n\n"
        f"**Full Changelog**: {page}/compare/v1-dev...v2-dev"
    )
    asked["previous_tag_name"] = "v0"
    answer = sandbox.request("POST", "releases/generate-notes", token=releaser, json=asked)
    assert answer.status_code == 422


def _try_create(sandbox: Sandbox, token: str, tag: str, **body: Any) -> requests.Response:
    return sandbox.request("POST", "releases", token=token, json={"tag_name": tag, **body})


def _create(sandbox: Sandbox, token: str, tag: str, **body: Any) -> dict[str, Any]:
    answer = _try_create(sandbox, token, tag, **body)
    assert answer.status_code == 201, answer.text
    release: dict[str, Any] = answer.json()
    return release


def _change(sandbox: Sandbox, token: str, release: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = sandbox.request("PATCH", f"releases/{release['id']}", token=token, json=body)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def _upload(
    sandbox: Sandbox, token: str, release: dict[str, Any], name: str, content: bytes
) -> requests.Response:
    url = release["upload_url"].partition("{")[0]
    return sandbox.request("POST", url, token=token, params={"name": name}, data=content)


def _latest(sandbox: Sandbox, token: str) -> str:
    return str(sandbox.request("GET", "releases/latest", token=token).json()["tag_name"])
