"""What PyPI refuses, the sandbox's refuses as well, with its status and in its manner."""

import hashlib
import html

import pytest

from support.pypi.client import refusal
from support.pypi.refused_uploads import RefusedUpload, all_cases

CASES = all_cases()


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 150


@pytest.mark.parametrize("name", list(CASES))
def test_an_upload_is_refused(pypi, tmp_path, name):
    case = CASES[name]
    answer = send(pypi, case, tmp_path)
    assert answer.status_code == 400, answer.text
    assert case.text in html.unescape(refusal(answer))
    assert pypi.control("GET", "/projects") == []


@pytest.mark.parametrize("filename", ["eigenoid_sample-0.1.0-py3-none-any.whl"])
def test_what_the_cases_change_is_taken_otherwise(pypi, tmp_path, filename):
    assert send(pypi, RefusedUpload("", filename=filename), tmp_path).status_code == 200


def send(pypi, case, folder):
    """Upload a file with all of its metadata, as uploaders do."""
    file = case.write(folder)
    is_wheel = file.suffix == ".whl"
    fields = {
        ":action": ["file_upload"],
        "protocol_version": ["1"],
        "filetype": ["bdist_wheel" if is_wheel else "sdist"],
        "pyversion": ["py3" if is_wheel else "source"],
        "sha256_digest": [hashlib.sha256(file.read_bytes()).hexdigest()],
        **case.form_fields(),
    }
    return pypi.post(
        "legacy/",
        data=fields,
        files={"content": (file.name, file.read_bytes())},
        auth=("__token__", pypi.token()),
    )
