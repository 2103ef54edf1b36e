"""Edit a starter's workflow so that it fits a project; comments and order stay.

Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString, SingleQuotedScalarString

from dist_actions.doctor.yaml import exact_reader
from dist_actions.errors import InputError
from dist_actions.versions import VersionSource

#: The beginning of the name of the step that runs a project's tests.
TEST_STEP = "Test the wheel"
#: Phases of the release action that are told the folder of the package.
_READING_PHASES = frozenset({"plan", "build", "version", "collect", "publish"})
#: Inputs that differ from project to project.
_FITTED = frozenset({"package-path", "version-file", "version-pattern"})
_BUILDING_PHASES = frozenset({"build", "version"})


@dataclass(frozen=True)
class Edits:
    """What differs from a starter.

    Attributes:
        package_path: The package's folder.
        version_source: File and pattern that hold the version, where they must be named.
        submodules: What the checkout is told of them, `true` or `recursive`; empty for nothing.
        lfs: Whether the checkout fetches the files of git-lfs.
        test_commands: The commands of the step that tests; empty where the starter's own stay.
        branches: Branches whose push is tagged, in order; empty for the starter's own.
        environments: Names of the environments, in order.
        tags: Patterns of the tags that are released; empty for the starter's own.
        bump: How auto-tag proposes the next version; empty where the starter says it.
        checkout: A workflow whose checkout promotion takes over, to read settings that are not the
            defaults; empty where it needs none.
    """

    package_path: str = "."
    version_source: VersionSource = field(default_factory=VersionSource)
    submodules: str = ""
    lfs: bool = False
    test_commands: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    environments: tuple[str, ...] = ("dev", "qa", "prd")
    tags: tuple[str, ...] = ()
    bump: str = ""
    checkout: str = ""


def edit_workflow(text: str, edits: Edits) -> str:
    """Return a workflow of a starter as it fits the project; unchanged where nothing differs.

    Raises:
        InputError: It would hold a text of the project that means something else there.
    """
    _require_plain(edits)
    yaml = _yaml()
    workflow = yaml.load(_name_stages(text, edits))
    _edit_triggers(workflow["on"], edits)
    for job in workflow["jobs"].values():
        steps = job.get("steps", [])
        _edit_checkouts(steps, edits)
        for step in steps:
            _edit_action(step, edits)
            _edit_test(step, edits)
        if edits.checkout:
            _check_out_before_promotion(steps, edits.checkout)
    stream = io.StringIO()
    yaml.dump(workflow, stream)
    return stream.getvalue()


def _require_plain(edits: Edits) -> None:
    """Refuse what YAML cannot hold, and what GitHub would evaluate before a shell sees it.

    Raises:
        InputError: The project holds such a name or requirement.
    """
    source = edits.version_source
    inputs = (edits.package_path, source.file, source.pattern)
    for text in (*inputs, *edits.test_commands, *edits.branches, *edits.tags):
        if "${{" in text or not text.isprintable():
            raise InputError(
                f"{text[:200]!r} would stand in a workflow.",
                why="it holds ${{, where GitHub would evaluate an expression, or a character that "
                "is not printable; it comes from a name or a requirement of the project.",
                fix="rename what is called so, or write the requirement in another way.",
            )


def signature_of(text: str) -> object:
    """Describe a workflow by its triggers, its jobs and what they give to our actions.

    Returns:
        None where somebody wrote what is no workflow.
    """
    try:
        workflow = _yaml().load(text)
        actions = []
        for job in workflow["jobs"].values():
            for step in job.get("steps", []):
                inputs = step.get("with", {})
                names = tuple(sorted(set(inputs) - _FITTED))
                actions.append((_own_action(step), names, str(inputs.get("index"))))
        own = [action for action in actions if action[0] is not None]
        return sorted(workflow["on"]), sorted(workflow["jobs"]), own
    except (YAMLError, AttributeError, KeyError, TypeError, RecursionError):
        return None


def _yaml() -> YAML:
    yaml = exact_reader()
    yaml.preserve_quotes = True
    yaml.width = 10_000  # lines are not broken anew
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _name_stages(text: str, edits: Edits) -> str:
    """Let the comments of a starter speak of the project's branches and environments."""
    branches, environments = edits.branches or ("dev", "qa", "main"), edits.environments
    words = {
        "# A push to dev, qa or main ": f"# A push to {_alternatives(branches)} ",
        "# A push to main ": f"# A push to {branches[-1]} ",
        "# A release in dev or qa ": f"# A release in {_alternatives(environments[:-1])} ",
    }
    for before, after in words.items():
        text = text.replace(before, after)
    return text


