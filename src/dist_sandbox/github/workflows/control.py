"""Control of workflow runs: whoever plays the runner says here what begins, waits and ends."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.github.access.accounts import Account, User
from dist_sandbox.github.pull_requests.auto_merge import advance
from dist_sandbox.github.render.basics import repository_page
from dist_sandbox.github.rules.checks import CheckRun
from dist_sandbox.github.workflows.deployments import Deployment
from dist_sandbox.github.workflows.runs import WaitingJob, WorkflowRun
from dist_sandbox.github.workflows.settings import DeploymentEnvironment, Variables
from dist_sandbox.world import World

_TEXTS = ("path", "event", "ref", "sha", "actor")


def add_run_routes(blueprint: Blueprint, world: World) -> None:
    """Add people, runs and waiting jobs to the control interface."""
    _add_user_route(blueprint, world)
    _add_run_routes(blueprint, world)
    _add_job_routes(blueprint, world)


def _add_user_route(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/users")
    def add_user() -> tuple[Response, int]:
        """Add a person who may do everything in the repository, as the first one."""
        login = str(_body().get("login", ""))
        if not login or any(user.account.login == login for user in world.github.users):
            return jsonify(message="login is a name that nobody has"), 422
        name = str(_body().get("name", ""))
        user = User(Account(login, world.github.next_id(), "User", name))
        world.github.users.append(user)
        return jsonify(login=login, id=user.account.account_id, token=user.token), 201


def _add_run_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.put("/runs/<int:run_id>")
    def begin_run(run_id: int) -> tuple[Response, int]:
        """Begin a workflow run; `jobs` lists the names under which its checks are shown."""
        body = _body()
        wrong = [name for name in _TEXTS if not isinstance(body.get(name), str)]
        if wrong:
            return jsonify(message=f"{wrong[0]} is a string"), 422
        now, runs = world.clock.now(), world.github.repository.runs
        run = WorkflowRun(
            run_id=run_id,
            number=int(body.get("number", 1)),
            **{name: body[name] for name in _TEXTS},
            created_at=now,
            updated_at=now,
        )
        runs[run_id] = run
        with world.github.lock:
            for name in body.get("jobs", []):
                _job_check(world, run, str(name))
        return jsonify(_show_run(run)), 201

    @blueprint.get("/runs/<int:run_id>")
    def show_run(run_id: int) -> tuple[Response, int]:
        """A run with its waiting jobs, without their credentials."""
        run = world.github.repository.runs.get(run_id)
        return _missing("run") if run is None else (jsonify(_show_run(run)), 200)

    @blueprint.patch("/runs/<int:run_id>")
    def end_run(run_id: int) -> tuple[Response, int]:
        """End a run; `conclusion` is `success`, `failure` or `cancelled`.

        `jobs` says how each of its checks ended; the others end as the run does.
        """
        run = world.github.repository.runs.get(run_id)
        if run is None:
            return _missing("run")
        with world.github.lock:
            run.conclusion = str(_body().get("conclusion", "success"))
            run.updated_at = world.clock.now()
            _end_checks(world, run, run.conclusion, _body().get("jobs", {}))
            advance(world.github)
        return jsonify(_show_run(run)), 200


def _add_job_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/runs/<int:run_id>/jobs")
    def arrive(run_id: int) -> tuple[Response, int]:
        """Bring a job to its environment, which is made where it is absent, as GitHub does."""
        run = world.github.repository.runs.get(run_id)
        if run is None:
            return _missing("run")
        with world.github.lock:
            return jsonify(_show_job(_arrive(world, run))), 201

    @blueprint.get("/runs/<int:run_id>/jobs/<int:number>")
    def look(run_id: int, number: int) -> tuple[Response, int]:
        """Where a job stands, as the job itself asks; its credentials are handed out once."""
        job = _find_job(world, run_id, number)
        if job is None:
            return _missing("job")
        shown = {**_show_job(job), "credentials": job.credentials}
        job.credentials = None
        return jsonify(shown), 200

    @blueprint.put("/runs/<int:run_id>/jobs/<int:number>/credentials")
    def hand_over(run_id: int, number: int) -> tuple[Response, int] | tuple[str, int]:
        """Leave credentials for a job that was let in; for no other."""
        job = _find_job(world, run_id, number)
        if job is None:
            return _missing("job")
        if job.state != "approved":
            return jsonify(message=f"the job is {job.state}"), 409
        job.credentials = {str(name): str(value) for name, value in _body().items()}
        return "", 204


def _job_check(world: World, run: WorkflowRun, name: str) -> CheckRun:
    """The check run of a job, as GitHub makes one when the job begins."""
    github, number = world.github, world.github.next_id()
    page = repository_page(github.repository, github.addresses)
    check = CheckRun(number, name, run.sha, None, run.run_id, world.clock.now())
    check.details_url = f"{page}/actions/runs/{run.run_id}/job/{number}"
    github.repository.checks.runs.append(check)
    return check


def _end_checks(world: World, run: WorkflowRun, conclusion: str, jobs: Mapping[str, str]) -> None:
    now, checks = world.clock.now(), world.github.repository.checks
    begun = {one.name: one for one in checks.runs if one.suite_id == run.run_id}
    for name in [*begun, *(name for name in jobs if name not in begun)]:
        check = begun.get(name) or _job_check(world, run, name)
        check.complete(str(jobs.get(name, conclusion)), now)


def _arrive(world: World, run: WorkflowRun) -> WaitingJob:
    github, body = world.github, _body()
    name = str(body.get("environment", ""))
    now = world.clock.now()
    if not name:  # an expression that turned out empty: a job without an environment
        nowhere = DeploymentEnvironment(0, "", Variables({}, now=now), now, now)
        return run.arrive(github.next_id(), str(body.get("job", "")), nowhere, now)
    environment = github.repository.environments.get(name.lower())
    if environment is None:
        environment = github.add_environment(github.repository, name, {})
    accounts = {account.login: account for account in github.accounts()}
    deployment = Deployment(
        deployment_id=github.next_id(),
        sha=run.sha,
        ref=run.short_ref,
        task="deploy",
        environment=environment.name,
        description=None,
        payload={},
        creator=accounts.get(run.actor, github.owner),
        created_at=now,
        run_id=run.run_id,
    )
    github.repository.deployments.append(deployment)
    return run.arrive(github.next_id(), str(body.get("job", "")), environment, now)


def _find_job(world: World, run_id: int, number: int) -> WaitingJob | None:
    run = world.github.repository.runs.get(run_id)
    return next((job for job in run.jobs if job.number == number), None) if run else None


def _show_run(run: WorkflowRun) -> dict[str, Any]:
    jobs = [_show_job(job) for job in run.jobs]
    return {"id": run.run_id, "status": run.status, "conclusion": run.conclusion, "jobs": jobs}


def _show_job(job: WaitingJob) -> dict[str, Any]:
    return {
        "number": job.number,
        "name": job.name,
        "environment": job.environment.name,
        "environment_id": job.environment.environment_id,
        "state": job.state,
        "reason": job.reason,
    }


def _body() -> dict[str, Any]:
    body: Any = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _missing(what: str) -> tuple[Response, int]:
    return jsonify(message=f"there is no such {what}"), 404
