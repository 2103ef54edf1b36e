"""What the target lacks, what to promote first, and what cannot be promoted at all."""

from collections.abc import Mapping, Sequence

import pytest

from dist_actions.dependencies.reading import MOST_METADATA, PrivatePackages
from dist_actions.dependencies.verdict import (
    Verdict,
    decide,
    describe,
    find_dependents,
    order_roots,
)
from dist_actions.errors import PromotionError
from support.dependencies.indexes import MemoryIndex, describe_version

Contents = Mapping[str, Sequence[str]]


def judge(
    requires: Sequence[str], target: Contents, source: Contents, yanked: Sequence[str] = ()
) -> tuple[Verdict, str]:
    """The verdict on web 1.0, and its words where it is not good."""
    packages = PrivatePackages(MemoryIndex("qa", target, yanked), MemoryIndex("dev", source))
    root = describe_version("web", "1.0", *requires)
    verdict = packages.answer(lambda target, source: decide([root], target, source))
    obstacle = verdict.obstacle
    return verdict, describe(obstacle, *packages.catalogues) if obstacle else ""


def first(verdict: Verdict) -> list[str]:
    return [str(version) for version in verdict.obstacle.promotions] if verdict.obstacle else []


CORE: Contents = {"core 0.1": (), "core 0.2": ()}
OLD: Contents = {"core 0.1": ()}


@pytest.mark.parametrize(
    ("requires", "target"),
    [
        pytest.param(["core>=0.1"], OLD, id="a version that fits"),
        pytest.param(["core>=0.2 ; python_version < '3'"], OLD, id="a marker that never holds"),
        pytest.param(["core>=0.2 ; sys_platform == 'emscripten'"], OLD, id="no such platform"),
        pytest.param(["core>=0.2 ; extra == 'fast'"], OLD, id="an extra of its own"),
        pytest.param(["core @ https://example.com/core-9.whl"], {}, id="an address"),
        pytest.param(["core @ file:///core"], {}, id="a path"),
        pytest.param(["numpy>=9999"], OLD, id="a public package"),
        pytest.param(["core[slow]"], {"core 0.1": ()}, id="an extra that nobody has"),
        pytest.param(["core>=1"], {"core 1.1rc1": ()}, id="a pre-release, where nothing else is"),
        pytest.param(["core"], {"core 0.1": ["web"]}, id="a circle that fits"),
        pytest.param(["core"], {"core 0.1": ["core[fast]"]}, id="a circle of one"),
        pytest.param(["Core_Kit.x"], {"core-kit-x 0.1": ()}, id="another spelling"),
        pytest.param(
            ["core"],
            {"core 0.1": (), "core 0.2": ["Requires-Python: >=3.13"]},
            id="an older version for older Pythons",
        ),
        pytest.param(
            ["core>=0.2 ; python_version >= '3.13'", "Requires-Python: <3.13"],
            OLD,
            id="a Python that it does not support",
        ),
    ],
)
def test_the_target_holds_what_is_required(requires: list[str], target: Contents) -> None:
    assert judge(requires, target, {**CORE, "util 0.1": ()})[1] == ""


@pytest.mark.parametrize(
    ("requires", "target", "source", "promotions"),
    [
        pytest.param(["core>=0.2"], OLD, CORE, ["core 0.2"], id="an older version"),
        pytest.param(["core"], {}, OLD, ["core 0.1"], id="no version"),
        pytest.param(["core==0.1"], {"core 0.2": ()}, CORE, ["core 0.1"], id="a newer one"),
        pytest.param(
            ["core>=0.2"],
            OLD,
            {"core 0.2": ["util"], "util 0.3": ["base>=2"], "base 2": (), "base 1": ()},
            ["base 2", "util 0.3", "core 0.2"],
            id="a chain",
        ),
        pytest.param(
            ["core[fast]"],
            OLD | {"core 0.1": ["util ; extra == 'fast'"]},
            {**CORE, "util 0.1": ()},
            ["util 0.1"],
            id="an extra of a private package",
        ),
        pytest.param(
            ["core>=0.2 ; sys_platform == 'win32' and python_version >= '3.14'"],
            OLD,
            CORE,
            ["core 0.2"],
            id="one machine alone",
        ),
        pytest.param(["core>=1"], OLD, {"core 1.1rc1": ()}, ["core 1.1rc1"], id="a pre-release"),
        pytest.param(
            ["core", "util"],
            {"core 0.1": ["base<2"], "util 0.1": ["base>=2"], "base 2": (), "base 1": ()},
            {"core 0.2": ["base"]},
            ["core 0.2"],
            id="each has a version, but none together",
        ),
        pytest.param(
            ["core>=0.2"],
            {**OLD, "web 0.9": ()},
            {"core 0.2": ["web>=0.9"], "web 0.9": ()},
            ["core 0.2"],
            id="a circle whose other half fits already",
        ),
    ],
)
def test_what_to_promote_first(
    requires: list[str], target: Contents, source: Contents, promotions: list[str]
) -> None:
    verdict, _ = judge(requires, target, source)
    assert first(verdict) == promotions


def test_a_yanked_version_is_absent_unless_it_is_pinned() -> None:
    verdict, words = judge(["core>=0.2"], CORE, CORE, yanked=["core 0.2"])
    assert first(verdict) == ["core 0.2"]
    assert "of which qa has 0.2 (yanked), 0.1 and dev has 0.2, 0.1" in words
    assert judge(["core==0.2"], CORE, CORE, yanked=["core 0.2"])[1] == ""
    assert judge(["core==0.2.*"], CORE, CORE, yanked=["core 0.2"])[1] != ""


