"""Sizes are warned of, and damaged bytes are refused, never crashed on."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.files import scan_folder
from dist_actions.errors import DistActionsError, ReleaseError
from dist_actions.indexes.targets import PYPI_FILE_BYTES, warn_of_sizes
from support.distributions.builders import write_release, write_sdist, write_wheel


def test_a_file_larger_than_pypis_limit_is_warned_of(tmp_path: Path) -> None:
    write_release(tmp_path)
    wheel, sdist = scan_folder(tmp_path)
    large = replace(wheel, size_bytes=PYPI_FILE_BYTES + 1)
    assert warn_of_sizes([replace(wheel, size_bytes=PYPI_FILE_BYTES), sdist]) == ()
    (warning,) = warn_of_sizes([large, sdist])
    assert warning.startswith(f"{wheel.name} has 100 MiB; PyPI refuses")


@pytest.mark.parametrize("name", ["demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"])
@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00cut", b"PK\x05\x06"])
def test_what_is_no_archive_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReleaseError, match=f"{name} cannot be read"):
        check_distributions(tmp_path, scan_folder(tmp_path))


def test_a_zip_as_an_sdist_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path)
    wheel.rename(tmp_path / "eigenoid_sample-0.1.0.zip")
    with pytest.raises(DistActionsError, match=r"an sdist is a \.tar\.gz"):
        check_distributions(tmp_path, scan_folder(tmp_path))


@pytest.mark.parametrize("write", [write_wheel, write_sdist])
def test_any_altered_byte_is_refused_or_harmless(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    path = write(tmp_path)
    sound = path.read_bytes()
    dice = random.Random(4)
    refused = 0
    for _ in range(150):
        altered = bytearray(sound)
        altered[dice.randrange(len(altered))] ^= 1 << dice.randrange(8)
        if dice.random() < 0.2:
            del altered[dice.randrange(len(altered)) :]
        path.write_bytes(altered)
        try:
            check_distributions(tmp_path, scan_folder(tmp_path))
        except DistActionsError:
            refused += 1
    assert refused > 100
