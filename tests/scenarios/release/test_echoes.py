"""What GitHub, Google or the index repeat of the releaser's credentials is shown nowhere."""

from dist_sandbox.google.state import repository_name
from support.projects.releases import TaggedProject
from support.sandbox.fixtures import Sandbox
from support.stages.echoing import require_no_echo


def test_no_request_shows_its_credential(tagged: TaggedProject, sandbox: Sandbox) -> None:
    def undo() -> None:
        sandbox.repository.releases.clear()
        for file in sandbox.world.google.repositories[repository_name(tagged.environment)].files():
            file.unlink()

    inputs = {"max-wait": "0s"}
    require_no_echo(sandbox, lambda: tagged.publish(inputs, expect_revoked=False), undo)
