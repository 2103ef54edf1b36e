"""What keeps the project up to date sees all of it, and CI tells what it left out."""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import PurePosixPath

import pytest
import yaml

from dist_actions import __version__
from support.automation import files as automation
from support.distributions.builders import parsed
from support.paths import ROOT

REPORT = """<testsuites><testsuite>
<testcase name="a"/>
<testcase name="b"><skipped message="no engine"/></testcase>
<testcase name="c"><skipped message="no engine"/></testcase>
</testsuite></testsuites>"""


def folders_of_pins() -> set[str]:
    """List the folders whose files pin actions of others, as Dependabot names them."""
    return {
        # It looks into the root's workflows by itself.
        "/" if folder == ".github/workflows" else f"/{folder}"
        for path in automation.tracked_files()
        if path.endswith((".yml", ".yaml"))
        and path.startswith((".github/workflows/", "examples/"))
        and re.search(r"uses: \S+@[0-9a-f]{40}", (ROOT / path).read_text(encoding="utf-8"))
        for folder in [str(PurePosixPath(path).parent)]
    }


def watched(folder: str, patterns: list[str]) -> bool:
    return any(
        fnmatch(folder, pattern) and folder.count("/") == pattern.count("/") for pattern in patterns
    )


def test_dependabot_sees_every_pin() -> None:
    configuration = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())
    patterns = configuration["updates"][0]["directories"]
    assert {folder for folder in folders_of_pins() if not watched(folder, patterns)} == set()
    assert not watched("/examples/pypi/.github/workflows", ["/", "/examples", "/examples/*"])


def test_skips_are_counted_by_their_reasons(tmp_path_factory: pytest.TempPathFactory) -> None:
    report = tmp_path_factory.mktemp("report") / "results.xml"
    report.write_text(REPORT)
    script = str(ROOT / "scripts" / "count-skips")
    done = subprocess.run(
        [sys.executable, script, str(report)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("3 tests, 2 skipped\n")
    assert "| 2 | no engine |" in done.stdout


def test_the_changelog_is_about_the_version() -> None:
    """What is declared is what comes next, or what the newest section is about."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    released = [parsed(heading) for heading in headings if heading != "Unreleased"]
    if headings[0] == "Unreleased":
        assert parsed(__version__) > released[0]
    else:
        assert parsed(__version__) == released[0]


def test_the_readme_pins_the_version() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"# v(\d\S+)$", text, re.MULTILINE)) - {"7.0.1"} == {__version__}
