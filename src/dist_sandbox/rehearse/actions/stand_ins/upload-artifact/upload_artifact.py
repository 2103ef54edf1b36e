"""Stand-in for actions/upload-artifact: pack files and store them for the jobs that follow."""

import hashlib
import io
import os
import re
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from artifacts import artifact_url, list_artifacts, send
from runner import ActionError, annotate, read_flag, read_input, run_action, set_output, workspace

_FORBIDDEN = re.compile(r'["<>|*?:\\/\r\n]')
_GLOB = re.compile(r"[*?\[]")


def main() -> None:
    """Find, pack and send the files."""
    name = read_input("name")
    if not name or _FORBIDDEN.search(name):
        raise ActionError(f"The artifact name is not valid: {name!r}")
    files, root = _find_files()
    if not files:
        _report_nothing(read_input("if-no-files-found"))
        return
    if name in list_artifacts() and not read_flag("overwrite"):
        raise ActionError(
            "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) "
            "Conflict: an artifact with this name already exists on the workflow run"
        )
    content = _pack(files, root)
    send("PUT", artifact_url(name), content)
    digest = hashlib.sha256(content).hexdigest()
    if list_artifacts().get(name) != digest:
        raise ActionError(f"The artifact server holds other bytes under the name {name!r}.")
    print(f"Artifact {name}: {len(files)} file(s), {len(content)} bytes, sha256 {digest}")
    set_output("artifact-id", str(int(digest[:12], 16)))
    set_output("artifact-url", artifact_url(name))
    set_output("artifact-digest", digest)


def _find_files() -> tuple[list[Path], Path]:
    """Find the files, and the folder that their names in the archive are relative to."""
    patterns = [line.strip() for line in read_input("path").splitlines() if line.strip()]
    if not patterns:
        raise ActionError("Input required and not supplied: path")
    included = [pattern for pattern in patterns if not pattern.startswith("!")]
    excluded = {file for p in patterns if p.startswith("!") for file in _expand(p[1:])}
    matches = sorted({file for pattern in included for file in _expand(pattern)} - excluded)
    files = [file for file in matches if read_flag("include-hidden-files") or not _hidden(file)]
    roots = [_search_path(pattern) for pattern in included]
    root = Path(os.path.commonpath(roots))
    if root.is_file():
        root = root.parent
    return files, root


def _expand(pattern: str) -> list[Path]:
    """List the files of a pattern or a folder."""
    base = _search_path(pattern)
    rest = os.path.relpath(_absolute(pattern), base)
    matches = [base] if rest == "." else list(base.glob(rest))
    below = [file for match in matches if match.is_dir() for file in match.rglob("*")]
    return [path for path in [*matches, *below] if path.is_file()]


def _search_path(pattern: str) -> Path:
    """Cut a pattern before its first wildcard."""
    fixed: list[str] = []
    for part in _absolute(pattern).parts:
        if _GLOB.search(part):
            break
        fixed.append(part)
    return Path(*fixed)


def _absolute(pattern: str) -> Path:
    return Path(os.path.normpath(workspace() / Path(pattern).expanduser()))


def _hidden(file: Path) -> bool:
    base = workspace()
    parts = file.relative_to(base).parts if file.is_relative_to(base) else (file.name,)
    return any(part.startswith(".") for part in parts)


def _pack(files: list[Path], root: Path) -> bytes:
    buffer = io.BytesIO()
    level = int(read_input("compression-level") or "6")
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for file in files:
            archive.write(file, file.relative_to(root).as_posix())
    return buffer.getvalue()


def _report_nothing(behaviour: str) -> None:
    message = f"No files were found with the provided path: {read_input('path')}."
    if behaviour == "error":
        raise ActionError(f"{message} No artifacts will be uploaded.")
    if behaviour == "warn":
        annotate("warning", f"{message} No artifacts will be uploaded.")
    elif behaviour != "ignore":
        raise ActionError(f"Unrecognized if-no-files-found input. Provided: {behaviour}.")


run_action(main)
