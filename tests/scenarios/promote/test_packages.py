"""Promotion in a repository of two packages: of one, or of all."""

import itertools
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from dist_builders import make_manifest, parsed, write_manifest, write_release
from sandbox_fixtures import git
from stage_fixtures import StageResult

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
        write_manifest(folder, make_manifest(folder, version=parsed(version), tag=tag))
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


@pytest.fixture
def shop(chain: "Chain") -> Shop:
    return Shop(chain)


def stopped(result: StageResult, status: int = 1) -> str:
    assert (result.exit_status, result.changes) == (status, ()), result.log
    return result.annotation.message


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_one_package_is_put_onto_the_target_and_nothing_else(shop: Shop, method: str) -> None:
    before = shop.chain.sandbox.branch_sha("qa")
    source = shop.develop("shop-core", "1.1.0", more="README.md")
    shop.develop("shop-api", "1.1.0")
    result = shop.promote("shop-core")
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    (pull,) = shop.chain.pulls()
    head = result.outputs["head-sha"]
    assert (pull.head, pull.base) == ("promote/shop-core-v1.1.0-to-qa", "qa")
    assert pull.title == "chore: promote shop-core v1.1.0 to qa"
    assert shop.message(head) == (
        f"{pull.title}\n\nPromoted-From: {source}\n"
        f"Promoted-Tree: {shop.folder(source, 'shop-core')}\n"
        "Promoted-Package: shop-core\nPromoted-Version: 1.1.0"
    )
    assert shop.chain.on_github("show", "-s", "--format=%P", head) == before
    shop.chain.merge(pull.number, method)
    assert shop.chain.tree("qa") == result.outputs["expected-tree"]
    assert shop.folder("qa", "shop-core") == shop.folder("dev", "shop-core")
    changed = shop.chain.on_github("diff", "--name-only", before, "qa").splitlines()
    assert changed == ["packages/core/code", "packages/core/version"]
    again = shop.promote("shop-core")
    assert (again.outputs["result"], again.changes) == ("nothing", ())
    assert "same files of shop-core already" in again.outputs["reason"]


def test_outputs_and_text_say_what_travels_and_what_stays(shop: Shop) -> None:
    shop.tag("shop-core", "1.0.0", "qa")
    shop.develop("shop-core", "1.1.0", more="uv.lock")
    result = shop.promote("Shop.Core")
    given = {name: result.outputs[name] for name in ("plan", "version", "package")}
    assert given == {"plan": "graft", "version": "1.1.0", "package": "shop-core"}
    assert json.loads(result.outputs["packages"]) == [
        {
            "name": "shop-core",
            "path": "packages/core",
            "version": "1.1.0",
            "tag": "shop-core-v1.1.0-dev",
            "from": "1.0.0",
            "promoted": True,
        }
    ]
    body = shop.chain.pulls()[0].body or ""
    assert "| `shop-core` | `packages/core` | `1.0.0` | `1.1.0` |" in body
    assert "travel with `package: all` only. These differ" in body
    assert "`uv.lock`" in body
    assert "packages/core/code" not in body
    assert "Any merge button will do" in body
    assert "| `shop-core` | `packages/core` | `1.0.0` | `1.1.0` |" in result.summary


def test_all_packages_travel_with_the_whole_tree(shop: Shop) -> None:
    shop.develop("shop-core", "1.1.0", more="README.md")
    commit = shop.develop("shop-api", "2.0.0")
    shop.commit("dev", {"README.md": "not released\n"})
    result = shop.promote()
    assert (result.exit_status, result.outputs["plan"]) == (0, "direct"), result.log
    assert (result.outputs["version"], result.outputs["package"]) == ("", "")
    assert result.outputs["head-sha"] == commit
    packages = json.loads(result.outputs["packages"])
    assert [(one["name"], one["version"]) for one in packages] == [
        ("shop-core", "1.1.0"),
        ("shop-api", "2.0.0"),
    ]
    (pull,) = shop.chain.pulls()
    assert pull.head == f"promote/all-{commit[:7]}-to-qa"
    assert pull.title == "chore: promote 2 packages to qa"
    assert "Promoted-Package: shop-core\nPromoted-Version: 1.1.0\nPromoted-Package: shop-api" in (
        pull.body or ""
    )
    shop.chain.merge(pull.number, "squash")
    assert shop.chain.tree("qa") == shop.chain.tree(commit)


