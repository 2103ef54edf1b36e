"""Who may upload, with which token."""

from datetime import timedelta

import pytest
import requests

from support.distributions.builders import PROJECT
from support.pypi.client import refusal

INVALID = "Invalid or non-existent authentication information."


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"auth": ("__token__", "pypi-unknown")},
        {"headers": {"Authorization": "Bearer pypi-unknown"}},
        {"auth": ("__token__", "")},
    ],
    ids=["none", "unknown", "bearer", "empty"],
)
def test_upload_without_a_token_that_exists(pypi, options):
    answer = pypi.post("legacy/", **options)
    assert answer.status_code == 403
    assert INVALID in refusal(answer)


def test_user_name_and_password_are_a_thing_of_the_past(pypi):
    answer = pypi.post("legacy/", auth=("somebody", "password"))
    assert answer.status_code == 403
    assert "Username/Password authentication is no longer supported." in refusal(answer)


def test_token_of_a_project_uploads_there(pypi, wheel):
    assert pypi.upload(wheel(), pypi.token()).ok
    assert pypi.upload(wheel("0.2.0"), pypi.token("Eigenoid.Sample")).ok


def test_token_of_a_project_uploads_nowhere_else(pypi, wheel):
    answer = pypi.upload(wheel(), pypi.token("another"))
    assert answer.status_code == 403
    assert (
        "Invalid API Token: project-scoped token is not valid for project: "
        "&#x27;eigenoid-sample&#x27;" in refusal(answer)
    )


def test_token_that_has_expired(pypi, wheel):
    token = pypi.token(lifetime_seconds=60)
    pypi.set_clock(timedelta(seconds=61))
    answer = pypi.upload(wheel(), token)
    assert answer.status_code == 403
    assert "Invalid API Token: token is expired" in refusal(answer)


def test_minted_token_lasts_15_minutes(pypi, wheel):
    token = pypi.minted()
    pypi.set_clock(timedelta(minutes=14, seconds=50))
    assert pypi.upload(wheel(), token).ok
    pypi.set_clock(timedelta(minutes=15, seconds=1))
    answer = pypi.upload(wheel("0.2.0"), token)
    assert answer.status_code == 403
    assert "token is expired" in refusal(answer)


def test_minted_token_does_not_create_another_project(pypi, wheel):
    answer = pypi.upload(wheel(project="another"), pypi.minted())
    assert answer.status_code == 400
    assert "Non-user identities cannot create new projects." in refusal(answer)


def test_minted_token_does_not_upload_to_another_project(pypi, wheel):
    assert pypi.upload(wheel(project="another"), pypi.token()).ok
    answer = pypi.upload(wheel("0.2.0", project="another"), pypi.minted())
    assert answer.status_code == 403
    assert "OIDC scoped token is not valid for project: &#x27;another&#x27;" in refusal(answer)


def test_index_that_takes_no_uploads(pypi, wheel):
    pypi.set(uploads=False)
    answer = pypi.upload(wheel(), pypi.token())
    assert answer.status_code == 403
    assert "New uploads are temporarily disabled." in refusal(answer)


def test_clients_cannot_make_tokens(pypi):
    for path in ("tokens", "_/tokens", "manage/account/token/"):
        assert requests.post(f"{pypi.base}/{path}", timeout=10).status_code in (404, 405)


def test_request_log_tells_who_uploaded_and_no_token(pypi, wheel):
    token = pypi.minted()
    assert pypi.upload(wheel(), token).ok
    assert pypi.upload(wheel("0.2.0"), pypi.token(PROJECT)).ok
    logged = [one for one in pypi.sandbox.world.requests.since() if one.service == "pypi"]
    assert [one.principal for one in logged] == [
        "trusted-publisher:eigenoid/eigenoid-sample/release.yml",
        "trusted-publisher:eigenoid/eigenoid-sample/release.yml",
        f"api-token:{PROJECT}",
    ]
    assert token not in str(logged)
