"""With what a stage may write to GitHub: an App or a token, whole or not at all."""

import pytest

from dist_actions.errors import InputError
from dist_actions.identity.credentials import (
    AppCredentials,
    WriterCredentials,
    read_credentials,
    require_credentials,
)
from dist_actions.identity.secret import Secret
from dist_actions.job.inputs import InputReader


@pytest.mark.parametrize(
    ("environ", "given", "missing"),
    [
        ({}, False, ""),
        ({"INPUT_CLIENT_ID": "Iv1"}, False, "private-key"),
        ({"INPUT_PRIVATE_KEY": "k"}, False, "client-id"),
        ({"INPUT_CLIENT_ID": "Iv1", "INPUT_PRIVATE_KEY": "k"}, True, ""),
        ({"INPUT_TOKEN": "t"}, True, ""),
    ],
)
def test_credentials(environ: dict[str, str], given: bool, missing: str) -> None:
    inputs = InputReader(environ)
    credentials = read_credentials(inputs, Secret("job"))
    inputs.finish()

    assert (credentials.complete, credentials.missing) == (given, missing)
    if given:
        require_credentials(credentials, "create tags")
        return
    empty = f"The input {missing} is" if missing else "The inputs client-id and private-key are"
    with pytest.raises(InputError) as refused:
        require_credentials(credentials, "create tags")
    assert refused.value.what == f"{empty} empty, so nothing can create tags."
    assert refused.value.anchor == "app-credentials"


def test_an_app_is_read_with_its_installation() -> None:
    environ = {
        "INPUT_CLIENT_ID": "Iv23li.x_-Y",
        "INPUT_PRIVATE_KEY": "key",
        "INPUT_INSTALLATION_ID": "42",
    }
    inputs = InputReader(environ)
    app = AppCredentials("Iv23li.x_-Y", Secret("key"), 42)
    assert read_credentials(inputs, Secret("job")) == WriterCredentials(app=app)
    inputs.finish()


@pytest.mark.parametrize("name", ["CLIENT_ID", "PRIVATE_KEY"])
def test_an_app_beside_a_token_is_refused(name: str) -> None:
    inputs = InputReader({"INPUT_TOKEN": "t", f"INPUT_{name}": "Iv1"})
    read_credentials(inputs, Secret("job"))
    with pytest.raises(InputError) as refused:
        inputs.finish()
    assert refused.value.what == "Input token is given beside an App."
    assert refused.value.fix == "token: give the App's key or a token, not both."


def test_the_jobs_own_token_is_recognised() -> None:
    inputs = InputReader({"INPUT_TOKEN": "ghs_job"})

    assert read_credentials(inputs, Secret("ghs_job")) == WriterCredentials(
        token=Secret("ghs_job"), job_token=True
    )
    assert not read_credentials(inputs, Secret("ghs_other")).job_token


@pytest.mark.parametrize("client_id", ["Iv1 x", "Iv1;x", "\u00e9", "x" * 101])
def test_a_client_id_of_another_form(client_id: str) -> None:
    inputs = InputReader({"INPUT_CLIENT_ID": client_id, "INPUT_PRIVATE_KEY": "k"})
    read_credentials(inputs, Secret(""))

    with pytest.raises(InputError) as refused:
        inputs.finish()
    assert refused.value.what == f"Input client-id is {client_id[:80]!r}."
    assert refused.value.fix == "client-id: copy it from the App's settings."