def test_the_title_of_all_names_the_only_package_that_moves(shop: Shop) -> None:
    shop.develop("shop-core", "1.1.0")
    result = shop.promote("all")
    assert shop.chain.pulls()[0].title == "chore: promote shop-core v1.1.0 to qa"
    assert "unchanged" in (shop.chain.pulls()[0].body or "")
    assert [one["promoted"] for one in json.loads(result.outputs["packages"])] == [True, False]


@pytest.mark.parametrize("single", [True, False], ids=["one", "all"])
def test_a_rerun_adds_no_commit_and_no_pull_request(shop: Shop, single: bool) -> None:
    shop.develop("shop-core", "1.1.0", more="README.md")
    package = "shop-core" if single else "all"
    first = shop.promote(package)
    again = shop.promote(package)
    assert (again.exit_status, again.changes) == (0, ())
    assert again.outputs["reason"] == f"#{first.outputs['pr-number']} is up to date"
    assert again.outputs["head-sha"] == first.outputs["head-sha"]
    assert len(shop.chain.pulls()) == 1


def test_a_target_that_moved_gets_the_package_anew(shop: Shop) -> None:
    for package in FOLDERS:
        shop.develop(package, "1.1.0")
    core, api = shop.promote("shop-core"), shop.promote("shop-api")
    shop.chain.merge(api.outputs["pr-number"], "squash")
    again = shop.promote("shop-core")
    assert again.outputs["result"] == "updated"
    assert again.outputs["pr-number"] == core.outputs["pr-number"]
    parent = shop.chain.on_github("show", "-s", "--format=%P", again.outputs["head-sha"])
    assert parent == shop.chain.sandbox.branch_sha("qa")
    shop.chain.merge(again.outputs["pr-number"], "rebase")
    assert shop.chain.tree("qa") == again.outputs["expected-tree"] == shop.chain.tree("dev")


def test_two_open_ones_do_not_hinder_each_other(shop: Shop) -> None:
    for package in FOLDERS:
        shop.develop(package, "1.1.0")
    numbers = [shop.promote(package).outputs["pr-number"] for package in FOLDERS]
    for number, method in zip(numbers, ("squash", "rebase"), strict=True):
        shop.chain.merge(number, method)
    assert shop.chain.tree("qa") == shop.chain.tree("dev")


@pytest.mark.parametrize("change", ["amend", "commit"])
def test_somebodys_work_on_the_branch_is_not_overwritten(shop: Shop, change: str) -> None:
    shop.develop("shop-core", "1.1.0")
    shop.promote("shop-core")
    branch, checkout = "promote/shop-core-v1.1.0-to-qa", shop.chain.checkout
    git("fetch", "-q", "origin", cwd=checkout)
    git("checkout", "-q", "--detach", f"origin/{branch}", cwd=checkout)
    (checkout / "theirs.txt").write_text("x\n")
    git("add", "theirs.txt", cwd=checkout)
    how = ["--amend", "--no-edit"] if change == "amend" else ["-m", "Theirs"]
    git("commit", "-q", *how, cwd=checkout)
    git("push", "-qf", "origin", f"HEAD:{branch}", cwd=checkout)
    result = shop.promote("shop-core")
    assert (result.outputs["result"], result.changes) == ("blocked", ())


@pytest.mark.parametrize(
    ("inputs", "package", "version"),
    [
        ({}, "shop-core", "1.1.0"),
        ({"package": "shop-api"}, "shop-api", "1.2.0"),
        ({"package": "all"}, "", ""),
    ],
    ids=["the tag's", "another one", "all"],
)
def test_the_tag_of_the_run_chooses(
    shop: Shop, inputs: dict[str, str], package: str, version: str
) -> None:
    commit = shop.develop("shop-core", "1.1.0")
    shop.develop("shop-api", "1.2.0")
    result = shop.chain.promote(
        {**inputs, "from": ""},
        event="release",
        payload={"release": {"tag_name": "shop-core-v1.1.0-dev"}},
    )
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    assert (result.outputs["package"], result.outputs["version"]) == (package, version)
    if package != "shop-api":
        assert result.outputs["source-commit"] == commit


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("v1.0.0-dev", "the tag v1.0.0-dev belongs to no package"),
        ("shop-core-v1.0.0", "production is the last environment"),
    ],
)
def test_other_tags_promote_nothing(shop: Shop, tag: str, said: str) -> None:
    payload = {"release": {"tag_name": tag}}
    result = shop.chain.promote({"from": ""}, event="release", payload=payload)
    assert (result.exit_status, result.changes) == (0, ())
    assert (result.outputs["result"], result.outputs["reason"]) == ("nothing", said)


