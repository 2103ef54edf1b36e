"""Actions of others are fetched once, by commit, and a wrong `uses:` is named as GitHub does."""

from dataclasses import replace
from pathlib import Path

import pytest

from dist_sandbox.rehearse.actions.repositories import ActionRepositories
from dist_sandbox.rehearse.errors import WorkflowFileError
from support.act.action_mirror import ActionMirror

NAME, PLACE = "other/action", "w.yml line 3"


@pytest.fixture
def forge(tmp_path: Path) -> ActionMirror:
    return ActionMirror(tmp_path / "mirror")


@pytest.fixture
def repositories(forge: ActionMirror, tmp_path: Path) -> ActionRepositories:
    return ActionRepositories(tmp_path / "kept", forge.environ)


@pytest.mark.parametrize("kind", ["tag", "branch", "commit", "branch below a branch's name"])
def test_a_ref_is_resolved_and_its_files_are_written(
    forge: ActionMirror, repositories: ActionRepositories, tmp_path: Path, kind: str
) -> None:
    commit = forge.publish(NAME, {"action.yml": "name: x", "sub/run.sh": "true"}, "main/v1")
    refs = {"tag": "main/v1", "branch": "main", "commit": commit}
    for ref in [refs[kind]] if kind in refs else ["main", "main/v1"]:
        assert repositories.resolve(NAME, ref, PLACE) == commit
    repositories.export(NAME, commit, tmp_path / "files")
    assert (tmp_path / "files" / "sub" / "run.sh").read_text() == "true"


def test_the_second_time_needs_no_network(
    forge: ActionMirror, repositories: ActionRepositories
) -> None:
    commit = forge.publish(NAME, {"action.yml": "name: x"})
    assert repositories.resolve(NAME, "v1", PLACE) == commit
    forge.close(NAME)
    assert repositories.resolve(NAME, "v1", PLACE) == commit


def test_a_moved_tag_is_noticed_when_asked(
    forge: ActionMirror, repositories: ActionRepositories
) -> None:
    first = forge.publish(NAME, {"action.yml": "name: x"})
    assert repositories.resolve(NAME, "v1", PLACE) == first
    second = forge.publish(NAME, {"action.yml": "name: y"})
    assert repositories.resolve(NAME, "v1", PLACE) == first
    refreshing = replace(repositories, refreshes=True)
    assert refreshing.resolve(NAME, "v1", PLACE) == second
    assert refreshing.moved == {f"{NAME}@v1": (first, second)}


@pytest.mark.parametrize(
    ("name", "ref", "problem"),
    [
        ("other/nothing", "v1", "repository not found"),
        (NAME, "v9", "unable to find version `v9`"),
        (NAME, "a..b", "unable to find version `a..b`"),
        (NAME, "0" * 40, "unable to find version"),
    ],
)
def test_what_github_does_not_find(
    forge: ActionMirror,
    repositories: ActionRepositories,
    name: str,
    ref: str,
    problem: str,
) -> None:
    forge.publish(NAME, {"action.yml": "name: x"})
    with pytest.raises(WorkflowFileError) as caught:
        repositories.resolve(name, ref, PLACE)
    assert f"Unable to resolve action `{name}@{ref}`, {problem}" in caught.value.what
    assert PLACE in caught.value.what
