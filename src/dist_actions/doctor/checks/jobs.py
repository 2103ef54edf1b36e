"""Checks of how the jobs of workflows are written; pure."""

import re
from collections.abc import Iterator

from dist_actions.doctor.checks.triggers import read_patterns, sample_tags
from dist_actions.doctor.facts import Facts
from dist_actions.doctor.findings import Check, Problem
from dist_actions.doctor.workflows import Job, Step, Workflow
from dist_actions.pipeline.filter_patterns import matches_any

_COMMIT = re.compile(r"@[0-9a-f]{40}$")
_OWN_RELEASE = re.compile(r"@(?:v\d+(?:\.\d+)*|[0-9a-f]{40})$")
_SECRETS = ("private-key", "password", "credentials-json", "token")
#: What a workflow for foreign pull requests must not check out.
_FOREIGN_HEAD = re.compile(r"pull_request\.head|github\.head_ref")
#: Commands that build from the checkout, so that a version from tags needs the tags.
_BUILDS = re.compile(
    r"\bpip3? install\b[^\n]*\s(?:-e\s+)?['\"]?\.(?:\[|['\"]?(?:\s|$))"
    r"|\bpython\d? -m build\b|\bhatch build\b"
    r"|\buv (?:build|sync|run)\b|\bpoetry (?:install|build)\b",
    re.MULTILINE,
)


def find_mutable_references(facts: Facts) -> Iterator[Problem]:
    """Find actions that are not pinned to a commit, and ours that follow a branch."""
    for workflow, _, step in _steps(facts):
        if not step.uses or step.uses.startswith(("./", "docker://")):
            continue
        pattern = _COMMIT if step.action is None else _OWN_RELEASE
        if not pattern.search(step.uses):
            action, _, reference = step.uses.partition("@")
            repository = "/".join(action.split("/")[:2])
            kind = "a commit" if step.action is None else "v1 or a commit"
            yield Problem(
                f"{workflow.path} uses {step.uses}, and {reference or 'that'} can be moved.",
                "whoever may push there decides what runs in this job.",
                f"pin it to {kind}: `git ls-remote https://github.com/{repository} "
                f"{reference or 'HEAD'}` prints the commit.",
                step.place.at("uses"),
            )


def find_unlimited_jobs(facts: Facts) -> Iterator[Problem]:
    """Find jobs that may hang for six hours."""
    for workflow in facts.own_workflows:
        for job in workflow.jobs:
            if not job.is_limited and not job.calls:
                yield Problem(
                    f"The job {job.id} in {workflow.path} has no `timeout-minutes`.",
                    "where it hangs, GitHub ends it after six hours.",
                    f"write `timeout-minutes: 30` into the job {job.id}.",
                    job.place.at(),
                )


def find_unmapped_environments(facts: Facts) -> Iterator[Problem]:
    """Find publishing jobs without a GitHub Environment, or with that of other tags."""
    stages = facts.pipeline.environments.stages
    for workflow in facts.own_workflows:
        filters = read_patterns(workflow.triggers.get("push", {}), "tags")
        for job, step in workflow.publishing_steps:
            if not job.environment and step.inputs.get("workload-identity-provider"):
                yield Problem(
                    f"The job {job.id} in {workflow.path} publishes, and has no `environment:`.",
                    "its variables are empty, and Google's condition asks for the environment.",
                    "write `environment: ${{ needs.plan.outputs.github-environment }}` into it.",
                    job.place.at(),
                )
            other_stages = [
                stage
                for stage in stages
                if stage.github_environment != job.environment
                and (not filters or matches_any(filters, (sample_tags(facts, stage) or ("",))[0]))
            ]
            constant = job.environment in {stage.github_environment for stage in stages}
            if constant and other_stages:
                yield Problem(
                    f"The job {job.id} in {workflow.path} always runs in {job.environment}.",
                    f"tags of {other_stages[0].name} are published there, too.",
                    "write `environment: ${{ needs.plan.outputs.github-environment }}` in its "
                    "place.",
                    job.place.at("environment"),
                )


