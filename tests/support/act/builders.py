"""Values that the tests of rehearsals start from, each with a sensible default for the rest."""

from pathlib import Path
from typing import Any

from dist_sandbox.rehearse.actions.sources import ActionSources
from dist_sandbox.rehearse.workflows.compilation import CompileContext, JobIdentity
from dist_sandbox.rehearse.workflows.files import Workflow, read_workflow
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent

PATH = ".github/workflows/w.yml"
SHA = "1234567890123456789012345678901234567890"


def make_workflow(text: str, path: str = PATH) -> Workflow:
    return read_workflow(path, text)


def with_trigger(trigger: str) -> Workflow:
    return make_workflow(f"on: {trigger}\njobs: {{a: {{runs-on: x, steps: [{{run: 'true'}}]}}}}")


def make_push(
    ref: str = "refs/heads/dev", message: str = "feat: more", **values: Any
) -> TriggerEvent:
    payload = {"ref": ref, "head_commit": {"message": message}, "deleted": False}
    payload |= values.pop("payload", {})
    return TriggerEvent(name="push", ref=ref, sha=SHA, actor="developer", payload=payload, **values)


def make_event(name: str, ref: str = "refs/heads/main", **payload: Any) -> TriggerEvent:
    return TriggerEvent(name=name, ref=ref, sha=SHA, actor="developer", payload=payload)


def make_context(workflow: Workflow, **values: Any) -> CompileContext:
    defaults: dict[str, Any] = {
        "variables": ScopedValues(),
        "secret_names": ScopedValues(),
        "identities": {job: JobIdentity(f"TOKEN_{job}") for job in workflow.jobs},
        "actions": ActionSources(Path("nowhere")),
    }
    return CompileContext(**{**defaults, **values})
