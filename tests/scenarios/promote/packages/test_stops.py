"""When promotion of one package, or of all, stops and asks; and what does not stop it."""

from typing import Any

import pytest

from support.promotion.monorepo import FOLDERS, SETTINGS, PromotedMonorepo, assert_stopped
from support.promotion.project import ALL_GATES
from support.sandbox.fixtures import git


def test_a_hotfix_in_a_package_stops_it_but_not_the_other(shop: PromotedMonorepo) -> None:
    for package in FOLDERS:
        shop.develop(package, "1.1.0")
    fix = shop.commit("qa", {"packages/core/code": "fixed\n"}, "Fix the core")
    said = assert_stopped(shop.promote("shop-core"))
    assert f"qa has changes of its own in packages/core: {fix[:7]} Fix the core." in said
    assert "merge qa into dev" in said
    said = assert_stopped(shop.promote("all"))
    assert "qa's own changes" in said
    assert f"conflict in packages/core/code: {fix[:7]} Fix the core." in said
    assert shop.promote("shop-api").outputs["result"] == "created"


def test_a_hotfix_that_was_taken_back_is_no_obstacle(shop: PromotedMonorepo) -> None:
    shop.develop("shop-core", "1.1.0")
    shop.commit("qa", {"packages/core/code": "fixed\n", "README.md": "fixed\n"})
    assert "own changes" in assert_stopped(shop.promote("all"))
    shop.commit("qa", {"packages/core/code": "1.0.0\n", "README.md": "read me\n"})
    for package in ("shop-core", "all"):
        assert shop.promote(package).outputs["result"] == "created"


def test_a_hotfix_outside_of_packages_stands_whatever_is_promoted(shop: PromotedMonorepo) -> None:
    shop.develop("shop-core", "1.1.0")
    fix = shop.commit("qa", {"README.md": "fixed\n"}, "Fix the README")
    result = shop.promote("shop-core")
    assert result.outputs["result"] == "created"
    shop.project.merge(result.outputs["pr-number"], "squash")
    assert shop.project.on_github("show", "qa:README.md") == "fixed"
    shop.develop("shop-core", "1.2.0")
    result = shop.promote("all")
    assert (result.exit_status, result.outputs["plan"]) == (0, "stitch"), result.log
    assert fix[:7] in result.outputs["own-changes"]
    shop.project.merge(result.outputs["pr-number"], "squash")
    assert shop.project.on_github("show", "qa:README.md") == "fixed"
    assert shop.folder("qa", "shop-core") == shop.folder("dev", "shop-core")


def test_a_commit_that_changes_a_package_and_more_is_still_an_own_change(
    shop: PromotedMonorepo,
) -> None:
    """Its package's folder is one that the source had, and so goes on with it."""
    shop.develop("shop-core", "1.1.0")
    shop.project.merge(shop.promote("shop-core").outputs["pr-number"], "squash")
    files = {f"packages/core/{name}": "1.0.0\n" for name in ("version", "code")}
    mixed = shop.commit("qa", {**files, "README.md": "mine\n"}, "Back and more")
    shop.develop("shop-core", "1.2.0")
    result = shop.promote("all")
    assert (result.exit_status, result.outputs["plan"]) == (0, "stitch"), result.log
    assert mixed[:7] in result.outputs["own-changes"]
    shop.project.merge(result.outputs["pr-number"], "squash")
    assert shop.project.on_github("show", "qa:README.md") == "mine"
    assert shop.folder("qa", "shop-core") == shop.folder("dev", "shop-core")


@pytest.mark.parametrize("package", ["shop-core", "all"])
def test_nothing_is_ever_taken_back(shop: PromotedMonorepo, package: str) -> None:
    shop.develop("shop-core", "1.1.0")
    shop.develop("shop-core", "1.2.0")
    shop.project.merge(shop.promote("shop-core").outputs["pr-number"], "squash")
    shop.tag("shop-core", "1.2.0", "qa")
    payload = {"release": {"tag_name": "shop-core-v1.1.0-dev"}}
    result = shop.project.promote(
        {"package": package, "from": ""}, event="release", payload=payload
    )
    newer = "shop-core-v1.2.0-qa" if package == "shop-core" else "shop-core 1.2.0"
    assert f"qa holds what is newer than shop-core-v1.1.0-dev: {newer}." in assert_stopped(result)


