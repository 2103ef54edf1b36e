"""Of a project without stages a person tags the version, in the form of its tags."""

from pathlib import Path
from typing import Any, cast

import pytest

from dist_sandbox.rehearse.manual_steps.developer import Developer
from dist_sandbox.rehearse.options import Options
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.project.preparation import make_plan
from dist_sandbox.rehearse.sandbox_client import Sandbox
from support.projects.declared import make_project

SETUP_CFG = "[metadata]\nname = Shop_Core\nversion = 1.4.0\n"
WORKFLOW = """\
on: {{push: {{tags: ["{0}*"]}}}}
jobs: {{a: {{runs-on: x, environment: pypi, steps: [{{uses: eigenoid/dist-actions@v1}}]}}}}
"""


class EmptyRepository:
    """Answers as GitHub does of a repository without releases and pull requests."""

    def get(self, path: str) -> Any:
        """Read from the repository's API."""
        return {"default_branch": "main"} if not path else []


@pytest.mark.parametrize(
    ("tag_format", "branch", "tag"),
    [
        ("", "main", "v1.4.0"),
        ("{version}{suffix}", "main", "1.4.0"),
        ("{name}@{version}{suffix}", "master", "shop-core@1.4.0"),
    ],
)
def test_the_version_is_tagged_as_the_settings_write_tags(
    tmp_path: Path, tag_format: str, branch: str, tag: str
) -> None:
    settings = f'environments.prd.branch = "{branch}"\n'
    settings += f'tag-format = "{tag_format}"\n' if tag_format else ""
    folder = tmp_path / "project"
    make_project(
        folder,
        {
            "setup.cfg": SETUP_CFG,
            "setup.py": "from setuptools import setup\nsetup()\n",
            ".github/dist-actions.toml": settings,
            ".github/workflows/release.yml": WORKFLOW.format(tag.partition("1.4")[0]),
        },
    )
    clone = GitClone(folder)
    clone.run("init", "--quiet", f"--initial-branch={branch}")
    clone.run("init", "--quiet", "--bare", str(tmp_path / "origin.git"))
    clone.run("remote", "add", "origin", str(tmp_path / "origin.git"))
    clone.run("add", "--all")
    clone.run("commit", "--quiet", "--message", "first")
    clone.run("push", "--quiet", "origin", branch)
    plan, provisioning = make_plan(Options(folder), folder)

    step = Developer(cast("Sandbox", EmptyRepository()), clone, plan).next_step()

    assert step
    assert step.command == f"git tag --annotate {tag} --message {tag} && git push origin {tag}"
    assert provisioning.project == "shop-core"
