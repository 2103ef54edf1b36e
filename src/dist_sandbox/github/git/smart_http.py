"""Clone and push over HTTP, by git's own programs behind GitHub's checks.

Spec: https://git-scm.com/docs/http-protocol (smart clients) and
https://git-scm.com/docs/pack-protocol (reference update request, report status)
"""

import gzip
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request

from dist_sandbox.errors import GitFailedError
from dist_sandbox.github.access.authentication import authenticate
from dist_sandbox.github.access.principals import ANONYMOUS, Principal
from dist_sandbox.github.git.bare_repository import ZERO
from dist_sandbox.github.git.ref_changes import (
    RefUpdate,
    announce,
    find_forbidden_workflow,
    violations,
)
from dist_sandbox.github.pull_requests.auto_merge import advance
from dist_sandbox.github.rest.errors import GitHubError
from dist_sandbox.github.rules.rulesets import Violations
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.server.request_notes import note_change, note_principal

_UPLOAD, _RECEIVE = "git-upload-pack", "git-receive-pack"
_NOT_KEPT = {
    "Cache-Control": "no-cache, max-age=0, must-revalidate",
    "Pragma": "no-cache",
    "Expires": "Fri, 01 Jan 1980 00:00:00 GMT",
}
#: Bands of the side-band-64k capability.
_DATA, _MESSAGE = b"\x01", b"\x02"
_FLUSH = b"0000"


@dataclass(frozen=True)
class GitRequest:
    """A git client's request that was admitted."""

    repository: Repository
    principal: Principal


@dataclass(frozen=True)
class PushCommands:
    """What a push asks for; the pack of objects is empty where it only deletes."""

    updates: tuple[RefUpdate, ...]
    capabilities: frozenset[str]
    pack: bytes = b""


def create_blueprint(github: GitHub) -> Blueprint:
    """Serve clone and push at `/OWNER/NAME.git` and, as on GitHub, without `.git` too."""
    blueprint = Blueprint("git", __name__)

    @blueprint.get("/<owner>/<name>/info/refs")
    def advertise(owner: str, name: str) -> Response:
        service = request.args.get("service", "")
        admitted = _admit(github, owner, name, writes=service == _RECEIVE)
        if service not in (_UPLOAD, _RECEIVE):
            return _refusal(403, "Please upgrade your git client.")
        return _advertise(admitted, service)

    @blueprint.post(f"/<owner>/<name>/{_UPLOAD}")
    def upload_pack(owner: str, name: str) -> Response:
        admitted = _admit(github, owner, name, writes=False)
        return _result(_UPLOAD, _run(admitted, _UPLOAD, body=_read_body()))

    @blueprint.post(f"/<owner>/<name>/{_RECEIVE}")
    def receive_pack(owner: str, name: str) -> Response:
        admitted = _admit(github, owner, name, writes=True)
        body = _read_body()
        with github.lock:
            response = _receive(admitted, body)
            advance(github)
            return response

    return blueprint


def _admit(github: GitHub, owner: str, name: str, *, writes: bool) -> GitRequest:
    """Make the request, for a caller who may make it; refuse it for others."""
    try:
        principal = authenticate(github, request.headers.get("Authorization", ""))
    except GitHubError as error:
        if error.status != 401:
            abort(_refusal(error.status, error.message))
        abort(
            _unauthorized(
                "Invalid username or token. Password authentication is not supported for Git "
                "operations."
            )
        )
    repository = github.find_repository(owner, name.removesuffix(".git"))
    is_open = repository is not None and repository.is_open("contents")
    if principal is None:
        if writes or not is_open:
            abort(_unauthorized("Repository not found."))
        principal = ANONYMOUS
    note_principal(request.environ, principal.name)
    visible = repository is not None and principal.sees(repository.repository_id)
    readable = is_open or (visible and principal.may("contents", "read"))
    if repository is None or not readable:
        abort(_refusal(404, "Repository not found."))
    if writes and not principal.may("contents", "write"):
        login = principal.account.login
        abort(_refusal(403, f"Permission to {repository.full_name}.git denied to {login}."))
    return GitRequest(repository, principal)


def _receive(admitted: GitRequest, body: bytes) -> Response:
    """Check a push against the rules, let git do it, and announce what changed."""
    commands = _read_commands(body)
    try:
        refusal = _find_refusal(admitted, commands)
    except GitFailedError:
        refusal = _refuse_push(commands, "missing necessary objects", "")
    if refusal is not None:
        return _result(_RECEIVE, refusal)
    repository = admitted.repository
    before = _read_refs(repository, commands)
    response = _result(_RECEIVE, _run(admitted, _RECEIVE, body=body))
    after = _read_refs(repository, commands)
    changed = [
        RefUpdate(name, before[name], after[name]) for name in before if before[name] != after[name]
    ]
    if changed:
        note_change(request.environ)
        announce(repository, changed, admitted.principal)
    return response


