"""Promotion in a repository of two packages: of one, or of all."""

import itertools
import json

import pytest

from support.environments import BRANCHES, STEPS
from support.promotion.monorepo import FOLDERS, SETTINGS, PromotedMonorepo, assert_stopped
from support.sandbox.fixtures import git


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_one_package_is_put_onto_the_target_and_nothing_else(
    shop: PromotedMonorepo, method: str
) -> None:
    before = shop.project.sandbox.branch_sha("qa")
    source = shop.develop("shop-core", "1.1.0", more="README.md")
    shop.develop("shop-api", "1.1.0")
    result = shop.promote("shop-core")
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    (pull,) = shop.project.pulls()
    head = result.outputs["head-sha"]
    assert (pull.head, pull.base) == ("promote/shop-core-v1.1.0-to-qa", "qa")
    assert pull.title == "chore: promote shop-core v1.1.0 to qa"
    assert shop.message(head) == (
        f"{pull.title}\n\nPromoted-From: {source}\n"
        f"Promoted-Tree: {shop.folder(source, 'shop-core')}\n"
        "Promoted-Package: shop-core\nPromoted-Version: 1.1.0"
    )
    assert shop.project.on_github("show", "-s", "--format=%P", head) == before
    shop.project.merge(pull.number, method)
    assert shop.project.tree("qa") == result.outputs["expected-tree"]
    assert shop.folder("qa", "shop-core") == shop.folder("dev", "shop-core")
    changed = shop.project.on_github("diff", "--name-only", before, "qa").splitlines()
    assert changed == ["packages/core/code", "packages/core/version"]
    again = shop.promote("shop-core")
    assert (again.outputs["result"], again.changes) == ("nothing", ())
    assert "same files of shop-core already" in again.outputs["reason"]


def test_outputs_and_text_say_what_travels_and_what_stays(shop: PromotedMonorepo) -> None:
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
    body = shop.project.pulls()[0].body or ""
    assert "| `shop-core` | `packages/core` | `1.0.0` | `1.1.0` |" in body
    assert "travel with `package: all` only. These differ" in body
    assert "`uv.lock`" in body
    assert "packages/core/code" not in body
    assert "Any merge button will do" in body
    assert "| `shop-core` | `packages/core` | `1.0.0` | `1.1.0` |" in result.summary


def test_all_packages_travel_with_the_whole_tree(shop: PromotedMonorepo) -> None:
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
    (pull,) = shop.project.pulls()
    assert pull.head == f"promote/all-{commit[:7]}-to-qa"
    assert pull.title == "chore: promote 2 packages to qa"
    assert "Promoted-Package: shop-core\nPromoted-Version: 1.1.0\nPromoted-Package: shop-api" in (
        pull.body or ""
    )
    shop.project.merge(pull.number, "squash")
    assert shop.project.tree("qa") == shop.project.tree(commit)


def test_the_title_of_all_names_the_only_package_that_moves(shop: PromotedMonorepo) -> None:
    shop.develop("shop-core", "1.1.0")
    result = shop.promote("all")
    assert shop.project.pulls()[0].title == "chore: promote shop-core v1.1.0 to qa"
    assert "unchanged" in (shop.project.pulls()[0].body or "")
    assert [one["promoted"] for one in json.loads(result.outputs["packages"])] == [True, False]


@pytest.mark.parametrize("single", [True, False], ids=["one", "all"])
def test_a_rerun_adds_no_commit_and_no_pull_request(shop: PromotedMonorepo, single: bool) -> None:
    shop.develop("shop-core", "1.1.0", more="README.md")
    package = "shop-core" if single else "all"
    first = shop.promote(package)
    again = shop.promote(package)
    assert (again.exit_status, again.changes) == (0, ())
    assert again.outputs["reason"] == f"#{first.outputs['pr-number']} is up to date"
    assert again.outputs["head-sha"] == first.outputs["head-sha"]
    assert len(shop.project.pulls()) == 1


