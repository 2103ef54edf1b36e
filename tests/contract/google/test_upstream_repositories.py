"""Remote repositories mirror another index, virtual ones gather several; neither takes uploads."""

import hashlib

import pytest

UNKNOWN = "http://127.0.0.1:9/simple/"


def _make(caller, name, **more):
    return caller.control("PUT", f"google/repositories/dev/{name}", more)


def _shown(caller, made, project):
    """File names and addresses on the project's page."""
    answer = caller.read(f"{made['index_url']}{project}/", caller.sandbox_token("reader"))
    assert answer.ok, answer.text
    links = [one.partition('"')[0] for one in answer.text.split('href="')[1:]]
    return {one.partition("#")[0].rpartition("/")[2]: one for one in links}


@pytest.fixture
def team(caller, make_wheel):
    """A further standard repository, which holds `mixed` 1.0 and 2.0."""
    made = _make(caller, "team")
    for version in ("1.0", "2.0"):
        file = make_wheel("mixed", version, content="team = True\n")
        answer = caller.upload(file, caller.sandbox_token("writer"), made["upload_url"])
        assert answer.ok or "already exists" in answer.text
    return made


@pytest.mark.parametrize("mode", ["virtual", "remote"])
def test_upload_is_refused(caller, make_wheel, mode):
    more = {"upstreams": {}} if mode == "virtual" else {"remote_url": UNKNOWN}
    made = _make(caller, f"no-uploads-{mode}", mode=mode, **more)
    file = make_wheel("unwanted", "1.0")
    answer = caller.upload(file, caller.sandbox_token("writer"), made["upload_url"])
    assert answer.status_code == 400
    assert answer.text == f"Unsupported operation: cannot upload to a {mode} repository."


@pytest.mark.parametrize(("priority", "content"), [(20, "own"), (5, "team")])
def test_virtual_repository_takes_a_version_by_priority(
    caller, make_wheel, team, priority, content
):
    writer = caller.sandbox_token("writer")
    own = make_wheel("mixed", "1.0", content="own = True\n")
    answer = caller.upload(own, writer)
    assert answer.ok or "already exists" in answer.text
    made = _make(caller, "all", mode="virtual", upstreams={"eigenoid-python": priority, "team": 10})
    shown = _shown(caller, made, "mixed")
    assert sorted(shown) == [f"mixed-{one}-py3-none-any.whl" for one in ("1.0", "2.0")]
    address = shown["mixed-1.0-py3-none-any.whl"]
    read = caller.read(f"{caller.base}{address}", caller.sandbox_token("reader"))
    assert hashlib.sha256(read.content).hexdigest() == address.partition("#sha256=")[2]
    assert (hashlib.sha256(own.read_bytes()).digest() == hashlib.sha256(read.content).digest()) is (
        content == "own"
    )


def test_virtual_repository_without_the_project(caller, team):
    made = _make(caller, "all", mode="virtual", upstreams={"team": 1, "gone": 2})
    answer = caller.read(f"{made['index_url']}nothing/", caller.sandbox_token("reader"))
    assert answer.status_code == 404


def test_remote_repository_serves_another_index(caller, make_wheel, public_index):
    made = _make(caller, "mirror", mode="remote", remote_url=public_index.url)
    shown = _shown(caller, made, "public")
    assert list(shown) == [public_index.file.name]
    reader = caller.sandbox_token("reader")
    address = next(iter(shown.values()))
    assert caller.read(f"{caller.base}{address}", reader).content == public_index.file.read_bytes()
    public_index.stop()
    read = caller.read(f"{caller.base}{address}", reader)
    assert read.content == public_index.file.read_bytes(), "it was kept"


def test_remote_repository_without_its_upstream(caller):
    made = _make(caller, "mirror", mode="remote", remote_url=UNKNOWN)
    answer = caller.read(f"{made['index_url']}public/", caller.sandbox_token("reader"))
    assert answer.status_code == 502
    assert "external repository" in answer.text


def test_virtual_repository_shows_public_versions_beside_private_ones(
    caller, make_wheel, public_index
):
    """Priority decides about a version that both have, not which versions are shown."""
    own = make_wheel("public", "1.0")
    answer = caller.upload(own, caller.sandbox_token("writer"))
    assert answer.ok or "already exists" in answer.text
    _make(caller, "mirror", mode="remote", remote_url=public_index.url)
    made = _make(caller, "all", mode="virtual", upstreams={"eigenoid-python": 100, "mirror": 1})
    assert sorted(_shown(caller, made, "public")) == sorted([own.name, public_index.file.name])


@pytest.mark.parametrize(
    "more",
    [
        {"mode": "other"},
        {"mode": "remote"},
        {"mode": "remote", "remote_url": "no-slash"},
        {"mode": "virtual", "upstreams": ["team"]},
    ],
)
def test_unusable_repository_is_refused(caller, more):
    answer = caller.send("PUT", "/_sandbox/google/repositories/dev/odd", json=more)
    assert answer.status_code == 400