def _find_refusal(admitted: GitRequest, commands: PushCommands) -> bytes | None:
    """Make the answer to a push that rules or permissions forbid."""
    repository, principal = admitted.repository, admitted.principal
    needs_objects = repository.binding_rulesets or not principal.may("workflows", "write")
    if needs_objects and commands.pack.startswith(b"PACK"):
        # The objects are stored before anything points at them, so that the rules can look.
        repository.git.git("index-pack", "--stdin", "--fix-thin", stdin=commands.pack)
    if any(update.before == update.after == ZERO for update in commands.updates):
        # No client asks so; git would delete even the default branch.
        return _refuse_push(commands, "nothing to delete", "")
    for update in commands.updates:
        workflow = find_forbidden_workflow(repository, update, principal)
        if workflow is not None:
            return _refuse_push(
                commands,
                f"refusing to allow a GitHub App to create or update workflow `{workflow}` "
                "without `workflows` permission",
                "",
            )
    broken = {
        update.ref: violated
        for update in commands.updates
        if (violated := violations(repository, update, principal))
    }
    if not broken:
        return None
    text = _describe_violations(broken, repository.github.addresses.github_server)
    return _refuse_push(commands, _reason_of_refusal(broken.values()), text)


def _read_refs(repository: Repository, commands: PushCommands) -> dict[str, str]:
    """Map the name of each ref that a push is about to what it holds."""
    names = (update.ref for update in commands.updates if update.ref.startswith("refs/"))
    return {name: repository.git.read_ref(name) or ZERO for name in names}


def _read_body() -> bytes:
    body = request.stream.read()
    if request.headers.get("Content-Encoding") not in ("gzip", "x-gzip"):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        abort(_refusal(400, "The request's body is not what its Content-Encoding says."))


def _advertise(admitted: GitRequest, service: str) -> Response:
    """List the refs, or in version 2 of the protocol what the service can do."""
    content = _run(admitted, service, "--advertise-refs")
    if not content.startswith(_packet(b"version 2\n")):
        content = _packet(f"# service={service}\n".encode()) + _FLUSH + content
    return Response(content, 200, _NOT_KEPT, content_type=f"application/x-{service}-advertisement")


def _run(admitted: GitRequest, service: str, *options: str, body: bytes = b"") -> bytes:
    """Run the program of a service; what it refuses is in what it prints, too."""
    program = service.removeprefix("git-")
    version = {"GIT_PROTOCOL": request.headers.get("Git-Protocol", "")}
    command = (program, "--stateless-rpc", *options, ".")
    result = admitted.repository.git.run(*command, stdin=body, env=version)
    if result.returncode != 0 and not result.stdout:
        abort(_refusal(500, "Internal Server Error"))
    return result.stdout


def _result(service: str, content: bytes) -> Response:
    return Response(content, 200, _NOT_KEPT, content_type=f"application/x-{service}-result")


def _unauthorized(message: str) -> Response:
    response = _refusal(401, message)
    response.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
    return response


def _refusal(status: int, message: str) -> Response:
    """Make a refusal whose text git shows after `remote:`."""
    return Response(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")


def _read_commands(body: bytes) -> PushCommands:
    """Read the packet lines before the pack; an unreadable body has no commands."""
    updates: list[RefUpdate] = []
    capabilities: frozenset[str] = frozenset()
    position = 0
    while position + 4 <= len(body):
        length = _length(body[position : position + 4])
        if length < 5:
            break
        line, _, tail = body[position + 4 : position + length].partition(b"\0")
        capabilities = capabilities or frozenset(tail.decode("utf-8", "replace").split())
        fields = line.decode("utf-8", "replace").rstrip("\n").split(" ", 2)
        if len(fields) == 3 and len(fields[0]) == 40:
            # git reads capital digits, too.
            updates.append(RefUpdate(fields[2], fields[0].lower(), fields[1].lower()))
        position += length
    return PushCommands(tuple(updates), capabilities, body[position + 4 :])


def _refuse_push(commands: PushCommands, reason: str, text: str) -> bytes:
    """Make the answer that declines a whole push.

    Args:
        reason: What git shows in brackets after `[remote rejected]`.
        text: What git shows after `remote:`.
    """
    report = _packet(b"unpack ok\n")
    for update in commands.updates:
        report += _packet(f"ng {update.ref} {reason}\n".encode())
    report += _FLUSH
    if "side-band-64k" not in commands.capabilities:
        return report
    message = _packet(_MESSAGE + text.encode()) if text else b""
    return message + _packet(_DATA + report) + _FLUSH


def _reason_of_refusal(broken: Iterable[Violations]) -> str:
    """Write what git shows in brackets after `[remote rejected]`."""
    if all(violations.classic for violations in broken):
        return "protected branch hook declined"
    return "push declined due to repository rule violations"


def _describe_violations(broken: Mapping[str, Violations], server: str) -> str:
    """Write GitHub's explanation of the rules that a push breaks, by ref."""
    return "".join(_describe(ref, violations, server) for ref, violations in broken.items())


def _describe(ref: str, violations: Violations, server: str) -> str:
    if violations.classic:
        paragraphs = "".join(f"\n- {text}\n" for text in violations.texts)
        return f"error: GH006: Protected branch update failed for {ref}.\n{paragraphs}"
    rules = "".join(f"- {text}\n" for text in violations.texts)
    return (
        f"error: GH013: Repository rule violations found for {ref}.\n"
        f"Review all repository rules at {server}\n\n{rules}\n"
    )


def _length(digits: bytes) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        return 0


def _packet(data: bytes) -> bytes:
    return f"{len(data) + 4:04x}".encode() + data
