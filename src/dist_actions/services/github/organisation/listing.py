"""Read many repositories at once by GraphQL: their settings, releases and open pull requests.

A query for a hundred repositories, then one for the details of several hundred releases, so that an
organisation of five hundred takes ten. GitHub counts what a query could answer at most, 500,000
nodes; these ask for about 15,000 and 50,000.
Spec: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from dist_actions.errors import GitHubApiError
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.organisation.details import DETAILS_FRAGMENT, DetailsQuery
from dist_actions.services.github.organisation.facts import (
    BranchFolder,
    ListedRelease,
    ListedRepository,
    OpenPull,
    ReleaseDetails,
    ReleaseKey,
)
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.github.releases import read_time
from dist_actions.services.json_fields import flag, items, text

T = TypeVar("T")

#: GitHub's own limit for a page.
_REPOSITORIES_OF_A_QUERY = 100
_RELEASES_OF_A_QUERY = 500
#: Of each repository: its newest releases, and its newest open pull requests.
_RELEASES, _PULLS = 50, 50
#: Where a repository keeps its settings and its name, from its root.
SETTINGS_FILES = (".github/dist-actions.toml", "pyproject.toml")
_REFUSED = frozenset({400, 404})

_RELEASE = "fragment R on Release { tagName isDraft publishedAt url }"
_REPOSITORY = (
    "fragment P on Repository { nameWithOwner url isPrivate "
    + " ".join(
        f'f{number}: object(expression: "HEAD:{path}") {{ ... on Blob {{ text isTruncated }} }}'
        for number, path in enumerate(SETTINGS_FILES)
    )
    + f" releases(first: {_RELEASES}, orderBy: {{field: CREATED_AT, direction: DESC}}) "
    "{ totalCount nodes { ...R } } latestRelease { ...R } "
    f"pullRequests(states: [OPEN], last: {_PULLS}) {{ nodes {{ "
    "url baseRefName headRefName isDraft mergeable mergeStateStatus reviewDecision "
    "commits(last: 1) { nodes { commit { statusCheckRollup { state } } } } } } } "
) + _RELEASE


class Organisations:
    """Reads of many repositories.

    Spec: https://docs.github.com/en/graphql/reference/repos
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def repositories_of(self, owner: str) -> tuple[ListedRepository, ...] | None:
        """List the repositories of an owner that the token sees, without archived ones, by name.

        Returns:
            None where GitHub knows no such owner.

        Raises:
            GitHubApiError: GitHub refused.
        """
        repositories: list[ListedRepository] = []
        query = (
            "query($owner: String!, $after: String) { repositoryOwner(login: $owner) { "
            f"repositories(isArchived: false, first: {_REPOSITORIES_OF_A_QUERY}, after: $after, "
            "orderBy: {field: NAME, direction: ASC}) { pageInfo { hasNextPage endCursor } "
            f"nodes {{ ...P }} }} }} }} {_REPOSITORY}"
        )
        after: str | None = None
        while True:
            page = self._query(
                f"list the repositories of {owner}",
                query,
                {"owner": owner, "after": after},
                lambda data: _page(data["repositoryOwner"]),
            )
            if page is None:
                return None
            repositories += page[0]
            after = page[1]
            if not after:
                return tuple(repositories)

    def repositories(self, names: Sequence[str]) -> tuple[ListedRepository, ...]:
        """Read repositories by their names, `owner/name`, in this order.

        Raises:
            GitHubApiError: GitHub refused, or the token sees none of that name.
        """
        repositories: list[ListedRepository] = []
        for part in _parts(names, _REPOSITORIES_OF_A_QUERY):
            values = {
                f"{letter}{number}": half
                for number, name in enumerate(part)
                for letter, half in zip("on", name.split("/"), strict=True)
            }
            fields = " ".join(
                f"r{number}: repository(owner: $o{number}, name: $n{number}) {{ ...P }}"
                for number in range(len(part))
            )
            query = f"query({_declare(values)}) {{ {fields} }} {_REPOSITORY}"
            repositories += self._query(
                f"read {', '.join(part[:3])}{' and others' if len(part) > 3 else ''}",
                query,
                values,
                lambda data: [_repository(data[alias]) for alias in data],
            )
        return tuple(repositories)

    def details_of(
        self, releases: Mapping[ReleaseKey, Sequence[BranchFolder]]
    ) -> dict[ReleaseKey, ReleaseDetails]:
        """Read the details of releases; those that are gone by now are left out.

        Args:
            releases: With the branches that may hold the release's commit or files.

        Raises:
            GitHubApiError: GitHub refused.
        """
        details: dict[ReleaseKey, ReleaseDetails] = {}
        for part in _parts(list(releases.items()), _RELEASES_OF_A_QUERY):
            query = DetailsQuery(part)
            values = query.values
            text_of_query = f"query({_declare(values)}) {{ {query.fields} }} {DETAILS_FRAGMENT}"
            details |= self._query("read the files of releases", text_of_query, values, query.parse)
        return details

    def _query(
        self, operation: str, query: str, values: Mapping[str, Any], parse: Callable[[Any], T]
    ) -> T:
        try:
            return self._client.query(operation, query, values, parse, _REFUSED)
        except RefusedError as error:
            raise _explain(operation, error) from error


