"""How far a rehearsal goes and how: what its arguments and the project's settings say."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dist_actions.environments import Environment, EnvironmentMap
from dist_sandbox.rehearse.by_hand import Dispatch
from dist_sandbox.rehearse.needs import read_needs
from dist_sandbox.rehearse.project_tags import ProjectTags
from dist_sandbox.rehearse.workflows import Workflow


@dataclass(frozen=True)
class Plan:
    """How far a rehearsal goes and how.

    Attributes:
        tags: The project's tags and environments, in the order of promotion.
        until: The last environment to be released.
        merge_method: `merge`, `squash` or `rebase`.
        rerun: Whether every event is delivered once more at the end.
        dispatches: What a person starts by hand, in this order.
        patches: What is pushed later, one after the other, each when the one before is out.
        commands: What a person runs in the project, in this order.
    """

    tags: ProjectTags
    until: Environment
    merge_method: str = "merge"
    rerun: bool = False
    dispatches: tuple[Dispatch, ...] = ()
    patches: tuple[Path, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def environments(self) -> EnvironmentMap:
        """All environments, those included that are not to be reached."""
        return self.tags.environments

    @property
    def wanted(self) -> tuple[Environment, ...]:
        """The environments that are to be reached."""
        stages = self.environments.stages
        return stages[: stages.index(self.until) + 1]

    @property
    def first_branch(self) -> str:
        """Where the project is pushed."""
        return self.environments.stages[0].branch


def without_stages(workflows: Iterable[Workflow]) -> EnvironmentMap:
    """What stands for the stages of a project that has none: one branch, whose tags are versions.

    Args:
        workflows: Its workflows; Google Cloud's part is set up for what they publish from.
    """
    publishing = read_needs(workflows, ()).publishing_environments
    environment = publishing[0] if publishing else "prd"
    return EnvironmentMap((Environment("main", "main", "", environment, prerelease=False),))
