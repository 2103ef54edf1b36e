"""What an index takes, and what it refuses in PyPI's words."""

import hashlib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from support.distributions.builders import PROJECT
from support.pypi.client import refusal

WHEEL = "eigenoid_sample-0.1.0-py3-none-any.whl"


def test_indexes_share_nothing(pypi, testpypi, wheel):
    assert testpypi.upload(wheel(), testpypi.token()).ok
    assert testpypi.filenames() == [WHEEL]
    assert pypi.get(f"simple/{PROJECT}/").status_code == 404
    assert pypi.upload(wheel(), testpypi.token()).status_code == 403


def test_same_bytes_again_are_fine_and_change_nothing(pypi, wheel):
    token = pypi.token()
    assert pypi.upload(wheel(), token).status_code == 200
    assert pypi.upload(wheel(), token).status_code == 200
    uploads = [one for one in pypi.sandbox.world.requests.since() if one.service == "pypi"]
    assert [one.changed for one in uploads] == [True, False]
    assert {one.principal for one in uploads} == {"api-token"}


def test_other_bytes_under_a_name_are_refused(pypi, wheel):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    answer = pypi.upload(wheel(content="x = 1"), token)
    assert answer.status_code == 400
    assert f"File already exists (&#x27;{WHEEL}&#x27;, with blake2_256 hash" in refusal(answer)


def test_known_bytes_under_another_name_are_refused(pypi, wheel, tmp_path):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    other = wheel().rename(tmp_path / "eigenoid_sample-0.1.0-1-py3-none-any.whl")
    assert "File already exists" in refusal(pypi.upload(other, token))


def test_name_of_a_deleted_file_is_burnt(pypi, wheel):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    pypi.control("DELETE", f"/files/{WHEEL}")
    assert pypi.filenames() == []
    answer = pypi.upload(wheel(), token)
    assert answer.status_code == 400
    assert (
        "This filename was previously used by a file that has since been deleted. Use a different "
        "version." in refusal(answer)
    )


def test_names_of_a_deleted_project_are_burnt(pypi, wheel):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    pypi.control("DELETE", f"/projects/{PROJECT}")
    assert pypi.get(f"simple/{PROJECT}/").status_code == 404
    assert "previously used" in refusal(pypi.upload(wheel(), token))


def test_release_takes_files_for_14_days(pypi, wheel, sdist):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    pypi.set_clock(timedelta(days=13, hours=23))
    assert pypi.upload(sdist(), token).ok


def test_older_release_takes_no_new_files(pypi, wheel, sdist):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    pypi.set_clock(timedelta(days=14, minutes=1))
    answer = pypi.upload(sdist(), token)
    assert answer.status_code == 400
    assert "Uploading new files to releases older than 14 days is not allowed." in refusal(answer)
    assert pypi.upload(wheel(), token).status_code == 200, "files that it has are no new ones"
    assert pypi.upload(wheel("0.2.0"), token).ok, "another release is new"


def test_file_that_is_too_large(pypi, wheel):
    pypi.set(file_size_limit_bytes=200)
    answer = pypi.upload(wheel(), pypi.token())
    assert answer.status_code == 400
    assert "File too large. Limit for project &#x27;eigenoid-sample&#x27; is 0 MB." in refusal(
        answer
    )


def test_default_limit_is_100_megabytes(pypi):
    assert pypi.control("GET")["settings"]["file_size_limit_bytes"] == 100 * 2**20


def test_project_that_is_too_large(pypi, wheel):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    pypi.set(project_size_limit_bytes=wheel().stat().st_size + 100)
    assert "Project size too large." in refusal(pypi.upload(wheel("0.2.0"), token))


def test_second_sdist_of_a_release(pypi, sdist):
    token = pypi.token()
    assert pypi.upload(sdist(), token).ok
    other = sdist("0.1", members={"more": "x"})
    answer = pypi.upload(other, token, version="0.1.0")
    assert "Only one sdist may be uploaded per release." in refusal(answer)


def test_prohibited_name(pypi, wheel):
    pypi.set(prohibited_names=["Eigenoid.Sample"])
    answer = pypi.upload(wheel(), pypi.token())
    assert "The name &#x27;eigenoid-sample&#x27; isn&#x27;t allowed." in refusal(answer)


