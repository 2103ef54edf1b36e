"""Work out the version: that of the protocol, and the number of fixes since it came out."""

import json
from pathlib import Path

HERE = Path(__file__).parent


def compute() -> str:
    """Return the version that the next build gets."""
    protocol = json.loads((HERE / "protocol.json").read_text(encoding="utf-8"))
    fixes = list((HERE / "fixes").glob("*.txt"))
    return f"{protocol['version']}.{len(fixes)}"
