"""Several projects in one rehearsal: how they are named, whose turn it is, what the report says."""

import argparse
import json
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from dist_actions.errors import DistActionsError
from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.pipeline.settings import Settings
from dist_sandbox.organisation import Organisation
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.options import Options, Turn, add_arguments, read_options
from dist_sandbox.rehearse.project.preparation import PreparedProject, prepare_projects
from dist_sandbox.rehearse.project.unused_options import require_read
from dist_sandbox.rehearse.results.observation import ObservedEnvironment
from dist_sandbox.rehearse.results.report import Report, Stage
from dist_sandbox.rehearse.session import sandbox_environments
from dist_sandbox.rehearse.turns import take_turns
from support.init.projects import commit, git
from support.paths import EXAMPLES, ROOT

PAIR = EXAMPLES / "private-dependencies"
CORE, WEB = str(PAIR / "core"), str(PAIR / "web")


def parse(*arguments: str) -> Options:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return read_options(parser.parse_args(arguments))


def prepare(folder: Path, *arguments: str) -> tuple[PreparedProject, ...]:
    said: list[str] = []
    return prepare_projects(parse(*arguments), folder / "projects", ROOT, said.append)


def reads_indexes(project: PreparedProject) -> bool:
    """Tell whether a job of the project logs in to the indexes of the environments."""
    return any("INDEXES" in job.variables for job in project.provisioning.needs.jobs)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([CORE, CORE], "the same name: core, core"),
        ([CORE, WEB, "--first", "api=dev"], "--first names 'api', which is no project"),
        ([CORE, WEB, "--first", "core=staging"], "no environment 'staging'"),
        ([CORE, WEB, "--first", "core"], "--first core cannot be used"),
        ([CORE, WEB, "--first", "=dev"], "--first =dev cannot be used"),
        ([CORE, WEB, "--dispatch", "promote.yml --ref dev"], "names no project"),
        ([CORE, WEB, "--dispatch", "promote.yml --repo api"], "names 'api', which is no project"),
        ([CORE, "--dispatch", "promote.yml --repo web"], "names 'web', which is no project"),
        ([CORE, WEB, "--run", "true"], "--run does not say which project"),
        ([CORE, WEB, "--repository", "a/b"], "--repository does not say which project"),
        ([CORE, WEB, "--until", "staging"], "no environment 'staging'"),
        ([CORE, "--project", WEB], "2 projects were named"),
        ([CORE, str(PAIR)], "holds no Python project"),
        ([CORE, str(PAIR / "nothing"), "--init"], "is not a folder"),
    ],
)
def test_what_is_not_there_is_explained(tmp_path: Path, arguments: list[str], problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        prepare(tmp_path, *arguments)
    assert problem in refused.value.what
    assert refused.value.why
    assert refused.value.fix


def test_each_project_has_its_own_repository_and_dispatches(tmp_path: Path) -> None:
    started = ["promote.yml --repo web --ref dev", "promote.yml -R eigenoid/core"]
    core, web = prepare(tmp_path, CORE, WEB, "--dispatch", started[0], "--dispatch", started[1])
    assert (core.name, web.name) == ("core", "web")
    assert [row.workflow for row in core.plan.options.dispatches] == ["promote.yml"]
    assert [row.workflow for row in web.plan.options.dispatches] == ["promote.yml"]


def test_a_project_that_needs_another_gets_the_starter_for_it(tmp_path: Path) -> None:
    folders = []
    for name in ("core", "web"):
        ignored = shutil.ignore_patterns(".github")
        folders.append(shutil.copytree(PAIR / name, tmp_path / "bare" / name, ignore=ignored))
    core, web = prepare(tmp_path, *map(str, folders), "--init")
    (alone,) = prepare(tmp_path / "alone", str(folders[1]), "--init")
    assert [reads_indexes(project) for project in (core, web, alone)] == [False, True, False]


def test_init_says_where_its_workflows_are_there_already(tmp_path: Path) -> None:
    sample = EXAMPLES / "eigenoid-sample"
    bare, there = (tmp_path / name / "eigenoid-sample" for name in ("bare", "there"))
    shutil.copytree(sample, bare, ignore=shutil.ignore_patterns(".github"))
    shutil.copytree(sample, there)
    git(there, "init", "--quiet", "--initial-branch=dev", ".")
    commit(there)
    notes = []
    for project in (there, bare):
        said: list[str] = []
        folder = tmp_path / f"of-{len(notes)}"
        prepare_projects(parse(str(project), "--init"), folder, ROOT, said.append)
        notes.append([text for text in said if text.startswith("--init")])
    assert notes == [["--init has no effect: the workflows are there already."], []]


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["--secret", "HOOK=text:1"], "--secret HOOK"),
        (["--secret", "RELEASER_BOT=text:1"], "--secret RELEASER_BOT"),
        (["--secret", "releaser_bot_private_key=app-key"], ""),
        (["--action", f"acme/tool={CORE}"], "--action acme/tool"),
        (["--action", f"actions/checkout@v0={CORE}"], "--action actions/checkout@v0"),
        (["--action", f"actions/check={CORE}"], "--action actions/check"),
        (["--action", f"actions/checkout={CORE}"], ""),
        (["--action", f"eigenoid/dist-actions@v1={CORE}"], ""),
        (["--action", f"acme/tool={CORE}", "--fetch-actions"], ""),
    ],
)
def test_what_no_workflow_uses_is_refused(
    tmp_path: Path, arguments: list[str], option: str
) -> None:
    if not option:
        prepare(tmp_path, CORE, *arguments)
        return
    with pytest.raises(UsageError) as refused:
        prepare(tmp_path, CORE, *arguments)
    assert refused.value.what == f"{option} has no effect."


