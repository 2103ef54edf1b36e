"""Older promotions that are still open when a newer version comes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Chain

OLD, NEW = "promote/v0.1.0-to-qa", "promote/v0.2.0-to-qa"


def two_versions(chain: "Chain") -> None:
    """The older one is open, and there is a newer one."""
    chain.develop("0.1.0", {"a.txt": "a\n"})
    assert chain.promote({"version": "0.1.0"}).outputs["result"] == "created"
    chain.develop("0.2.0", {"a.txt": "aa\n"})


def branches(chain: "Chain") -> set[str]:
    listed = chain.on_github("for-each-ref", "--format=%(refname:short)", "refs/heads/promote")
    return set(listed.split())


def test_a_newer_version_supersedes_ours_and_nobody_elses(chain: "Chain") -> None:
    two_versions(chain)
    theirs = chain.sandbox.branch_sha("dev")
    copied = chain.pulls()[0].body
    for name, text in (("promote/by-hand-to-qa", f"Promoted-From: {theirs}"), ("feature", copied)):
        chain.on_github("branch", name, theirs)
        body = {"title": name, "head": name, "base": "qa", "body": text}
        chain.sandbox.request("POST", "pulls", token=chain.sandbox.user_token, json=body)
    result = chain.promote({"version": "0.2.0"})
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    old, *others, new = chain.pulls()
    assert not old.open
    assert not old.merged
    assert [one.open for one in (*others, new)] == [True] * 3
    (comment,) = old.comments
    assert f"#{new.number} promotes a newer version" in comment.body
    assert branches(chain) == {NEW, "promote/by-hand-to-qa"}
    assert "| superseded | #1 |" in result.summary
    assert chain.promote({"version": "0.2.0"}).changes == ()


def test_a_branch_with_somebodys_commit_is_closed_and_kept(chain: "Chain") -> None:
    two_versions(chain)
    theirs = chain.commit(OLD, "theirs.txt", "x\n")
    assert chain.promote({"version": "0.2.0"}).outputs["result"] == "created"
    old, _ = chain.pulls()
    assert not old.open
    assert "was left as it is" in old.comments[0].body
    assert chain.sandbox.branch_sha(OLD) == theirs


CUT = (
    ({"method": "POST", "path": "/comments$", "applied": True, "status": 502}, 0),
    ({"method": "POST", "path": "/comments$", "status": 502}, 3),
    ({"method": "DELETE", "path": "/heads/", "status": 403}, 1),
)


def test_what_was_cut_off_is_finished_by_a_rerun(chain: "Chain") -> None:
    """The comment's answer is lost; it is not made; the branch is not deleted."""
    chain.develop("0.1.0", {"a.txt": "a\n"})
    chain.promote({"version": "0.1.0"})
    for number, (fault, exit_status) in enumerate(CUT, start=2):
        version = {"version": f"0.{number}.0"}
        chain.develop(version["version"], {"a.txt": version["version"]})
        chain.sandbox.control("POST", "faults", fault)
        assert chain.promote(version).exit_status == exit_status
        chain.promote(version)
        *_, old, _ = chain.pulls()
        assert (old.open, len(old.comments)) == (False, 1)
        assert branches(chain) == {f"promote/v0.{number}.0-to-qa"}
    assert chain.promote(version).changes == ()
