"""Control of workflow runs: whoever plays the runner says here what begins, waits and ends."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, request

from dist_sandbox.github.access.accounts import Account, User
from dist_sandbox.github.pull_requests.auto_merge import advance
from dist_sandbox.github.rest.errors import Value
from dist_sandbox.github.rules.checks import CheckRun
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.github.workflows.runs import Deployment, WaitingJob, WorkflowRun
from dist_sandbox.github.workflows.settings import DeploymentEnvironment, Variables

_TEXTS = ("path", "event", "ref", "sha", "actor")
#: How long a request may wait for a change, in seconds.
_LONGEST_WAIT_SECONDS = 1.0


def add_run_routes(blueprint: Blueprint, github: GitHub) -> None:
    """Add people, runs and waiting jobs to the control interface."""
    _add_user_route(blueprint, github)
    _add_run_routes(blueprint, github)
    add_waiting_routes(blueprint, github)
    _add_credential_route(blueprint, github)


def _add_user_route(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.post("/users")
    def add_user() -> tuple[Response, int]:
        """Add a person who may do everything in the repository, as the first one."""
        login = str(read_body().get("login", ""))
        if not login or any(user.account.login == login for user in github.users):
            return jsonify(message="login is a name that nobody has"), 422
        name = str(read_body().get("name", ""))
        user = User(Account(login, github.next_id(), "User", name))
        github.users.append(user)
        return jsonify(login=login, id=user.account.account_id, token=user.token), 201


def _add_run_routes(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.put("/runs/<int:run_id>")
    def begin_run(run_id: int) -> tuple[Response, int]:
        """Begin a workflow run; `jobs` lists the names under which its checks are shown.

        The answer holds the `runtime_token` of its jobs.
        """
        body = read_body()
        wrong = [name for name in _TEXTS if not isinstance(body.get(name), str)]
        if wrong:
            return jsonify(message=f"{wrong[0]} is a string"), 422
        now, repository = github.clock.now(), named_repository(github)
        texts = {name: body[name] for name in _TEXTS}
        number = int(body.get("number", 1))
        run = WorkflowRun(run_id, number, **texts, created_at=now, updated_at=now)
        repository.runs[run_id] = run
        with github.lock:
            for name in body.get("jobs", []):
                _job_check(repository, run, str(name))
        return jsonify({**_show_run(run), "runtime_token": run.runtime_token}), 201

    @blueprint.get("/runs/<int:run_id>")
    def show_run(run_id: int) -> tuple[Response, int]:
        """Show a run with its waiting jobs, without their credentials.

        With `after`, a revision that was shown, the answer waits a moment for a later one.
        """
        _, run = required(github.find_run(run_id), "such run")
        _await_change(run)
        return jsonify(_show_run(run)), 200

    @blueprint.patch("/runs/<int:run_id>")
    def end_run(run_id: int) -> tuple[Response, int]:
        """End a run; `conclusion` is `success`, `failure` or `cancelled`.

        `jobs` says how each of its checks ended; the others end as the run does.
        """
        repository, run = required(github.find_run(run_id), "such run")
        with github.lock:
            run.conclusion = str(read_body().get("conclusion", "success"))
            run.updated_at = github.clock.now()
            _end_checks(repository, run, run.conclusion, read_body().get("jobs", {}))
            advance(github)
        run.note_change()
        return jsonify(_show_run(run)), 200


def add_waiting_routes(blueprint: Blueprint, github: GitHub) -> None:
    """Add the routes by which a job comes to its environment and looks whether it was let in."""

    @blueprint.post("/runs/<int:run_id>/jobs")
    def arrive(run_id: int) -> tuple[Response, int]:
        """Bring a job to its environment, which is made where it is absent, as GitHub does."""
        repository, run = required(github.find_run(run_id), "such run")
        with github.lock:
            return jsonify(_show_job(run, _arrive(repository, run))), 201

    @blueprint.get("/runs/<int:run_id>/jobs/<int:number>")
    def show_job(run_id: int, number: int) -> tuple[Response, int]:
        """Show a job as the job itself asks; its credentials are handed out once.

        With `after`, a revision of the run, the answer waits a moment for a later one.
        """
        run, job = _find_job(github, run_id, number)
        _await_change(run)
        body = {**_show_job(run, job), "credentials": job.credentials}
        job.credentials = None
        return jsonify(body), 200


def _add_credential_route(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.put("/runs/<int:run_id>/jobs/<int:number>/credentials")
    def hand_over(run_id: int, number: int) -> tuple[Response, int] | tuple[str, int]:
        """Leave credentials for a job that was let in; for no other."""
        run, job = _find_job(github, run_id, number)
        if job.state != "approved":
            return jsonify(message=f"the job is {job.state}"), 409
        job.credentials = {str(name): str(value) for name, value in read_body().items()}
        run.note_change()
        return "", 204


def _job_check(repository: Repository, run: WorkflowRun, name: str) -> CheckRun:
    """Make the check run of a job, as GitHub makes one when the job begins."""
    github = repository.github
    number = github.next_id()
    check = CheckRun(number, name, run.sha, None, run.run_id, github.clock.now())
    check.details_url = f"{repository.html_url}/actions/runs/{run.run_id}/job/{number}"
    repository.checks.runs.append(check)
    return check


def _end_checks(
    repository: Repository, run: WorkflowRun, conclusion: str, jobs: Mapping[str, str]
) -> None:
    now, checks = repository.github.clock.now(), repository.checks
    begun = {check.name: check for check in checks.runs if check.suite_id == run.run_id}
    for name in [*begun, *(name for name in jobs if name not in begun)]:
        check = begun.get(name) or _job_check(repository, run, name)
        check.complete(str(jobs.get(name, conclusion)), now)


def _arrive(repository: Repository, run: WorkflowRun) -> WaitingJob:
    github, body = repository.github, read_body()
    now = github.clock.now()
    name = str(body.get("environment", ""))
    if not name:  # an expression that turned out empty: a job without an environment
        nowhere = DeploymentEnvironment(0, "", Variables({}, now=now), now, now)
        return run.arrive(github.next_id(), str(body.get("job", "")), nowhere, now)
    environment = repository.ensure_environment(name)
    deployment = Deployment(
        deployment_id=github.next_id(),
        sha=run.sha,
        ref=run.short_ref,
        task="deploy",
        environment=environment.name,
        description=None,
        payload={},
        creator=github.find_account(run.actor) or github.owner,
        created_at=now,
        run_id=run.run_id,
    )
    repository.deployments.append(deployment)
    return run.arrive(github.next_id(), str(body.get("job", "")), environment, now)


def _find_job(github: GitHub, run_id: int, number: int) -> tuple[WorkflowRun, WaitingJob]:
    _, run = required(github.find_run(run_id), "such job")
    jobs = {job.number: job for job in run.jobs}
    return run, required(jobs.get(number), "such job")


def _await_change(run: WorkflowRun) -> None:
    after = request.args.get("after", type=int)
    if after is not None:
        run.await_change(after, _LONGEST_WAIT_SECONDS)


def _show_run(run: WorkflowRun) -> dict[str, Any]:
    return {
        "id": run.run_id,
        "revision": run.revision,  # first: what changes meanwhile is in the next one
        "status": run.status,
        "conclusion": run.conclusion,
        "jobs": [_show_job(run, job) for job in run.jobs],
    }


def _show_job(run: WorkflowRun, job: WaitingJob) -> dict[str, Any]:
    return {
        "revision": run.revision,
        "number": job.number,
        "name": job.name,
        "environment": job.environment.name,
        "environment_id": job.environment.environment_id,
        "state": job.state,
        "reason": job.reason,
    }


def read_body() -> dict[str, Any]:
    """Read the request's JSON object; an empty one where there is none."""
    body: Any = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def named_repository(github: GitHub) -> Repository:
    """Return the repository in the query's `repository`; the first where none is named."""
    name = request.args.get("repository", "")
    repository = github.repositories.get(name.lower()) if name else github.repository
    return required(repository, f"repository {name}")


def required(value: Value | None, name: str) -> Value:
    """Return a value that must be there; answer 404 where it is None."""
    if value is None:
        abort(make_response(jsonify(message=f"there is no {name}"), 404))
    return value
