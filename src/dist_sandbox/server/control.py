"""The control interface of a sandbox: what rehearsals and tests need and no service offers.

`middleware` lets nobody in without the token of the ready file.
"""

from dataclasses import fields
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.faults.fault import Fault
from dist_sandbox.faults.ledger import read_ledger
from dist_sandbox.github.control import add_github_routes, show_repository
from dist_sandbox.github.workflows.control import named_repository, read_body
from dist_sandbox.jobs import Job, JobDescription
from dist_sandbox.organisation import further_repository
from dist_sandbox.server.ready_file import describe_public
from dist_sandbox.world import World

_ACCESS = ("read", "write")


def create_blueprint(world: World) -> Blueprint:
    """Create the control interface, to be mounted at the root."""
    blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")
    _add_request_routes(blueprint, world)
    _add_job_routes(blueprint, world)
    _add_time_routes(blueprint, world)
    _add_fault_routes(blueprint, world)
    _add_repository_route(blueprint, world)
    add_github_routes(blueprint, world.github)
    return blueprint


def _add_request_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/ready")
    def ready() -> Response:
        """Show the ready file without credentials."""
        return jsonify(describe_public(world))

    @blueprint.get("/requests")
    def requests() -> Response:
        """Show the numbered log of every request."""
        return jsonify(world.requests.since(request.args.get("after", 0, int)))

    @blueprint.delete("/requests")
    def clear_requests() -> tuple[str, int]:
        world.requests.clear()
        return "", 204

    @blueprint.get("/ledger")
    def ledger() -> Response:
        """Show every file that was accepted, every change of a ref, and every App token's life."""
        return jsonify(read_ledger(world))


def _add_job_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/jobs")
    def register() -> tuple[Response, int]:
        """Start a job: make the credentials that GitHub would give it."""
        body: Any = request.get_json(silent=True)
        problem = _problem_of_job(body)
        if problem:
            return jsonify(message=problem), 422
        names = {field.name for field in fields(JobDescription)} & set(body)
        values = {name: body[name] for name in names} | {"run_id": int(body["run_id"])}
        values["github_repository"] = named_repository(world.github).full_name
        job = world.jobs.register(JobDescription(**values))
        return jsonify(describe_job(world, job)), 201

    @blueprint.delete("/jobs/<int:number>")
    def end(number: int) -> tuple[str, int]:
        """End a job: its credentials are refused from now on."""
        world.jobs.end(number)
        return "", 204


def describe_job(world: World, job: Job) -> dict[str, Any]:
    """Describe a job's number and credentials; what it may not have is null."""
    has_identity = job.oidc_request_token is not None
    return {
        "number": job.number,
        "token": job.token,
        "oidc_request_url": world.addresses.oidc_request if has_identity else None,
        "oidc_request_token": job.oidc_request_token,
    }


def _add_time_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/clock")
    def show_clock() -> Response:
        """Show how far the sandbox's clock is ahead of the machine's."""
        return jsonify(offset_seconds=world.clock.offset.total_seconds())

    @blueprint.post("/clock")
    def set_clock() -> tuple[Response, int]:
        """Set how far the sandbox's clock is ahead of the machine's, or let time pass by it."""
        seconds, passed = _number("offset_seconds"), _number("passed_seconds")
        if (seconds is None) == (passed is None):
            return jsonify(message="offset_seconds or passed_seconds is a number"), 422
        if passed is not None:
            world.clock.skip(passed)
        if seconds is not None:
            world.clock.offset = timedelta(seconds=seconds)
        return show_clock(), 200

    @blueprint.post("/latency")
    def set_latency() -> tuple[Response, int]:
        """Set what every request waits before it is served."""
        seconds = _number("seconds")
        if seconds is None or seconds < 0:
            return jsonify(message="seconds is a number of at least 0"), 422
        world.latency_seconds = seconds
        return jsonify(seconds=seconds), 200


def _add_fault_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/faults")
    def show_faults() -> Response:
        """Show the faults that are still to happen."""
        return jsonify(world.faults.waiting())

    @blueprint.post("/faults")
    def add_fault() -> tuple[Response, int]:
        """Add a fault: let the requests that match fail in some way."""
        try:
            fault = Fault.from_json(request.get_json(silent=True))
        except ValueError as error:
            return jsonify(message=str(error)), 422
        world.faults.add(fault)
        return jsonify(fault), 201

    @blueprint.put("/faults/scattered")
    def scatter_faults() -> tuple[str | Response, int]:
        """Let requests meet faults by chance, at a `rate` from 0 to 1, from a `seed`."""
        body: Any = request.get_json(silent=True)
        try:
            faults = [Fault.from_json(described) for described in body["faults"]]
            world.faults.scatter(faults, float(body["rate"]), int(body.get("seed", 0)))
        except (KeyError, TypeError, ValueError) as error:
            return jsonify(message=f"faults, rate and seed are needed: {error}"), 422
        return "", 204

    @blueprint.delete("/faults")
    def clear_faults() -> tuple[str, int]:
        world.faults.clear()
        return "", 204


def _add_repository_route(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/repositories")
    def create_repository() -> tuple[Response, int]:
        """Make another repository of the organisation, without commits.

        With `publishes: true` it starts with a README, and has the environments dev, qa and prd, a
        publisher service account in each, and the same indexes as the first repository.
        """
        body = read_body()
        name = str(body.get("name", ""))
        if world.github.find_repository(world.github.owner.login, name):
            return jsonify(message="name is one that no repository has"), 422
        if body.get("publishes") is True:
            repository = world.add_repository(further_repository(world.publishing, name))
        else:
            repository = world.github.add_repository(name)
        return jsonify(show_repository(repository)), 201


def _number(name: str) -> float | None:
    body: Any = request.get_json(silent=True)
    value = body.get(name) if isinstance(body, dict) else None
    return float(value) if isinstance(value, (int, float)) else None


def _problem_of_job(body: Any) -> str | None:
    """Name the problem with the description of a job, if any."""
    if not isinstance(body, dict):
        return "the body is a JSON object"
    texts = ("workflow", "name", "event_name", "ref", "sha", "actor")
    optional = {"job_workflow_ref": "", "job_workflow_sha": ""}
    for name in (*texts, *optional):
        if not isinstance(body.get(name, optional.get(name)), str):
            return f"{name} is a string"
    if not str(body.get("run_id", "")).isdigit():
        return "run_id is a number"
    permissions = body.get("permissions")
    if not isinstance(permissions, dict):
        return "permissions is an object"
    if any(access not in _ACCESS for access in permissions.values()):
        return "a permission is read or write; leave out what is not granted"
    return None
