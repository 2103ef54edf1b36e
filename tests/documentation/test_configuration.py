"""What docs/configuration.md shows is what the settings do."""

import json
import re
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

from dist_actions.cli import main
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.settings import Settings, read_settings
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, TagFormat
from support.documentation.pages import page
from support.paths import ROOT
from support.projects.settings import write_settings

PAGE = page("docs/configuration.md")
SCHEMA = json.loads((ROOT / "docs/schema/dist-actions.json").read_text(encoding="utf-8"))
PROJECT = (
    "[project]\nname = 'sample'\nrequires-python = '>=3.12'\nclassifiers = "
    "['Programming Language :: Python :: 3.12', 'Programming Language :: Python :: 3.13']\n"
)


def load(text: str, workspace: Path) -> Settings:
    """What a block of settings means, in the file that it is for."""
    own = "[tool." not in text
    write_settings(workspace, text, ".github/dist-actions.toml" if own else "pyproject.toml")
    return read_settings(workspace, ".")


def rows(section: str) -> list[list[str]]:
    """The cells of a section's tables, without their heads."""
    found = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return [row for row in found if row[0].startswith("`")]


def blocks(heading: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.section(heading), re.DOTALL)


@pytest.mark.parametrize("block", PAGE.blocks("toml"), ids=lambda block: block.text[:30])
def test_an_example_is_understood(block, tmp_path: Path) -> None:
    assert load(block.text, tmp_path) != Settings() or "prd" in block.text or "#:" in block.text


def test_the_first_line_names_the_schema(tmp_path: Path) -> None:
    first = PAGE.blocks("toml")[0].text.splitlines()[0]
    assert first == f"#:schema {SCHEMA['$id']}"


def test_the_default_environments_are_shown(tmp_path: Path) -> None:
    shown = blocks("Environments", "toml")[1]
    assert load(shown, tmp_path).environments == DEFAULT_ENVIRONMENTS


def test_every_key_of_an_environment_is_in_the_example(tmp_path: Path) -> None:
    staging, production = load(blocks("Environments", "toml")[0], tmp_path).environments.stages
    assert (staging.branch, staging.suffix, staging.prerelease) == ("develop", "-rc", True)
    assert production.github_environment == "live"


def test_the_input_is_understood(tmp_path: Path) -> None:
    given = yaml.safe_load(blocks("Environments", "yaml")[0])["with"]["environments"]
    stages = read_settings(tmp_path, ".", environments=given).environments.stages
    assert [stage.branch for stage in stages] == ["develop", "main"]


def test_the_packages_shown(tmp_path: Path) -> None:
    core, web = load(blocks("Packages", "toml")[0], tmp_path).packages
    assert (core.name, core.path, core.tag_format) == (
        "shop-core",
        "packages/core",
        "{name}-v{version}{suffix}",
    )
    assert web.version_source.file == "shop_web/about.py"
    found = re.search(web.version_source.pattern, 'VERSION = "1.2"')
    assert found is not None
    assert found["version"] == "1.2"


@pytest.mark.parametrize(
    ("heading", "properties"),
    [
        ("Environments", SCHEMA["definitions"]["environment"]["properties"]),
        ("Packages", SCHEMA["definitions"]["package"]["properties"]),
    ],
)
def test_every_key_has_a_row(heading: str, properties: dict[str, object]) -> None:
    assert [row[0].strip("`") for row in rows(PAGE.section(heading))] == list(properties)


def test_every_setting_has_a_row_and_a_section() -> None:
    named = re.findall(r"^\| \[`([\w-]+)`\]\(#", PAGE.text, re.MULTILINE)
    assert named == list(SCHEMA["properties"])
    assert f"| [`tag-format`](#tag-format) | `{DEFAULT_TAG_FORMAT}` |" in PAGE.text


@pytest.mark.parametrize(
    "row", [row for row in rows(PAGE.section("Tag format")) if "}{suffix}" in row[0]], ids=str
)
def test_the_tags_of_a_template(row: list[str]) -> None:
    template, tags = row[0].strip("`"), re.findall(r"`([^`]+)`", row[1])
    (version,) = re.findall(r"\d+[._]\d+[._]\d+", tags[0])
    name = re.split(r"[@-]v?\d", tags[0])[0]
    form = TagFormat(template, name, DEFAULT_ENVIRONMENTS.suffixes)
    assert [form.format(Version(version.replace("_", ".")), one) for one in ("", "-dev")] == tags


@pytest.mark.parametrize("heading", ["Tag format", "Pythons to test on"])
def test_the_commands_print_what_is_shown(
    heading: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_settings(tmp_path, PROJECT, "pyproject.toml")
    monkeypatch.chdir(tmp_path)
    shown = blocks(heading, "console")[0]
    for command in re.findall(r"^\$ dist-actions (.*)$", shown, re.MULTILINE):
        print(f"$ dist-actions {command}")
        assert main(command.split()) == 0

    assert capsys.readouterr().out == shown


def test_the_troubleshooting_of_settings_leads_here() -> None:
    assert "(configuration.md)" in page("docs/troubleshooting.md").section("Settings")
