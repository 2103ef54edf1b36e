"""What an index says to an upload, and what the user reads."""

import pytest

from dist_actions.services.index.refusals import explain_upload_refusal, says_exists

FILE = "demo-1.0.tar.gz"


@pytest.mark.parametrize(
    ("status", "body", "exists"),
    [
        pytest.param(400, "Requested entity already exists.", True, id="Artifact Registry"),
        pytest.param(409, "", True, id="conflict without a text"),
        pytest.param(400, "Invalid metadata", False, id="another 400"),
        pytest.param(403, "already exists", False, id="a permission"),
    ],
)
def test_only_a_taken_name_means_that_the_file_exists(status: int, body: str, exists: bool) -> None:
    assert says_exists(status, body) is exists


@pytest.mark.parametrize(
    ("status", "anchor", "fix"),
    [
        pytest.param(308, "index-redirects", "the address that it redirects to", id="redirect"),
        pytest.param(400, "upload-refused", "correct what it names", id="bad metadata"),
        pytest.param(401, "upload-401", "check username and password", id="unknown user"),
        pytest.param(403, "upload-403", "roles/artifactregistry.writer", id="no permission"),
        pytest.param(404, "upload-403", "gcloud artifacts repositories list", id="no repository"),
        pytest.param(413, "file-size", "smaller", id="too large"),
    ],
)
def test_a_refusal_names_one_action(status: int, anchor: str, fix: str) -> None:
    error = explain_upload_refusal("the index", FILE, status, "No.", "Reason")
    assert error.what == f"the index refused {FILE}: No (HTTP {status})."
    assert error.anchor == anchor
    assert fix in error.fix


@pytest.mark.parametrize(
    ("status", "said", "anchor"),
    [
        (400, "This filename has already been used, use a different version.", "burnt-name"),
        (400, "This filename was previously used by a file that has since been deleted.", "burnt"),
        (400, "Uploading new files to releases older than 14 days is not allowed.", "closed-"),
        (400, "The name 'dem0' is too similar to an existing project.", "project-name"),
        (400, "The name 'json' isn't allowed.", "project-name"),
        (403, "The user 'x' isn't allowed to upload to project 'demo'.", "foreign-project"),
        (403, "Invalid API Token: OIDC scoped token is not valid for project: 'x'", "foreign-"),
        (400, "Non-user identities cannot create new projects.", "trusted-publishing-pending"),
        (403, "Invalid or non-existent authentication information.", "upload-401"),
        (403, "Username/Password authentication is no longer supported.", "upload-401"),
        (400, "File too large. Limit for project 'demo' is 100 MB.", "file-size"),
        (400, "Project size too large. Limit for project 'demo' total size is 10 GB.", "file-size"),
        (400, "Invalid attestations supplied during upload: bad", "attestations"),
        (400, "Unsupported operation: cannot upload to a virtual repository.", "repository-kind"),
        (400, "Unsupported operation: cannot upload to a remote repository.", "repository-kind"),
    ],
)
def test_an_indexs_own_words_decide(status: int, said: str, anchor: str) -> None:
    """In a page's title, as PyPI writes them today, and in the reason, as it once did."""
    page = f"<html><head>\n <title>{status} {said.replace(chr(39), '&#39;')}</title></head></html>"
    for body, reason in ((page, "Bad Request"), ("<html>", said), (said, "Bad Request")):
        error = explain_upload_refusal("PyPI", FILE, status, body, reason)
        assert error.anchor.startswith(anchor)
        assert error.what == f"PyPI refused {FILE}: {said.rstrip('.')} (HTTP {status})."


def test_a_page_without_a_title_is_told_by_its_reason() -> None:
    assert "Bad Gateway" in explain_upload_refusal("i", FILE, 400, "<html>", "Bad Gateway").what


def test_a_long_answer_is_cut_and_put_on_one_line() -> None:
    error = explain_upload_refusal("i", "f", 400, "line\n" * 1000, "Bad Request")
    assert "\n" not in error.what
    assert len(error.what) < 400


def test_an_empty_answer_is_told_by_its_reason() -> None:
    assert "Bad Request" in explain_upload_refusal("i", "f", 400, " ", "Bad Request").what
