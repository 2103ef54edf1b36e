"""Attest distributions (PEP 740): sign them by Sigstore with the job's own identity.

    token = request_id_token(environ, AUDIENCE, http)
    attestations = attest(paths, token, environ, retries)
    uploads.send(path, attestations[path.name])

The packages that sign are an extra (`dist-actions[attestations]`), which is imported only here and
only when something is attested. Nothing is written; the keys live as long as the call.

Spec: https://peps.python.org/pep-0740/
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import requests

from dist_actions.errors import DistActionsError, NetworkError
from dist_actions.identity.claims import read_unverified_claims
from dist_actions.identity.secret import Secret
from dist_actions.job.endpoints import is_safe_url
from dist_actions.services.answers import is_passing
from dist_actions.services.failures import (
    causes_of,
    classify_connection_failure,
    find_obstacle,
)
from dist_actions.services.http import HttpClient
from dist_actions.services.retries import Retries, Transient, retry_after_seconds
from dist_actions.services.sigstore.installation import install_packages
from dist_actions.services.sigstore.refusals import (
    explain_no_answer,
    explain_refusal,
    explain_trust_config,
    explain_unusable_file,
    require_safe_services,
)
from dist_actions.services.transport.adapter import Transport

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig
    from sigstore.sign import Signer

T = TypeVar("T")

#: For whom the ID token is asked for; Fulcio takes no other.
#: Spec: https://docs.sigstore.dev/certificate_authority/oidc-in-fulcio/
AUDIENCE = "sigstore"
#: A file in the format of sigstore's `--trust-config`, or its address, for a Sigstore of one's own;
#: where it is not set, the public one is used.
TRUST_CONFIG_VARIABLE = "DIST_ACTIONS_SIGSTORE_TRUST_CONFIG"

#: PyPI takes entries of this version of the log only: theirs carry a signed time.
_LOG_VERSION = 1
#: Sigstore's client makes several requests in a call; one that takes longer is given up.
_CALL_SECONDS = 90.0


def attest(
    paths: Sequence[Path],
    id_token: Secret,
    environ: Mapping[str, str],
    retries: Retries,
    *,
    call_seconds: float = _CALL_SECONDS,
) -> Mapping[str, str]:
    """Sign each file as published by this job.

    Call it once, before the first upload to any index, with only those files that will be
    uploaded: each signature stays in a public log for ever. What fails leaves nothing half done.
    Indexes other than PyPI and TestPyPI take no attestations, and these only from a Trusted
    Publisher, so not with a password.

    Args:
        id_token: For the audience `AUDIENCE`, of this job; from `request_id_token`.
        environ: The job's variables; see `TRUST_CONFIG_VARIABLE`.
        retries: How long failures of Sigstore are borne.
        call_seconds: After how long one call to Sigstore is given up.

    Returns:
        The attestation of each file as JSON, by the file's name: an element of the form field
        `attestations`.

    Raises:
        InputError: The packages that sign are missing, or the trust configuration is unusable.
        IdentityError: Sigstore does not accept the job's identity.
        UploadError: Sigstore refuses a signature, or a file's name.
        ServiceUnavailableError: Sigstore did not answer.
    """
    if not paths:
        return {}
    if find_spec("pypi_attestations") is None:
        install_packages()
    for name in ("sigstore", "tuf", "securesystemslib"):
        # Their warnings would reach the log as they are, and the runner obeys what it reads there.
        logging.getLogger(name).addHandler(logging.NullHandler())
    claims = read_unverified_claims(id_token.reveal())
    call = _Calls(retries, claims, call_seconds)
    with ExitStack() as stack:
        stack.enter_context(_limited_sessions(retries.exchange_seconds))
        config = call(
            "read Sigstore's trust configuration", lambda: _trust_config(environ, retries)
        )
        signer = call(
            "get a signing certificate from Sigstore",
            lambda: _open_signer(stack, config, id_token),
        )
        return {
            path.name: call(f"attest {path.name}", lambda path=path: _sign(signer, path))  # type: ignore[misc]
            for path in paths
        }


@contextmanager
def _limited_sessions(exchange_seconds: float) -> Iterator[None]:
    """Let every session that Sigstore's client opens inside the block have our limits.

    It takes no session of ours.
    """
    adapter = requests.sessions.HTTPAdapter
    limited = partial(Transport, exchange_seconds)
    requests.sessions.HTTPAdapter = limited  # type: ignore[assignment]
    try:
        yield
    finally:
        requests.sessions.HTTPAdapter = adapter


def _trust_config(environ: Mapping[str, str], retries: Retries) -> "ClientTrustConfig":
    from sigstore.models import ClientTrustConfig  # noqa: PLC0415 - an extra

    place = environ.get(TRUST_CONFIG_VARIABLE, "")
    if not place:
        config = ClientTrustConfig.production()
    else:
        try:
            text = _read(place, retries)
            require_safe_services(text)
            config = ClientTrustConfig.from_json(text)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise explain_trust_config(TRUST_CONFIG_VARIABLE, place) from error
    config.force_tlog_version = _LOG_VERSION
    return config


def _read(place: str, retries: Retries) -> str:
    """Read the text of a file or of an address that keeps what it says to itself."""
    if not place.startswith(("https:", "http:")):
        return Path(place).read_text(encoding="utf-8")
    if not is_safe_url(place):
        raise ValueError(f"{place} is not https")
    return HttpClient(retries).send("read Sigstore's trust configuration", "GET", place).text


def _open_signer(stack: ExitStack, config: "ClientTrustConfig", id_token: Secret) -> "Signer":
    """Open a signer with a certificate for ten minutes, which is fetched here."""
    from sigstore.oidc import IdentityToken  # noqa: PLC0415 - an extra
    from sigstore.sign import SigningContext  # noqa: PLC0415 - an extra

    context = SigningContext.from_trust_config(config)
    return stack.enter_context(context.signer(IdentityToken(id_token.reveal()), cache=True))


def _sign(signer: "Signer", path: Path) -> str:
    from pydantic import ValidationError  # noqa: PLC0415 - comes with it
    from pypi_attestations import Attestation, Distribution  # noqa: PLC0415 - an extra

    try:
        distribution = Distribution.from_file(path)
    except ValidationError as error:
        raise explain_unusable_file(path.name) from error
    return Attestation.sign(signer, distribution).model_dump_json()


class _Calls:
    """Makes calls of Sigstore's client, again where that may help, and explains what it raises."""

    def __init__(self, retries: Retries, claims: Mapping[str, object], seconds: float) -> None:
        self._retries = retries
        self._claims = claims
        self._seconds = seconds

    def __call__(self, operation: str, action: Callable[[], T]) -> T:
        """Make one call; its errors are those of `attest`."""
        try:
            return self._retries.call(
                operation, lambda: _within_time(action, self._seconds), self._classify
            )
        except TimeoutError as error:
            raise explain_no_answer(operation, self._seconds) from error
        except DistActionsError:
            raise
        except Exception as error:  # the client lets every kind through, some of them internal
            obstacle = find_obstacle(error)
            if isinstance(obstacle, NetworkError):
                raise obstacle from error
            response = _response_behind(error)
            raise explain_refusal(
                operation,
                0 if response is None else response.status_code,
                str(error) if response is None else response.text,
                self._claims,
                self._retries.clock.now(),
            ) from error

    def _classify(self, error: Exception) -> Transient | None:
        """Tell what may be over soon: no connection, a passing status, an unreadable trust root."""
        from sigstore.errors import TUFError  # noqa: PLC0415 - an extra

        response = _response_behind(error)
        if response is not None:
            status = response.status_code
            wait = retry_after_seconds(response.headers, self._retries.clock.now())
            return Transient(f"HTTP {status}", wait) if is_passing(status) else None
        obstacle = find_obstacle(error)
        if obstacle is not None:
            return classify_connection_failure(obstacle)
        causes = list(causes_of(error))
        for kind in (requests.Timeout, requests.ConnectionError):
            failure = next((cause for cause in causes if isinstance(cause, kind)), None)
            if failure is not None:
                return classify_connection_failure(failure)
        broken = any(isinstance(cause, TUFError) for cause in causes)
        return Transient("the connection failed") if broken else None


def _response_behind(error: BaseException) -> requests.Response | None:
    """Find the service's answer that an error came from."""
    for cause in causes_of(error):
        if isinstance(cause, requests.HTTPError) and cause.response is not None:
            return cause.response
    return None


def _within_time(action: Callable[[], T], seconds: float) -> T:
    """Make a call that has no end of its own; one that is given up ends with the process.

    Raises:
        TimeoutError: It takes too long.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(action())
        except BaseException as error:  # handed to the caller
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
