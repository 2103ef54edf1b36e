"""What every test has at hand."""

import gc

#: A plugin stands behind those that it imports from.
pytest_plugins = [
    "support.act.fixtures",
    "support.browser",
    "support.init.projects",
    "support.attacks.repository",
    "support.sandbox.docker",
    "support.distributions.installers",
    "support.distributions.package_index",
    "support.sandbox.fixtures",
    "support.init.hosted",
    "support.stages.running",
    "support.projects.checkouts",
    "support.projects.private_packages",
    "support.projects.releases",
    "support.doctor.project",
    "support.faults.rounds",
    "support.machine",
    "support.registry",
    "support.strict_skips",
]


def pytest_collection_finish() -> None:
    """Leave what is collected out of garbage collections: each would go through all tests."""
    gc.freeze()
