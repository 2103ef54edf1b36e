"""auto-tag compares what a promotion's merge holds with what the promotion promised."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dist_actions.trailers.pull_request_body import BEGIN, END
from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageResult, StageRunner, app_inputs

BRANCH = "promote/v1.0.0-to-qa"
TITLE = "chore: promote v1.0.0 to qa"
LOOK = "GET commits/SHA/pulls"
CREATE = (
    "GET git/matching-refs/tags/v1.0.0-qa",
    "GET installation",
    "POST app/installations/ID/access_tokens",
    "POST git/tags",
    "POST git/refs",
    "DELETE installation/token",
)


@dataclass
class Promoted:
    """A promotion of 1.0.0 from dev to qa, whose pull request is merged by a button."""

    sandbox: Sandbox
    run_stage: StageRunner
    folder: Path
    head: str = BRANCH

    @property
    def tree(self) -> str:
        """The tree that is promised."""
        return self.on_github("rev-parse", "dev^{tree}")

    def trailers(self, target: str = "qa", tree: str = "") -> str:
        """The lines by which promote says what it promises."""
        source = self.sandbox.branch_sha("dev")
        promised = tree or self.tree
        return f"Promoted-From: {source}\nPromoted-Tree: {promised}\nPromoted-To: {target}"

    def body(self, trailers: str) -> str:
        """A pull request's text as promote writes it."""
        return f"Please look.\n{BEGIN}\nPromotes `v1.0.0-dev`.\n\n{trailers}\n{END}\n"

    def open(self, body: str | None = None) -> int:
        """Open the pull request, from a branch that points to the released commit."""
        token = self.sandbox.user_token
        self.push(self.sandbox.branch_sha("dev"), self.head)
        text = self.body(self.trailers()) if body is None else body
        described = {"head": self.head, "base": "qa", "title": TITLE, "body": text}
        answer = self.sandbox.request("POST", "pulls", token=token, json=described)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["number"])

    def merge(self, number: int, method: str, **more: str) -> None:
        """Press a button."""
        token, body = self.sandbox.user_token, {"merge_method": method, **more}
        answer = self.sandbox.request("PUT", f"pulls/{number}/merge", token=token, json=body)
        assert answer.status_code == 200, answer.text

    def commit(self, onto: str, message: str = "A hotfix", text: str = "fix") -> None:
        """Push a change to a branch."""
        git("fetch", "-q", "origin", cwd=self.folder)
        git("checkout", "-q", "--detach", f"origin/{onto}", cwd=self.folder)
        (self.folder / "hotfix.txt").write_text(text, encoding="utf-8")
        git("add", "hotfix.txt", cwd=self.folder)
        git("commit", "-q", "-m", message, cwd=self.folder)
        self.push("HEAD", onto)

    def push(self, commit: str, branch: str) -> None:
        """Push a commit to a branch."""
        git("push", "-q", "-f", "origin", f"{commit}:refs/heads/{branch}", cwd=self.folder)

    def auto_tag(self, **inputs: str) -> StageResult:
        """Run auto-tag for what qa holds."""
        git("fetch", "-q", "origin", cwd=self.folder)
        git("checkout", "-q", "--detach", "origin/qa", cwd=self.folder)
        options: dict[str, Any] = {"workspace": self.folder, "ref": "refs/heads/qa"}
        return self.run_stage("auto-tag", app_inputs(self.sandbox, **inputs), **options)

    def on_github(self, *arguments: str) -> str:
        """A git command in GitHub's repository."""
        return self.sandbox.repository.git.git(*arguments)


@pytest.fixture
def promoted(package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner) -> Promoted:
    """Version 1.0.0 on dev, two commits ahead of qa: of one, a squash takes the message."""
    package.commit("a.txt", "a\n")
    package.push()
    return Promoted(sandbox, run_stage, package.folder)


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_promotion_as_promised_is_tagged(promoted: Promoted, method: str) -> None:
    """One request more, for the pull request; none where the message tells the tree."""
    number, told = promoted.open(), method == "rebase"
    if told:  # what is not merged by a merge commit ends with a commit of promote's own
        message = f"{TITLE}\n\n{promoted.trailers()}"
        git("commit", "-q", "--allow-empty", "-m", message, cwd=promoted.folder)
        promoted.push("HEAD", BRANCH)
    promoted.merge(number, method)
    result = promoted.auto_tag()
    assert (result.exit_status, result.outputs["reason"]) == (0, "created"), result.log
    assert result.calls == (CREATE if told else (LOOK, *CREATE))
    assert "brought the tree that it promised" in result.log
    assert result.annotation.level == "notice"