@pytest.mark.parametrize(
    ("template", "tag", "branch"),
    [
        ("core/v{version}{suffix}", "core/v1.1.0-dev", "promote/core/v1.1.0-to-qa"),
        ("{name}@{version}{suffix}", "shop-core@1.1.0-dev", "promote/shop-core@1.1.0-to-qa"),
    ],
)
def test_tags_of_any_form_name_the_branch(shop: Shop, template: str, tag: str, branch: str) -> None:
    shop.settle(SETTINGS.replace('core"\n', f'core"\ntag-format = "{template}"\n', 1))
    shop.develop("shop-core", "1.1.0", tag=tag)
    first = shop.promote("shop-core")
    assert (first.exit_status, first.outputs["result"]) == (0, "created"), first.log
    assert shop.chain.pulls()[0].head == branch
    assert shop.promote("shop-core").changes == ()


def test_a_version_is_found_however_its_tag_spells_it(shop: Shop) -> None:
    shop.develop("shop-core", "1.1")
    result = shop.promote("shop-core", version="1.1.0")
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    assert "There is no tag shop-core-v1.2.0-dev" in stopped(
        shop.promote("shop-core", version="1.2.0")
    )


@pytest.mark.parametrize("buttons", ["merge squash rebase", "squash"])
def test_one_and_all_take_turns_up_to_production(shop: Shop, buttons: str) -> None:
    pressed = itertools.cycle(buttons.split())
    for number, package in enumerate(["shop-core", "shop-api", "all", "shop-core", "all"]):
        version = f"1.{number + 1}.0"
        names = list(FOLDERS) if package == "all" else [package]
        for name in names:
            shop.develop(name, version, more="README.md")
        for source, target, branch in STEPS:
            result = shop.promote(package, from_=source)
            assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
            button = next(pressed)
            graft = result.outputs["plan"] == "graft"
            shop.chain.merge(result.outputs["pr-number"], button if graft else "squash")
            assert shop.chain.tree(branch) == result.outputs["expected-tree"]
            for name in names:
                assert shop.folder(branch, name) == shop.folder("dev", name)
                shop.tag(name, version, target)
    assert shop.chain.tree("main") == shop.chain.tree("dev")
    assert shop.promote().changes == ()


def test_a_hotfix_in_a_package_stops_it_and_all_but_not_the_other(shop: Shop) -> None:
    for package in FOLDERS:
        shop.develop(package, "1.1.0")
    fix = shop.commit("qa", {"packages/core/code": "fixed\n"}, "Fix the core")
    said = stopped(shop.promote("shop-core"))
    assert f"qa has changes of its own in packages/core: {fix[:7]} Fix the core." in said
    assert "merge qa into dev" in said
    assert f"qa has changes of its own: {fix[:7]} Fix the core." in stopped(shop.promote("all"))
    assert shop.promote("shop-api").outputs["result"] == "created"


def test_a_hotfix_that_was_taken_back_is_no_obstacle(shop: Shop) -> None:
    shop.develop("shop-core", "1.1.0")
    shop.commit("qa", {"packages/core/code": "fixed\n", "README.md": "fixed\n"})
    assert "changes of its own" in stopped(shop.promote("all"))
    shop.commit("qa", {"packages/core/code": "1.0.0\n", "README.md": "read me\n"})
    for package in ("shop-core", "all"):
        assert shop.promote(package).outputs["result"] == "created"


def test_a_hotfix_outside_of_packages_stops_all_but_no_single_one(shop: Shop) -> None:
    shop.develop("shop-core", "1.1.0")
    fix = shop.commit("qa", {"README.md": "fixed\n"}, "Fix the README")
    assert f"changes of its own: {fix[:7]} Fix the README." in stopped(shop.promote("all"))
    result = shop.promote("shop-core")
    assert result.outputs["result"] == "created"
    shop.chain.merge(result.outputs["pr-number"], "squash")
    assert shop.chain.on_github("show", "qa:README.md") == "fixed"
    assert f"changes of its own: {fix[:7]} Fix the README." in stopped(shop.promote("all"))


