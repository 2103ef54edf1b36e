"""What every test has at hand."""

pytest_plugins = [
    "act_fixtures",
    "docker_fixtures",
    "package_index",
    "sandbox_fixtures",
    "stage_fixtures",
    "strict_skips",
]
