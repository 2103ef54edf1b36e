"""What GitHub repeats of a promotion's credentials is shown nowhere, pull requests included."""

from support.promotion.project import PromotedProject
from support.stages.echoing import require_no_echo

BRANCH = "promote/v0.1.0-to-qa"


def test_no_request_shows_its_credential(project: PromotedProject) -> None:
    inputs = {"version": "0.1.0", "labels": "promotion", "max-wait": "0s"}
    project.develop("0.1.0", {"a.txt": "a\n"})

    def undo() -> None:
        git, pulls = project.sandbox.repository.git, project.sandbox.repository.pulls
        if git.branch(BRANCH):
            git.delete_ref(f"refs/heads/{BRANCH}")
        pulls.clear()

    require_no_echo(project.sandbox, lambda: project.promote(inputs, expect_revoked=False), undo)
