"""What is not meant for the sandbox gets no answer of a service, and is in the log."""

import contextlib
import os
import ssl
import time

import pytest

from support.sandbox.gateway import gateway_sandbox


def get(host, path="/", method="GET", *headers):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "User-Agent: test", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


_TUNNELS = {
    "IP address": "1.1.1.1:443",
    "IPv6 address": "[::1]:443",
    "number": "2130706433:443",
    "another port": "api.github.com:22",
    "no port": "api.github.com",
    "single label": "metadata:80",
    "odd name": "a_b!c.example:443",
    "name without end": f"{'a' * 3000}.example:443",
}


@pytest.mark.parametrize("target", _TUNNELS.values(), ids=_TUNNELS.keys())
def test_no_tunnel_is_opened(behind, target):
    answer = behind.send(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 403 "), answer[:200]
    assert (behind.last().method, behind.last().outcome) == ("CONNECT", "refused")
    assert behind.last().reason


_REQUESTS = {
    "unknown host": (403, "example.com", get("example.com")),
    "cloud metadata": (403, "metadata.google.internal", get("metadata.google.internal")),
    "Host of another": (421, "example.com", get("api.github.com", "/meta")),
    "another port in Host": (403, "api.github.com", get("api.github.com:8443", "/meta")),
    "whole address of another": (421, "pypi.test", get("pypi.test", "https://api.github.com/meta")),
    "two hosts": (421, "api.github.com", get("api.github.com", "/meta", "GET", "Host: x.example")),
    "two ends": (
        400,
        "api.github.com",
        get("api.github.com", "/", "POST", "Content-Length: 3", "Transfer-Encoding: chunked"),
    ),
    "odd coding": (
        400,
        "api.github.com",
        get("api.github.com", "/", "POST", "Transfer-Encoding: xchunked"),
    ),
    "two lengths": (
        400,
        "api.github.com",
        get("api.github.com", "/", "POST", "Content-Length: 3", "Content-Length: 4"),
    ),
    "control interface": (501, "github.com", get("github.com", "/_sandbox/requests")),
    "control interface below": (
        501,
        "api.github.com",
        get("api.github.com", "/../../_sandbox/requests"),
    ),
    "another repository": (501, "github.com", get("github.com", "/pypa/build/info/refs")),
    "another repository's API": (501, "api.github.com", get("api.github.com", "/repos/pypa/build")),
    "unknown operation": (501, "api.github.com", get("api.github.com", "/no/such/thing")),
    "unknown page": (501, "github.com", get("github.com", "/features")),
    "tunnel in a tunnel": (
        403,
        "api.github.com",
        b"CONNECT api.github.com:443 HTTP/1.1\r\nHost: api.github.com\r\n\r\n",
    ),
}


@pytest.mark.parametrize(("status", "host", "data"), _REQUESTS.values(), ids=_REQUESTS.keys())
def test_a_request_is_refused(behind, status, host, data):
    answer = behind.send_tls(host, data, tunnel=f"{host}:443")
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:300]
    outcome = "not simulated" if status == 501 else "refused"
    assert (behind.last().status, behind.last().outcome) == (status, outcome)


def test_no_more_headers_than_a_client_needs(behind):
    headers = [f"X-{number}: 1" for number in range(10_000)]
    data = get("api.github.com", "/", "GET", *headers)
    # The answer may come, and the connection end, while the client still sends.
    with contextlib.suppress(OSError):
        behind.send_tls("api.github.com", data, tunnel="api.github.com:443")
    assert (behind.last().status, behind.last().outcome) == (431, "refused")


@pytest.mark.parametrize(
    ("name", "tunnel"),
    [(None, ""), ("example.com", "api.github.com:443")],
    ids=["no name", "another name than the tunnel's"],
)
def test_a_handshake_is_refused(behind, name, tunnel):
    before = len(behind.gateway.log.list())
    if name is None:
        context = ssl._create_unverified_context()
        with behind.connect(at_socket=True) as connection, pytest.raises(ssl.SSLError):
            context.wrap_socket(connection)
    else:
        with pytest.raises(ssl.SSLError):
            behind.send_tls(name, get(name), tunnel=tunnel)
    end = time.monotonic() + 30
    while len(behind.gateway.log.list()) == before and time.monotonic() < end:
        os.sched_yield()  # the client knows of the refusal before it is logged
    assert (behind.last().method, behind.last().outcome) == ("TLS", "refused")


def test_a_client_that_ignores_proxies_is_answered_by_name(behind):
    answer = behind.send_tls("api.github.com", get("api.github.com", "/meta"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    moved = behind.send(get("github.com", "/eigenoid/x"), at_socket=True)
    assert moved.startswith(b"HTTP/1.1 301 ")
    assert b"Location: https://github.com/eigenoid/x" in moved


def test_an_allowed_host_is_read_and_not_written(tmp_path):
    with gateway_sandbox(tmp_path, allowed_hosts=("files.test",)) as behind:
        written = behind.send(get("files.test", "/x", "PUT"), at_socket=True)
        read = behind.send(get("files.test", "/x"), at_socket=True)
    assert written.startswith(b"HTTP/1.1 403 ")
    # Nobody has this name: that the gateway tried to reach it is what matters.
    assert read.startswith(b"HTTP/1.1 502 ")
