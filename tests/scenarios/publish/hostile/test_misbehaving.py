"""publish ends in time and with little memory, whatever the indexes, Google and GitHub send."""

import pytest

from dist_sandbox.google.state import repository_name
from support.publishing.job import PublishingJob
from support.stages.misbehaving import KINDS, require_bounded_runs


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_may_meet_a_misbehaving_server(publisher: PublishingJob, kind: str) -> None:
    world = publisher.sandbox.world

    def undo() -> None:
        world.pypi["pypi"].clear()
        for file in world.google.repositories[repository_name(publisher.environment)].files():
            file.unlink()

    inputs = {"index": "artifact-registry\npypi", "max-wait": "0s"}
    publisher(inputs)
    undo()
    require_bounded_runs(
        publisher.sandbox, kind, lambda environ: publisher(inputs, environ=environ), undo
    )