def test_a_squash_whose_message_is_the_pull_requests_text_needs_no_request(
    promoted: Promoted,
) -> None:
    """The claims of an earlier environment, which a squash takes along, are not about this one."""
    earlier = promoted.trailers("dev", "0" * 40)
    text = f"{earlier}\n\n* {TITLE}\n\n{promoted.body(promoted.trailers())}"
    promoted.merge(promoted.open(), "squash", commit_message=text)
    result = promoted.auto_tag()
    assert (result.exit_status, result.calls) == (0, CREATE), result.log


def test_another_tree_fails_before_anything_is_tagged_unless_it_is_meant(
    promoted: Promoted,
) -> None:
    number = promoted.open()
    promoted.commit("qa")
    promoted.merge(number, "merge")
    held = promoted.on_github("rev-parse", "qa^{tree}")
    refused = promoted.auto_tag()
    assert (refused.exit_status, refused.calls) == (1, (LOOK,))
    message = refused.annotation.message
    assert f"tree {held} instead of {promoted.tree}." in message
    assert "\nWhy: qa moved after its pull request was prepared" in message
    assert "expected-tree: warn" in message
    assert "troubleshooting.md#expected-tree" in message
    dry = promoted.auto_tag(**{"dry-run": "true"})
    assert (dry.exit_status, dry.calls) == (1, (LOOK,))
    off = promoted.auto_tag(**{"expected-tree": "off", "dry-run": "true"})
    assert (off.exit_status, off.calls) == (0, CREATE[:1])
    warned = promoted.auto_tag(**{"expected-tree": "warn"})
    assert (warned.exit_status, warned.calls) == (0, (LOOK, *CREATE))
    assert [one.level for one in warned.annotations] == ["warning", "notice"]
    assert f"instead of {promoted.tree}" in warned.annotations[0].message


def test_a_forged_message_does_not_hide_a_changed_branch(promoted: Promoted) -> None:
    """Its own claim beside the true one settles nothing, so the pull request is read."""
    number = promoted.open()
    promoted.commit(BRANCH)
    forged = promoted.trailers(tree=promoted.on_github("rev-parse", f"{BRANCH}^{{tree}}"))
    promoted.merge(number, "squash", commit_message=f"{promoted.trailers()}\n\n{forged}\n")
    result = promoted.auto_tag()
    assert (result.exit_status, result.calls) == (1, (LOOK,)), result.log
    assert "has other files than it promised" in result.annotation.message


@pytest.mark.parametrize("case", ["by hand", "another branch", "another base", "no end"])
def test_what_only_looks_like_a_promotion_is_warned_of_and_tagged(
    promoted: Promoted, case: str
) -> None:
    """Nobody's text can stop the tags of others, and none turns the comparison off unseen."""
    wrong = promoted.body(promoted.trailers(tree="0" * 40))
    if case == "by hand":
        promoted.push(promoted.sandbox.branch_sha("dev"), "qa")
        promoted.commit("qa", TITLE)
    elif case == "another branch":
        promoted.head = "feature/promote"
        promoted.merge(promoted.open(wrong), "squash")
    elif case == "another base":
        promoted.merge(promoted.open(promoted.body(promoted.trailers("prd", "0" * 40))), "merge")
    else:
        promoted.merge(promoted.open(wrong.replace(END, "")), "merge")
    result = promoted.auto_tag()
    assert (result.exit_status, result.outputs["reason"]) == (0, "created"), result.log
    assert result.calls == (LOOK, *CREATE)
    assert [one.level for one in result.annotations] == ["warning", "notice"]
    assert "calls itself a promotion to qa" in result.annotations[0].message


def test_other_pushes_need_no_request_more(promoted: Promoted) -> None:
    """A push that is no promotion; and the first environment, to which nothing is promoted."""
    promoted.push(promoted.sandbox.branch_sha("dev"), "qa")
    promoted.commit("qa", f"Mention {TITLE}\n\nand promote/v1.0.0-to-qa")
    assert promoted.auto_tag().calls == CREATE
    promoted.commit("dev", f"{TITLE}\n\n{promoted.trailers('dev', '0' * 40)}")
    options: dict[str, Any] = {"workspace": promoted.folder, "ref": "refs/heads/dev"}
    result = promoted.run_stage("auto-tag", app_inputs(promoted.sandbox), **options)
    assert (result.exit_status, len(result.calls)) == (0, 6)
