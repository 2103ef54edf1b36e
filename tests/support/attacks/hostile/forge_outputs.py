"""Forge what the running action hands to the jobs that follow: its files and its outputs.

A process stays alive in the background. The action writes its outputs first and its summary last,
and it waits there: the summary's file is a pipe, which the background process reads only when
everything is forged. The options:

    after: the output that must be there before anything is forged
    outputs: further outputs; of two values the runner takes the last one
    manifest: fields of `dist-manifest.json` that are replaced
    loot: the file that gets the digest of the forged manifest
    release: name, version and content of the distributions that replace the built ones
"""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

_WITHIN_SECONDS = 100


def strike(job: Any) -> None:
    """Turn the summary's file into a pipe, and wait in the background."""
    summary = Path(job.environ["GITHUB_STEP_SUMMARY"])
    summary.unlink(missing_ok=True)
    os.mkfifo(summary)
    job.in_background(lambda: _forge_when_written(job, summary))


def _forge_when_written(job: Any, summary: Path) -> None:
    output, end = Path(job.environ["GITHUB_OUTPUT"]), time.monotonic() + _WITHIN_SECONDS
    try:
        while job.options["after"] not in output.read_text(encoding="utf-8"):
            if time.monotonic() > end or not _runs(job.pid):
                return
            time.sleep(0.01)
        outputs = dict(job.options.get("outputs", {}))
        if "manifest" in job.options:
            outputs["manifest-sha256"] = _forge_files(job, job.workspace / "dist")
        with output.open("a", encoding="utf-8") as file:
            file.write("".join(f"{name}={value}\n" for name, value in outputs.items()))
    finally:
        _open_summary(job, summary, end)


def _open_summary(job: Any, summary: Path, end: float) -> None:
    """Let the action write its summary, and put an ordinary file in the pipe's place."""
    descriptor = os.open(summary, os.O_RDONLY | os.O_NONBLOCK)
    plain = summary.with_name(f"{summary.name}.plain")
    plain.write_text("Nothing to see here.\n", encoding="utf-8")
    plain.replace(summary)
    while time.monotonic() < end and _runs(job.pid):
        time.sleep(0.01)
    os.close(descriptor)


def _forge_files(job: Any, dist: Path) -> str:
    """Replace distributions and manifest; return the manifest's digest."""
    path = dist / "dist-manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    if release := job.options.get("release"):
        shutil.rmtree(dist)
        dist.mkdir()
        files = job.write_release(dist, release["name"], release["version"], release["content"])
        manifest |= {"name": release["name"], "version": release["version"]}
        manifest["files"] = [
            {
                "name": file.name,
                "size": file.stat().st_size,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            }
            for file in files
        ]
    manifest |= job.options["manifest"]
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"  # as dist-actions writes it
    path.write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    Path(job.options["loot"]).write_text(digest, encoding="utf-8")
    return digest


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