def test_a_target_that_moved_gets_the_package_anew(shop: PromotedMonorepo) -> None:
    for package in FOLDERS:
        shop.develop(package, "1.1.0")
    core, api = shop.promote("shop-core"), shop.promote("shop-api")
    shop.project.merge(api.outputs["pr-number"], "squash")
    again = shop.promote("shop-core")
    assert again.outputs["result"] == "updated"
    assert again.outputs["pr-number"] == core.outputs["pr-number"]
    parent = shop.project.on_github("show", "-s", "--format=%P", again.outputs["head-sha"])
    assert parent == shop.project.sandbox.branch_sha("qa")
    shop.project.merge(again.outputs["pr-number"], "rebase")
    assert shop.project.tree("qa") == again.outputs["expected-tree"] == shop.project.tree("dev")


def test_two_open_ones_do_not_hinder_each_other(shop: PromotedMonorepo) -> None:
    for package in FOLDERS:
        shop.develop(package, "1.1.0")
    numbers = [shop.promote(package).outputs["pr-number"] for package in FOLDERS]
    for number, method in zip(numbers, ("squash", "rebase"), strict=True):
        shop.project.merge(number, method)
    assert shop.project.tree("qa") == shop.project.tree("dev")


@pytest.mark.parametrize("change", ["amend", "commit"])
def test_somebodys_work_on_the_branch_is_not_overwritten(
    shop: PromotedMonorepo, change: str
) -> None:
    shop.develop("shop-core", "1.1.0")
    shop.promote("shop-core")
    branch, checkout = "promote/shop-core-v1.1.0-to-qa", shop.project.checkout
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
    shop: PromotedMonorepo, inputs: dict[str, str], package: str, version: str
) -> None:
    commit = shop.develop("shop-core", "1.1.0")
    shop.develop("shop-api", "1.2.0")
    result = shop.project.promote(
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
def test_other_tags_promote_nothing(shop: PromotedMonorepo, tag: str, said: str) -> None:
    payload = {"release": {"tag_name": tag}}
    result = shop.project.promote({"from": ""}, event="release", payload=payload)
    assert (result.exit_status, result.changes) == (0, ())
    assert (result.outputs["result"], result.outputs["reason"]) == ("nothing", said)


@pytest.mark.parametrize(
    ("template", "tag", "branch"),
    [
        ("core/v{version}{suffix}", "core/v1.1.0-dev", "promote/core/v1.1.0-to-qa"),
        ("{name}@{version}{suffix}", "shop-core@1.1.0-dev", "promote/shop-core@1.1.0-to-qa"),
    ],
)
def test_tags_of_any_form_name_the_branch(
    shop: PromotedMonorepo, template: str, tag: str, branch: str
) -> None:
    shop.write_settings(SETTINGS.replace('core"\n', f'core"\ntag-format = "{template}"\n', 1))
    shop.develop("shop-core", "1.1.0", tag=tag)
    first = shop.promote("shop-core")
    assert (first.exit_status, first.outputs["result"]) == (0, "created"), first.log
    assert shop.project.pulls()[0].head == branch
    assert shop.promote("shop-core").changes == ()


def test_a_version_is_found_however_its_tag_spells_it(shop: PromotedMonorepo) -> None:
    shop.develop("shop-core", "1.1")
    result = shop.promote("shop-core", version="1.1.0")
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    assert "There is no tag shop-core-v1.2.0-dev" in assert_stopped(
        shop.promote("shop-core", version="1.2.0")
    )


@pytest.mark.parametrize("buttons", ["merge squash rebase", "squash"])
def test_one_and_all_take_turns_up_to_production(shop: PromotedMonorepo, buttons: str) -> None:
    pressed = itertools.cycle(buttons.split())
    for number, package in enumerate(["shop-core", "shop-api", "all", "shop-core", "all"]):
        version = f"1.{number + 1}.0"
        names = list(FOLDERS) if package == "all" else [package]
        for name in names:
            shop.develop(name, version, more="README.md")
        for source, target in STEPS:
            branch = BRANCHES[target]
            result = shop.promote(package, from_=source)
            assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
            button = next(pressed)
            graft = result.outputs["plan"] == "graft"
            shop.project.merge(result.outputs["pr-number"], button if graft else "squash")
            assert shop.project.tree(branch) == result.outputs["expected-tree"]
            for name in names:
                assert shop.folder(branch, name) == shop.folder("dev", name)
                shop.tag(name, version, target)
    assert shop.project.tree("main") == shop.project.tree("dev")
    assert shop.promote().changes == ()
