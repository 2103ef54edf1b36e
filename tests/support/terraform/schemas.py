"""What the modules use of the providers of Google and GitHub: arguments, blocks, computed values.

The names, and which of them are required, are those of `hashicorp/google` 6 and
`integrations/github` 6. What no module uses is left out, so that a misspelt argument is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dist_sandbox.organisation import default_environments

State = dict[str, Any]

STRING = '"string"'
NUMBER = '"number"'
BOOL = '"bool"'
STRINGS = '["list","string"]'
STRING_MAP = '["map","string"]'
NUMBERS = '["set","number"]'

_PROJECT_NUMBERS = {row.project_id: str(row.project_number) for row in default_environments()}


@dataclass(frozen=True)
class Schema:
    """A resource, a data source, or a block of one; types are Terraform's, as JSON."""

    required: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    #: What the provider sets where the configuration does not.
    computed: Mapping[str, str] = field(default_factory=dict)
    #: Blocks, by name; of those in `single` there is one at most.
    blocks: Mapping[str, "Schema"] = field(default_factory=dict)
    single: frozenset[str] = frozenset()
    #: Computes values from those that are configured.
    answer: Callable[[State], State] = lambda state: {}


def _account(state: State) -> State:
    email = f"{state['account_id']}@{state['project']}.iam.gserviceaccount.com"
    return {"email": email, "name": f"projects/{state['project']}/serviceAccounts/{email}"}


_ONE_REF_NAME = Schema(
    blocks={"ref_name": Schema(required={"include": STRINGS, "exclude": STRINGS})},
    single=frozenset({"ref_name"}),
)

RESOURCES: Mapping[str, Mapping[str, Schema]] = {
    "google": {
        "google_project_service": Schema(
            required={"service": STRING}, optional={"project": STRING, "disable_on_destroy": BOOL}
        ),
        "google_iam_workload_identity_pool": Schema(
            required={"workload_identity_pool_id": STRING}, optional={"project": STRING}
        ),
        "google_iam_workload_identity_pool_provider": Schema(
            required={
                "workload_identity_pool_id": STRING,
                "workload_identity_pool_provider_id": STRING,
            },
            optional={
                "project": STRING,
                "description": STRING,
                "attribute_mapping": STRING_MAP,
                "attribute_condition": STRING,
            },
            blocks={"oidc": Schema(required={"issuer_uri": STRING})},
            single=frozenset({"oidc"}),
        ),
        "google_service_account": Schema(
            required={"account_id": STRING},
            optional={"project": STRING, "display_name": STRING},
            computed={"email": STRING, "name": STRING},
            answer=_account,
        ),
        "google_service_account_iam_member": Schema(
            required={"service_account_id": STRING, "role": STRING, "member": STRING}
        ),
        "google_artifact_registry_repository": Schema(
            required={"repository_id": STRING, "format": STRING},
            optional={"project": STRING, "location": STRING, "cleanup_policy_dry_run": BOOL},
            blocks={
                "cleanup_policies": Schema(
                    required={"id": STRING},
                    optional={"action": STRING},
                    blocks={
                        "condition": Schema(optional={"older_than": STRING}),
                        "most_recent_versions": Schema(optional={"keep_count": NUMBER}),
                    },
                    single=frozenset({"condition", "most_recent_versions"}),
                )
            },
        ),
        "google_artifact_registry_repository_iam_member": Schema(
            required={"repository": STRING, "role": STRING, "member": STRING},
            optional={"project": STRING, "location": STRING},
        ),
    },
    "github": {
        "github_repository_environment": Schema(
            required={"repository": STRING, "environment": STRING},
            blocks={
                "deployment_branch_policy": Schema(
                    required={"protected_branches": BOOL, "custom_branch_policies": BOOL}
                ),
                "reviewers": Schema(optional={"users": NUMBERS, "teams": NUMBERS}),
            },
            single=frozenset({"deployment_branch_policy"}),
        ),
        "github_repository_environment_deployment_policy": Schema(
            required={"repository": STRING, "environment": STRING},
            optional={"branch_pattern": STRING, "tag_pattern": STRING},
        ),
        "github_actions_environment_variable": Schema(
            required={
                "repository": STRING,
                "environment": STRING,
                "variable_name": STRING,
                "value": STRING,
            }
        ),
        "github_repository_ruleset": Schema(
            required={
                "repository": STRING,
                "name": STRING,
                "target": STRING,
                "enforcement": STRING,
            },
            blocks={
                "conditions": _ONE_REF_NAME,
                "rules": Schema(optional={"creation": BOOL, "update": BOOL, "deletion": BOOL}),
                "bypass_actors": Schema(
                    required={"actor_type": STRING, "bypass_mode": STRING},
                    optional={"actor_id": NUMBER},
                ),
            },
            single=frozenset({"conditions", "rules"}),
        ),
    },
}

DATA_SOURCES: Mapping[str, Mapping[str, Schema]] = {
    "google": {
        "google_project": Schema(
            optional={"project_id": STRING},
            computed={"number": STRING},
            answer=lambda state: {"number": _PROJECT_NUMBERS[state["project_id"]]},
        )
    },
    "github": {
        "github_rest_api": Schema(
            required={"endpoint": STRING},
            computed={"code": NUMBER, "body": STRING},
        )
    },
}

#: The arguments of the `provider` blocks.
PROVIDERS: Mapping[str, Schema] = {
    "google": Schema(optional={"project": STRING}),
    "github": Schema(optional={"owner": STRING}),
}
