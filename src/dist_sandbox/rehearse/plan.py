"""How far a rehearsal goes and how, by its arguments and the project's settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_sandbox.rehearse.manual_steps.steps import Dispatch
from dist_sandbox.rehearse.project.needs import read_needs
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.workflows.files import Workflow


@dataclass(frozen=True)
class RehearsalPlan:
    """How far a rehearsal goes and how.

    Attributes:
        tags: The project's tags and environments, in the order of promotion.
        until: The last environment to be released.
        merge_methods: `merge`, `squash` or `rebase` by the name of an environment; that of no
            name holds for all others, and a merge commit is made where that is missing too.
        rerun: Whether every event is delivered once more at the end.
        dispatches: What a person starts by hand, in this order.
        patches: What is pushed later, one after the other, each when the one before is out.
        commands: What a person runs in the project, in this order.
    """

    tags: ProjectTags
    until: Environment
    merge_methods: Mapping[str, str] = field(default_factory=dict)
    rerun: bool = False
    dispatches: tuple[Dispatch, ...] = ()
    patches: tuple[Path, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def environments(self) -> EnvironmentMap:
        """Return all environments, also those after the last to be released."""
        return self.tags.environments

    @property
    def stages(self) -> tuple[Environment, ...]:
        """List the environments that are to be reached, in the order of promotion."""
        stages = self.environments.stages
        return stages[: stages.index(self.until) + 1]

    def merge_method(self, environment: Environment) -> str:
        """Choose how pull requests to an environment are merged."""
        common = self.merge_methods.get("", "merge")
        return self.merge_methods.get(environment.name, common)

    @property
    def first_branch(self) -> str:
        """Return the branch that the project is pushed to."""
        return self.environments.stages[0].branch


def without_stages(workflows: Iterable[Workflow]) -> EnvironmentMap:
    """Make the only stage of a project without stages: one branch, whose tags are versions.

    Args:
        workflows: Its workflows; Google Cloud's part is set up for what they publish from.
    """
    publishing = read_needs(workflows, ()).publishing_environments
    environment = publishing[0] if publishing else "prd"
    return EnvironmentMap((Environment("main", "main", "", environment, prerelease=False),))
