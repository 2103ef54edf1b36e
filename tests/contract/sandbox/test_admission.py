"""Whom the sandbox answers: clients that call it by its own address, and no web page."""

import base64
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dist_sandbox.errors import AddressError
from dist_sandbox.server.admission import Admission, Origin, find_refused_body, is_token
from dist_sandbox.server.running import SandboxSettings, running
from support.sandbox.fixtures import Sandbox

Raw = Callable[..., int]
#: One address of each service, and a method that it answers.
PLACES = {
    "GitHub": ("GET", "/api/v3/meta"),
    "GraphQL": ("POST", "/api/graphql"),
    "uploads": ("POST", "/api/uploads/repos/eigenoid/eigenoid-sample/releases/1/assets?name=a"),
    "git": ("GET", "/eigenoid/eigenoid-sample.git/info/refs?service=git-upload-pack"),
    "ID tokens": ("GET", "/oidc/.well-known/openid-configuration"),
    "token exchange": ("POST", "/sts/v1/token"),
    "OAuth": ("POST", "/oauth2/token"),
    "impersonation": ("POST", "/iam-credentials/v1/projects/-/serviceAccounts/a:signJwt"),
    "Artifact Registry": ("GET", "/artifact-registry/us-central1/eigenoid-dev/python/simple/"),
    "its API": ("GET", "/artifact-registry-api/v1/projects/eigenoid-dev"),
    "PyPI": ("GET", "/pypi/simple/"),
    "TestPyPI": ("POST", "/testpypi/legacy/"),
    "a private index": ("POST", "/private-index/"),
    "Sigstore": ("GET", "/sigstore/trust-config.json"),
    "Fulcio": ("POST", "/api/v2/signingCert"),
    "the runner": ("GET", "/_runner/artifacts/1"),
    "control": ("POST", "/_sandbox/users"),
    "nothing": ("GET", "/none/such/place"),
}  # fmt: skip


@pytest.fixture
def send_raw(sandbox: Sandbox) -> Raw:
    """Send a request byte by byte as given, with PORT in it replaced; returns the status."""
    return _sender(sandbox.world.addresses.base)


def _sender(base: str) -> Raw:
    port = urlsplit(base).port

    def send(line: str, *headers: str, body: str = "") -> int:
        lines = [
            line,
            "User-Agent: test",
            *headers,
            *([f"Content-Length: {len(body)}"] if body else []),
        ]
        text = "\r\n".join([*lines, "", body]).replace("PORT", str(port))
        with socket.create_connection(("127.0.0.1", port or 0), timeout=10) as connection:
            connection.sendall(text.encode("latin-1"))
            answer = b""
            while chunk := connection.recv(1 << 16):
                answer += chunk
        return int(answer.split(b" ", 2)[1])

    return send


