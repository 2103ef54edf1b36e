"""Jobs of a rehearsal find the commits and tags that the project has."""

from pathlib import Path

from support.act.git import git
from support.act.rehearse_command import SAMPLE, rehearse

WORKFLOW = """\
on: {push: {branches: [trunk]}}
permissions: {contents: read}
jobs:
  show:
    runs-on: x
    steps:
      - uses: actions/checkout@v7
        with: {fetch-depth: 0}
      - run: git describe --tags | cut -d- -f1,2; git tag; git log --format=%s; cat a.txt
"""


def test_a_job_describes_its_commit_by_a_tag_of_the_project(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / ".github" / "workflows").mkdir(parents=True)
    (project / ".github" / "workflows" / "show.yml").write_text(WORKFLOW)
    (project / "pyproject.toml").write_bytes((SAMPLE / "pyproject.toml").read_bytes())
    git(project, "init", "--quiet", "--initial-branch=trunk")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "first")
    git(project, "tag", "--annotate", "v0.4.0", "--message", "first")
    git(project, "commit", "--quiet", "--allow-empty", "--message", "second")
    git(project, "tag", "v0.5.0")
    (project / "a.txt").write_text("not committed\n")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    done = rehearse(project, tmp_path / "out", "--all-workflows")
    assert "kept, with 1 tag; left out: v0.5.0" in done.stdout
    (log,) = (tmp_path / "out" / "logs").glob("01-show-*/show.log")
    shown = log.read_text().splitlines()
    history = ["feat: what is to be released", "second", "first"]
    end = ["v0.4.0-2", "v0.4.0", *history, "not committed"]
    assert shown[-len(end) :] == end
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
