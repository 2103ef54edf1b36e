"""Operations that show rulesets; only the control interface changes them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Response

from dist_sandbox.github.render.basics import node_id, timestamp
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import existing
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rules.rulesets import Ruleset
from dist_sandbox.github.state import Repository

operations = Operations()

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


@operations.operation(f"GET {REPO}/rulesets/{{ruleset_id}}", "metadata=read")
def get_ruleset(call: Call, ruleset_id: int) -> Response:
    """Get one ruleset; its bypass list only for those who may change it."""
    by_id = {ruleset.ruleset_id: ruleset for ruleset in call.repository.rulesets}
    body = _render_ruleset(existing(by_id.get(ruleset_id)), call.repository)
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
