"""Inputs are read once into typed values, and all that are unusable are named together."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dist_actions.errors import InputError
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


REFUSALS: dict[str, tuple[str, Callable[[InputReader], object], object, str, str]] = {
    "text": (
        "1\n2",
        lambda inputs: inputs.text("name", "kept"),
        "kept",
        "holds more than one line",
        "give one line",
    ),
    "boolean": (
        "yes",
        lambda inputs: inputs.boolean("name", default=True),
        True,
        "is 'yes'",
        "write true or false",
    ),
    "choice": (
        "c",
        lambda inputs: inputs.choice("name", ("a", "b")),
        "a",
        "is 'c'",
        "write one of a, b",
    ),
    "integer": ("x", lambda inputs: inputs.integer("name"), None, "is 'x'", "write a whole number"),
    "duration": (
        "soon",
        lambda inputs: inputs.duration("name", timedelta(1)),
        timedelta(1),
        "is 'soon'",
        "write a number with s, m, h or d, such as 5m",
    ),
    "commit": (
        "abc1234",
        lambda inputs: inputs.commit_sha("name"),
        "",
        "is 'abc1234'",
        "give all 40 hex digits of the commit",
    ),
    "token": (
        "a b",
        lambda inputs: inputs.token("name").reveal(),
        "",
        "holds characters that no token has",
        "store the token alone",
    ),
    "path outside": (
        "../x",
        lambda inputs: inputs.relative_path("name", "."),
        ".",
        "is '../x', outside the repository",
        "give a path below its root",
    ),
    "long path": (
        "x" * 256,
        lambda inputs: inputs.relative_path("name", "."),
        ".",
        "is too long for a path",
        "give a plain path",
    ),
    "path with a control character": (
        "a\x01b",
        lambda inputs: inputs.relative_path("name", "."),
        ".",
        "holds a control character",
        "give a plain path",
    ),
}


@pytest.mark.parametrize(
    ("value", "read", "default", "problem", "fix"), REFUSALS.values(), ids=REFUSALS
)
def test_a_refusal_says_what_is_wrong_and_what_to_write(
    value: str, read: Callable[[InputReader], object], default: object, problem: str, fix: str
) -> None:
    inputs = reader(value)

    assert read(inputs) == default
    with pytest.raises(InputError) as refused:
        inputs.finish()
    assert refused.value.what == f"Input name {problem}."
    assert refused.value.fix == f"name: {fix}."


def test_good_values_are_read() -> None:
    assert reader("true").boolean("name", default=False) is True
    assert reader("false").boolean("name", default=True) is False
    assert reader("second").choice("name", ("first", "second")) == "second"
    assert reader("042").integer("name") == 42
    assert reader("ghs_~!").token("name").reveal() == "ghs_~!"
    assert reader(" of two\nlines \n").secret("name").reveal() == "of two\nlines"
    assert reader(" of two\nlines \n").block("name") == " of two\nlines \n"
    assert reader("TEXT").text("name") == "TEXT"
    assert reader("x" * 255).relative_path("name", ".") == "x" * 255
    assert reader("").relative_path("name", "pkg") == "pkg"
    assert reader("").text("name") == reader("").secret("name").reveal() == ""


@pytest.mark.parametrize(
    ("variables", "what", "fix"),
    [
        (None, "Input a is 'x'; input b is 'y'.", "a: write true or false; b: "),
        (
            {"a": "DIST_A"},
            "Variable DIST_A is 'x'; variable b is 'y'.",
            "DIST_A: write true or false; b: ",
        ),
    ],
    ids=["inputs of an action", "variables of a command"],
)
def test_all_bad_inputs_are_reported_together(
    variables: dict[str, str] | None, what: str, fix: str
) -> None:
    inputs = InputReader({"INPUT_A": "x", "INPUT_B": "y"}, variables)
    inputs.boolean("a", default=False)
    inputs.integer("b")

    with pytest.raises(InputError) as refused:
        inputs.finish()
    assert (refused.value.what, refused.value.fix) == (what, f"{fix}write a whole number.")


def test_a_secret_never_prints_itself() -> None:
    secret = Secret("ghs_value")

    assert [f"{secret}", f"{secret!r}", f"{[secret]}", f"{secret:}"] == [
        "***",
        "Secret(***)",
        "[Secret(***)]",
        "***",
    ]
    assert secret.reveal() == "ghs_value"
