"""A user and a password towards one index, minted when first needed and renewed in time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from requests.auth import HTTPBasicAuth

from dist_actions.identity.secret import Secret
from dist_actions.services.clock import Clock

#: An upload that starts now should not outlive its token.
_MARGIN = timedelta(seconds=60)


@dataclass(frozen=True)
class Minted:
    """A credential that a service made for this run; `expires_at` has a time zone, if known."""

    secret: Secret
    expires_at: datetime | None = None


class Login:
    """The credentials of several threads towards one index.

    Args:
        username: For basic authentication.
        mint: Makes the password; called on first use, and again when it has expired.
        clock: Tells when that is.
        lasting: Whether the password is given and minting again would make the same.
    """

    def __init__(
        self, username: str, mint: Callable[[], Minted], clock: Clock, *, lasting: bool = False
    ) -> None:
        self.username = username
        self._mint = mint
        self._clock = clock
        self._lasting = lasting
        self._lock = threading.Lock()
        self._minted: Minted | None = None

    @classmethod
    def of_password(cls, username: str, password: Secret, clock: Clock) -> "Login":
        """Make a login of a password that the user gave; nothing renews it."""
        return cls(username, lambda: Minted(password), clock, lasting=True)

    def password(self) -> Secret:
        """Return the password to use now.

        Raises:
            IdentityError: None could be minted.
            ServiceUnavailableError: A service did not answer.
        """
        with self._lock:
            if self._minted is None or self._is_over(self._minted):
                self._minted = self._mint()
            return self._minted.secret

    def basic_auth(self, password: Secret) -> HTTPBasicAuth:
        """Encode user and password as UTF-8; requests itself would refuse what is not Latin-1.

        Spec: RFC 7617, section 2.1
        """
        return HTTPBasicAuth(self.username.encode(), password.reveal().encode())

    def renew(self, refused: Secret) -> bool:
        """Discard a password that the index rejected with 401.

        Returns:
            Whether another try can be made; another thread may have renewed it already.
        """
        if self._lasting:
            return False
        with self._lock:
            if self._minted is not None and self._minted.secret == refused:
                self._minted = self._mint()
            return True

    def _is_over(self, minted: Minted) -> bool:
        return minted.expires_at is not None and self._clock.now() >= minted.expires_at - _MARGIN