def find_overlapping_runs(facts: Facts) -> Iterator[Problem]:
    """Find workflows whose runs overtake each other, or are ended in the middle."""
    for workflow in facts.own_workflows:
        if not (workflow.tags or workflow.releases or workflow.promotes):
            continue
        if workflow.cancels is None:
            yield Problem(
                f"{workflow.path} has no `concurrency:`.",
                "two runs for the same tag or branch get into each other's way.",
                f"write `concurrency: {{group: {workflow.name.partition('.')[0]}-"
                "${{ github.ref }}, cancel-in-progress: false}`.",
                workflow.place.at(),
            )
        elif workflow.cancels:
            yield Problem(
                f"{workflow.path} has `cancel-in-progress: true`.",
                "a newer run ends a publication or a promotion in the middle.",
                "write `cancel-in-progress: false`.",
                workflow.place.at("concurrency"),
            )


def find_foreign_code(facts: Facts) -> Iterator[Problem]:
    """Find workflows that run a stranger's pull request with the repository's rights."""
    for workflow in facts.workflows:
        if not {"pull_request_target", "workflow_run"} & workflow.triggers.keys():
            continue
        for job in workflow.jobs:
            for step in job.steps:
                if step.is_checkout and _FOREIGN_HEAD.search(step.inputs.get("ref", "")):
                    yield Problem(
                        f"{workflow.path} checks out the pull request's commit for "
                        "pull_request_target.",
                        "code of anybody's fork then runs with this repository's token and "
                        "secrets.",
                        "start it `on: pull_request:`, or check nothing of the pull request out.",
                        step.place.at("ref"),
                    )


def find_unsealed_files(facts: Facts) -> Iterator[Problem]:
    """Find publishing jobs that are not told which files were built."""
    for workflow, _, step in _steps(facts):
        if (
            step.action == "release"
            and step.phase == "publish"
            and not step.inputs.get("manifest-sha256")
        ):
            yield Problem(
                f"{workflow.path} publishes without `manifest-sha256`.",
                "the publishing job cannot tell the files of the build from others, and refuses.",
                "give `manifest-sha256: ${{ needs.build.outputs.manifest-sha256 }}`.",
                step.place.at(),
            )


def find_plain_secrets(facts: Facts) -> Iterator[Problem]:
    """Find credentials that stand in a workflow file."""
    for workflow, _, step in _steps(facts):
        for name in _SECRETS:
            if step.action is not None and step.inputs.get(name, "${{").find("${{") < 0:
                yield Problem(
                    f"{workflow.path} holds the value of `{name}` itself.",
                    "whoever reads the repository has it, also from its history.",
                    f"revoke it, store a new one with `gh secret set`, and write `{name}: "
                    "${{ secrets.NAME }}`.",
                    step.place.at(name),
                )


def find_silent_tags(facts: Facts) -> Iterator[Problem]:
    """Find tags that start no workflow, because the job's own token makes them."""
    workflows = facts.own_workflows
    waits = any("tags" in w.triggers.get("push", {}) for w in workflows if w.releases)
    for workflow in workflows:
        for _, step in workflow.steps_of("auto-tag"):
            is_bot = step.inputs.get("client-id") or "secrets." in step.inputs.get("token", "")
            if waits and not is_bot and step.inputs.get("dry-run") != "true":
                yield Problem(
                    f"{workflow.path} makes tags without an App.",
                    "tags that the job's own token makes start no workflow, so no release.",
                    "give `client-id` and `private-key` of the automation bot.",
                    step.place.at("token"),
                )


def find_called_publishers(facts: Facts) -> Iterator[Problem]:
    """Find reusable workflows that publish to PyPI by Trusted Publishing."""
    callers = {
        job.calls.rpartition("/")[2].partition("@")[0]: (workflow, job)
        for workflow in facts.workflows
        for job in workflow.jobs
        if job.calls.startswith("./")
    }
    for workflow in facts.workflows:
        if workflow.name not in callers:
            continue
        for _, step in workflow.publishing_steps:
            if step.is_trusted_publisher:
                caller, job = callers[workflow.name]
                yield Problem(
                    f"{workflow.path} publishes to PyPI, and is called by {caller.path}.",
                    "PyPI does not support Trusted Publishing from a reusable workflow.",
                    f"move the publishing job into {caller.path}.",
                    job.place.at("uses"),
                )


