"""The machine of the tests, whoever runs them: no git configuration, the usual umask."""

import os


def pytest_configure() -> None:
    """Leave out what a person has set for git and for new files."""
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    os.umask(0o022)
