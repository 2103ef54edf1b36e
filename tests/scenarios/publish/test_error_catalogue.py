"""Every way in which an identity or an index refuses, as the action's user sees it.

One case prepares the sandbox by its control interface, runs the real entrypoint, and looks at the
annotation, the summary and the link. That no secret is in either is looked at after every run.
"""

import pytest

from support.documentation.pages import page, slug
from support.error_catalogue import google_cases, index_cases, pypi_cases
from support.publishing.job import PublishingJob

CASES = {**google_cases.CASES, **index_cases.CASES, **pypi_cases.CASES}
HEADINGS = {slug(heading) for heading in page("docs/troubleshooting.md").headings(3)}
LINK = "https://github.com/eigenoid/dist-actions/blob/v1/docs/troubleshooting.md#"
#: Headings below which a refusal of an identity or an index is explained.
PUBLISHING_ANCHORS = {
    *("id-token", "id-token-in-a-fork", "id-token-refused"),
    *("attribute-condition", "provider-not-found", "provider-name", "provider-issuer"),
    *("mapped-attribute", "token-exchange", "service-account", "service-account-key"),
    *("upload-401", "upload-403", "upload-refused", "conflict", "file-size", "repository-kind"),
    *("service-unavailable", "unknown-bytes", "index-unreadable", "index-redirects", "index-url"),
    *("trusted-publishing-off", "trusted-publishing-token", "trusted-publishing-pending"),
    *("trusted-publishing-publisher", "reusable-workflow", "burnt-name", "closed-release"),
    *("project-name", "foreign-project", "attestations", "password", "pypi-rules"),
    *("host-not-reached", "certificate", "proxy"),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_refusal_says_what_happened_why_and_what_to_do(
    publisher: PublishingJob, name: str
) -> None:
    case = CASES[name]
    more = case.prepare(publisher) or {}
    result = publisher({**case.inputs, **more}, **case.options)
    errors = [one for one in result.annotations if one.level == "error"]
    assert len(errors) == 1, result.log
    message = errors[0].message
    assert result.exit_status == case.exit_status, message
    assert [text for text in case.messages if text not in message] == [], message
    starts = [line.partition(" ")[0] for line in message.splitlines()]
    assert starts[1:] == ["Why:", "Fix:", "See"], message
    assert message.endswith(f"{LINK}{case.anchor}")
    assert f"[More on this]({LINK}{case.anchor})" in result.summary
    assert case.anchor in HEADINGS
    require_commands_can_be_copied(message, result.summary)


def require_commands_can_be_copied(message: str, summary: str) -> None:
    """Assert that a command stands in the summary as it is, as code."""
    pieces = message.partition("\nFix: ")[2].split("`")[1::2]
    assert [piece for piece in pieces if f"`{piece}`" not in summary] == []


def test_every_refusal_of_an_identity_or_index_is_shown() -> None:
    """Those of the checks of files have tests of their own."""
    assert {case.anchor for case in CASES.values()} >= PUBLISHING_ANCHORS
