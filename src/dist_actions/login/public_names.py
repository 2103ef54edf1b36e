"""Find private names that a virtual repository serves from the public index, too.

Of a name that both have, a virtual repository serves the highest version of either, whatever its
priorities are; so a stranger who registers the name takes the private package's place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from dist_actions.errors import IdentityError, InputError
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.services.answers import holds_content, is_redirect
from dist_actions.services.google.refusals import explain_unreadable_repository
from dist_actions.services.google.repositories import RepositoriesApi, RepositoryDescription
from dist_actions.services.http import Answer, HttpClient
from dist_actions.services.index.refusals import describe_unreadable, explain_unreadable
from dist_actions.services.index.simple_page import (
    ACCEPT,
    MISFITS,
    PAGE_BYTES,
    parse_simple_page,
)
from dist_actions.services.login import Login
from dist_actions.services.retries import Retries
from dist_actions.services.workers import side_by_side

#: Pages that are asked for side by side.
_WORKERS = 8
_SHOWN = 10


@dataclass(frozen=True)
class PublicNames:
    """What was found.

    Attributes:
        names: Private names that are public, too.
        checked: How many were asked about, by the resource of the remote repository.
    """

    names: tuple[str, ...] = ()
    checked: Mapping[str, int] | None = None

    def refusal(self) -> InputError:
        """Explain why such names stop the step."""
        more = f" and {len(self.names) - _SHOWN} more" if len(self.names) > _SHOWN else ""
        several = len(self.names) > 1
        return InputError(
            f"{', '.join(self.names[:_SHOWN])}{more} {'are' if several else 'is'} private, and the "
            "public index has a package of "
            f"{'each of these names' if several else 'that name'}, too.",
            why="a virtual repository serves the highest version of both, whatever its priorities "
            "are, so a stranger's package can be installed.",
            fix="rename the private package, or take the name on PyPI yourself; where it is yours "
            "there already, write `public-names: warn`. Without a virtual repository, name the "
            "private index explicitly and write `default-index: false`.",
            anchor="public-names",
        )


@dataclass(frozen=True)
class PublicNameCheck:
    """Asks the repositories behind a virtual one.

    Attributes:
        api: Describes repositories and lists packages.
        endpoints: Tell where their pages are.
        login: Reads those.
        retries: How patient it is.
    """

    api: RepositoriesApi
    endpoints: GoogleEndpoints
    login: Login
    retries: Retries

    def run(self, virtual: RepositoryDescription) -> PublicNames:
        """Ask for each private name once in each remote repository.

        Raises:
            IdentityError: The account may not read one of the repositories.
            ServiceUnavailableError: One did not answer.
        """
        upstreams = [self.api.describe(resource) for resource in virtual.upstreams]
        private = sorted(
            {
                canonicalize_name(name)
                for upstream in upstreams
                if upstream.mode == "STANDARD_REPOSITORY"
                for name in self.api.package_names(upstream.resource)
            }
        )
        public: set[str] = set()
        checked: dict[str, int] = {}
        for upstream in upstreams:
            if upstream.mode == "REMOTE_REPOSITORY":
                public |= set(self._served(upstream.resource, private))
                checked[upstream.resource] = len(private)
        return PublicNames(tuple(sorted(public)), checked)

    def _served(self, resource: str, names: Sequence[str]) -> list[str]:
        """Return those of the names that a remote repository has a page for."""
        parts = [names[number::_WORKERS] for number in range(min(_WORKERS, len(names)))]
        served = side_by_side(lambda part: self._served_in_turn(resource, part), parts, _WORKERS)
        return [name for part in served for name in part]

    def _served_in_turn(self, resource: str, names: Sequence[str]) -> list[str]:
        http = HttpClient(self.retries, self.login)  # a connection for each thread
        return [name for name in names if self._serves(http, resource, name)]

    def _serves(self, http: HttpClient, resource: str, name: str) -> bool:
        """Tell whether a repository serves a project; an odd answer counts only where it stays."""
        _, project_id, _, location, _, repository = resource.split("/")
        index_url = self.endpoints.index_url(location, project_id, repository)
        operation = f"look for {name} in {repository}"

        def look() -> bool:
            answer = http.send(
                operation,
                "GET",
                f"{index_url}{name}/",
                headers={"Accept": ACCEPT},
                answer_bytes=PAGE_BYTES,
            )
            return self._shows_project(answer, resource, index_url)

        try:
            return self.retries.confirm(operation, look, _describe_doubt)
        except _NoFileError:  # whoever has the name may publish at any time
            return True

    def _shows_project(self, answer: Answer, resource: str, index_url: str) -> bool:
        """Tell whether an answer is the page of a project.

        Raises:
            _NoFileError: It may be one, but has no file.
            IdentityError: It is a refusal.
            UploadError: It is another server's.
        """
        if answer.status_code == 404 or is_redirect(answer.status_code):
            return False
        if not holds_content(answer.status_code):
            raise self._unreadable(resource, answer.status_code)
        try:
            files = parse_simple_page(
                answer.headers.get("content-type", ""), answer.text, answer.url
            )
        except MISFITS as error:
            raise explain_unreadable(index_url, str(error), publishes=False) from error
        if not files:
            raise _NoFileError("the page has no file")
        return True

    def _unreadable(self, resource: str, status: int) -> IdentityError:
        return explain_unreadable_repository(resource, self.api.member, status, "")


class _NoFileError(Exception):
    """A page has no file: an empty project's, or another server's."""


def _describe_doubt(error: Exception) -> str:
    """Say what is wrong with an answer, if another one may be right."""
    if isinstance(error, IdentityError):
        return error.what.rstrip(".")
    return str(error) if isinstance(error, _NoFileError) else describe_unreadable(error)
