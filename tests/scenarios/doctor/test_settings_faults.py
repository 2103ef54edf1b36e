"""Faults in GitHub's settings: doctor finds each, and nothing else."""

from typing import Any

import pytest

from support.doctor.faults import Fault
from support.doctor.project import ExaminedProject

TAG_NAMES = {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}}
CREATION = {
    "name": "Tags are made by the automation bot",
    "target": "tag",
    "conditions": TAG_NAMES,
    "rules": [{"type": "creation"}],
}
NEVER_MOVE = {
    "name": "Tags never move",
    "target": "tag",
    "conditions": TAG_NAMES,
    "rules": [{"type": "update"}, {"type": "deletion"}],
}


def variable(name: str, value: str | None, check: str, mend: str, what: str = "") -> Fault:
    """A variable of the environment qa with this value."""
    return Fault(
        what or f"{name} is {value}",
        lambda p: p.set_variable("qa", name, value),
        check,
        mend,
    )


def merging(project: ExaminedProject, **buttons: bool) -> None:
    project.sandbox.control("POST", "repository", {"merging": buttons})


def rule(project: ExaminedProject, ref: str, kind: str, **parameters: Any) -> None:
    project.add_ruleset(
        name=f"{kind} of {ref}",
        conditions={"ref_name": {"include": [ref], "exclude": []}},
        rules=[{"type": kind, "parameters": parameters}],
    )


def want_auto_merge(project: ExaminedProject) -> None:
    project.workflow(
        "promote", "          from: $", "          mode: auto-merge\n          from: $"
    )
    merging(project, auto_merge=False)


def forget_environment(project: ExaminedProject) -> None:
    del project.sandbox.repository.environments["automation"]


def forget_secret(project: ExaminedProject) -> None:
    del project.sandbox.world.github.secrets["AUTOMATION_BOT_PRIVATE_KEY"]


def forget_client_id(project: ExaminedProject) -> None:
    project.sandbox.world.github.variables.remove("AUTOMATION_BOT_CLIENT_ID")


def open_to_all(project: ExaminedProject) -> None:
    project.environment("prd").custom_branch_policies = False
    project.environment("prd").policies.clear()


def only_protected(project: ExaminedProject) -> None:
    project.environment("qa").custom_branch_policies = False
    project.environment("qa").protected_branches = True
    project.environment("qa").policies.clear()


def share_index(project: ExaminedProject) -> None:
    for name in ("GCP_PROJECT_ID", "AR_LOCATION", "AR_REPOSITORY"):
        value = project.environment("dev").variables.get(name)
        assert value
        project.set_variable("qa", name, value.value)


def forget_branch(project: ExaminedProject) -> None:
    project.sandbox.repository.git.git("update-ref", "-d", "refs/heads/qa")


def app(project: ExaminedProject, **changes: Any) -> None:
    project.sandbox.control("POST", "apps/automation-bot", changes)


