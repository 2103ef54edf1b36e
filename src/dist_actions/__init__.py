"""The engine of the dist-actions GitHub Actions: version, tag, build, release, publish, promote."""

__version__ = "1.1.0"
