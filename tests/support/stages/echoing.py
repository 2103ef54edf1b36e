"""Each request of a run in turn is answered with what it held, and the run shows none of it."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle

from support.sandbox.echoes import FORMS, Echo
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageResult

#: Characters of a credential that nobody may see, wherever in it they stand.
_PART = 24
_URL_SAFE = str.maketrans("-_", "+/")


def require_no_echo(
    sandbox: Sandbox,
    run: Callable[[], StageResult],
    undo: Callable[[], object],
    forms: Iterable[str] = FORMS,
) -> None:
    """Let each request meet an echo, by a refusal and by a success, and search what is shown.

    The forms of an echo take turns: what hides them is the same for all requests.

    Args:
        run: Must not wait for what may be over soon.
        undo: Takes back what a run did.
        forms: Some of `FORMS`.
    """
    honest = run()
    assert honest.exit_status == 0, honest.log
    asked = [request for request in honest.requests if "/oidc/.well-known" not in request.path]
    turns = cycle(forms)
    for number, request in enumerate(asked):
        for status, form in zip((400, 200), turns, strict=False):
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
    shown = "\n".join([*lines, result.summary, *result.outputs.values()])
    once = _decoded(shown)
    text = "\n".join([shown, *once, *(inner for outer in once for inner in _decoded(outer))])
    for credential in secrets:
        # What a JWT claims is public, and may stand in base64 elsewhere; its signature is not.
        secret = credential.rpartition(".")[2]
        parts = (secret[at : at + _PART] for at in range(0, len(secret) - _PART + 1, 4))
        yield from (part for part in parts if part in text and len(set(part)) > 1)


def _decoded(text: str) -> list[str]:
    """Decode everything that could be base64, wherever in it a group of four begins."""
    return [
        base64.b64decode(run[start:][: (len(run) - start) // 4 * 4]).decode("latin-1")
        for run in re.findall(rf"[A-Za-z0-9+/]{{{_PART},}}", text.translate(_URL_SAFE))
        for start in range(4)
    ]
