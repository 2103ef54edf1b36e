"""Uploads that meet each other, or break off, leave the repository whole."""

import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from support.google.client import GoogleClient


def test_one_of_many_uploads_of_a_name_wins(caller, make_wheel):
    token = caller.sandbox_token("writer")
    file = make_wheel("raced", "1.0")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: _upload(caller, file, token), range(8)))
    assert sorted(statuses) == [200, *7 * [400]]
    page = caller.read(f"{caller.index_url()}raced/", token)
    assert page.text.count(f">{file.name}<") == 1


def _upload(caller, file, token):
    own = GoogleClient(caller.ready, type(caller.session)())
    with own.session:
        return own.upload(file, token).status_code


def test_upload_that_breaks_off_leaves_nothing(caller, make_wheel):
    token = caller.sandbox_token("writer")
    file = make_wheel("broken", "1.0", content=2_000_000 * "#")
    request = _prepared(caller, file, token)
    body = request.body
    address = urlsplit(caller.base)
    lines = [f"POST {request.path_url} HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body[: len(body) // 2])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(4096)
    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert caller.read(f"{caller.index_url()}broken/", token).status_code == 404
    assert caller.upload(file, token).ok


def _prepared(caller, file, token):
    """An upload as it would be sent."""
    sent = []

    class Keeping(type(caller.session)):
        def send(self, request, **options):
            sent.append(request)
            return super().send(request, **options)

    with Keeping() as session:
        session.trust_env = False
        wrong_place = caller.upload_url().replace("eigenoid-python", "nowhere")
        GoogleClient(caller.ready, session).upload(file, token, wrong_place)
    [request] = sent
    request.url = caller.upload_url()
    return request
