"""What an index holds is found out from whatever tells it, and decides what is uploaded where."""

from pathlib import Path
from typing import Any

import pytest

from support.distributions.builders import write_release
from support.publishing.job import PAGE, PYPI_UPLOAD, UPLOAD, PublishingJob, is_upload
from support.sandbox.private_index import PrivateIndex, private_index
from support.stages.running import StageResult

BOTH = {"index": "artifact-registry\npypi"}
FILES_API, DOWNLOAD = "/files", "/packages/"


def set_repository(publisher: PublishingJob, **settings: Any) -> None:
    publisher.sandbox.control("PATCH", "google/repositories/dev", settings)


def asked(result: StageResult) -> set[str]:
    """Where a run looked for digests beside the page."""
    paths = [one.path for one in result.requests]
    return {part for part in (FILES_API, DOWNLOAD) if any(part in path for path in paths)}


SILENT = {"shows_hashes": False}
SOURCES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "fragments of an HTML page": ({"page_formats": ["html"]}, set()),
    "a JSON page": ({"page_formats": ["json"]}, set()),
    "the files API": (SILENT, {FILES_API}),
    "the files API, beside a JSON page": ({**SILENT, "page_formats": ["json"]}, {FILES_API}),
    "the file, where the API refuses": ({**SILENT, "files_api": "refused"}, {FILES_API, DOWNLOAD}),
    "the file, where the API is off": ({**SILENT, "files_api": "disabled"}, {FILES_API, DOWNLOAD}),
}


@pytest.mark.parametrize("source", list(SOURCES))
def test_equal_and_other_bytes_are_told_apart_by(publisher: PublishingJob, source: str) -> None:
    settings, looked = SOURCES[source]
    set_repository(publisher, **settings)
    assert publisher().exit_status == 0
    again = publisher()
    assert (again.exit_status, again.changes, again.outputs["uploaded"]) == (0, (), "0")
    assert asked(again) == looked
    write_release(publisher.dist, content="another build")
    other = publisher()
    assert (other.exit_status, other.changes) == (1, ())
    assert "holds other bytes under the same name" in other.annotation.message


def test_bytes_that_nothing_tells_are_refused(publisher: PublishingJob) -> None:
    assert publisher().exit_status == 0
    set_repository(publisher, shows_hashes=False, files_api="refused")
    publisher.fault(path=DOWNLOAD, status=403, times=9)
    result = publisher()
    assert (result.exit_status, result.changes) == (1, ())
    assert "nothing tells with which bytes" in result.annotation.message
    assert "#unknown-bytes" in result.annotation.message


def test_a_silent_index_of_another_kind_is_read_file_by_file(
    publisher: PublishingJob, tmp_path: Path
) -> None:
    with private_index(tmp_path / "silent", shows_hashes=False) as silent:
        assert publisher(silent.inputs).exit_status == 0
        again = publisher(silent.inputs)
        assert (again.exit_status, again.outputs["uploaded"]) == (0, "0")
        write_release(publisher.dist, content="another build")
        assert "holds other bytes" in publisher(silent.inputs).annotation.message


def test_a_duplicate_of_equal_bytes_is_taken_for_done(publisher: PublishingJob) -> None:
    assert publisher(BOTH).exit_status == 0
    publisher.fault(path=f"artifact-registry/.*{PAGE}", status=404)
    publisher.fault(path=f"pypi{PAGE}", status=404)
    result = publisher(BOTH)
    assert (result.exit_status, result.changes) == (0, ()), result.log


@pytest.mark.parametrize("index", ["artifact-registry", "pypi"])
def test_a_duplicate_of_other_bytes_is_refused(publisher: PublishingJob, index: str) -> None:
    assert publisher({"index": index}).exit_status == 0
    write_release(publisher.dist, content="another build")
    publisher.fault(path=f"{index}.*{PAGE}", status=404)
    result = publisher({"index": index})
    assert (result.exit_status, result.changes) == (1, ())
    assert "holds other bytes under the same name" in result.annotation.message


def conflict(publisher: PublishingJob) -> None:
    """Another build of the same version on PyPI."""
    ours = publisher.at_hand()
    write_release(publisher.dist, content="another build")
    assert publisher({"index": "pypi"}).exit_status == 0
    for name, data in ours.items():
        (publisher.dist / name).write_bytes(data)


def unreadable(publisher: PublishingJob) -> None:
    publisher.fault(path=f"^/pypi{PAGE}", status=403, times=9)


