"""What a job may tell of the versions that its tests ran with."""

import json

import pytest

from dist_actions.dependencies.reported_versions import MOST_PACKAGES, parse_reported_versions

MANY = {f"package-{number}": "1" for number in range(MOST_PACKAGES + 1)}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 100_000, "it is not JSON"),
        ("nan", "it is not JSON"),
        ("NaN", "it is no JSON object"),
        ('["eigenoid-core"]', "it is no JSON object"),
        ('"eigenoid-core"', "it is no JSON object"),
        ('[["eigenoid-core", "1.0"]]', "it is no JSON object"),
        (json.dumps(MANY), "it has more than 200 packages"),
        (f'{{"a": "1"{" " * 100_000}}}', "it has more than 100000 characters"),
        ('{"eigenoid-core": 1.0}', "1 of 1 entries are no name"),
        ('{"eigenoid-core": null}', "1 of 1 entries are no name"),
        ('{"eigenoid-core": {"version": "1.0"}}', "1 of 1 entries are no name"),
        ('{"": "1.0"}', "1 of 1 entries are no name"),
        ('{"eigenoid-core": ""}', "1 of 1 entries are no name"),
        ('{"eigenoid-core\\n": "1.0"}', "1 of 1 entries are no name"),
    ],
)
def test_what_is_no_report_is_told(text: str, problem: str) -> None:
    report = parse_reported_versions(text)
    assert report.versions == {}
    assert report.problem.startswith(problem)


def test_a_name_that_stands_there_twice_counts_once() -> None:
    report = parse_reported_versions('{"eigenoid-core": "1.0", "eigenoid-core": "2.0"}')
    assert report.to_json() == '{"eigenoid-core": "1.0"}'
    assert report.problem.startswith("1 of 2 entries")


def test_what_is_written_is_what_is_read() -> None:
    text = json.dumps(dict(list(MANY.items())[:MOST_PACKAGES]))
    report = parse_reported_versions(text)
    assert report.problem == ""
    assert parse_reported_versions(report.to_json()) == report
