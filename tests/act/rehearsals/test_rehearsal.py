"""The command `rehearse`: one push goes through every environment, or says why it does not."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.act import rehearse_command
from support.act.secret_search import find_secrets


@pytest.fixture
def sample_project(tmp_path: Path) -> Path:
    """The sample with the starter workflows, without their test job."""
    return rehearse_command.copy_sample(tmp_path / "a-project")


def rehearse(sample_project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command; its output folder is `out` beside the project."""
    return rehearse_command.rehearse(sample_project, sample_project.parent / "out", *options)


def read_report(sample_project: Path) -> dict:
    return rehearse_command.read_report(sample_project.parent / "out")


@pytest.mark.network
def test_one_push_reaches_production_and_a_rerun_changes_nothing(sample_project: Path) -> None:
    before = {path: path.read_bytes() for path in sample_project.rglob("*") if path.is_file()}
    done = rehearse(sample_project, "--rerun")
    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(sample_project)
    assert [place["name"] for place in report["environments"]] == ["dev", "qa", "prd"]
    for place in report["environments"]:
        assert place["annotated"]
        assert place["tagger"] == "automation-bot[bot]"
        assert place["release"]["author"] == "releaser-bot[bot]"
        assert place["release"]["prerelease"] is (place["name"] != "prd")
        assert place["release"]["latest"] is (place["name"] == "prd")
        assert place["installed_version"] == report["version"] == "0.5.0"
        assets = {asset["name"]: asset["sha256"] for asset in place["release"]["assets"]}
        assert {file["name"]: file["sha256"] for file in place["files"]}.items() <= assets.items()
    dev, qa, production = report["environments"]
    assert dev["files"] == qa["files"] == production["files"]
    assert len({file["sha256"] for file in dev["files"]}) == 2
    carried = [place["release"]["carried_from"] for place in report["environments"]]
    assert carried == ["", "v0.5.0-dev", "v0.5.0-qa"]
    assert "Every file has the same sha256 in dev, qa and prd." in done.stdout
    assert "carried from v0.5.0-dev" in done.stdout
    assert "carried from v0.5.0-qa" in done.stdout
    summaries = (sample_project.parent / "out" / "logs").glob("0?-release-*/publish.summary.md")
    assert sum("holds the same files" in path.read_text() for path in summaries) == 2
    assert report["rerun"] == {"changes": []}
    assert {"auto-tag dev", "release qa", "promote prd", "release prd"} <= set(report["requests"])
    after = {path: path.read_bytes() for path in sample_project.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.network
def test_an_environment_can_have_a_merge_button_of_its_own(tmp_path: Path) -> None:
    sample_project = rehearse_command.copy_sample(tmp_path / "a-project", one_job=True)
    buttons = ("--merge", "squash", "--merge", "qa=rebase")
    done = rehearse(sample_project, *buttons, "--until", "qa")
    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(sample_project)
    assert [place["name"] for place in report["environments"]] == ["dev", "qa"]
    commands = [stage.get("command") for stage in report["stages"]]
    assert "gh pr merge 1 --rebase" in commands


def test_a_workflow_can_wait_for_another_one(sample_project: Path) -> None:
    _replace_workflows(
        sample_project,
        first="on: push\njobs: {a: {runs-on: x, steps: [{run: echo first}]}}\n",
        after="on: {workflow_run: {workflows: [.github/workflows/first.yml], "
        "types: [completed]}}\n"
        "jobs: {a: {runs-on: x, steps: [{run: 'echo ${{ github.event.workflow_run.head_branch }} "
        "${{ github.ref_name }} ${{ github.run_number }}'}]}}\n",
    )
    done = rehearse(sample_project, "--all-workflows")
    assert done.returncode == 1
    (log,) = (sample_project.parent / "out" / "logs").glob("02-after-*/a.log")
    assert "main main 1" in log.read_text()


def _replace_workflows(sample_project: Path, **texts: str) -> None:
    folder = sample_project / ".github" / "workflows"
    for file in folder.iterdir():
        file.unlink()
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text)


def _edit(sample_project: Path, name: str, old: str, new: str) -> None:
    file = sample_project / ".github" / "workflows" / f"{name}.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.network