def test_a_commit_that_changes_a_package_and_more_is_still_an_own_change(shop: Shop) -> None:
    """Its package's folder is one that the source had."""
    shop.develop("shop-core", "1.1.0")
    shop.chain.merge(shop.promote("shop-core").outputs["pr-number"], "squash")
    files = {f"packages/core/{name}": "1.0.0\n" for name in ("version", "code")}
    mixed = shop.commit("qa", {**files, "README.md": "mine\n"}, "Back and more")
    shop.develop("shop-core", "1.2.0")
    assert f"own: {mixed[:7]} Back and more." in stopped(shop.promote("all"))


@pytest.mark.parametrize("package", ["shop-core", "all"])
def test_nothing_is_ever_taken_back(shop: Shop, package: str) -> None:
    shop.develop("shop-core", "1.1.0")
    shop.develop("shop-core", "1.2.0")
    shop.chain.merge(shop.promote("shop-core").outputs["pr-number"], "squash")
    shop.tag("shop-core", "1.2.0", "qa")
    payload = {"release": {"tag_name": "shop-core-v1.1.0-dev"}}
    result = shop.chain.promote({"package": package, "from": ""}, event="release", payload=payload)
    assert "qa holds what is newer than shop-core-v1.1.0-dev: shop-core 1.2.0." in stopped(result)


def test_files_outside_of_packages_are_not_taken_back_either(shop: Shop) -> None:
    old = shop.develop("shop-core", "1.1.0")
    shop.develop("shop-core", "1.1.1", more="README.md")
    shop.chain.merge(shop.promote("all").outputs["pr-number"], "squash")
    shop.commit("qa", {"packages/core/code": "1.1.0\n", "packages/core/version": "1.1.0\n"})
    assert shop.folder("qa", "shop-core") == shop.folder(old, "shop-core")
    payload = {"release": {"tag_name": "shop-core-v1.1.0-dev"}}
    result = shop.chain.promote({"package": "all", "from": ""}, event="release", payload=payload)
    assert "qa holds what is newer than shop-core-v1.1.0-dev" in stopped(result)


def test_what_no_release_holds_does_not_travel_with_all(shop: Shop) -> None:
    shop.commit("dev", {"packages/api/code": "more\n"})
    shop.develop("shop-core", "1.1.0")
    said = stopped(shop.promote("all"))
    assert "shop-api has changes since shop-api-v1.0.0-dev that no release holds" in said
    assert "promote one package" in said
    assert shop.promote("shop-core").outputs["result"] == "created"


@pytest.mark.parametrize("known", [True, False], ids=["of the settings", "not of the settings"])
def test_a_package_that_was_never_released_does_not_travel(shop: Shop, known: bool) -> None:
    if known:
        shop.settle(SETTINGS + '[packages.shop-new]\npath = "packages/new"\n')
    shop.develop("shop-core", "1.1.0")
    assert shop.promote("all", mode="plan").outputs["plan"] == "direct"
    shop.commit("dev", {"packages/new/code": "new\n"})
    shop.develop("shop-core", "1.2.0")
    result = shop.promote("all")
    if known:
        assert "shop-new was never released in dev." in stopped(result)
    else:
        assert result.outputs["result"] == "created"


def test_a_new_package_travels_alone(shop: Shop) -> None:
    shop.settle(SETTINGS + '[packages.shop-new]\npath = "packages/new"\n')
    shop.commit("dev", {"packages/new/code": "new\n"})
    shop.tag("shop-new", "0.1.0", "dev")
    result = shop.promote("shop-new")
    shop.chain.merge(result.outputs["pr-number"], "rebase")
    assert shop.chain.on_github("show", "qa:packages/new/code") == "new"
    assert "| `shop-new` | `packages/new` | — | `0.1.0` |" in (shop.chain.pulls()[0].body or "")


def test_the_gates_are_those_of_the_packages_that_move(shop: Shop) -> None:
    for package in FOLDERS:
        shop.develop(package, "1.1.0")
    shop.release("shop-core", "1.1.0")
    said = stopped(shop.promote("all", **GATES))
    assert "shop-api-v1.1.0-dev has no published GitHub release" in said
    assert shop.promote("shop-core", **GATES).outputs["result"] == "created"
    shop.release("shop-api", "1.1.0")
    result = shop.promote("all", **GATES)
    assert result.outputs["result"] == "created", result.log
    body = shop.chain.pulls()[-1].body or ""
    assert body.count("eigenoid_sample-1.1.0.tar.gz") == 2
    shop.chain.sandbox.repository.releases[0].assets.clear()
    assert "has no dist-manifest.json" in stopped(shop.promote("all", **GATES))


