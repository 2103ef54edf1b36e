"""Write sound wheels to publish: incompressible, each with a README and a true RECORD."""

import base64
import hashlib
import os
import zipfile
from pathlib import Path

PROJECT = "bench-sample"
_MIB = 1024 * 1024
_EPOCH = (2026, 1, 1, 0, 0, 0)
_README = "# A sample\n\n" + "It does *nothing*, and that [quickly](https://example.com/).\n" * 60
_METADATA = """\
Metadata-Version: 2.4
Name: {project}
Version: {version}
Summary: A sample for the benchmark
Requires-Python: >=3.10
Description-Content-Type: text/markdown

"""


def write_wheels(
    folder: Path, version: str, *, count: int, size_bytes: int, project: str = PROJECT
) -> None:
    """Write wheels of one version for as many platforms, with one large member each."""
    folder.mkdir(parents=True)
    for number in range(count):
        platform = f"manylinux_2_{17 + number}_x86_64"
        _write_wheel(folder, project, version, platform, size_bytes)


def wheel_form(wheel: Path, project: str = PROJECT) -> dict[str, str]:
    """Return the fields that go with the upload of such a wheel, besides the file."""
    return {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.4",
        "name": project,
        "version": wheel.name.split("-")[1],
        "filetype": "bdist_wheel",
        "pyversion": "py3",
    }


def _write_wheel(folder: Path, project: str, version: str, platform: str, size_bytes: int) -> None:
    tag = f"py3-none-{platform}"
    name = project.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    small = {
        f"{name}/__init__.py": "",
        f"{info}/METADATA": _METADATA.format(project=project, version=version) + _README,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: false\n"
        f"Tag: {tag}\n",
    }
    record = []
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member, text in small.items():
            content = text.encode()
            archive.writestr(_member(member), content)
            record.append(_line(member, hashlib.sha256(content).digest(), len(content)))
        record.append(_write_large(archive, f"{name}/data.bin", size_bytes))
        record.append(f"{info}/RECORD,,\n")
        archive.writestr(_member(f"{info}/RECORD"), "".join(record))


def _write_large(archive: zipfile.ZipFile, name: str, size_bytes: int) -> str:
    """Write random bytes as a member, and return its line of RECORD."""
    digest = hashlib.sha256()
    with archive.open(_member(name), "w") as member:
        for start in range(0, size_bytes, _MIB):
            piece = os.urandom(min(_MIB, size_bytes - start))
            digest.update(piece)
            member.write(piece)
    return _line(name, digest.digest(), size_bytes)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member


def _line(name: str, digest: bytes, size_bytes: int) -> str:
    encoded = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"{name},sha256={encoded},{size_bytes}\n"
