"""Older promotions that are still open when a newer version comes."""

from support.promotion.project import PromotedProject

OLD, NEW = "promote/v0.1.0-to-qa", "promote/v0.2.0-to-qa"


def two_versions(project: PromotedProject) -> None:
    """The older one is open, and there is a newer one."""
    project.develop("0.1.0", {"a.txt": "a\n"})
    assert project.promote({"version": "0.1.0"}).outputs["result"] == "created"
    project.develop("0.2.0", {"a.txt": "aa\n"})


def branches(project: PromotedProject) -> set[str]:
    listed = project.on_github("for-each-ref", "--format=%(refname:short)", "refs/heads/promote")
    return set(listed.split())


def test_a_newer_version_supersedes_ours_and_nobody_elses(project: PromotedProject) -> None:
    two_versions(project)
    theirs = project.sandbox.branch_sha("dev")
    copied = project.pulls()[0].body
    for name, text in (("promote/by-hand-to-qa", f"Promoted-From: {theirs}"), ("feature", copied)):
        project.on_github("branch", name, theirs)
        body = {"title": name, "head": name, "base": "qa", "body": text}
        project.sandbox.request("POST", "pulls", token=project.sandbox.user_token, json=body)
    result = project.promote({"version": "0.2.0"})
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    old, *others, new = project.pulls()
    assert not old.open
    assert not old.merged
    assert [one.open for one in (*others, new)] == [True] * 3
    (comment,) = old.comments
    assert f"#{new.number} promotes a newer version" in comment.body
    assert branches(project) == {NEW, "promote/by-hand-to-qa"}
    assert "| superseded | #1 |" in result.summary
    assert project.promote({"version": "0.2.0"}).changes == ()


def test_a_branch_with_somebodys_commit_is_closed_and_kept(project: PromotedProject) -> None:
    two_versions(project)
    theirs = project.commit(OLD, "theirs.txt", "x\n")
    assert project.promote({"version": "0.2.0"}).outputs["result"] == "created"
    old, _ = project.pulls()
    assert not old.open
    assert "was left as it is" in old.comments[0].body
    assert project.sandbox.branch_sha(OLD) == theirs


CUT = (
    ({"method": "POST", "path": "/comments$", "applied": True, "status": 502}, 0),
    ({"method": "POST", "path": "/comments$", "status": 502}, 3),
    ({"method": "DELETE", "path": "/heads/", "status": 403}, 1),
)


def test_what_was_cut_off_is_finished_by_a_rerun(project: PromotedProject) -> None:
    """The comment's answer is lost; it is not made; the branch is not deleted."""
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.promote({"version": "0.1.0"})
    for number, (fault, exit_status) in enumerate(CUT, start=2):
        version = {"version": f"0.{number}.0"}
        project.develop(version["version"], {"a.txt": version["version"]})
        project.sandbox.control("POST", "faults", fault)
        impatient = {**version, "max-wait": "0s"}
        assert project.promote(impatient).exit_status == exit_status
        project.promote(version)
        *_, old, _ = project.pulls()
        assert (old.open, len(old.comments)) == (False, 1)
        assert branches(project) == {f"promote/v0.{number}.0-to-qa"}
    assert project.promote(version).changes == ()
