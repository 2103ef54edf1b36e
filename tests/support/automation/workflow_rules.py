"""Rules for workflows and actions that zizmor and the schemas do not have.

Each takes the text of a YAML file, and yields what is wrong with it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

OWN = ("eigenoid/dist-actions/", "eigenoid/dist-actions@", "./", "$/")
USES = re.compile(r"^\s*(?:-\s+)?uses:\s*(?P<uses>\S+)(?P<comment>.*)$", re.MULTILINE)
COMMIT = re.compile(r"@[0-9a-f]{40}$")
VERSION_COMMENT = re.compile(r"^\s+# v\d+(\.\d+)*$")
RUNNER_FILE = re.compile(r"GITHUB_(OUTPUT|ENV|PATH)\b")
PIP_INSTALL = re.compile(r"\bpip3? install\b(?P<arguments>[^\n;&|]*)")
#: No job of ours needs longer; GitHub's own limit is 360.
LONGEST_MINUTES = 60
INDEX_NAME = re.compile(r"[A-Za-z][\w.-]*(\[.*\])?([<>=!~].*)?")


def expression_in_run(text: str) -> Iterator[str]:
    """Find expressions inside `run:`, which GitHub pastes into the script."""
    for script in scripts(yaml.safe_load(text)):
        if "${{" in script:
            yield f"an expression inside run: {script.strip()!r}"


def eval_in_run(text: str) -> Iterator[str]:
    for script in scripts(yaml.safe_load(text)):
        if re.search(r"(^|[\s;&|(])eval\s", script):
            yield f"eval inside run: {script.strip()!r}"


def runner_file_in_run(text: str) -> Iterator[str]:
    """Find scripts that write the runner's files: a newline in a value sets other outputs."""
    for script in scripts(yaml.safe_load(text)):
        if RUNNER_FILE.search(script):
            yield f"a runner file written by shell: {script.strip()!r}"


def unhashed_pip_install(text: str) -> Iterator[str]:
    """Find names given to pip, which takes whatever the index has today.

    Jobs that hold none, such as those that run a project's tests, may do so.
    """
    document = yaml.safe_load(text)
    parts = document["jobs"].values() if is_workflow(document) else [document]
    for script in scripts([part for part in parts if holds_credentials(part)]):
        for match in PIP_INSTALL.finditer(script.replace("\\\n", " ")):
            words = [word.strip("\"'") for word in match["arguments"].split()]
            if "--require-hashes" not in words and any(map(_is_index_name, words)):
                yield f"packages installed by name: {match[0].strip()!r}"


def work_beside_id_token(text: str) -> Iterator[str]:
    """Find checkouts and scripts in a job that may publish, which only calls actions."""
    document = yaml.safe_load(text)
    for name, job in document["jobs"].items() if is_workflow(document) else ():
        permissions = job.get("permissions")
        if not isinstance(permissions, dict) or permissions.get("id-token") != "write":
            continue
        if logs_in_to_read(job):
            continue
        for step in job.get("steps", ()):
            if "run" in step or "actions/checkout@" in step.get("uses", ""):
                yield f"job {name} may publish, and does other work: {step}"


def unpinned_uses(text: str) -> Iterator[str]:
    """Find third-party actions that are not pinned by commit with the version as a comment."""
    for match in USES.finditer(text):
        if match["uses"].strip("\"'").startswith(OWN):
            continue
        if not COMMIT.search(match["uses"]):
            yield f"not pinned to a commit: {match['uses']}"
        elif not VERSION_COMMENT.match(match["comment"]):
            yield f"no version beside the commit: {match['uses']}"


def job_without_timeout(text: str) -> Iterator[str]:
    """Find jobs that GitHub would let hang for six hours, with their credentials."""
    document = yaml.safe_load(text)
    for name, job in document["jobs"].items() if is_workflow(document) else ():
        minutes = job.get("timeout-minutes")
        limited = isinstance(minutes, int) and 0 < minutes <= LONGEST_MINUTES
        if "runs-on" in job and not limited:
            yield f"job {name} has no timeout-minutes of at most {LONGEST_MINUTES}: {minutes!r}"


RULES: tuple[Callable[[str], Iterator[str]], ...] = (
    expression_in_run,
    eval_in_run,
    runner_file_in_run,
    unhashed_pip_install,
    work_beside_id_token,
    unpinned_uses,
    job_without_timeout,
)


def is_workflow(document: Any) -> bool:
    """Tell a workflow from an action, and from a part of a workflow that documentation shows."""
    return isinstance(document, dict) and isinstance(document.get("jobs"), dict)


def holds_credentials(part: Any) -> bool:
    """Tell whether a job, or an action, can reach more than a token that only reads."""
    if not isinstance(part, dict) or not isinstance(part.get("permissions"), dict):
        return True
    if logs_in_to_read(part):
        return False
    return "write" in part["permissions"].values() or "secrets." in yaml.safe_dump(part)


def logs_in_to_read(part: Any) -> bool:
    """Tell whether a job has its ID token for `login` alone, which reads private dependencies.

    It names no GitHub Environment, without which no publisher is reached, and holds nothing else.
    """
    granted = {name for name, access in part["permissions"].items() if access == "write"}
    uses = [str(step.get("uses", "")) for step in part.get("steps", ())]
    return (
        granted == {"id-token"}
        and any(use.startswith("eigenoid/dist-actions/login@") for use in uses)
        and "environment" not in part
        and "secrets." not in yaml.safe_dump(part)
    )


def scripts(node: Any) -> Iterator[str]:
    """Yield every `run:` script below a YAML value."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run" and isinstance(value, str):
                yield value
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)


def _is_index_name(word: str) -> bool:
    looks_like_file = "/" in word or word.endswith((".whl", ".tar.gz", ".txt", ".toml"))
    return INDEX_NAME.fullmatch(word) is not None and not looks_like_file