def test_two_that_need_each_others_next_version_are_a_circle() -> None:
    target = {"core 0.1": ["web>=0.9"], "web 0.9": ["core"]}
    source = {"core 0.2": ["web>=1.0"], "web 1.0": ["core>=0.2"], **target}
    verdict, words = judge(["core>=0.2"], target, source)
    assert first(verdict) == []
    assert "core 0.2 and web 1.0 require each other, so neither can be promoted first" in words
    others = {"core 0.2": ["util>=0.2"], "util 0.2": ["core>=0.2"]}
    _, words = judge(["core>=0.2"], {**OLD, "util 0.1": ()}, others)
    assert "require each other" in words
    assert "core 0.2" in words.partition("Why:")[2]
    assert "util 0.2" in words.partition("Why:")[2]


def test_versions_that_no_index_has_are_to_be_released() -> None:
    verdict, words = judge(["core>=0.3"], OLD, CORE)
    assert first(verdict) == []
    assert words == (
        "web 1.0 requires core>=0.3, of which qa has 0.1 and dev has 0.2, 0.1 (Python 3.10 on "
        "Linux). Why: dev has no versions either that fit together. Fix: release what is missing "
        "in dev, or require what is there"
    )


def test_what_is_not_judged_is_said() -> None:
    verdict, _ = judge(["core @ https://example.com/core-9.whl", "util"], {"util 1": ()}, {})
    assert verdict.unjudged == ("core @ https://example.com/core-9.whl",)
    verdict, words = judge(["core>=9", "Requires-Python: <3.9"], OLD, CORE)
    assert (verdict.machines, words) == ((), "")


def test_only_what_is_private_and_required_is_read_and_nothing_twice() -> None:
    target = MemoryIndex("qa", {**CORE, "util 0.1": ["core"], "other 1": ()})
    source = MemoryIndex("dev", {**CORE, "other 1": ()})
    packages = PrivatePackages(target, source)
    root = describe_version("web", "1.0", "core", "util", "numpy", "requests[socks]")
    packages.answer(lambda target, source: decide([root], target, source))
    assert sorted(target.reads) == ["core", "core 0.2", "util", "util 0.1"]
    assert source.reads == []


def test_hundreds_of_dependencies_are_decided_and_more_than_a_thousand_refused() -> None:
    names = [f"p{number}" for number in range(MOST_METADATA)]
    contents = {f"{name} 1": () for name in names}
    assert judge(names[:300], contents, contents)[1] == ""
    more = {**contents, "last 1": ()}
    with pytest.raises(PromotionError, match="More than 1000 versions"):
        judge([*names, "last"], more, more)


def test_who_depends_on_what_is_promoted() -> None:
    contents = {
        "web 1.0": ["core<2", "numpy"],
        "web 0.9": ["core<1"],
        "api 2.0": ["core[fast]>=1 ; python_version > '3'"],
        "api 3.0rc1": ["core<1"],
        "cli 1": ["core @ https://example.com/core.whl"],
        "core 1.9": (),
    }
    packages = PrivatePackages(MemoryIndex("qa", contents), None)
    root = describe_version("core", "2.0")
    dependents = packages.answer(
        lambda target, _source: find_dependents([root], target, packages.projects)
    )
    assert [(str(dependent.version), dependent.admits) for dependent in dependents] == [
        ("api 2.0", True),
        ("web 1.0", False),
    ]


def test_packages_of_one_repository_come_after_those_that_they_require() -> None:
    roots = [describe_version("web", "1", "core", "numpy"), describe_version("core", "1")]
    assert order_roots(roots) == ("core", "web")
    circle = [describe_version("web", "1", "core"), describe_version("core", "1", "web")]
    assert order_roots(circle) == ("web", "core")


def test_packages_that_are_promoted_together_need_not_be_there_before() -> None:
    roots = [describe_version("web", "1", "core>=2"), describe_version("core", "2", "web>=1")]
    packages = PrivatePackages(MemoryIndex("qa", OLD), MemoryIndex("dev", {}))
    assert packages.answer(lambda t, s: decide(roots, t, s)).obstacle is None


@pytest.mark.parametrize("requires", ["web>=2", "Web!=1.0", "web[fast]<1"])
def test_another_version_of_itself_can_only_be_left_out(requires: str) -> None:
    _, words = judge([requires], CORE, {"web 2.0": (), "web 0.1": ()})
    assert "Why: web 1.0 is the version that is installed. Fix: leave the requirement" in words


def test_a_requirement_on_itself_that_fits_is_not_blamed() -> None:
    _, words = judge(["web[fast]>=1", "core>=9"], CORE, CORE)
    assert "Why: dev has no versions either that fit together" in words


def test_without_the_other_index_nobody_knows_what_to_promote_first() -> None:
    packages = PrivatePackages(MemoryIndex("qa", OLD), None)
    root = describe_version("web", "1.0", "core>=0.2")
    verdict = packages.answer(lambda target, source: decide([root], target, source))
    assert verdict.obstacle
    words = describe(verdict.obstacle, *packages.catalogues)
    assert "of which qa has 0.1 (" in words
    assert "Why: qa has no versions that fit together, and what the other environment has" in words
    assert "  " not in words
