"""The phase `publish` brings a release to every kind of index, by the code of the root action."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.pypi.state import IndexName
from support.projects.releases import TaggedProject
from support.sandbox.private_index import private_index

NO_GOOGLE = {
    "workload-identity-provider": "",
    "service-account": "",
    "project-id": "",
    "location": "",
    "repository": "",
}


def on(project: TaggedProject, name: IndexName) -> dict[str, bytes]:
    """The files in PyPI or TestPyPI."""
    index = project.sandbox.world.pypi[name]
    names = [file for one in index.projects.values() for file in one.files]
    return {name: (index.folder / name).read_bytes() for name in names}


def require_released(project: TaggedProject) -> None:
    release = project.release()
    assert not release.draft
    assert {asset.name for asset in release.assets} > set(project.built())


def trusted(_: TaggedProject) -> dict[str, str]:
    return {**NO_GOOGLE, "index": "pypi"}


def by_token(project: TaggedProject) -> dict[str, str]:
    made = project.sandbox.control("POST", "pypi/pypi/tokens", {"project": None})
    return {**NO_GOOGLE, "index": "pypi", "password": made["token"]}


@pytest.mark.parametrize("way", [trusted, by_token])
def test_a_release_goes_to_pypi(tagged: TaggedProject, way: Any) -> None:
    result = tagged.publish(way(tagged))
    assert result.exit_status == 0, result.log
    assert on(tagged, "pypi") == tagged.built()
    require_released(tagged)
    assert result.outputs["index-urls"].endswith("/pypi/simple/")


def test_a_release_goes_to_testpypi_and_then_pypi(tagged: TaggedProject) -> None:
    result = tagged.publish({**NO_GOOGLE, "index": "testpypi\npypi"})
    assert result.exit_status == 0, result.log
    assert on(tagged, "testpypi") == on(tagged, "pypi") == tagged.built()
    require_released(tagged)


def test_a_release_goes_to_artifact_registry_and_pypi_and_a_rerun_changes_nothing(
    tagged: TaggedProject,
) -> None:
    both = {"index": "artifact-registry\npypi"}
    result = tagged.publish(both)
    assert result.exit_status == 0, result.log
    assert tagged.indexed() == on(tagged, "pypi") == tagged.built()
    require_released(tagged)
    assert len(result.outputs["index-urls"].splitlines()) == 2
    assert result.outputs["project-url"].endswith("/pypi/project/eigenoid-sample/0.1.0/")
    body = tagged.release().body
    assert "eigenoid-python/simple/" in body
    assert "--extra-index-url" not in body
    again = tagged.publish(both)
    assert (again.exit_status, again.changes) == (0, ())


def test_a_release_goes_to_artifact_registry_by_a_key_and_is_warned_of(
    tagged: TaggedProject,
) -> None:
    key = tagged.sandbox.control("POST", "google/service-accounts/dev/keys", {})
    given = {
        "workload-identity-provider": "",
        "service-account": "",
        "credentials-json": base64.b64encode(json.dumps(key).encode()).decode(),
    }
    result = tagged.publish(given)
    assert result.exit_status == 0, result.log
    assert tagged.indexed() == tagged.built()
    assert result.annotation.level == "warning"
    assert "a key lasts" in result.annotation.message


def test_a_release_goes_to_a_repository_address(tagged: TaggedProject, tmp_path: Path) -> None:
    with private_index(tmp_path / "private") as private:
        result = tagged.publish({**NO_GOOGLE, **private.inputs})
        assert result.exit_status == 0, result.log
        assert private.files() == tagged.built()
    require_released(tagged)


def no_publisher(project: TaggedProject) -> Mapping[str, str]:
    project.sandbox.control("PUT", "pypi/pypi/publishers", {"publishers": []})
    return {"index": "artifact-registry\npypi"}


def only_reader(project: TaggedProject) -> Mapping[str, str]:
    member = f"serviceAccount:{project.environment.service_account}"
    bindings = {"bindings": {"roles/artifactregistry.reader": [member]}}
    project.sandbox.control("PATCH", "google/repositories/dev", bindings)
    return {"index": "pypi\nartifact-registry"}


@pytest.mark.parametrize("prepare", [no_publisher, only_reader])
def test_nothing_is_made_where_the_second_index_would_refuse(
    tagged: TaggedProject, prepare: Any
) -> None:
    """Neither a draft on GitHub nor a file in the first index."""
    result = tagged.publish(prepare(tagged))
    assert result.exit_status == 1
    assert tagged.releases() == []
    assert tagged.indexed() == on(tagged, "pypi") == {}


def test_a_release_that_broke_off_at_the_second_index_is_finished_by_a_rerun(
    tagged: TaggedProject,
) -> None:
    both = {"index": "artifact-registry\npypi"}
    fault = {"method": "POST", "path": "^/pypi/legacy/$", "skip": 1, "status": 403}
    tagged.sandbox.control("POST", "faults", fault)
    assert tagged.publish(both).exit_status == 1
    assert tagged.release().draft, "the release comes last"
    again = tagged.publish(both)
    assert again.exit_status == 0, again.log
    assert tagged.indexed() == on(tagged, "pypi") == tagged.built()
    uploads = [one for one in again.requests if one.path == "/pypi/legacy/"]
    assert len(uploads) == 1
    require_released(tagged)


def test_bad_targets_are_refused_before_anything_is_made(tagged: TaggedProject) -> None:
    result = tagged.publish({"index": "artifact-registry\npypi\npypi"})
    assert (result.exit_status, result.requests) == (2, ())
    assert "names a target twice" in result.annotation.message
