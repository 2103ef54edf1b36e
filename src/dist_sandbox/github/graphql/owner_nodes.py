"""Whoever owns repositories, with those that the viewer sees."""

from typing import Any

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.graphql.leaf_nodes import ActorNode
from dist_sandbox.github.graphql.nodes import RepositoryNode
from dist_sandbox.github.graphql.viewing import Viewer, connect


class OwnerNode(ActorNode):
    """A user or an organisation."""

    def __init__(self, viewer: Viewer, account: Account) -> None:
        super().__init__(viewer, account)
        self._viewer = viewer

    def repositories(
        self,
        isArchived: bool | None = None,  # noqa: N803 - GitHub's argument
        orderBy: dict[str, str] | None = None,  # noqa: N803 - GitHub's argument
        **arguments: Any,
    ) -> dict[str, Any]:
        """List the repositories that the viewer sees, by age unless names are asked for."""
        principal = self._viewer.principal
        repositories = [
            repository
            for repository in self._viewer.github.repositories.values()
            if repository.owner.login == self.login
            and principal.sees(repository.repository_id)
            and not isArchived  # no repository of the sandbox is archived
        ]
        if orderBy and orderBy["field"] == "NAME":
            repositories.sort(key=lambda repository: repository.name.lower())
        if orderBy and orderBy["direction"] == "DESC":
            repositories.reverse()
        nodes = [RepositoryNode(self._viewer, repository) for repository in repositories]
        return connect("repositories", nodes, arguments)
