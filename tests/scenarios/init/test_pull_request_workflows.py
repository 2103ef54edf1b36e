"""The workflow for pull requests, which each kind of project gets: as its release, without keys."""

from pathlib import Path

import pytest

from support.init.projects import PURE, Init, make_repository, read_workflow, steps_of

BINARY = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n'
    'build-backend = "setuptools.build_meta"\n'
    '[project]\nname = "sample"\nversion = "1.0.0"\n[project.optional-dependencies]\n'
    'test = ["pytest"]\n',
    "setup.py": "from setuptools import Extension, setup\n"
    "setup(ext_modules=[Extension('sample.fast', ['src/sample/fast.c'])])\n",
    "src/sample/__init__.py": "",
    "src/sample/fast.c": "",
    "tests/test_sample.py": "import pytest\nimport sample\n",
}
SEVERAL = {
    f"libs/{name}/{path.replace('sample', name)}": text.replace("sample", name)
    for name in ("core", "web")
    for path, text in PURE.items()
}
WORKFLOW = "pull-request.yml"


def test_step(folder: Path, name: str) -> dict[str, object]:
    """Return the step that tests the wheel."""
    return next(s for s in steps_of(folder, "test", name) if "Test the" in str(s.get("name")))


test_step.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("files", "starter"),
    [
        pytest.param(PURE, "", id="pure"),
        pytest.param(SEVERAL, "", id="several packages"),
        pytest.param(BINARY, "", id="binary"),
        pytest.param(PURE, "pypi", id="pypi"),
        pytest.param(PURE, "testpypi-pypi", id="tagged by hand"),
        pytest.param(PURE, "poetry-pypi", id="tagged by hand, private index"),
    ],
)
def test_it_tests_as_the_release_does_and_holds_no_credential(
    tmp_path: Path, init: Init, files: dict[str, str], starter: str
) -> None:
    repository = make_repository(tmp_path, files)
    assert init(repository, *(["--starter", starter] if starter else [])).status == 0
    assert test_step(repository, WORKFLOW)["run"] == test_step(repository, "release.yml")["run"]
    text = (repository / ".github" / "workflows" / WORKFLOW).read_text()
    assert "secrets." not in text
    assert "write" not in text
    assert "environment:" not in text


@pytest.mark.parametrize(
    ("files", "starter", "red"),
    [
        pytest.param(SEVERAL, "", True, id="several packages"),
        pytest.param(BINARY, "", True, id="binary"),
        pytest.param(PURE, "artifact-registry-pypi", False, id="tagged by hand"),
    ],
)
def test_a_version_that_was_not_raised_is_red_where_a_push_is_tagged(
    tmp_path: Path, init: Init, files: dict[str, str], starter: str, *, red: bool
) -> None:
    repository = make_repository(tmp_path, files)
    assert init(repository, *(["--starter", starter] if starter else [])).status == 0
    text = (repository / ".github" / "workflows" / WORKFLOW).read_text()
    assert ("on-unbumped: fail" in text) == red
    assert text.count("dry-run: true") == text.count("dist-actions/auto-tag@")


def test_binary_wheels_are_built_on_each_platform_and_collected(tmp_path: Path, init: Init) -> None:
    repository = make_repository(tmp_path, BINARY)
    assert init(repository).status == 0
    jobs = read_workflow(repository, WORKFLOW)["jobs"]
    assert isinstance(jobs, dict)
    assert list(jobs) == ["version", "sdist", "wheels", "collect", "test", "passed"]
    assert jobs["wheels"]["strategy"]["matrix"]["os"] == jobs["test"]["strategy"]["matrix"]["os"]
    assert jobs["passed"]["needs"] == list(jobs)[:-1]


@pytest.mark.parametrize(
    ("setting", "told"), [('build = "cp312-*"', True), ("build-verbosity = 1", False)]
)
def test_a_selection_of_wheels_is_held_against_the_pythons_that_are_tested(
    tmp_path: Path, init: Init, setting: str, *, told: bool
) -> None:
    pyproject = f"{BINARY['pyproject.toml']}[tool.cibuildwheel]\n{setting}\n"
    done = init(make_repository(tmp_path, {**BINARY, "pyproject.toml": pyproject}))
    assert ("[tool.cibuildwheel] selects a wheel" in " ".join(done.stdout.split())) == told


def test_binary_wheels_of_a_version_from_tags_are_left_to_a_person(
    tmp_path: Path, init: Init
) -> None:
    pyproject = BINARY["pyproject.toml"].replace('version = "1.0.0"', 'dynamic = ["version"]')
    pyproject = pyproject.replace('["setuptools"]', '["setuptools", "setuptools-scm"]')
    files = {**BINARY, "pyproject.toml": f"{pyproject}[tool.setuptools_scm]\n"}
    repository = make_repository(tmp_path, files)
    done = init(repository)
    assert "Let the job wheels build from the sdist" in done.stdout
    versions = [
        step["with"]
        for job in ("version", "sdist")
        for step in steps_of(repository, job, WORKFLOW)
        if "auto-tag" in str(step.get("uses"))
    ]
    assert [inputs["bump"] for inputs in versions] == ["conventional"] * 2
