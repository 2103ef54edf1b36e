"""What an index says to an upload, and what the user reads."""

import pytest

from dist_actions.publish.upload_refusals import explain_upload_refusal, says_exists


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
        pytest.param(400, "upload-refused", "metadata", id="bad metadata"),
        pytest.param(401, "upload-401", "credentials", id="unknown user"),
        pytest.param(403, "upload-403", "roles/artifactregistry.writer", id="no permission"),
        pytest.param(404, "upload-403", "gcloud artifacts repositories list", id="no repository"),
        pytest.param(413, "file-size", "smaller", id="too large"),
    ],
)
def test_a_refusal_names_one_action(status: int, anchor: str, fix: str) -> None:
    error = explain_upload_refusal("the index", "demo-1.0.tar.gz", status, "No.", "Reason")
    assert error.what == f"the index refused demo-1.0.tar.gz: No. (HTTP {status})."
    assert error.anchor == anchor
    assert fix in error.fix


def test_a_long_answer_is_cut_and_put_on_one_line() -> None:
    error = explain_upload_refusal("i", "f", 400, "line\n" * 1000, "Bad Request")
    assert "\n" not in error.what
    assert len(error.what) < 400


def test_an_empty_answer_is_told_by_its_reason() -> None:
    assert "Bad Request" in explain_upload_refusal("i", "f", 400, " ", "Bad Request").what