def test_files_outside_of_packages_are_not_taken_back_either(shop: PromotedMonorepo) -> None:
    old = shop.develop("shop-core", "1.1.0")
    shop.develop("shop-core", "1.1.1", more="README.md")
    shop.project.merge(shop.promote("all").outputs["pr-number"], "squash")
    shop.commit("qa", {"packages/core/code": "1.1.0\n", "packages/core/version": "1.1.0\n"})
    assert shop.folder("qa", "shop-core") == shop.folder(old, "shop-core")
    payload = {"release": {"tag_name": "shop-core-v1.1.0-dev"}}
    result = shop.project.promote({"package": "all", "from": ""}, event="release", payload=payload)
    assert "qa holds what is newer than shop-core-v1.1.0-dev" in assert_stopped(result)


def test_what_no_release_holds_does_not_travel_with_all(shop: PromotedMonorepo) -> None:
    shop.commit("dev", {"packages/api/code": "more\n"})
    shop.develop("shop-core", "1.1.0")
    said = assert_stopped(shop.promote("all"))
    assert "shop-api has changes since shop-api-v1.0.0-dev that no release holds" in said
    assert "promote one package" in said
    assert shop.promote("shop-core").outputs["result"] == "created"


@pytest.mark.parametrize("known", [True, False], ids=["of the settings", "not of the settings"])
def test_a_package_that_was_never_released_does_not_travel(
    shop: PromotedMonorepo, known: bool
) -> None:
    if known:
        shop.write_settings(SETTINGS + '[packages.shop-new]\npath = "packages/new"\n')
    shop.develop("shop-core", "1.1.0")
    assert shop.promote("all", mode="plan").outputs["plan"] == "direct"
    shop.commit("dev", {"packages/new/code": "new\n"})
    shop.develop("shop-core", "1.2.0")
    result = shop.promote("all")
    if known:
        assert "shop-new was never released in dev." in assert_stopped(result)
    else:
        assert result.outputs["result"] == "created"


def test_a_new_package_travels_alone(shop: PromotedMonorepo) -> None:
    shop.write_settings(SETTINGS + '[packages.shop-new]\npath = "packages/new"\n')
    shop.commit("dev", {"packages/new/code": "new\n"})
    shop.tag("shop-new", "0.1.0", "dev")
    result = shop.promote("shop-new")
    shop.project.merge(result.outputs["pr-number"], "rebase")
    assert shop.project.on_github("show", "qa:packages/new/code") == "new"
    assert "| `shop-new` | `packages/new` | — | `0.1.0` |" in (shop.project.pulls()[0].body or "")


def test_the_gates_are_those_of_the_packages_that_move(shop: PromotedMonorepo) -> None:
    for package in FOLDERS:
        shop.develop(package, "1.1.0")
    shop.release("shop-core", "1.1.0")
    waiting = shop.promote("all", **ALL_GATES)
    assert (waiting.exit_status, waiting.outputs["result"]) == (0, "blocked")
    assert waiting.outputs["reason"] == "not released yet: shop-api-v1.1.0-dev"
    said = assert_stopped(shop.promote("shop-api", **ALL_GATES))
    assert "shop-api-v1.1.0-dev has no published GitHub release" in said
    assert shop.promote("shop-core", **ALL_GATES).outputs["result"] == "created"
    shop.release("shop-api", "1.1.0")
    result = shop.promote("all", **ALL_GATES)
    assert result.outputs["result"] == "created", result.log
    body = shop.project.pulls()[-1].body or ""
    for package in ("shop_core", "shop_api"):
        assert body.count(f"{package}-1.1.0.tar.gz") == 1
    shop.project.sandbox.repository.releases[0].assets.clear()
    assert "has no dist-manifest.json" in assert_stopped(shop.promote("all", **ALL_GATES))


