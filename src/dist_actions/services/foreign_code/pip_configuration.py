"""Read the configuration files that pip would read."""

from collections.abc import Mapping
from pathlib import Path

from dist_actions.job.installer_settings import pip_configuration_files


def read_pip_configurations(environ: Mapping[str, str]) -> dict[Path, str]:
    """Read the text of each of pip's configuration files, those that count most last."""
    texts = {}
    for file in pip_configuration_files(environ):
        try:
            texts[file] = file.read_text(encoding="utf-8", errors="replace")
        except (OSError, RuntimeError):
            continue
    return texts
