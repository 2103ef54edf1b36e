"""Stand-in for PyO3/maturin-action: a wheel by this machine's Python and Rust."""

import re
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import ActionError, read_input, run_action, workspace
from wheels import announce, build_wheel, platform_tag

_OUT = re.compile(r"(?:--out|-o)[= ](\S+)")


def main() -> None:
    """Build the wheel, by the build backend that pyproject.toml names: maturin."""
    if read_input("command") not in {"", "build"}:
        raise ActionError("The rehearsal's maturin-action can only build.")
    if not shutil.which("cargo"):
        raise ActionError(
            "There is no cargo on PATH. GitHub's runners have Rust; install it on this machine, "
            "or give a local copy of the action with --action."
        )
    source, platform = workspace() / read_input("working-directory"), platform_tag()
    out = _OUT.search(read_input("args"))
    announce("maturin", platform)
    folder = source / (out[1] if out else "target/wheels")
    print(build_wheel(Path(sys.executable), source, platform, folder).name)


run_action(main)
