"""Warnings and notices stand in terminal and report, and a run that did nothing says so."""

import io
from dataclasses import replace

from rich.console import Console

from dist_sandbox.rehearse.results.report import Note, Report, Stage
from dist_sandbox.rehearse.results.terminal import Terminal
from dist_sandbox.rehearse.runs.result import JobRun, RunResult, Step
from dist_sandbox.rehearse.stages import did_nothing, find_closed_gate

NOTE = Note("warning", "auto-tag", "Tag v1.0-dev exists on 1234567.\nFix: raise it.")


def _result(*outputs: dict[str, str], status: str = "success") -> RunResult:
    steps = [Step(str(number), "x", outputs=row) for number, row in enumerate(outputs)]
    return RunResult(status, (JobRun("a", "a", "success", steps),))


def test_a_run_that_tagged_or_promoted_nothing_is_known_by_its_outputs() -> None:
    nothing, something = {"created": "false"}, {"created": "true"}
    assert did_nothing(_result({"commit": "1"}, nothing))
    assert did_nothing(_result({"result": "nothing", "plan": ""}))
    assert not did_nothing(_result({"created": "false", "reason": "dry-run"}))
    assert not did_nothing(_result(something))
    assert not did_nothing(_result(nothing, something))
    assert not did_nothing(_result({"result": "created", "plan": "link"}))
    assert not did_nothing(_result({"commit": "1"}))
    assert not did_nothing(_result(nothing, status="failure"))


def test_the_terminal_shows_a_note_once_and_marks_a_run_without_effect() -> None:
    output = io.StringIO()
    terminal = Terminal(Console(file=output, soft_wrap=True, highlight=False))
    terminal.noted(NOTE)
    terminal.noted(replace(NOTE, job="another"))
    terminal.stage_ended("auto-tag dev", succeeded=True, seconds=1, nothing_to_do=True)
    lines = [line.strip() for line in output.getvalue().splitlines()]
    assert lines == [
        "warning: Tag v1.0-dev exists on 1234567. Fix: raise it.",
        "- auto-tag dev: nothing to do 1.0 s",
    ]


def test_the_report_holds_the_notes_of_each_stage() -> None:
    stage = Stage("auto-tag dev", 1, 2, notes=(NOTE,), nothing_to_do=True)
    report = Report((), 1, (stage, Stage("push", 1, 2, "git push")))
    text = report.to_markdown()
    assert "| auto-tag dev: nothing to do | 1.0 | 2 |" in text
    assert "- warning, auto-tag dev: Tag v1.0-dev exists on 1234567. Fix: raise it." in text


def test_what_a_closed_gate_said_is_known_by_the_outputs_of_promote() -> None:
    blocked = {"result": "blocked", "plan": "", "reason": "frozen"}
    assert find_closed_gate(_result({"commit": "1"}, blocked)) == "frozen"
    assert find_closed_gate(_result({"result": "created", "plan": "link"})) == ""
    assert find_closed_gate(_result({"result": "blocked"})) == ""
