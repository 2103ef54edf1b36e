"""Compare the job's GitHub Environment with the one of its tag, before anything is minted.

The runner does not tell a job its environment, but the job's ID token does.
"""

from collections.abc import Mapping

from dist_actions.errors import ReleaseError
from dist_actions.identity.claims import read_unverified_claims
from dist_actions.release_plan.planning import ReleasePlan
from dist_actions.services.http import HttpClient
from dist_actions.services.oidc import may_request_id_token, request_id_token
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

#: Nobody else accepts a token for this audience.
_AUDIENCE = "dist-actions"


def require_job_environment(
    environ: Mapping[str, str],
    plan: ReleasePlan,
    retries: Retries,
    runner: Runner,
    *,
    others_allowed: bool = False,
) -> None:
    """Refuse a job that runs in another GitHub Environment than its tag's.

    A job that may not ask for an ID token, or that names no environment, is not refused.

    Args:
        plan: What the tag releases, with the environments of the settings.
        others_allowed: Whether the job may run in an environment that the settings do not name.

    Raises:
        ReleaseError: It does.
        IdentityError: GitHub gave no ID token.
        ServiceUnavailableError: GitHub did not answer.
    """
    if not may_request_id_token(environ):
        return
    id_token = request_id_token(environ, _AUDIENCE, HttpClient(retries), runner)
    # It came from GitHub itself, over a connection that is as safe as the runner's.
    environment = str(read_unverified_claims(id_token.reveal()).get("environment") or "")
    expected = plan.environment.github_environment
    # GitHub compares the names of environments without case.
    name = environment.casefold()
    is_other = name not in {stage.casefold() for stage in plan.github_environments}
    if environment and name != expected.casefold() and not (others_allowed and is_other):
        raise ReleaseError(
            f"This job runs in the GitHub Environment {environment!r}, but its tag belongs to "
            f"{expected!r}.",
            why="the workflow names another environment, or takes its name from a job that runs "
            "the project's code; this job's credentials are then another environment's.",
            fix="write `environment: ${{ needs.plan.outputs.github-environment }}` with the output "
            "of the phase plan, or set github-environment of that environment in the settings.",
            anchor="job-environment",
        )
