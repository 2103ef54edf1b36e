"""Artifact Registry takes uploads and serves installers as the real service does."""

import base64
import hashlib
import os
import subprocess
import sys
import venv
from datetime import timedelta
from pathlib import Path

import pytest

EXISTS = "Requested entity already exists."


def _environ(tmp_path: Path, **variables: str) -> dict[str, str]:
    """An environment in which no configuration of this machine's user is seen."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(tmp_path), "NO_COLOR": "1", **variables}


def _run(arguments: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def _twine(caller, tmp_path, token, *files):
    environ = _environ(tmp_path, TWINE_USERNAME="oauth2accesstoken", TWINE_PASSWORD=token)
    command = [sys.executable, "-m", "twine", "upload", "--verbose", "--non-interactive"]
    where = ["--disable-progress-bar", "--repository-url", caller.upload_url()]
    return _run([*command, *where, *map(str, files)], environ)


def test_twine_uploads_and_is_refused_the_second_time(caller, make_wheel, make_sdist, tmp_path):
    token = caller.sandbox_token("writer")
    files = [make_wheel("by_twine", "1.0"), make_sdist("by_twine", "1.0")]
    first = _twine(caller, tmp_path, token, *files)
    assert first.returncode == 0, first.stdout + first.stderr
    second = _twine(caller, tmp_path, token, files[0])
    assert second.returncode == 1
    assert EXISTS in second.stdout + second.stderr
    assert token not in first.stdout + first.stderr + second.stdout + second.stderr


def test_uv_publishes(caller, make_wheel, tmp_path):
    environ = _environ(
        tmp_path,
        UV_PUBLISH_USERNAME="oauth2accesstoken",
        UV_PUBLISH_PASSWORD=caller.sandbox_token("writer"),
        UV_PUBLISH_URL=caller.upload_url(),
    )
    uv = str(Path(sys.executable).with_name("uv"))
    result = _run(
        [uv, "publish", "--no-config", "--no-progress", str(make_wheel("by_uv", "1.0"))], environ
    )
    assert result.returncode == 0, result.stderr
    page = caller.read(f"{caller.index_url()}by-uv/", caller.sandbox_token("reader"))
    assert "by_uv-1.0-py3-none-any.whl" in page.text


def test_pip_installs_from_the_index(caller, make_wheel, tmp_path):
    assert caller.upload(make_wheel("by_pip", "1.0"), caller.sandbox_token("writer")).ok
    machine = caller.base.removeprefix("http://").partition(":")[0]
    netrc = tmp_path / "netrc"
    netrc.touch(mode=0o600)
    reader = caller.sandbox_token("reader")
    netrc.write_text(f"machine {machine} login oauth2accesstoken password {reader}\n")
    venv.create(tmp_path / "venv", with_pip=False)
    target = tmp_path / "venv" / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--isolated", "--python", str(target), "install"]
    where = ["--disable-pip-version-check", "--no-cache-dir", "--index-url", caller.index_url()]
    environ = _environ(tmp_path, NETRC=str(netrc))
    installed = _run([*command, *where, "by.pip"], environ)
    assert installed.returncode == 0, installed.stderr
    shown = _run([str(target), "-c", "import by_pip; print(by_pip.__version__)"], environ)
    assert shown.stdout == "1.0\n"


def test_existing_name_is_refused_whatever_the_bytes(caller, make_wheel):
    token = caller.sandbox_token("writer")
    assert caller.upload(make_wheel("burnt", "1.0"), token).ok
    for content in ("", "x = 1\n"):
        answer = caller.upload(make_wheel("burnt", "1.0", content), token)
        assert (answer.status_code, answer.text) == (400, EXISTS)


def test_links_carry_hashes_or_not(caller, make_wheel):
    file = make_wheel("hashed", "1.0")
    assert caller.upload(file, caller.sandbox_token("writer")).ok
    reader = caller.sandbox_token("reader")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert f"#sha256={digest}" in caller.read(f"{caller.index_url()}hashed/", reader).text
    caller.control("PATCH", "google/repositories/dev", {"shows_hashes": False})
    page = caller.read(f"{caller.index_url()}hashed/", reader).text
    assert file.name in page
    assert "sha256" not in page


def test_linked_file_has_the_uploaded_bytes(caller, make_wheel):
    file = make_wheel("linked", "1.0")
    assert caller.upload(file, caller.sandbox_token("writer")).ok
    reader = caller.sandbox_token("reader")
    page = caller.read(f"{caller.index_url()}linked/", reader).text
    address = page.partition('href="')[2].partition('"')[0]
    assert caller.read(f"{caller.base}{address}", reader).content == file.read_bytes()
    assert caller.read(f"{caller.base}{address}", "nobody").status_code == 401


@pytest.mark.parametrize("path", ["", "Some.Name/", "some_name/", "unknown/"])
def test_only_normalised_names_that_exist_are_answered(caller, make_wheel, path):
    writer = caller.sandbox_token("writer")
    caller.upload(make_wheel("some_name", "1.0"), writer)
    assert caller.read(f"{caller.index_url()}some-name/", writer).ok
    assert caller.read(f"{caller.index_url()}{path}", writer).status_code == 404


@pytest.mark.parametrize(
    "credentials",
    [None, ("someone", "TOKEN"), ("oauth2accesstoken", "nobody"), ("oauth2accesstoken", "")],
    ids=["none", "user", "token", "empty"],
)
def test_unknown_caller(caller, credentials):
    if credentials and credentials[1] == "TOKEN":
        credentials = (credentials[0], caller.sandbox_token("writer"))
    for method, url in (("POST", caller.upload_url()), ("GET", f"{caller.index_url()}x/")):
        answer = caller.send(method, url, auth=credentials)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_expired_token(caller, make_wheel):
    token = caller.sandbox_token("writer")
    caller.set_clock(timedelta(hours=2))
    assert caller.upload(make_wheel("late", "1.0"), token).status_code == 401


def test_reader_may_not_upload(caller, make_wheel):
    answer = caller.upload(make_wheel("read", "1.0"), caller.sandbox_token("reader"))
    assert (answer.status_code, answer.text) == (
        403,
        "Permission 'artifactregistry.repositories.uploadArtifacts' denied on resource "
        "'//artifactregistry.googleapis.com/projects/eigenoid-dev/locations/us-central1/"
        "repositories/eigenoid-python' (or it may not exist).",
    )


def test_publisher_of_another_project(caller, make_wheel):
    token = caller.sandbox_token("writer", "qa")
    assert caller.upload(make_wheel("other", "1.0"), token).status_code == 403
    assert caller.read(f"{caller.index_url()}other/", token).status_code == 403


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("us-central1", "europe-west1"),
        ("eigenoid-python", "eigenoid-pithon"),
        ("eigenoid-dev", "eigenoid-development"),
    ],
    ids=["location", "repository", "project"],
)
def test_what_is_not_there(caller, make_wheel, old, new):
    url = caller.upload_url().replace(f"/{old}/", f"/{new}/")
    answer = caller.upload(make_wheel("lost", "1.0"), caller.sandbox_token("writer"), url)
    assert answer.status_code == 404
    assert "not found" in answer.text


def test_removed_repository(caller, make_wheel):
    caller.control("DELETE", "google/repositories/dev")
    answer = caller.upload(make_wheel("gone", "1.0"), caller.sandbox_token("writer"))
    assert answer.status_code == 404


def test_removed_role(caller, make_wheel):
    caller.control("PATCH", "google/repositories/dev", {"bindings": {}})
    answer = caller.upload(make_wheel("gone", "1.0"), caller.sandbox_token("writer"))
    assert answer.status_code == 403


def test_federated_token_uploads_where_it_is_granted_a_role(caller, make_wheel):
    token = caller.federated_token()
    file = make_wheel("direct", "1.0")
    assert caller.upload(file, token).status_code == 403
    pool = "projects/100000000001/locations/global/workloadIdentityPools/github"
    member = f"principalSet://iam.googleapis.com/{pool}/attribute.repository_id/900100"
    bindings = {"roles/artifactregistry.writer": [member]}
    caller.control("PATCH", "google/repositories/dev", {"bindings": bindings})
    assert caller.upload(file, token).ok


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": "another"}, "is not one of project 'another'"),
        ({"version": "1.1"}, "is not one of version '1.1'"),
        ({"version": "one"}, "is not one of version 'one'"),
        ({"sha256_digest": 64 * "0"}, "does not match a digest calculated"),
        ({":action": "submit"}, "Unsupported ':action'"),
    ],
    ids=["name", "version", "no-version", "digest", "action"],
)
def test_upload_that_contradicts_itself(caller, make_wheel, changes, text):
    answer = caller.upload(make_wheel("told", "1.0"), caller.sandbox_token("writer"), **changes)
    assert answer.status_code == 400
    assert text in answer.text


@pytest.mark.parametrize(
    "filename", ["told.zip", "told-1.0.exe", "told-1.0-py3-none.whl", "../told-1.0.tar.gz"]
)
def test_file_that_is_no_distribution(caller, make_wheel, tmp_path, filename):
    answer = caller.send(
        "POST",
        caller.upload_url(),
        data={":action": "file_upload", "name": "told", "version": "1.0"},
        files={"content": (filename, b"bytes")},
        auth=("oauth2accesstoken", caller.sandbox_token("writer")),
    )
    assert answer.status_code == 400


def test_long_description_is_no_obstacle(caller, make_wheel):
    token = caller.sandbox_token("writer")
    answer = caller.upload(make_wheel("wordy", "1.0"), token, description=600_000 * "x")
    assert answer.ok, answer.text


def test_files_are_listed_with_hashes(caller, make_wheel, make_sdist):
    token = caller.sandbox_token("writer", "qa")
    url = caller.upload_url("qa")
    files = [make_wheel("listed", "1.0"), make_sdist("listed", "1.0"), make_wheel("listed", "2.0")]
    for file in files:
        assert caller.upload(file, token, url).ok
    repository = "projects/eigenoid-qa/locations/us-central1/repositories/eigenoid-python"
    answer = caller.send(
        "GET",
        f"/artifact-registry-api/v1/{repository}/files",
        params={"filter": f'owner="{repository}/packages/listed/versions/1.0"', "pageSize": "1"},
        headers={"Authorization": f"Bearer {caller.sandbox_token('reader', 'qa')}"},
    )
    body = answer.json()
    assert body["nextPageToken"] == "1"
    [listed] = body["files"]
    assert listed["name"] == f"{repository}/files/listed%2F{files[0].name}"
    digest = hashlib.sha256(files[0].read_bytes()).digest()
    assert {"type": "SHA256", "value": base64.b64encode(digest).decode()} in listed["hashes"]


def test_a_listed_file_is_downloaded_by_its_name(caller, make_wheel):
    wheel = make_wheel("fetched", "1.0")
    assert caller.upload(wheel, caller.sandbox_token("writer", "qa"), caller.upload_url("qa")).ok
    repository = "projects/eigenoid-qa/locations/us-central1/repositories/eigenoid-python"

    def get(file_id, token, **params):
        path = f"/artifact-registry-api/v1/{repository}/files/{file_id}:download"
        headers = {"Authorization": f"Bearer {token}"}
        return caller.send("GET", path, params=params, headers=headers)

    reader, file_id = caller.sandbox_token("reader", "qa"), f"fetched%2F{wheel.name}"
    assert get(file_id, reader, alt="media").content == wheel.read_bytes()
    assert get(file_id, reader).json() == {}
    for other in (f"other%2F{wheel.name}", "fetched%2F..%2F..%2Fx", "fetched"):
        assert get(other, reader, alt="media").json()["error"]["status"] == "NOT_FOUND"
    assert get(file_id, caller.sandbox_token("reader", "dev"), alt="media").status_code == 403
