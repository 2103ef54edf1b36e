"""Clone and push over HTTP, by git's own `git http-backend` behind GitHub's checks.

Spec: https://git-scm.com/docs/http-protocol and https://git-scm.com/docs/pack-protocol (reference
update request, report status)
"""

import gzip
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request

from dist_sandbox.github.access.authentication import authenticate
from dist_sandbox.github.access.principals import ANONYMOUS, Principal
from dist_sandbox.github.git.bare_repository import ZERO, isolated_git_environment
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
#: Bands of the side-band-64k capability.
_DATA, _MESSAGE = b"\x01", b"\x02"


@dataclass(frozen=True)
class GitRequest:
    """A git client's request that was admitted."""

    repository: Repository
    principal: Principal
    path: str


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
        admitted = _admit(github, owner, name, "info/refs", writes=service == _RECEIVE)
        return _run_backend(admitted, b"")

    @blueprint.post(f"/<owner>/<name>/{_UPLOAD}")
    def upload_pack(owner: str, name: str) -> Response:
        admitted = _admit(github, owner, name, _UPLOAD, writes=False)
        return _run_backend(admitted, request.stream.read())

    @blueprint.post(f"/<owner>/<name>/{_RECEIVE}")
    def receive_pack(owner: str, name: str) -> Response:
        admitted = _admit(github, owner, name, _RECEIVE, writes=True)
        body = request.stream.read()
        with github.lock:
            response = _receive(admitted, body)
            advance(github)
            return response

    return blueprint


def _admit(github: GitHub, owner: str, name: str, path: str, *, writes: bool) -> GitRequest:
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
    return GitRequest(repository, principal, path)


def _receive(admitted: GitRequest, body: bytes) -> Response:
    """Check a push against the rules, let git do it, and announce what changed."""
    plain = gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body
    commands = _read_commands(plain)
    refusal = _find_refusal(admitted, commands)
    if refusal is not None:
        return Response(
            refusal,
            content_type="application/x-git-receive-pack-result",
            headers={"Cache-Control": "no-cache"},
        )
    repository = admitted.repository
    before = _read_refs(repository)
    response = _run_backend(admitted, body)
    after = _read_refs(repository)
    changed = [
        RefUpdate(update.ref, before.get(update.ref, ZERO), after.get(update.ref, ZERO))
        for update in commands.updates
        if before.get(update.ref) != after.get(update.ref)
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


def _read_refs(repository: Repository) -> dict[str, str]:
    """Map the name of every ref to what it holds."""
    return {ref.name: ref.sha for ref in repository.git.refs("refs/")}


def _run_backend(admitted: GitRequest, body: bytes) -> Response:
    """Run git's CGI program and turn what it printed into an answer."""
    result = subprocess.run(
        ["git", "http-backend"],
        input=body,
        capture_output=True,
        env=_cgi_environment(admitted, len(body)),
        check=False,
    )
    head, _, content = result.stdout.partition(b"\r\n\r\n")
    if result.returncode != 0 or not head:
        return _refusal(500, "Internal Server Error")
    response = Response(content)
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "status":
            response.status = value
        else:
            response.headers[name] = value
    return response


def _cgi_environment(admitted: GitRequest, length: int) -> dict[str, str]:
    return {
        **isolated_git_environment(),
        "GIT_PROJECT_ROOT": str(admitted.repository.git.path),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{admitted.path}",
        "QUERY_STRING": request.query_string.decode("latin-1"),
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(length),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": admitted.principal.account.login,
        "REMOTE_ADDR": request.remote_addr or "",
    }


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
            updates.append(RefUpdate(fields[2], fields[0], fields[1]))
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
    report += b"0000"
    if "side-band-64k" not in commands.capabilities:
        return report
    message = _packet(_MESSAGE + text.encode()) if text else b""
    return message + _packet(_DATA + report) + b"0000"


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