def find_shallow_checkouts(facts: Facts) -> Iterator[Problem]:
    """Find jobs that build a version from tags without the tags."""
    derived = [package.deriver for package in facts.project.packages if package.deriver]
    for workflow in facts.workflows if derived else ():
        for job in workflow.jobs:
            checkout = next((step for step in job.steps if step.is_checkout), None)
            builds = any(_BUILDS.search(step.run) for step in job.steps)
            if checkout and builds and checkout.inputs.get("fetch-depth") != "0":
                yield Problem(
                    f"The job {job.id} in {workflow.path} builds from a checkout without tags.",
                    f"{derived[0]} derives the version from them, and makes up another one.",
                    "give the checkout `fetch-depth: 0`.",
                    checkout.place.at("fetch-depth"),
                )


def find_parted_inputs(facts: Facts) -> Iterator[Problem]:
    """Find inputs that let one action read tags in another way than the others."""
    for name in ("tag-format", "environments"):
        uses = [
            (workflow, step)
            for workflow, _, step in _steps(facts)
            if step.action in {"auto-tag", "release", "promote"}
        ]
        values = {step.inputs.get(name, "").strip() for _, step in uses}
        if len(values) > 1:
            workflow, step = next(pair for pair in uses if pair[1].inputs.get(name))
            yield Problem(
                f"{workflow.path} gives `{name}` to one action, and others go without it.",
                "the actions then disagree on what a tag means.",
                f"set {name} once, in `[tool.dist-actions]` of pyproject.toml.",
                step.place.at(name),
            )


def _steps(facts: Facts) -> Iterator[tuple[Workflow, Job, Step]]:
    """List the steps of those workflows that use our actions."""
    return (
        (workflow, job, step)
        for workflow in facts.own_workflows
        for job in workflow.jobs
        for step in job.steps
    )


CHECKS = (
    Check(
        "actions-are-pinned",
        "Actions of others are pinned to commits",
        "warning",
        find_mutable_references,
        "threat-model.md",
    ),
    Check(
        "timeouts",
        "Each job has a limit of time",
        "warning",
        find_unlimited_jobs,
        "threat-model.md",
    ),
    Check(
        "publishing-environment",
        "Each publishing job runs in its tag's environment",
        "error",
        find_unmapped_environments,
        "troubleshooting.md#job-environment",
    ),
    Check(
        "concurrency",
        "Runs wait for each other, and none is cancelled",
        "warning",
        find_overlapping_runs,
        "troubleshooting.md#cancelled",
    ),
    Check(
        "foreign-code",
        "No stranger's code runs with the repository's rights",
        "error",
        find_foreign_code,
        "threat-model.md",
    ),
    Check(
        "files-are-sealed",
        "Publishing jobs know which files were built",
        "error",
        find_unsealed_files,
        "troubleshooting.md#manifest",
    ),
    Check(
        "no-plain-secrets",
        "No credential stands in a workflow",
        "error",
        find_plain_secrets,
        "threat-model.md",
    ),
    Check(
        "tags-start-workflows",
        "Tags are made by an App, whose events start workflows",
        "error",
        find_silent_tags,
        "troubleshooting.md#it-is-green-but-nothing-happens",
    ),
    Check(
        "no-called-publisher",
        "No reusable workflow publishes to PyPI",
        "error",
        find_called_publishers,
        "troubleshooting.md#reusable-workflow",
    ),
    Check(
        "full-checkouts",
        "Builds whose version comes from tags have the tags",
        "error",
        find_shallow_checkouts,
        "troubleshooting.md#derived-version",
    ),
    Check(
        "one-meaning",
        "All actions read tags alike",
        "error",
        find_parted_inputs,
        "configuration.md#tag-format",
    ),
)
