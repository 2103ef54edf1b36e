"""Stand-in for actions/upload-artifact: pack files and store them for the jobs that follow."""

import hashlib
import io
import os
import re
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from artifacts import artifact_id, artifact_url, list_artifacts, send
from runner import (
    ActionError,
    StandInLimitError,
    annotate,
    read_flag,
    read_input,
    read_lines,
    run_action,
    set_output,
    workspace,
)

_FORBIDDEN = re.compile(r'["<>|*?:\\/\r\n]')
_GLOB = re.compile(r"[*?\[]")
#: GitHub keeps no artifact longer.
_LONGEST_DAYS = 90


def main() -> None:
    """Find, pack and send the files."""
    name = read_input("name")
    if not name or _FORBIDDEN.search(name):
        raise ActionError(f"The artifact name is not valid: {name!r}")
    level = _check_numbers()
    if read_input("archive") and not read_flag("archive"):
        raise StandInLimitError(
            "archive: false is not played.",
            why="the rehearsal keeps every artifact as a zip file.",
            fix="rehearse the workflow without this input; GitHub itself accepts it.",
        )
    files, root = _find_files()
    if not files:
        _report_nothing(read_input("if-no-files-found"))
        return
    if read_flag("overwrite"):
        send("DELETE", artifact_url(name))
    elif name in list_artifacts():
        raise ActionError(
            "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) "
            "Conflict: an artifact with this name already exists on the workflow run"
        )
    content = _pack(files, root, level)
    send("PUT", artifact_url(name), content)
    digest = hashlib.sha256(content).hexdigest()
    if list_artifacts().get(name) != digest:
        raise ActionError(f"The artifact server holds other bytes under the name {name!r}.")
    print(f"Artifact {name}: {len(files)} file(s), {len(content)} bytes, sha256 {digest}")
    set_output("artifact-id", artifact_id(digest))
    set_output("artifact-url", artifact_url(name))
    set_output("artifact-digest", digest)


def _check_numbers() -> int:
    """Check the inputs that are numbers, and return the compression level."""
    level, days = read_input("compression-level") or "6", read_input("retention-days")
    if not re.fullmatch(r"\d", level):
        raise ActionError("Invalid compression-level. Valid values are 0-9")
    if days and not days.isdigit():
        raise ActionError("Invalid retention-days")
    if days and int(days) > _LONGEST_DAYS:
        annotate(
            "warning",
            "Retention days cannot be greater than the maximum allowed retention set within the "
            f"repository. Using {_LONGEST_DAYS} instead.",
        )
    return int(level)


def _find_files() -> tuple[list[Path], Path]:
    """Find the files, and the folder that their names in the archive are relative to."""
    patterns = [line for line in read_lines("path") if not line.startswith("#")]
    if not patterns:
        raise ActionError("Input required and not supplied: path")
    files: set[Path] = set()
    for pattern in patterns:  # a later one decides
        if pattern.startswith("!"):
            files -= set(_expand(pattern[1:].strip(), hidden=True))
        else:
            files |= set(_expand(pattern, hidden=read_flag("include-hidden-files")))
    roots = [_search_path(pattern) for pattern in patterns if not pattern.startswith("!")]
    root = Path(os.path.commonpath(roots)) if roots else workspace()
    return sorted(files), root.parent if root.is_file() else root


def _expand(pattern: str, *, hidden: bool) -> list[Path]:
    """List the files of a pattern or a folder.

    What is hidden is left out from the place on where the search starts, as by the real action: a
    folder that is named itself may be below a hidden one.
    """
    base = _search_path(pattern)
    rest = os.path.relpath(_absolute(pattern), base)
    matches = [base] if rest == "." else list(base.glob(rest))
    below = [file for match in matches if match.is_dir() for file in match.rglob("*")]
    files = [path for path in [*matches, *below] if path.is_file()]
    return [file for file in files if hidden or not _hidden(file, base)]


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


def _hidden(file: Path, base: Path) -> bool:
    parts = (base.name, *file.relative_to(base).parts)
    return any(part.startswith(".") for part in parts)


def _pack(files: list[Path], root: Path, level: int) -> bytes:
    buffer = io.BytesIO()
    # A reproducible build may give its files dates before 1980, which zip does not know.
    with zipfile.ZipFile(
        buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level, strict_timestamps=False
    ) as archive:
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
