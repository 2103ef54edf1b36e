"""The flows that several named points are about."""

from collections.abc import Callable

import pytest

from support.faults.flows import Flow


@pytest.fixture
def release_flow(shared_flow: Callable[[str], Flow]) -> Flow:
    """The publishing of one release."""
    return shared_flow("release")


@pytest.fixture
def publish_flow(shared_flow: Callable[[str], Flow]) -> Flow:
    """A publication to Artifact Registry and PyPI."""
    return shared_flow("pypi")
