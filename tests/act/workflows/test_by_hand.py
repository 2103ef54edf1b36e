"""What a person starts by hand is read as `gh workflow run` reads it, and shown as its command."""

import pytest

from dist_sandbox.rehearse.errors import UsageError, WorkflowFileError
from dist_sandbox.rehearse.manual_steps.steps import (
    Dispatch,
    dispatch_event,
    form_inputs,
    require_startable,
)
from support.act.builders import SHA, make_workflow, with_trigger

REFS = {"refs/heads/dev": SHA, "refs/heads/main": SHA, "refs/tags/v1.0.0": SHA}
FORM = with_trigger(
    "{workflow_dispatch: {inputs: {version: {required: true}, from: {default: dev}, dry: }}}"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auto-tag", Dispatch("auto-tag")),
        ("release.yml --ref v1.0.0", Dispatch("release.yml", "v1.0.0")),
        ("release.yml -r v1.0.0", Dispatch("release.yml", "v1.0.0")),
        ("tag -f version=1.2.0", Dispatch("tag", inputs={"version": "1.2.0"})),
        ("tag -F a=b --raw-field c=d=e", Dispatch("tag", inputs={"a": "b", "c": "d=e"})),
        ("'Tag it' -f note='two words'", Dispatch("Tag it", inputs={"note": "two words"})),
        ("tag -f empty=", Dispatch("tag", inputs={"empty": ""})),
    ],
)
def test_the_arguments_of_gh_workflow_run(text: str, expected: Dispatch) -> None:
    assert Dispatch.parse(text) == expected
    shown = expected.command.removeprefix("gh workflow run ")
    assert Dispatch.parse(shown) == expected


@pytest.mark.parametrize("text", ["", "a b", "a --what", "a -f x", "a -f =x", "a 'b"])
def test_other_arguments_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Dispatch.parse(text)


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("", "refs/heads/main"),
        ("dev", "refs/heads/dev"),
        ("v1.0.0", "refs/tags/v1.0.0"),
        ("refs/tags/v1.0.0", "refs/tags/v1.0.0"),
        ("v2.0.0", None),
    ],
)
def test_a_ref_is_a_branch_or_a_tag(ref: str, expected: str | None) -> None:
    assert Dispatch("w", ref).full_ref(REFS, "main") == expected


@pytest.mark.parametrize("name", ["w", "w.yml", "Name of it"])
def test_a_workflow_is_named_by_file_or_name(name: str) -> None:
    job = "jobs: {a: {runs-on: x, steps: [{run: 'true'}]}}"
    workflow = make_workflow(f"name: Name of it\non: push\n{job}")
    assert Dispatch(name).names(workflow)
    assert not Dispatch("other").names(workflow)


def test_the_event_holds_the_form_as_it_was_filled_in() -> None:
    dispatch = Dispatch("w", "refs/heads/dev", {"version": "1.2.0"})
    event = dispatch_event(FORM, dispatch, SHA)
    assert (event.name, event.ref, event.sha) == ("workflow_dispatch", "refs/heads/dev", SHA)
    assert event.payload["inputs"] == {"version": "1.2.0", "from": "dev", "dry": ""}


def test_a_field_that_must_be_filled_in_is_named() -> None:
    with pytest.raises(UsageError, match="asks for version") as refused:
        dispatch_event(FORM, Dispatch("w.yml", "refs/heads/dev"), SHA)
    assert '--dispatch "w.yml --ref dev -f version=VALUE"' in refused.value.fix


def test_a_field_that_there_is_not_is_refused() -> None:
    dispatch = Dispatch("w", "refs/heads/dev", {"version": "1.0", "verison": "1.2"})
    with pytest.raises(WorkflowFileError, match="verison"):
        dispatch_event(FORM, dispatch, SHA)


def test_a_workflow_without_a_form_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be started by hand"):
        dispatch_event(with_trigger("push"), Dispatch("w", "refs/heads/dev"), SHA)


@pytest.mark.parametrize(
    ("text", "aside", "problem", "fix"),
    [
        ("nope.yml", {}, "There is no workflow 'nope.yml'", "can start: w.yml"),
        ("w.yml", {}, "asks for version", "-f version=VALUE"),
        ("w", {".github/workflows/w.yml": "it publishes nothing"}, "takes no part", "--only w.yml"),
        ("w", {".github/workflows/w.yml": "--skip names it"}, "takes no part", "or --skip"),
        ("x.yml", {".github/workflows/x.yml": "GitHub would not start it"}, "no part", "correct"),
    ],
)
def test_what_cannot_be_started_is_refused_before_anything_runs(
    text: str, aside: dict[str, str], problem: str, fix: str
) -> None:
    with pytest.raises(UsageError, match=problem) as refused:
        require_startable([Dispatch.parse(text)], [FORM], aside, ["v1.0.0"])
    assert fix in refused.value.fix


@pytest.mark.parametrize("text", ["w.yml -f version=1.0", "nope.yml --ref v1.0.0"])
def test_what_may_be_started_is_not(text: str) -> None:
    """A tag from before may have other workflows."""
    require_startable([Dispatch.parse(text)], [FORM], {}, ["v1.0.0"])


def test_only_what_is_asked_for_is_filled_in() -> None:
    answers = {"version": "1.0", "from": "", "to": "qa"}
    assert form_inputs(FORM, answers) == {"version": "1.0"}
