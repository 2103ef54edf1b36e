"""The control interface of both indexes."""

import pytest

from support.distributions.builders import PROJECT

START = {
    "project": PROJECT,
    "owner": "eigenoid",
    "owner_id": 200_100,
    "repository": "eigenoid-sample",
    "workflow": "release.yml",
    "environment": "",
    "pending": True,
}


def _send(index, method, path, body=None):
    return index.sandbox.ask_control(method, f"pypi/{path}", body)


def test_an_index_starts_with_a_pending_publisher_of_the_repository(pypi, testpypi):
    for index in (pypi, testpypi):
        assert index.control("GET")["publishers"] == [START]
        assert index.control("GET", "/projects") == []


def test_publishers_default_to_the_repository(pypi):
    made = pypi.set_publishers({"environment": "pypi"}, {"project": "Another.One"})
    assert made == [START | {"environment": "pypi"}, START | {"project": "another-one"}]


def test_pending_publishers_of_the_same_identity_are_refused_as_on_pypi(pypi, wheel):
    two = {"publishers": [{"project": "one"}, {"project": "two"}]}
    assert _send(pypi, "PUT", "pypi/publishers", two).status_code == 400
    assert pypi.upload(wheel(project="one"), pypi.token()).ok
    assert [one["pending"] for one in pypi.set_publishers(*two["publishers"])] == [False, True]


def test_projects_with_releases_and_files(pypi, wheel):
    assert pypi.upload(wheel(), pypi.token()).ok
    [project] = pypi.control("GET", "/projects")
    assert project["name"] == PROJECT
    assert list(project["releases"]) == ["0.1.0"]
    assert [file["filename"] for file in project["files"]] == [wheel().name]


def test_reset_puts_settings_and_publishers_back(pypi, wheel):
    pypi.set(stale_reads=3, trusted_publishing=False, prohibited_names=["x"])
    pypi.set_publishers()
    assert pypi.upload(wheel(), pypi.token()).ok
    pypi.control("POST", "/reset")
    shown = pypi.control("GET")
    assert shown["publishers"] == [START | {"pending": False}]
    assert (shown["settings"]["stale_reads"], shown["settings"]["trusted_publishing"]) == (0, True)
    assert shown["settings"]["prohibited_names"] == []
    assert pypi.filenames() == [wheel().name]


def test_reset_of_everything_forgets_names_and_tokens(pypi, wheel):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    pypi.control("DELETE", f"/files/{wheel().name}")
    pypi.control("POST", "/reset", {"everything": True})
    assert pypi.control("GET", "/projects") == []
    assert pypi.upload(wheel(), token).status_code == 403
    assert pypi.upload(wheel(), pypi.token()).ok


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "another", None, 404),
        ("DELETE", "pypi/files/unknown.whl", None, 404),
        ("DELETE", "pypi/projects/unknown", None, 404),
        ("PUT", "pypi/publishers", {"publishers": {}}, 400),
        ("PUT", "pypi/publishers", {"publishers": [1]}, 400),
        ("PUT", "pypi/publishers", {"publishers": [{"owner_id": "1"}]}, 400),
        ("PUT", "pypi/publishers", {"publishers": [{"pending": False}]}, 400),
        ("POST", "pypi/tokens", [], 400),
        ("POST", "pypi/tokens", {"project": 1}, 400),
        ("POST", "pypi/tokens", {"lifetime_seconds": "long"}, 400),
        ("PATCH", "pypi/settings", {"stale_reads": True}, 400),
        ("PATCH", "pypi/settings", {"stale_reads": -1}, 400),
        ("PATCH", "pypi/settings", {"uploads": 1}, 400),
        ("PATCH", "pypi/settings", {"prohibited_names": "x"}, 400),
        ("PATCH", "pypi/settings", {"another": 1}, 400),
    ],
)
def test_wrong_use_is_refused(pypi, method, path, body, status):
    assert _send(pypi, method, path, body).status_code == status
