"""Who talks to the simulated GitHub."""

import pytest

from support.sandbox.fixtures import Sandbox


@pytest.fixture
def bot(sandbox: Sandbox) -> str:
    """A token of the automation bot."""
    return sandbox.installation_token()
