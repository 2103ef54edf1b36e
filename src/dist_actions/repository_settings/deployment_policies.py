"""Which branches and tags each GitHub Environment lets in: no other environment's tags; pure.

A tag ends with a version, whose last character is a digit, and its environment's suffix. Where
another environment's suffix ends like that too, as `-qa2` does where production has none, further
patterns leave out exactly the tags that end with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.filter_patterns import matches_any
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tag_shapes import TagShape
from dist_actions.pipeline.tags import TagFormat
from dist_actions.repository_settings.values import DeploymentPolicies
from dist_actions.repository_settings.workflow_jobs import WorkflowJob

#: The GitHub Environment of the jobs that tag and promote; it holds the automation bot's key.
AUTOMATION_ENVIRONMENT = "automation"
_DIGITS = "0123456789"


def choose_policies(
    settings: Settings, name: str, jobs: Iterable[WorkflowJob]
) -> Mapping[str, DeploymentPolicies]:
    """Choose what each GitHub Environment lets in, that of tagging and promoting included.

    One whose jobs all run on its stage's branch lets in that branch alone.

    What tags begin with is left open where the settings do not tell it: a workflow gives the
    tag-format, or the project's name is unknown.

    Args:
        name: The project's normalised name; empty where nothing tells it.
    """
    jobs = tuple(jobs)
    environments = settings.environments
    formats = read_formats(settings, name, jobs)
    is_open = formats is None
    if formats is None:
        formats = (TagFormat("{version}{suffix}", "", environments.suffixes),)
    policies = {
        AUTOMATION_ENVIRONMENT: automation_policies(environments, formats),
        **publishing_policies(environments, formats),
    }
    if is_open:
        policies = {
            environment: replace(policy, tags=tuple(f"**/{pattern}" for pattern in policy.tags))
            for environment, policy in policies.items()
        }
    return policies | {
        stage.github_environment: DeploymentPolicies((), (stage.branch,))
        for stage in environments.stages
        if _runs_for_branch(stage, jobs)
    }


def read_formats(
    settings: Settings, name: str, jobs: Iterable[WorkflowJob]
) -> tuple[TagFormat, ...] | None:
    """Return the form of each package's tags; None where the settings do not tell it.

    Args:
        name: The project's normalised name; empty where nothing tells it.
    """
    unnamed = not name and not settings.packages and "{name}" in settings.tag_format
    if unnamed or any(job.gives_tag_format for job in jobs):
        return None
    suffixes = settings.environments.suffixes
    return tuple(package.tags(suffixes) for package in settings.packages) or (
        TagFormat(settings.tag_format, name, suffixes),
    )


def _runs_for_branch(stage: Environment, jobs: Iterable[WorkflowJob]) -> bool:
    """Tell whether what runs in a stage's GitHub Environment starts for pushes to its branch."""
    stage_jobs = [job for job in jobs if stage.github_environment in job.environments]
    return bool(stage_jobs) and all(matches_any(job.branches, stage.branch) for job in stage_jobs)


def publishing_policies(
    environments: EnvironmentMap, formats: Sequence[TagFormat]
) -> Mapping[str, DeploymentPolicies]:
    """Work out which tags the GitHub Environment of each stage lets in.

    Args:
        formats: The tags of each package of the repository.
    """
    patterns: dict[str, list[str]] = {}
    for stage in environments.stages:
        others = [
            tag_format.shapes[other.suffix]
            for tag_format in formats
            for other in environments.stages
            if other.github_environment != stage.github_environment
        ]
        for tag_format in formats:
            own = tag_format.shapes[stage.suffix]
            patterns.setdefault(stage.github_environment, []).extend(_patterns(own, others))
    return {name: DeploymentPolicies(tuple(dict.fromkeys(tags))) for name, tags in patterns.items()}


def automation_policies(
    environments: EnvironmentMap, formats: Sequence[TagFormat]
) -> DeploymentPolicies:
    """Work out what the environment of tagging and promoting lets in: each branch, and all tags."""
    shapes = [shape for tag_format in formats for shape in tag_format.shapes.values()]
    # A star stops at a slash.
    tags = [f"{shape.prefix}*{shape.postfix if '/' in shape.postfix else ''}" for shape in shapes]
    branches = tuple(stage.branch for stage in environments.stages)
    return DeploymentPolicies(tuple(dict.fromkeys(tags)), branches)


def _patterns(own: TagShape, others: Sequence[TagShape]) -> Iterator[str]:
    """Write the patterns of a shape's tags that fit no tag of the others."""
    tails = frozenset(
        other.postfix.removesuffix(own.postfix)
        for other in others
        if other.postfix.endswith(own.postfix) and _can_start_alike(own, other)
    )
    # What ends with no digit fits anyhow not, and a star stops at a slash.
    tails = frozenset(tail for tail in tails if tail[-1:].isdigit() and "/" not in tail)
    for end in _ends_without(tails):
        yield f"{own.prefix}*{end}{own.postfix}"
    for end in sorted(_parts(tails)):
        tag = f"{own.prefix}{end}{own.postfix}"
        if own.read(tag) is not None:  # it has no character before its end to tell it by
            yield tag


def _can_start_alike(shape: TagShape, second: TagShape) -> bool:
    return shape.prefix.startswith(second.prefix) or second.prefix.startswith(shape.prefix)


def _parts(tails: frozenset[str]) -> set[str]:
    """List the ends of these texts that are none of them."""
    parts = {tail[start:] for tail in tails for start in range(1, len(tail))}
    return {part for part in parts if not part.endswith(tuple(tails))}


def _ends_without(tails: frozenset[str]) -> Iterator[str]:
    """Write patterns that together fit what ends with a digit and with none of these texts."""
    first = "".join(digit for digit in _DIGITS if not any(tail[-1] == digit for tail in tails))
    if first:
        yield "[0-9]" if first == _DIGITS else f"[{first}]"
    for part in sorted(_parts(tails), key=lambda part: (len(part), part)):
        before = {tail[-len(part) - 1] for tail in tails if tail.endswith(part) and tail != part}
        # A hyphen stands for itself at the end of a set.
        yield f"[^{''.join(sorted(before - {'-'}))}{'-' if '-' in before else ''}]{part}"
