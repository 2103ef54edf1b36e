"""How far a rehearsal goes and how, by its arguments and the project's settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_sandbox.rehearse.options import Options
from dist_sandbox.rehearse.project.needs import read_needs
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.workflows.files import Workflow


@dataclass(frozen=True)
class RehearsalPlan:
    """How far a rehearsal goes and how.

    Attributes:
        tags: The project's tags and environments, in the order of promotion.
        until: The last environment to be released.
        options: The command's arguments.
        kept_tags: Tags that the project has from before; the rehearsal releases none of them.
        release_tag: Of a project without stages the tag that a person makes.
        is_tagged: Whether the project has that tag already, which the rehearsal leaves out.
        newest_tag: The newest tag that is kept; empty for none.
        empty_secrets: Secrets that nobody explains, in upper case.
        set_aside: Workflows that do not run, by path, each with the reason.
        init: The options of `dist-actions init`, which sets the project up before its first push;
            empty where it is set up already.
        dispensable: Jobs that no publication waits for, by the path of their workflow and ID.
    """

    tags: ProjectTags
    until: Environment
    options: Options
    kept_tags: frozenset[str] = frozenset()
    release_tag: str = ""
    is_tagged: bool = False
    newest_tag: str = ""
    init: tuple[str, ...] = ()
    set_aside: Mapping[str, str] = field(default_factory=dict)
    dispensable: frozenset[tuple[str, str]] = frozenset()
    empty_secrets: frozenset[str] = frozenset()

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
        methods = self.options.merge_methods
        return methods.get(environment.name, methods.get("", "merge"))

    @property
    def first_branch(self) -> str:
        """Return the branch that the project is pushed to."""
        return self.environments.stages[0].branch


def without_stages(workflows: Iterable[Workflow], branch: str) -> EnvironmentMap:
    """Make the only stage of a project without stages: one branch, whose tags are versions.

    Google Cloud's part is set up for the environment that its workflows publish from.
    """
    publishing = read_needs(workflows, ()).publishing_environments
    environment = publishing[0] if publishing else "prd"
    return EnvironmentMap((Environment("main", branch, "", environment, prerelease=False),))
