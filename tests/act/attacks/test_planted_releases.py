"""A release that lies there already is adopted only if it holds the run's own bytes."""

from pathlib import Path

import pytest
import requests

from support.attacks.projects import honest_project
from support.attacks.repository import AttackedRepository, error_of
from support.distributions.builders import make_manifest, write_manifest, write_release

pytestmark = pytest.mark.network

EVIL = "raise SystemExit('evil')\n"


def plant(
    attacked: AttackedRepository, tag: str, commit: str, folder: Path, *, draft: bool
) -> None:
    """Make a release with hostile files and a manifest that fits, as somebody with a token can."""
    sandbox = attacked.opened.sandbox
    write_release(folder, "1.0.1", content=EVIL)
    manifest = make_manifest(
        folder,
        tag=tag,
        commit_sha=commit,
        tree_sha=attacked.opened.clone.run("rev-parse", f"{commit}^{{tree}}").strip(),
        environment="prd",
        github_environment="prd",
        suffix="",
        prerelease=False,
        production=True,
    )
    write_manifest(folder, manifest)
    release = sandbox.write("POST", "releases", {"tag_name": tag, "draft": True})
    upload = str(release["upload_url"]).partition("{")[0]
    for file in sorted(folder.iterdir()):
        answer = requests.post(
            f"{upload}?name={file.name}",
            data=file.read_bytes(),
            headers={
                "Authorization": f"Bearer {sandbox.user_token}",
                "Content-Type": "application/octet-stream",
            },
            timeout=30,
        )
        assert answer.ok, answer.text
    if not draft:
        sandbox.write("PATCH", f"releases/{release['id']}", {"draft": False})


def planted_wheel(attacked: AttackedRepository) -> str:
    """Return the digest of the planted release's wheel."""
    assets = attacked.releases()["v1.0.1"].assets
    return str(next(asset for asset in assets if asset.name.endswith(".whl")).sha256)


def test_a_planted_release_stops_production(attacked: AttackedRepository, tmp_path: Path) -> None:
    commit = attacked.push(honest_project("1.0.1"), "main")
    event = attacked.tag("v1.0.1", commit)
    plant(attacked, "v1.0.1", commit, tmp_path / "planted", draft=False)

    run = attacked.release(event)

    assert attacked.indexed("prd") == {}
    assert run.result.job("publish").status == "failure"
    assert planted_wheel(attacked) in error_of(run, "publish")
    assert attacked.changes(run) == []


def test_a_planted_draft_is_left_as_it_is(attacked: AttackedRepository, tmp_path: Path) -> None:
    """The run makes a draft of its own, and what it built is published."""
    commit = attacked.push(honest_project("1.0.1"), "main")
    event = attacked.tag("v1.0.1", commit)
    plant(attacked, "v1.0.1", commit, tmp_path / "planted", draft=True)
    repository = attacked.opened.world.github.repository
    (planted,) = repository.releases
    before = [(asset.name, asset.sha256) for asset in planted.assets]

    run = attacked.release(event)

    assert EVIL.encode() not in b"".join(attacked.indexed("prd").values())
    assert run.result.status == "success", run.result.first_failure
    assert planted.draft
    assert [(asset.name, asset.sha256) for asset in planted.assets] == before
    (published,) = [release for release in repository.releases if not release.draft]
    assert {asset.sha256 for asset in published.assets}.isdisjoint(dict(before).values())