@pytest.mark.parametrize(
    ("name", "line", "messages"),
    [
        (
            "release",
            "    environment: ${{ needs.plan.outputs.github-environment }}\n",
            ("private-key", "environment"),
        ),
        (
            "release",
            "      id-token: write # authenticate with Google Cloud without a key\n",
            ("id-token: write",),
        ),
        (
            "release",
            "      contents: read # check out, compare the tag with its branch, look for a release "
            "to carry\n",
            ("contents: read",),
        ),
        (
            "auto-tag",
            "          private-key: ${{ secrets.AUTOMATION_BOT_PRIVATE_KEY }}\n",
            ("private-key",),
        ),
        (
            "auto-tag",
            "    environment: automation # holds the bot's private key\n",
            ("private-key", "environment"),
        ),
    ],
    ids=["environment", "id-token", "contents", "key", "environment of the key"],
)
def test_a_line_that_is_missing_is_named(
    sample_project: Path, name: str, line: str, messages: tuple[str, ...]
) -> None:
    _edit(sample_project, name, line, "")
    if "contents: read" in line:
        _edit(
            sample_project,
            "release",
            "    permissions:\n    outputs:",
            "    permissions: {}\n    outputs:",
        )
    done = rehearse(sample_project, "--until", "dev", "--quiet")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("error: ") == 1
    assert all(message in done.stderr for message in messages), done.stderr
    assert "Traceback" not in done.stderr


#: What act has not read when a step fails is lost with the step's terminal: it ends a bit later.
BROKEN = """
on: {push: {branches: [main]}}
jobs:
  a:
    runs-on: windows-latest
    steps: [{run: 'echo "=== no tests ran in 0.01s ==="; sleep 1; exit 5'}]
"""


def test_a_failure_has_one_cause_and_one_fix(sample_project: Path) -> None:
    _replace_workflows(sample_project, broken=BROKEN)
    done = rehearse(sample_project, "--all-workflows")
    assert done.returncode == 1
    error = done.stderr[done.stderr.index("error: broken main") :]
    assert [error.count(part) for part in ("Why:", "Fix:", "Log:")] == [1, 1, 1]
    assert "pytest ended with exit status 5: no tests were collected." in error
    note = "job a has runs-on: windows-latest; the rehearsal runs it on "
    assert note in done.stdout
    assert error.count(note) == 1


@pytest.mark.network
@pytest.mark.parametrize(
    ("name", "old", "new", "fix"),
    [
        ("auto-tag", "client-id:", "app-id:", "write client-id in place of app-id."),
        ("release", "vars.GCP_PROJECT_ID", "vars.GCP_PROJECT", "write vars.GCP_PROJECT_ID in"),
    ],
)
def test_what_is_misspelt_is_told_with_what_was_meant(
    tmp_path: Path, name: str, old: str, new: str, fix: str
) -> None:
    sample_project = rehearse_command.copy_sample(tmp_path / "a-project", one_job=True)
    _edit(sample_project, name, old, new)
    done = rehearse(sample_project, "--until", "dev")
    assert done.returncode == 1
    error = done.stderr[done.stderr.index("error:") :]
    assert f"Fix: {fix}" in error
    assert error.count("Why:") == 1


