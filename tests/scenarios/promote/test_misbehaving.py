"""promote ends in time and with little memory, whatever GitHub sends, to git too."""

import pytest

from support.promotion.project import PromotedProject
from support.stages.misbehaving import KINDS, require_bounded_runs

BRANCH = "promote/v0.1.0-to-qa"


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_may_meet_a_misbehaving_server(project: PromotedProject, kind: str) -> None:
    inputs = {"version": "0.1.0", "labels": "promotion", "max-wait": "0s"}
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.promote(inputs)

    def undo() -> None:
        git, pulls = project.sandbox.repository.git, project.sandbox.repository.pulls
        if git.branch(BRANCH):
            git.delete_ref(f"refs/heads/{BRANCH}")
        pulls.clear()

    undo()
    require_bounded_runs(
        project.sandbox,
        kind,
        lambda environ: project.promote(inputs, environ=environ, expect_revoked=False),
        undo,
    )
