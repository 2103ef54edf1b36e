"""Which version, of which package, goes where."""

from collections.abc import Mapping, Sequence

import pytest
from packaging.utils import canonicalize_name

from dist_actions.errors import InputError
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.packages import Package
from dist_actions.pipeline.tags import TagFormat
from dist_actions.promote.selection import (
    PromotionRequest,
    Selection,
    select_packages,
    select_version,
)
from support.distributions.builders import parsed

TAGS = TagFormat("v{version}{suffix}", "", DEFAULT_ENVIRONMENTS.suffixes)
RELEASED = ("v0.9.0-dev", "v0.10.0-dev", "v0.11.0-qa", "v0.8.0", "nightly")


def choose(released: Sequence[str] = RELEASED, **wish: str) -> Selection | None:
    return select_version(PromotionRequest(**wish), TAGS, DEFAULT_ENVIRONMENTS, released)


@pytest.mark.parametrize(
    ("given", "tag", "target"),
    [
        pytest.param({}, "v0.10.0-dev", "qa", id="newest of the first environment"),
        pytest.param({"from_name": "qa"}, "v0.11.0-qa", "prd", id="newest of another"),
        pytest.param({"tag": "v0.9.0-dev"}, "v0.9.0-dev", "qa", id="the run's own tag"),
        pytest.param(
            {"tag": "v0.9.0-dev", "from_name": "qa"}, "v0.11.0-qa", "prd", id="from wins over it"
        ),
        pytest.param({"version": "0.1"}, "v0.1-dev", "qa", id="a version that is given"),
        pytest.param({"to_name": "qa"}, "v0.10.0-dev", "qa", id="to is what follows"),
    ],
)
def test_source_version_and_target_are_chosen(given: dict[str, str], tag: str, target: str) -> None:
    chosen = choose(**given)
    assert chosen is not None
    assert (chosen.tags, chosen.target.name) == ((tag,), target)


@pytest.mark.parametrize("given", [{"tag": "v0.8.0"}, {"from_name": "prd"}])
def test_production_is_the_last(given: dict[str, str]) -> None:
    assert choose(**given) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "anchor"),
    [
        ({"from_name": "test"}, "environments"),
        ({"to_name": "test"}, "environments"),
        ({"to_name": "prd"}, "environments"),
        ({"from_name": "qa", "to_name": "dev"}, "environments"),
        ({"from_name": "prd", "to_name": "dev"}, "environments"),
    ],
)
def test_what_is_no_step_is_refused(given: dict[str, str], anchor: str) -> None:
    with pytest.raises(InputError) as raised:
        choose(**given)
    assert raised.value.anchor == anchor


def test_without_a_release_there_is_nothing_to_choose() -> None:
    with pytest.raises(InputError, match="No version was released in dev yet"):
        choose(released=["v1.0.0-qa"])


FORMAT = "{name}-v{version}{suffix}"
CORE = Package(canonicalize_name("shop-core"), "packages/core", tag_format=FORMAT)
API = Package(canonicalize_name("shop-api"), "packages/api", tag_format=FORMAT)
ROOT = Package(canonicalize_name("shop"), ".", tag_format=FORMAT)
SHOP_RELEASED = ("shop-core-v1.9-dev", "shop-core-v1.10-dev", "shop-core-v2.0-qa", "nightly")
SHOP_TAGS = {**dict.fromkeys(SHOP_RELEASED, "c"), "shop-core-v3-dev": "d", "shop-api-v0.1-dev": "e"}


def choose_package(
    packages: Sequence[Package] = (CORE, API),
    tags: Mapping[str, str] = SHOP_TAGS,
    **wish: str,
) -> Selection | None:
    return select_packages(
        PromotionRequest(**wish), packages, DEFAULT_ENVIRONMENTS, SHOP_RELEASED, tags
    )


@pytest.mark.parametrize(
    ("wish", "package", "tags", "label"),
    [
        pytest.param(
            {"package": "Shop_Core"},
            CORE,
            ("shop-core-v1.10-dev",),
            "shop-core-v1.10",
            id="newest released one",
        ),
        pytest.param(
            {"package": "shop-api"},
            API,
            ("shop-api-v0.1-dev",),
            "shop-api-v0.1",
            id="newest tag, where its release is too old to be listed",
        ),
        pytest.param(
            {"package": "shop-core", "version": "3.0"},
            CORE,
            ("shop-core-v3-dev",),
            "shop-core-v3.0",
            id="a version as its tag spells it",
        ),
        pytest.param(
            {"tag": "shop-core-v1.9-dev"},
            CORE,
            ("shop-core-v1.9-dev",),
            "shop-core-v1.9",
            id="the run's tag",
        ),
        pytest.param(
            {"tag": "shop-core-v2.0-qa", "package": "shop-core", "from_name": "dev"},
            CORE,
            ("shop-core-v1.10-dev",),
            "shop-core-v1.10",
            id="from wins over the run's tag",
        ),
        pytest.param(
            {"tag": "shop-core-v1.9-dev", "package": "all"},
            None,
            ("shop-core-v1.9-dev",),
            "",
            id="all at the run's tag",
        ),
        pytest.param(
            {}, None, ("shop-core-v1.10-dev", "shop-api-v0.1-dev"), "", id="all at the newest"
        ),
        pytest.param({"from_name": "qa"}, None, ("shop-core-v2.0-qa",), "", id="all there are"),
    ],
)
def test_package_tags_and_branch_are_chosen(
    wish: dict[str, str], package: Package | None, tags: tuple[str, ...], label: str
) -> None:
    chosen = choose_package(**wish)
    assert chosen is not None
    assert (chosen.package, chosen.tags, chosen.label) == (package, tags, label)


def test_all_are_named_by_their_commit() -> None:
    chosen = choose_package()
    assert chosen is not None
    promotion = chosen.promotion("shop-core-v1.10-dev", "0123456789abcdef")
    assert promotion.branch == "promote/all-0123456-to-qa"
    assert promotion.version is None


def test_the_only_package_in_the_root_is_everything() -> None:
    chosen = choose_package((ROOT,), {"shop-v1-dev": "c"}, package="shop")
    assert chosen is not None
    assert (chosen.package, chosen.version, chosen.label) == (None, parsed("1"), "shop-v1")


@pytest.mark.parametrize("wish", [{"tag": "shop-core-v1"}, {"from_name": "prd"}])
def test_production_is_the_last_for_packages_too(wish: dict[str, str]) -> None:
    assert choose_package(**wish) is None


@pytest.mark.parametrize(
    ("packages", "wish", "said"),
    [
        ((CORE, API), {"package": "web"}, "'web', which is no package"),
        ((CORE, API), {"package": "all", "version": "1.0"}, "version is 1.0, but all packages"),
        ((ROOT, API), {"package": "shop"}, "shop cannot be promoted alone"),
        ((CORE, API), {"package": "shop-api", "from_name": "qa"}, "No version of shop-api"),
        ((API,), {"from_name": "qa"}, "No version was released in qa"),
        ((CORE, API), {"to_name": "prd"}, "prd does not follow dev"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    packages: Sequence[Package], wish: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        choose_package(packages, **wish)
