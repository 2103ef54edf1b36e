"""The packages of a repository: their settings, and that their tags never meet."""

from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_actions.pipeline.packages import Package, package_of_tag
from dist_actions.pipeline.settings import read_settings
from dist_actions.versions import VersionSource
from support.projects.settings import write_settings

TWO = """\
[packages."Shop.Core"]
path = "packages/core"

[packages.shop-web]
path = "packages/web/"
tag-format = "web-v{version}{suffix}"
version-file = "web.py"
version-pattern = "V = '(.*)'"
"""


def read(workspace: Path, text: str, **inputs: str) -> tuple[Package, ...]:
    write_settings(workspace, text)
    return read_settings(workspace, ".", **inputs).packages


def test_packages_in_the_order_given(tmp_path: Path) -> None:
    assert read(tmp_path, TWO) == (
        Package("shop-core", "packages/core", VersionSource(), "{name}-v{version}{suffix}"),
        Package(
            "shop-web",
            "packages/web",
            VersionSource(file="web.py", pattern="V = '(.*)'"),
            "web-v{version}{suffix}",
        ),
    )


def test_packages_of_the_root_hold_for_a_package_below(tmp_path: Path) -> None:
    root = tmp_path / "pyproject.toml"
    root.write_text("[tool.dist-actions.packages]\nshop-core.path = 'core'\n", encoding="utf-8")
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")

    assert [one.path for one in read_settings(tmp_path, "core").packages] == ["core"]


@pytest.mark.parametrize(
    ("settings", "given", "expected"),
    [
        ("", "", ["{name}-v{version}{suffix}", "web-v{version}{suffix}"]),
        ('tag-format = "{name}@{version}{suffix}"\n', "", ["{name}@{version}{suffix}"]),
        ("", "{name}@{version}{suffix}", ["{name}@{version}{suffix}"]),
        (
            'tag-format = "{name}@{version}{suffix}"\n',
            "{name}_{version}{suffix}",
            ["{name}_{version}{suffix}", "web-v{version}{suffix}"],
        ),
    ],
    ids=["default", "settings", "input", "input over settings"],
)
def test_the_format_of_a_package_that_sets_none(
    tmp_path: Path, settings: str, given: str, expected: list[str]
) -> None:
    formats = [one.tag_format for one in read(tmp_path, settings + TWO, tag_format=given)]

    assert formats == [*expected, "web-v{version}{suffix}"][:2]


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("shop-core-v1.0", "shop-core"),
        ("shop-core-v1.0-dev", "shop-core"),
        ("web-v1.0-qa", "shop-web"),
        ("shop-web-v1.0", None),
        ("v1.0", None),
    ],
)
def test_a_tag_selects_its_package(tmp_path: Path, tag: str, name: str | None) -> None:
    found = package_of_tag(read(tmp_path, TWO), ("-dev", "-qa", ""), tag)

    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (("pkg", "{name}{version}"), ("pkg2", "{name}{version}"), "pkg20 would be a tag of both"),
        (("a", "v{version}"), ("b", "v{version}"), "v0 would be a tag of both"),
        (("core", "core-v{version}"), ("x", "core-v{version}-dev"), "core-v0-dev"),
        (("a", "{version}"), ("b", "1.{version}"), "1.0 would be a tag of both"),
        (("a", "a{version:_}"), ("b", "a1_{version}"), "a1_0 would be a tag of both"),
        (("a", "a{version:-}"), ("b", "a{version}"), "a0 would be a tag of both"),
        (("a", "x/{version}"), ("b", "x/1/{version}"), "git cannot hold x/1/0 beside x/1"),
    ],
)
def test_packages_that_could_share_a_tag_are_refused(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str], shared: str
) -> None:
    text = "".join(
        f"[packages.{name}]\npath = '{name}'\ntag-format = '{form}{{suffix}}'\n"
        for name, form in (one, other)
    )

    with pytest.raises(InputError) as refused:
        read(tmp_path, text)

    assert shared in refused.value.what
    assert f".github/dist-actions.toml:6: packages.{other[0]}.tag-format" in refused.value.what
    assert f"{one[0]}:" in refused.value.what
    assert refused.value.location is not None
    assert refused.value.location.line == 6