def _alternatives(names: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _edit_triggers(triggers: CommentedMap, edits: Edits) -> None:
    push = triggers.get("push") or {}
    for trigger in (push, triggers.get("pull_request") or {}):
        if edits.branches and "branches" in trigger:
            kept = [_renamed(branch, edits.branches) for branch in trigger["branches"]]
            _replace(trigger["branches"], kept)
    if source := (triggers.get("workflow_dispatch") or {}).get("inputs", {}).get("from"):
        source["default"] = edits.environments[0]
    if edits.tags and "tags" in push:
        quoted = [_quoted_like(push["tags"][0], tag) for tag in edits.tags]
        _replace(push["tags"], quoted)


def _renamed(branch: str, branches: Sequence[str]) -> str:
    """Return the branch that takes the place of one of the starter's."""
    default = ("dev", "qa", "main")
    if branch not in default:
        return branch
    position = default.index(branch)
    return branches[-1] if branch == "main" else branches[min(position, len(branches) - 1)]


def _replace(sequence: CommentedSeq, values: Sequence[str]) -> None:
    while len(sequence):
        del sequence[-1]
    for value in dict.fromkeys(values):
        sequence.append(value)


def _quoted_like(sample: str, text: str) -> str:
    quoted: str = type(sample)(text)
    return quoted


def _edit_checkouts(steps: CommentedSeq, edits: Edits) -> None:
    """Let jobs that build or test have the files that git keeps elsewhere."""
    if not any(_needs_all_files(step) for step in steps):
        return
    for step in steps:
        if _is_checkout(step):
            if edits.submodules:
                _set_input(step, "submodules", _yaml_value(edits.submodules))
            if edits.lfs:
                _set_input(step, "lfs", value=True)


def _edit_action(step: CommentedMap, edits: Edits) -> None:
    action = _own_action(step)
    reads = action == "/auto-tag" or (action == "/release" and _phase(step) in _READING_PHASES)
    if not reads:
        return
    if edits.bump and action == "/auto-tag":
        _set_input(step, "bump", edits.bump)
    if edits.package_path != ".":
        _set_input(step, "package-path", edits.package_path)
    if edits.version_source.file and _phase(step) in {"", "plan", "build"}:
        _set_input(step, "version-file", edits.version_source.file)
        pattern = SingleQuotedScalarString(edits.version_source.pattern)
        _set_input(step, "version-pattern", pattern)


def _edit_test(step: CommentedMap, edits: Edits) -> None:
    if edits.test_commands and _is_test(step):
        step["run"] = LiteralScalarString("\n".join(edits.test_commands) + "\n")


def _check_out_before_promotion(steps: CommentedSeq, workflow: str) -> None:
    """Let promotion read the settings, by a checkout as another workflow does it."""
    promotes = any(_own_action(step) == "/promote" for step in steps)
    if not promotes or any(_is_checkout(step) for step in steps):
        return
    for job in _yaml().load(workflow)["jobs"].values():
        for step in job.get("steps", []):
            if _is_checkout(step):
                steps.insert(0, step)
                return


def _set_input(step: CommentedMap, name: str, value: Any) -> None:
    """Set an input, after the phase or as the first one; that of a checkout as the last."""
    inputs = step.setdefault("with", CommentedMap())
    if name in inputs:
        inputs[name] = value
        return
    keys = list(inputs)
    last = keys[-1] if keys else None
    place = keys.index("phase") + 1 if "phase" in keys else 0
    place = len(keys) if _is_checkout(step) else place + sum(key in _FITTED for key in keys)
    inputs.insert(place, name, value)
    # What follows the step, such as an empty line, is kept with its last input.
    if place == len(keys) and last is not None and _begins_with_line(inputs, last):
        inputs.ca.items[name] = inputs.ca.items.pop(last)


def _begins_with_line(inputs: CommentedMap, key: str) -> bool:
    comment = inputs.ca.items.get(key, [None] * 3)[2]
    return comment is not None and comment.value.startswith("\n")


def _yaml_value(text: str) -> Any:
    return {"true": True}.get(text, text)


def _own_action(step: CommentedMap) -> str | None:
    """Return the folder of the action of ours that a step uses, empty for the root; else None."""
    match = re.match(r"eigenoid/dist-actions(/[\w-]+)?@", str(step.get("uses", "")))
    return (match[1] or "") if match else None


def _phase(step: CommentedMap) -> str:
    return str(step.get("with", {}).get("phase", ""))


def _is_test(step: CommentedMap) -> bool:
    return str(step.get("name", "")).startswith(TEST_STEP)


def _needs_all_files(step: CommentedMap) -> bool:
    """Tell whether a step builds or tests the project, with our action or without it."""
    text = f"{step.get('uses', '')} {step.get('run', '')}"
    builds = re.search(r"\b(?:cibuildwheel|maturin)\b", text)
    return bool(builds) or _phase(step) in _BUILDING_PHASES or _is_test(step)


def _is_checkout(step: CommentedMap) -> bool:
    return str(step.get("uses", "")).startswith("actions/checkout@")
