"""Operations on rulesets."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from flask import Response

from dist_sandbox.github.render.basics import node_id, timestamp
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import GitHubError, existing, not_a_member, validation_failed
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rules.rulesets import BypassActor, Ruleset
from dist_sandbox.github.state import Repository

operations = Operations()

#: What fields of a ruleset, its rules and its bypass list may hold; of the rules these bind.
_MEMBERS = {
    "target": ("branch", "tag"),
    "enforcement": ("disabled", "active", "evaluate"),
}
_RULES = (
    "creation",
    "update",
    "deletion",
    "non_fast_forward",
    "pull_request",
    "required_linear_history",
    "required_status_checks",
    "merge_queue",
)
_ACTORS = ("Integration", "OrganizationAdmin", "RepositoryRole", "User")
_PATTERNS = ("include", "exclude")
#: What GitHub shows for parameters of rules that were not set; the queue's are those of its form.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "pull_request": {
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_approving_review_count": 0,
        "required_review_thread_resolution": False,
    },
    "required_status_checks": {
        "strict_required_status_checks_policy": False,
        "required_status_checks": [],
    },
    "merge_queue": {
        "check_response_timeout_minutes": 60,
        "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": 5,
        "max_entries_to_merge": 5,
        "merge_method": "MERGE",
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    },
}


@operations.operation(f"GET {REPO}/rulesets", "metadata=read")
def list_rulesets(call: Call) -> Response:
    """List every ruleset, without its rules."""
    hidden = ("rules", "conditions", "bypass_actors")
    rows = []
    for ruleset in call.repository.rulesets:
        body = _render_ruleset(ruleset, call.repository)
        rows.append({name: value for name, value in body.items() if name not in hidden})
    return reply(rows)


@operations.operation(f"POST {REPO}/rulesets", "administration=write")
def create_ruleset(call: Call) -> Response:
    """Make a ruleset."""
    enforcement = call.required_text("enforcement")
    empty = Ruleset(
        ruleset_id=call.github.next_id(),
        name=call.required_text("name"),
        target="branch",
        enforcement=enforcement,
        include=(),
        exclude=(),
        rules={},
        bypass_actors=(),
        created_at=call.now(),
    )
    ruleset = _read_ruleset(call, empty)
    call.repository.rulesets.append(ruleset)
    return reply(_render_ruleset(ruleset, call.repository), 201)


@operations.operation(f"PUT {REPO}/rulesets/{{ruleset_id}}", "administration=write")
def update_ruleset(call: Call, ruleset_id: int) -> Response:
    """Change a ruleset; what is not named stays."""
    existing_ruleset = _find_ruleset(call, ruleset_id)
    ruleset = _read_ruleset(call, existing_ruleset)
    rulesets = call.repository.rulesets
    rulesets[rulesets.index(existing_ruleset)] = ruleset
    return reply(_render_ruleset(ruleset, call.repository))


@operations.operation(f"GET {REPO}/rulesets/{{ruleset_id}}", "metadata=read")
def get_ruleset(call: Call, ruleset_id: int) -> Response:
    """Get one ruleset; its bypass list only for those who may change it."""
    body = _render_ruleset(_find_ruleset(call, ruleset_id), call.repository)
    if not call.principal.may("administration", "write"):
        del body["bypass_actors"]
    return reply(body)


@operations.operation(f"GET {REPO}/rules/branches/{{branch}}", "metadata=read")
def list_branch_rules(call: Call, branch: str) -> Response:
    """List the rules that are active for a branch, which need not exist."""
    rules: list[dict[str, Any]] = []
    for ruleset in call.repository.rulesets:
        ref, default = f"refs/heads/{branch}", call.repository.default_branch
        if not ruleset.applies_to(ref, default_branch=default):
            continue
        source = {
            "ruleset_source_type": "Repository",
            "ruleset_source": call.repository.full_name,
            "ruleset_id": ruleset.ruleset_id,
        }
        body = _render_ruleset(ruleset, call.repository)
        rules.extend({**rule, **source} for rule in body["rules"])
    return reply(rules)


def _find_ruleset(call: Call, ruleset_id: int) -> Ruleset:
    by_id = {ruleset.ruleset_id: ruleset for ruleset in call.repository.rulesets}
    return existing(by_id.get(ruleset_id))


def _read_ruleset(call: Call, ruleset: Ruleset) -> Ruleset:
    """Read the body's ruleset; what it does not name is that of another one.

    Raises:
        GitHubError: 422 for a value that GitHub does not know, a name that another ruleset has, or
            an App that is not installed.
    """
    body = call.body()
    for name, members in _MEMBERS.items():
        if (value := call.text(name)) is not None and value not in members:
            raise not_a_member(value, members)
    name = call.text("name") or ruleset.name
    if name in (row.name for row in call.repository.rulesets if row != ruleset):
        raise _invalid("Name must be unique")
    names = (body.get("conditions") or {}).get("ref_name") or {}
    changes: dict[str, Any] = {key: tuple(names[key]) for key in _PATTERNS if key in names}
    if "rules" in body:
        changes["rules"] = dict(_read_rule(rule) for rule in body["rules"])
    if "bypass_actors" in body:
        changes["bypass_actors"] = tuple(
            _read_actor(call, actor) for actor in body["bypass_actors"]
        )
    changes |= {key: str(body[key]) for key in _MEMBERS if body.get(key) is not None}
    return replace(ruleset, name=name, **changes)


def _invalid(message: str) -> GitHubError:
    return validation_failed("RepositoryRuleset", "custom", message=message)


def _read_rule(rule: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    kind = str(rule.get("type"))
    if kind not in _RULES:
        raise not_a_member(kind, _RULES)
    return kind, rule.get("parameters") or {}


def _read_actor(call: Call, actor: Mapping[str, Any]) -> BypassActor:
    kind, number = str(actor.get("actor_type")), actor.get("actor_id")
    if kind not in _ACTORS:
        raise not_a_member(kind, _ACTORS)
    apps = {app.app_id for app in call.github.apps if app.installed}
    if kind == "Integration" and number not in apps:
        raise _invalid("Actor GitHub App must be part of the ruleset source or owner organization")
    return BypassActor(int(number or 0), kind, str(actor.get("bypass_mode") or "always"))


def _render_ruleset(ruleset: Ruleset, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `repository-ruleset`."""
    return {
        "id": ruleset.ruleset_id,
        "name": ruleset.name,
        "target": ruleset.target,
        "source_type": "Repository",
        "source": repository.full_name,
        "enforcement": ruleset.enforcement,
        "conditions": {
            "ref_name": {"include": list(ruleset.include), "exclude": list(ruleset.exclude)}
        },
        "rules": [_render_rule(name, parameters) for name, parameters in ruleset.rules.items()],
        "bypass_actors": [asdict(actor) for actor in ruleset.bypass_actors],
        "node_id": node_id("RepositoryRuleset", ruleset.ruleset_id),
        "_links": {"self": {"href": f"{repository.api_url}/rulesets/{ruleset.ruleset_id}"}},
        "created_at": timestamp(ruleset.created_at),
        "updated_at": timestamp(ruleset.created_at),
    }


def _render_rule(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {**_DEFAULTS.get(name, {}), **parameters}
    if name == "update" and not parameters:
        parameters = {"update_allows_fetch_and_merge": False}
    return {"type": name, "parameters": parameters} if parameters else {"type": name}