FAULTS = [
    Fault(
        "an environment is missing",
        forget_environment,
        "environments-exist",
        "gh api --method PUT repos/eigenoid/eigenoid-sample/environments/automation",
    ),
    variable(
        "AR_LOCATION",
        None,
        "variables-set",
        "gh variable set AR_LOCATION --env qa",
        "a variable is missing",
    ),
    Fault(
        "a variable of all environments is missing",
        forget_client_id,
        "variables-set",
        "gh variable set AUTOMATION_BOT_CLIENT_ID --env automation",
    ),
    variable(
        "GCP_WIF_PROVIDER",
        "projects/100000000002/locations/global/workloadIdentityPools/github",
        "variables-formed",
        "providers/PROVIDER",
        "the provider is a pool",
    ),
    variable(
        "GCP_WIF_PROVIDER",
        "projects/eigenoid-qa/locations/global/workloadIdentityPools/github/providers/github-actions",
        "variables-formed",
        "projects/PROJECT_NUMBER/",
        "the provider has the project's ID in place of its number",
    ),
    variable("GCP_SA_EMAIL", "publisher", "variables-formed", ".iam.gserviceaccount.com"),
    variable("GCP_PROJECT_ID", "Eigenoid QA", "variables-formed", "such as eigenoid-dev"),
    variable("AR_LOCATION", "US Central", "variables-formed", "such as us-central1"),
    variable("AR_REPOSITORY", "eigenoid_python", "variables-formed", "such as eigenoid-python"),
    variable("PREVIOUS_INDEX_URL", "http://us-central1.example", "variables-formed", "https"),
    variable("RELEASER_BOT_CLIENT_ID", "12345", "variables-formed", "begins with Iv"),
    Fault(
        "a secret is missing",
        forget_secret,
        "secrets-set",
        "gh secret set AUTOMATION_BOT_PRIVATE_KEY --env automation",
    ),
    Fault(
        "an environment shuts its own tags out",
        lambda p: p.admit("qa", "tag", "v*[0-9]-uat"),
        "own-refs-let-in",
        "name=v*[0-9]-qa",
    ),
    Fault(
        "an environment lets in protected branches alone",
        only_protected,
        "own-refs-let-in",
        "custom_branch_policies",
    ),
    Fault(
        "the bot's environment shuts a branch out",
        lambda p: p.admit("automation", "branch", "dev", "main"),
        "own-refs-let-in",
        "name=qa",
    ),
    Fault(
        "the bot's environment shuts tags out",
        lambda p: p.admit("automation", "tag"),
        "own-refs-let-in",
        "type=tag",
    ),
    Fault(
        "production lets in the tags of dev",
        lambda p: p.admit("prd", "tag", "v*"),
        "other-refs-kept-out",
        "v*[0-9]",
    ),
    Fault(
        "production lets in branches",
        lambda p: p.admit("prd", "branch", "*"),
        "other-refs-kept-out",
        "remove *",
    ),
    Fault(
        "production lets in everything",
        open_to_all,
        "other-refs-kept-out",
        "custom_branch_policies",
    ),
    Fault(
        "two environments publish to one index",
        share_index,
        "indexes-apart",
        "gh variable set GCP_PROJECT_ID --env qa",
    ),
    Fault(
        "anybody can make tags",
        lambda p: p.add_ruleset(**{**CREATION, "enforcement": "disabled"}),
        "tag-rules",
        "tags-made-by-the-bot.json",
    ),
    Fault(
        "tags can be moved",
        lambda p: p.add_ruleset(**{**NEVER_MOVE, "rules": [{"type": "deletion"}]}),
        "tag-rules",
        "tags-never-move.json",
    ),
    Fault(
        "the bot cannot make tags",
        lambda p: p.add_ruleset(
            **CREATION, bypass_actors=[{"actor_id": 5, "actor_type": "RepositoryRole"}]
        ),
        "bot-may-tag",
        "bypass list",
    ),
    Fault(
        "pull requests are rebased",
        lambda p: merging(p, merge=False, squash=False, rebase=True),
        "promotions-mergeable",
        "--enable-merge-commit",
    ),
    Fault(
        "a linear history is asked for, and nothing is squashed",
        lambda p: (
            merging(p, squash=False),
            rule(p, "refs/heads/qa", "required_linear_history"),
        )[-1],
        "promotions-mergeable",
        "squash",
    ),
    Fault(
        "GitHub may not merge by itself",
        want_auto_merge,
        "auto-merge",
        "gh repo edit --enable-auto-merge",
        "mode: auto-merge",
    ),
    Fault(
        "the branches of promotions are protected",
        lambda p: rule(p, "refs/heads/promote/**", "pull_request"),
        "promotion-branches",
        "promote/**",
    ),
    Fault(
        "an environment's branch is missing",
        forget_branch,
        "environment-branches",
        "git push origin origin/main:refs/heads/qa",
    ),
    Fault(
        "an environment's branch lacks a workflow",
        lambda p: p.commit_to("dev", ".github/workflows/auto-tag.yml"),
        "environment-branches",
        "to dev",
    ),
    Fault(
        "the default branch lacks a workflow",
        lambda p: p.commit_to("main", ".github/workflows/promote.yml"),
        "default-branch",
        "to main",
    ),
    Fault("the App is not installed", lambda p: app(p, installed=False), "apps", "install it"),
    Fault("the App is suspended", lambda p: app(p, suspended=True), "apps", ""),
    Fault(
        "the App may not open pull requests",
        lambda p: app(p, permissions={"contents": "write", "metadata": "read"}),
        "apps",
        "",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found(examined: ExaminedProject, fault: Fault) -> None:
    fault.require_found(examined)
