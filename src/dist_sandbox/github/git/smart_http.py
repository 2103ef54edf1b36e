"""Clone and push over HTTP, by git's own `git http-backend` behind GitHub's checks.

Spec: https://git-scm.com/docs/http-protocol
"""

import gzip
import subprocess
from dataclasses import dataclass

from flask import Blueprint, Response, request

from dist_sandbox.github.access.authentication import authenticate
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.bare_repository import ZERO, isolated_git_environment
from dist_sandbox.github.git.push_commands import (
    PushCommands,
    describe_violations,
    read_commands,
    reason_of_refusal,
    refuse,
)
from dist_sandbox.github.git.ref_changes import (
    RefUpdate,
    announce,
    find_forbidden_workflow,
    violations,
)
from dist_sandbox.github.pull_requests.auto_merge import advance
from dist_sandbox.github.rest.errors import GitHubError
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.server.request_notes import note_change, note_principal

_UPLOAD, _RECEIVE = "git-upload-pack", "git-receive-pack"


@dataclass(frozen=True)
class GitRequest:
    """A git client's request that was admitted."""

    repository: Repository
    principal: Principal
    path: str


def create_blueprint(github: GitHub) -> Blueprint:
    """Serve clone and push at `/OWNER/NAME.git` and, as on GitHub, without `.git` too."""
    blueprint = Blueprint("git", __name__)

    @blueprint.get("/<owner>/<name>/info/refs")
    def advertise(owner: str, name: str) -> Response:
        service = request.args.get("service", "")
        admitted = _admit(github, owner, name, "info/refs", writes=service == _RECEIVE)
        return admitted if isinstance(admitted, Response) else _run_backend(admitted, b"")

    @blueprint.post(f"/<owner>/<name>/{_UPLOAD}")
    def upload_pack(owner: str, name: str) -> Response:
        admitted = _admit(github, owner, name, _UPLOAD, writes=False)
        if isinstance(admitted, Response):
            return admitted
        return _run_backend(admitted, request.stream.read())

    @blueprint.post(f"/<owner>/<name>/{_RECEIVE}")
    def receive_pack(owner: str, name: str) -> Response:
        admitted = _admit(github, owner, name, _RECEIVE, writes=True)
        if isinstance(admitted, Response):
            return admitted
        body = request.stream.read()
        with github.lock:
            response = _receive(admitted, body)
            advance(github)
            return response

    return blueprint


def _admit(
    github: GitHub, owner: str, name: str, path: str, *, writes: bool
) -> GitRequest | Response:
    """Make the request, for a caller who may make it, or the refusal."""
    try:
        principal = authenticate(github, request.headers.get("Authorization", ""))
    except GitHubError as error:
        if error.status != 401:
            return _refusal(error.status, error.message)
        return _unauthorized(
            "Invalid username or token. Password authentication is not supported for Git "
            "operations."
        )
    if principal is None:
        return _unauthorized("Repository not found.")
    note_principal(request.environ, principal.name)
    repository = github.find_repository(owner, name.removesuffix(".git"))
    visible = repository is not None and principal.sees(repository.repository_id)
    if repository is None or not visible or not principal.may("contents", "read"):
        return _refusal(404, "Repository not found.")
    if writes and not principal.may("contents", "write"):
        login = principal.account.login
        return _refusal(403, f"Permission to {repository.full_name}.git denied to {login}.")
    return GitRequest(repository, principal, path)


def _receive(admitted: GitRequest, body: bytes) -> Response:
    """Check a push against the rules, let git do it, and announce what changed."""
    plain = gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body
    commands = read_commands(plain)
    refusal = _find_refusal(admitted, commands)
    if refusal is not None:
        return _git_response(refusal)
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
            return refuse(
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
    text = describe_violations(broken, repository.github.addresses.github_server)
    return refuse(commands, reason_of_refusal(broken.values()), text)


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


def _git_response(body: bytes) -> Response:
    return Response(
        body,
        content_type="application/x-git-receive-pack-result",
        headers={"Cache-Control": "no-cache"},
    )


def _unauthorized(message: str) -> Response:
    response = _refusal(401, message)
    response.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
    return response


def _refusal(status: int, message: str) -> Response:
    """Make a refusal whose text git shows after `remote:`."""
    return Response(f"{message}\n", status=status, content_type="text/plain; charset=utf-8")
