"""Refs, annotated tags and commits by the REST API, on a real repository."""

from pathlib import Path
from typing import Any

import pytest
from github import Auth, Github

from support.sandbox.fixtures import Sandbox, commit_file, git


def test_annotated_tag_is_a_real_object_by_the_bot(sandbox: Sandbox, checkout: Path) -> None:
    tag = _create_tag(sandbox, "v0.5.0-dev")
    listed = sandbox.request("GET", "git/matching-refs/tags/v0.5.0", token=_reader(sandbox)).json()
    assert [(one["ref"], one["object"]["type"]) for one in listed] == [
        ("refs/tags/v0.5.0-dev", "tag")
    ]
    shown = sandbox.request("GET", f"git/tags/{tag['sha']}", token=_reader(sandbox)).json()
    assert shown["object"]["sha"] == sandbox.branch_sha("dev")
    git("fetch", "-q", "--tags", cwd=checkout)
    raw = git("cat-file", "tag", "v0.5.0-dev", cwd=checkout).stdout
    bot = sandbox.app().bot
    assert f"tagger automation-bot[bot] <{bot.account_id}+automation-bot[bot]@users" in raw
    assert git("cat-file", "-t", "v0.5.0-dev", cwd=checkout).stdout.strip() == "tag"


def test_tagger_that_was_given_is_kept(sandbox: Sandbox) -> None:
    tagger = {"name": "A", "email": "a@example.com", "date": "2024-02-03T04:05:06Z"}
    assert _create_tag(sandbox, "v1", tagger=tagger)["tagger"] == tagger


def test_absent_tag_is_an_empty_list_or_404(sandbox: Sandbox) -> None:
    token = _reader(sandbox)
    assert sandbox.request("GET", "git/matching-refs/tags/v9", token=token).json() == []
    assert sandbox.request("GET", "git/ref/tags/v9", token=token).status_code == 404


def test_matching_refs_match_the_start_of_the_name(sandbox: Sandbox) -> None:
    for name in ("v1.0.0-dev", "v1.0.0-qa", "v1.0.0x/sub", "v1.0", "v2"):
        _create_tag(sandbox, name)
    found = sandbox.request("GET", "git/matching-refs/tags/v1.0.0", token=_reader(sandbox)).json()
    assert [one["ref"] for one in found] == [
        "refs/tags/v1.0.0-dev",
        "refs/tags/v1.0.0-qa",
        "refs/tags/v1.0.0x/sub",
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param({"ref": "refs/tags/v1"}, "Reference already exists", id="exists"),
        pytest.param({"ref": "refs/tags/v2", "sha": "1" * 40}, "Object does not exist", id="sha"),
        pytest.param({"ref": "tags"}, "Reference name must start", id="short-name"),
        pytest.param({"ref": "refs/tags/v1..2"}, "Reference name must start", id="bad-name"),
    ],
)
def test_bad_refs_are_refused(sandbox: Sandbox, body: dict[str, Any], message: str) -> None:
    _create_tag(sandbox, "v1")
    sent = {"sha": sandbox.branch_sha("dev"), **body}
    answer = sandbox.request("POST", "git/refs", token=_writer(sandbox), json=sent)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith(message)


def test_ref_moves_forward_only_unless_forced(sandbox: Sandbox, checkout: Path) -> None:
    old = sandbox.branch_sha("dev")
    new = commit_file(checkout, "a.txt", "a")
    git("push", "-q", "origin", "HEAD:refs/heads/work", cwd=checkout)
    token = _writer(sandbox)
    moved = sandbox.request("PATCH", "git/refs/heads/qa", token=token, json={"sha": new})
    assert moved.json()["object"]["sha"] == new
    back = sandbox.request("PATCH", "git/refs/heads/qa", token=token, json={"sha": old})
    assert (back.status_code, back.json()["message"]) == (422, "Update is not a fast forward")
    forced = sandbox.request(
        "PATCH", "git/refs/heads/qa", token=token, json={"sha": old, "force": True}
    )
    assert forced.status_code == 200
    assert sandbox.request("DELETE", "git/refs/heads/work", token=token).status_code == 204
    assert sandbox.request("DELETE", "git/refs/heads/work", token=token).status_code == 422


def test_tag_creation_is_an_event_that_starts_workflows_unless_a_job_did_it(
    sandbox: Sandbox,
) -> None:
    _create_tag(sandbox, "v1")
    job = sandbox.job({"contents": "write"})
    sha = sandbox.branch_sha("dev")
    sandbox.request(
        "POST", "git/refs", token=job["token"], json={"ref": "refs/tags/v2", "sha": sha}
    )
    pushes = [one for one in sandbox.events() if one["name"] == "push"]
    assert [(one["ref"], one["actor"], one["starts_workflows"]) for one in pushes] == [
        ("refs/tags/v1", "automation-bot[bot]", True),
        ("refs/tags/v2", "github-actions[bot]", False),
    ]
    assert {one["sha"] for one in pushes} == {sha}
    assert pushes[0]["payload"]["head_commit"]["id"] == sha
    assert pushes[0]["payload"]["created"] is True
    assert [one["name"] for one in sandbox.events()].count("create") == 2


