"""Each request of a run in turn is answered with what it held, and the run shows none of it."""

from collections.abc import Callable, Iterator
from itertools import cycle

from support.sandbox.echoes import FORMS, Echo
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageResult

#: Characters of a credential that nobody may see, wherever in it they stand.
_PART = 24


def require_no_echo(
    sandbox: Sandbox, run: Callable[[], StageResult], undo: Callable[[], object]
) -> None:
    """Let each request meet an echo, by a refusal and by a success, and search what is shown.

    The forms of an echo take turns: what hides them is the same for all requests.

    Args:
        run: Must not wait for what may be over soon.
        undo: Takes back what a run did.
    """
    honest = run()
    assert honest.exit_status == 0, honest.log
    asked = [request for request in honest.requests if "/oidc/.well-known" not in request.path]
    forms = cycle(FORMS)
    for number, request in enumerate(asked):
        for status, form in zip((400, 200), forms, strict=False):
            undo()
            echo = sandbox.credentials.echo = Echo(number, form, status)
            result = run()
            sandbox.credentials.echo = None
            case = f"{status} with {form} at {request.method} {request.path}\n{result.log}"
            assert echo.happened, case
            assert list(_found(result, sandbox.credentials.values)) == [], case
    undo()


def _found(result: StageResult, secrets: set[str]) -> Iterator[str]:
    """Find parts of credentials that the run shows; its masks are seen by the runner alone."""
    lines = [line for line in result.log.splitlines() if not line.startswith("::add-mask::")]
    text = "\n".join([*lines, result.summary, *result.outputs.values()])
    for credential in secrets:
        # What a JWT claims is public, and may stand in base64 elsewhere; its signature is not.
        secret = credential.rpartition(".")[2]
        parts = (secret[at : at + _PART] for at in range(0, len(secret) - _PART + 1, 4))
        yield from (part for part in parts if part in text and len(set(part)) > 1)