@pytest.mark.parametrize("text", ["secrets: inherit", "${{ toJSON(secrets) }}", "secrets[env.X]"])
def test_a_secret_may_be_read_without_its_name(text: str) -> None:
    require_read(["HOOK"], [f"a: {text}"])


def test_projects_share_what_google_numbers(tmp_path: Path) -> None:
    """A project of Google Cloud has one number, whichever stage it is of a repository."""
    (core,) = prepare(tmp_path, CORE)
    stages = core.plan.environments.stages
    staging = replace(stages[1], name="staging", github_environment="staging")
    numbers = [
        {
            row.project_id: row.project_number
            for row in sandbox_environments(
                replace(core.plan.tags, environments=EnvironmentMap(chosen)),
                Organisation(repository="core"),
            )
        }
        for chosen in ((stages[0], staging, stages[2]), (staging, stages[2]))
    ]
    assert numbers[0].items() > numbers[1].items()
    assert len(set(numbers[0].values())) == 3


@dataclass
class Project:
    """A project whose promotion to qa is blocked until another has released enough."""

    label: str
    history: list[str]
    needs: str = ""
    plan: Any = field(default_factory=lambda: argparse.Namespace(environments=STAGES))
    reached: str = ""
    is_blocked: bool = False

    def advance(self, until: Any = None) -> None:
        goal = until.name if until else "prd"
        self.is_blocked = bool(self.needs) and self.needs not in self.history and goal != "dev"
        self.reached = "dev" if self.is_blocked else goal
        self.history.append(f"{self.label} {self.reached}")

    def count_releases(self) -> int:
        return ["", "dev", "qa", "prd"].index(self.reached)

    def finish(self) -> None:
        self.history.append(f"{self.label} ends")


STAGES = Settings().environments


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], ["core prd", "web prd"]),
        ([("web", "dev")], ["web dev", "core prd", "web prd"]),
        ([("core", "dev"), ("web", "qa")], ["core dev", "web dev", "core prd", "web prd"]),
    ],
)
def test_a_project_goes_on_when_what_it_needs_is_there(
    turns: list[tuple[str, str]], expected: list[str]
) -> None:
    history: list[str] = []
    projects: list[Any] = [Project("core", history), Project("web", history, "core prd")]
    take_turns(projects, [Turn(*turn) for turn in turns])
    assert history == [*expected, "core ends", "web ends"]


def test_one_that_comes_too_early_is_started_again(tmp_path: Path) -> None:
    history: list[str] = []
    projects: list[Any] = [Project("web", history, "core prd"), Project("core", history)]
    take_turns(projects)
    assert history == ["web dev", "core prd", "web prd", "web ends", "core ends"]


def test_one_that_nothing_helps_ends(tmp_path: Path) -> None:
    history: list[str] = []
    projects: list[Any] = [Project("core", history), Project("web", history, "never")]
    take_turns(projects)
    assert history == ["core prd", "web dev", "web dev", "core ends", "web ends"]


def test_the_report_names_each_project() -> None:
    rows = tuple(
        ObservedEnvironment(
            name, f"eigenoid-{project}", "1.0", name, "", "v1.0", True, "bot", None, "", ()
        )
        for project in ("core", "web")
        for name in ("dev", "prd")
    )
    stages = (Stage("promote prd", 1, 2, project="core"), Stage("promote prd", 1, 3, project="web"))
    report = Report(rows, 1, stages)
    assert report.title == "eigenoid-core 1.0, eigenoid-web 1.0"
    text = report.to_markdown()
    assert "| package | environment | branch |" in text
    assert "| eigenoid-web | prd | `prd` |" in text
    assert "| web: promote prd | 1.0 | 3 |" in text
    document = json.loads(json.dumps(report.to_json()))
    assert document["requests"] == {"core: promote prd": 2, "web: promote prd": 3}
    assert [stage["project"] for stage in document["stages"]] == ["core", "web"]
    assert [row["package"] for row in document["packages"]] == ["eigenoid-core", "eigenoid-web"]


def test_the_report_of_one_project_names_no_other() -> None:
    row = ObservedEnvironment("dev", "core", "1", "dev", "", "v1", True, "bot", None, "", ())
    report = Report((row,), 1, (Stage("push", 1, 2),))
    assert "| environment | branch |" in report.to_markdown()
    assert "project" not in report.to_json()["stages"][0]


def test_errors_of_the_command_are_of_the_kind_that_it_shows(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DistActionsError, match="holds no Python"):
        prepare(tmp_path, CORE, str(tmp_path / "empty"), "--init")
