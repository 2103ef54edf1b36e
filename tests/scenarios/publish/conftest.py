"""A job that publishes a folder of distributions, and an index of a company's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.distributions.builders import write_release
from support.publishing.job import PublishingJob
from support.sandbox.fixtures import Sandbox
from support.sandbox.private_index import PrivateIndex, private_index
from support.stages.running import StageRunner


@pytest.fixture
def publisher(sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path) -> PublishingJob:
    """A job with a wheel and an sdist of 0.1.0."""
    write_release(tmp_path / "job" / "dist")
    return PublishingJob(sandbox, run_stage, tmp_path / "job")


@pytest.fixture
def private(tmp_path: Path) -> Iterator[PrivateIndex]:
    """An index of the company's own, which takes a password."""
    with private_index(tmp_path / "private") as index:
        yield index