def cut_json(publisher: PublishingJob) -> None:
    headers = {"content-type": "application/vnd.pypi.simple.v1+json"}
    publisher.fault(
        path=f"^/pypi{PAGE}", status=200, times=2, headers=headers, body='{"files": [{"fi'
    )


def deep_json(publisher: PublishingJob) -> None:
    headers = {"content-type": "application/json"}
    publisher.fault(path=f"^/pypi{PAGE}", status=200, times=2, headers=headers, body="[" * 200_000)


def web_page(publisher: PublishingJob) -> None:
    body = "<!DOCTYPE html><title>Sign in</title><form action=/login><input name=u></form>"
    publisher.fault(
        path=f"^/pypi{PAGE}", status=200, times=2, headers={"content-type": "text/html"}, body=body
    )


def picture(publisher: PublishingJob) -> None:
    publisher.fault(
        path=f"^/pypi{PAGE}", status=200, times=2, headers={"content-type": "image/png"}
    )


def no_publisher(publisher: PublishingJob) -> None:
    publisher.sandbox.control("PUT", "pypi/pypi/publishers", {"publishers": []})


def no_minting(publisher: PublishingJob) -> None:
    publisher.sandbox.control("PATCH", "pypi/pypi/settings", {"trusted_publishing": False})


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (conflict, "PyPI holds eigenoid_sample-0.1.0"),
        (unreadable, "cannot be read: HTTP 403"),
        (cut_json, "cannot be read"),
        (deep_json, "cannot be read"),
        (web_page, "a web page with a form"),
        (picture, "its content type is image/png"),
        (no_publisher, "PyPI gave no upload token: invalid-publisher"),
        (no_minting, "PyPI gave no upload token"),
    ],
)
def test_nothing_is_uploaded_to_the_first_index_where_the_second_refuses(
    publisher: PublishingJob, prepare: Any, said: str
) -> None:
    prepare(publisher)
    result = publisher(BOTH)
    assert (result.exit_status, result.changes) == (1, ()), result.log
    assert publisher.indexed() == {}
    assert said in result.annotation.message


def only_reader(publisher: PublishingJob) -> None:
    account = f"serviceAccount:{publisher.environment.service_account}"
    set_repository(publisher, bindings={"roles/artifactregistry.reader": [account]})


def nobody(publisher: PublishingJob) -> None:
    set_repository(publisher, bindings={})


def no_repository(publisher: PublishingJob) -> None:
    publisher.sandbox.control("DELETE", "google/repositories/dev")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (only_reader, "may not upload to Artifact Registry"),
        (nobody, "cannot be read: HTTP 403"),
        (no_repository, "may not upload to Artifact Registry"),
    ],
)
def test_nothing_is_uploaded_to_pypi_where_artifact_registry_refuses_afterwards(
    publisher: PublishingJob, prepare: Any, said: str
) -> None:
    prepare(publisher)
    result = publisher({"index": "pypi\nartifact-registry"})
    assert result.exit_status == 1, result.log
    assert publisher.on("pypi") == {}
    assert [one for one in result.requests if is_upload(one)] == []
    assert said in result.annotation.message


def test_nothing_is_uploaded_to_pypi_where_the_address_refuses_the_password(
    publisher: PublishingJob, private: PrivateIndex
) -> None:
    given = {**private.inputs, "index": f"pypi\n{private.url}", "password": "of-nobody-at-all"}
    result = publisher(given)
    assert result.exit_status == 1
    assert publisher.on("pypi") == {}


def test_an_identical_rerun_asks_each_index_once(publisher: PublishingJob) -> None:
    """The other requests are GitHub's ID token and Google's two steps to an access token."""
    given = {"index": "artifact-registry\npypi\ntestpypi"}
    assert publisher(given).exit_status == 0
    again = publisher(given)
    assert (again.exit_status, again.changes, again.outputs["uploaded"]) == (0, (), "0")
    ours = [one.path.split("/")[1] for one in again.requests if "/.well-known" not in one.path]
    assert ours == [
        "oidc",
        "sts",
        "iam-credentials",
        "artifact-registry",
        "pypi",
        "testpypi",
    ]


def test_one_file_of_several_is_missing_in_each_index(publisher: PublishingJob) -> None:
    publisher.fault(path=UPLOAD, status=403, skip=1)
    assert publisher().exit_status == 1
    publisher.fault(path=PYPI_UPLOAD, status=403)
    assert publisher({"index": "pypi"}).exit_status == 1
    result = publisher(BOTH)
    assert (result.exit_status, result.outputs["uploaded"]) == (0, "3")
    assert publisher.indexed() == publisher.on("pypi") == publisher.at_hand()
