"""Folders of the repository that tests read from."""

from pathlib import Path

#: The repository's root.
ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
#: Complete workflows and projects, which the documentation shows.
EXAMPLES = ROOT / "examples"
#: One small project for each build backend.
PROJECTS = ROOT / "tests" / "projects"
