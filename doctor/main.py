"""Entrypoint of the doctor action."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from dist_actions.bootstrap import start

sys.exit(start("doctor"))
