"""Parsers of a project's own files: settings, versions, tags, the changelog."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from packaging.version import Version

from dist_actions.changelog import section_of, sections_between
from dist_actions.commands.init.files import FileList
from dist_actions.commands.init.packages import read_package
from dist_actions.commands.init.testing.project_tables import (
    read_extras,
    read_groups,
    read_hatch_environments,
    read_tool_groups,
)
from dist_actions.commands.init.testing.runners import read_files, read_runners
from dist_actions.commands.init.testing.sources import parse_requirement
from dist_actions.commands.init.testing.test_files import (
    parse_python,
    read_ini,
    read_pytest_settings,
    read_tests,
)
from dist_actions.errors import Location
from dist_actions.indexes.project_indexes import find_in_project
from dist_actions.pipeline.environments import parse_environments
from dist_actions.pipeline.packages import parse_packages
from dist_actions.pipeline.settings import Settings, parse_settings, read_settings
from dist_actions.pipeline.tags import ParsedTag, TagFormat, is_ref_name
from dist_actions.toml import key_lines, parse_toml, read_text, read_toml
from dist_actions.versions.build_tools.cargo import read_maturin
from dist_actions.versions.build_tools.hatch import read_hatch
from dist_actions.versions.build_tools.meson import read_meson
from dist_actions.versions.build_tools.readers import read_static
from dist_actions.versions.pattern import find_in_text
from dist_actions.versions.project_files import ProjectFiles, ProjectVersion, VersionSource
from dist_actions.versions.python_support import read_matrix, read_python_support
from dist_actions.versions.reading import find_version, parse, read_declared, read_version
from dist_actions.versions.setuptools.configuration import read_setup_cfg, read_setuptools
from dist_actions.versions.setuptools.setup_py import read_setup_py
from dist_actions.versions.tag_derived import find_deriver
from support.parsers.parser import Parser
from support.parsers.texts import ANY_TEXT, decoded, texts

Files = Mapping[str, str]

_VERSIONS = ("1.0.0", "2026.1", "1!2.0.dev3", "0.1rc1.post2", "01.0", "1.0+local", "1_0", "v1.0")
_TAG_TEXTS = texts(
    ["v", "1.0.0", "-dev", "-qa", "/", "1!2.0", "rc1", ".post1", "_", "0", "sample-"]
)
_FORMATS = st.sampled_from(
    [
        TagFormat("v{version}{suffix}", "sample", ("-dev", "-qa", "")),
        TagFormat("{name}/v{version:_}{suffix}", "sample", ("-dev", "")),
    ]
)
_TOML = texts(
    [
        "[tool.dist-actions]\n",
        "[tool.dist-actions.environments]\n",
        "[project]\n",
        'name = "x"\n',
        'tag-format = "v{version}{suffix}"\n',
        'dev = { branch = "dev" }\n',
        "packages = []\n",
        'version = "1.0.0"\n',
        'dynamic = ["version"]\n',
        "[[a]]\n",
        "a.b = 1\n",
        '"',
        "'''",
        '"""',
        "{",
        "}",
        "[",
        "]",
        "=",
        "#",
        "\n",
        "0x",
        "1979-05-27T07:32:00Z",
        "\\u00e9",
        "nan",
        "\r\n",
    ]
)
_SETTINGS = texts(
    [
        'tag-format = "v{version}{suffix}"\n',
        'tag-format = "{name}-{version}"\n',
        "[environments]\n",
        'dev = { branch = "dev" }\n',
        'pypi = { branch = "main", suffix = "" }\n',
        "[[packages]]\n",
        'path = "a"\n',
        'path = ".."\n',
        'name = "b"\n',
        'suffix = "-x"\n',
        "environments = 1\n",
    ]
)
_PYPROJECT = texts(
    [
        '[build-system]\nbuild-backend = "hatchling.build"\n',
        "[project]\n",
        'name = "sample"\n',
        '[build-system]\nbuild-backend = "setuptools.build_meta"\nrequires = ["setuptools_scm"]\n',
        '[build-system]\nbuild-backend = "flit_core.buildapi"\n',
        'dynamic = ["version"]\n',
        'version = "1.0"\n',
        '[tool.hatch.version]\npath = "a.py"\n',
        "[tool.pdm.version]\n",
        'source = "file"\npath = "a.py"\n',
        "[tool.setuptools.dynamic]\n",
        "[tool.poetry]\n",
        'version = { attr = "a.__version__" }\n',
        'requires-python = ">=3.10"\n',
        "[tool.uv]\n",
        'version = { file = "a.py" }\n',
        '[[tool.uv.index]]\nurl = "https://a.example.com"\n',
        '[tool.hatch.version]\nsource = "regex"\npattern = "v(.*)"\n',
        "[tool.setuptools_scm]\n",
        '[dependency-groups]\ntest = ["pytest", {include-group = "x"}]\n',
        "classifiers = [1]\n",
        '[project.optional-dependencies]\ntest = ["pytest"]\n',
        "[tool.hatch.envs.test]\n",
        '[tool.poetry.dependencies]\npython = "^3.9 || ~2.7"\n',
        "[tool.pytest.ini_options]\n",
    ]
)
_PYTHON = texts(
    [
        "__version__ = ",
        '"1.0"',
        "'1' + '.0'",
        "f'{x}'",
        "x = ",
        "(",
        ")",
        "\n",
        "import os\n",
        "from setuptools import setup\n",
        "setup(name='x', version=",
        "open('a.py').read()",
        "exec(",
        "-" * 90,
        "not " * 90,
        "[" * 60,
        "lambda: ",
        ".join(",
        "% (1, 2)",
        "1_0",
        ", ",
        "* 9**9**9",
    ]
)
_INI = texts(
    [
        "[metadata]\n",
        "[options]\n",
        "version = 1.0\n",
        "version = attr: a.__version__\n",
        "name = x\n",
        "version = file: a.py\n",
        "  continued\n",
        "%(x)s",
        "[",
        "]",
        "= \n",
        "\n",
        "[versioneer]\n",
    ]
)
_OTHER = st.dictionaries(
    st.sampled_from(["Cargo.toml", "meson.build", "setup.py", "setup.cfg", "a.py", "sample.py"]),
    st.one_of(_PYTHON, _INI, texts(["project(", "'x', 'c', version: '1.0'", ")", "[package]\n"])),
    max_size=4,
)


