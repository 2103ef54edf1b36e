"""GitHub's GraphQL API, for what REST does not tell, or only in one request for each thing.

It only reads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.facts import MergedPull, PullsOfCommits
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import number, text

T = TypeVar("T")

#: Commits that one query asks for.
COMMITS_OF_A_QUERY = 100
#: Queries for commits in one run.
_MOST_QUERIES = 10
#: Pull requests of one commit: more than one only where the same commit was merged twice.
_PULLS_OF_A_COMMIT = 5
#: GraphQL answers with errors inside of a good answer, which the client takes for HTTP 400.
_REFUSED = frozenset({400, 404})
_NOT_ALLOWED = "Resource not accessible"
#: Acts with the job token of any workflow in any repository, so it is nobody in particular.
ACTIONS_BOT_ID = 41_898_282


class GraphQL:
    """Reads of one repository.

    Spec: https://docs.github.com/en/graphql/reference/objects
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        owner, _, name = client.github_repository.partition("/")
        self._repository = {"owner": owner, "name": name}

    def repository(
        self,
        operation: str,
        fields: str,
        parse: Callable[[Any], T],
        variables: Mapping[str, str] | None = None,
    ) -> T:
        """Read fields of the repository.

        Args:
            operation: What it does, for messages.
            fields: As GraphQL writes them; they hold nothing that came from outside.
            parse: Reads them, as `read_json` does.
            variables: Texts that the fields name.

        Raises:
            GitHubApiError: GitHub refused, also for a part of what was asked.
        """
        values = {**self._repository, **(variables or {})}
        declarations = ", ".join(f"${name}: String!" for name in values)
        query = f"query({declarations}) {{ repository(owner: $owner, name: $name) {{ {fields} }} }}"
        try:
            return self._client.query(
                operation, query, values, lambda data: parse(data["repository"]), _REFUSED
            )
        except RefusedError as error:
            refusal = error
            if _NOT_ALLOWED in error.message:
                # REST says the same by its status.
                refusal = RefusedError(403, error.message, error.headers)
            raise self._client.explain(operation, refusal) from error

    def pulls_of(self, commits: Sequence[str], base: str) -> dict[str, MergedPull]:
        """Find the merged pull request into a branch that each commit came by, by commit.

        One query for every hundred commits, at most ten; older commits are left out, as are those
        that came by none.

        Args:
            commits: Their SHAs, 40 hex digits each, the newest first.
        """
        pulls: dict[str, MergedPull] = {}
        newest = commits[: COMMITS_OF_A_QUERY * _MOST_QUERIES]
        for start in range(0, len(newest), COMMITS_OF_A_QUERY):
            part = newest[start : start + COMMITS_OF_A_QUERY]
            fields = " ".join(
                f'c{number}: object(oid: "{_hexadecimal(sha)}") {{ ... on Commit {{ '
                f"associatedPullRequests(first: {_PULLS_OF_A_COMMIT}) {{ nodes {{ number url "
                "merged baseRefName headRefName headRefOid body mergeCommit { oid } } } } }"
                for number, sha in enumerate(part)
            )
            pulls |= self.repository(
                "read by which pull requests commits came",
                fields,
                partial(_merged_pulls, commits=part, base=base),
            )
        return pulls


def pulls_into(client: GitHubClient, base: str) -> PullsOfCommits:
    """Prepare to ask by which pull requests commits of a branch came."""
    return partial(GraphQL(client).pulls_of, base=base)


def _hexadecimal(sha: str) -> str:
    return f"{int(sha, 16):040x}"


def _merged_pulls(data: Any, commits: Sequence[str], base: str) -> dict[str, MergedPull]:
    answers = [(sha, data[f"c{number}"] or {}) for number, sha in enumerate(commits)]
    pulls = {sha: _merged_pull(commit, sha, base) for sha, commit in answers}
    return {sha: pull for sha, pull in pulls.items() if pull}


def _merged_pull(commit: Mapping[str, Any], sha: str, base: str) -> MergedPull | None:
    """Choose the pull request whose merge made the commit, else one that brought it along."""
    nodes = (commit.get("associatedPullRequests") or {}).get("nodes") or []
    merged = [node for node in nodes if node["merged"] and node["baseRefName"] == base]
    merged.sort(
        key=lambda node: ((node.get("mergeCommit") or {}).get("oid") != sha, node["number"])
    )
    if not merged:
        return None
    pull = merged[0]
    return MergedPull(
        number=number(pull["number"]),
        url=text(pull["url"]),
        head=text(pull["headRefName"]),
        head_sha=text(pull["headRefOid"]),
        body=str(pull["body"] or ""),
    )


@dataclass(frozen=True)
class Account:
    """A user or a bot: its number stays when it is renamed."""

    account_id: int
    login: str


def find_own_account(client: GitHubClient) -> Account | None:
    """Find the account that a client's token acts as; None where GitHub does not tell.

    REST tells it to users alone, GraphQL to an App's installation, too.
    Spec: https://docs.github.com/en/graphql/reference/queries#viewer
    """
    try:
        return client.query(
            "read the token's own account",
            "{ viewer { databaseId login } }",
            {},
            lambda data: _account(data["viewer"]),
            _REFUSED,
        )
    except RefusedError:
        return None


def _account(viewer: Any) -> Account:
    return Account(number(viewer["databaseId"] or 0), text(viewer["login"]))
