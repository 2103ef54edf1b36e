"""The tag of a major version follows its newest release: last, forwards, and never to less."""

from collections.abc import Callable

import pytest

from support.projects.releases import TaggedProject
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageResult

MOVES = {"major-tag": "true", "artifacts": "build"}
TagProject = Callable[..., TaggedProject]


def commit_of(sandbox: Sandbox, tag: str) -> str | None:
    """Return the commit that a tag is on; None where there is no such tag."""
    git = sandbox.repository.git
    return git.git("rev-parse", f"{tag}^{{commit}}") if git.tag(tag) else None


def released(project: TaggedProject, **changes: str) -> StageResult:
    result = project.publish({**MOVES, **changes})
    assert result.exit_status == 0, result.log
    return result


def test_it_is_made_and_moved_last(tag_project: TagProject, sandbox: Sandbox) -> None:
    first = tag_project("1.0.0", "prd")
    assert released(first).changes[-1] == "POST git/refs"
    assert commit_of(sandbox, "v1") == first.commit_sha

    second = tag_project("1.1.0", "prd")
    result = released(second)
    assert result.changes[-1] == "PATCH git/refs/tags/v1"
    assert [change for change in result.changes if "releases/" in change]
    assert commit_of(sandbox, "v1") == second.commit_sha
    assert "`v1` is on the commit of `v1.1.0` now" in result.summary


def test_a_second_run_changes_nothing(tag_project: TagProject) -> None:
    project = tag_project("1.0.0", "prd")
    released(project)
    result = released(project)
    assert result.changes == ()
    assert "The major tag stays where it is: v1 is on" in result.log


def test_an_interrupted_run_is_finished_by_the_next(
    tag_project: TagProject, sandbox: Sandbox
) -> None:
    project = tag_project("1.0.0", "prd")
    released(project, **{"major-tag": "false"})
    assert commit_of(sandbox, "v1") is None
    assert released(project).changes == ("POST git/refs",)
    assert commit_of(sandbox, "v1") == project.commit_sha


def test_a_failed_release_leaves_it_alone(tag_project: TagProject, sandbox: Sandbox) -> None:
    project = tag_project("1.0.0", "prd")
    assert project.publish({**MOVES, "manifest-sha256": "0" * 64}).exit_status != 0
    assert commit_of(sandbox, "v1") is None


@pytest.mark.parametrize(
    ("out", "late", "environment"),
    [("1.1.0", "1.0.1", "prd"), ("1.0.0", "1.1.0", "dev"), ("1.10.0", "1.9.0", "prd")],
    ids=["an older line", "a pre-release", "an older line, by number"],
)
def test_it_stays_for_less(
    tag_project: TagProject,
    sandbox: Sandbox,
    out: str,
    late: str,
    environment: str,
) -> None:
    newest = tag_project(out, "prd")
    released(newest)
    result = released(tag_project(late, environment))
    assert not [change for change in result.changes if "git/refs" in change]
    assert commit_of(sandbox, "v1") == newest.commit_sha
    assert "The major tag stays where it is" in result.log


def test_another_major_version_has_its_own(tag_project: TagProject, sandbox: Sandbox) -> None:
    first, second = tag_project("1.0.0", "prd"), tag_project("2.0.0", "prd")
    released(second)
    released(first)
    commits = [commit_of(sandbox, tag) for tag in ("v1", "v2")]
    assert commits == [first.commit_sha, second.commit_sha]


def test_a_commit_that_does_not_follow_is_left_out(
    tag_project: TagProject, sandbox: Sandbox
) -> None:
    """GitHub refuses to move a tag to another line of history, and nothing forces it."""
    project = tag_project("1.0.0", "prd")
    git = sandbox.repository.git
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    tree = f"{project.commit_sha}^{{tree}}"
    stranger = git.git(*identity, "commit-tree", "-m", "elsewhere", tree)
    git.git("update-ref", "refs/tags/v1", stranger)
    result = released(project)
    assert commit_of(sandbox, "v1") == stranger
    assert "v1 stays: v1.0.0 does not follow it" in result.log


def test_a_dry_run_says_what_it_would_do(tag_project: TagProject, sandbox: Sandbox) -> None:
    result = released(tag_project("1.0.0", "prd"), **{"dry-run": "true"})
    assert result.changes == ()
    assert commit_of(sandbox, "v1") is None
    assert "Would create the major tag: v1 is to be on v1.0.0" in result.log
