"""Reads a project's name and version from its build backend."""

from collections.abc import Callable, Mapping

from dist_actions.versions import MetadataReader, Project


def metadata_reader(environ: Mapping[str, str], log: Callable[[str], None]) -> MetadataReader:
    """Ask the backend when called, in the project's own isolated environment.

    Args:
        environ: The job's environment.
        log: Receives what the backend prints.
    """

    def read(project: Project) -> tuple[str, str]:
        # Most projects declare their version, and need not wait for what drives backends.
        from dist_actions.edges.backend import Backend  # noqa: PLC0415

        log("Asking the build backend for the version …")
        return Backend(project.folder, environ, {}, log).metadata()

    return read
