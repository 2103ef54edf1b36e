"""Where a project's version is read, in which order, and what is refused."""

from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.versions import (
    ProjectFiles,
    ProjectVersion,
    VersionSource,
    read_version,
    require_releasable,
)
from support.projects.declared import make_project


def project_of(tmp_path: Path, pyproject: str, **files: str) -> ProjectFiles:
    (tmp_path / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    for name, content in files.items():
        (tmp_path / f"{name}.py").write_text(content, encoding="utf-8")
    return ProjectFiles(tmp_path)


@pytest.mark.parametrize(
    ("pyproject", "source", "version", "where"),
    [
        ('[project]\nname = "My.Pkg"\nversion = "1.2.3"', "project", "1.2.3", "pyproject.toml:3"),
        ('[ project ]\n"version" = "1"', "project", "1", "pyproject.toml:2"),
        ('project = { version = "1" }', "project", "1", "pyproject.toml:1"),
        ('[tool.poetry]\nname = "p"\nversion = "2.0"', "poetry", "2.0", "pyproject.toml:3"),
        (
            '[project]\nname = "p"\ndynamic = ["version"]\n[tool.poetry]\nversion = "3"',
            "poetry",
            "3",
            "pyproject.toml:5",
        ),
    ],
)
def test_declared(tmp_path: Path, pyproject: str, source: str, version: str, where: str) -> None:
    found = read_version(project_of(tmp_path, pyproject), VersionSource(), find_matches)

    assert (found.source, str(found.version), str(found.location)) == (source, version, where)


def test_the_name_is_normalised(tmp_path: Path) -> None:
    project = project_of(tmp_path, '[project]\nname = "My_Pkg.x"\nversion = "1"')

    assert read_version(project, VersionSource(), find_matches).name == "my-pkg-x"


@pytest.mark.parametrize(
    ("content", "pattern", "line"),
    [
        ('"""Doc."""\n__version__ = "1.0.0"\n', "", 2),
        ("__version__: str = '1.0.0'\n", "", 1),
        ('VERSION = "1.0.0"\n', r'^VERSION = "(.+)"$', 1),
        ('A = "9"\nVERSION = ("x", "1.0.0")\n', r'\("x", "(?P<version>[^"]+)"\)', 2),
        ("# 1.0.0\n", r"[0-9.]+", 1),
    ],
)
def test_a_file_that_the_user_names(tmp_path: Path, content: str, pattern: str, line: int) -> None:
    dynamic = '[project]\nname = "p"\ndynamic = ["version"]'
    project = project_of(tmp_path, dynamic, module=content)

    found = read_version(project, VersionSource("", "module.py", pattern), find_matches)

    assert (found.source, str(found.version), found.name) == ("file", "1.0.0", "p")
    assert found.location.line == line


@pytest.mark.parametrize(
    ("file", "pattern", "problem"),
    [
        ("none.py", "", "does not exist"),
        ("../outside.py", "", "does not exist"),
        ("link.py", "", "does not exist"),
        ("module.py", "(", "no regular expression"),
        ("module.py", "nothing", "finds 0 places"),
        ("module.py", r"[0-9]+\.", "finds 2 places in module.py (lines 1, 1)"),
        ("module.py", r"(x)?version", "is not a version"),
    ],
)
def test_an_unusable_file(tmp_path: Path, file: str, pattern: str, problem: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "outside.py").write_text('__version__ = "1"')
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    project = project_of(folder, "", module='__version__ = "1.0.0"\n')

    with pytest.raises(InputError) as refused:
        read_version(project, VersionSource("", file, pattern), find_matches)

    assert problem in refused.value.what


def test_an_input_comes_first(tmp_path: Path) -> None:
    project = project_of(tmp_path, '[project]\nname = "p"\nversion = "1"')

    found = read_version(project, VersionSource("1.0"), find_matches)

    assert (str(found.version), found.source, found.name) == ("1.0", "input", "p")


@pytest.mark.parametrize(
    "pyproject",
    [
        "",
        '[project]\nname = "p"\ndynamic = ["version"]',
        "project = 3\ntool = 4\nbuild-system = 5",
        '[build-system]\nrequires = "setuptools"',
        "[build-system]\nrequires = [1, { x = 2 }]",
    ],
)
def test_no_file_says_it(tmp_path: Path, pyproject: str) -> None:
    with pytest.raises(InputError, match=r"without running its code|describes no package"):
        read_version(project_of(tmp_path, pyproject), VersionSource(), find_matches)


def test_a_version_from_tags_is_circular(tmp_path: Path) -> None:
    project = project_of(tmp_path, "[tool.setuptools_scm]\n")
    with pytest.raises(InputError, match="setuptools-scm derives the version from git tags"):
        read_version(project, VersionSource(), find_matches)


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no Python project"):
        read_version(ProjectFiles(tmp_path), VersionSource(), find_matches)


@pytest.mark.parametrize("version", ["1.0.0", "1.0rc1", "1.0.dev1", "1!2.0", "1.0.post1"])
def test_releasable_before_production(tmp_path: Path, version: str) -> None:
    found = _found(tmp_path, version)

    require_releasable(found, allow_prerelease=False, environment="")


@pytest.mark.parametrize("version", ["1.0rc1", "1.0.dev1", "1.0a0", "1.0.post1.dev2"])
def test_prereleases_on_production(tmp_path: Path, version: str) -> None:
    found = _found(tmp_path, version)

    require_releasable(found, allow_prerelease=True, environment="prd")
    with pytest.raises(InputError, match="pre-release"):
        require_releasable(found, allow_prerelease=False, environment="prd")


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("1.0+local", "local version"),
        ("v1.0", "normal form"),
        ("1.0-rc1", "normal form"),
        ("01.0", "normal form"),
        ("1.0.DEV1", "normal form"),
        (" 1.0", "normal form"),
        ("1.0.0-1", "normal form"),
    ],
)
def test_never_releasable(tmp_path: Path, written: str, problem: str) -> None:
    with pytest.raises(InputError) as refused:
        require_releasable(_found(tmp_path, written), allow_prerelease=True, environment="")

    assert problem in refused.value.what


def _found(tmp_path: Path, written: str) -> ProjectVersion:
    project = project_of(tmp_path, f'[project]\nversion = "{written}"')
    return read_version(project, VersionSource(), find_matches)


def test_what_the_call_of_setup_names_is_certain_beside_arguments_that_nobody_can_tell(
    tmp_path: Path,
) -> None:
    script = (
        "V = '1.4.0'\ndef run(binary):\n"
        "    if binary:\n        kw = {'ext_modules': []}\n    else:\n        kw = {}\n"
        "    setup(name='sample', version=V, **kw)\n"
    )
    project = make_project(tmp_path, {"setup.py": script})
    version = read_version(project, VersionSource(), find_matches)
    assert (version.name, version.text, str(version.location)) == ("sample", "1.4.0", "setup.py:1")
