"""What `dist-actions init` writes, keeps, shows and refuses."""

import os
import sys
from pathlib import Path

import pytest

from dist_actions.pipeline.settings import read_settings
from support.init.projects import (
    PURE,
    RELEASE,
    Init,
    commit,
    git,
    make_repository,
    read_workflow,
    steps_of,
)
from support.paths import EXAMPLES, SOURCE
from support.terminal import run_in_terminal

STARTERS = sorted(
    path.parent for pattern in ("*/.github", "*/*/.github") for path in EXAMPLES.glob(pattern)
)
WORKFLOWS = ("auto-tag.yml", "release.yml", "promote.yml")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Return a repository of a pure package, which has no workflow."""
    return make_repository(tmp_path / "sample", PURE)


def inputs_of(folder: Path, job: str, action: str, name: str = "release.yml") -> dict[str, object]:
    """Return what a job gives to the first step that uses an action."""
    steps = steps_of(folder, job, name)
    step = next(step for step in steps if str(step.get("uses", "")).startswith(action))
    inputs = step["with"]
    assert isinstance(inputs, dict)
    return inputs


@pytest.mark.parametrize("starter", STARTERS, ids=lambda path: path.name)
def test_the_starters_are_as_it_would_write_them(init: Init, starter: Path) -> None:
    done = init(starter, "--check")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout.endswith("\nNothing would change.\n")


def test_a_second_run_changes_nothing(sample: Path, init: Init) -> None:
    assert init(sample).status == 0
    commit(sample)
    done = init(sample)
    assert "Wrote" not in done.stdout
    assert git(sample, "status", "--porcelain") == ""
    assert init(sample, "--check").status == 0


@pytest.mark.parametrize("option", ["--dry-run", "--check"])
def test_it_shows_a_diff_and_writes_nothing(sample: Path, init: Init, option: str) -> None:
    done = init(sample, option)
    assert f"--- /dev/null\n+++ b/{RELEASE}\n" in done.stdout
    assert git(sample, "status", "--porcelain") == ""
    assert done.status == (1 if option == "--check" else 0)


def test_a_diff_is_coloured_in_a_terminal_alone(sample: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "dist_actions.cli", "init", "--check"]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "LANG": "C.UTF-8"}
    shown = run_in_terminal(command, sample, environ, 100)[1]
    assert f"\x1b[1m+++ b/{RELEASE}\x1b[0m\n\x1b[36m@@ -0,0 +1," in shown
    assert "\n\x1b[32m+name: release\x1b[0m\n" in shown
    assert "\x1b" not in run_in_terminal(command, sample, {**environ, "NO_COLOR": "1"}, 100)[1]


@pytest.mark.parametrize(
    ("files", "folder", "arguments", "problem", "fix"),
    [
        ({}, "src/sample", [], "is not the root", "run it there: cd {root}"),
        ({}, "src/sample", ["--dry-run"], "holds no Python package", "run it there: cd {root}"),
        ({}, "new", [], "holds no Python package", "run it there: cd {root}"),
        (
            {"b/pyproject.toml": PURE["pyproject.toml"]},
            "b",
            [],
            "is not the root",
            "run it there, with --package-path b for this package alone: cd {root}",
        ),
    ],
)
def test_a_folder_below_the_root_is_told_of_the_root(
    tmp_path: Path,
    init: Init,
    files: dict[str, str],
    folder: str,
    arguments: list[str],
    problem: str,
    fix: str,
) -> None:
    root = make_repository(tmp_path / "root", {**PURE, **files})
    (root / folder).mkdir(exist_ok=True)
    done = init(root / folder, *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert f"{root / folder} {problem}" in done.stderr
    assert f"\nFix: {fix.format(root=root)} && dist-actions init\n" in done.stderr


@pytest.mark.parametrize(
    "change",
    [
        {".gitmodules": '[submodule "data"]\n  path = data\n  url = https://example.org/data\n'},
        {".gitattributes": "*.bin filter=lfs\n"},
        {"tests/test_sample.py": "import hypothesis\n"},
    ],
    ids=["submodule", "git-lfs", "test requirement"],
)
def test_a_change_of_the_project_is_drift(sample: Path, init: Init, change: dict[str, str]) -> None:
    assert init(sample).status == 0
    for name, text in change.items():
        (sample / name).write_text(text)
    done = init(sample, "--check")
    assert done.status == 1
    names = f"{RELEASE}, .github/workflows/pull-request.yml"
    assert done.stderr == f"dist-actions: not as init would write it: {names}.\n"


def test_a_changed_workflow_is_kept_and_the_difference_shown(sample: Path, init: Init) -> None:
    assert init(sample).status == 0
    release = sample / RELEASE
    changed = release.read_text().replace("timeout-minutes: 60", "timeout-minutes: 90")
    release.write_text(changed)
    done = init(sample)
    assert release.read_text() == changed
    assert f"Kept {RELEASE}" in done.stdout
    assert "-    timeout-minutes: 90\n+    timeout-minutes: 60\n" in done.stdout


def test_only_what_git_keeps_is_replaced(sample: Path, init: Init) -> None:
    assert init(sample).status == 0
    original = (sample / RELEASE).read_text()
    changed = original.replace("timeout-minutes: 60", "timeout-minutes: 90")
    (sample / RELEASE).write_text(changed)
    done = init(sample, "--replace")
    assert done.status == 2
    assert f"{RELEASE} is not committed, so it is not replaced." in done.stderr
    assert (sample / RELEASE).read_text() == changed
    commit(sample)
    assert init(sample, "--replace").status == 0
    assert (sample / RELEASE).read_text() == original


def test_other_workflows_are_left_alone_and_those_that_publish_named(
    sample: Path, init: Init
) -> None:
    folder = sample / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text("on: push\njobs: {}\n")
    (folder / "publish.yaml").write_text("jobs: {a: {steps: [{run: twine upload dist/*}]}}\n")
    done = init(sample)
    assert "Remove publish.yaml, or the step with twine upload in it" in done.stdout
    assert (folder / "ci.yml").read_text() == "on: push\njobs: {}\n"


def test_a_foreign_workflow_of_the_same_name_is_not_touched(sample: Path, init: Init) -> None:
    release = sample / RELEASE
    release.parent.mkdir(parents=True)
    release.write_text("on: push\njobs: {a: {steps: [{run: uv publish}]}}\n")
    done = init(sample)
    assert release.read_text().startswith("on: push")
    assert "Remove release.yml, or the step with uv publish in it" in done.stdout
    assert read_workflow(sample, "dist-release.yml")["name"] == "release"


@pytest.mark.parametrize(
    ("files", "workflow", "starter"),
    [
        ({}, "release.yml", ""),
        ({"pyproject.toml": '[build-system]\nrequires = ["hatchling", "hatch-vcs"]\n'
          'build-backend = "hatchling.build"\n[project]\nname = "sample"\n'
          'dynamic = ["version"]\n[tool.hatch.version]\nsource = "vcs"\n'},
         "auto-tag.yml", "setuptools-scm"),
        ({"pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n'
          'build-backend = "hatchling.build"\n[project]\nname = "sample"\n'
          'dynamic = ["version"]\n[tool.hatch.version]\nsource = "code"\npath = "v.py"\n',
          "v.py": "import os\n__version__ = os.environ['V']\n"},
         "auto-tag.yml", "computed-version"),
    ],
    ids=["version in a file", "version from tags", "version that code works out"],
)  # fmt: skip
def test_the_starter_goes_by_the_version(
    tmp_path: Path, init: Init, files: dict[str, str], workflow: str, starter: str
) -> None:
    repository = make_repository(tmp_path, {**PURE, **files})
    assert init(repository).status == 0
    folder = EXAMPLES / starter / ".github" / "workflows" if starter else EXAMPLES
    written = repository / ".github" / "workflows" / workflow
    assert written.read_text() == (folder / workflow).read_text()


def test_a_version_that_only_setup_py_reads_is_named(tmp_path: Path, init: Init) -> None:
    files = {
        "setup.py": "import re\nfrom setuptools import setup\n"
        "text = open('sample/core.py').read()\n"
        "setup(name='sample', version=re.search('[0-9.]+', text)[0])\n",
        "sample/__init__.py": "",
        "sample/core.py": "__version__ = '1.4.0'\n",
    }
    repository = make_repository(tmp_path, files)
    assert init(repository).status == 0
    inputs = inputs_of(repository, "build", "eigenoid/dist-actions/release")
    assert inputs["version-file"] == "sample/core.py"
    assert inputs["version-pattern"] == "^__version__ = '(.+)'$"


@pytest.mark.parametrize(
    ("files", "name", "value"),
    [
        ({".gitmodules": "path = data\n"}, "submodules", True),
        ({".gitmodules": " path = data\n", "data/.gitmodules": ""}, "submodules", "recursive"),
        ({".gitattributes": "*.bin filter=lfs diff=lfs\n"}, "lfs", True),
    ],
    ids=["submodule", "nested submodule", "git-lfs"],
)
def test_jobs_that_build_or_test_check_everything_out(
    tmp_path: Path, init: Init, files: dict[str, str], name: str, value: object
) -> None:
    repository = make_repository(tmp_path, {**PURE, **files})
    assert init(repository).status == 0
    for job in ("build", "test"):
        assert inputs_of(repository, job, "actions/checkout")[name] == value
    assert name not in inputs_of(repository, "plan", "actions/checkout")
    assert name not in inputs_of(repository, "auto-tag", "actions/checkout", "auto-tag.yml")


def test_a_project_on_master_gets_settings_and_workflows_for_it(tmp_path: Path, init: Init) -> None:
    pyproject = f"# Ours.\n{PURE['pyproject.toml']}\n[tool.ruff]  # checks\nline-length = 99\n"
    repository = make_repository(tmp_path, {**PURE, "pyproject.toml": pyproject}, branch="master")
    assert init(repository).status == 0
    text = (repository / "pyproject.toml").read_text()
    assert text.startswith(pyproject)
    assert 'prd = {branch = "master"}' in text
    branches = {"branches": ["dev", "qa", "master"]}
    assert read_workflow(repository, "auto-tag.yml")["on"] == {"push": branches}
    assert read_workflow(repository, "pull-request.yml")["on"] == {"pull_request": branches}
    comment = (repository / ".github/workflows/auto-tag.yml").read_text().splitlines()[0]
    assert comment.startswith("# A push to dev, qa or master becomes")
    assert "actions/checkout" in str(steps_of(repository, "promote", "promote.yml")[0]["uses"])
    commit(repository)
    assert init(repository, "--check").status == 0


@pytest.mark.parametrize(
    ("tags", "tag_format", "pattern"),
    [
        (["v1.0.0", "v1.1.0"], None, "v*"),
        (["1.0.0", "1.1.0", "v0.1"], "{version}{suffix}", "[0-9]*"),
        (["release-1.0", "release-1.1rc1"], "release-{version}{suffix}", "release-*"),
        (["nightly", "stable"], None, "v*"),
    ],
    ids=["v", "no prefix", "another prefix", "no versions"],
)
def test_tags_are_written_as_before(
    sample: Path, init: Init, tags: list[str], tag_format: str | None, pattern: str
) -> None:
    for tag in tags:
        git(sample, "tag", tag)
    assert init(sample).status == 0
    settings = (sample / "pyproject.toml").read_text()
    assert (f'tag-format = "{tag_format}"' in settings) == (tag_format is not None)
    assert read_workflow(sample)["on"] == {"push": {"tags": [pattern]}}
    commit(sample)
    assert init(sample, "--check").status == 0


def make_two_packages(folder: Path, web_settings: str) -> Path:
    """Make a repository of core and web, whose pyproject.toml goes on with these settings."""
    files = {
        f"libs/{name}/{path.replace('sample', name)}": text.replace("sample", name)
        for name in ("core", "web")
        for path, text in PURE.items()
    }
    files["libs/web/pyproject.toml"] += web_settings
    return make_repository(folder, {**files, "pyproject.toml": "[tool.ruff]\n"})


def test_several_packages_get_settings_and_tags_of_their_own(tmp_path: Path, init: Init) -> None:
    repository = make_two_packages(tmp_path, 'dependencies = ["core"]\n')
    assert init(repository).status == 0
    settings = (repository / ".github" / "dist-actions.toml").read_text()
    assert settings == (
        '[packages.core]\npath = "libs/core"\n\n[packages.web]\npath = "libs/web"\n'
    )
    assert read_workflow(repository)["on"] == {"push": {"tags": ["core-v*", "web-v*"]}}
    assert "for package in ./libs/core ./libs/web; do" in (repository / RELEASE).read_text()
    commit(repository)
    assert init(repository, "--check").status == 0


@pytest.mark.parametrize(
    ("needs", "order"),
    [
        ({"api": "zoo", "web": "api"}, ["zoo", "api", "web"]),
        ({"api": "web", "web": "api"}, ["zoo", "api", "web"]),
        ({}, ["api", "web", "zoo"]),
    ],
    ids=["chain", "circle", "none"],
)
def test_a_package_that_another_needs_is_tagged_before_it(
    tmp_path: Path, init: Init, needs: dict[str, str], order: list[str]
) -> None:
    pyproject = '[project]\nname = "{0}"\nversion = "1.0.0"\ndependencies = {1}\n'
    files = {
        f"libs/{name}/pyproject.toml": pyproject.format(name, [needs.get(name, "rich")])
        for name in ("api", "web", "zoo")
    }
    repository = make_repository(tmp_path, files)
    assert init(repository).status == 0
    assert [package.name for package in read_settings(repository, ".").packages] == order
    assert read_workflow(repository)["on"] == {"push": {"tags": [f"{name}-v*" for name in order]}}
    commit(repository)
    assert init(repository, "--check").status == 0


def test_one_package_in_a_folder_is_released_from_there(tmp_path: Path, init: Init) -> None:
    files = {f"python/{name}": text for name, text in PURE.items()}
    repository = make_repository(tmp_path, files)
    assert init(repository).status == 0
    for job in ("plan", "build", "publish"):
        inputs = inputs_of(repository, job, "eigenoid/dist-actions/release")
        assert inputs["package-path"] == "python"
    inputs = inputs_of(repository, "auto-tag", "eigenoid/dist-actions", "auto-tag.yml")
    assert inputs["package-path"] == "python"


def test_projects_beside_the_package_in_the_root_are_named(tmp_path: Path, init: Init) -> None:
    files = {**PURE, "plugin/pyproject.toml": '[project]\nname = "plugin"\nversion = "1"\n'}
    done = init(make_repository(tmp_path, files))
    row = next(line for line in done.stdout.splitlines() if line.startswith("other projects"))
    assert "plugin" in row
    assert "not released" in row


def test_a_pre_release_is_told_of_production(tmp_path: Path, init: Init) -> None:
    pyproject = PURE["pyproject.toml"].replace("1.0.0", "1.1.0.dev0")
    done = init(make_repository(tmp_path, {**PURE, "pyproject.toml": pyproject}))
    assert "Raise 1.1.0.dev0 to a final version" in done.stdout


@pytest.mark.parametrize(
    ("files", "arguments", "problem"),
    [
        ({"README.md": ""}, [], "holds no Python package"),
        ({"pyproject.toml": "[tool.ruff]\n"}, [], "holds no Python package"),
        ({"pyproject.toml": "[project\n"}, [], "is not valid TOML"),
        (PURE, ["--starter", "none"], "There is no starter 'none'."),
        (PURE, ["--package-path", "../other"], "leads out of the repository"),
    ],
    ids=["no project", "settings of tools", "broken file", "no starter", "folder outside"],
)
def test_what_cannot_be_set_up_is_refused(
    tmp_path: Path, init: Init, files: dict[str, str], arguments: list[str], problem: str
) -> None:
    repository = make_repository(tmp_path, files)
    done = init(repository, *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert problem in done.stderr
    assert "\nWhy: " in done.stderr
    assert "\nFix: " in done.stderr
    assert git(repository, "status", "--porcelain") == ""


def test_nothing_is_written_behind_a_link(tmp_path: Path, sample: Path, init: Init) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (sample / ".github").symlink_to(elsewhere)
    done = init(sample)
    assert done.status == 2
    assert "leads out of the repository" in done.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, init: Init) -> None:
    done = init(tmp_path / "missing")
    assert done.status == 2
    assert f"There is no folder {tmp_path / 'missing'}." in done.stderr


def test_what_the_tests_of_one_package_need_is_read_for_that_package_alone(
    tmp_path: Path, init: Init
) -> None:
    """An environment to which the other was not promoted lacks the other's folder."""
    repository = make_two_packages(tmp_path, '[dependency-groups]\ntest = ["hypothesis"]\n')
    assert init(repository).status == 0
    script = (repository / RELEASE).read_text()
    assert "  libs/web) set -- --group libs/web/pyproject.toml:test ;;" in script
    assert 'python -m pip install pytest "$@" dist/*.whl' in script
