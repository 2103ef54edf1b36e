"""A distribution that carries credentials is refused."""

from pathlib import Path

import pytest

from dist_actions.archive_members import refuse_credentials
from dist_actions.errors import ReleaseError
from dist_builders import write_sdist, write_wheel


@pytest.mark.parametrize(
    "name",
    [
        "gha-creds-0123456789abcdef.json",
        "sub/gha-creds-x.json",
        ".pypirc",
        ".netrc",
        "config/.env",
        "keys/id_rsa",
        "id_ed25519",
        "application_default_credentials.json",
    ],
)
def test_a_credentials_file_in_an_sdist_is_refused(tmp_path: Path, name: str) -> None:
    sdist = write_sdist(tmp_path, members={name: "x"})
    with pytest.raises(ReleaseError, match="holds eigenoid_sample") as raised:
        refuse_credentials([sdist])
    assert name in raised.value.what


@pytest.mark.parametrize(
    "name", ["creds.json", "docs/.env.example", "my.pypirc.md", "tests/id_rsa.pub", "env"]
)
def test_a_harmless_file_is_not(tmp_path: Path, name: str) -> None:
    refuse_credentials([write_sdist(tmp_path, members={name: "x"}), write_wheel(tmp_path)])


@pytest.mark.parametrize("name", ["demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"])
@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00cut"])
def test_a_damaged_archive_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReleaseError, match=f"{name} cannot be read"):
        refuse_credentials([tmp_path / name])


@pytest.mark.parametrize("position", [12, 40, -30])
def test_an_sdist_with_a_wrong_byte_is_refused_not_crashed_on(
    tmp_path: Path, position: int
) -> None:
    sdist = write_sdist(tmp_path, members={f"f{number}": "x" * number for number in range(99)})
    data = bytearray(sdist.read_bytes())
    data[position] ^= 0xFF
    sdist.write_bytes(bytes(data))
    try:
        refuse_credentials([sdist])
    except ReleaseError as error:
        assert "cannot be read" in error.what  # noqa: PT017 - a flaw in padding is none
