"""The account that a token acts as."""

from dataclasses import dataclass

from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.refusals import RefusedError

#: Acts with the job token of any workflow in any repository, so it is nobody in particular.
ACTIONS_BOT_ID = 41_898_282
#: GraphQL answers with errors inside of a good answer, which PyGithub takes for HTTP 400.
_REFUSED = frozenset({400, 403, 404})


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
        answer = client.call(
            "read the token's own account",
            lambda requester: requester.graphql_query("{ viewer { databaseId login } }", {})[1],
            meaningful=_REFUSED,
        )
    except RefusedError:
        return None
    viewer = answer["data"]["viewer"]
    return Account(int(viewer["databaseId"] or 0), str(viewer["login"]))
