"""Metadata are read, or there is one clear error that names the file."""

import pytest

from dist_actions.dependencies.metadata import parse_metadata
from dist_actions.errors import PromotionError
from support.dependencies.indexes import metadata_text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it has no name"),
        ("Metadata-Version: 2.1\nName: core\n", "it has no version"),
        (metadata_text("core", "one"), "Invalid version: 'one'"),
        (metadata_text("core!", "1"), "name is invalid"),
        (metadata_text("core", "1", "util>>2"), "util>>2"),
        (metadata_text("core", "1", "util ; python_version"), "Expected"),
        (metadata_text("core", "1", "Requires-Python: three"), "Invalid specifier"),
        (metadata_text("core", "1", "Requires-Python: >=3", "Requires-Python: >=4"), "its field"),
        ("\0\1\2", "it has no name"),
    ],
)
def test_broken_metadata_are_one_error(text: str, problem: str) -> None:
    with pytest.raises(PromotionError) as caught:
        parse_metadata(text.encode(), "core-1-py3-none-any.whl")
    assert caught.value.what.startswith("The metadata of core-1-py3-none-any.whl cannot be read: ")
    assert problem in caught.value.what
    assert "\n" not in caught.value.what


def test_what_is_read() -> None:
    text = metadata_text("Core_Kit", "1.0.0", "util>=2", "Requires-Python: >=3.10", "Classifier: X")
    metadata = parse_metadata(text.encode(), "x.whl")
    assert (metadata.project, str(metadata.version)) == ("core-kit", "1.0.0")
    assert [str(requirement) for requirement in metadata.requirements] == ["util>=2"]
    assert (metadata.requires_python, metadata.classifiers) == (">=3.10", ("X",))
