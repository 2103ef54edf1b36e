"""A project's settings: defaults, the project's file, inputs; the later win."""

from pathlib import Path

import pytest

from dist_actions.errors import InputError, Location
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.settings import Settings, read_settings
from support.projects.settings import write_settings

SETTINGS = 'tag-format = "{version}{suffix}"\nenvironments.live.branch = "main"\n'


def test_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path, ".") == Settings("v{version}{suffix}", DEFAULT_ENVIRONMENTS)


@pytest.mark.parametrize("own", [True, False], ids=["its own file", "pyproject.toml"])
def test_the_projects_file(tmp_path: Path, own: bool) -> None:
    if own:
        write_settings(tmp_path, SETTINGS)
    else:
        write_settings(tmp_path, f"[tool.dist-actions]\n{SETTINGS}", "pkg/pyproject.toml")

    settings = read_settings(tmp_path, "pkg")

    assert settings.tag_format == "{version}{suffix}"
    assert [stage.name for stage in settings.environments.stages] == ["live"]


def test_inputs_win(tmp_path: Path) -> None:
    write_settings(tmp_path, f"[tool.dist-actions]\n{SETTINGS}", "pyproject.toml")

    settings = read_settings(
        tmp_path, ".", tag_format="r{version}{suffix}", environments="one = {}"
    )

    assert settings.tag_format == "r{version}{suffix}"
    assert [stage.name for stage in settings.environments.stages] == ["one"]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("\n[tool.dist-actions]\n\nbranch = 1", 4, "tool.dist-actions.branch is no setting"),
        ("tool.dist-actions.branch = 1", 1, "tool.dist-actions.branch is no setting"),
        ("[tool]\ndist-actions = { branch = 1 }", 2, "tool.dist-actions.branch is no setting"),
        ("[tool.dist-actions]\ntag-format = 1", 2, "tag-format is 1, which is no text"),
        ("[tool.dist-actions]\ntag-format = ''", 2, "tag-format is empty"),
        ("[tool.dist-actions]\ntag-format = 'v'", 2, "{version} is missing"),
        ("[tool.dist-actions]\nenvironments = 1", 2, "environments is no table"),
        ("[tool.dist-actions]\nenvironments = {}", 2, "environments holds no environment"),
        ("[tool.dist-actions.environments]\ndev.colour = 1", 2, "environments.dev.colour is no"),
        ("[tool.dist-actions.environments.dev]\nbranch = '-x'", 2, "dev.branch is '-x'"),
        ("[tool.dist-actions.environments.'a b']", 1, "environments.'a b' is no usable name"),
        ("[tool.dist-actions.environments.dev]\nprerelease = true", 2, "dev.prerelease is true"),
        (
            "[tool.dist-actions.environments]\na = { branch = 'x' }\nb.branch = 'x'",
            3,
            "environments.b.branch has the branch 'x', which a has too",
        ),
        (
            "[tool.dist-actions.environments]\nmain = {}\nb = { branch = 'main' }",
            3,
            "environments.b.branch has the branch 'main', which main has too",
        ),
        (
            "[tool.dist-actions.environments]\na = { branch = 'b' }\nb = { suffix = '-b' }",
            3,
            "environments.b has the branch 'b', which a has too",
        ),
        ("[tool]\ndist-actions = 1", 2, "tool.dist-actions is no table"),
        ("tool = 1", 1, "tool is no table"),
    ],
)
def test_unusable_settings(tmp_path: Path, text: str, line: int, problem: str) -> None:
    write_settings(tmp_path, text, "pyproject.toml")

    with pytest.raises(InputError) as refused:
        read_settings(tmp_path, ".")

    assert problem in refused.value.what
    assert refused.value.what.startswith(f"pyproject.toml:{line}: ")
    assert refused.value.location == Location("pyproject.toml", line)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["[tool", "tool = 1\ntool = 2"],
    ids=["bracket", "twice"],
)
def test_what_is_no_toml(tmp_path: Path, text: str) -> None:
    write_settings(tmp_path, text, "pyproject.toml")

    with pytest.raises(InputError, match="not valid TOML"):
        read_settings(tmp_path, ".")


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "9" * 5000,
        "x = [{ y = -" + "9" * 5000 + " }]",
        "x = 0x" + "f" * 5000,
        "x = " + "[" * 5000,
    ],
    ids=["number", "number in a table", "hexadecimal number", "deep"],
)
def test_toml_of_more_than_can_be_read(tmp_path: Path, text: str) -> None:
    write_settings(tmp_path, text, "pyproject.toml")

    with pytest.raises(InputError, match=r"pyproject.toml holds more than can be read") as refused:
        read_settings(tmp_path, ".")
    assert refused.value.location == Location("pyproject.toml")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("TAG_FORMAT", "write tag-format."),
        ("tagformat", "write tag-format."),
        ("Environment", "write environments."),
        ("package", "write packages."),
        ("zzz", "the settings here are tag-format, environments, packages."),
    ],
)
def test_a_misspelt_key_is_recognised(tmp_path: Path, key: str, meant: str) -> None:
    write_settings(tmp_path, f"{key} = 1")

    with pytest.raises(InputError) as refused:
        read_settings(tmp_path, ".")

    assert refused.value.fix == meant


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ([".github/dist-actions.toml", "pyproject.toml"], "{} and pyproject.toml:3 hold"),
        ([".github/dist-actions.toml", "pkg/pyproject.toml"], "{} and pkg/pyproject.toml:3 hold"),
        (["pyproject.toml", "pkg/pyproject.toml"], "pyproject.toml:3 and pkg/pyproject.toml:3"),
    ],
)
def test_settings_in_two_places_are_refused(tmp_path: Path, files: list[str], named: str) -> None:
    for name in files:
        own = SETTINGS if name.endswith("actions.toml") else f"\n\n[tool.dist-actions]\n{SETTINGS}"
        write_settings(tmp_path, own, name)

    with pytest.raises(InputError) as refused:
        read_settings(tmp_path, "pkg")

    assert named.format(files[0]) in refused.value.what
    assert refused.value.fix == f"move them all into {files[0]}."


