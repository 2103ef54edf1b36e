"""A key file is read raw or in base64, and everything else is named without being shown.

Of a federation, the member of IAM's bindings is named.
"""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_actions.identity.google import Federation, UnusableKeyError, parse_service_account_key
from dist_actions.identity.secret import Secret

KEY = {
    "type": "service_account",
    "client_email": "publisher@eigenoid-dev.iam.gserviceaccount.com",
    "private_key": "-----BEGIN PRIVATE KEY-----\nc4n4ry\n-----END PRIVATE KEY-----\n",
    "private_key_id": "0123",
}
POOL = "projects/123/locations/global/workloadIdentityPools/github"
#: Whoever comes from a repository, up to the repository's ID.
FROM_REPOSITORY = f"principalSet://iam.googleapis.com/{POOL}/attribute.repository_id"


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(KEY),
        json.dumps(KEY, indent=2),
        f"\n  {json.dumps(KEY)}\n",
        in_base64(json.dumps(KEY)),
        base64.encodebytes(json.dumps(KEY).encode()).decode(),
    ],
    ids=["raw", "indented", "spaces", "base64", "wrapped base64"],
)
def test_a_key_is_read(text: str) -> None:
    key = parse_service_account_key(Secret(text))
    assert key.email == KEY["client_email"]
    assert key.private_key.reveal() == KEY["private_key"]
    assert key.info == KEY
    assert "c4n4ry" not in repr(key)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"type": "external_account"},
            "holds a credential configuration of workload identity federation, "
            "not a service account's key",
        ),
        (
            {"type": "authorized_user"},
            "holds a person's own login, not a service account's key",
        ),
        (
            {"type": "impersonated_service_account"},
            "holds a person's login that acts as an account, not a service account's key",
        ),
        ({"type": None}, "holds JSON without `type: service_account`"),
        ({"type": "Service_Account"}, "holds JSON without `type: service_account`"),
        ({"client_email": ""}, "lacks client_email"),
        ({"private_key": 7, "private_key_id": None}, "lacks private_key, private_key_id"),
    ],
)
def test_another_kind_of_file_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UnusableKeyError) as refused:
        parse_service_account_key(Secret(json.dumps({**KEY, **changes})))
    assert str(refused.value) == said


NEITHER = "is neither JSON nor base64 of JSON"
CUT = "is no JSON; perhaps a part of the file is missing"
NO_OBJECT = "is no JSON object"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("./key.json", NEITHER),
        (base64.b64encode(b"\xff\xfe{}").decode(), NEITHER),
        (f"*{in_base64(json.dumps(KEY))}", NEITHER),
        (json.dumps(KEY)[:-1], CUT),
        (in_base64(json.dumps(KEY)[:-1]), CUT),
        ('{"type":' * 100_000, CUT),
        ("", CUT),
        (in_base64(json.dumps([KEY])), NO_OBJECT),
        (in_base64("null"), NO_OBJECT),
        ("{}", "holds JSON without `type: service_account`"),
        (
            '{"type": "service_account"}',
            "lacks client_email, private_key, private_key_id",
        ),
    ],
    ids=[
        "path",
        "base64 of no text",
        "base64 with another sign in it",
        "cut",
        "cut in base64",
        "deep",
        "empty",
        "list",
        "null",
        "no fields",
        "type alone",
    ],
)
def test_what_is_no_key_file_is_refused_by_its_form(text: str, said: str) -> None:
    with pytest.raises(UnusableKeyError) as refused:
        parse_service_account_key(Secret(text))
    assert str(refused.value) == said


@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_any_text_is_a_key_or_refused_without_being_shown(text: str) -> None:
    said = ""
    try:
        parse_service_account_key(Secret(text))
    except UnusableKeyError as error:
        said = str(error)
    assert len(text) < 12 or text not in said


@pytest.mark.parametrize(
    ("account", "repository_id", "member"),
    [
        (KEY["client_email"], "42", f"serviceAccount:{KEY['client_email']}"),
        (KEY["client_email"], "", f"serviceAccount:{KEY['client_email']}"),
        ("", "42", f"{FROM_REPOSITORY}/42"),
        ("", "", f"{FROM_REPOSITORY}/REPOSITORY_ID"),
    ],
    ids=["account", "account of any repository", "repository", "unknown repository"],
)
def test_a_binding_names_the_account_or_the_repository(
    account: str, repository_id: str, member: str
) -> None:
    federation = Federation(f"{POOL}/providers/eigenoid", account)
    assert federation.pool == POOL
    assert federation.member(repository_id) == member
