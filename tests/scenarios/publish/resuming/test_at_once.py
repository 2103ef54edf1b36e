"""Two publications of the same version at once, from two builds."""

from pathlib import Path

import pytest

from support.distributions.builders import write_wheel
from support.publishing.job import PAGE, PublishingJob

FILES = 6


def build(publisher: PublishingJob, content: str = "") -> None:
    for path in publisher.dist.glob("*"):
        path.unlink()
    for minor in range(9, 9 + FILES):
        write_wheel(publisher.dist, tag=f"cp3{minor}-none-any", content=f"# {minor}{content}\n")


@pytest.mark.parametrize("index", ["artifact-registry", "pypi"])
def test_two_builds_at_once_are_told_apart(
    publisher: PublishingJob, tmp_path: Path, index: str
) -> None:
    """Whoever comes second to a name is told, and ends without success."""
    other = PublishingJob(publisher.sandbox, publisher.run_stage, tmp_path / "other")
    other.dist.mkdir(parents=True)
    build(publisher)
    build(other, content=" another build")
    publisher.fault(path=PAGE, delay_seconds=1.5, times=2)
    stages = [one.start({"index": index}) for one in (publisher, other)]
    results = [stage.finish() for stage in stages]
    held = publisher.indexed() if index == "artifact-registry" else publisher.on("pypi")
    for one, result in zip((publisher, other), results, strict=True):
        assert (result.exit_status == 0) is (held == one.at_hand())
        if result.exit_status:
            assert "holds other bytes under the same name" in result.annotation.message
    assert {result.exit_status for result in results} >= {1}
