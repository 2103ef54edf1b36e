"""Commits of what `scripts/release-image` makes an image of, and runs of that script on them."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.paths import ROOT

#: An image that is pushed and pulled in no time.
_SMALL_IMAGE = """\
FROM scratch
COPY src/program /
ENTRYPOINT ["/program"]
"""
_FILES = ("action.yml", "Dockerfile", ".dockerignore", "pyproject.toml")


def make_image_source(folder: Path) -> Path:
    """Commit a checkout with what the script reads, whose action is built in each job."""
    (folder / "src").mkdir(parents=True)
    for path in _FILES:
        shutil.copy2(ROOT / path, folder / path)
    text = (folder / "action.yml").read_text(encoding="utf-8")
    text = re.sub("image: .*", "image: Dockerfile", text)
    (folder / "action.yml").write_text(text, encoding="utf-8")
    (folder / "src" / "module.py").write_text("")
    for part in ("scripts/release-image", "requirements/publish.txt"):
        (folder / part).parent.mkdir()
        shutil.copy2(ROOT / part, folder / part)
    commit_all(folder)
    return folder


def commit_all(folder: Path) -> None:
    """Commit every file of a folder, which becomes a repository where it is none."""
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "A change")):
        subprocess.run(["git", *command], cwd=folder, check=True)


def write_small_image(folder: Path, body: str) -> None:
    """Let a checkout's image be one program, with this body of its `main` in C.

    Skip where it cannot be compiled.
    """
    if not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    (folder / "Dockerfile").write_text(_SMALL_IMAGE, encoding="utf-8")
    program = f"#include <stdio.h>\n#include <stdlib.h>\nint main(void) {{ {body} }}\n"
    command = ["gcc", "-static", "-x", "c", "-", "-o", str(folder / "src" / "program")]
    subprocess.run(command, input=program, text=True, check=True)


def use_registry(folder: Path, registry: str) -> None:
    """Let a checkout's image be kept in another registry."""
    script = folder / "scripts" / "release-image"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("ghcr.io", registry), encoding="utf-8")


def run_release_image(
    folder: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the script of a checkout."""
    return subprocess.run(
        ["scripts/release-image", *arguments],
        cwd=folder,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def build_and_pin(folder: Path) -> str:
    """Build a commit's image, and name it in the action as the script says; return its digest."""
    outputs = folder.parent / "outputs"
    built = run_release_image(folder, "build", environ={"GITHUB_OUTPUT": str(outputs)})
    assert built.returncode == 0, built.stderr
    advice = re.search(r"scripts/release-image pin (sha256:\w+)", built.stdout)
    assert advice is not None
    assert f"digest={advice[1]}\n" in outputs.read_text(encoding="utf-8")
    assert run_release_image(folder, "pin", advice[1]).returncode == 0
    return advice[1]
