"""What GitHub, Google or an index repeat of a publisher's credentials is shown nowhere."""

import pytest

from dist_sandbox.google.state import repository_name
from support.publishing.job import PublishingJob
from support.sandbox.echoes import FORMS
from support.stages.echoing import require_no_echo


@pytest.mark.parametrize("form", FORMS)
def test_no_request_shows_its_credential(publisher: PublishingJob, form: str) -> None:
    world = publisher.sandbox.world

    def undo() -> None:
        world.pypi["pypi"].clear()
        for file in world.google.repositories[repository_name(publisher.environment)].files():
            file.unlink()

    inputs = {"index": "artifact-registry\npypi", "max-wait": "0s"}
    require_no_echo(publisher.sandbox, form, lambda: publisher(inputs), undo)
