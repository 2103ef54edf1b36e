"""Which workflows take part, which tag is pushed, what a person does, why nothing came of it."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, TagFormat
from dist_sandbox.rehearse.errors import UsageError, WorkflowFileError
from dist_sandbox.rehearse.manual_steps.forms import KnownRefs, fill_in
from dist_sandbox.rehearse.manual_steps.releasing import ReleaseState, ReleaseSteps
from dist_sandbox.rehearse.manual_steps.steps import Dispatch
from dist_sandbox.rehearse.options import Options
from dist_sandbox.rehearse.project.configuration import configure
from dist_sandbox.rehearse.project.history import ProjectHistory
from dist_sandbox.rehearse.project.initialising import sort_workflows
from dist_sandbox.rehearse.project.release_tag import choose_release_tag, require_release_tag
from dist_sandbox.rehearse.project.remote import read_repository_name
from dist_sandbox.rehearse.publishing.publications import ProjectSources, find_publications
from dist_sandbox.rehearse.publishing.scripts import no_text
from dist_sandbox.rehearse.publishing.selection import (
    WorkflowChoice,
    describe_set_aside,
    find_dispensable_jobs,
    find_leading,
    set_aside,
    set_unreadable_aside,
)
from dist_sandbox.rehearse.publishing.tag_names import choose_package_tag, choose_tag
from dist_sandbox.rehearse.publishing.verdict import Run, explain_nothing_published
from dist_sandbox.rehearse.runs.result import JobRun, RunResult
from dist_sandbox.rehearse.workflows.files import Workflow, find_unreadable, read_workflows
from support.act.builders import SHA, make_push, make_workflow

FOLDER = ".github/workflows"


def flow(name: str, on: str, run: str = "twine upload dist/*", job: str = "") -> Workflow:
    text = f"name: {name}\non: {on}\njobs: {{a: {{runs-on: x, {job} steps: [{{run: {run}}}]}}}}"
    return make_workflow(text, f"{FOLDER}/{name}.yml")


CI = flow("ci", "push", "pytest")
BUILD = flow("build", "push", "python -m build")
AFTER = flow("after", "{workflow_run: {workflows: [build]}}")


@pytest.mark.parametrize(
    ("choice", "aside"),
    [
        (WorkflowChoice(), {"ci"}),
        (WorkflowChoice(every=True), set()),
        (WorkflowChoice(only=("ci.yml",)), {"build", "after"}),
        (WorkflowChoice(skipped=("after",)), {"ci", "after"}),
    ],
)
def test_what_publishes_takes_part_with_what_leads_there(
    choice: WorkflowChoice, aside: set[str]
) -> None:
    reasons = set_aside(ProjectSources((CI, BUILD, AFTER)), choice)
    assert {Path(path).stem for path in reasons} == aside
    assert bool(describe_set_aside(reasons)) is bool(aside)


def test_what_others_call_is_not_set_aside() -> None:
    called = flow("called", "workflow_call", "python -m build")
    both = flow("both", "[workflow_call, push]", "python -m build")
    reasons = set_aside(ProjectSources((AFTER, called, both)), WorkflowChoice())
    assert {Path(path).stem for path in reasons} == {"both"}


NEEDS = """
on: push
jobs:
  build: {runs-on: x, steps: [{run: python -m build}]}
  check: {runs-on: x, steps: [{run: pytest}]}
  publish: {needs: build, runs-on: x, steps: [{run: "twine upload dist/*"}]}
  announce: {needs: publish, runs-on: x, steps: [{run: curl}]}
