"""The hotfix of docs/promotion.md, step by step, in a chain whose promotions are all squashed."""

import subprocess
from typing import TYPE_CHECKING

from support.documentation.pages import page
from support.promotion.status_command import said
from support.sandbox.fixtures import git

if TYPE_CHECKING:
    from conftest import Chain

PROMOTION = page("docs/promotion.md").text
BRANCHES = {"dev": "dev", "qa": "qa", "prd": "main"}
STEPS = (("dev", "qa"), ("qa", "prd"))
GRAVE, FIXED = "total = 1.005\n", "total = 1.01\n"


def carry(chain: "Chain", version: str) -> list[str]:
    """Promote a version to production by squash merges; returns how it went."""
    plans = []
    for source, target in STEPS:
        result = chain.promote({"from": source, "version": version})
        assert result.outputs.get("result") == "created", result.log
        chain.merge(result.outputs["pr-number"], "squash")
        assert chain.tree(BRANCHES[target]) == result.outputs["expected-tree"]
        assert chain.tag(version, target)
        plans.append(result.outputs["plan"])
    return plans


def bring_back(chain: "Chain", source: str, *, conflict: bool) -> None:
    """Do what status says, keep the source's version where it conflicts, and squash it."""
    step = next(one for one in said(chain)["next"] if one["from"] == source)
    assert step["own-changes"] or conflict, step
    if not conflict:
        assert f"{step['tag']}: {step['reason']}" in PROMOTION.replace("v0.5.0-qa", step["tag"])
    command = "git fetch" + step["fix"].partition("git fetch")[2]
    name = BRANCHES[source]
    done = subprocess.run(
        ["bash", "-c", command], cwd=chain.checkout, capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == conflict, done.stdout + done.stderr
    if conflict:
        git("checkout", "--ours", "pyproject.toml", cwd=chain.checkout)
        git("add", "pyproject.toml", cwd=chain.checkout)
        git("commit", "-q", "--no-edit", cwd=chain.checkout)
    git("push", "-q", "origin", f"HEAD:back-{name}", cwd=chain.checkout)
    body = {"head": f"back-{name}", "base": name, "title": f"chore: back to {name}"}
    made = chain.sandbox.request("POST", "pulls", token=chain.sandbox.user_token, json=body)
    chain.merge(made.json()["number"], "squash")


def test_a_hotfix_in_production_comes_back_stage_by_stage(chain: "Chain") -> None:
    for key, value in (("name", "Dev"), ("email", "dev@example.com")):
        git("config", f"user.{key}", value, cwd=chain.checkout)
    chain.develop("0.5.0", {"a.py": GRAVE})
    carry(chain, "0.5.0")
    chain.develop("0.6.0", {"b.py": "new\n"})

    files = {"a.py": FIXED, "pyproject.toml": 'name = "x"\nversion = "0.5.1"\n'}
    for name, text in files.items():
        chain.commit("main", name, text, "fix: totals are rounded once; version 0.5.1")
    chain.tag("0.5.1", "prd")

    for version, environment in (("0.6.0", "dev"), ("0.5.0", "qa"), ("0.5.1", "prd")):
        chain.release(version, environment)
    bring_back(chain, "qa", conflict=False)
    chain.tag("0.5.1", "qa")
    bring_back(chain, "dev", conflict=True)
    assert chain.on_github("show", "dev:a.py") == FIXED.strip()
    git("fetch", "-q", "origin", cwd=chain.checkout)
    git("checkout", "-q", "-B", "dev", "origin/dev", cwd=chain.checkout)
    chain.develop("0.6.1")
    assert carry(chain, "0.6.1") == ["link", "link"]
    assert chain.tree("main") == chain.tree("qa") == chain.tree("v0.6.1-dev")
    assert chain.on_github("show", "main:a.py") == FIXED.strip()