def _explain(operation: str, refusal: RefusedError) -> GitHubApiError:
    problem = f"GitHub refused to {operation}: {refusal.message} (HTTP {refusal.status})."
    if refusal.status == 404:
        return GitHubApiError(
            problem,
            why="there is no repository of this name, or the token does not see it.",
            fix="check the name, and use a token that may read it: a personal one, or an App's "
            "that is installed on it. The job token of a workflow sees its own repository alone.",
            anchor="status-organisation",
        )
    return GitHubApiError(
        problem,
        why="the token may not read everything that the status is made of.",
        fix="give it read access to contents, pull requests, checks and commit statuses.",
        anchor="status-organisation",
    )


def _parts(values: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def _declare(values: Iterable[str]) -> str:
    return ", ".join(f"${name}: String!" for name in values)


def _page(owner: Any) -> tuple[list[ListedRepository], str] | None:
    """Read a page of repositories, and where the next one begins; empty for the last one."""
    if owner is None:
        return None
    connection = owner["repositories"]
    info = connection["pageInfo"]
    more = text(info["endCursor"]) if flag(info["hasNextPage"]) else ""
    return [_repository(node) for node in items(connection["nodes"]) if node], more


def _repository(node: Any) -> ListedRepository:
    blobs = {path: node[f"f{number}"] or {} for number, path in enumerate(SETTINGS_FILES)}
    releases = [*items(node["releases"]["nodes"]), node["latestRelease"]]
    published = {
        release["tagName"]: ListedRelease(text(release["tagName"]), text(release["url"]), time)
        for release in releases
        if release and not release["isDraft"] and (time := read_time(release["publishedAt"]))
    }
    return ListedRepository(
        name=text(node["nameWithOwner"]),
        url=text(node["url"]),
        private=flag(node["isPrivate"]),
        files={
            path: text(blob["text"])
            for path, blob in blobs.items()
            if blob.get("text") is not None and not blob["isTruncated"]
        },
        releases=tuple(published.values()),
        complete=int(node["releases"]["totalCount"]) <= _RELEASES,
        pulls=tuple(_pull(pull) for pull in items(node["pullRequests"]["nodes"]) if pull),
    )


def _pull(node: Any) -> OpenPull:
    commits = items(node["commits"]["nodes"])
    rollup = commits[-1]["commit"]["statusCheckRollup"] if commits else None
    return OpenPull(
        url=text(node["url"]),
        base=text(node["baseRefName"]),
        head=text(node["headRefName"]),
        draft=flag(node["isDraft"]),
        mergeable=text(node["mergeable"]),
        merge_state=text(node["mergeStateStatus"]),
        review=str(node["reviewDecision"] or ""),
        checks=text(rollup["state"]) if rollup else "",
    )
