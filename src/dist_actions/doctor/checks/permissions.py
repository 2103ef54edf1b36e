"""Checks of what the jobs of workflows may do; pure."""

import re
from collections.abc import Iterator, Mapping

from dist_actions.doctor.facts import Facts
from dist_actions.doctor.findings import Check, Problem
from dist_actions.doctor.workflows import ALL, Job, Step, Workflow
from dist_actions.errors import PAGES

_READS = {"contents": "read"}
#: What each of our actions needs at least, by the table in the README.
_NEEDED: Mapping[str, Mapping[str, str]] = {
    "auto-tag": _READS,
    "release": _READS,
    "promote": {
        "contents": "read",
        "pull-requests": "read",
        "checks": "read",
        "statuses": "read",
        "actions": "read",
    },
}
_JOB_TOKEN = re.compile(r"\$\{\{\s*(?:github\.token|secrets\.GITHUB_TOKEN)\s*\}\}", re.IGNORECASE)
_SECRET = re.compile(r"\$\{\{.*\bsecrets\b", re.DOTALL)
_PAGE = "threat-model.md"


def find_unstated_permissions(facts: Facts) -> Iterator[Problem]:
    """Find jobs whose permissions are whatever the repository's setting gives."""
    for workflow, job in _jobs(facts):
        if job.permissions.granted is None and not job.calls:
            yield Problem(
                f"The job {job.id} in {workflow.path} has no `permissions:`.",
                "it gets what the repository's settings give, which may be everything.",
                f"write `permissions: {{}}` at the top of {workflow.path}, and in each job what it "
                "needs.",
                job.place.at(),
            )


def find_missing_permissions(facts: Facts) -> Iterator[Problem]:
    """Find jobs that may not do what their steps do."""
    for workflow, job in _jobs(facts):
        if job.permissions.granted is None or job.calls:
            continue
        missing = {
            name: access
            for name, access in _needed(job).items()
            if not job.permissions.allow(name, access)
        }
        if missing:
            missing_access = ", ".join(f"`{name}: {access}`" for name, access in missing.items())
            yield Problem(
                f"The job {job.id} in {workflow.path} lacks {missing_access}.",
                "its steps are refused, because `permissions:` names all that a job may do.",
                f"add {missing_access} to the `permissions:` of the job {job.id}.",
                job.place.at("permissions"),
            )


def find_wide_permissions(facts: Facts) -> Iterator[Problem]:
    """Find jobs that may do more than their steps need."""
    for workflow, job in _jobs(facts):
        granted = job.permissions.granted or {}
        wide = ["write-all"] if granted.get(ALL) == "write" else _unneeded(job, granted)
        if wide:
            yield Problem(
                f"The job {job.id} in {workflow.path} has `{', '.join(wide)}`, which none of its "
                "steps needs.",
                "whatever runs in it could change the repository or publish.",
                f"leave out `{', '.join(wide)}`; the job needs "
                f"{_listed(_needed(job)) or 'no permission'}.",
                job.permissions.location,
            )


def find_code_beside_credentials(facts: Facts) -> Iterator[Problem]:
    """Find jobs that run code of the project beside what publishes or signs for a bot."""
    for workflow, job in _jobs(facts):
        running = next((step for step in job.steps if step.runs_project_code()), None)
        holding = [step for step in job.steps if _holds_credentials(job, step)]
        if running and holding:
            yield Problem(
                f"The job {job.id} in {workflow.path} runs code of the project, and holds "
                "credentials.",
                "whatever the build or the tests run could publish with them.",
                "build and test in a job of its own, as "
                f"{PAGES}/examples/release.yml does; the job that publishes only calls actions.",
                running.place.at("phase" if running.action else "run"),
            )


def _jobs(facts: Facts) -> Iterator[tuple[Workflow, Job]]:
    """List the jobs of those workflows that use our actions."""
    return ((workflow, job) for workflow in facts.own_workflows for job in workflow.jobs)


def _needed(job: Job) -> dict[str, str]:
    needed: dict[str, str] = {}
    for step in job.steps:
        needed |= _needed_by(step) | {
            name: access for name, access in needed.items() if access == "write"
        }
    return needed


def _needed_by(step: Step) -> dict[str, str]:
    needed = dict(_READS if step.is_checkout else _NEEDED.get(step.action or "", {}))
    if _JOB_TOKEN.search(step.inputs.get("token", "")):
        needed["contents"] = "write"
    if _needs_id_token(step):
        needed["id-token"] = "write"
    return needed


def _needs_id_token(step: Step) -> bool:
    if step.inputs.get("workload-identity-provider") and step.action is not None:
        return step.publishes or step.action in {"login", "doctor", "promote"}
    return step.is_trusted_publisher or step.inputs.get("attestations") == "true"


def _unneeded(job: Job, granted: Mapping[str, str]) -> list[str]:
    """List what may be left out, where only steps that are known use the token."""
    is_known = all(
        step.action is not None or step.uses.startswith("actions/") for step in job.steps
    )
    if not is_known or not job.steps:
        return []
    needed = _needed(job)
    return [
        f"{name}: write"
        for name, access in granted.items()
        if access == "write" and needed.get(name) != "write" and name in {"contents", "id-token"}
    ]


def _holds_credentials(job: Job, step: Step) -> bool:
    if step.publishes and job.permissions.allow("id-token", "write"):
        return True
    keys = (step.inputs.get(name, "") for name in ("private-key", "password", "credentials-json"))
    return step.action not in {None, "login"} and any(map(_SECRET.search, keys))


def _listed(needed: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}: {access}`" for name, access in needed.items())


CHECKS = (
    Check(
        "permissions-stated",
        "Each job says what its token may do",
        "warning",
        find_unstated_permissions,
        _PAGE,
    ),
    Check(
        "permissions-sufficient",
        "Each job may do what its steps do",
        "error",
        find_missing_permissions,
        "troubleshooting.md#github-403",
    ),
    Check(
        "permissions-narrow",
        "No job may write without need",
        "warning",
        find_wide_permissions,
        _PAGE,
    ),
    Check(
        "code-apart",
        "No code of the project runs beside credentials",
        "warning",
        find_code_beside_credentials,
        _PAGE,
    ),
)
