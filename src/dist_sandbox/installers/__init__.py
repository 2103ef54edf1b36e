"""Answer for the installers that workflows download: of uv, and of Poetry.

The real scripts download programs. Those of the sandbox take the uv that the rehearsal brings, and
Poetry from the package index.
"""

from pathlib import Path

from flask import Blueprint, Response

_FOLDER = Path(__file__).parent


def create_blueprint() -> Blueprint:
    """Create the two addresses, to be mounted at the root."""
    blueprint = Blueprint("installers", __name__, url_prefix="/_installers")

    @blueprint.get("/uv/<path:_>")
    def uv(_: str) -> Response:
        return _answer("install_uv.sh")

    @blueprint.get("/poetry/", defaults={"_": ""})
    @blueprint.get("/poetry/<path:_>")
    def poetry(_: str) -> Response:
        return _answer("install_poetry.py")

    return blueprint


def _answer(name: str) -> Response:
    return Response((_FOLDER / name).read_bytes(), content_type="text/plain; charset=utf-8")
