"""Rules for Dockerfiles: what act's classic builder can build, and what reuses its layers."""

import re
from collections.abc import Iterator

BUILDKIT_ONLY = {
    "a syntax line": re.compile(r"^#\s*syntax\s*=", re.IGNORECASE | re.MULTILINE),
    "RUN with options": re.compile(r"^RUN\s+--", re.IGNORECASE | re.MULTILINE),
    "a heredoc": re.compile(r"^(RUN|COPY)\b.*<<-?[\"']?\w", re.IGNORECASE | re.MULTILINE),
}
FROM = re.compile(r"^FROM\s+(?P<image>\S+)(\s+AS\s+(?P<stage>\S+))?", re.IGNORECASE | re.MULTILINE)
PIP_INSTALL = re.compile(r"^RUN pip install(?P<arguments>(?:.*\\\n)*.*)", re.MULTILINE)


def buildkit_syntax(text: str) -> Iterator[str]:
    for feature, pattern in BUILDKIT_ONLY.items():
        if pattern.search(text):
            yield f"{feature} needs BuildKit"


def floating_base(text: str) -> Iterator[str]:
    """Find base images without version, flavour and digest: such an image changes silently."""
    stages = {match["stage"] for match in FROM.finditer(text)}
    for match in FROM.finditer(text):
        image = match["image"]
        if image not in stages and not re.search(r":\d+\.\d+-\w+@sha256:[0-9a-f]{64}$", image):
            yield f"a base image without version and digest: {image}"


def unhashed_install(text: str) -> Iterator[str]:
    """Find packages from an index that no lock names with their hashes."""
    for match in PIP_INSTALL.finditer(text):
        arguments = match["arguments"]
        if "--require-hashes" not in arguments and "--no-deps" not in arguments:
            yield f"packages installed without hashes: {match[0]!r}"


def source_before_lock(text: str) -> Iterator[str]:
    """Find a copied source before the lock: each change would install the packages again."""
    lock = text.find("--require-hashes")
    copied = re.search(r"^COPY (src|\.) ", text, re.MULTILINE)
    source = copied.start() if copied else -1
    if 0 <= source < lock and "FROM" not in text[source:lock]:
        yield "the source is copied before the locked packages are installed"


RULES = (buildkit_syntax, floating_base, unhashed_install, source_before_lock)
