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
        (metadata_text("core", "1", f"util>={'9' * 5000}"), "4300 digits"),
        (metadata_text("core", "1", f"Requires-Python: >=3,<{'9' * 5000}"), "4300 digits"),
        (metadata_text("core", "1", f"util; python_version < '{'9' * 5000}'"), "4300 digits"),
        (metadata_text("core", "1", f"util; {'(' * 5000}os_name == 'nt'"), "recursion"),
        (metadata_text("core", "1", "util; python_version ~= '3.x'"), "Undefined"),
        (metadata_text("core", "1", "util; sys_platform ~= 'linux'"), "Undefined"),
        (metadata_text("core", "1", "util; 'fast' in extras"), "no variable extras"),
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
