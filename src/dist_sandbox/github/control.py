"""Control of the simulated GitHub: its event stream, and what an administrator would change.

A request is about the repository that its query names, `?repository=OWNER/NAME`; about the one that
the sandbox was started for where it names none.
"""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.github.access.apps import App
from dist_sandbox.github.pull_requests.auto_merge import advance
from dist_sandbox.github.rules.checks import CheckRun
from dist_sandbox.github.rules.rulesets import BypassActor, Ruleset
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.github.workflows.control import (
    add_run_routes,
    named_repository,
    read_body,
    required,
)
from dist_sandbox.github.workflows.settings import Variables

_APP_SWITCHES = ("suspended", "installed")
_REPOSITORY_SWITCHES = ("actions_may_open_pulls", "immutable_releases")
_MERGE_SWITCHES = ("merge", "squash", "rebase", "delete_branch", "auto_merge")


def add_github_routes(blueprint: Blueprint, github: GitHub) -> None:
    """Add GitHub's part to the control interface."""
    _add_event_routes(blueprint, github)
    _add_app_routes(blueprint, github)
    _add_repository_routes(blueprint, github)
    _add_ruleset_routes(blueprint, github)
    _add_check_route(blueprint, github)
    _add_variable_routes(blueprint, github)
    add_run_routes(blueprint, github)


def _add_event_routes(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.get("/events")
    def events() -> Response:
        """List what happened after the event numbered `after`, in one repository if it is named."""
        events = github.events.after(request.args.get("after", 0, type=int))
        if "repository" in request.args:
            name = named_repository(github).full_name
            events = [event for event in events if event.github_repository == name]
        return jsonify([event.to_json() for event in events])


def _add_app_routes(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.get("/apps/<slug>")
    def show_app(slug: str) -> Response:
        return jsonify(_show_app(_find_app(github, slug), github))

    @blueprint.post("/apps/<slug>")
    def change_app(slug: str) -> Response:
        """Suspend or uninstall an App, or change what it was granted."""
        app, body = _find_app(github, slug), read_body()
        _set_switches(app, _APP_SWITCHES, body)
        if isinstance(body.get("permissions"), dict):
            app.permissions = dict(body["permissions"])
        if isinstance(body.get("repository_ids"), list):
            app.repository_ids = frozenset(map(int, body["repository_ids"]))
        return jsonify(_show_app(app, github))


def _add_repository_routes(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.post("/repository")
    def change_repository() -> Response:
        """Change settings of the repository.

        `merging` holds the buttons (`merge`, `squash`, `rebase`), `delete_branch` and
        `auto_merge`.
        """
        body, repository = read_body(), named_repository(github)
        _set_switches(repository, _REPOSITORY_SWITCHES, body)
        _set_switches(repository.merging, _MERGE_SWITCHES, body.get("merging", {}))
        advance(github)
        return jsonify(show_repository(repository))


def _add_ruleset_routes(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.post("/rulesets")
    def create_ruleset() -> tuple[Response, int]:
        """Make a ruleset from GitHub's JSON; `bypass_apps` lists slugs of Apps.

        Of its rules these bind: creation, update, deletion, non_fast_forward, pull_request,
        required_linear_history, required_status_checks and merge_queue.
        """
        body = read_body()
        names = body.get("conditions", {}).get("ref_name", {})
        bypass = [BypassActor(**actor) for actor in body.get("bypass_actors", [])]
        apps = [_find_app(github, slug) for slug in body.get("bypass_apps", [])]
        bypass += [BypassActor(app.app_id, "Integration") for app in apps]
        ruleset = Ruleset(
            ruleset_id=github.next_id(),
            name=str(body.get("name", "rules")),
            target=str(body.get("target", "branch")),
            enforcement=str(body.get("enforcement", "active")),
            include=tuple(names.get("include", ["~ALL"])),
            exclude=tuple(names.get("exclude", [])),
            rules={rule["type"]: rule.get("parameters", {}) for rule in body.get("rules", [])},
            bypass_actors=tuple(bypass),
            created_at=github.clock.now(),
        )
        named_repository(github).rulesets.append(ruleset)
        advance(github)
        return jsonify(id=ruleset.ruleset_id), 201

    @blueprint.delete("/rulesets/<int:ruleset_id>")
    def delete_ruleset(ruleset_id: int) -> tuple[str, int]:
        rulesets = named_repository(github).rulesets
        rulesets[:] = [ruleset for ruleset in rulesets if ruleset.ruleset_id != ruleset_id]
        advance(github)
        return "", 204


def _add_check_route(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.put("/checks/<revision>/<name>")
    def set_check(revision: str, name: str) -> tuple[Response, int]:
        """Say what a check of a commit found, as a job of a workflow would.

        `conclusion` is GitHub's word for how it ended; without one the check is running. A branch
        with slashes is named by its commit.
        """
        repository = named_repository(github)
        sha = required(repository.git.resolve_commit(revision), f"commit {revision}")
        now = github.clock.now()
        with github.lock:
            run = CheckRun(github.next_id(), name, sha, None, github.next_id(), now)
            if read_body().get("conclusion") is not None:
                run.complete(str(read_body()["conclusion"]), now)
            repository.checks.runs.append(run)
            advance(github)
        return jsonify(id=run.check_id, sha=sha, status=run.status), 201


def _add_variable_routes(blueprint: Blueprint, github: GitHub) -> None:
    @blueprint.put("/variables")
    def set_organisation_variables() -> Response:
        """Set variables of the organisation; a null removes one."""
        return jsonify(_set_variables(github.variables, github))

    @blueprint.put("/repository/variables")
    def set_repository_variables() -> Response:
        """Set variables of the repository; a null removes one."""
        return jsonify(_set_variables(named_repository(github).variables, github))

    @blueprint.put("/environments/<name>/variables")
    def set_environment_variables(name: str) -> tuple[Response, int]:
        """Set variables of an environment, which is made where it is absent."""
        environment = named_repository(github).ensure_environment(name)
        return jsonify(_set_variables(environment.variables, github)), 200

    @blueprint.delete("/environments/<name>")
    def delete_environment(name: str) -> tuple[str, int]:
        named_repository(github).environments.pop(name.lower(), None)
        return "", 204


def _find_app(github: GitHub, slug: str) -> App:
    return required(github.find_app(slug), f"App {slug}")


def _show_app(app: App, github: GitHub) -> dict[str, Any]:
    live = github.tokens.live(now=github.clock.now())
    return {
        "slug": app.slug,
        "suspended": app.suspended,
        "installed": app.installed,
        "permissions": dict(app.permissions),
        "repository_ids": sorted(app.repository_ids),
        "live_tokens": sum(token.app is app for token in live),
    }


def show_repository(repository: Repository) -> dict[str, Any]:
    """Show a repository with the settings that the control interface changes."""
    switches = {name: getattr(repository, name) for name in _REPOSITORY_SWITCHES}
    merging = {name: getattr(repository.merging, name) for name in _MERGE_SWITCHES}
    return {
        "id": repository.repository_id,
        "full_name": repository.full_name,
        **switches,
        "merging": merging,
    }


def _set_switches(target: object, names: tuple[str, ...], body: Any) -> None:
    for name in names:
        if isinstance(body.get(name), bool):
            setattr(target, name, body[name])


def _set_variables(variables: Variables, github: GitHub) -> dict[str, str]:
    for name, value in read_body().items():
        if value is None:
            variables.remove(name)
        else:
            variables.set(name, str(value), now=github.clock.now())
    return variables.values()