def test_settings_of_a_package_beside_those_of_all_are_refused(tmp_path: Path) -> None:
    write_settings(tmp_path, "packages.a.path = '.'\npackages.b.path = 'b'\n")
    write_settings(tmp_path, "[tool.dist-actions]\ntag-format = 'x'\n", "b/pyproject.toml")

    with pytest.raises(InputError, match=r"and b/pyproject\.toml:1 hold settings"):
        read_settings(tmp_path, ".")


def test_the_package_in_the_root_may_hold_the_settings_of_all(tmp_path: Path) -> None:
    text = "[tool.dist-actions.packages]\na.path = '.'\nb.path = 'b'\n"
    write_settings(tmp_path, text, "pyproject.toml")

    assert len(read_settings(tmp_path, "b").packages) == 2


@pytest.mark.parametrize("target", ["..", "pkg"], ids=["parent", "circle"])
def test_a_package_path_that_is_a_link_out_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "pkg").symlink_to(target)

    with pytest.raises(InputError, match="package-path pkg leads out of the repository"):
        read_settings(tmp_path / "workspace", "pkg")


@pytest.mark.parametrize("text", ["", "# nothing", "[tool.dist-actions]\n"])
def test_an_empty_place_holds_no_settings(tmp_path: Path, text: str) -> None:
    write_settings(tmp_path, "# none yet\n")
    write_settings(tmp_path, text, "pyproject.toml")
    write_settings(tmp_path, f"[tool.dist-actions]\n{SETTINGS}", "pkg/pyproject.toml")

    assert read_settings(tmp_path, "pkg").tag_format == "{version}{suffix}"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("dev = 1", "the input environments:1: dev is no table"),
        ("dev = {}\n\nqa = { brunch = 'x' }", "the input environments:3: qa.brunch is no setting"),
        ("dev = ", "the input environments is not valid TOML"),
    ],
)
def test_an_unusable_input_is_told_as_such(tmp_path: Path, given: str, problem: str) -> None:
    with pytest.raises(InputError) as refused:
        read_settings(tmp_path, ".", environments=given)

    assert problem in refused.value.what


def test_settings_are_not_read_through_a_link_out_of_the_repository(tmp_path: Path) -> None:
    outside = write_settings(tmp_path, SETTINGS, "outside.toml")
    (tmp_path / "workspace" / ".github").mkdir(parents=True)
    (tmp_path / "workspace" / ".github" / "dist-actions.toml").symlink_to(outside)

    with pytest.raises(InputError, match="leads out of the repository"):
        read_settings(tmp_path / "workspace", ".")


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b'[project]\nname = "\xff"\n')

    with pytest.raises(InputError, match="not UTF-8"):
        read_settings(tmp_path, ".")
