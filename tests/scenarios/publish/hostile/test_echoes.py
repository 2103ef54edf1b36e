"""What GitHub, Google or an index repeat of a publisher's credentials is shown nowhere."""

from dist_sandbox.google.state import repository_name
from support.publishing.job import PublishingJob
from support.stages.echoing import require_no_echo


def test_an_index_shows_no_password_that_it_was_sent(publisher: PublishingJob) -> None:
    """Basic authentication is base64 already, so an echo of the header is that twice."""
    inputs = {"index": "pypi", "password": publisher.pypi_token(), "max-wait": "0s"}
    pypi = publisher.sandbox.world.pypi["pypi"]

    def undo() -> None:
        pypi.projects.clear()
        pypi.used_filenames.clear()

    require_no_echo(
        publisher.sandbox, lambda: publisher(inputs), undo, forms=["base64 of the header"]
    )


def test_no_request_shows_its_credential(publisher: PublishingJob) -> None:
    world = publisher.sandbox.world

    def undo() -> None:
        world.pypi["pypi"].clear()
        for file in world.google.repositories[repository_name(publisher.environment)].files():
            file.unlink()

    inputs = {"index": "artifact-registry\npypi", "max-wait": "0s"}
    require_no_echo(publisher.sandbox, lambda: publisher(inputs), undo)
