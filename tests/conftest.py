"""What every test has at hand."""

pytest_plugins = ["docker_fixtures", "package_index", "strict_skips"]
