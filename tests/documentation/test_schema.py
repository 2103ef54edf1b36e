"""The published schema of the settings, and the parser of the settings, give the same verdict."""

import json
import re
import sys
from pathlib import Path

import jsonschema
import pytest

from dist_actions.errors import InputError
from dist_actions.pipeline.settings import read_settings
from support.paths import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCHEMA = json.loads((ROOT / "docs/schema/dist-actions.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
ID = "https://raw.githubusercontent.com/eigenoid/dist-actions/v1/docs/schema/dist-actions.json"

GOOD = {
    "nothing": "",
    "format": 'tag-format = "{name}@{version}{suffix}"',
    "format with underscores": 'tag-format = "rel_{version:_}{suffix}"',
    "format with the name last": 'tag-format = "v{version}{suffix}-{name}"',
    "one environment": "environments.live = {}",
    "one environment, no suffix in the format": 'tag-format="{version}"\nenvironments.live={}',
    "all keys of an environment": (
        "[environments]\n"
        'dev = {branch="a/b.c", suffix="_dev", github-environment="D", prerelease=false}\n'
        'live = { branch = "main", suffix = "", prerelease = false }'
    ),
    "no packages": "packages = {}",
    "a package": '[packages."Shop.Core_1"]\npath = "packages/core"',
    "all keys of a package": (
        '[packages.core]\npath = "."\ntag-format = "core-{version}{suffix}"\n'
        'version-file = "a.py"\nversion-pattern = "x"\n[packages.web]\npath = "web/"'
    ),
}
BAD = {
    "unknown key": "tag-fromat = 'v{version}{suffix}'",
    "format of another type": "tag-format = 1",
    "empty format": "tag-format = ''",
    "no version": "tag-format = 'v{suffix}'",
    "unknown field": "tag-format = '{package}{version}{suffix}'",
    "two versions": "tag-format = '{version}{version}{suffix}'",
    "two names": "tag-format = '{name}{name}{version}{suffix}'",
    "two suffixes": "tag-format = '{version}{suffix}{suffix}'",
    "suffix first": "tag-format = '{suffix}{version}'",
    "dots as letters": "tag-format = '{version:x}{suffix}'",
    "a space": "tag-format = 'v {version}{suffix}'",
    "environments of another type": "environments = ['dev']",
    "no environments": "environments = {}",
    "environment of another type": "environments.dev = 'dev'",
    "name of an environment": "environments.'a b' = {}",
    "unknown key of an environment": "environments.dev.tag = 'x'",
    "branch": "environments.dev.branch = '-x'",
    "branch of another type": "environments.dev.branch = 1",
    "suffix": "environments.dev.suffix = 'dev'",
    "suffix of another type": "environments.dev.suffix = false",
    "github-environment": "environments.dev.github-environment = 'a/b'",
    "prerelease of another type": "environments.dev.prerelease = 'no'",
    "packages of another type": "packages = ['core']",
    "package of another type": "packages.core = 'packages/core'",
    "name of a package": "packages.'a/b'.path = 'a'",
    "package without path": "packages.core = {}",
    "unknown key of a package": "packages.core = { path = 'a', folder = 'b' }",
    "absolute path": "packages.core.path = '/a'",
    "path that leads out": "packages.core.path = 'a/../../b'",
    "path that only leads out": "packages.core.path = '..'",
    "path with backslashes": "packages.core.path = 'a\\b'",
    "path of another type": "packages.core.path = 1",
    "empty path": "packages.core.path = ''",
    "format of a package": "packages.core = { path = 'a', tag-format = '{v}' }",
    "empty version-file": "packages.core = { path = 'a', version-file = '' }",
    "version-file of another type": "packages.core = { path = 'a', version-file = 1 }",
    "version-pattern alone": "packages.core = { path = 'a', version-pattern = 'x' }",
    "empty version-pattern": "packages.core = {path = 'a', version-file = 'b', version-pattern=''}",
}
#: What only the parser can tell, because it compares values with each other, or asks git's rules.
BEYOND_A_SCHEMA = {
    "environments share tags": "tag-format = '{version}'",
    "a tag reads in two ways": "tag-format = '{version:-}{suffix}'\nenvironments.a.suffix = '-1'\n"
    "environments.b = {}",
    "git refuses the tag": "tag-format = '-{version}{suffix}'",
    "two environments of one branch": "environments.a.branch = 'x'\nenvironments.b.branch = 'x'",
    "two environments of one suffix": "environments.a.suffix = ''\nenvironments.b = {}",
    "production as a pre-release": "environments.live.prerelease = true",
    "two packages in one folder": "packages.a.path = 'x'\npackages.b.path = 'x/'",
    "a package within another": "packages.a.path = 'x'\npackages.b.path = 'x/y'",
    "two packages of one name": "packages.a-b.path = 'x'\npackages.a_b.path = 'y'",
    "two packages that share tags": "tag-format = 'v{version}{suffix}'\n"
    "packages.a.path = 'x'\npackages.b.path = 'y'",
}


def parser_accepts(text: str, workspace: Path) -> bool:
    file = workspace / ".github" / "dist-actions.toml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    try:
        read_settings(workspace, ".")
    except InputError:
        return False
    return True


def schema_accepts(text: str) -> bool:
    return bool(VALIDATOR.is_valid(tomllib.loads(text)))


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_good_settings_are_accepted_by_both(text: str, tmp_path: Path) -> None:
    assert (schema_accepts(text), parser_accepts(text, tmp_path)) == (True, True)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_settings_are_refused_by_both(text: str, tmp_path: Path) -> None:
    assert (schema_accepts(text), parser_accepts(text, tmp_path)) == (False, False)


@pytest.mark.parametrize("text", BEYOND_A_SCHEMA.values(), ids=BEYOND_A_SCHEMA)
def test_some_settings_only_the_parser_refuses(text: str, tmp_path: Path) -> None:
    assert (schema_accepts(text), parser_accepts(text, tmp_path)) == (True, False)


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        (SCHEMA["properties"], "zzz = 1"),
        (SCHEMA["definitions"]["environment"]["properties"], "environments.a.zzz = 1"),
        (SCHEMA["definitions"]["package"]["properties"], "packages.a.zzz = 1"),
    ],
    ids=["settings", "environment", "package"],
)
def test_they_know_the_same_keys(properties: dict[str, object], text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.dist-actions]\n{text}", encoding="utf-8")

    with pytest.raises(InputError, match="zzz is no setting") as refused:
        read_settings(tmp_path, ".")

    known = re.fullmatch(r"the settings here are (.*)\.", refused.value.fix)
    assert known is not None
    assert known[1].split(", ") == list(properties)


def test_the_schema_is_one_and_says_where_it_is() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == ID
    path = ID.partition("/v1/")[2]
    assert (ROOT / path).is_file()


def test_every_setting_is_described() -> None:
    definitions = SCHEMA["definitions"]
    for table in (SCHEMA, definitions["environment"], definitions["package"]):
        for key, rule in table["properties"].items():
            described = definitions["tag-format"] if "$ref" in rule else rule
            assert described["description"], key


@pytest.mark.parametrize(
    "file",
    sorted((ROOT / "examples").rglob("dist-actions.toml")),
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_the_settings_of_an_example_are_accepted_by_both(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert (schema_accepts(text), parser_accepts(text, tmp_path)) == (True, True)
