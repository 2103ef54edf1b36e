"""What PyPI takes by default; other indexes tell by refusing; pure."""

from collections.abc import Sequence

from dist_actions.distributions.files import Distribution

_MIB = 1024 * 1024
#: For a project that was not given more. Spec: "Storage limits" in PyPI's user documentation.
PYPI_FILE_BYTES = 100 * _MIB


def warn_of_sizes(distributions: Sequence[Distribution]) -> tuple[str, ...]:
    """Warnings about files that PyPI and TestPyPI refuse unless the project's limit was raised.

    Only the index knows the project's limit, so nothing is refused here.

    Args:
        distributions: What is to be published to PyPI or TestPyPI.
    """
    return tuple(
        f"{dist.name} has {dist.size_bytes // _MIB:,} MiB; PyPI refuses files of more than "
        f"{PYPI_FILE_BYTES // _MIB} MiB unless the project's limit was raised."
        for dist in distributions
        if dist.size_bytes > PYPI_FILE_BYTES
    )
