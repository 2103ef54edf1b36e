"""How far a rehearsal goes and how: what its arguments and the project's settings say."""

from dataclasses import dataclass
from pathlib import Path

from dist_actions.environments import Environment, EnvironmentMap
from dist_sandbox.rehearse.by_hand import Dispatch
from dist_sandbox.rehearse.project_tags import ProjectTags


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
    """

    tags: ProjectTags
    until: Environment
    merge_method: str = "merge"
    rerun: bool = False
    dispatches: tuple[Dispatch, ...] = ()
    patches: tuple[Path, ...] = ()

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
