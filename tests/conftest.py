"""What every test has at hand."""

#: A plugin stands behind those that it imports from.
pytest_plugins = [
    "act_fixtures",
    "docker_fixtures",
    "installers",
    "package_index",
    "sandbox_fixtures",
    "stage_fixtures",
    "package_fixtures",
    "release_fixtures",
    "strict_skips",
]
