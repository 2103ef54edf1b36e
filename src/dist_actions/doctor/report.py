"""A diagnosis as text for a terminal, as Markdown for a job summary, and as JSON; pure."""

import re
import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dist_actions.doctor.findings import Diagnosis, Finding, Outcome
from dist_actions.markdown import code, escape, prose
from dist_actions.printable import json_line, printable_lines

#: Version of the JSON form; it changes only where a reader of it would break.
_FORM = 1
_SYMBOLS: Mapping[Outcome, str] = {"ok": "✔", "warning": "▲", "error": "✘", "not-checked": "·"}
_PLAIN: Mapping[Outcome, str] = {"ok": "ok", "warning": "!!", "error": "XX", "not-checked": "--"}
_EMOJI: Mapping[Outcome, str] = {"ok": "✅", "warning": "⚠️", "error": "❌", "not-checked": "⚪"}
#: Colours as every terminal knows them: select graphic rendition.
_COLOURS: Mapping[Outcome, str] = {"ok": "32", "warning": "33", "error": "31", "not-checked": "2"}
_PROBLEMS: tuple[Outcome, ...] = ("warning", "error")
_COUNTED: Mapping[Outcome, tuple[str, str]] = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "ok": ("check passed", "checks passed"),
    "not-checked": ("not checked", "not checked"),
}
#: A command in a mend.
_COMMAND = re.compile(r"`((?:dist-actions|gcloud|gh|git) [^`]+)`")
_NARROWEST, _WIDEST = 40, 110


@dataclass(frozen=True)
class Look:
    """How a terminal shows text."""

    width: int
    colours: bool
    unicode: bool


def to_json(diagnosis: Diagnosis, github_repository: str) -> str:
    """Write all findings as one line of JSON."""
    document = {
        "form": _FORM,
        "repository": github_repository,
        "counts": {outcome: len(diagnosis.of_outcome(outcome)) for outcome in _SYMBOLS},
        "findings": [_finding_json(finding) for finding in diagnosis.findings],
    }
    return json_line(document)


def to_text(diagnosis: Diagnosis, github_repository: str, look: Look) -> str:
    """Write ticks first and errors last, where a terminal shows them without scrolling."""
    blocks = [_clean(github_repository)] if github_repository else []
    ticks = [line for finding in diagnosis.of_outcome("ok") for line in _tick_lines(finding, look)]
    blocks += ["\n".join(ticks)] if ticks else []
    skipped = [
        line
        for reason, findings in _by_reason(diagnosis).items()
        for line in _skipped_lines(reason, findings, look)
    ]
    blocks += ["\n".join(["Not checked (all with --json):", *skipped])] if skipped else []
    for problems in map(diagnosis.of_outcome, _PROBLEMS):
        blocks += ["\n".join(_problem_lines(finding, look)) for finding in problems]
    return "\n\n".join([*blocks, summarise(diagnosis)])


def to_markdown(diagnosis: Diagnosis) -> str:
    """Write errors first, then warnings, then what was checked, folded."""
    problems = [*diagnosis.of_outcome("error"), *diagnosis.of_outcome("warning")]
    parts = [f"### 🩺 doctor: {summarise(diagnosis)}"]
    parts += [_problem_markdown(finding) for finding in problems]
    ticks = "\n".join(f"- {_EMOJI['ok']} {escape(f.title)}" for f in diagnosis.of_outcome("ok"))
    parts += _folded("What is in order", ticks)
    skipped = "\n".join(
        f"- {_EMOJI['not-checked']} {escape(finding.title)}. {prose(_as_sentence(finding.reason))}."
        for finding in diagnosis.of_outcome("not-checked")
    )
    parts += _folded("What was not checked, and why", skipped)
    return "\n\n".join(parts) + "\n"


def summarise(diagnosis: Diagnosis) -> str:
    """Count the findings, in a sentence."""
    counts = [
        f"{len(findings)} {words[len(findings) != 1]}"
        for outcome, words in _COUNTED.items()
        if (findings := diagnosis.of_outcome(outcome)) or outcome == "error"
    ]
    return ", ".join(counts)


def _finding_json(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    location = problem.location if problem else None
    return {
        "check": finding.check,
        "title": finding.title,
        "outcome": finding.outcome,
        "what": problem.what if problem else "",
        "why": problem.why if problem else "",
        "fix": problem.mend if problem else "",
        "file": location.file if location else "",
        "line": location.line if location else 0,
        "reason": finding.reason,
        "page": finding.page,
    }


def _tick_lines(finding: Finding, look: Look) -> list[str]:
    return _wrapped(finding.title, _mark(finding.outcome, look), look)


def _skipped_lines(reason: str, findings: Sequence[Finding], look: Look) -> list[str]:
    """Write what was not checked for a reason: what it is, or how many where there are several."""
    title = findings[0].title if len(findings) == 1 else f"{len(findings)} checks"
    return _wrapped(f"{title}: {reason}", _mark("not-checked", look), look)


def _problem_lines(finding: Finding, look: Look) -> list[str]:
    problem = finding.problem
    if problem is None:
        return []
    indent = " " * (len(_symbols(look)["ok"]) + 1)
    lines = _wrapped(problem.what, _mark(finding.outcome, look), look)
    lines += _wrapped(f"Why: {problem.why}", indent, look)
    lines += _mend_lines(problem.mend, indent, look)
    if problem.location:
        lines.append(f"{indent}At:  {_clean(str(problem.location))}")
    return [*lines, f"{indent}See: {finding.page}"]


def _mend_lines(mend: str, indent: str, look: Look) -> list[str]:
    """Write a mend, with each command whole on a line of its own, for copying."""
    lines: list[str] = []
    for number, piece in enumerate(_COMMAND.split(f"Fix: {_clean(mend)}")):
        if number % 2:
            lines.append(f"{indent}  {piece}")
        elif words := piece.strip(" ,;.") if number else piece.strip():
            lines += _wrapped(words, indent, look)
    return lines


def _wrapped(text: str, first: str, look: Look) -> list[str]:
    """Break a text into lines; commands and addresses stay whole."""
    symbol = first.rstrip()
    indent = " " * (len(_symbols(look)["ok"]) + 1) if first else ""
    width = max(_NARROWEST, min(look.width, _WIDEST))
    lines = textwrap.wrap(
        _clean(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if symbol:
        lines[0] = f"{symbol} {lines[0].lstrip()}"
    return lines


def _mark(outcome: Outcome, look: Look) -> str:
    symbol = _symbols(look)[outcome]
    return f"\x1b[{_COLOURS[outcome]}m{symbol}\x1b[0m" if look.colours else symbol


def _symbols(look: Look) -> Mapping[Outcome, str]:
    return _SYMBOLS if look.unicode else _PLAIN


def _by_reason(diagnosis: Diagnosis) -> Mapping[str, Sequence[Finding]]:
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in diagnosis.of_outcome("not-checked"):
        findings[finding.reason].append(finding)
    return findings


def _problem_markdown(finding: Finding) -> str:
    problem = finding.problem
    if problem is None:
        return ""
    place = f" ({code(str(problem.location))})" if problem.location else ""
    return (
        f"#### {_EMOJI[finding.outcome]} {prose(problem.what)}{place}\n\n"
        f"**Why:** {prose(problem.why)}\n\n**Fix:** {prose(problem.mend)}\n\n"
        f"[More on this]({finding.page})"
    )


def _folded(title: str, text: str) -> list[str]:
    return [f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"] if text else []


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _clean(text: str) -> str:
    return " ".join(printable_lines(text))
