"""Two builds of one tree, on what could be two machines: equal where they are normalised."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dist_actions.distributions.comparison import compare_folders
from dist_actions.distributions.manifest import MANIFEST_NAME
from dist_actions.distributions.normalising import normalise
from support.documentation.pages import page
from support.sandbox.fixtures import git
from support.stages.running import StageRunner

TAG = "v1.2.0-dev"
#: An odd second, which a ZIP cannot hold.
COMMITTED_AT = 1_769_860_801
NOBODY = 65534
SDIST = "sample-1.2.0.tar.gz"
WHEEL = "sample-1.2.0-py3-none-any.whl"


@dataclass(frozen=True)
class BuiltBy:
    """What a project says to be built by a backend: its import name, and further lines."""

    module: str
    more: str = ""


BACKENDS = {
    "setuptools": BuiltBy(
        "setuptools.build_meta",
        '[tool.setuptools]\npackages = ["sample", "sample.a", "sample.b"]\n'
        '[tool.setuptools.package-data]\nsample = ["*.txt", "*.sh"]\n',
    ),
    "hatchling": BuiltBy("hatchling.build"),
    "flit_core": BuiltBy("flit_core.buildapi"),
    "poetry-core": BuiltBy("poetry.core.masonry.api"),
    "pdm-backend": BuiltBy("pdm.backend"),
    "uv_build": BuiltBy("uv_build", '[tool.uv.build-backend]\nmodule-root = ""\n'),
}
FILES = {
    ".gitignore": "*.secret\n/build/\n",
    "LICENSE": "Nobody's.\n",
    "README.md": "# Sample\n",
    "sample/__init__.py": '"""A sample."""\n\n__version__ = "1.2.0"\n',
    "sample/data.txt": "data\n" * 100,
    "sample/run.sh": "#!/bin/sh\necho run\n",
    "sample/b/__init__.py": "",
    "sample/a/__init__.py": "",
}


def told(name: str) -> list[str]:
    """The page's row of a backend: its version, and whether sdist and wheel are equal."""
    table = page("docs/reproducible-builds.md").section("What differs without `normalise`")
    (row,) = [line for line in table.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in row.split("|")][2:]


def repository_of(name: str, folder: Path) -> Path:
    """A repository with one commit of a project, and its tag."""
    backend = BACKENDS[name]
    requirement = f"{name}=={told(name)[0]}"
    pyproject = (
        f'[build-system]\nrequires = ["{requirement}"]\nbuild-backend = "{backend.module}"\n\n'
        '[project]\nname = "sample"\nversion = "1.2.0"\ndescription = "A sample"\n'
        'requires-python = ">=3.10"\nreadme = "README.md"\nlicense = "MIT"\n'
        'license-files = ["LICENSE"]\nauthors = [{ name = "Nobody" }]\n'
        '[project.optional-dependencies]\nb = ["b"]\na = ["a"]\n\n'
    )
    for path, text in {**FILES, "pyproject.toml": pyproject + backend.more}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "sample" / "run.sh").chmod(0o755)
    git("init", "-q", "-b", "dev", cwd=folder)
    git("add", "-A", cwd=folder)
    at = f"{COMMITTED_AT} +0000"
    dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    environ = {"PATH": os.environ["PATH"], **dates}
    who = ["-c", "user.name=Dev", "-c", "user.email=dev@example.com"]
    subprocess.run(["git", *who, "commit", "-qm", "A"], cwd=folder, env=environ, check=True)
    git("tag", TAG, cwd=folder)
    return folder


