"""The phase `publish` is cancelled while uploads hang: it ends soon, and its token with it."""

import signal
import time

import pytest

from support.projects.releases import TaggedProject

UPLOADS = {"asset": r"^/api/uploads/.*/assets$", "file": r"^/artifact-registry/[^/]+/[^/]+/[^/]+/$"}


@pytest.mark.parametrize("upload", list(UPLOADS))
def test_cancelled_while_an_upload_hangs(tagged: TaggedProject, upload: str) -> None:
    """The runner ends a process by force ten seconds after its first signal."""
    hanging = {"method": "POST", "path": UPLOADS[upload], "connection": "drip"}
    tagged.sandbox.control("POST", "faults", hanging)
    running = tagged.run_stage.start("release", tagged.inputs(), **tagged.options())
    deadline = time.monotonic() + 60
    while tagged.sandbox.control("GET", "faults") and time.monotonic() < deadline:
        time.sleep(0.02)
    running.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    result = running.finish()
    assert time.monotonic() - began < 30, "the exchange itself may take a minute"
    assert result.exit_status == 143, result.log
    assert "release was cancelled. Until then it had done: " in result.annotation.message