"""


@pytest.mark.parametrize(
    ("text", "dispensable"),
    [
        (NEEDS, {"check", "announce"}),
        (NEEDS.replace("curl", "git push --tags"), set()),  # others may wait for any of its jobs
        (NEEDS.replace("twine upload dist/*", "true"), {"build", "check", "publish", "announce"}),
    ],
)
def test_no_publication_waits_for_what_it_does_not_need(text: str, dispensable: set[str]) -> None:
    sources = ProjectSources((make_workflow(text),))
    jobs = find_dispensable_jobs(sources, find_leading(sources))
    assert {job for _, job in jobs} == dispensable


BAD, BAD_RELEASE = f"{FOLDER}/bad.yml", f"{FOLDER}/bad-release.yml"
UNREADABLE = {BAD: "on: push\njobs: {a: [", BAD_RELEASE: "on: push\njobs: {a: [twine upload"}


def test_what_github_would_not_start_is_set_aside() -> None:
    errors = find_unreadable(UNREADABLE.items())
    choice = WorkflowChoice(skipped=("bad-release.yml", "ci"))
    aside, rest = set_unreadable_aside(errors, UNREADABLE.get, choice)
    assert aside[BAD].startswith("GitHub would not start it: Invalid workflow file")
    assert rest.skipped == ("ci",)
    assert read_workflows([*UNREADABLE.items(), (CI.path, CI.text)], aside) == (CI,)


@pytest.mark.parametrize("choice", [WorkflowChoice(), WorkflowChoice(only=("bad.yml",))])
def test_unless_it_may_be_what_is_rehearsed(choice: WorkflowChoice) -> None:
    errors = find_unreadable(UNREADABLE.items())
    with pytest.raises(WorkflowFileError, match="Invalid workflow file"):
        set_unreadable_aside(errors, UNREADABLE.get, choice)


def test_a_workflow_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="--only names 'cd', which is no workflow"):
        set_aside(ProjectSources((CI,)), WorkflowChoice(only=("cd",)))


@pytest.mark.parametrize(
    ("tag", "staged", "problem"),
    [
        ("nonsense", False, "starts no workflow that publishes"),
        ("v1..2", False, "cannot be the name of a tag"),
        ("v1.2", True, "has no effect in this project"),
        ("v1.2", False, ""),
    ],
)
def test_a_tag_that_releases_nothing_is_refused(tag: str, staged: bool, problem: str) -> None:
    sources = ProjectSources((flow("release", "{push: {tags: ['v*']}}"),))
    with pytest.raises(UsageError, match=problem) if problem else nullcontext():
        require_release_tag(tag, sources, staged=staged)


@pytest.mark.parametrize(
    ("declared", "tags", "patterns", "allowed", "tag"),
    [
        ("1.2.0", ["1.0", "v1.1"], [], "", "v1.2.0"),  # the newest tag's form
        ("1.2.0", ["1.1"], ["v*"], "v", "v1.2.0"),  # unless no workflow starts for it
        ("1.2.0", [], ["rel-*"], "rel-", "rel-1.2.0"),
        ("1.2.0", ["pkg/1.1"], [], "", "pkg/1.2.0"),
        ("", ["v1.9", "v1.10"], [], "", "v1.11"),
        ("", ["1.0.0", "2.0.0rc1"], [], "", "2.0.0"),
        ("", ["23.4", "23,23.5"], [], "", "23.5"),  # a slip is no form
        ("", [], [], "", "v0.1.0"),
        ("2024.08.17", ["2024.07.01"], [], "", "2024.08.17"),  # as it is written
    ],
)
def test_the_tag_has_the_form_of_the_last_one(
    declared: str, tags: list[str], patterns: list[str], allowed: str, tag: str
) -> None:
    assert choose_tag(declared, tags, patterns, lambda name: name.startswith(allowed)) == tag


@pytest.mark.parametrize(
    ("tags", "patterns", "started", "tag"),
    [
        (["core-v1.0.0", "web-v2.0.0"], [], "-v", "web-v2.1.0"),  # core 1.0.0 has its tag
        (["core-v1.0.0", "web-v2.1.0"], [], "-v", "web-v2.1.0"),  # all have: the newest
        (["web/2.1.0", "core/1.0.0"], [], "/", "core/1.0.0"),
        (["core@0.9", "v5"], [], "@", "core@1.0.0"),
        ([], ["Core/v*"], "Core/", "Core/v1.0.0"),
        ([], [], "core==", "core==1.0.0"),
        (["v5"], ["v*"], "v", ""),  # no package's
    ],
)
def test_the_tag_of_a_package_of_several(
    tags: list[str], patterns: list[str], started: str, tag: str
) -> None:
    versions = {"core": "1.0.0", "web": "2.1.0"}
    starts_for = (
        (lambda name: name.startswith("v")) if started == "v" else (lambda name: started in name)
    )
    assert choose_package_tag(versions, tags, patterns, starts_for) == tag


def test_a_repository_whose_root_is_no_project_releases_a_package(tmp_path: Path) -> None:
    workflow = flow("release", "{push: {tags: ['*-v*']}}")
    for name, version in (("core", "1.0.0"), ("web", "2.1.0")):
        (tmp_path / name).mkdir()
        text = f'[project]\nname = "{name}"\nversion = "{version}"\n'
        (tmp_path / name / "pyproject.toml").write_text(text, encoding="utf-8")
    tags = {"web-v2.0.0": SHA, "core-v1.0.0": SHA}
    history = ProjectHistory(SHA, tags, tags_of_commit=frozenset({"core-v1.0.0"}))
    sources, tag_format = ProjectSources((workflow,)), TagFormat(DEFAULT_TAG_FORMAT, "x", ("",))
    assert choose_release_tag(tmp_path, sources, tag_format, history) == "web-v2.1.0"
    # Where the root is one, its version comes from its tags.
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\ndynamic = ["version"]\n')
    assert choose_release_tag(tmp_path, sources, tag_format, history) == "core-v1.0.0"


def test_a_development_version_is_tagged_as_final_where_only_that_starts_a_workflow() -> None:
    assert choose_tag("1.2.dev0", ["1.1"], [], lambda name: "dev" not in name) == "1.2"


class _Plan:
    first_branch, release_tag, is_tagged, newest_tag = "main", "v1.0", False, ""

    def __init__(self, *dispatches: str) -> None:
        self.options = SimpleNamespace(dispatches=[Dispatch.parse(text) for text in dispatches])


def next_step(state: ReleaseState, *dispatches: str) -> Any:
    sandbox, clone = SimpleNamespace(write=print), SimpleNamespace(shell=print)
    steps = ReleaseSteps(cast("Any", sandbox), cast("Any", clone), cast("Any", _Plan(*dispatches)))
    return steps.next_step(state)


def state(on: str, refs: Mapping[str, str], **values: Any) -> ReleaseState:
    given = {"released": frozenset[str](), "drafts": {}, **values}
    return ReleaseState({"refs/heads/main": SHA, **refs}, workflows=[flow("w", on)], **given)


TAGGED = {"refs/tags/v1.0": SHA}
DISPATCH = "{workflow_dispatch: {inputs: {version: {required: true}, dry: {default: false}}}}"


@pytest.mark.parametrize("name", ["w.yml --ref main -f version=2", "w"])
def test_what_dispatch_names_is_not_started_again(name: str) -> None:
    assert next_step(state(DISPATCH, TAGGED), "other.yml") is not None
    assert next_step(state(DISPATCH, TAGGED), name) is None


@pytest.mark.parametrize(
    ("on", "refs", "values", "command"),
    [
        ("{push: {tags: ['*']}}", {}, {},
         "git tag --annotate v1.0 --message v1.0 && git push origin v1.0"),
        ("{push: {tags: ['*']}}", TAGGED, {}, ""),
        ("{push: {branches: [main]}}", {}, {}, ""),
        ("{release: {types: [published]}}", {}, {},
         "gh release create v1.0 --target main --title v1.0 --notes="),
        ("{release: {types: [prereleased]}}", TAGGED, {},
         "gh release create v1.0 --verify-tag --prerelease --title v1.0 --notes="),
        ("{release: {types: [published]}}", TAGGED, {"drafts": {"v1.0": 7}},
         "gh release edit v1.0 --draft=false"),
        ("{release: {types: [published]}}", TAGGED, {"released": frozenset({"v1.0"})}, ""),
        (DISPATCH, {}, {}, "gh workflow run w.yml --ref main -f version=1.0"),
        (DISPATCH, TAGGED, {}, "gh workflow run w.yml --ref v1.0 -f version=1.0"),
        ("[push, workflow_dispatch]", TAGGED, {}, ""),
        ("{schedule: [{cron: '0 0 * * *'}]}", {}, {}, ""),
    ],
)  # fmt: skip
def test_a_person_does_what_the_workflow_waits_for(
    on: str, refs: dict[str, str], values: dict[str, Any], command: str
) -> None:
    step = next_step(state(on, refs, **values))
    assert (step.command if step else "") == command


KNOWN = KnownRefs("v1.2.0", "main", newest_tag="v1.1.0")
TAGGED_BEFORE = KnownRefs("v1.2.0", "main", is_tagged=True, newest_tag="v1.1.0")


@pytest.mark.parametrize(
    ("field", "step", "known", "typed"),
    [
        ("version: {required: true}", "run: python -m build", KNOWN, "1.2.0"),
        ("version: {required: true}", "run: python -m build", TAGGED_BEFORE, "1.2.1"),
        ("version: {required: true}", "run: poetry version $V && git commit -am x", KNOWN, "1.2.1"),
        ("new-version: {required: true}", "uses: x/git-auto-commit-action@v1", KNOWN, "1.2.1"),
        ("release: {required: true}", "run: x", KNOWN, "1.2.0"),
        ("tag: {required: true}", "run: git tag $TAG", TAGGED_BEFORE, "v1.2.1"),
        ("tag: {required: true}", "{uses: actions/checkout@v4, with: {ref: '${{ inputs.tag }}'}}",
         KNOWN, "v1.1.0"),
        ("ref: {required: true}", "{uses: actions/checkout@v4, with: {ref: '${{ inputs.ref }}'}}",
         KNOWN, "main"),
        ("bump: {type: choice, options: [minor, patch], required: true}", "run: x", KNOWN, "minor"),
        ("kind: {type: choice, options: [minor, patch]}", "run: x", KNOWN, "minor"),
        ("bump: {type: choice, options: [minor, patch], default: patch}", "run: x", KNOWN, None),
        ("bump: {required: true}", "run: x", KNOWN, "patch"),
        ("version: {required: true, description: 'major, minor or patch'}", "run: x", KNOWN,
         "patch"),
        ("version: {}", "run: x", KNOWN, None),
        ("go: {required: true, type: boolean}", "run: x", KNOWN, "true"),
        ("reason: {required: true}", "run: x", KNOWN, None),
    ],
)  # fmt: skip
def test_a_form_is_filled_in_by_what_its_field_is_for(
    field: str, step: str, known: KnownRefs, typed: str | None
) -> None:
    text = f"on: {{workflow_dispatch: {{inputs: {{{field}}}}}}}\n"
    step = step if step.startswith("{") else f"{{{step}}}"
    filled = fill_in(make_workflow(f"{text}jobs: {{a: {{runs-on: x, steps: [{step}]}}}}"), known)
    assert filled == ({} if typed is None else {field.partition(":")[0]: typed})


def test_what_was_filled_in_is_said_with_the_way_to_say_otherwise() -> None:
    step = next_step(state(DISPATCH, {}))
    assert step.note == (
        "Filled in: version=1.0. Say something else with "
        '--dispatch "w.yml --ref main -f version=1.0".'
    )


def explain(workflow: Workflow, *jobs: JobRun) -> str:
    runs = [Run(workflow, make_push("refs/tags/1.0"), RunResult("success", jobs))] if jobs else []
    publications = find_publications(workflow, ProjectSources((workflow,)))
    error = explain_nothing_published(publications, runs, [workflow])
    return f"{error.what} {error.why}"


def test_nothing_published_is_told_with_its_cause() -> None:
    skipped = JobRun("a", "a", "skipped")
    where = flow("cd", "push", job="if: github.repository == 'a/b',")
    assert "skipped the job a: its `if:` was false (github.repository == 'a/b')" in explain(
        where, skipped
    )
    assert "a job that it needs did not run" in explain(flow("cd", "push"), skipped)
    assert "cd.yml starts on schedule" in explain(flow("cd", "schedule"))
    assert "ended well" in explain(flow("cd", "push"), JobRun("a", "a", "success"))
    assert "in ci.yml no step uploads" in explain(CI)


def test_init_keeps_what_publishes_nothing(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir(parents=True)
    texts = {flow.path: flow.text for flow in (CI, AFTER)} | {f"{FOLDER}/bad.yml": "on: ["}
    for path, text in texts.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    own = sort_workflows(tmp_path, texts, no_text)
    assert own.kept == (CI.path,)
    assert set(own.replaced) == {AFTER.path, f"{FOLDER}/bad.yml"}
    assert own.description.endswith("Kept: ci.yml.")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("git@github.com:o/n.git", "o/n"),
        ("https://github.com/o/n", "o/n"),
        ("https://token@github.com/o/n.x.git", "o/n.x"),
        ("ssh://git@host:22/o/n.git/", "o/n"),
        ("/srv/git/o/n.git", ""),
        ("../o/n", ""),
    ],
)
def test_the_repository_is_read_from_the_remote(url: str, name: str) -> None:
    assert read_repository_name(url) == name


def test_a_file_beside_the_project_says_the_rest(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("k", encoding="utf-8")
    (tmp_path / "rehearsal.toml").write_text(
        'repository = "o/n"\ntag = "v9"\nskip = ["docs.yml"]\n[secrets]\na = "pypi-token"\n'
        'b = "file:key.txt"\n[variables]\nv = "1"\n',
        encoding="utf-8",
    )
    options = configure(Options((tmp_path,), tag="v8"), tmp_path)
    assert (options.repository, options.tag, options.workflows.skipped) == (
        "o/n",
        "v8",
        ("docs.yml",),
    )
    assert options.secrets["A"].purpose == "pypi-token"
    assert options.secrets["B"].value == "k"
    assert options.variables == {"V": "1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("skip = 1", "rehearsal.toml:1: skip is 1"),
        ("\nskipp = []", "rehearsal.toml:2: skipp is no setting"),
        ("[secrets]\nA = 'token'", "rehearsal.toml:2: secrets.A cannot be used"),
        ("[secrets]\nA = 'file:../../etc/passwd'", "outside the project"),
        ("repository = 'x'", "repository is 'x'"),
        ("skip = [", "not valid TOML"),
    ],
)
def test_a_mistake_in_it_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "rehearsal.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        configure(Options((tmp_path,)), tmp_path)
    assert words in caught.value.what
