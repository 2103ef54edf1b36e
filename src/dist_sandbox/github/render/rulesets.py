"""The JSON of rulesets."""

from typing import Any

from dist_sandbox.github.render.basics import node_id, repository_api, timestamp
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rules.rulesets import Ruleset
from dist_sandbox.github.state import GitHub

#: What GitHub shows for parameters of a pull request rule that were not set.
_PULL_REQUEST_DEFAULTS: dict[str, Any] = {
    "dismiss_stale_reviews_on_push": False,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_approving_review_count": 0,
    "required_review_thread_resolution": False,
}
#: The same for other rules; the queue's are those of GitHub's form.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "pull_request": _PULL_REQUEST_DEFAULTS,
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


def render_ruleset(ruleset: Ruleset, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `repository-ruleset`."""
    api = repository_api(repository, github.addresses)
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
        "rules": [_render_rule(name, dict(given)) for name, given in ruleset.rules.items()],
        "bypass_actors": [
            {
                "actor_id": actor.actor_id,
                "actor_type": actor.actor_type,
                "bypass_mode": actor.bypass_mode,
            }
            for actor in ruleset.bypass_actors
        ],
        "node_id": node_id("RepositoryRuleset", ruleset.ruleset_id),
        "_links": {"self": {"href": f"{api}/rulesets/{ruleset.ruleset_id}"}},
        "created_at": timestamp(ruleset.created_at),
        "updated_at": timestamp(ruleset.created_at),
    }


def _render_rule(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    parameters = {**_DEFAULTS.get(name, {}), **parameters}
    if name == "update" and not parameters:
        parameters = {"update_allows_fetch_and_merge": False}
    return {"type": name, "parameters": parameters} if parameters else {"type": name}
