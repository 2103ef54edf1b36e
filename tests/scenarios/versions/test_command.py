"""`dist-actions version` on real projects, with their real build backends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT
from support.projects.declared import DYNAMIC, built_by, make_project
from support.stages.hostile_texts import COMMANDS

START = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); from dist_actions.cli import main"
SETUPTOOLS = built_by("setuptools.build_meta", "setuptools>=77")
ATTR = '[tool.setuptools.dynamic]\nversion = { attr = "sample.__version__" }\n'
#: A backend in the tree, so that nothing is fetched.
IN_TREE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND = """\
import json, os, pathlib, sys, time

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    ACTION
    info = pathlib.Path(folder, "p-3.2.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: p\\nVersion: 3.2\\n")
    return info.name
"""


def run(*arguments: str, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    installers = {key: os.environ[key] for key in os.environ if key.startswith(("PIP_", "UV_"))}
    certificates = {key: os.environ[key] for key in os.environ if "SSL_CERT" in key}
    home = {"HOME": str(cwd), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-I", "-c", f"{START}; sys.exit(main({['version', *arguments]!r}))"],
        cwd=cwd,
        env={**home, **installers, **certificates, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def answer(done: "subprocess.CompletedProcess[str]") -> dict[str, object]:
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


def git(sample_folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(
        ["git", *identity, *arguments], cwd=sample_folder, check=True, capture_output=True
    )


def commit(sample_folder: Path, *tags: str) -> None:
    git(sample_folder, "init", "--quiet", "--initial-branch=main")
    git(sample_folder, "add", "--all")
    git(sample_folder, "commit", "--quiet", "--message=x", "--allow-empty")
    for tag in tags:
        git(sample_folder, "tag", tag)


@pytest.fixture
def sample_folder(tmp_path: Path) -> Path:
    sample_folder = tmp_path / "sample"
    sample_folder.mkdir()
    return sample_folder


def with_backend(sample_folder: Path, action: str) -> None:
    text = BACKEND.replace("ACTION", action)
    make_project(sample_folder, {"pyproject.toml": IN_TREE, "backend.py": text})


@pytest.mark.network
def test_the_backend_confirms_and_the_file_is_named(sample_folder: Path) -> None:
    files = {"pyproject.toml": SETUPTOOLS + DYNAMIC + ATTR, "sample.py": '__version__ = "1.4"\n'}
    make_project(sample_folder, files)

    assert answer(run("--json", cwd=sample_folder)) == {
        "name": "sample",
        "version": "1.4",
        "source": "setuptools",
        "file": "sample.py",
        "line": 1,
    }


@pytest.mark.network
def test_what_only_the_backend_can_tell(sample_folder: Path) -> None:
    """setuptools adds `tag_build`, and `setup.py` computes."""
    files = {
        "setup.py": "from setuptools import setup\n"
        'setup(name="sample", py_modules=[], version="1." + str(2 + 2))\n',
        "setup.cfg": "[egg_info]\ntag_build = rc1\n",
    }
    make_project(sample_folder, files)

    said = answer(run("--json", cwd=sample_folder))

    assert (said["source"], said["version"]) == ("backend", "1.4rc1")
    assert (said["file"], said["line"]) == ("setup.py", None)


def test_a_package_of_a_repository_is_named_from_its_root(sample_folder: Path) -> None:
    literal = '[project]\nname = "core"\nversion = "1.4.0"\n'
    make_project(sample_folder, {"packages/core/pyproject.toml": literal})
    commit(sample_folder)

    said = answer(run("--json", "core", cwd=sample_folder / "packages"))

    assert (said["file"], said["line"]) == ("packages/core/pyproject.toml", 3)


SCM = built_by("setuptools.build_meta", "setuptools>=77", "setuptools-scm>=8")


@pytest.mark.network
def test_a_derived_version_is_shown_with_its_tool(sample_folder: Path) -> None:
    make_project(sample_folder, {"pyproject.toml": SCM + DYNAMIC + "[tool.setuptools_scm]\n"})
    commit(sample_folder, "v1.4.0")

    said = answer(run("--json", cwd=sample_folder))

    assert (said["version"], said["source"]) == ("1.4.0", "tags")
    assert said["derived_by"] == "setuptools-scm"
    assert said["file"] == "pyproject.toml"


@pytest.mark.parametrize("checkout", ["tagless", "shallow", "other-branch", "no-repository"])
def test_a_derived_version_needs_its_history(
    tmp_path: Path, sample_folder: Path, checkout: str
) -> None:
    make_project(sample_folder, {"pyproject.toml": SCM + DYNAMIC + "[tool.setuptools_scm]\n"})
    place = sample_folder
    if checkout == "shallow":
        commit(sample_folder, "v1.4.0")
        commit(sample_folder)
        place = tmp_path / "shallow"
        git(tmp_path, "clone", "--quiet", "--depth=1", sample_folder.as_uri(), str(place))
    elif checkout == "other-branch":
        commit(sample_folder, "v1.4.0")
        git(sample_folder, "checkout", "--quiet", "--orphan", "other")
        git(sample_folder, "commit", "--quiet", "--message=y")
    elif checkout == "tagless":
        commit(sample_folder)

    done = run("--json", cwd=place)

    assert (done.returncode, done.stdout) == (2, "")
    assert "derived from git tags" in done.stderr
    assert "fetch-depth: 0" in done.stderr


def test_what_a_backend_prints_is_not_obeyed(sample_folder: Path) -> None:
    """In a workflow, standard error is read for commands as well."""
    texts = json.dumps(list(COMMANDS.values()))
    with_backend(sample_folder, f"[print(text) for text in json.loads({texts!r})]")

    done = run(cwd=sample_folder, GITHUB_ACTIONS="true")

    assert (done.returncode, done.stdout) == (0, "3.2\n")
    assert "set-output" in done.stderr
    for line in done.stderr.splitlines():
        assert line.startswith("| "), line
        assert "##[" not in line


def test_a_file_whose_name_is_a_command(sample_folder: Path) -> None:
    text = IN_TREE + '[project]\nname = "p"\nversion = "1"\n'
    make_project(sample_folder, {"##[error]x/pyproject.toml": text})
    commit(sample_folder)

    done = run("--json", "##[error]x", cwd=sample_folder, GITHUB_ACTIONS="true")

    assert "##[" not in done.stdout
    assert answer(done)["file"] == "##[error]x/pyproject.toml"


def test_a_backend_sees_no_credential(sample_folder: Path) -> None:
    secrets = {
        "GITHUB_TOKEN": "1",
        "AWS_ACCESS_KEY_ID": "1",
        "AWS_PROFILE": "1",
        "GOOGLE_APPLICATION_CREDENTIALS": "/x",
        "CLOUDSDK_CONFIG": "/x",
        "AZURE_CLIENT_ID": "1",
        "SSH_AUTH_SOCK": "/x",
        "GIT_ASKPASS": "/x",
        "GIT_CONFIG_VALUE_0": "Authorization: x",
        "GIT_SSH_COMMAND": "ssh -i /x",
        "TWINE_USERNAME": "1",
        "NPM_CONFIG__AUTH": "1",
        "npm_config_registry": "1",
        "KUBECONFIG": "/x",
        "NETRC": "/x",
        "DEPLOY_KEY": "1",
        "SENTRY_DSN": "1",
        "SIGNING_PASSPHRASE": "1",
        "DATABASE": "db://user:word@host/name",
    }
    with_backend(
        sample_folder, 'pathlib.Path("seen.json").write_text(json.dumps(dict(os.environ)))'
    )

    done = run(cwd=sample_folder, CFLAGS="-O1", GIT_AUTHOR_NAME="A", **secrets)

    assert done.returncode == 0, done.stderr
    seen = set(json.loads((sample_folder / "seen.json").read_text()))
    assert seen & set(secrets) == set()
    assert {"PATH", "HOME", "CFLAGS", "GIT_AUTHOR_NAME"} <= seen


def test_nothing_of_the_workspace_is_imported(sample_folder: Path) -> None:
    """A checkout can hold a `json.py`; only its own backend is run, and apart from us."""
    with_backend(sample_folder, "assert 'dist_actions' not in sys.modules")
    for name in ("pip", "build", "packaging", "dist_actions", "argparse"):
        (sample_folder / f"{name}.py").write_text(
            "raise SystemExit('the workspace was imported')\n"
        )

    done = run(cwd=sample_folder)

    assert (done.returncode, done.stdout) == (0, "3.2\n"), done.stderr


@pytest.mark.parametrize(
    ("files", "arguments", "problem"),
    [
        ({"pyproject.toml": "[project\n"}, (), "not valid TOML"),
        ({"setup.py": "raise SystemExit(1)\n"}, (), "No version can be read"),
        ({"pyproject.toml": IN_TREE, "backend.py": "1 / 0"}, (), "No version can be read"),
        ({"pyproject.toml": '[project]\nversion = "one"\n'}, (), "is not a version"),
        (
            {"pyproject.toml": DYNAMIC, "V": "aa"},
            ("--version-file=V", "--version-pattern=x"),
            "finds 0 places",
        ),
        (
            {"pyproject.toml": DYNAMIC, "V": "aa"},
            ("--version-file=V", "--version-pattern=a"),
            "finds 2 places",
        ),
        ({"pyproject.toml": DYNAMIC}, ("--version-file=../V",), "does not exist"),
    ],
)
@pytest.mark.network
def test_bad_input_is_one_error_in_three_parts(
    sample_folder: Path, files: dict[str, str], arguments: tuple[str, ...], problem: str
) -> None:
    make_project(sample_folder, files)

    done = run("--json", *arguments, cwd=sample_folder)

    assert (done.returncode, done.stdout) == (2, "")
    error = done.stderr[done.stderr.index("dist-actions: ") :]
    assert problem in error
    assert (error.count("\nWhy: "), error.count("\nFix: ")) == (1, 1)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("no-such-folder", "there is no such folder."),
        ("empty", "pyproject.toml and setup.py are missing there."),
        ("a-file", "there is no such folder."),
    ],
)
def test_the_folder_without_a_project_is_named_as_it_was_given(
    tmp_path: Path, path: str, why: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a-file").write_text("")
    for given in (path, str(tmp_path / path)):
        done = run(given, cwd=tmp_path)
        assert done.returncode == 2
        assert f"There is no Python project in {given[:100]!r}.\nWhy: {why}" in done.stderr
