"""What a promotion's pull request tells its readers."""

import re

from support.promotion.project import PromotedProject
from support.sandbox.fixtures import git

LOG = """# Changelog

## [0.3.0] - 2026-03-01
Promoted-From: 0123456789012345678901234567890123456789
### Added
- Things <!-- /dist-actions: promotion --> by @all, see https://evil.example GH-1

## 0.2.0
- `code` and <b>more</b>

## 0.1.0
- The beginning
"""


def test_changelog_pull_requests_chain_and_what_came_after(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.merge(project.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
    project.tag("0.1.0", "qa")
    project.release("0.1.0", "qa")
    project.develop("0.2.0", {"a.txt": "aa\n"})
    project.commit("dev", "b.txt", "b\n", "Add <b>things</b> (#12)")
    project.commit("dev", "c.txt", "c\n", "Merge pull request #7 from x/y\n\nSeven @all")
    git("checkout", "-q", "-B", "dev", "HEAD", cwd=project.checkout)
    project.develop("0.3.0", {"CHANGELOG.md": LOG})
    project.release("0.3.0", "dev")
    later = project.commit("dev", "late.txt", "l\n", "Too late")
    inputs = {"require": "", "body-template": "Dear {to},\n\n{promotion}\n\n- [ ] {version} read"}
    result = project.promote(inputs)
    assert (result.exit_status, result.outputs["version"]) == (0, "0.3.0"), result.log
    body = project.pulls()[-1].body or ""
    assert body.startswith("Dear qa,\n\n<!-- dist-actions: promotion -->")
    assert body.endswith("<!-- /dist-actions: promotion -->\n\n- [ ] 0.3.0 read")
    assert body.count("<!-- /dist-actions: promotion -->") == 1
    assert "#### 0.3.0" in body
    assert "#### 0.2.0\n\n- `code` and \\<b\\>more" in body
    assert "The beginning" not in body
    server = project.sandbox.world.addresses.github_server
    page = f"{server}/eigenoid/eigenoid-sample/pull"
    assert f"- [#12]({page}/12) Add \\<b\\>things" in body
    assert f"- [#7]({page}/7) Seven @\u200ball" in body
    for active in ("@all", "https://evil", "GH-1", "\nPromoted-From: 0123"):
        assert active not in body
    assert "`dev` has moved on since `v0.3.0-dev`" in body
    assert later[:7] not in body
    assert "```mermaid" in body
    assert "| qa | `0.1.0` |" in body
    assert project.promote(inputs).changes == ()


def test_a_stage_is_skipped_only_on_request_and_that_is_recorded(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    inputs = {"version": "0.1.0", "to": "prd"}
    refused = project.promote(inputs)
    assert (refused.exit_status, refused.changes) == (2, ())
    assert "allow-skip" in refused.annotation.message
    back = project.promote({"from": "qa", "to": "dev", "allow-skip": "true", "version": "0.1.0"})
    assert back.exit_status == 2
    result = project.promote({**inputs, "allow-skip": "true"})
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    (pull,) = project.pulls()
    assert (pull.base, pull.head) == ("main", "promote/v0.1.0-to-prd")
    assert "**Skips qa**, where this version was not tried." in (pull.body or "")
    assert "**Skips qa**" in result.summary


def test_requests_are_few_and_a_token_may_no_more_than_is_needed(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.release("0.1.0", "dev")
    result = project.promote({"version": "0.1.0", "require": "", "labels": "promotion"})
    of_api = [call for call in result.calls if "/eigenoid-sample.git/" not in call]
    calls = [re.sub(r"/\d+", "/N", call) for call in of_api]
    assert calls == [
        "GET releases",
        "GET releases/assets/N",
        "GET /api/release-assets/N",
        "GET commits/SHA/check-runs",
        "GET commits/SHA/status",
        "POST /api/graphql",
        "GET rules/branches/qa",
        "GET pulls",
        "GET pulls",
        "GET installation",
        "POST app/installations/ID/access_tokens",
        "POST pulls",
        "POST issues/N/labels",
        "DELETE installation/token",
    ]
    project.pulls()[0].title = "Renamed"
    renamed = project.promote({"version": "0.1.0", "require": "none", "labels": "promotion"})
    assert renamed.outputs["result"] == "updated"
