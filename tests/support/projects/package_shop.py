"""A repository of two packages, which goes from dev to production."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from support.distributions.builders import make_manifest, parsed, write_manifest, write_release
from support.sandbox.fixtures import git
from support.stages.running import StageResult

if TYPE_CHECKING:
    from conftest import Chain

SETTINGS = """\
[packages.shop-core]
path = "packages/core"
[packages.shop-api]
path = "packages/api"
"""
FOLDERS = {"shop-core": "packages/core", "shop-api": "packages/api"}
SUFFIXES = {"dev": "-dev", "qa": "-qa", "prd": ""}
GATES = {"require": ""}
STEPS = (("dev", "qa", "qa"), ("qa", "prd", "main"))


class Shop:
    """A repository of the packages shop-core and shop-api, which all branches hold in 1.0.0."""

    def __init__(self, chain: "Chain", settings: str = SETTINGS) -> None:
        self.chain = chain
        self.settle(settings)
        self.commit("dev", {"README.md": "read me\n"})
        for package in FOLDERS:
            self.develop(package, "1.0.0")
        git("push", "-q", "origin", "dev:qa", "dev:main", cwd=chain.checkout)

    def settle(self, settings: str) -> None:
        """Write the settings into what the promoting job checked out."""
        file = self.chain.workspace / ".github" / "dist-actions.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(settings)

    def commit(self, branch: str, files: Mapping[str, str], message: str = "A change") -> str:
        """Commit files to a branch on GitHub."""
        checkout = self.chain.checkout
        git("fetch", "-q", "origin", cwd=checkout)
        git("checkout", "-q", "-B", branch, f"origin/{branch}", cwd=checkout)
        for name, text in files.items():
            file = checkout / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            git("add", name, cwd=checkout)
        git("commit", "-qm", message, cwd=checkout)
        git("push", "-q", "origin", branch, cwd=checkout)
        return git("rev-parse", "HEAD", cwd=checkout).stdout.strip()

    def develop(self, package: str, version: str, *, tag: str = "", more: str = "") -> str:
        """Commit a version of a package to dev, and tag it."""
        files = {f"{FOLDERS[package]}/{name}": f"{version}\n" for name in ("version", "code")}
        if more:
            files[more] = f"{version}\n"
        sha = self.commit("dev", files, f"{package} {version}")
        self.tag(package, version, "dev", tag)
        return sha

    def tag(self, package: str, version: str, environment: str, tag: str = "") -> None:
        """Tag the tip of an environment's branch."""
        branch = {"prd": "main"}.get(environment, environment)
        tag = tag or f"{package}-v{version}{SUFFIXES[environment]}"
        git("fetch", "-q", "origin", cwd=self.chain.checkout)
        git("tag", "-a", "-m", tag, tag, f"origin/{branch}", cwd=self.chain.checkout)
        git("push", "-q", "origin", tag, cwd=self.chain.checkout)

    def release(self, package: str, version: str) -> None:
        """Publish the GitHub release of a package in dev."""
        sandbox, tag = self.chain.sandbox, f"{package}-v{version}-dev"
        folder = self.chain.workspace.parent / "assets"
        write_release(folder, version)
        commit = self.chain.on_github("rev-parse", f"{tag}^{{commit}}").strip()
        made_of = {"version": parsed(version), "tag": tag, "commit_sha": commit}
        write_manifest(folder, make_manifest(folder, **made_of))
        token = sandbox.user_token
        body = {"tag_name": tag, "prerelease": True, "draft": True}
        made = sandbox.request("POST", "releases", token=token, json=body).json()
        for path in folder.iterdir():
            url = made["upload_url"].partition("{")[0] + f"?name={path.name}"
            sandbox.request("POST", url, token=token, data=path.read_bytes())
            path.unlink()
        sandbox.request("PATCH", f"releases/{made['id']}", token=token, json={"draft": False})

    def promote(self, package: str = "", **inputs: str) -> StageResult:
        """Promote from dev, unless `from_` says otherwise."""
        given = {"package": package, "from": inputs.pop("from_", "dev"), **inputs}
        return self.chain.promote(given)

    def folder(self, ref: str, package: str) -> str:
        """The tree of a package's folder on GitHub."""
        return self.chain.on_github("rev-parse", f"{ref}:{FOLDERS[package]}")

    def message(self, sha: str) -> str:
        """A commit's message."""
        return self.chain.on_github("show", "-s", "--format=%B", sha)


def stopped(result: StageResult, status: int = 1) -> str:
    assert (result.exit_status, result.changes) == (status, ()), result.log
    return result.annotation.message
