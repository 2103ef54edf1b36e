"""Write the documentation as a site: `python -m support.documentation.site FOLDER`.

The pages of docs/ keep their places, the README files of examples/ are pages about starters. A link
to any other file of the repository leads to GitHub. `scripts/site` runs this file.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from support.documentation.pages import all_pages
from support.paths import ROOT

_CONFIGURATION = ROOT / "docs" / "zensical.toml"
_REPOSITORY = "https://github.com/eigenoid/dist-actions"
_FENCED = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"(?<=\]\()(?P<path>[^)\s#:]+)(?P<anchor>#[^)\s]*)?(?=\))")


#: What draws the pictures, as the theme wants it, by npm's own digest of the package.
_MERMAID = "mermaid@12.2.0"
_MERMAID_SHA512 = (
    "w7nr/SFrLO7BaVTs3dQTvYSV6nYSBj0Yy9DjBhsIJtAcHqRzXSq4Pg32ujHZ/AdWsAMNEvvhbm5dt9E2tOiHzw=="
)
_MERMAID_SCRIPT = "package/dist/mermaid.min.js"


def place_of(path: str) -> str:
    """Return where a file of the repository is on the site; empty for one that has no page."""
    parts = PurePosixPath(path).parts
    if path == "CHANGELOG.md":
        return "changelog.md"
    if parts[0] == "docs":
        return str(PurePosixPath(*parts[1:]))
    if parts[0] == "examples" and parts[-1] == "README.md" and len(parts) <= 3:
        return f"starters/{parts[1] if len(parts) == 3 else 'index'}.md".replace(".md.md", ".md")
    return ""


def rewrite_links(text: str, path: str, pages: Mapping[str, str]) -> str:
    """Let the links of a page lead to where their targets are on the site, or to GitHub.

    Args:
        path: The page's path in the repository.
        pages: The place of each page on the site, by its path in the repository.
    """

    def rewrite(match: re.Match[str]) -> str:
        anchor = match["anchor"] or ""
        target = _normalise(PurePosixPath(path).parent / match["path"])
        place = pages.get(target) or pages.get(f"{target}/README.md")
        if place is None and target.startswith("docs/images/"):
            place = place_of(target)
        if place is None:
            kind = "tree" if (ROOT / target).is_dir() else "blob"
            return f"{_REPOSITORY}/{kind}/main/{target}{anchor}"
        return _relative(place, pages[path]) + anchor

    parts = _FENCED.split(text)
    return "".join(
        part if part.lstrip().startswith("```") else _TARGET.sub(rewrite, part) for part in parts
    )


def write_site(folder: Path) -> None:
    """Write what the site is made from into a folder, which is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    sources = {page.path: page for page in all_pages()}
    pages = {path: place for path in sources if (place := place_of(path))}
    for path, place in pages.items():
        target = folder / "docs" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rewrite_links(sources[path].text, path, pages), encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "images", folder / "docs" / "images")
    shutil.copyfile(_CONFIGURATION, folder / _CONFIGURATION.name)


def add_mermaid(folder: Path) -> None:
    """Bring the script that draws pictures into a folder that was written, from npm's registry.

    Raises:
        ValueError: The package is not the one that is expected.
    """
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--json", "--pack-destination", scratch, _MERMAID]
        packed = subprocess.run(command, cwd=scratch, stdout=subprocess.PIPE, check=True)
        archive = Path(scratch) / json.loads(packed.stdout)[0]["filename"]
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != _MERMAID_SHA512:
            raise ValueError(f"{_MERMAID} is not the package that was expected: sha512-{digest}")
        script = folder / "docs" / "javascripts" / "mermaid.min.js"
        script.parent.mkdir(exist_ok=True)
        with tarfile.open(archive) as members:
            source = members.extractfile(_MERMAID_SCRIPT)
            if source is None:
                raise ValueError(f"{_MERMAID} has no {_MERMAID_SCRIPT}")
            script.write_bytes(source.read())


def build_site(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Build the site of a folder that was written; a link that leads nowhere fails."""
    zensical = Path(sys.executable).with_name("zensical")
    command = [str(zensical), "build", "--strict", "--config-file", _CONFIGURATION.name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _normalise(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _relative(place: str, origin: str) -> str:
    """Return the way from one page of the site to another."""
    up = "../" * (len(PurePosixPath(origin).parts) - 1)
    return up + place


if __name__ == "__main__":
    site = Path(sys.argv[1])
    write_site(site)
    add_mermaid(site)
    completed = build_site(site)
    print(completed.stdout + completed.stderr, end="")
    sys.exit(completed.returncode)
