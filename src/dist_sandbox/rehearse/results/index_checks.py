"""Looks at every index at the end of a rehearsal, and installs what is there."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.plan import RehearsalPlan
from dist_sandbox.rehearse.project.provisioning import Provisioning
from dist_sandbox.rehearse.results.installation import Installer
from dist_sandbox.rehearse.results.observation import ObservedEnvironment, find_index, observe
from dist_sandbox.rehearse.results.published import (
    NamedIndex,
    PublishedPackage,
    find_indexes,
    look_at,
    require_published,
)
from dist_sandbox.rehearse.session import Session
from dist_sandbox.rehearse.toolchain import Toolchain, clean_environ


@dataclass(frozen=True)
class IndexChecks:
    """What is looked at, and with what."""

    session: Session
    toolchain: Toolchain
    plan: RehearsalPlan
    furnishing: Provisioning

    def look(self) -> tuple[tuple[ObservedEnvironment, ...], tuple[PublishedPackage, ...]]:
        """What stands in each stage, and in each index besides.

        Raises:
            RehearsalError: An index holds nothing that should hold something.
        """
        tags = self.plan.tags
        stages = self.plan.wanted if tags.staged else ()
        every = self.plan.environments.stages if tags.staged else ()
        own = [stage.github_environment for stage in every]
        places = find_indexes(self.session.sandbox, self.furnishing, own)
        with ThreadPoolExecutor() as threads:
            looks = [threads.submit(partial(self._look_at_stage, stage)) for stage in stages]
            further = [threads.submit(partial(self._look_at_index, place)) for place in places]
        standings = tuple(one for look in looks for one in look.result())
        published = tuple(one for look in further for one in look.result())
        if not tags.staged:
            require_published(published)
        return standings, published

    def _look_at_stage(self, stage: Environment) -> list[ObservedEnvironment]:
        """What stands of each package in one environment."""
        names, sandbox = self.plan.tags.package_names, self.session.sandbox
        observed = [observe(sandbox, stage, self.plan.tags, name) for name in names]
        installer = self._installer(stage.name)
        index = find_index(sandbox, stage)
        released = [(one.package, one.version) for one in observed if one.release]
        standings = []
        for one in observed:
            installed = ""
            if one.release:
                siblings = [sibling for sibling in released if sibling[0] != one.package]
                installed = installer.install(
                    one.package, one.version, index, name=one.package, siblings=siblings
                )
            standings.append(replace(one, installed_version=installed))
        return standings

    def _look_at_index(self, place: NamedIndex) -> tuple[PublishedPackage, ...]:
        names = self.plan.tags.package_names
        packages = names if names != ("",) else (self.furnishing.project,)
        return look_at(place, packages, self._installer(place.name.replace(" ", "-")))

    def _installer(self, name: str) -> Installer:
        folder = self.session.folder / "installed" / name
        folder.mkdir(parents=True)
        return Installer(folder, clean_environ(self.toolchain, folder))
