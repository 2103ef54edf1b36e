"""A public repository is read by everybody, whatever a token was granted, and written by few."""

from pathlib import Path

import pytest

from support.sandbox.fixtures import Sandbox, git


@pytest.fixture
def public(sandbox: Sandbox) -> Sandbox:
    sandbox.repository.private = False
    return sandbox


@pytest.mark.parametrize("path", ["releases", "contents/README.md", "pulls", "actions/runs", ""])
def test_it_is_read_without_the_permission_and_without_a_token(public: Sandbox, path: str) -> None:
    token = public.job({"id-token": "write"})["token"]
    assert public.request("GET", path, token=token).status_code == 200
    assert public.request("GET", path).status_code == 200


def test_it_is_not_written_so(public: Sandbox) -> None:
    body = {"tag_name": "v1"}
    token = public.job({"id-token": "write"})["token"]
    assert public.request("POST", "releases", token=token, json=body).status_code == 403
    assert public.request("POST", "releases", json=body).status_code in (401, 404)
    assert public.request("GET", "environments/dev/variables", token=token).status_code == 403


def test_git_clones_it_and_pushes_nothing(public: Sandbox, tmp_path: Path) -> None:
    url = public.world.addresses.git_url(public.repository.full_name)
    git("clone", "--quiet", "-b", "dev", url, "clone", cwd=tmp_path)
    clone = tmp_path / "clone"
    assert (clone / "README.md").is_file()
    git("tag", "v1", cwd=clone)
    token = public.job({"id-token": "write"})["token"]
    pushed = git("push", public.git_url(token), "v1", cwd=clone, check=False)
    assert "denied" in pushed.stderr


def test_it_says_that_it_is_public(public: Sandbox) -> None:
    described = public.request("GET", "", token=public.user_token).json()
    assert (described["private"], described["visibility"]) == (False, "public")
    owner, name = public.repository.full_name.split("/")
    fields = "isPrivate viewerPermission parent { id }"
    query = f'{{ repository(owner: "{owner}", name: "{name}") {{ {fields} }} }}'
    answer = public.request(
        "POST",
        public.world.addresses.github_graphql,
        token=public.user_token,
        json={"query": query},
    )
    expected = {"isPrivate": False, "viewerPermission": "ADMIN", "parent": None}
    assert answer.json()["data"]["repository"] == expected
