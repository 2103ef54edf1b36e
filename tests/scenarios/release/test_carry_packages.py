"""Carrying in a repository of several packages: the package's own folder decides."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.distributions.builders import make_manifest, write_manifest, write_sdist, write_wheel
from support.projects.carried import assert_refused
from support.projects.checkouts import MonorepoCheckout
from support.sandbox.fixtures import Sandbox, git
from support.sandbox.releases import publish_release
from support.stages.running import StageResult, StageRunner

ROOT_SETTINGS = """\
[packages.shop]
path = "."

[packages.shop-cli]
path = "packages/cli"
"""
ROOT_PROJECT = '[project]\nname = "shop"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n'


def plan(run_stage: StageRunner, monorepo: MonorepoCheckout, tag: str, **more: str) -> StageResult:
    return run_stage(
        "release", {"phase": "plan", **more}, workspace=monorepo.folder, ref=f"refs/tags/{tag}"
    )


def release(
    sandbox: Sandbox,
    monorepo: MonorepoCheckout,
    tmp_path: Path,
    package: str,
    version: str,
    **more: Any,
) -> str:
    """Publish a package's release in dev, and tag what is checked out for it; the digest."""
    folder, tag = tmp_path / "assets", f"{package}-v{version}-dev"
    write_wheel(folder, version, project=package)
    write_sdist(folder, version, project=package)
    described = {
        "project": package,
        "tag": tag,
        "commit_sha": monorepo.head,
        "tree_sha": git("rev-parse", "HEAD^{tree}", cwd=monorepo.folder).stdout.strip(),
        **more,
    }
    manifest = make_manifest(folder, **described)
    write_manifest(folder, manifest)
    data = json.loads((folder / MANIFEST_NAME).read_text())
    if "package_tree" not in more:
        del data["package-tree"], data["built"], data["carried-from"], data["reason"]
        (folder / MANIFEST_NAME).write_text(json.dumps(data))
    monorepo.push_tag(tag)
    digest = hashlib.sha256((folder / MANIFEST_NAME).read_bytes()).hexdigest()
    publish_release(sandbox, tag, folder)
    return digest


@pytest.mark.parametrize("told", [True, False], ids=["by the manifest", "by GitHub"])
def test_changes_of_other_packages_do_not_matter(
    run_stage: StageRunner, sandbox: Sandbox, monorepo: MonorepoCheckout, tmp_path: Path, told: bool
) -> None:
    tree = monorepo.subtree("packages/cli")
    more = {"package_tree": tree, "package_path": "packages/cli"} if told else {}
    digest = release(sandbox, monorepo, tmp_path, "shop-cli", "0.1.0", **more)
    monorepo.commit("packages/core/shop_core/more.py", "MORE = 1\n")
    monorepo.push("qa")
    monorepo.push_tag("shop-cli-v0.1.0-qa")
    result = plan(run_stage, monorepo, "shop-cli-v0.1.0-qa")
    assert result.exit_status == 0, result.log
    assert result.outputs["carried-from"] == "shop-cli-v0.1.0-dev"
    assert result.outputs["carried-manifest-sha256"] == digest
    assert [call for call in result.calls if "contents" in call] == (
        [] if told else ["GET contents/packages"]
    )
    built = run_stage(
        "release",
        {"phase": "build", "carried-manifest-sha256": digest},
        workspace=monorepo.folder,
        ref="refs/tags/shop-cli-v0.1.0-qa",
    )
    assert built.exit_status == 0, built.log
    manifest = json.loads((monorepo.folder / "dist" / MANIFEST_NAME).read_text())
    assert (manifest["package-tree"], manifest["package-path"]) == (tree, "packages/cli")
    assert manifest["built"]["tag"] == manifest["carried-from"]["tag"] == "shop-cli-v0.1.0-dev"

    monorepo.commit("packages/cli/shop_cli/more.py", "MORE = 1\n")
    monorepo.push("main")
    monorepo.push_tag("shop-cli-v0.1.0")
    stopped = plan(run_stage, monorepo, "shop-cli-v0.1.0")
    assert_refused(stopped, "0.1.0 is in qa already, with other files", "of packages/cli", tree[:7])


def test_a_package_in_the_root_is_compared_without_the_others(
    run_stage: StageRunner, sandbox: Sandbox, monorepo: MonorepoCheckout, tmp_path: Path
) -> None:
    """Its tree is one that only we know, so an older manifest counts as missing."""
    monorepo.commit("pyproject.toml", ROOT_PROJECT)
    monorepo.write_settings(ROOT_SETTINGS)
    monorepo.push()
    release(sandbox, monorepo, tmp_path, "shop", "1.0.0")
    monorepo.push("qa")
    monorepo.push_tag("shop-v1.0.0-qa")
    same = plan(run_stage, monorepo, "shop-v1.0.0-qa")
    assert same.outputs["carried-from"] == "shop-v1.0.0-dev"
    git("push", "-q", "origin", ":refs/tags/shop-v1.0.0-qa", cwd=monorepo.folder)
    monorepo.commit("packages/cli/shop_cli/more.py", "MORE = 1\n")
    monorepo.push("qa")
    monorepo.push_tag("shop-v1.0.0-qa")
    unknown = plan(run_stage, monorepo, "shop-v1.0.0-qa")
    assert unknown.outputs["source"] == "build"
    assert "does not tell the package's own tree" in unknown.annotation.message
