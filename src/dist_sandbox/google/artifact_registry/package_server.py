"""The one place that imports pypiserver, whose bundled web framework needs some care."""

import sys
import warnings
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    # Its bottle imports the standard library's `cgi`, and adds an import hook of the old form.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", ImportWarning)
    import pypiserver

# The hook is for bottle's plugins, which nobody uses here. Left in place, it makes every later
# import that reaches it warn.
sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]


def create_package_server(folder: Path, *, shows_hashes: bool) -> Any:
    """A pypiserver over a folder, a WSGI application.

    It asks for no credentials and knows no other index; whoever mounts it does.

    Args:
        folder: Where the distributions are; nothing is kept in memory.
        shows_hashes: Whether links carry `#sha256=…`.
    """
    return pypiserver.app(
        roots=[folder],
        authenticate=[],
        password_file=".",  # noqa: S106 - pypiserver's word for "no passwords"
        disable_fallback=True,
        overwrite=False,
        hash_algo="sha256" if shows_hashes else None,
        backend_arg="simple-dir",
    )
