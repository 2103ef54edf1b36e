"""What a release says of the packages that its tests ran with, which is another job's word."""

import json

import pytest

from support.projects.releases import TaggedProject

SENTENCE = (
    "Tested with `eigenoid-core 0.5.0` and `eigenoid-utils 1.2+local`, "
    "as the job that ran the tests reports."
)


def test_notes_and_summary_say_what_the_tests_ran_with(tagged: TaggedProject) -> None:
    versions = {"eigenoid-utils": "1.2+local", "Eigenoid.Core": "v0.5.0", "eigenoid-sample": "0.1"}
    result = tagged.publish({"tested-with": json.dumps(versions)})
    assert result.exit_status == 0, result.log
    assert result.annotations == ()
    assert SENTENCE in result.summary
    body = tagged.release().body or ""
    positions = [body.index(part) for part in ("### Files", SENTENCE, "### Install")]
    assert positions == sorted(positions)


@pytest.mark.parametrize("text", ["", "{}", '{"eigenoid-sample": "0.1.0"}'])
def test_nothing_is_said_without_private_packages(tagged: TaggedProject, text: str) -> None:
    result = tagged.publish({"tested-with": text})
    assert (result.exit_status, result.annotations) == (0, ())
    assert "Tested with" not in result.summary + (tagged.release().body or "")


HOSTILE = {
    "eigenoid-core": "0.5.0",
    "[x](https://example.com)": "1.0",
    "eigenoid-web": "<img src=x>",
    "eigenoid-cli": ["1.0"],
    "@everyone": "1",
    "a" * 101: "1",
}


@pytest.mark.parametrize(
    ("text", "problem", "told"),
    [
        ("eigenoid-core==0.5.0", "it is not JSON", ""),
        (json.dumps(HOSTILE), "5 of 6 entries", "Tested with `eigenoid-core 0.5.0`, as"),
        ('{"eigenoid-core": "0.5", "eigenoid_core": "0.6"}', "1 of 2", "`eigenoid-core 0.5`, as"),
    ],
    ids=["no JSON", "hostile names and versions", "one name twice"],
)
def test_what_no_job_of_ours_reports_is_left_out_and_stops_nothing(
    tagged: TaggedProject, text: str, problem: str, told: str
) -> None:
    result = tagged.publish({"tested-with": text})
    assert (result.exit_status, result.annotation.level) == (0, "warning"), result.log
    assert f"The input tested-with is not used as it is: {problem}" in result.annotation.message
    body = tagged.release().body or ""
    assert ("Tested with" in body) == bool(told)
    assert told in body
    for page in (body, result.summary):
        assert not any(part in page for part in ("example.com", "<img", "everyone", "a" * 101))