def test_the_newest_released_version_is_chosen_for_each(shop: PromotedMonorepo) -> None:
    shop.develop("shop-core", "1.9.0")
    shop.develop("shop-core", "1.10.0")
    for version in ("1.9.0", "1.10.0"):
        shop.release("shop-core", version)
    shop.develop("shop-core", "1.11.0")
    result = shop.promote("shop-core", **ALL_GATES)
    assert result.exit_status == 0, result.log
    assert (result.outputs["result"], result.outputs["version"]) == ("created", "1.10.0")


def test_a_folder_that_the_tag_does_not_hold_is_told(shop: PromotedMonorepo) -> None:
    shop.write_settings(SETTINGS + '[packages.shop-new]\npath = "packages/new"\n')
    shop.tag("shop-new", "0.1.0", "dev")
    said = assert_stopped(shop.promote("shop-new"))
    assert "shop-new-v0.1.0-dev holds no folder packages/new" in said


def test_releases_on_lines_that_do_not_meet_cannot_travel_together(shop: PromotedMonorepo) -> None:
    old = shop.project.sandbox.branch_sha("dev")
    shop.develop("shop-core", "1.1.0")
    git("push", "-qf", "origin", f"{old}:refs/heads/dev", cwd=shop.project.checkout)
    shop.develop("shop-api", "1.1.0")
    said = assert_stopped(shop.promote("all"))
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
    shop: PromotedMonorepo, settings: str, inputs: dict[str, str], said: str
) -> None:
    shop.write_settings(settings)
    assert said in assert_stopped(shop.project.promote(inputs), status=2)


def test_a_package_that_has_no_release_yet_is_named(shop: PromotedMonorepo) -> None:
    shop.write_settings(SETTINGS + '[packages.shop-new]\npath = "packages/new"\n')
    said = assert_stopped(shop.promote("shop-new"), status=2)
    assert "No version of shop-new was released in dev yet" in said


def test_a_package_around_the_others_travels_with_all(shop: PromotedMonorepo) -> None:
    shop.write_settings(ROOT)
    shop.tag("shop", "1.0.0", "dev")
    shop.commit("dev", {"README.md": "not released\n"})
    shop.develop("shop-core", "1.1.0")
    said = assert_stopped(shop.promote("all"))
    assert "shop has changes since shop-v1.0.0-dev that no release holds" in said
    assert "shop-core" not in said.partition("that no release")[0].replace("shop-core-v", "")
    shop.tag("shop", "1.1.0", "dev")
    result = shop.promote("all")
    assert result.outputs["result"] == "created", result.log
    assert shop.project.pulls()[0].title == "chore: promote 2 packages to qa"


def test_the_only_package_may_lie_in_the_root(shop: PromotedMonorepo) -> None:
    shop.write_settings('[packages.shop]\npath = "."\n')
    shop.commit("dev", {"README.md": "new\n"})
    shop.tag("shop", "1.0.0", "dev")
    result = shop.promote("shop")
    assert (result.outputs["result"], result.outputs["plan"]) == ("created", "direct")
    assert shop.project.pulls()[0].head == "promote/shop-v1.0.0-to-qa"
    assert shop.project.pulls()[0].title == "chore: promote shop v1.0.0 to qa"


def test_files_outside_of_packages_alone_have_a_title_too(shop: PromotedMonorepo) -> None:
    shop.commit("dev", {"README.md": "new\n"})
    shop.tag("shop-core", "1.0.1", "dev")
    result = shop.promote("all")
    assert result.outputs["result"] == "created", result.log
    assert shop.project.pulls()[0].title == "chore: promote files outside of packages to qa"


def test_a_plan_for_one_package_changes_nothing(shop: PromotedMonorepo) -> None:
    shop.develop("shop-core", "1.1.0")
    given: dict[str, Any] = {"mode": "plan", "client-id": "", "private-key": ""}
    result = shop.promote("shop-core", **given)
    assert (result.exit_status, result.changes) == (0, ())
    assert result.outputs["plan"] == "graft"
    assert shop.project.pulls() == []
