"""A project and a repository of two packages whose versions are promoted."""

from pathlib import Path

import pytest

from support.promotion.monorepo import PromotedMonorepo
from support.promotion.project import PromotedProject
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageRunner


@pytest.fixture
def project(
    sandbox: Sandbox, checkout: Path, run_stage: StageRunner, tmp_path: Path
) -> PromotedProject:
    """Three environments that start at one commit."""
    workspace = tmp_path / "promoting"
    workspace.mkdir()
    return PromotedProject(sandbox, run_stage, checkout, workspace)


@pytest.fixture
def shop(project: PromotedProject) -> PromotedMonorepo:
    """A repository of two packages."""
    return PromotedMonorepo(project)
