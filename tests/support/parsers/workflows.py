"""Parsers of workflow files."""

from typing import Any

from ruamel.yaml.error import YAMLError

from dist_actions.commands.init.destination import find_publishing
from dist_actions.commands.init.repository import uses_dist_actions
from dist_actions.doctor.checks.triggers import read_patterns
from dist_actions.doctor.findings import Problem
from dist_actions.doctor.workflows import Workflow, parse_workflow
from dist_actions.doctor.yaml import value_reader
from dist_actions.pipeline import filter_patterns, path_patterns, ref_patterns
from dist_actions.repository_settings.workflow_jobs import read_jobs
from support.parsers.parser import Parser, check_printed
from support.parsers.texts import decoded, texts

_YAML = texts(
    [
        "on: push\n",
        "on:\n  push:\n    branches: [dev]\n",
        "jobs:\n",
        "  a:\n",
        "    steps:\n",
        "{",
        "    runs-on: ubuntu-latest\n",
        "      - uses: eigenoid/dist-actions/auto-tag@v1\n",
        "}",
        "[",
        "        with:\n",
        "          phase: all\n",
        "permissions: write-all\n",
        "    permissions:\n",
        "      contents: read\n",
        "&a ",
        "*a\n",
        "<<: *a\n",
        "!!python/object:os.system ",
        "- ",
        "]",
        "? ",
        ": ",
        "'",
        '"',
        "|\n",
        "    environment: pypi\n",
        "${{ vars.X }}",
        "\t",
        "---\n",
        "~\n",
        "concurrency:\n  cancel-in-progress: true\n",
        "1: 2\n",
        "null: x\n",
        "%YAML 1.1\n",
        "0o7\n",
    ]
)
_PATTERNS = texts(["*", "**", "?", "+", "[a-z]", "[", "]", "!", "\\", "v", "/", "1.0", "main"])


def _parse(text: str) -> Workflow | Problem:
    uses_dist_actions(text)
    find_publishing(text)
    try:
        document = value_reader().load(text)
    except (YAMLError, ValueError, RecursionError, TypeError, AttributeError, LookupError):
        document = None
    if isinstance(document, dict):
        read_jobs("release.yml", document, ["dev", "pypi"])
        for kind in ("branches", "tags"):
            trigger = document.get("on")
            read_patterns(trigger if isinstance(trigger, dict) else {}, kind)
    return parse_workflow(".github/workflows/release.yml", text)


def _has_lines(text: str, workflow: Workflow | Problem) -> None:
    lines = len(text.splitlines()) + 1
    if isinstance(workflow, Problem):
        check_printed(workflow.location.file if workflow.location else "")
        return
    for job in workflow.jobs:
        assert 1 <= job.place.line <= lines
        assert all(1 <= step.place.line <= lines for step in job.steps)


def _match(pattern: str) -> tuple[Any, ...]:
    return (
        filter_patterns.matches(pattern, "v1.0.0-dev"),
        path_patterns.matches_any("src/a/b.py", [pattern]),
        ref_patterns.matches(pattern, "release/1.0"),
    )


PARSERS = (
    Parser(
        "workflows",
        (parse_workflow, read_jobs, read_patterns),
        _YAML,
        _parse,
        _has_lines,
        from_bytes=decoded,
    ),
    Parser(
        "patterns",
        (filter_patterns.matches, path_patterns.matches_any, ref_patterns.matches),
        _PATTERNS,
        _match,
        from_bytes=decoded,
    ),
)
