"""The environments that a project has by default."""

BRANCHES = {"dev": "dev", "qa": "qa", "prd": "main"}
#: What ends the tags of each environment.
SUFFIXES = {"dev": "-dev", "qa": "-qa", "prd": ""}
#: Each promotion's source and target.
STEPS = (("dev", "qa"), ("qa", "prd"))


def tag_name(version: str, environment: str, package: str = "") -> str:
    """Return the tag that a version has in an environment."""
    prefix = f"{package}-" if package else ""
    return f"{prefix}v{version}{SUFFIXES[environment]}"
