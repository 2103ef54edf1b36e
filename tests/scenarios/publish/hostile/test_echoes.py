"""What GitHub, Google or an index repeat of a publisher's credentials is shown nowhere."""

from dist_sandbox.google.state import repository_name
from support.publishing.job import PublishingJob
from support.stages.echoing import require_no_echo


def test_no_request_shows_its_credential(publisher: PublishingJob) -> None:
    world = publisher.sandbox.world

    def undo() -> None:
        world.pypi["pypi"].clear()
        for file in world.google.repositories[repository_name(publisher.environment)].files():
            file.unlink()

    inputs = {"index": "artifact-registry\npypi", "max-wait": "0s"}
    require_no_echo(publisher.sandbox, lambda: publisher(inputs), undo)
