"""A key file is read raw or in base64, and everything else is named without being shown."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_actions.identity.google import UnusableKeyError, parse_service_account_key
from dist_actions.identity.secret import Secret

KEY = {
    "type": "service_account",
    "client_email": "publisher@eigenoid-dev.iam.gserviceaccount.com",
    "private_key": "-----BEGIN PRIVATE KEY-----\nc4n4ry\n-----END PRIVATE KEY-----\n",
    "private_key_id": "0123",
}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(KEY),
        json.dumps(KEY, indent=2),
        f"\n  {json.dumps(KEY)}\n",
        base64.b64encode(json.dumps(KEY).encode()).decode(),
        base64.encodebytes(json.dumps(KEY).encode()).decode(),
    ],
    ids=["raw", "indented", "spaces", "base64", "wrapped base64"],
)
def test_a_key_is_read(text: str) -> None:
    key = parse_service_account_key(Secret(text))
    assert key.email == KEY["client_email"]
    assert key.private_key.reveal() == KEY["private_key"]
    assert "c4n4ry" not in repr(key)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "external_account"}, "a credential configuration of workload identity"),
        ({"type": "authorized_user"}, "a person's own login"),
        ({"type": "impersonated_service_account"}, "a person's login that acts as"),
        ({"type": None}, "without `type: service_account`"),
        ({"client_email": ""}, "lacks client_email"),
        ({"private_key": 7, "private_key_id": None}, "lacks private_key, private_key_id"),
    ],
)
def test_another_kind_of_file_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UnusableKeyError, match=said):
        parse_service_account_key(Secret(json.dumps({**KEY, **changes})))


@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_any_text_is_a_key_or_refused_without_being_shown(text: str) -> None:
    said = ""
    try:
        parse_service_account_key(Secret(text))
    except UnusableKeyError as error:
        said = str(error)
    assert len(text) < 12 or text not in said
