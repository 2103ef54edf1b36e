"""What is published is what was checked, whatever happens to the folder meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from support.distributions.builders import write_release
from support.publishing.job import PAGE, UPLOAD, PublishingJob, SkippedTime


@dataclass
class Meanwhile(SkippedTime):
    """A clock on which something happens during the first wait."""

    event: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Let it happen, and the time pass."""
        self.event()
        self.event = lambda: None
        super().sleep(seconds)


@pytest.mark.parametrize("path", [PAGE, UPLOAD], ids=["after the check", "between two uploads"])
def test_a_file_that_changes_after_its_check_is_not_published(
    publisher: PublishingJob, path: str
) -> None:
    """The digest of the checked bytes goes with the file, and the index compares."""
    checked = publisher.at_hand()
    clock = Meanwhile(
        publisher.sandbox.world.clock,
        event=lambda: write_release(publisher.dist, content="others"),
    )
    publisher.fault(path=path, skip=int(path == UPLOAD), status=503)
    assert publisher.run_here(clock=clock) == 1
    assert "HTTP 400" in publisher.log
    assert clock.pauses
    indexed = publisher.indexed()
    assert indexed == {name: checked[name] for name in indexed}
    assert len(indexed) == int(path == UPLOAD)