def in_folder(files: Files, read: Callable[[ProjectFiles], Any]) -> Any:
    """Call a reader on a project of these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
        return read(ProjectFiles(Path(folder)))


def _read_version(project: ProjectFiles) -> ProjectVersion:
    find_deriver(project)
    find_version(project, VersionSource(), find_in_text)
    return read_version(project, VersionSource(), find_in_text)


def _is_a_version(_files: Files, declared: ProjectVersion) -> None:
    assert Version(str(declared.version)) == declared.version
    assert len(str(declared.version)) <= 200
    assert not Path(declared.location.file).is_absolute()
    assert ".." not in Path(declared.location.file).parts


def _read_tables(project: ProjectFiles) -> None:
    read_python_support(project)
    read_matrix(project)
    read_pytest_settings(project)
    list(find_in_project(project.workspace, ".", "https://index.example.com/simple/"))
    list(read_runners(project))
    for read in (read_extras, read_tool_groups, read_hatch_environments):
        list(read(project))
    list(read_groups(project, "pyproject.toml"))
    files = FileList.of(path.name for path in project.folder.iterdir())
    list(read_files(project, files, ["test"]))
    read_package(project, files, find_in_text)


def _read_settings(project: ProjectFiles) -> Settings:
    return read_settings(project.workspace, ".")


def _has_usable_tags(_files: Files, settings: Settings) -> None:
    for stage in settings.environments.stages:
        assert stage.name
        assert stage.branch
    if not settings.packages:
        tags = TagFormat(settings.tag_format, "name", settings.environments.suffixes)
        for suffix in tags.suffixes:
            assert tags.parse(tags.format(Version("1.0"), suffix)) is not None


def _lines_are_in_the_text(text: str, _values: Any) -> None:
    lines = text.count("\n") + 1
    assert all(1 <= line <= lines for line in key_lines(text).values())


def _is_of_this_form(value: tuple[TagFormat, str], tag: ParsedTag | None) -> None:
    tag_format, text = value
    if tag is not None:
        assert tag_format.format(tag.version, tag.suffix) == text
        assert is_ref_name(text)


def _round_trip(value: tuple[str, str]) -> None:
    """Write tags by a format that is not refused, and read them back."""
    template, suffix = value
    tag_format = TagFormat(template, "sample", ("-dev", suffix))
    for version in (Version("1.0"), Version("1!2.0rc1.post3.dev4")):
        for each in tag_format.suffixes:
            assert tag_format.parse(tag_format.format(version, each)) == ParsedTag(version, each)


def _fuzzed_project(data: bytes) -> Files:
    """Cut bytes into a pyproject.toml and a module."""
    pyproject, _, module = decoded(data).partition("\0")
    return {"pyproject.toml": pyproject, "a.py": module, "setup.py": module}


def _changelog(text: str) -> str:
    section = section_of(text, Version("1.0.0"))
    sections_between(text, Version("0.1"), Version("1.0.0"), name="sample")
    return section


def _is_part(text: str, section: str) -> None:
    assert set(section.splitlines()) <= {"", *text.splitlines(), *text.strip().splitlines()} or (
        section.strip() in text
    )


PARSERS = (
    Parser(
        "tags",
        (TagFormat.parse,),
        st.tuples(_FORMATS, _TAG_TEXTS),
        lambda value: value[0].parse(value[1]),
        _is_of_this_form,
        from_bytes=lambda data: (TagFormat("v{version}{suffix}", "", ("-dev", "")), decoded(data)),
        seeds=(b"v1!2.0rc1.post2.dev3-dev",),
    ),
    Parser(
        "tag formats",
        (TagFormat,),
        st.tuples(
            texts(
                ["v", "{version}", "{version:_}", "{suffix}", "{name}", "-", "/", "{", "}", ".lock"]
            ),
            st.one_of(st.sampled_from(["", "-qa", ".dev", "0", "rc1"]), ANY_TEXT),
        ),
        _round_trip,
    ),
    Parser(
        "toml",
        (parse_toml,),
        _TOML,
        lambda text: parse_toml(text, Location("a.toml")),
        _lines_are_in_the_text,
        from_bytes=lambda data: data.decode("utf-8", "replace"),
    ),
    Parser(
        "settings",
        (read_settings, parse_settings, parse_environments, parse_packages),
        st.one_of(
            _SETTINGS.map(lambda text: {".github/dist-actions.toml": text}),
            _TOML.map(lambda text: {"pyproject.toml": text}),
        ),
        lambda files: in_folder(files, _read_settings),
        _has_usable_tags,
    ),
    Parser(
        "versions",
        (
            *(read_version, find_version, find_deriver, read_declared, read_static, read_maturin),
            *(read_hatch, read_meson, read_setuptools, read_setup_cfg, read_setup_py, read_toml),
            *(read_text, parse),
        ),
        st.builds(lambda toml, other: {**other, "pyproject.toml": toml}, _PYPROJECT, _OTHER),
        lambda files: in_folder(files, _read_version),
        _is_a_version,
        from_bytes=_fuzzed_project,
        seeds=(
            b'[project]\nname = "x"\nversion = "1.0"\n\0',
            b'[project]\nname = "x"\ndynamic = ["version"]\n[build-system]\n'
            b'build-backend = "setuptools.build_meta"\n\0from setuptools import setup\n'
            b'setup(name="x", version="1.0")\n',
        ),
    ),
    Parser(
        "project tables",
        (
            read_python_support,
            read_matrix,
            read_pytest_settings,
            read_extras,
            read_groups,
            read_tool_groups,
            read_hatch_environments,
            find_in_project,
            read_runners,
            read_files,
            read_package,
            read_tests,
            parse_python,
        ),
        st.builds(lambda toml, other: {**other, "pyproject.toml": toml}, _PYPROJECT, _OTHER),
        lambda files: in_folder(files, _read_tables),
    ),
    Parser(
        "requirements",
        (parse_requirement,),
        texts(
            [
                "pytest",
                ">=1",
                "[x]",
                "; ",
                "-r ",
                "@ ",
                "https://a.example.com/x.whl",
                "python_version < '3'",
                "#",
                "==1.*",
                "(",
            ]
        ),
        parse_requirement,
        from_bytes=decoded,
    ),
    Parser("ini files", (read_ini,), _INI, read_ini, from_bytes=decoded),
    Parser(
        "changelogs",
        (section_of, sections_between),
        texts(
            [
                "# ",
                "## [1.0.0]",
                "## v0.9",
                "\n",
                "===\n",
                "---\n",
                "text\n",
                "```\n",
                "> ",
                "- ",
                "[a](b)",
                "<!--",
                "sample 1.0.0",
            ]
        ),
        _changelog,
        _is_part,
        from_bytes=decoded,
    ),
)
