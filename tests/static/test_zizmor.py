"""zizmor, as its strictest persona and without ignores, finds nothing; and it does find things."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.automation import files as automation
from support.paths import ROOT

CONFIGURATION = ROOT / ".github" / "zizmor.yml"
ZIZMOR = Path(sys.executable).with_name("zizmor")
BAD_SAMPLES = ROOT / automation.BAD_SAMPLES
STRICTEST = (
    *("--persona=auditor", "--no-ignores", "--strict-collection"),
    *("--offline", "--quiet", "--no-progress", "--no-exit-codes", "--format=json"),
)
AUDITS_THAT_MUST_FIRE = 25
OTHER_INPUTS = [".github/dependabot.yml", ".pre-commit-config.yaml"]


def audit(*inputs: Path) -> list[str]:
    """Return zizmor's findings, one line each."""
    done = subprocess.run(
        [str(ZIZMOR), *STRICTEST, f"--config={CONFIGURATION}", *map(str, inputs)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [
        f"{finding['ident']}: {finding['desc']}"
        f" ({finding['locations'][0]['concrete']['location']['start_point']['row'] + 1})"
        for finding in json.loads(done.stdout)
    ]


def written(source: automation.Source, directory: Path) -> Path:
    """Write a source where zizmor takes it for what it is."""
    name = "action.yml" if source.is_action else "workflow.yml"
    file = directory / name
    file.write_text(source.text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "source", [*automation.actions(), *automation.workflows()], ids=lambda source: source.name
)
def test_zizmor_finds_nothing(source: automation.Source, tmp_path: Path) -> None:
    assert audit(written(source, tmp_path)) == []


@pytest.mark.parametrize("path", OTHER_INPUTS)
def test_zizmor_finds_nothing_in_configuration(path: str) -> None:
    assert audit(ROOT / path) == []


def test_zizmor_finds_the_bad_samples() -> None:
    fired = {
        finding.partition(":")[0]
        for sample in BAD_SAMPLES.glob("*.yml")
        for finding in audit(sample)
    }
    assert len(fired) >= AUDITS_THAT_MUST_FIRE, sorted(fired)
    assert {"template-injection", "unpinned-uses", "excessive-permissions", "artipacked"} <= fired


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ("eigenoid/dist-actions/auto-tag@v1", []),
        ("eigenoid/dist-actions@v1", []),
        ("eigenoid/other@v1", ["unpinned-uses"]),
    ],
)
def test_only_our_own_actions_may_be_used_by_tag(
    uses: str, expected: list[str], tmp_path: Path
) -> None:
    text = (
        "name: Example\non: push\npermissions: {}\n"
        "concurrency: {group: example, cancel-in-progress: true}\n"
        "jobs:\n  example:\n    name: Example\n    runs-on: ubuntu-latest\n"
        f"    steps:\n      - uses: {uses}\n"
    )
    findings = audit(written(automation.Source("example.yml", text), tmp_path))
    assert [finding.partition(":")[0] for finding in findings] == expected
