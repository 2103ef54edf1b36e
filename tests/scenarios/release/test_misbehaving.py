"""release plans in time and with little memory, whatever GitHub sends.

The publication meets the same in `faults/test_single.py`.
"""

import json
from pathlib import Path

import pytest

from support.projects.releases import TaggedProject
from support.sandbox.fixtures import Sandbox
from support.stages.misbehaving import KINDS, require_bounded_runs
from support.stages.running import StageRunner


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_of_the_plan_may_meet_a_misbehaving_server(
    tagged: TaggedProject, sandbox: Sandbox, run_stage: StageRunner, checkout: Path, kind: str
) -> None:
    inputs = {"phase": "plan", "max-wait": "0s"}
    options = {"workspace": checkout, "ref": f"refs/tags/{tagged.tag}"}
    run_stage("release", inputs, **options)
    require_bounded_runs(
        sandbox,
        kind,
        lambda environ: run_stage("release", inputs, environ=environ, **options),
        lambda: None,
    )


def test_no_asset_is_sent_to_another_host(tagged: TaggedProject, sandbox: Sandbox) -> None:
    release = {
        "id": 7,
        "tag_name": tagged.tag,
        "draft": True,
        "html_url": "https://github.com/x",
        "upload_url": "https://uploads.elsewhere.example/releases/7/assets{?name,label}",
        "assets": [],
        "immutable": False,
    }
    fault = {"method": "GET", "path": "/releases$", "status": 200, "body": json.dumps([release])}
    sandbox.control("POST", "faults", fault)
    result = tagged.publish({"max-wait": "0s"})
    assert result.exit_status == 3
    assert "\nFix: " in result.annotation.message
