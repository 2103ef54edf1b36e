"""The pypiserver behind Artifact Registry's Python hosts and the private index.

It is imported here alone, because its bundled web framework needs some care.
"""

import sys
import warnings
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from flask import Response, abort, make_response, request
from werkzeug.wrappers import Response as WsgiResponse

from dist_sandbox.file_digests import file_digest
from dist_sandbox.server.request_notes import url_for_client

with warnings.catch_warnings():
    # Its bottle imports the standard library's `cgi`, and adds an import hook of the old form.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", ImportWarning)
    import pypiserver

# The hook is for bottle's plugins, which nobody uses here. Left in place, it makes every later
# import that reaches it warn.
sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]


def create_package_server(folder: Path, *, shows_hashes: bool) -> Any:
    """Create a pypiserver over a folder of distributions, a WSGI application without memory.

    It asks for no credentials and knows no other index; whoever mounts it does. Links carry
    `#sha256=…` where it shows hashes.
    """
    server = pypiserver.app(
        roots=[folder],
        authenticate=[],
        password_file=".",  # noqa: S106 - pypiserver's word for "no passwords"
        disable_fallback=True,
        overwrite=False,
        hash_algo="sha256" if shows_hashes else None,
        backend_arg="simple-dir",
    )
    if shows_hashes:
        # pypiserver would read all files for each page.
        backend = server._pypiserver_config.backend
        backend.digest = lambda file: f"sha256={file_digest(Path(file.fn)).hex()}"
    return server


def serve_path(server: Any, path: str, *, mount: str) -> WsgiResponse:
    """Answer the current request with what a pypiserver answers to a GET of `path`.

    Its root is at `mount` in this sandbox, `/private-index`.
    """
    environ = dict(request.environ)
    environ["SCRIPT_NAME"], environ["PATH_INFO"] = urlsplit(url_for_client(mount)).path, path
    # pypiserver leaves the file open that it answers with a part of; uv and poetry ask for parts.
    environ.pop("HTTP_RANGE", None)
    return WsgiResponse.from_app(server, environ)


def text_response(status: int, message: str) -> Response:
    """Create an answer in plain text."""
    response = make_response(message, status)
    response.mimetype = "text/plain"
    return response


def refuse_in_text(status: int, message: str, *, realm: str) -> NoReturn:
    """End the request with an error in plain text; the realm is what a password opens."""
    response = text_response(status, message)
    if status == 401:
        response.headers["WWW-Authenticate"] = f'Basic realm="{realm}"'
    abort(response)
