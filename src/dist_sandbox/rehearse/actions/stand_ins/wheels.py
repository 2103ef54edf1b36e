"""Builds the wheels of other platforms in a rehearsal: on this machine, under their names.

On GitHub a job runs on the machine that its `runs-on` names, and a wheel for Linux is built in a
manylinux container. Here every job runs on this machine, so a wheel is built plainly, and its tags
say the platform that it stands for. It holds this machine's code, and says so nowhere else.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from runner import ActionError, annotate

#: What the job's `runs-on` says; empty where it is Linux on this machine's processor.
_RUNS_ON = "DIST_SANDBOX_RUNS_ON"
_LINUX = "manylinux_2_28"


def platform_tag() -> str:
    """Name the platform that wheels of this job are for, as their tags do."""
    label = os.environ.get(_RUNS_ON, "").lower()
    if label.startswith("windows"):
        return "win_arm64" if "arm" in label else "win_amd64"
    if label.startswith("macos"):
        is_intel = "intel" in label or label in {"macos-13", "macos-12"}
        return "macosx_10_13_x86_64" if is_intel else "macosx_11_0_arm64"
    if "arm" in label:
        return f"{_LINUX}_aarch64"
    return f"{_LINUX}_{os.uname().machine}"


def announce(tool: str, platform: str) -> None:
    """Say in the log and beside the run what is played here."""
    where = "in a manylinux container" if platform.startswith(_LINUX) else "on its platform"
    annotate(
        "notice",
        f"Stand-in: on GitHub {tool} would build {where}. Here this machine's compiler builds "
        f"plainly, nothing is repaired or tested, and wheels are tagged {platform}.",
    )


def build_wheel(interpreter: Path, source: Path, platform: str, folder: Path) -> Path:
    """Build one wheel by a Python, as `python -m build --wheel` does, and tag it.

    Args:
        source: A project's folder, or its sdist.

    Raises:
        ActionError: The build failed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        _run([*_command(interpreter, Path(scratch)), str(source)])
        (wheel,) = Path(scratch).glob("*.whl")
        return retag(wheel, platform, folder)


def retag(wheel: Path, platform: str, folder: Path) -> Path:
    """Copy a wheel into a folder, for another platform; one for all platforms stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    *start, built_for = wheel.stem.split("-")
    if built_for == "any":
        return Path(shutil.copy(wheel, folder))
    target = folder / f"{'-'.join([*start, platform])}.whl"
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    changed = dict.fromkeys((info.filename for info, _ in members), b"")
    name = next(name for name in changed if name.endswith(".dist-info/WHEEL"))
    content = next(content for info, content in members if info.filename == name)
    content = re.sub(rb"(?m)^(Tag: \S+-\S+-)\S+$", rb"\g<1>" + platform.encode(), content)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, old in members:
            if info.filename == name:
                archive.writestr(info, content)
            elif info.filename.endswith(".dist-info/RECORD"):
                archive.writestr(info, _record(old, name, content))
            else:
                archive.writestr(info, old)
    return target


def is_stable(wheel: Path) -> bool:
    """Tell whether a wheel fits later Pythons too: by the stable ABI, or without compiled code."""
    return wheel.stem.split("-")[-2] in {"abi3", "none"}


def _record(record: bytes, name: str, content: bytes) -> bytes:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    line = f"{name},sha256={digest},{len(content)}"
    lines = record.decode().splitlines()
    return "".join(f"{line if old.startswith(f'{name},') else old}\n" for old in lines).encode()


def _command(interpreter: Path, folder: Path) -> Sequence[str]:
    uv = shutil.which("uv")
    if uv:
        return [uv, "build", "--wheel", "--python", str(interpreter), "--out-dir", str(folder)]
    environment = folder / "environment"
    _run([str(interpreter), "-m", "venv", str(environment)])
    pip = [str(environment / "bin" / "python"), "-m", "pip", "wheel", "--no-deps"]
    return [*pip, "--wheel-dir", str(folder)]


def _run(command: Sequence[str]) -> None:
    print(f"$ {' '.join(command)}", flush=True)
    if subprocess.run(command, stdout=sys.stdout, stderr=subprocess.STDOUT, check=False).returncode:
        raise ActionError("The wheel could not be built; the log above says why.")