@pytest.mark.parametrize("name", PLACES)
def test_no_service_answers_a_web_page(send_raw: Raw, name: str) -> None:
    method, path = PLACES[name]
    line, own = f"{method} {path} HTTP/1.1", "Host: 127.0.0.1:PORT"
    assert send_raw(line, "Host: rebound.example:PORT") == 421
    assert send_raw(line, own, "Origin: https://example.com") == 403
    assert send_raw(line, own, "Sec-Fetch-Site: cross-site") == 403
    assert send_raw(line, own) != 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Host: 127.0.0.1:PORT"], 200),
        (["Host: localhost:PORT"], 200),
        (["Host: LocalHost:PORT"], 200),
        (["Host: [::1]:PORT"], 200),
        (["Host: [0:0:0:0:0:0:0:1]:PORT"], 200),
        ([], 400),
        (["Host:"], 400),
        (["Host: 127.0.0.1"], 421),
        (["Host: 127.0.0.1:1"], 421),
        (["Host: 127.0.0.1:PORT1"], 421),
        (["Host: 127.0.0.1:PORT:PORT"], 421),
        (["Host: localhost.:PORT"], 421),
        (["Host: localhost.evil.example:PORT"], 421),
        (["Host: evil.localhost:PORT"], 421),
        (["Host: 127.0.0.1.evil.example:PORT"], 421),
        (["Host: evil.example"], 421),
        (["Host: user@127.0.0.1:PORT"], 421),
        (["Host: 127.0.0.1:PORT@evil.example"], 421),
        (["Host: 127.0.0.1:PORT/evil.example"], 421),
        (["Host: 127.1:PORT"], 421),
        (["Host: 2130706433:PORT"], 421),
        (["Host: 0.0.0.0:PORT"], 421),
        (["Host: [::ffff:127.0.0.1]:PORT"], 421),
        (["Host: [::1%25lo]:PORT"], 421),
        (["Host: [::]:PORT"], 421),
        (["Host: ::1:PORT"], 421),
        (["Host: 127.0.0.1:PORT", "Host: evil.example:PORT"], 421),
        (["Host: evil.example:PORT", "Host: 127.0.0.1:PORT"], 421),
        (["Host: 127.0.0.1:PORT", "Host: 127.0.0.1:PORT"], 421),
        (["Host: evil.example:PORT", "X-Forwarded-Host: 127.0.0.1:PORT"], 421),
        (["Host: evil.example:PORT", "Forwarded: host=127.0.0.1:PORT"], 421),
    ],
    ids=lambda value: " + ".join(value) if isinstance(value, list) else str(value),
)
def test_only_loopback_names_with_the_port_are_answered(
    send_raw: Raw, headers: list[str], status: int
) -> None:
    assert send_raw("GET /api/v3/meta HTTP/1.1", *headers) == status


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /api/v3/meta HTTP/1.0", 400),
        ("GET http://evil.example:PORT/api/v3/meta HTTP/1.1", 400),
        ("GET http://127.0.0.1:PORT/api/v3/meta HTTP/1.1", 400),
        ("OPTIONS * HTTP/1.1", 400),
        ("CONNECT evil.example:443 HTTP/1.1", 400),
    ],
)
def test_other_forms_of_a_target_are_refused(send_raw: Raw, line: str, status: int) -> None:
    headers = [] if line.endswith("1.0") else ["Host: 127.0.0.1:PORT"]
    assert send_raw(line, *headers) == status


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Origin: http://127.0.0.1:PORT", 200),
        ("Origin: http://localhost:PORT", 200),
        ("Origin: null", 403),
        ("Origin:", 403),
        ("Origin: http://127.0.0.1", 403),
        ("Origin: http://localhost:1", 403),
        ("Origin: https://127.0.0.1:PORT", 403),
        ("Origin: http://localhost.evil.example:PORT", 403),
        ("Origin: http://127.0.0.1:PORT.evil.example", 403),
        ("Origin: http://127.0.0.1:PORT http://evil.example", 403),
        ("Origin: file://", 403),
        ("Sec-Fetch-Site: none", 200),
        ("Sec-Fetch-Site: same-origin", 200),
        ("Sec-Fetch-Site: same-site", 403),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Sec-Fetch-Site: something-new", 403),
    ],
)
def test_a_page_of_another_origin_is_refused(send_raw: Raw, header: str, status: int) -> None:
    assert send_raw("GET /api/v3/meta HTTP/1.1", "Host: 127.0.0.1:PORT", header) == status


def test_a_preflight_gets_no_permission(sandbox: Sandbox) -> None:
    asked = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    answer = sandbox.request("OPTIONS", f"{sandbox.api}/git/refs", headers=asked)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""]
)
def test_what_a_form_can_send_changes_nothing(tmp_path: Path, kept_keys: Path, kind: str) -> None:
    shutil.copytree(kept_keys, tmp_path / "state")
    with running(SandboxSettings(state=tmp_path / "state")) as world:
        repository, user = world.github.repository, world.github.users[0]
        before = repository.git.git("for-each-ref")
        commit = repository.git.resolve_commit("dev")
        headers = ["Host: 127.0.0.1:PORT", f"Authorization: Bearer {user.token}"]
        line = f"POST /api/v3/repos/{repository.full_name}/git/refs HTTP/1.1"
        send, body = _sender(world.addresses.base), f'{{"ref": "refs/tags/v1", "sha": "{commit}"}}'
        assert send(line, *headers, *_typed(kind), body=body) == 415
        assert repository.git.git("for-each-ref") == before
        assert send(line, *headers, *_typed("application/json"), body=body) == 201


