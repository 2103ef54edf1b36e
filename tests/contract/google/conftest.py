"""A sandbox's Google part on loopback, its client, and small distributions."""

import base64
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

import dist_sandbox
from support.google.client import GoogleClient
from support.google.loopback_index import LoopbackIndex

_START_SECONDS = 30


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The ready file of a sandbox in a process of its own."""
    folder = tmp_path_factory.mktemp("google")
    file = folder / "ready.json"
    arguments = ["serve", "--state", str(folder / "state"), "--ready-file", str(file)]
    source = str(Path(dist_sandbox.__file__).parents[1])
    environ = {**os.environ, "PYTHONPATH": source}
    with subprocess.Popen(
        [sys.executable, "-m", "dist_sandbox.cli", *arguments], env=environ
    ) as process:
        deadline = time.monotonic() + _START_SECONDS
        while not file.exists():
            assert process.poll() is None, "the sandbox ended"
            assert time.monotonic() < deadline, "the sandbox is not ready"
            time.sleep(0.05)
        yield json.loads(file.read_text())
        process.terminate()


@pytest.fixture
def caller(ready: dict[str, Any]) -> Iterator[GoogleClient]:
    with requests.Session() as session:
        session.trust_env = False
        client = GoogleClient(ready, session)
        yield client
        client.set_clock(timedelta())
        client.control("POST", "google/reset")
        client.control("PATCH", "oidc", {"subject_form": "names"})


@pytest.fixture
def make_wheel(tmp_path: Path) -> Callable[..., Path]:
    """Builds wheels by hand: `make_wheel("pkg", "1.0")`; `content` changes their bytes."""

    def make(name: str, version: str, content: str = "") -> Path:
        info = f"{name}-{version}.dist-info"
        files = {
            f"{name}/__init__.py": f'__version__ = "{version}"\n{content}',
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(
            f"{path},{_record_hash(text)},{len(text)}\n" for path, text in files.items()
        )
        files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
        file = tmp_path / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as archive:
            for path, text in files.items():
                # Fixed times: tests that follow each other in one world expect the same bytes.
                archive.writestr(zipfile.ZipInfo(path), text)
        return file

    return make


@pytest.fixture
def make_sdist(tmp_path: Path) -> Callable[..., Path]:
    """Builds sdists by hand; they can be uploaded, not installed."""

    def make(name: str, version: str) -> Path:
        file = tmp_path / f"{name}-{version}.tar.gz"
        files = {
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            "pyproject.toml": "",
        }
        with (
            gzip.GzipFile(file, "wb", mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            for path, text in files.items():
                member = tarfile.TarInfo(f"{name}-{version}/{path}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        return file

    return make


def _record_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.fixture
def public_index(make_wheel: Callable[..., Path]) -> Iterator[LoopbackIndex]:
    """Somebody else's index, with the project `public` in version 99.0."""
    index = LoopbackIndex(make_wheel("public", "99.0"))
    yield index
    index.stop()
