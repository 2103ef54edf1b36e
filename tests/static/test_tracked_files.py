"""What is committed: small, free of this machine's configuration, and locked by hash."""

import re
import subprocess
import zlib

import pytest

from support.automation import files as automation
from support.paths import ROOT

MAXIMUM_ARCHIVE_BYTES = 1024 * 1024  # every `uses:` of an action downloads the archive
PACKAGE_HOSTS = [
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("python" + "hosted", "org"),
        ("debian", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
    )
]
LOCKS = sorted(path.name for path in (ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[\w.+!]+)(?P<marker>.*?) \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def machine_specific(text: str) -> list[str]:
    """Return what belongs to a machine: package hosts, this checkout's path, a home folder."""
    found = [host for host in PACKAGE_HOSTS if re.search(rf"\b{re.escape(host)}\b", text)]
    if re.search(rf"{re.escape(str(ROOT))}(?![\w-])", text):
        found.append(str(ROOT))
    found += re.findall(r"(?:/home/(?!runner\b)|/Users/(?!runner\b))\w+/", text)
    return found


def tracked_texts() -> list[tuple[str, str]]:
    return [
        (path, (ROOT / path).read_bytes().decode("utf-8", "replace"))
        for path in automation.tracked_files()
    ]


def test_no_file_names_a_package_host_or_a_path_of_this_machine() -> None:
    found = {path: machine_specific(text) for path, text in tracked_texts()}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    [
        *(f"--index-url https://{host}/simple" for host in PACKAGE_HOSTS),
        f"cd {ROOT}",
        "open('/home/" + "someone/project/x')",
    ],
)
def test_a_machine_specific_text_is_caught(text: str) -> None:
    assert machine_specific(text)


def test_the_archive_is_small() -> None:
    archive = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    compressor = zlib.compressobj(level=6, wbits=31)  # as gzip does, which GitHub serves
    compressed = compressor.compress(archive) + compressor.flush()
    assert len(compressed) <= MAXIMUM_ARCHIVE_BYTES


def test_no_file_is_large() -> None:
    sizes = {path: (ROOT / path).stat().st_size for path in automation.tracked_files()}
    assert {path: size for path, size in sizes.items() if size > MAXIMUM_ARCHIVE_BYTES} == {}


def pins(lock: str) -> dict[tuple[str, str], str]:
    """Return version by name and marker; fail on a line that is neither a pin nor its hash."""
    found: dict[tuple[str, str], str] = {}
    for line in (ROOT / "requirements" / lock).read_text().splitlines():
        pin = PINNED.match(line)
        if pin:
            found[pin["name"], pin["marker"]] = pin["version"]
        else:
            assert HASH.match(line), f"{lock}: {line}"
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_only(lock: str) -> None:
    assert pins(lock)


#: What only long runs take is in no other environment.
LONG_RUNS = "soak.txt"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_package_has_one_set_of_versions_in_all_locks(lock: str) -> None:
    everywhere: dict[str, set[str]] = {}
    for (name, _), version in pins("dev.txt").items():
        everywhere.setdefault(name, set()).add(version)
    for (name, _), version in pins(lock).items():
        assert version in everywhere.get(name, {version} if lock == LONG_RUNS else ()), name


def test_scripts_can_be_run() -> None:
    for path in automation.tracked_files():
        if path.startswith(("scripts/", ".ci/")):
            text = (ROOT / path).read_text(encoding="utf-8")
            assert (ROOT / path).stat().st_mode & 0o111, path
            if text.startswith("#!/usr/bin/env bash"):
                assert "\nset -euo pipefail\n" in text, path
