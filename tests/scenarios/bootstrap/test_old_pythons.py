"""A Python that is too old is refused in one annotation, not by a traceback."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

from support.paths import ROOT

ENTRYPOINTS = ["auto-tag/main.py", "release/main.py", "promote/main.py"]
READ_FIRST = ["src/dist_actions/__init__.py", "src/dist_actions/bootstrap.py"]
OLD = ["3.6", "3.7", "3.8", "3.9"]


def find_python(version: str) -> str | None:
    """Find an interpreter of this version on this machine."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    return str(kept[-1]) if kept else shutil.which(f"python{version}")


@pytest.mark.parametrize("path", [*ENTRYPOINTS, *READ_FIRST])
def test_what_an_old_python_reads_first_is_in_its_syntax(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"), feature_version=(3, 6))
    features = [
        node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    assert features == [], "Python 3.6 does not know annotations from the future"


@pytest.mark.parametrize("version", OLD)
@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_it_is_refused_with_an_annotation(version: str, entrypoint: str) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    refused = subprocess.run(
        [python, "-I", str(ROOT / entrypoint)], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1, refused.stderr
    assert refused.stdout.startswith(f"::error title=dist-actions::python3 is {version}.")
    assert refused.stderr == ""
