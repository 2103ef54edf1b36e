"""Stands where versioneer writes the version; an sdist holds what it wrote."""


def get_versions():
    """What a checkout says."""
    return {"version": "0+unknown"}
