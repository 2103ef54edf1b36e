"""A build takes private requirements by a login, or by whatever else pip is told."""

import os
import shutil
from pathlib import Path

import pytest

from dist_sandbox.google.artifact_registry.upstream_repositories import RemoteRepository
from dist_sandbox.package_index import find_package_index
from support.projects.private_packages import PrivatePackages
from support.sandbox.fixtures import git

PYPROJECT = """[build-system]
requires = ["eigenoid-core"]
build-backend = "backend"
backend-path = ["."]
[project]
name = "eigenoid-web"
version = "1.2.0"
"""
#: The credential is the installers'; the backend is told nothing of it.
BACKEND = """import base64, hashlib, io, os, tarfile, zipfile
import eigenoid_core, eigenoid_public

assert "NETRC" not in os.environ
METADATA = "Metadata-Version: 2.1\\nName: eigenoid-web\\nVersion: 1.2.0\\n"


def digest(text):
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def build_sdist(folder, *_):
    name, root = "eigenoid_web-1.2.0.tar.gz", "eigenoid_web-1.2.0/"
    with tarfile.open(os.path.join(folder, name), "w:gz") as sdist:
        for member in ("pyproject.toml", "backend.py"):
            sdist.add(member, root + member)
        described = tarfile.TarInfo(root + "PKG-INFO")
        described.size = len(METADATA)
        sdist.addfile(described, io.BytesIO(METADATA.encode()))
    return name


def build_wheel(folder, *_):
    name, info = "eigenoid_web-1.2.0-py3-none-any.whl", "eigenoid_web-1.2.0.dist-info/"
    files = {
        "eigenoid_web.py": "",
        info + "METADATA": METADATA,
        info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\n"
        "Tag: py3-none-any\\n",
    }
    record = "".join(f"{path},sha256={digest(text)},{len(text)}\\n" for path, text in files.items())
    record += info + "RECORD,,\\n"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in {**files, info + "RECORD": record}.items():
            wheel.writestr(path, text)
    return name
"""


@pytest.mark.network
@pytest.mark.skipif(not shutil.which("uv"), reason="uv is not on PATH")
@pytest.mark.parametrize("way", ["login", "pip's variable", "pip's file"])
def test_an_isolated_build_takes_a_private_requirement(
    private_packages: PrivatePackages, way: str, tmp_path: Path
) -> None:
    # Behind the simulated index: what our own actions, and every other tool, are made of.
    cache = private_packages.repository(name="pypi-cache")
    assert isinstance(cache, RemoteRepository)
    cache.elsewhere_url = find_package_index(os.environ)
    login = private_packages.log_in()
    workspace = tmp_path / "web"
    workspace.mkdir()
    (workspace / "pyproject.toml").write_text(PYPROJECT)
    (workspace / "backend.py").write_text(BACKEND)
    git("init", "-q", "-b", "dev", cwd=workspace)
    git("add", "-A", cwd=workspace)
    git("commit", "-qm", "A", cwd=workspace)
    git("tag", "-a", "-m", "v1.2.0-dev", "v1.2.0-dev", cwd=workspace)
    url = login.variables["PIP_INDEX_URL"]
    configuration = tmp_path / "pip.conf"
    configuration.write_text(f"[global]\nindex-url = {url}\n")
    environ = {
        "login": login.variables,
        "pip's variable": {"NETRC": login.variables["NETRC"], "PIP_INDEX_URL": url},
        "pip's file": {
            "NETRC": login.variables["NETRC"],
            "PIP_CONFIG_FILE": str(configuration),
        },
    }[way]
    result = private_packages.run_stage(
        "release",
        {"phase": "build", "artifacts": "build"},
        workspace=workspace,
        ref="refs/tags/v1.2.0-dev",
        environ=environ,
    )
    assert result.exit_status == 0, result.log
    assert (workspace / "dist" / "eigenoid_web-1.2.0-py3-none-any.whl").is_file()