@pytest.mark.network
def test_keys_of_the_organisation_are_seen_by_every_job(sample_project: Path) -> None:
    _edit(
        sample_project,
        "auto-tag",
        "    environment: automation # holds the bot's private key\n",
        "",
    )
    done = rehearse(sample_project, "--until", "dev", "--organisation-secrets", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == read_report(sample_project)
    assert "✓ auto-tag dev" in done.stderr


def test_a_project_without_workflows_is_told_of_init(tmp_path: Path) -> None:
    sample_project = tmp_path / "bare"
    rehearse_command.copy_bare_sample(sample_project)
    done = rehearse(sample_project)
    assert done.returncode == 2
    assert "--init" in done.stderr


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--until", "staging"], "no environment 'staging'"),
        (["--merge", "fast-forward"], "no merge button"),
        (["--merge", "staging=squash"], "no environment 'staging'"),
        (["--actions", "nowhere"], "no checkout of dist-actions"),
        (["--action", "a/b@v1=nowhere"], "cannot be used"),
        (["--project", "."], "2 projects were named"),
        (["--then", "nowhere.patch"], "no patch nowhere.patch"),
        (["--dispatch", "promote --branch qa"], "cannot be read"),
        (["--dispatch", "promote -f version"], "each -f is NAME=VALUE"),
        (["--dispatch", "promote 'qa"], "No closing quotation"),
        (["--dispatch", "nope.yml"], "name one that a person can start: promote.yml"),
        (["--tag", "nonsense"], "The tag nonsense has no effect in this project."),
        (["--image", "debian"], "--image has no effect without --docker."),
        (["--yes"], "--yes has no effect without --init."),
        (["--all-workflows", "--only", "ci.yml"], "has no effect beside --only."),
        (["--keep-tools", "--walls", "require"], "has no effect beside --walls require."),
        (["--first", "core=dev"], "--first has no effect for one project."),
        (["--allow-host", "https://a.example"], "is not the name of a host"),
    ],
)
def test_wrong_arguments_are_explained(
    sample_project: Path, options: list[str], problem: str
) -> None:
    done = rehearse(sample_project, *options)
    assert done.returncode == 2
    assert problem in done.stderr
    assert "Fix:" in done.stderr


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = rehearse(tmp_path / "empty")
    assert done.returncode == 2
    assert "no Python project" in done.stderr


@pytest.mark.parametrize(
    ("folders", "words"),
    [(["a", "b/c"], "several below it: a, b/c."), (["src/a"], "the project is in src/a.")],
)
def test_projects_below_the_root_are_named(tmp_path: Path, folders: list[str], words: str) -> None:
    for folder in folders:
        (tmp_path / "bare" / folder).mkdir(parents=True)
        (tmp_path / "bare" / folder / "pyproject.toml").write_text("")
    done = rehearse(tmp_path / "bare")
    assert done.returncode == 2
    assert words in done.stderr
    assert "dist-actions init" in done.stderr


def test_nothing_started_is_no_success(sample_project: Path) -> None:
    job = "jobs: {a: {runs-on: x, steps: [{run: echo}]}}"
    _replace_workflows(sample_project, other=f"on: {{push: {{branches: [other]}}}}\n{job}\n")
    done = rehearse(sample_project)
    assert done.returncode == 2
    assert "No workflow of the project publishes anything." in done.stderr


LEAK = """
on: {push: {branches: [dev]}}
jobs:
  a:
    runs-on: x
    environment: automation
    permissions: {contents: read, id-token: write}
    steps:
      - name: show ${{ secrets.AUTOMATION_BOT_PRIVATE_KEY }}
        run: |
          echo "$KEY" "$TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_TOKEN"
          echo "key=$(echo "$KEY" | tail -n 3 | tr -d '\\n')" >> "$GITHUB_OUTPUT"
          echo "$KEY" >> "$GITHUB_STEP_SUMMARY"
          echo "::error::$TOKEN"
          exit 1
        env:
          KEY: ${{ secrets.AUTOMATION_BOT_PRIVATE_KEY }}
          TOKEN: ${{ github.token }}
      - uses: eigenoid/dist-actions/auto-tag@v1
        with:
          client-id: ${{ vars.AUTOMATION_BOT_CLIENT_ID }}
          private-key: ${{ secrets.AUTOMATION_BOT_PRIVATE_KEY }}
"""


def test_what_a_workflow_prints_of_its_secrets_is_hidden(sample_project: Path) -> None:
    _replace_workflows(sample_project, leak=LEAK)
    done = rehearse(sample_project, "--keep-state")
    assert done.returncode == 1
    state = Path(re.search(r"State, with keys: (\S+)", done.stdout)[1])
    try:
        keys = [path.read_text() for path in state.rglob("*.pem")]
        lines = [line for key in keys for line in key.splitlines() if "KEY-----" not in line]
        assert lines
        out = sample_project.parent / "out"
        (out / "console").write_text(done.stdout + done.stderr)
        assert find_secrets(out, [*keys, *lines]) == []
        assert not re.search(r"gh[sp]_[0-9a-f]{20}", done.stdout)
    finally:
        shutil.rmtree(state)
