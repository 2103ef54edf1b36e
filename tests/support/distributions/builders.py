"""Small, valid distributions made by hand, the same bytes for the same arguments."""

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest, manifest_files

PROJECT = "eigenoid-sample"
_EPOCH = 1_700_000_000


def metadata(version: str, project: str = PROJECT, **fields: str) -> str:
    """Write core metadata; `fields` are added, with `_` for `-`."""
    described = {"Description_Content_Type": "text/plain", **fields}
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in described.items())
    head = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\nSummary: A test\n"
    return f"{head}{more}\nMade for a test.\n"


def record_line(path: str, content: bytes) -> str:
    """Write the line of a file in a wheel's RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"


def write_wheel(
    folder: Path,
    version: str = "0.1.0",
    *,
    project: str = PROJECT,
    content: str = "",
    tag: str = "py3-none-any",
    generator: str = "tests",
    **more: str,
) -> Path:
    """Write a pure wheel with one module, whose text is `content`; `more` are metadata fields."""
    name = project.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": content,
        f"{info}/METADATA": metadata(version, project, **more),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: {generator}\nRoot-Is-Purelib: true\n"
        f"Tag: {tag}\n",
    }
    records = "".join(record_line(path, text.encode()) for path, text in files.items())
    record = f"{records}{info}/RECORD,,\n"
    path = folder / f"{name}-{version}-{tag}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(member), text)
    return path


def write_sdist(
    folder: Path,
    version: str = "0.1.0",
    *,
    project: str = PROJECT,
    members: Mapping[str, str] | None = None,
) -> Path:
    """Write an sdist with `pyproject.toml` and PKG-INFO; `members` are further files."""
    root = f"{project.replace('-', '_')}-{version}"
    files = {
        "PKG-INFO": metadata(version, project),
        "pyproject.toml": "[build-system]\nrequires = []\n",
        **(members or {}),
    }
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{root}/{name}")
            member.size, member.mtime = len(text.encode()), _EPOCH
            archive.addfile(member, io.BytesIO(text.encode()))
    path = folder / f"{root}.tar.gz"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(raw.getvalue(), mtime=_EPOCH))
    return path


def make_manifest(folder: Path, **changes: Any) -> Manifest:
    """Make the manifest of a folder's distributions; `changes` are fields of it."""
    distributions = scan_folder(folder, besides=[MANIFEST_NAME])
    suffix = changes.get("suffix", "-dev")
    version = changes.get("version", distributions[0].version)
    described: dict[str, Any] = {
        "project": canonicalize_name(PROJECT),
        "version": version,
        "tag": f"v{version}{suffix}",
        "tag_format": "v{version}{suffix}",
        "suffixes": ("-dev", "-qa", ""),
        "commit_sha": "c" * 40,
        "tree_sha": "d" * 40,
        "environment": "dev",
        "github_environment": "dev",
        "suffix": "-dev",
        "prerelease": True,
        "production": False,
        "source_date_epoch": _EPOCH,
        "backend": "hatchling.build",
        "python": "3.13.0",
        "files": manifest_files(distributions),
        "notes": "",
    }
    return Manifest(**{**described, **changes})


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Put a manifest beside its distributions; return its digest."""
    (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return hashlib.sha256((folder / MANIFEST_NAME).read_bytes()).hexdigest()


def required(*requirements: str) -> dict[str, str]:
    """Write requirements as a metadata field of a wheel; none for no requirement."""
    return {"Requires_Dist": "\nRequires-Dist: ".join(requirements)} if requirements else {}


def write_release(
    folder: Path,
    version: str = "0.1.0",
    *,
    project: str = PROJECT,
    content: str = "",
    requires: Sequence[str] = (),
) -> None:
    """Write a wheel and an sdist; another `content` makes other bytes under the same names."""
    write_wheel(folder, version, project=project, content=content, **required(*requires))
    write_sdist(folder, version, project=project, members={"notes.txt": content})


def parsed(version: str) -> Version:
    """Parse a version."""
    return Version(version)