def test_the_newest_released_version_is_chosen_for_each(shop: Shop) -> None:
    shop.develop("shop-core", "1.9.0")
    shop.develop("shop-core", "1.10.0")
    for version in ("1.9.0", "1.10.0"):
        shop.release("shop-core", version)
    shop.develop("shop-core", "1.11.0")
    result = shop.promote("shop-core", **GATES)
    assert (result.outputs["result"], result.outputs["version"]) == ("created", "1.10.0")


def test_a_folder_that_the_tag_does_not_hold_is_told(shop: Shop) -> None:
    shop.settle(SETTINGS + '[packages.shop-new]\npath = "packages/new"\n')
    shop.tag("shop-new", "0.1.0", "dev")
    said = stopped(shop.promote("shop-new"))
    assert "shop-new-v0.1.0-dev holds no folder packages/new" in said


def test_releases_on_lines_that_do_not_meet_cannot_travel_together(shop: Shop) -> None:
    old = shop.chain.sandbox.branch_sha("dev")
    shop.develop("shop-core", "1.1.0")
    git("push", "-qf", "origin", f"{old}:refs/heads/dev", cwd=shop.chain.checkout)
    shop.develop("shop-api", "1.1.0")
    said = stopped(shop.promote("all"))
    assert "No commit holds the newest releases of all packages" in said


ROOT = '[packages.shop]\npath = "."\n' + SETTINGS


@pytest.mark.parametrize(
    ("settings", "inputs", "said"),
    [
        (SETTINGS, {"package": "shop-web"}, "which is no package of this repository"),
        ("", {"package": "shop-core"}, "its settings list no packages"),
        (SETTINGS, {"package": "all", "version": "1.0.0"}, "all packages are to be promoted"),
        (ROOT, {"package": "shop"}, "shop cannot be promoted alone"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    shop: Shop, settings: str, inputs: dict[str, str], said: str
) -> None:
    shop.settle(settings)
    assert said in stopped(shop.chain.promote(inputs), status=2)


def test_a_package_that_has_no_release_yet_is_named(shop: Shop) -> None:
    shop.settle(SETTINGS + '[packages.shop-new]\npath = "packages/new"\n')
    said = stopped(shop.promote("shop-new"), status=2)
    assert "No version of shop-new was released in dev yet" in said


def test_a_package_around_the_others_travels_with_all(shop: Shop) -> None:
    shop.settle(ROOT)
    shop.tag("shop", "1.0.0", "dev")
    shop.commit("dev", {"README.md": "not released\n"})
    shop.develop("shop-core", "1.1.0")
    said = stopped(shop.promote("all"))
    assert "shop has changes since shop-v1.0.0-dev that no release holds" in said
    assert "shop-core" not in said.partition("that no release")[0].replace("shop-core-v", "")
    shop.tag("shop", "1.1.0", "dev")
    result = shop.promote("all")
    assert result.outputs["result"] == "created", result.log
    assert shop.chain.pulls()[0].title == "chore: promote 2 packages to qa"


def test_the_only_package_may_lie_in_the_root(shop: Shop) -> None:
    shop.settle('[packages.shop]\npath = "."\n')
    shop.commit("dev", {"README.md": "new\n"})
    shop.tag("shop", "1.0.0", "dev")
    result = shop.promote("shop")
    assert (result.outputs["result"], result.outputs["plan"]) == ("created", "direct")
    assert shop.chain.pulls()[0].head == "promote/shop-v1.0.0-to-qa"
    assert shop.chain.pulls()[0].title == "chore: promote shop v1.0.0 to qa"


def test_files_outside_of_packages_alone_have_a_title_too(shop: Shop) -> None:
    shop.commit("dev", {"README.md": "new\n"})
    shop.tag("shop-core", "1.0.1", "dev")
    result = shop.promote("all")
    assert result.outputs["result"] == "created", result.log
    assert shop.chain.pulls()[0].title == "chore: promote files outside of packages to qa"


def test_a_plan_for_one_package_changes_nothing(shop: Shop) -> None:
    shop.develop("shop-core", "1.1.0")
    given: dict[str, Any] = {"mode": "plan", "client-id": "", "private-key": ""}
    result = shop.promote("shop-core", **given)
    assert (result.exit_status, result.changes) == (0, ())
    assert result.outputs["plan"] == "graft"
    assert shop.chain.pulls() == []
