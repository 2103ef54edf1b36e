"""An input gives one value to all environments, or a value to each."""

import pytest

from dist_actions.errors import InputError
from dist_actions.job.environment_values import EnvironmentValues, read_environment_values
from dist_actions.job.inputs import InputReader

INDEX = "https://packages.example.com/simple/?a=b"


def read(text: str) -> EnvironmentValues:
    inputs = InputReader({"INPUT_INDEXES": text})
    values = read_environment_values(inputs, "indexes")
    inputs.finish()
    return values


@pytest.mark.parametrize(
    ("text", "dev", "qa"),
    [
        ("", "", ""),
        (INDEX, INDEX, INDEX),
        (f"dev = {INDEX}\n\nqa=https://qa.example.com/", INDEX, "https://qa.example.com/"),
        (f"dev = {INDEX}", INDEX, ""),
        (f"{INDEX}\nqa = other", INDEX, "other"),
        (
            "projects/1/locations/global",
            "projects/1/locations/global",
            "projects/1/locations/global",
        ),
    ],
)
def test_each_environment_has_its_own_value_or_the_common_one(text: str, dev: str, qa: str) -> None:
    values = read(text)
    assert (values.of("dev"), values.of("qa")) == (dev, qa)
    assert bool(values) == bool(text)


@pytest.mark.parametrize("text", ["dev = a\ndev = b", "a\nb", "dev ="])
def test_several_values_or_none_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="indexes"):
        read(text)


@pytest.mark.parametrize(
    ("text", "dev", "qa"),
    [
        ("cGFzc3dvcmQ=", "cGFzc3dvcmQ=", "cGFzc3dvcmQ="),
        ("cGFzcw==", "cGFzcw==", "cGFzcw=="),
        ("dev = cGFzcw==\nqa = a=b", "cGFzcw==", "a=b"),
    ],
)
def test_a_password_may_hold_the_sign_of_a_line(text: str, dev: str, qa: str) -> None:
    inputs = InputReader({"INPUT_PASSWORD": text})
    values = read_environment_values(inputs, "password", secret=True)
    inputs.finish()
    assert (values.of("dev"), values.of("qa")) == (dev, qa)
    assert "cGFz" not in repr(values)
