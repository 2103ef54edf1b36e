"""What stands in the way of a service: a name, a port, a certificate, a proxy; each is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.closed_port import CLOSED_PORT
from support.publishing.job import POINTS, PublishingJob, SkippedTime
from support.sandbox.loopback_tls import Trust, make_trust, tunnel_to
from support.sandbox.private_index import PrivateIndex, private_index
from support.sandbox.raw_server import raw_server, say

CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
NO_BUNDLE = dict.fromkeys(CA_VARIABLES, "")


@pytest.fixture
def own_authority(tmp_path: Path) -> Trust:
    """A company's own certificate authority, and a server's certificate of it."""
    return make_trust(tmp_path / "tls")


@pytest.fixture
def secure_index(tmp_path: Path, own_authority: Trust) -> Iterator[PrivateIndex]:
    """The company's index, over https."""
    with private_index(tmp_path / "index", tls=own_authority.server) as index:
        yield index


def test_an_unknown_authority_is_told_at_once(
    publisher: PublishingJob, secure_index: PrivateIndex
) -> None:
    result = publisher(secure_index.inputs, environ=NO_BUNDLE)
    assert (result.exit_status, secure_index.files()) == (1, {})
    message = result.annotation.message
    host = secure_index.url.split("/")[2]
    assert f"The certificate of {host} is not accepted: unable to get local issuer" in message
    assert "set SSL_CERT_FILE" in message
    assert "next try" not in result.log


@pytest.mark.parametrize("variable", CA_VARIABLES)
def test_an_own_authority_is_trusted(
    publisher: PublishingJob, secure_index: PrivateIndex, own_authority: Trust, variable: str
) -> None:
    environ = {**NO_BUNDLE, variable: str(own_authority.authority)}
    result = publisher(secure_index.inputs, environ=environ)
    assert result.exit_status == 0, result.log
    assert secure_index.files() == publisher.at_hand()


def test_the_certificate_of_another_host_is_told(
    publisher: PublishingJob, secure_index: PrivateIndex, own_authority: Trust
) -> None:
    environ = {**NO_BUNDLE, "SSL_CERT_FILE": str(own_authority.authority)}
    elsewhere = {
        name: text.replace("//127.0.0.1:", "//localhost:")
        for name, text in secure_index.inputs.items()
    }
    result = publisher(elsewhere, environ=environ)
    assert result.exit_status == 1
    assert "Hostname mismatch" in result.annotation.message
    assert "Fix: correct the address" in result.annotation.message


@pytest.mark.parametrize("variable", CA_VARIABLES)
@pytest.mark.parametrize("content", ["", "no certificate\n", None])
def test_a_bundle_that_cannot_be_used_is_a_bad_input(
    publisher: PublishingJob, tmp_path: Path, variable: str, content: str | None
) -> None:
    bundle = tmp_path / "authorities.pem"
    if content is not None:
        bundle.write_text(content, encoding="ascii")
    result = publisher(environ={**NO_BUNDLE, variable: str(bundle)})
    assert (result.exit_status, result.requests) == (2, ())
    problem = "holds no certificate" if content is not None else "is not there"
    assert result.annotation.message.startswith(f"{variable} is {str(bundle)!r}, which {problem}")


def test_plain_http_behind_an_https_address_is_told(
    publisher: PublishingJob, private: PrivateIndex
) -> None:
    wrong = {name: text.replace("http://", "https://") for name, text in private.inputs.items()}
    assert publisher.run_here(wrong) == 3
    assert f"no TLS with {private.url.split('/')[2]}" in publisher.log
    assert "the port is one of plain http" in publisher.log


MISSPELT = "https://indexx.example.invalid/"
CLOSED = f"http://{CLOSED_PORT}/"


@pytest.mark.parametrize("wrong", [{"index-url": MISSPELT}, {"index": MISSPELT}])
def test_a_host_that_is_not_found_is_told_soon(
    publisher: PublishingJob, private: PrivateIndex, wrong: dict[str, str]
) -> None:
    clock = SkippedTime(publisher.sandbox.world.clock)
    assert publisher.run_here({**private.inputs, **wrong}, clock) == 3
    assert "the host indexx.example.invalid is not found" in publisher.log
    assert "Fix: correct the address" in publisher.log.replace("%0A", "\n")
    assert clock.pauses == [5.0]
    assert private.files() == {}


@pytest.mark.parametrize(
    "wrong", [{"index-url": CLOSED}, {"index": CLOSED}], ids=["index-url", "index"]
)
def test_a_port_that_is_closed_is_told(
    publisher: PublishingJob, private: PrivateIndex, wrong: dict[str, str]
) -> None:
    assert publisher.run_here({**private.inputs, **wrong}) == 3
    assert f"{CLOSED_PORT} refuses connections" in publisher.log
    assert "nothing listens at this port" in publisher.log


@pytest.mark.parametrize("point", list(POINTS))
def test_a_proxy_that_wants_a_password_is_told(publisher: PublishingJob, point: str) -> None:
    publisher.fault(path=POINTS[point], status=407, times=99)
    clock = SkippedTime(publisher.sandbox.world.clock)
    assert publisher.run_here({"index": "artifact-registry\npypi"}, clock) == 1
    assert "wants a password (HTTP 407)" in publisher.log
    assert clock.pauses == []


@pytest.mark.parametrize(
    ("answer", "exit_status", "said"),
    [
        ("407 Proxy Authentication Required", 1, "wants a password (HTTP 407)"),
        ("403 Forbidden", 1, "A proxy refuses the way to 127.0.0.1:"),
        ("502 Bad Gateway", 3, "the proxy on the way to 127.0.0.1:"),
    ],
)
def test_a_tunnel_that_a_proxy_refuses_is_told(
    publisher: PublishingJob,
    secure_index: PrivateIndex,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    exit_status: int,
    said: str,
) -> None:
    with raw_server(say(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())) as proxy:
        use_proxy(monkeypatch, proxy)
        assert publisher.run_here(secure_index.inputs) == exit_status
    assert said in publisher.log


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        (f"http://{CLOSED_PORT}", f"{CLOSED_PORT} of the proxy refuses connections"),
        ("http://us:secret@proxyy.invalid:80", "the host proxyy.invalid of the proxy is not found"),
    ],
    ids=["closed port", "no such host"],
)
def test_a_proxy_that_is_not_there_is_told(
    publisher: PublishingJob,
    secure_index: PrivateIndex,
    monkeypatch: pytest.MonkeyPatch,
    proxy: str,
    said: str,
) -> None:
    use_proxy(monkeypatch, proxy)
    assert publisher.run_here(secure_index.inputs) == 3
    assert said in publisher.log


def test_a_proxy_is_no_obstacle_by_itself(
    publisher: PublishingJob,
    secure_index: PrivateIndex,
    own_authority: Trust,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(own_authority.authority))
    with tunnel_to(int(secure_index.url.split(":")[2].strip("/"))) as proxy:
        use_proxy(monkeypatch, proxy)
        assert publisher.run_here(secure_index.inputs) == 0, publisher.log


def use_proxy(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("NO_PROXY", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