@pytest.mark.parametrize(
    "forms",
    [
        ("{name}-v{version}{suffix}", "{name}-v{version}{suffix}"),
        ("v{version}{suffix}", "{name}/v{version}{suffix}"),
        ("{name}{version}{suffix}", "{name}@{version}{suffix}"),
        ("a{version:_}{suffix}", "a{version}-x{suffix}"),
    ],
)
def test_packages_whose_tags_never_meet(tmp_path: Path, forms: tuple[str, str]) -> None:
    names = ("pkg", "pkg2")
    text = "".join(
        f"packages.{name} = {{ path = '{name}', tag-format = '{form}' }}\n"
        for name, form in zip(names, forms, strict=True)
    )

    assert len(read(tmp_path, text)) == 2


def test_an_input_by_which_packages_share_tags_is_refused(tmp_path: Path) -> None:
    text = "packages.a.path = 'x'\npackages.b.path = 'y'\n"

    with pytest.raises(InputError, match="shares tags with a: v0 would be") as refused:
        read(tmp_path, text, tag_format="v{version}{suffix}")

    assert refused.value.location is not None
    assert refused.value.location.line == 2


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("packages = 1", 1, "packages is no table"),
        ("\npackages.a = 1", 2, "packages.a is no table"),
        ("packages.a = {}", 1, "packages.a has no path"),
        ("[packages.a]\n\n[packages.b]\npath='x'", 1, "packages.a has no path"),
        ("[packages.a]\npath = 1", 2, "packages.a.path is 1, which is no text"),
        ("[packages.a]\npath = ''", 2, "packages.a.path is empty"),
        ("[packages.a]\npath = '/x'", 2, "no folder below"),
        ("[packages.a]\npath = 'x/../..'", 2, "no folder below"),
        ("[packages.a]\npath = 'x\\y'", 2, "no folder below"),
        ('[packages.a]\npath = "x\\u0000"', 2, "no folder below"),
        ("[packages.a]\npath = '.'\ntag-format = 'x'", 3, "{version} is missing"),
        ("tag-format = 'x'\n[packages.a]\npath = '.'", 1, "{version} is missing"),
        ("[packages.a]\npath = '.'\nversion-pattern = 'x'", 3, "stands without version-file"),
        ("[packages.a]\npaht = '.'", 2, "packages.a.paht is no setting"),
        ("[packages.a]\npath='x'\n[packages.A]\npath='y'", 3, "packages.A is the same name as a"),
        ("[packages.a]\npath='x'\n[packages.b]\npath='x/'", 4, "overlaps x, the path of a"),
        ("[packages.a]\npath='x/y'\n[packages.b]\npath='x'", 4, "is x, which overlaps x/y"),
        ("[packages.a]\npath='.'\n[packages.b]\npath='./'", 4, "overlaps ., the path of a"),
        ("[packages.'-a']\npath='x'", 1, "packages.-a is no name of a distribution"),
        ('[packages."a\\n"]\npath="x"', 1, r"packages.'a\n' is no name of a distribution"),
        ('[packages."\\u212Aelvin"]\npath="x"', 1, "is no name of a distribution"),
    ],
)
def test_unusable_packages(tmp_path: Path, text: str, line: int, problem: str) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, text)

    assert problem in refused.value.what
    assert refused.value.what.startswith(f".github/dist-actions.toml:{line}: ")
    assert refused.value.location is not None
    assert refused.value.location.line == line


def test_the_root_may_hold_other_packages(tmp_path: Path) -> None:
    packages = read(tmp_path, "packages.a.path = '.'\npackages.b.path = 'libs/b'\n")

    assert [one.path for one in packages] == [".", "libs/b"]


@pytest.mark.parametrize("target", ["..", "/", "packages"], ids=["parent", "root", "circle"])
def test_a_link_out_of_the_repository_is_refused(tmp_path: Path, target: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "packages").symlink_to(target)

    with pytest.raises(InputError, match="leads out of the repository"):
        read(workspace, "packages.a.path = 'packages/a'\n")


def test_a_folder_that_is_not_checked_out_is_no_error(tmp_path: Path) -> None:
    assert len(read(tmp_path, "packages.a.path = 'not/here'\n")) == 1


def test_many_packages_are_compared_in_time(tmp_path: Path) -> None:
    text = "".join(f"packages.part-{number}.path = 'part-{number}'\n" for number in range(60))

    assert len(read(tmp_path, text)) == 60
