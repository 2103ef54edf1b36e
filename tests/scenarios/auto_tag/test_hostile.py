"""No text in an input, a file or the workspace runs anything, or makes the runner obey it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dist_actions import auto_tag
from dist_actions.identity.encodings import encoded_forms
from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.action_inputs import mapped_inputs
from support.stages.hostile_texts import CANARY, COMMANDS, PAYLOADS
from support.stages.runner_model import find_annotations, find_commands, parse_file_commands
from support.stages.running import StageRunner, app_inputs, head_of

TEXT_INPUTS = (
    "client-id",
    "private-key",
    "installation-id",
    "token",
    "package-path",
    "version",
    "version-file",
    "version-pattern",
    "tag-format",
    "environments",
    "on-unbumped",
    "allow-prerelease",
    "sha",
    "max-wait",
    "dry-run",
    "github-token",
)

RunHere = Callable[[dict[str, str]], "tuple[int, str]"]


@pytest.fixture
def run_here(
    offline_package: ProjectCheckout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> RunHere:
    """Runs the stage in this process, where nothing answers; checks all that it wrote."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "GITHUB_REPOSITORY": "eigenoid/eigenoid-sample",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REF": "refs/heads/dev",
        "GITHUB_SHA": head_of(offline_package.folder),
        "GITHUB_WORKSPACE": str(offline_package.folder),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }

    def run(inputs: dict[str, str]) -> tuple[int, str]:
        tokens = {"token": "ghp_0123456789abcdef", "github-token": "ghs_x"}
        values = {**tokens, "max-wait": "0s", **inputs}
        status = auto_tag.main({**environ, **mapped_inputs("auto-tag", values)})
        log = capsys.readouterr().out
        commands = find_commands(log)
        assert {command.name for command in commands} <= {"add-mask", "error", "notice"}, log
        lines = {line for name in tokens for line in values[name].strip().splitlines()}
        forms = {form for line in lines for form in encoded_forms(line, ["x-access-token"])}
        masks = {command.data for command in commands if command.name == "add-mask"}
        assert masks <= lines | forms, log
        assert len(find_annotations(commands)) == 1
        assert "defect of dist-actions" not in log, log
        assert list(tmp_path.rglob(f"*{CANARY}*")) == []
        output = tmp_path / "output"
        parse_file_commands(output.read_text(encoding="utf-8") if output.exists() else "")
        return status, log

    return run


@pytest.mark.parametrize("name", TEXT_INPUTS)
def test_no_payload_in_an_input_does_anything(run_here: RunHere, name: str) -> None:
    """List P over every input: refused, or taken for the text that it is."""
    for payload in [*PAYLOADS.values(), *COMMANDS.values()]:
        status, _ = run_here({name: payload})
        assert status in {2, 3}, payload


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_payload_as_the_version_is_refused(run_here: RunHere, payload: str) -> None:
    status, log = run_here({"version": payload})

    assert status == 2, log


@pytest.mark.parametrize(
    "payload", [*PAYLOADS.values(), *COMMANDS.values()], ids=[*PAYLOADS, *COMMANDS]
)
def test_a_payload_in_the_project_is_refused_or_text(
    offline_package: ProjectCheckout, run_here: RunHere, payload: str
) -> None:
    """As version and as name, which a tag-format can put into the tag."""
    quoted = (
        "".join(
            f"\\u{ord(one):04x}" if ord(one) < 32 or one in '"\\\x7f' else one for one in payload
        )
        .encode("utf-8", "replace")
        .decode()
    )
    pyproject = offline_package.folder / "pyproject.toml"
    pyproject.write_text(f'[project]\nname = "p"\nversion = "{quoted}"\n', encoding="utf-8")
    assert run_here({})[0] == (3 if payload == PAYLOADS["epoch"] else 2)

    pyproject.write_text(f'[project]\nname = "{quoted}"\nversion = "1.0"\n', encoding="utf-8")
    assert run_here({"tag-format": "{name}-v{version}{suffix}"})[0] in {2, 3}


def test_the_workspace_is_never_run(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> None:
    """Modules that shadow ours, hooks, and settings of git that name programs."""
    folder, canary = package.folder, tmp_path / CANARY
    run = f"import pathlib; pathlib.Path({str(canary)!r}).touch()\n"
    for name in ("json.py", "sitecustomize.py", "usercustomize.py", "requests.py", "github.py"):
        (folder / name).write_text(run, encoding="utf-8")
    (folder / "dist_actions").mkdir()
    (folder / "dist_actions" / "__init__.py").write_text(run, encoding="utf-8")
    for name in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor"):
        hook = folder / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {canary}\n", encoding="utf-8")
        hook.chmod(0o755)
    with (folder / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write(
            f'[core]\n\tfsmonitor = "touch {canary}"\n\tpager = "touch {canary}"\n'
            f'\tsshCommand = "touch {canary}"\n\thooksPath = .git/hooks\n'
            f'[alias]\n\trev-parse = "!touch {canary}"\n'
            '[url "ext::sh -c"]\n\tinsteadOf = https://\n'
        )

    result = run_stage(
        "auto-tag",
        app_inputs(sandbox),
        workspace=folder,
        environ={"PYTHONPATH": str(folder), "PYTHONSTARTUP": str(folder / "json.py")},
    )

    assert (result.exit_status, result.outputs["reason"]) == (0, "created")
    assert not canary.exists()
