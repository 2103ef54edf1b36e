"""Which authorities a job trusts besides the usual ones, as its environment says."""

import ssl
from collections.abc import Mapping
from pathlib import Path

from dist_actions.errors import InputError

#: The first that is set counts; requests and curl have the first two, OpenSSL the last.
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def certificate_bundle(environ: Mapping[str, str]) -> str:
    """Read the path of the authorities' certificates; empty where the usual ones are meant."""
    return next((environ[name] for name in CA_VARIABLES if environ.get(name)), "")


def require_certificate_bundle(environ: Mapping[str, str]) -> None:
    """Refuse a bundle that cannot be used, before it is needed.

    Raises:
        InputError: It is not there, or holds no certificate.
    """
    name = next((name for name in CA_VARIABLES if environ.get(name)), "")
    if not name or Path(environ[name]).is_dir():
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(environ[name])
    except ssl.SSLError as error:
        raise _unusable(name, environ[name], "which holds no certificate in PEM") from error
    except (OSError, ValueError) as error:
        raise _unusable(name, environ[name], "which is not there or cannot be read") from error


def _unusable(name: str, path: str, problem: str) -> InputError:
    return InputError(
        f"{name} is {path[:200]!r}, {problem}.",
        why="it names the file with the certificates of all authorities to trust, and without it "
        "no service can be trusted.",
        fix=f"set {name} to a PEM file that this job can read, or remove it; the root action runs "
        "in a container, where the workspace is /github/workspace.",
        anchor="certificate",
    )
