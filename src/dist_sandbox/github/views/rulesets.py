"""Operations that show rulesets; only the control interface changes them."""

from typing import Any

from flask import Response

from dist_sandbox.github.render.rulesets import render_ruleset
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import not_found
from dist_sandbox.github.rest.operations import Operations

operations = Operations()

_REPO = "/repos/{owner}/{repo}"


@operations.operation(f"GET {_REPO}/rulesets")
def list_rulesets(call: Call) -> Response:
    """Every ruleset, without its rules."""
    hidden = ("rules", "conditions", "bypass_actors")
    shown = []
    for ruleset in call.repository.rulesets:
        full = render_ruleset(ruleset, call.repository, call.github)
        shown.append({name: value for name, value in full.items() if name not in hidden})
    return reply(shown)


@operations.operation(f"GET {_REPO}/rulesets/{{ruleset_id}}")
def get_ruleset(call: Call, ruleset_id: int) -> Response:
    """One ruleset; its bypass list only for those who may change it."""
    for ruleset in call.repository.rulesets:
        if ruleset.ruleset_id == ruleset_id:
            full = render_ruleset(ruleset, call.repository, call.github)
            if not call.principal.may("administration", "write"):
                del full["bypass_actors"]
            return reply(full)
    raise not_found()


@operations.operation(f"GET {_REPO}/rules/branches/{{branch}}")
def list_branch_rules(call: Call, branch: str) -> Response:
    """The rules that are active for a branch, which need not exist."""
    found: list[dict[str, Any]] = []
    for ruleset in call.repository.rulesets:
        ref, default = f"refs/heads/{branch}", call.repository.default_branch
        if not ruleset.applies_to(ref, default_branch=default):
            continue
        source = {
            "ruleset_source_type": "Repository",
            "ruleset_source": call.repository.full_name,
            "ruleset_id": ruleset.ruleset_id,
        }
        rules = render_ruleset(ruleset, call.repository, call.github)["rules"]
        found.extend({**rule, **source} for rule in rules)
    return reply(found)