def _typed(kind: str) -> list[str]:
    return [f"Content-Type: {kind}"] if kind else []


@pytest.mark.parametrize(
    ("path", "kind", "read"),
    [
        ("/sts/v1/token", "application/x-www-form-urlencoded", True),
        ("/sts/v1/token", "multipart/form-data; boundary=x", False),
        ("/pypi/legacy/", "multipart/form-data; boundary=x", True),
        ("/pypi/legacy/", "text/plain", False),
        ("/api/uploads/repos/a/b/releases/1/assets", "application/zip", True),
        ("/api/uploads/repos/a/b/releases/1/assets", "text/plain", False),
        ("/a/b.git/git-receive-pack", "application/x-git-receive-pack-request", True),
        ("/a/b.git/git-receive-pack", "text/plain", False),
        ("/a/b.git/git-receive-pack/x", "application/x-git-receive-pack-request", False),
        ("/a-new-service/", "application/vnd.new+json; charset=utf-8", True),
        ("/a-new-service/", "application/octet-stream", False),
        ("/_sandbox/users", "application/x-www-form-urlencoded", False),
        ("/a/sts/v1/token", "application/x-www-form-urlencoded", False),
    ],
)
def test_each_protocol_has_its_own_content_type(path: str, kind: str, read: bool) -> None:
    assert (find_refused_body("POST", path, kind, body=True) is None) is read


def test_control_wants_the_token_of_the_ready_file(sandbox: Sandbox) -> None:
    token = sandbox.world.control_token
    assert sandbox.ready["control_token"] == token
    url = f"{sandbox.world.addresses.control}/requests"
    wrong = ["", "x", token[:-1], f"{token}x", token.swapcase(), "\xe4", sandbox.user_token]
    headers = [f"Bearer {value}" for value in wrong] + [token, "Bearer"]
    headers.append(f"Basic {base64.b64encode(f'x:{token}'.encode()).decode()}")
    for header in headers:
        answer = sandbox.request("GET", url, headers={"Authorization": header.encode("latin-1")})
        assert answer.status_code == 401, header
    assert sandbox.request("GET", url).status_code == 401
    assert sandbox.request("GET", url, token=token).status_code == 200
    doubled = url.replace("/_sandbox", "//_sandbox")
    encoded = url.replace("_sandbox", "%5Fsandbox")
    for other in (doubled, encoded, f"{sandbox.world.addresses.control}", f"{url}/"):
        assert sandbox.request("GET", other).status_code == 401, other


def test_no_token_opens_a_sandbox_without_one() -> None:
    assert not is_token("Bearer ", "")
    assert not is_token("", "")


def test_each_start_has_its_own_token(sandbox: Sandbox, tmp_path: Path) -> None:
    with running(SandboxSettings(state=tmp_path / "other")) as world:
        assert world.control_token != sandbox.world.control_token
        assert len(world.control_token) > 40


@pytest.mark.parametrize(
    ("public_url", "host", "answered"),
    [
        ("http://sandbox:8080", "sandbox:8080", True),
        ("http://sandbox:8080", "127.0.0.1:99", True),
        ("http://sandbox:8080", "sandbox:99", False),
        ("http://sandbox:8080", "sandbox", False),
        ("http://sandbox", "sandbox", True),
        ("https://sandbox.internal", "sandbox.internal", True),
        ("", "sandbox", False),
    ],
)
def test_another_name_is_answered_where_it_was_given_at_the_start(
    public_url: str, host: str, answered: bool
) -> None:
    admission = Admission.of_listener(99, public_url=public_url)
    assert (admission.find_refusal("/", {"host": host}) is None) is answered


@pytest.mark.parametrize(
    "address", ["sandbox", "sandbox:8080", "*", "http://*", "http://a b", "ftp://a"]
)
def test_a_public_address_that_is_none_stops_the_start(tmp_path: Path, address: str) -> None:
    assert Origin.parse(address) is None
    settings = SandboxSettings(state=tmp_path / "state", public_url=address)
    with pytest.raises(AddressError), running(settings):
        pass
