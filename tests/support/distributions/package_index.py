"""Tests marked `network` fetch packages: they run where the machine's package index answers."""

import subprocess
import sys

import pytest

PIP = (sys.executable, "-m", "pip", "--quiet", "--retries=0", "--timeout=10")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test marked `network` the check that the index answers."""
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("network"):
            item.fixturenames.insert(0, "package_index")


@pytest.fixture(scope="session")
def package_index() -> None:
    """Skip where pip, as configured on this machine, cannot resolve a package."""
    process = subprocess.run(
        [*PIP, "install", "--dry-run", "--no-deps", "--ignore-installed", "packaging"],
        capture_output=True,
        check=False,
    )
    if process.returncode != 0:
        pytest.skip("no package index answers")
