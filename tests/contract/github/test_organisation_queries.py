"""GraphQL over many repositories: what the sandbox lists, and what it refuses as GitHub does."""

from pathlib import Path
from typing import Any

import pytest

from support.sandbox.fixtures import Sandbox
from support.sandbox.releases import publish_release

FIELDS = "pageInfo { hasNextPage endCursor } totalCount nodes { name isArchived }"


def ask(sandbox: Sandbox, query: str, token: str = "", **variables: Any) -> Any:
    """Send a query; a person's token is used where none is given."""
    url = sandbox.world.addresses.github_api.replace("/api/v3", "/api/graphql")
    body = {"query": query, "variables": variables}
    return sandbox.request("POST", url, token=token or sandbox.user_token, json=body).json()


@pytest.fixture
def three_repositories(sandbox: Sandbox) -> Sandbox:
    """A sandbox with three repositories."""
    for name in ("zebra", "Alpha"):
        sandbox.control("POST", "repositories", {"name": name})
    return sandbox


def test_repositories_come_in_pages_by_name(three_repositories: Sandbox) -> None:
    query = (
        'query($after: String) { repositoryOwner(login: "EIGENOID") { repositories(first: 2, '
        f"after: $after, orderBy: {{field: NAME, direction: ASC}}) {{ {FIELDS} }} }} }}"
    )
    first = ask(three_repositories, query)["data"]["repositoryOwner"]["repositories"]
    assert [node["name"] for node in first["nodes"]] == ["Alpha", "eigenoid-sample"]
    assert (first["pageInfo"]["hasNextPage"], first["totalCount"]) == (True, 3)
    after = first["pageInfo"]["endCursor"]
    last = ask(three_repositories, query, after=after)["data"]["repositoryOwner"]["repositories"]
    assert [node["name"] for node in last["nodes"]] == ["zebra"]
    assert last["pageInfo"]["hasNextPage"] is False


def test_a_token_lists_what_it_sees(three_repositories: Sandbox) -> None:
    query = f'{{ repositoryOwner(login: "eigenoid") {{ repositories(first: 9) {{ {FIELDS} }} }} }}'
    token = str(three_repositories.job({"contents": "read"})["token"])
    listed = ask(three_repositories, query, token)["data"]["repositoryOwner"]["repositories"]
    assert [node["name"] for node in listed["nodes"]] == ["eigenoid-sample"]
    assert ask(three_repositories, query.replace("eigenoid", "nobody"))["data"] == {
        "repositoryOwner": None
    }


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        ("first: 101", "EXCESSIVE_PAGINATION"),
        ("first: $n", "EXCESSIVE_PAGINATION"),
    ],
)
def test_a_page_has_a_hundred_at_most(
    three_repositories: Sandbox, arguments: str, kind: str
) -> None:
    start = "query($n: Int) " if "$n" in arguments else ""
    listed = f"repositories({arguments})" if arguments else "repositories"
    query = f'{start}{{ repositoryOwner(login: "eigenoid") {{ {listed} {{ totalCount }} }} }}'
    (error,) = ask(three_repositories, query, n=101)["errors"]
    assert error["type"] == kind


@pytest.mark.parametrize(("assets", "refused"), [(48, False), (49, True)])
def test_a_query_asks_for_half_a_million_nodes_at_most(
    three_repositories: Sandbox, assets: int, refused: bool
) -> None:
    """A hundred repositories, each with a hundred releases: 10,100 nodes and their files."""
    query = (
        'query($n: Int!) { repositoryOwner(login: "eigenoid") { repositories(first: 100) { nodes '
        "{ ...R } } } } fragment R on Repository { releases(first: $n) { nodes { releaseAssets("
        f"first: {assets}) {{ totalCount }} }} }} }}"
    )
    answer = ask(three_repositories, query, n=100)
    assert ("errors" in answer) is refused
    if refused:
        assert answer["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"
        assert "releaseAssets connection" in answer["errors"][0]["message"]


def test_a_release_tells_its_commit_and_files(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.request(
        "POST", "git/refs", token=sandbox.user_token,
        json={"ref": "refs/tags/v1.0", "sha": sandbox.branch_sha("dev")},
    )  # fmt: skip
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    (folder / "b.txt").write_text("b")
    publish_release(sandbox, "v1.0", folder)
    query = (
        '{ repository(owner: "eigenoid", name: "eigenoid-sample") { latestRelease { tagName '
        "tagCommit { oid } all: releaseAssets(first: 9) { totalCount } "
        'releaseAssets(first: 1, name: "a.txt") { nodes { name size digest } } } '
        'no: release(tagName: "v2") { tagName } '
        'blob: object(expression: "HEAD:nothing") { oid } } }'
    )
    repository = ask(sandbox, query)["data"]["repository"]
    release = repository["latestRelease"]
    assert release["tagCommit"]["oid"] == sandbox.branch_sha("dev")
    assert release["all"]["totalCount"] == 2
    (asset,) = release["releaseAssets"]["nodes"]
    assert (asset["name"], asset["size"]) == ("a.txt", 1)
    assert asset["digest"].startswith("sha256:ca978112")
    assert (repository["no"], repository["blob"]) == (None, None)


def test_a_branch_is_compared_with_another_ref(sandbox: Sandbox) -> None:
    """As REST compares them; what is not there is compared with nothing."""
    for ref, branch in (("refs/tags/v1.0", "dev"), ("refs/heads/same", "qa")):
        sandbox.request(
            "POST", "git/refs", token=sandbox.user_token,
            json={"ref": ref, "sha": sandbox.branch_sha(branch)},
        )  # fmt: skip
    fields = "aheadBy behindBy status baseTarget { oid } headTarget { oid }"
    query = (
        '{ repository(owner: "eigenoid", name: "eigenoid-sample") { '
        f'ref(qualifiedName: "refs/heads/qa") {{ tag: compare(headRef: "refs/tags/v1.0") '
        f'{{ {fields} }} same: compare(headRef: "refs/heads/same") {{ {fields} }} '
        f'none: compare(headRef: "refs/tags/v2") {{ {fields} }} }} '
        'root: object(expression: "refs/heads/qa:") { oid } } }'
    )
    repository = ask(sandbox, query)["data"]["repository"]
    rest = sandbox.request("GET", "compare/qa...v1.0", token=sandbox.user_token).json()
    tag, same = repository["ref"]["tag"], repository["ref"]["same"]
    assert (tag["aheadBy"], tag["behindBy"]) == (rest["ahead_by"], rest["behind_by"])
    assert tag["status"] == rest["status"].upper()
    assert tag["headTarget"]["oid"] == sandbox.branch_sha("dev")
    assert (same["status"], same["aheadBy"]) == ("IDENTICAL", 0)
    assert repository["ref"]["none"] is None
    assert repository["root"]["oid"] == rest["base_commit"]["commit"]["tree"]["sha"]
