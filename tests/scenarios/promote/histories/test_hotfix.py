"""The hotfix of docs/promotion.md, step by step, in a project whose promotions are all squashed."""

import subprocess

from support.documentation.pages import page
from support.environments import BRANCHES, STEPS
from support.promotion.project import PromotedProject
from support.promotion.status_command import read_status
from support.sandbox.fixtures import git

PROMOTION = page("docs/promotion.md").text
GRAVE, FIXED = "total = 1.005\n", "total = 1.01\n"


def carry(project: PromotedProject, version: str) -> list[str]:
    """Promote a version to production by squash merges; returns how it went."""
    plans = []
    for source, target in STEPS:
        result = project.promote({"from": source, "version": version})
        assert result.outputs.get("result") == "created", result.log
        project.merge(result.outputs["pr-number"], "squash")
        assert project.tree(BRANCHES[target]) == result.outputs["expected-tree"]
        assert project.tag(version, target)
        plans.append(result.outputs["plan"])
    return plans


def bring_back(project: PromotedProject, source: str, *, conflict: bool) -> None:
    """Do what status says, keep the source's version where it conflicts, and squash it."""
    step = next(one for one in read_status(project)["next"] if one["from"] == source)
    assert step["own-changes"] or conflict, step
    if not conflict:
        assert f"{step['tag']}: {step['reason']}" in PROMOTION.replace("v0.5.0-qa", step["tag"])
    command = "git fetch" + step["fix"].partition("git fetch")[2]
    name = BRANCHES[source]
    done = subprocess.run(
        ["bash", "-c", command], cwd=project.checkout, capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == conflict, done.stdout + done.stderr
    if conflict:
        git("checkout", "--ours", "pyproject.toml", cwd=project.checkout)
        git("add", "pyproject.toml", cwd=project.checkout)
        git("commit", "-q", "--no-edit", cwd=project.checkout)
    git("push", "-q", "origin", f"HEAD:back-{name}", cwd=project.checkout)
    body = {"head": f"back-{name}", "base": name, "title": f"chore: back to {name}"}
    made = project.sandbox.request("POST", "pulls", token=project.sandbox.user_token, json=body)
    project.merge(made.json()["number"], "squash")


def test_a_hotfix_in_production_comes_back_stage_by_stage(project: PromotedProject) -> None:
    for key, value in (("name", "Dev"), ("email", "dev@example.com")):
        git("config", f"user.{key}", value, cwd=project.checkout)
    project.develop("0.5.0", {"a.py": GRAVE})
    carry(project, "0.5.0")
    project.develop("0.6.0", {"b.py": "new\n"})

    files = {"a.py": FIXED, "pyproject.toml": 'name = "x"\nversion = "0.5.1"\n'}
    for name, text in files.items():
        project.commit("main", name, text, "fix: totals are rounded once; version 0.5.1")
    project.tag("0.5.1", "prd")

    for version, environment in (("0.6.0", "dev"), ("0.5.0", "qa"), ("0.5.1", "prd")):
        project.release(version, environment)
    bring_back(project, "qa", conflict=False)
    project.tag("0.5.1", "qa")
    bring_back(project, "dev", conflict=True)
    assert project.on_github("show", "dev:a.py") == FIXED.strip()
    git("fetch", "-q", "origin", cwd=project.checkout)
    git("checkout", "-q", "-B", "dev", "origin/dev", cwd=project.checkout)
    project.develop("0.6.1")
    assert carry(project, "0.6.1") == ["link", "link"]
    assert project.tree("main") == project.tree("qa") == project.tree("v0.6.1-dev")
    assert project.on_github("show", "main:a.py") == FIXED.strip()
