"""Read what GitHub says of the repository: branches, tags, settings, rules and Apps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from dist_actions.doctor.facts import AppFacts, BranchFacts, ProjectFacts, Unread
from dist_actions.doctor.findings import NotCheckedError, Problem
from dist_actions.errors import DistActionsError, ServiceUnavailableError
from dist_actions.identity.credentials import WriterCredentials
from dist_actions.pipeline.settings import Settings
from dist_actions.repository_settings.reading import read_repository_settings
from dist_actions.repository_settings.values import RepositorySettings
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.facts import BranchRules
from dist_actions.services.github.graphql import GraphQL
from dist_actions.services.github.rules import read_branch_rules
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.json_fields import items, text

T = TypeVar("T")

_PEELED = "target { oid ... on Tag { target { oid } } }"
_FILES = "... on Tree { entries { name } }"
#: A branch as promote names it.
_PROMOTION_BRANCH = "promote/v1.2.3"


@dataclass(frozen=True)
class RepositoryReader:
    """Reads the repository on GitHub, as a token sees it."""

    client: GitHubClient
    session: GitHubSession

    def branches(self, project: ProjectFacts, settings: Settings) -> BranchFacts | Unread:
        """Read which workflows the branches of environments hold, and where tags are."""
        branches = [stage.branch for stage in settings.environments.stages]
        first = settings.environments.stages[0]
        tags = [
            package.tags.format(package.version.version, first.suffix)
            for package in project.packages
            if package.tags and package.version
        ]
        return try_to_read(lambda: self._ask_branches(branches, tags))

    def _ask_branches(self, branches: Sequence[str], tags: Sequence[str]) -> BranchFacts:
        default = self.client.read(
            "read the repository",
            f"/repos/{self.client.github_repository}",
            lambda answer: text(answer["default_branch"]),
        )
        names = list(dict.fromkeys([default, *branches]))
        fields, variables = [], {}
        for number, branch in enumerate(names):
            variables[f"b{number}"] = f"refs/heads/{branch}"
            variables[f"w{number}"] = f"refs/heads/{branch}:.github/workflows"
            fields.append(f"b{number}: ref(qualifiedName: $b{number}) {{ name }}")
            fields.append(f"w{number}: object(expression: $w{number}) {{ {_FILES} }}")
        for number, tag in enumerate(tags):
            variables[f"t{number}"] = f"refs/tags/{tag}"
            fields.append(f"t{number}: ref(qualifiedName: $t{number}) {{ {_PEELED} }}")

        def parse(data: Any) -> BranchFacts:
            commits = {tag: _commit(data[f"t{number}"]) for number, tag in enumerate(tags)}
            return BranchFacts(
                default=default,
                workflows={
                    branch: _files(data[f"w{number}"]) if data[f"b{number}"] else None
                    for number, branch in enumerate(names)
                },
                tags={tag: commit for tag, commit in commits.items() if commit},
            )

        return GraphQL(self.client).repository(
            "read the branches", " ".join(fields), parse, variables
        )

    def settings(self) -> RepositorySettings | Unread:
        """Read the repository's settings."""
        return try_to_read(lambda: read_repository_settings(self.client))

    def rules(self, settings: Settings) -> Mapping[str, BranchRules] | Unread:
        """Read what the rules of the environments' branches allow."""
        branches = [stage.branch for stage in settings.environments.stages]
        return try_to_read(
            lambda: {branch: read_branch_rules(self.client, branch) for branch in branches}
        )

    def promotion_rules(self) -> frozenset[str] | Unread:
        """Read the types of the rules for branches of promotions."""
        path = f"rules/branches/{quote(_PROMOTION_BRANCH, safe='')}"

        def parse(rules: Any) -> frozenset[str]:
            return frozenset(text(rule["type"]) for rule in items(rules))

        return try_to_read(
            lambda: self.client.read("read the rules of promote/**", path, parse, per_page=100)
        )

    def apps(
        self, credentials: WriterCredentials, permissions: Mapping[str, str]
    ) -> Sequence[AppFacts] | Unread:
        """Mint a token of the App whose key is given, and revoke it."""
        if credentials.app is None:
            return Unread("no key of an App was given (client-id and private-key)")
        name = credentials.app.client_id
        try:
            self.session.write(credentials, permissions, lambda _: None)
        except ServiceUnavailableError as error:
            return Unread(error.what.rstrip("."))
        except DistActionsError as error:
            return [AppFacts(name, Problem.of_error(error))]
        return [AppFacts(name)]


def try_to_read(read: Callable[[], T]) -> T | Unread:
    """Read something; where it is refused, say why. A service's silence is nothing to mend."""
    try:
        return read()
    except ServiceUnavailableError as error:
        return Unread(error.what.rstrip("."))
    except DistActionsError as error:
        return Unread(error.what.rstrip("."), Problem.of_error(error))
    except NotCheckedError as error:
        return Unread(str(error))


def _files(tree: Mapping[str, Any] | None) -> frozenset[str]:
    entries = items((tree or {}).get("entries") or [])
    return frozenset(text(entry["name"]) for entry in entries)


def _commit(ref: Mapping[str, Any] | None) -> str:
    target = (ref or {}).get("target") or {}
    peeled = target.get("target") or target
    return str(peeled.get("oid") or "")