@pytest.mark.parametrize("name", ["eigen0id-sampie", "e1genoid-samp1e", "eigenoidsample"])
def test_name_that_is_too_similar(pypi, wheel, name):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    assert pypi.upload(wheel(project="eigenoid-samples"), token).ok, "one more letter is enough"
    answer = pypi.upload(wheel(project=name), token)
    assert answer.status_code == 400
    assert "is too similar to an existing project." in refusal(answer)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"metadata_version": None}, "not a valid metadata version"),
        ({"metadata_version": "9.9"}, "not a valid metadata version"),
        ({"name": "-wrong-"}, "&#x27;-wrong-&#x27; is an invalid value for Name"),
        ({"version": "one"}, "&#x27;one&#x27; is invalid for &#x27;version&#x27;"),
        ({"version": "0.1.0+local"}, "local versions"),
        ({"requires_python": "three"}, "requires-python"),
        ({"requires_dist": "a b c"}, "requires-dist"),
        ({"version": "0.2.0"}, "Version in filename should be &#x27;0.2.0&#x27;"),
        ({"name": "another"}, "Start filename with &#x27;another&#x27;"),
        ({"sha256_digest": 64 * "0"}, "The digest supplied does not match"),
        ({":action": "submit"}, "Unsupported"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(map(str, value)),
)
def test_invalid_metadata(pypi, wheel, changes, text):
    answer = pypi.upload(wheel(), pypi.token(), **changes)
    assert answer.status_code == 400
    assert text in refusal(answer)


@pytest.mark.parametrize(
    ("filename", "text"),
    [
        ("Eigenoid_Sample-0.1.0-py3-none-any.whl", "should contain the normalized project name"),
        ("eigenoid.sample-0.1.0-py3-none-any.whl", "should contain the normalized project name"),
        ("eigenoid-sample-0.1.0.tar.gz", "is invalid, should be"),
        ("eigenoid_sample-0.1.tar.gz", "is invalid, should be"),
        ("eigenoid_sample-0.1.0.zip", "is invalid, should be"),
        ("eigenoid_sample-0.1.0-cp313-cp313-linux_x86_64.whl", "unsupported platform tag"),
    ],
)
def test_file_name_that_is_not_normalized_or_not_portable(pypi, wheel, filename, text):
    file = wheel().rename(wheel().with_name(filename))
    answer = pypi.upload(file, pypi.token(), name=PROJECT, version="0.1.0")
    assert answer.status_code == 400
    assert text in refusal(answer)


def test_wheel_for_a_standard_linux_is_taken(pypi, wheel):
    file = wheel().rename(
        wheel().with_name("eigenoid_sample-0.1.0-cp313-cp313-musllinux_1_2_x86_64.whl")
    )
    assert pypi.upload(file, pypi.token()).ok


def _is_no_zip(folder: Path) -> Path:
    file = folder / WHEEL
    file.write_bytes(b"no archive at all")
    return file


def _is_no_tar(folder: Path) -> Path:
    file = folder / "eigenoid_sample-0.1.0.tar.gz"
    file.write_bytes(b"no archive at all")
    return file


@pytest.mark.parametrize("make", [_is_no_zip, _is_no_tar])
def test_file_that_is_no_archive(pypi, tmp_path, make):
    assert "Invalid distribution file." in refusal(pypi.upload(make(tmp_path), pypi.token()))


def test_wheel_without_metadata(pypi, tmp_path):
    file = tmp_path / WHEEL
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("eigenoid_sample-0.1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("eigenoid_sample-0.1.0.dist-info/RECORD", "")
    answer = pypi.upload(file, pypi.token())
    assert "does not contain the required METADATA file" in refusal(answer)


def test_address_without_its_slash_leads_to_the_right_one(pypi):
    answer = pypi.post("legacy", allow_redirects=False)
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/pypi/legacy/")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("application/json", "application/json"), ("text/plain", "text/plain"), ("*/*", "text/html")],
)
def test_refusals_come_as_the_client_prefers(pypi, accept, kind):
    answer = pypi.post("legacy/", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith(kind)
    assert "Invalid or non-existent authentication information." in answer.text


def test_uploads_and_reads_at_the_same_time(pypi, wheel):
    """Every file is taken once, and a reader sees whole files only."""
    token = pypi.token()
    files = [wheel(f"0.{number}.0") for number in range(12)]
    seen = []

    def work(file):
        statuses = [pypi.upload(file, token).status_code for _ in range(2)]
        for shown in pypi.files():
            answer = pypi.get(shown["url"])
            seen.append(hashlib.sha256(answer.content).hexdigest() == shown["hashes"]["sha256"])
        return statuses

    with ThreadPoolExecutor(6) as workers:
        assert list(workers.map(work, files)) == [[200, 200]] * len(files)
    assert all(seen)
    assert len(pypi.files()) == len(files)
    logged = [one for one in pypi.sandbox.world.requests.since() if one.method == "POST"]
    assert sum(one.changed for one in logged) == len(files)