def test_commit_object_can_be_made_of_a_known_tree(sandbox: Sandbox) -> None:
    token, head = _writer(sandbox), sandbox.branch_sha("dev")
    tree = sandbox.request("GET", f"git/commits/{head}", token=token).json()["tree"]["sha"]
    body = {"message": "link", "tree": tree, "parents": [head]}
    made = sandbox.request("POST", "git/commits", token=token, json=body).json()
    assert made["parents"][0]["sha"] == head
    assert made["author"]["name"] == "automation-bot[bot]"
    assert sandbox.repository.git.object_type(made["sha"]) == "commit"


def test_pygithub_reads_repository_commits_files_and_differences(
    sandbox: Sandbox, checkout: Path
) -> None:
    for number in range(3):
        commit_file(checkout, f"pkg/{number}.txt", f"{number}\n", f"Add {number}")
    git("push", "-q", "origin", "dev", cwd=checkout)
    auth = Auth.Token(_reader(sandbox))
    with Github(auth=auth, base_url=sandbox.world.addresses.github_api) as client:
        repository = client.get_repo(sandbox.repository.full_name)
        assert repository.default_branch == "main"
        assert [one.name for one in repository.get_branches()] == ["dev", "main", "qa"]
        assert repository.get_branch("dev").commit.sha == sandbox.branch_sha("dev")
        compared = repository.compare("main", "dev")
        assert (compared.status, compared.ahead_by, compared.behind_by) == ("ahead", 3, 0)
        assert [one.filename for one in compared.files] == [f"pkg/{n}.txt" for n in range(3)]
        assert repository.compare("dev", "main").status == "behind"
        assert repository.compare("dev", "dev").status == "identical"
        assert repository.get_contents("pkg/1.txt", ref="dev").decoded_content == b"1\n"
        names = [one.name for one in repository.get_contents("pkg", ref="dev")]
        assert names == ["0.txt", "1.txt", "2.txt"]
        commits = list(repository.get_commits(sha="dev"))
        assert [one.commit.message for one in commits][:3] == ["Add 2", "Add 1", "Add 0"]
        assert commits[0].files[0].status == "added"


def test_lists_come_in_pages(sandbox: Sandbox) -> None:
    sha = sandbox.branch_sha("dev")
    for number in range(7):
        sandbox.repository.git.update_ref(f"refs/tags/v1.{number}.0", sha)
    token = _reader(sandbox)
    first = sandbox.request("GET", "tags?per_page=3", token=token)
    assert [one["name"] for one in first.json()] == ["v1.6.0", "v1.5.0", "v1.4.0"]
    assert 'rel="last"' in first.headers["Link"]
    last = sandbox.request("GET", first.links["last"]["url"], token=token)
    assert [one["name"] for one in last.json()] == ["v1.0.0"]
    assert "next" not in last.links
    with Github(auth=Auth.Token(token), base_url=sandbox.world.addresses.github_api) as client:
        repository = client.get_repo(sandbox.repository.full_name)
        assert repository.get_tags().totalCount == 7


def _reader(sandbox: Sandbox) -> str:
    return str(sandbox.job({"contents": "read"})["token"])


def _writer(sandbox: Sandbox) -> str:
    return sandbox.installation_token(permissions={"contents": "write"})


def _create_tag(sandbox: Sandbox, name: str, **extra: Any) -> dict[str, Any]:
    token = _writer(sandbox)
    body = {
        "tag": name,
        "message": name,
        "object": sandbox.branch_sha("dev"),
        "type": "commit",
        **extra,
    }
    made = sandbox.request("POST", "git/tags", token=token, json=body)
    assert made.status_code == 201, made.text
    tag: dict[str, Any] = made.json()
    ref = {"ref": f"refs/tags/{name}", "sha": tag["sha"]}
    created = sandbox.request("POST", "git/refs", token=token, json=ref)
    assert created.status_code == 201, created.text
    return tag


def test_tag_of_a_tree_is_possible(sandbox: Sandbox) -> None:
    token, head = _writer(sandbox), sandbox.branch_sha("dev")
    tree = sandbox.request("GET", f"git/commits/{head}", token=token).json()["tree"]["sha"]
    made = sandbox.request(
        "POST", "git/refs", token=token, json={"ref": "refs/tags/tree", "sha": tree}
    )
    assert made.json()["object"]["type"] == "tree"
