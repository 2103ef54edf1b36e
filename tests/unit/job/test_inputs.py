"""Inputs are read once into typed values, and all that are unusable are named together."""

from datetime import timedelta

import pytest

from dist_actions.errors import InputError
from dist_actions.identity.credentials import read_credentials, require_credentials
from dist_actions.identity.secret import Secret
from dist_actions.job.inputs import InputReader


def reader(value: str, name: str = "NAME") -> InputReader:
    return InputReader({f"INPUT_{name}": value})


def problem_of(inputs: InputReader) -> str:
    with pytest.raises(InputError) as refused:
        inputs.finish()
    return refused.value.what


@pytest.mark.parametrize("variable", ["INPUT_CLIENT-ID", "INPUT_CLIENT_ID"])
def test_composite_and_docker_actions_name_inputs_differently(variable: str) -> None:
    assert InputReader({variable: " Iv1 "}).text("client-id") == "Iv1"


def test_an_empty_input_has_its_default() -> None:
    inputs = InputReader({"INPUT_NAME": "  "})

    assert inputs.text("name", "default") == "default"
    assert inputs.boolean("name", default=True) is True
    assert inputs.integer("name") is None
    assert inputs.duration("name", timedelta(minutes=5)) == timedelta(minutes=5)
    assert inputs.choice("name", ("first", "second")) == "first"
    assert inputs.commit_sha("name") == ""
    assert not inputs.token("name")
    inputs.finish()


@pytest.mark.parametrize("value", ["True", "TRUE", "yes", "1", "on", "y", "false\nx"])
def test_booleans_are_true_or_false(value: str) -> None:
    inputs = reader(value)
    inputs.boolean("name", default=False)

    assert problem_of(inputs).startswith("Input name is ")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("90", 90), ("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86400), ("0s", 0)],
)
def test_durations(value: str, seconds: int) -> None:
    assert reader(value).duration("name", timedelta()) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["soon", "-1s", "1.5m", "5 m", "\uff15m", "9999999s", "m"])
def test_no_durations(value: str) -> None:
    inputs = reader(value)
    inputs.duration("name", timedelta())

    assert "is " in problem_of(inputs)


@pytest.mark.parametrize("value", ["1\n2", "1\r2", "1\x002"])
def test_text_is_one_line(value: str) -> None:
    inputs = reader(value)
    inputs.text("name")

    assert "more than one line" in problem_of(inputs)


def test_lists() -> None:
    assert reader(" a \n\n b, c\n").lines("name") == ("a", "b, c")
    assert reader(" a \n, b, c\n").items("name") == ("a", "b", "c")


@pytest.mark.parametrize("value", ["pkg", "./pkg", "a/b.c", "a b", "-x", "a~b", "..."])
def test_paths_below_the_workspace(value: str) -> None:
    inputs = reader(value)

    assert inputs.relative_path("name", ".") == value
    inputs.finish()


@pytest.mark.parametrize(
    "value", ["/etc", "../x", "a/../../b", "a/..", "~", "~/x", "a\\b", "a\x01b", "x" * 256]
)
def test_paths_elsewhere(value: str) -> None:
    inputs = reader(value)

    assert inputs.relative_path("name", ".") == "."
    assert problem_of(inputs)


@pytest.mark.parametrize("value", ["a b", "a\nb", "\u00e9", "a\x00b"])
def test_a_token_travels_in_a_header(value: str) -> None:
    inputs = reader(value)

    assert not inputs.token("name")
    assert value not in problem_of(inputs)


@pytest.mark.parametrize("value", ["12a", "-1", "1" * 19, "\u0661"])
def test_integers(value: str) -> None:
    inputs = reader(value)
    inputs.integer("name")

    assert problem_of(inputs)


def test_a_commit_is_named_in_full() -> None:
    assert reader("A" * 40).commit_sha("name") == "a" * 40
    short = reader("abc1234")
    short.commit_sha("name")
    assert "abc1234" in problem_of(short)


def test_all_bad_inputs_are_reported_together() -> None:
    inputs = InputReader({"INPUT_A": "x", "INPUT_B": "y"})
    inputs.boolean("a", default=False)
    inputs.integer("b")

    what = problem_of(inputs)
    assert "input a" in what.lower()
    assert "input b" in what


def test_a_secret_never_prints_itself() -> None:
    secret = Secret("ghs_value")

    assert [f"{secret}", f"{secret!r}", f"{[secret]}", f"{secret:}"] == [
        "***",
        "Secret(***)",
        "[Secret(***)]",
        "***",
    ]
    assert secret.reveal() == "ghs_value"


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
    if not given:
        with pytest.raises(InputError, match=missing or "client-id and private-key"):
            require_credentials(credentials, "create tags")


def test_the_jobs_own_token_is_recognised() -> None:
    inputs = InputReader({"INPUT_TOKEN": "ghs_job"})

    assert read_credentials(inputs, Secret("ghs_job")).job_token
    assert not read_credentials(inputs, Secret("ghs_other")).job_token


@pytest.mark.parametrize("client_id", ["Iv1 x", "Iv1;x", "\u00e9", "x" * 101])
def test_a_client_id_of_another_form(client_id: str) -> None:
    inputs = InputReader({"INPUT_CLIENT_ID": client_id, "INPUT_PRIVATE_KEY": "k"})
    read_credentials(inputs, Secret(""))

    assert "client-id" in problem_of(inputs)
