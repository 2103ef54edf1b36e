"""Checks of what the project's files say: settings, names and versions; pure."""

from collections.abc import Iterator

from dist_actions.abbreviation import short_sha
from dist_actions.doctor.facts import Facts, known
from dist_actions.doctor.findings import Check, NotCheckedError, Problem


def find_settings_problems(facts: Facts) -> Iterator[Problem]:
    """Find out whether the settings can be used."""
    if isinstance(facts.project.settings, Problem):
        yield facts.project.settings


def find_version_problems(facts: Facts) -> Iterator[Problem]:
    """Find packages whose version auto-tag cannot read, or must not tag."""
    _ = facts.pipeline
    steps = [step for workflow in facts.workflows for _, step in workflow.steps_of("auto-tag")]
    is_given = any(step.inputs.get("version") for step in steps)
    for package in facts.project.packages:
        if package.problem and not is_given:
            yield package.problem


def find_stale_versions(facts: Facts) -> Iterator[Problem]:
    """Find versions that are tagged on another commit already."""
    _ = facts.tagging_workflows
    first = facts.pipeline.environments.stages[0]
    versions = [package for package in facts.project.packages if package.version and package.tags]
    if not versions:
        raise NotCheckedError("no file says a version")
    tags = known(facts.branches).tags
    for package in versions:
        if package.version is None or package.tags is None:
            continue
        tag = package.tags.format(package.version.version, first.suffix)
        if tags.get(tag, facts.project.head_sha) != facts.project.head_sha:
            yield Problem(
                f"{package.version.version} is released already: the tag {tag} is on "
                f"{short_sha(tags[tag])}, and the checkout is at "
                f"{short_sha(facts.project.head_sha) or 'no commit'}.",
                f"a push to {first.branch} makes no tag, so nothing is released.",
                "raise the version where something of the package changed.",
                package.version.location,
            )


CHECKS = (
    Check(
        "settings",
        "The settings of dist-actions can be used",
        "error",
        find_settings_problems,
        "configuration.md",
    ),
    Check(
        "version",
        "Each package's version can be read without running its code",
        "error",
        find_version_problems,
        "versions.md",
    ),
    Check(
        "version-is-new",
        "No other commit is tagged with the present version",
        "warning",
        find_stale_versions,
        "troubleshooting.md#it-is-green-but-nothing-happens",
    ),
)
