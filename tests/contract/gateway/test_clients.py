"""Real clients reach the sandbox by the real names, and packages by PyPI's."""

import hashlib
import json
import shutil
import subprocess
import sys

import jwt
import pytest
import requests
from pip._internal.models.index import PyPI
from twine.utils import DEFAULT_REPOSITORY

from support.distributions.builders import write_wheel

_SECONDS = 120


@pytest.fixture
def run_client(behind, tmp_path):
    def run(*arguments, **variables):
        done = subprocess.run(
            [str(argument) for argument in arguments],
            cwd=tmp_path,
            env=behind.environ(tmp_path, **variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def session(behind):
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": behind.gateway.variables("a job")["HTTPS_PROXY"]}
        session.verify = str(behind.gateway.authority)
        yield session


def digest(content):
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_an_installer_reads_this_machines_index_by_pypis_names(
    behind, run_client, tmp_path, client
):
    target = tmp_path / "target"
    start = ["uv", "pip", "install"] if client == "uv" else [sys.executable, "-m", "pip", "install"]
    run_client(*start, "--no-cache-dir", "--target", target, "upstream==1.0")
    assert list(target.glob("upstream-1.0.dist-info"))
    file = f"https://{PyPI.file_storage_domain}/packages/{behind.index.wheel.name}"
    assert ("GET", f"{PyPI.simple_url}/upstream/", 200, "relayed") in behind.exchanges()
    assert ("GET", file, 200, "relayed") in behind.exchanges()
    assert behind.last().job == "a job"


def test_a_file_is_found_by_the_address_of_a_lock_file_and_kept(behind, session):
    name = behind.index.wheel.name
    url = f"https://{PyPI.file_storage_domain}/packages/ab/cd/0123/{name}"
    asked = behind.index.requests.count(f"/simple/upstream/{name}")
    for _ in range(2):
        assert digest(session.get(url).content) == digest(behind.index.wheel.read_bytes())
    assert behind.index.requests.count(f"/simple/upstream/{name}") <= asked + 1
    absent = session.get(f"https://{PyPI.file_storage_domain}/packages/a/other-1.0.tar.gz")
    assert absent.status_code == 404


def test_twine_uploads_to_its_own_default_and_an_installer_takes_it(
    behind, run_client, session, tmp_path
):
    wheel = write_wheel(tmp_path, "3.1", project="uploaded")
    token = requests.post(
        f"{behind.ready['control_url']}/pypi/pypi/tokens",
        json={},
        headers={"Authorization": f"Bearer {behind.ready['control_token']}"},
        timeout=10,
    ).json()["token"]
    run_client("twine", "upload", wheel, TWINE_USERNAME="__token__", TWINE_PASSWORD=token)
    target = tmp_path / "target"
    pip = [sys.executable, "-m", "pip", "install", "--no-cache-dir", "--target"]
    run_client(*pip, target, "uploaded")
    assert list(target.glob("uploaded-3.1.dist-info"))
    assert ("POST", DEFAULT_REPOSITORY, 200, "sandbox") in behind.exchanges()
    body = session.get(f"{PyPI.url}pypi/uploaded/json").json()
    assert (body["info"]["version"], body["urls"]) == ("3.1", body["releases"]["3.1"])
    (file,) = body["urls"]
    assert digest(session.get(file["url"]).content) == file["digests"]["sha256"]


def test_git_clones_and_pushes(behind, run_client, tmp_path):
    token = behind.ready["users"][0]["token"]
    url = behind.ready["git_url"].replace("https://", f"https://x:{token}@")
    assert behind.ready["git_url"].startswith("https://github.com/")
    run_client("git", "clone", "--quiet", "--branch", "dev", url, "clone")
    run_client("git", "-C", "clone", "push", "--quiet", "origin", "HEAD:refs/heads/new")
    assert behind.world.github.repository.git.branch("new")


def test_a_trusted_publisher_is_known_by_the_real_issuer(behind, session):
    job = behind.ready
    answer = session.get(
        f"{job['oidc_request_url']}&audience=pypi",
        headers={"Authorization": f"Bearer {job['oidc_request_token']}"},
    )
    token = answer.json()["value"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["iss"] == "https://token.actions.githubusercontent.com"
    minted = session.post(f"{PyPI.url}_/oidc/mint-token", json={"token": token})
    assert minted.json()["success"], minted.text


def test_github_names_its_real_hosts(behind, session):
    headers = {"Authorization": f"Bearer {behind.ready['users'][0]['token']}"}
    repository = behind.ready["repository"]
    url = f"https://api.github.com/repos/{repository}"
    body = session.get(url, headers=headers).json()
    assert (body["url"], body["html_url"]) == (url, f"https://github.com/{repository}")
    release = {"tag_name": "v1", "target_commitish": "dev"}
    made = session.post(f"{url}/releases", json=release, headers=headers).json()
    assert made["upload_url"].startswith(f"https://uploads.github.com/repos/{repository}/")
    asset = session.post(
        made["upload_url"].partition("{")[0] + "?name=a.txt",
        data=b"text",
        headers={**headers, "Content-Type": "application/octet-stream"},
    ).json()
    binary = {**headers, "Accept": "application/octet-stream"}
    redirect = session.get(asset["url"], headers=binary, allow_redirects=False)
    assert redirect.headers["Location"].startswith("https://release-assets.githubusercontent.com/")
    assert session.get(redirect.headers["Location"]).content == b"text"
    assert session.get(asset["browser_download_url"], headers=headers).content == b"text"


def test_gh_handles_releases(behind, run_client, tmp_path):
    if shutil.which("gh") is None:
        pytest.skip("gh, GitHub's command line client, is not installed")
    repository, token = behind.ready["repository"], behind.ready["users"][0]["token"]
    (tmp_path / "file.txt").write_text("text")

    def gh(*arguments):
        return run_client("gh", "release", *arguments, "--repo", repository, GH_TOKEN=token)

    gh("create", "v9", "--draft", "--title", "Nine", "--notes", "text")
    gh("upload", "v9", tmp_path / "file.txt")
    gh("edit", "v9", "--draft=false")
    shown = json.loads(gh("view", "v9", "--json", "name,isDraft,assets"))
    assert (shown["name"], shown["isDraft"], len(shown["assets"])) == ("Nine", False, 1)
    assert "v9" in gh("list")
    gh("download", "v9", "--dir", tmp_path / "got")
    assert (tmp_path / "got" / "file.txt").read_text() == "text"
    gh("delete", "v9", "--yes")
    assert "v9" not in gh("list")
