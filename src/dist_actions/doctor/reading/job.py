"""Go a job's way into its index, as far as that changes nothing: token, exchange, read, may write.

No step is repeated for long: doctor tells what is refused now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import NormalizedName

from dist_actions.doctor.facts import JobFacts, StageResult, Unread
from dist_actions.doctor.findings import Problem
from dist_actions.errors import DistActionsError, ServiceUnavailableError
from dist_actions.identity.claims import read_unverified_claims
from dist_actions.identity.google import Federation
from dist_actions.indexes.connecting import IndexConnector
from dist_actions.indexes.targets import ArtifactRegistryTarget, PyPITarget, Target
from dist_actions.services.http import HttpClient
from dist_actions.services.oidc import may_request_id_token, request_id_token
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

#: Nobody accepts a token for this audience, which is only asked for its claims.
_AUDIENCE = "dist-actions"


@dataclass(frozen=True)
class JobReader:
    """Reads what this job may do."""

    environ: Mapping[str, str]
    retries: Retries
    runner: Runner

    def read(self, targets: Sequence[Target], projects: Sequence[str]) -> JobFacts | Unread:
        """Go the way into each index.

        Args:
            targets: The indexes; empty where the inputs name none.
            projects: Normalised names of the project's packages.
        """
        if self.environ.get("GITHUB_ACTIONS") != "true":
            return Unread("doctor does not run in a job of a workflow")
        if not may_request_id_token(self.environ) and not any(map(_is_keyless, targets)):
            return Unread("the job has no `id-token: write`")
        try:
            claims, stages = self._read_claims()
            for target in targets if not stages[0].problem else ():
                stages += self._enter(target, projects)
        except ServiceUnavailableError as error:
            return Unread(error.what.rstrip("."))
        return JobFacts(claims, tuple(stages))

    def _read_claims(self) -> tuple[Mapping[str, object], list[StageResult]]:
        try:
            http = HttpClient(self.retries)
            id_token = request_id_token(self.environ, _AUDIENCE, http, self.runner)
        except ServiceUnavailableError:
            raise
        except DistActionsError as error:
            return {}, [StageResult("id-token", Problem.of_error(error))]
        return read_unverified_claims(id_token.reveal()), [StageResult("id-token")]

    def _enter(self, target: Target, projects: Sequence[str]) -> list[StageResult]:
        """Go into one index, and stop at the first stage that fails."""
        index = IndexConnector(self.environ, self.retries, self.runner).connect(target)
        stages = {
            "exchange": index.log_in,
            "read": lambda: [index.page(NormalizedName(name)) for name in projects],
            "write": index.require_upload_permission,
        }
        results: list[StageResult] = []
        for name, attempt in stages.items():
            try:
                attempt()
            except ServiceUnavailableError:
                raise
            except DistActionsError as error:
                return [*results, StageResult(name, Problem.of_error(error))]
            results.append(StageResult(name))
        return results


def _is_keyless(target: Target) -> bool:
    if isinstance(target, ArtifactRegistryTarget):
        return isinstance(target.identity, Federation) and bool(target.identity.provider)
    return isinstance(target, PyPITarget) and target.login is None
