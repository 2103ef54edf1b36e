"""What auto-tag does in each state of the repository: the edge-case table, row by row."""

import json
import os
import shutil
from pathlib import Path

import pytest

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox, git
from support.stages.runner_model import Annotation
from support.stages.running import StageRunner, app_inputs

READ = "GET git/matching-refs/tags/v1.0.0-dev"
READ_OBJECT = "GET git/tags/SHA"
#: What a creation asks of GitHub, in order.
CREATE = (
    READ,
    "GET installation",
    "POST app/installations/ID/access_tokens",
    "POST git/tags",
    "POST git/refs",
    "DELETE installation/token",
)


def test_a_checkout_in_a_folder(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> None:
    shutil.copytree(package.folder, tmp_path / "workspace" / "repo")
    inputs = {**app_inputs(sandbox), "package-path": "repo"}
    workspace = tmp_path / "workspace"
    result = run_stage("auto-tag", inputs, workspace=workspace, sha=package.head)
    assert result.exit_status == 0, result.log
    assert result.outputs["tag"] == "v1.0.0-dev"


def test_tag_absent(package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner) -> None:
    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    sha = sandbox.branch_sha("dev")
    assert result.exit_status == 0
    assert result.outputs == {
        "tag": "v1.0.0-dev",
        "version": "1.0.0",
        "environment": "dev",
        "created": "true",
        "reason": "created",
        "sha": sha,
        "tags": '["v1.0.0-dev"]',
        "packages": json.dumps(
            [
                {
                    "name": "eigenoid-sample",
                    "path": ".",
                    "version": "1.0.0",
                    "tag": "v1.0.0-dev",
                    "created": True,
                    "reason": "created",
                }
            ]
        ),
    }
    assert result.annotation == Annotation(
        "notice", "auto-tag", f"Tag v1.0.0-dev is created on {sha[:7]}."
    )
    assert result.calls == CREATE
    assert result.statuses == (200, 200, 201, 201, 201, 204)
    assert "v1.0.0-dev" in result.summary
    written = sandbox.repository.git.git("cat-file", "-p", "refs/tags/v1.0.0-dev")
    assert f"object {sha}\ntype commit\ntag v1.0.0-dev\ntagger automation-bot[bot]" in written


def test_installation_id_spares_a_call(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    known = {"installation-id": str(sandbox.app().installation_id)}

    result = run_stage("auto-tag", app_inputs(sandbox, **known), workspace=package.folder)

    assert result.outputs["reason"] == "created"
    assert result.calls == tuple(call for call in CREATE if call != "GET installation")


@pytest.mark.parametrize("version", ["1.0.1", "1"])
def test_the_number_of_tags_does_not_matter(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, version: str
) -> None:
    """Even where the tag `v1` is the start of all others."""
    package.set_version(version)
    package.push("main")
    bare, sha = sandbox.repository.git, sandbox.branch_sha("main")
    folder = bare.path / "packed-refs"
    names = sorted(f"refs/tags/v1.0.0.{number}" for number in range(2000))
    folder.write_text(folder.read_text() if folder.exists() else "# pack-refs with: sorted\n")
    with folder.open("a", encoding="ascii") as file:
        file.writelines(f"{sha} {name}\n" for name in names)

    first = run_stage("auto-tag", app_inputs(sandbox), **_on_main(package))
    second = run_stage("auto-tag", app_inputs(sandbox), **_on_main(package))

    assert (first.outputs["reason"], len(first.calls)) == ("created", 6)
    assert (second.outputs["reason"], len(second.calls)) == ("exists-same", 2)


def test_tag_at_this_commit(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "exists-same")
    assert result.outputs["created"] == "false"
    assert result.annotation.level == "notice"
    assert result.calls == (READ, READ_OBJECT)
    assert result.changes == ()


def test_lightweight_tag_at_this_commit(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    package.push_tag("v1.0.0-dev", message=None)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "exists-same")
    assert result.calls == (READ,)


def test_a_noop_needs_no_usable_key(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    package.push_tag("v1.0.0-dev", message=None)
    inputs = {"client-id": "Iv1.0123456789abcdef", "private-key": "no key at all, never read"}

    result = run_stage("auto-tag", inputs, workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "exists-same")


@pytest.mark.parametrize(
    ("on_unbumped", "exit_status", "level"),
    [("warn", 0, "warning"), ("ok", 0, "notice"), ("fail", 1, "error")],
)
def test_tag_at_another_commit(
    package: ProjectCheckout,
    sandbox: Sandbox,
    run_stage: StageRunner,
    on_unbumped: str,
    exit_status: int,
    level: str,
) -> None:
    run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)
    before = sandbox.repository.git.tag("v1.0.0-dev")
    package.commit("module.py", "changed = True\n")
    package.push()

    inputs = app_inputs(sandbox, **{"on-unbumped": on_unbumped})
    result = run_stage("auto-tag", inputs, workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (exit_status, "exists-other")
    shown = result.annotation
    assert (shown.level, shown.file, shown.line) == (level, "pyproject.toml", 3)
    assert "raise 1.0.0 and push again" in shown.message
    assert result.calls == (READ, READ_OBJECT)
    assert result.changes == ()
    assert sandbox.repository.git.tag("v1.0.0-dev") == before


def test_tag_at_another_commit_with_the_same_tree(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    """A back-merge changes no file, so there is nothing to warn of."""
    run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)
    git("commit", "-q", "--allow-empty", "-m", "Merge back", cwd=package.folder)
    package.push()

    inputs = app_inputs(sandbox, **{"on-unbumped": "fail"})
    result = run_stage("auto-tag", inputs, workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "exists-other")
    assert (result.annotation.level, result.annotation.file) == ("notice", "")
    assert "the same files" in result.annotation.message
    assert result.calls == (READ, READ_OBJECT)


def test_the_same_tree_is_seen_without_history(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> None:
    """A tag by hand says nothing of its tree, and a shallow clone lacks its commit."""
    package.push_tag("v1.0.0-dev", message="By hand")
    git("commit", "-q", "--allow-empty", "-m", "Merge back", cwd=package.folder)
    package.push()
    shallow = _shallow_clone(sandbox, tmp_path)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=shallow)

    assert (result.outputs["reason"], result.annotation.level) == ("exists-other", "notice")
    assert result.calls == (READ, READ_OBJECT, "GET git/commits/SHA")


def test_another_run_created_it_meanwhile_elsewhere(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    package.push_tag("v1.0.0-dev", message="By the other run")
    package.commit("module.py", "changed = True\n")
    package.push()
    stale = {"method": "GET", "path": "/git/matching-refs/", "status": 200, "body": "[]"}
    sandbox.control("POST", "faults", stale)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.outputs["reason"], result.annotation.level) == ("exists-other", "warning")


def test_detached_head(package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner) -> None:
    git("checkout", "-q", "--detach", cwd=package.folder)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "created")


def test_checkout_of_another_user(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    """In a container job, git runs as root in a checkout of the runner's user."""
    for path in (package.folder, package.folder / ".git"):
        try:
            os.chown(path, 12345, 12345)
        except PermissionError:
            pytest.skip("only root can give a folder away")

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "created")


def test_dry_run_says_what_it_would_do(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    result = run_stage("auto-tag", {"dry-run": "true"}, workspace=package.folder)

    assert (result.exit_status, result.outputs["reason"]) == (0, "dry-run")
    assert (result.outputs["tag"], result.outputs["created"]) == ("v1.0.0-dev", "false")
    assert "would be created" in result.annotation.message
    assert result.calls == (READ,)


def test_a_users_token_tags_without_a_warning(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    result = run_stage("auto-tag", {"token": sandbox.user_token}, workspace=package.folder)

    assert (result.exit_status, result.outputs["created"]) == (0, "true")
    assert result.annotation.level == "notice"


def test_production_has_no_suffix(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    package.push("main")

    result = run_stage("auto-tag", app_inputs(sandbox), **_on_main(package))

    assert (result.outputs["tag"], result.outputs["environment"]) == ("v1.0.0", "prd")


def test_another_tag_format_and_environments(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    inputs = app_inputs(
        sandbox,
        **{
            "tag-format": "{name}@{version}{suffix}",
            "environments": 'test = { branch = "dev", suffix = "-t" }\nlive = { branch = "main" }',
        },
    )

    result = run_stage("auto-tag", inputs, workspace=package.folder)

    assert result.outputs["tag"] == "eigenoid-sample@1.0.0-t"
    assert result.outputs["environment"] == "test"
    assert sandbox.repository.git.tag("eigenoid-sample@1.0.0-t") is not None


def test_github_enterprise_server_with_a_trailing_slash(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    environ = {"GITHUB_API_URL": f"{sandbox.world.addresses.github_api}/"}

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=package.folder, environ=environ)

    assert (result.exit_status, result.calls) == (0, CREATE)
    assert all("//" not in request.path for request in result.requests)


def _on_main(package: ProjectCheckout) -> dict[str, object]:
    return {"workspace": package.folder, "ref": "refs/heads/main"}


def _shallow_clone(sandbox: Sandbox, folder: Path) -> Path:
    shallow = folder / "shallow"
    url = sandbox.git_url(sandbox.user_token)
    options = ("--depth=1", "--no-tags", "--branch=dev")
    git("clone", "-q", *options, url, str(shallow), cwd=folder)
    return shallow
