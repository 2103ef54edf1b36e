"""What is made ahead is what the workflows use."""

import pytest

from dist_sandbox.rehearse.kept_tools import find_stages


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("- uses: eigenoid/dist-actions/auto-tag@v1", ["auto_tag"]),
        ("- uses: 'eigenoid/dist-actions@v1' # publishes", ["publish"]),
        ("- {uses: eigenoid/dist-actions/release@0123abc}", ["release"]),
        ("- uses: other/dist-actions/release@v1", []),
        ("- run: echo eigenoid/dist-actions/release@v1", []),
    ],
    ids=["action in a folder", "root action", "flow style", "another's", "no action"],
)
def test_stages_are_those_of_our_actions(text: str, stages: list[str]) -> None:
    assert find_stages([text, text]) == stages
