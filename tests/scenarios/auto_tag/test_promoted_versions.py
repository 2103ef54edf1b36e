"""Projects whose version is derived from tags: the first environment is told it, the others
take it from the tag that was promoted to them."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.projects.checkouts import ProjectCheckout
from support.projects.declared import DERIVED
from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageResult, StageRunner, app_inputs

LIST = "GET git/matching-refs/tags/v"
READ_OBJECT = "GET git/tags/SHA"
CREATE = (
    "GET installation",
    "POST app/installations/ID/access_tokens",
    "POST git/tags",
    "POST git/refs",
    "DELETE installation/token",
)


@pytest.fixture
def auto_tag_branch(sandbox: Sandbox, run_stage: StageRunner, derived: ProjectCheckout) -> Any:
    """Runs auto-tag for a branch, with further inputs."""

    def run(branch: str, *, workspace: Path = derived.folder, **inputs: str) -> StageResult:
        options: dict[str, Any] = {"workspace": workspace, "ref": f"refs/heads/{branch}"}
        return run_stage("auto-tag", app_inputs(sandbox, **inputs), **options)

    return run


def test_the_first_environment_is_told_the_version(auto_tag_branch: Any) -> None:
    refused = auto_tag_branch("dev")
    told = auto_tag_branch("dev", version="1.4.0")

    assert (refused.exit_status, refused.calls) == (2, ())
    assert "setuptools-scm derives the version from git tags" in refused.annotation.message
    assert (told.exit_status, told.outputs["tag"]) == (0, "v1.4.0-dev")


def test_the_next_environment_takes_it_from_the_promoted_tag(
    auto_tag_branch: Any, derived: ProjectCheckout, sandbox: Sandbox
) -> None:
    auto_tag_branch("dev", version="1.4.0")
    git("commit", "-q", "--allow-empty", "-m", "Merge dev", cwd=derived.folder)
    derived.push("qa")

    result = auto_tag_branch("qa")

    assert result.exit_status == 0, result.log
    assert (result.outputs["tag"], result.outputs["version"]) == ("v1.4.0-qa", "1.4.0")
    assert result.calls == (LIST, READ_OBJECT, *CREATE)
    assert sandbox.repository.git.tag("v1.4.0-qa") is not None
    assert auto_tag_branch("qa").outputs["reason"] == "exists-same"


def test_production_takes_it_from_qa_alone(auto_tag_branch: Any, derived: ProjectCheckout) -> None:
    auto_tag_branch("dev", version="1.4.0")
    derived.push("main")
    refused = auto_tag_branch("main")
    derived.push_tag("v1.3.0-qa", message="By hand")

    result = auto_tag_branch("main")

    assert refused.exit_status == 2
    assert "no tag in qa holds these files" in refused.annotation.message
    assert (result.exit_status, result.outputs["tag"]) == (0, "v1.3.0")


def test_of_several_versions_with_the_same_files_the_highest_counts(
    auto_tag_branch: Any, derived: ProjectCheckout
) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        derived.push_tag(f"v{version}-dev", message="By hand")
    derived.push_tag("v2.0.0-qa", message="Another environment's")
    derived.push("qa")

    result = auto_tag_branch("qa")

    assert result.outputs["tag"] == "v1.10.0-qa"


def test_a_higher_version_with_other_files_is_passed_over(
    auto_tag_branch: Any, derived: ProjectCheckout
) -> None:
    derived.push_tag("v1.4.0-dev", message=None)
    derived.push("qa")
    derived.commit("module.py", "later = True\n")
    derived.push_tag("v1.5.0-dev", message="By hand")
    git("checkout", "-q", "HEAD~", cwd=derived.folder)

    result = auto_tag_branch("qa")

    assert result.outputs["tag"] == "v1.4.0-qa"
    assert result.calls == (LIST, READ_OBJECT, *CREATE)


def test_a_shallow_clone_reads_the_trailer_of_our_tags(
    auto_tag_branch: Any, derived: ProjectCheckout, sandbox: Sandbox, tmp_path: Path
) -> None:
    auto_tag_branch("dev", version="1.4.0")
    git("commit", "-q", "--allow-empty", "-m", "Merge dev", cwd=derived.folder)
    derived.push("qa")
    shallow = tmp_path / "shallow"
    url = sandbox.git_url(sandbox.user_token)
    git("clone", "-q", "--depth=1", "--no-tags", "--branch=qa", url, str(shallow), cwd=tmp_path)

    result = auto_tag_branch("qa", workspace=shallow)

    assert (result.exit_status, result.outputs["tag"]) == (0, "v1.4.0-qa")
    assert result.calls == (LIST, READ_OBJECT, *CREATE)


def test_at_most_ten_tags_are_looked_at(auto_tag_branch: Any, derived: ProjectCheckout) -> None:
    derived.push_tag("v1.0.0-dev", message="Of these files")
    derived.push("qa")
    derived.commit("module.py", "later = True\n")
    for number in range(1, 11):
        derived.push_tag(f"v1.{number}.0-dev", message="By hand")
    git("checkout", "-q", "HEAD~", cwd=derived.folder)

    result = auto_tag_branch("qa")

    assert result.exit_status == 2
    assert result.calls == (LIST, *[READ_OBJECT] * 10)
    message = result.annotation.message
    assert "setuptools-scm derives the version from git tags, and no tag in dev holds" in message
    for way_out in ("promote what is tagged in dev", "literal version", "the input version"):
        assert way_out in message


def test_a_prerelease_is_not_carried_into_production(
    auto_tag_branch: Any, derived: ProjectCheckout
) -> None:
    derived.push_tag("v1.4.0rc1-qa", message="By hand")
    derived.push("main")

    refused = auto_tag_branch("main")
    allowed = auto_tag_branch("main", **{"allow-prerelease": "true"})

    assert (refused.exit_status, refused.changes) == (2, ())
    assert "1.4.0rc1 is a pre-release" in refused.annotation.message
    assert allowed.outputs["tag"] == "v1.4.0rc1"


def test_packages_are_carried_by_their_own_folders(
    auto_tag_branch: Any, derived: ProjectCheckout
) -> None:
    derived.commit("pyproject.toml", "")
    settings = "".join(f'[packages.{name}]\npath = "{name}"\n' for name in ("one", "two"))
    derived.commit(".github/dist-actions.toml", settings)
    derived.commit("one/pyproject.toml", DERIVED.replace("eigenoid-sample", "one"))
    derived.commit("two/pyproject.toml", '[project]\nname = "two"\nversion = "7.0"\n')
    derived.push()
    assert auto_tag_branch("dev", package="one", version="1.4.0").exit_status == 0
    derived.commit("two/module.py", "changed = True\n")
    derived.push("qa")

    result = auto_tag_branch("qa")

    assert result.exit_status == 0, result.log
    assert json.loads(result.outputs["tags"]) == ["one-v1.4.0-qa", "two-v7.0-qa"]
    assert result.calls[:3] == ("GET git/matching-refs/tags/", READ_OBJECT, "GET installation")
