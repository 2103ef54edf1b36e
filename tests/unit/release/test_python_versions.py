"""The Pythons that a project is tested on."""

import pytest

from dist_actions.errors import InputError
from dist_actions.python_versions import MAINTAINED, python_versions


@pytest.mark.parametrize(
    ("requires", "classifiers", "expected"),
    [
        ("", [], MAINTAINED),
        (">=3.12", [], ("3.12", "3.13", "3.14")),
        (">=3.12.4", [], ("3.12", "3.13", "3.14")),
        (">=3.8,<3.12", [], ("3.10", "3.11")),
        (">=3.8,!=3.11.*", [], ("3.10", "3.12", "3.13", "3.14")),
        (">=3.10", ["Programming Language :: Python :: 3.11"], ("3.11",)),
        (">=3.10", ["Programming Language :: Python :: 3 :: Only"], MAINTAINED),
    ],
)
def test_the_matrix_follows_from_the_metadata(
    requires: str, classifiers: list[str], expected: tuple[str, ...]
) -> None:
    assert python_versions(requires, classifiers) == expected


@pytest.mark.parametrize("requires", ["3.11", "<3.5", ">=4"])
def test_what_leaves_no_python_is_refused(requires: str) -> None:
    with pytest.raises(InputError) as raised:
        python_versions(requires, [])
    assert raised.value.anchor == "python-versions"
