"""Runs the script that docs/setup.md gives people, and tells what it would have done."""

import json
import os
import subprocess
from pathlib import Path

from dist_sandbox.organisation import Organisation, SandboxEnvironment
from support.documentation.pages import Page, page

SETUP = page("docs/setup.md")
ORGANISATION = Organisation()
WITHIN_SECONDS = 60

#: Stands in for Google's and GitHub's command lines: records a call, and answers what is asked.
RECORDER = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["CALLS"], "a", encoding="utf-8") as calls:
    calls.write(json.dumps(sys.argv) + "\\n")
answers = json.loads(os.environ["ANSWERS"])
if "describe" in sys.argv and sys.argv[-1] not in answers:
    sys.exit("ERROR: NOT_FOUND")
if {"create", "create-oidc"} & set(sys.argv) and "value(name)" in answers:
    sys.exit("ERROR: ALREADY_EXISTS")
print(answers.get(sys.argv[-1], ""))
"""


def run_script(
    environment: SandboxEnvironment,
    folder: Path,
    *more: str,
    condition: str | None = None,
    script_page: Page = SETUP,
) -> "subprocess.CompletedProcess[str]":
    """Run the script with stand-ins for Google's and GitHub's command lines.

    Args:
        more: Further arguments; of the readers' script, which takes no suffix, there are none.
        condition: That of the provider, where everything is there already.
    """
    for name in ("gcloud", "gh"):
        (folder / name).write_text(RECORDER, encoding="utf-8")
        (folder / name).chmod(0o755)
    answers = {
        ".id": str(ORGANISATION.repository_id),
        ".owner.id": str(ORGANISATION.owner_id),
        "value(projectNumber)": str(environment.project_number),
    }
    if condition is not None:
        answers |= {"value(name)": "it", "value(attributeCondition)": condition}
    script = next(
        block.text
        for block in script_page.blocks("bash")
        if block.text.startswith("#!/usr/bin/env bash")
    )
    suffix = (environment.suffix,) if script_page is SETUP else ()
    arguments = (environment.name, *suffix, environment.project_id, *more)
    return subprocess.run(
        ["bash", "-s", ORGANISATION.github_repository, *arguments],
        input=script,
        cwd=folder,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "CALLS": str(folder / "calls"),
            "ANSWERS": json.dumps(answers),
        },
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )


def record_calls(
    environment: SandboxEnvironment, folder: Path, *more: str, script_page: Page = SETUP
) -> tuple[list[list[str]], str, Path]:
    """Run the script; return the commands that it starts, what it prints, and its folder."""
    process = run_script(environment, folder, *more, script_page=script_page)
    assert process.returncode == 0, process.stderr
    lines = (folder / "calls").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)[1:] for line in lines], process.stdout, folder


def option(calls: tuple[list[list[str]], str, Path], command: str, name: str) -> str:
    """Return the value of an option of the one call that begins with a command."""
    (call,) = [call for call in calls[0] if " ".join(call).startswith(command)]
    return call[call.index(name) + 1]