def litter(folder: Path) -> None:
    """Leave ignored, untracked and edited files in a checkout, all of them of another time."""
    (folder / "sample" / "key.secret").write_text("ignored")
    (folder / "sample" / "untracked.py").write_text("untracked")
    (folder / "build" / "lib" / "sample").mkdir(parents=True)
    (folder / "build" / "lib" / "sample" / "stale.py").write_text("stale")
    (folder / "sample" / "data.txt").write_text("edited")
    for path in folder.rglob("*"):
        if ".git" not in path.relative_to(folder).parts:
            os.utime(path, (10**9, 10**9))


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def other_user(folder: Path) -> str:
    """A Python that runs as nobody, where the test runs as root and may say so."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None:
        return sys.executable
    script = folder / "python-as-nobody"
    # It may read everything, since interpreters can lie in root's home; files it makes are its own.
    capabilities = "--inh-caps=+dac_override --ambient-caps=+dac_override"
    script.write_text(
        f"#!/bin/sh\nexec {setpriv} --reuid={NOBODY} --regid={NOBODY} --clear-groups "
        f'{capabilities} "{sys.executable}" "$@"\n'
    )
    script.chmod(0o755)
    return str(script)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may look into, as those of `tmp_path` are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@dataclass(frozen=True)
class Machine:
    """Where builds run: a checkout, a user, and a configuration."""

    run: StageRunner
    repository: Path
    python: str
    environ: Mapping[str, str]
    umask: int = 0o022

    def build(self, dist: str, **more: str) -> Path:
        with umask(self.umask):
            result = self.run(
                "release",
                {"phase": "build", "dist": dist, **more},
                workspace=self.repository,
                ref=f"refs/tags/{TAG}",
                python=self.python,
                environ=self.environ,
            )
        assert result.exit_status == 0, result.log
        assert ("and normalised, from commit" in result.summary) == bool(more)
        return self.repository / dist


def machine(name: str, folder: Path) -> Machine:
    """An orderly one."""
    run = StageRunner(None, folder / "stages")
    repository = repository_of(name, folder / "one" / "alpha")
    return Machine(run, repository, sys.executable, {"UV_CACHE_DIR": str(folder / "cache")})


def other_machine(one: Machine, folder: Path) -> Machine:
    """One with a littered clone, another user, another time zone, and line ends of Windows."""
    repository = folder / "two" / "beta"
    repository.parent.mkdir()
    with umask(0o077):
        git("clone", "-q", str(one.repository), str(repository), cwd=folder)
    litter(repository)
    python = other_user(folder)
    if python != sys.executable:
        for path in (repository, *repository.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    config = folder / "config" / "git" / "config"
    config.parent.mkdir(parents=True)
    config.write_text("[core]\n\tautocrlf = true\n\teol = crlf\n")
    environ = {"XDG_CONFIG_HOME": str(folder / "config"), "TZ": "Pacific/Auckland"}
    return Machine(one.run, repository, python, {**one.environ, **environ}, umask=0o077)


def contents(folder: Path) -> dict[str, bytes]:
    """The package's own files in sdist and wheel, by their names in it."""
    found = {}
    with tarfile.open(folder / SDIST) as sdist:
        for info in sdist.getmembers():
            if info.isfile() and (file := sdist.extractfile(info)):
                found[info.name.partition("/")[2]] = file.read()
    with zipfile.ZipFile(folder / WHEEL) as wheel:
        inside = {name: wheel.read(name) for name in wheel.namelist() if name[-1] != "/"}
    own = {name: data for name, data in inside.items() if ".dist-info/" not in name}
    assert own.items() <= found.items()
    return {name: data for name, data in found.items() if name.startswith("sample/")}


@pytest.mark.network
@pytest.mark.parametrize("name", BACKENDS)
def test_two_builds_of_one_tree(open_folder: Path, name: str) -> None:
    one = machine(name, open_folder)
    two = other_machine(one, open_folder)
    plain = one.build("plain")
    plain_of_other = two.build("plain")
    normalised = two.build("normalised", normalise="true")
    committed = {key: text.encode() for key, text in FILES.items() if key.startswith("sample/")}
    assert contents(plain_of_other) == contents(normalised) == committed

    same_user = two.python == one.python
    assert ((plain_of_other / SDIST).stat().st_uid == NOBODY) is not same_user
    files = [SDIST, WHEEL]
    differences = compare_folders(plain, plain_of_other, files)
    # Whatever differs, the contents are equal.
    assert {difference.member for difference in differences} <= {""}
    differing = {difference.file for difference in differences}
    assert ["headers" if file in differing else "equal" for file in files] == told(name)[1:3]

    manifest = json.loads((normalised / MANIFEST_NAME).read_text(encoding="utf-8"))
    assert (manifest["normalised"], manifest["source-date-epoch"]) == (True, COMMITTED_AT)
    normalise(plain, COMMITTED_AT)
    assert compare_folders(plain, normalised, files) == ()
    for file in files:
        assert (plain / file).read_bytes() == (normalised / file).read_bytes()
