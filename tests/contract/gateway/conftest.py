"""A sandbox behind its gateway, for all tests of a module."""

import pytest

from support.sandbox.gateway import gateway_sandbox


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    with gateway_sandbox(tmp_path_factory.mktemp("gateway")) as sandbox:
        yield sandbox
