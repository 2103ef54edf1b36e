"""A version waits until the next environment holds the private packages that it needs."""

import pytest

from support.promotion.private_packages import READING, PrivatePackages
from support.promotion.project import PromotedProject
from support.stages.running import StageResult

FIRST = {"version": "0.1.0", "require": "", "max-wait": "0s"}


@pytest.fixture
def packages(project: PromotedProject) -> PrivatePackages:
    """The private packages of each environment."""
    return PrivatePackages(project.sandbox)


def release(project: PromotedProject, *requires: str) -> None:
    """Release a version in dev that requires something."""
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.release("0.1.0", "dev", requires=requires)


def promote(project: PromotedProject, packages: PrivatePackages, **inputs: str) -> StageResult:
    return project.promote({**FIRST, **packages.inputs(), **inputs}, permissions=READING)


def blocked(result: StageResult) -> str:
    """Why it waits: nothing was changed, and the run is green with a warning."""
    assert (result.exit_status, result.changes) == (0, ()), result.log
    assert (result.outputs["result"], result.annotation.level) == ("blocked", "warning")
    assert result.outputs["reason"] in result.annotation.message
    return result.outputs["reason"]


def test_it_waits_for_a_package_that_is_not_promoted_and_passes_then(
    project: PromotedProject, packages: PrivatePackages
) -> None:
    packages.publish("dev", "eigenoid-core", "0.1.0")
    packages.publish("dev", "eigenoid-core", "0.2.0")
    packages.publish("qa", "eigenoid-core", "0.1.0")
    release(project, "eigenoid-core>=0.2", "requests", "numpy>=2 ; python_version < '3'")
    result = promote(project, packages)
    assert blocked(result) == (
        "eigenoid-sample 0.1.0 requires eigenoid-core>=0.2, of which qa has 0.1.0 and dev has "
        "0.2.0, 0.1.0 (Python 3.10 on Linux). Why: whoever installs it from qa would find no "
        "versions that fit. Fix: promote eigenoid-core 0.2.0 from dev to qa first, then run this "
        "job again"
    )
    assert result.outputs["promote-first"] == '[{"name": "eigenoid-core", "version": "0.2.0"}]'
    packages.publish("qa", "eigenoid-core", "0.2.0")
    result = promote(project, packages)
    assert result.outputs["result"] == "created", result.log
    body = project.pulls()[0].body or ""
    assert "| dependencies | requires eigenoid-core 0.2.0, on Python 3.10 to 3.14 |" in body
    downloads = [call for call in result.calls if call.endswith(":download")]
    assert len(downloads) == 1, "one request for the private package, none for public ones"
    assert [call for call in result.calls if "requests" in call or "numpy" in call] == []
