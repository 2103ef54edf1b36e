"""Over 200 distributions of well-known projects pass every check: what is refused is not usual.

PyPI's rules pass them as well, but for names of files that PyPI would not take any more.

Versions are pinned. The installer's lock file tells each file's address and digest; nothing is
built. Files are kept in `build/public-distributions`.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from packaging.utils import canonicalize_name

from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.pypi_rules.acceptance import find_problems
from dist_actions.distributions.pypi_rules.file_names import FIX_NAME
from dist_actions.toml import read_toml
from support.paths import ROOT

CACHE = ROOT / "build" / "public-distributions"
REQUIREMENTS = Path(__file__).with_name("public_distributions.txt")
PINNED = REQUIREMENTS.read_text(encoding="utf-8").split()
#: What PyPI took before it wanted normalised names of files.
MISNAMED = {
    *("gitpython==3.1.44", "markdown-it-py==3.0.0", "markupsafe==3.0.2", "pyjwt==2.10.1"),
    *("python-dateutil==2.9.0.post0", "python-slugify==8.0.4", "requests-oauthlib==2.0.0"),
    *("requests-toolbelt==1.0.0", "ruamel.yaml==0.18.14", "zope.interface==7.2"),
}
_DOWNLOADS = 8
#: Wheels that run everywhere, else on the commonest runner.
_PREFERRED = ("none-any.whl", "x86_64.whl", ".whl")


def chosen_files(package: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The sdist and one wheel of a package in the lock file."""
    yield package["sdist"]
    wheels = package["wheels"]
    ends = next(end for end in _PREFERRED if any(one["url"].endswith(end) for one in wheels))
    yield next(one for one in reversed(wheels) if one["url"].endswith(ends))


def fetch(folder: Path, file: dict[str, Any]) -> None:
    """Download a file, unless it is there already."""
    path = folder / file["url"].rpartition("/")[2]
    wanted = file["hashes"]["sha256"]
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
        answer = requests.get(file["url"], timeout=30)
        answer.raise_for_status()
        assert hashlib.sha256(answer.content).hexdigest() == wanted
        path.write_bytes(answer.content)


@pytest.fixture(scope="session")
def public_distributions() -> Path:
    """A folder for every project, each with an sdist and a wheel."""
    CACHE.mkdir(parents=True, exist_ok=True)
    lock = CACHE / f"{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}.toml"
    if not lock.is_file():
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-deps"]
        options = ["--python-version=3.13", "--format=pylock.toml", "--output-file=pylock.toml"]
        subprocess.run([*command, *options, str(REQUIREMENTS)], check=True, timeout=120, cwd=CACHE)
        (CACHE / "pylock.toml").replace(lock)
    locked = read_toml(lock, lock.name)
    assert locked is not None
    wanted = []
    for package in locked["packages"]:
        folder = CACHE / f"{package['name']}-{package['version']}"
        folder.mkdir(parents=True, exist_ok=True)
        wanted.extend((folder, file) for file in chosen_files(package))
    assert len(wanted) >= 200
    with ThreadPoolExecutor(_DOWNLOADS) as pool:
        list(pool.map(lambda one: fetch(*one), wanted))
    return CACHE


@pytest.mark.network
@pytest.mark.parametrize("requirement", PINNED)
def test_a_well_known_project_passes(public_distributions: Path, requirement: str) -> None:
    name, _, version = requirement.partition("==")
    folder = public_distributions / f"{canonicalize_name(name)}-{version}"
    distributions = scan_folder(folder)
    assert [dist.kind for dist in distributions] == ["wheel", "sdist"]
    check_distributions(folder, distributions)
    problems = [
        problem
        for dist in distributions
        for problem in find_problems(folder / dist.name, new_project=False)
    ]
    others = [problem for problem in problems if problem.fix != FIX_NAME]
    assert others == []
    assert bool(problems) == (requirement in MISNAMED)
