"""Stand-in for pypa/cibuildwheel: wheels by the Pythons of this machine."""

import re
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from python_requirements import fits
from pythons import find_interpreters, text_of
from runner import ActionError, read_input, run_action, workspace
from wheel_selection import is_selected
from wheels import announce, build_wheel, is_stable, platform_tag

_REQUIRES = re.compile(r"(?mi)^\s*(?:requires-python\s*[=:]|python_requires\s*=)(.+)")
_ONLY = re.compile(r"cp3(\d+)-")


def main() -> None:
    """Build the wheels; one of the stable ABI serves the later Pythons too."""
    source, platform = workspace() / read_input("package-dir"), platform_tag()
    folder = workspace() / read_input("output-dir")
    only = _ONLY.match(read_input("only"))
    requirement = f"3.{only[1]}" if only else _requirement(source)
    announce("cibuildwheel", platform)
    interpreters = find_interpreters(requirement)
    fitting = [version for version in sorted(interpreters) if fits(version, requirement)]
    if not fitting:
        raise ActionError(f"No Python {requirement} is on this machine.")
    newest = {version[:2]: version for version in fitting}
    if not only:
        newest = {key: newest[key] for key in newest if is_selected(key, platform, source)}
    if not newest:
        raise ActionError(f"No wheel for {platform} is selected by `build` and `skip`.")
    for version in newest.values():
        wheel = build_wheel(interpreters[version], source, platform, folder)
        print(f"{wheel.name} by Python {text_of(version)}", flush=True)
        if is_stable(wheel):
            break


def _requirement(source: Path) -> str:
    """Read which Pythons the project supports."""
    for text in _texts(source):
        if match := _REQUIRES.search(text):
            return match[1].strip().strip("\"',")
    return ">=3.8"


def _texts(source: Path) -> list[str]:
    if source.is_file():
        with tarfile.open(source) as archive:
            infos = [name for name in archive.getnames() if name.endswith("/PKG-INFO")]
            member = archive.extractfile(min(infos, key=len))
            return [member.read().decode()] if member else []
    files = [source / name for name in ("pyproject.toml", "setup.cfg", "setup.py")]
    return [file.read_text(encoding="utf-8") for file in files if file.is_file()]


run_action(main)
