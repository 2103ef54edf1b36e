"""The simple index in both of its forms, files, their metadata, and caches that lag behind."""

import hashlib

import pytest

from support.distributions.builders import PROJECT, metadata
from support.pypi.client import JSON

HTML = "application/vnd.pypi.simple.v1+html"
WHEEL = "eigenoid_sample-0.1.0-py3-none-any.whl"


@pytest.fixture
def filled_index(pypi, wheel, sdist):
    """An index that holds a wheel and an sdist."""
    token = pypi.token()
    assert pypi.upload(wheel(), token, requires_python=">=3.10").ok
    assert pypi.upload(sdist(), token).ok
    return pypi


def test_project_as_json(filled_index, wheel):
    page = filled_index.get(f"simple/{PROJECT}/", Accept=JSON)
    assert page.headers["Content-Type"] == JSON
    body = page.json()
    assert body["meta"]["api-version"].startswith("1.")
    assert (body["name"], body["versions"]) == (PROJECT, ["0.1.0"])
    [first, second] = body["files"]
    assert (first["filename"], second["filename"]) == (WHEEL, "eigenoid_sample-0.1.0.tar.gz")
    assert first["hashes"] == {"sha256": hashlib.sha256(wheel().read_bytes()).hexdigest()}
    assert first["size"] == wheel().stat().st_size
    assert first["requires-python"] == ">=3.10"
    assert first["upload-time"].endswith("Z")
    assert (first["yanked"], first["provenance"]) == (False, None)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/html"),
        ("text/html", "text/html"),
        (HTML, HTML),
        (f"{JSON}, {HTML};q=0.2, text/html;q=0.01", JSON),
    ],
)
def test_form_of_the_page_is_the_clients_choice(filled_index, accept, kind):
    for path in ("simple/", f"simple/{PROJECT}/"):
        assert filled_index.get(path, Accept=accept).headers["Content-Type"] == kind


def test_project_as_html(filled_index, wheel):
    text = filled_index.get(f"simple/{PROJECT}/").text
    digest = hashlib.sha256(wheel().read_bytes()).hexdigest()
    assert f'/pypi/files/{WHEEL}#sha256={digest}"' in text
    assert 'data-requires-python="&gt;=3.10"' in text


def test_root_lists_projects(filled_index):
    assert filled_index.get("simple/", Accept=JSON).json()["projects"] == [{"name": PROJECT}]
    assert f">{PROJECT}</a>" in filled_index.get("simple/").text


@pytest.mark.parametrize("name", ["Eigenoid.Sample", "eigenoid_sample", "EIGENOID--SAMPLE"])
def test_other_spellings_lead_to_the_page(filled_index, name):
    answer = filled_index.get(f"simple/{name}/")
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith(f"/pypi/simple/{PROJECT}/")


@pytest.mark.parametrize(
    "path",
    [
        "simple/unknown/",
        "files/unknown-1.0.tar.gz",
        "files/eigenoid_sample-0.1.0.tar.gz.metadata",
        "files/..%2Fstate",
        f"integrity/{PROJECT}/0.1.0/{WHEEL}/provenance",
    ],
)
def test_what_is_not_there(filled_index, path):
    assert filled_index.get(path).status_code == 404


def test_file_and_its_metadata_are_what_was_uploaded(filled_index, wheel):
    [first, _] = filled_index.files()
    assert filled_index.get(first["url"]).content == wheel().read_bytes()
    core_metadata = filled_index.get(f"{first['url']}.metadata").content
    assert core_metadata.decode() == metadata("0.1.0")
    assert first["core-metadata"] == {"sha256": hashlib.sha256(core_metadata).hexdigest()}


def test_page_that_is_stale_for_two_reads(filled_index, wheel):
    filled_index.set(stale_reads=2)
    assert filled_index.upload(wheel("0.2.0"), filled_index.token()).ok
    assert [len(filled_index.files()) for _ in range(3)] == [2, 2, 3]


def test_page_of_a_new_project_that_is_stale(pypi, wheel):
    pypi.set(stale_reads=1)
    assert pypi.upload(wheel(), pypi.token()).ok
    assert pypi.get(f"simple/{PROJECT}/").status_code == 404
    assert pypi.filenames() == [WHEEL]


def test_stale_page_stays_that_of_before_several_changes(filled_index, wheel):
    filled_index.set(stale_reads=2)
    for version in ("0.2.0", "0.3.0"):
        assert filled_index.upload(wheel(version), filled_index.token()).ok
    assert [len(filled_index.files()) for _ in range(3)] == [2, 2, 4]
