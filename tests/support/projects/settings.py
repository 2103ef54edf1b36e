"""Writes settings into a repository's folder."""

from pathlib import Path


def write_settings(workspace: Path, text: str, name: str = ".github/dist-actions.toml") -> Path:
    """Write a settings file, and the folders above it."""
    file = workspace / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
