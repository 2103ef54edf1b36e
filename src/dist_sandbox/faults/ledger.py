"""The ledger of a sandbox: what was accepted or changed anywhere, in order, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dist_sandbox.world import World


@dataclass(frozen=True)
class AcceptedFile:
    """A file that a service keeps since a request.

    Attributes:
        request: Number of the request.
        place: The service and the path of the request.
        name: Of the file.
        sha256: Of its bytes.
    """

    request: int
    place: str
    name: str
    sha256: str


@dataclass(frozen=True)
class RefChange:
    """A ref that holds something else since an event.

    Attributes:
        event: Number of the event.
        github_repository: `OWNER/NAME`.
        ref: Its full name.
        before: What it held; zeros where there was none.
        after: What it holds; zeros where it was deleted.
        actor: Login of whoever changed it.
    """

    event: int
    github_repository: str
    ref: str
    before: str
    after: str
    actor: str


@dataclass(frozen=True)
class TokenLife:
    """An installation token of an App, without its text.

    Attributes:
        principal: The App: `app:automation-bot`.
        minted_at: By the sandbox's clock.
        expires_at: Whether it is revoked or not.
        revoked: Whether it was ended.
    """

    principal: str
    minted_at: datetime
    expires_at: datetime
    revoked: bool


@dataclass(frozen=True)
class Ledger:
    """All of it; the files are those of the requests that the log still has."""

    files: Sequence[AcceptedFile]
    refs: Sequence[RefChange]
    tokens: Sequence[TokenLife]


def read_ledger(world: World) -> Ledger:
    """Read the ledger of a sandbox."""
    github = world.github
    return Ledger(
        files=[
            AcceptedFile(request.number, f"{request.service} {request.path}", name, sha256)
            for request in world.requests.since()
            for name, sha256 in request.files
        ],
        refs=[
            RefChange(
                event.number,
                event.github_repository,
                event.ref,
                event.before,
                event.payload["after"],
                event.actor,
            )
            for event in github.events.after(0)
            if event.name == "push"
        ],
        tokens=[
            TokenLife(
                token.app.principal,
                token.minted_at,
                token.expires_at,
                github.tokens.is_revoked(token),
            )
            for token in github.tokens.minted
        ],
    )
