"""Hold the manifest of a build against the run that publishes it, field by field; pure.

The building job runs the project's code, so its manifest is that code's word. What a manifest must
say follows from the run, and is written here once more; `notes`, `python`, `normalised`, and a
`backend` that the wheel does not tell, are all that is taken from the build. They decide nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dist_actions.distributions.files import Distribution, require_same_release
from dist_actions.distributions.folder import find_generator_of
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest, manifest_files
from dist_actions.errors import ReleaseError
from dist_actions.release_plan.carrying import (
    FileSource,
    carried_manifest,
    first_build,
    release_fields,
)
from dist_actions.release_plan.planning import ReleasePlan

#: As `platform.python_version()` writes it, `3.13.0` or `3.15.0a1+`.
_PYTHON = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4}){1,3}[A-Za-z0-9+.-]{0,40}", re.ASCII)
#: In characters; a refusal names every field that differs.
_LONGEST_VALUE = 100


@dataclass(frozen=True)
class RunPlan:
    """What a run publishes, by the run's own word and GitHub's.

    Attributes:
        plan: What its tag releases.
        source: Whether the files are carried or built.
        committed_at: When the tag's commit was made, in seconds since the epoch.
    """

    plan: ReleasePlan
    source: FileSource
    committed_at: int


def expected_manifest(
    manifest: Manifest, run: RunPlan, distributions: tuple[Distribution, ...], generator: str
) -> Manifest:
    """Write the manifest as it must be, with the build's own word where nothing else tells.

    Args:
        manifest: What the build wrote.
        distributions: The files at hand.
        generator: What the wheel says that built it; empty where it does not.
    """
    plan, source = run.plan, run.source
    if source.carried:
        return carried_manifest(plan, source.carried, source.reason)
    earlier = source.compared.manifest if source.compared else None
    return replace(
        manifest,
        **release_fields(plan),
        project=plan.declared.name,
        version=plan.version,
        source_date_epoch=earlier.source_date_epoch if earlier else run.committed_at,
        backend=generator or manifest.backend,
        normalised=earlier.normalised if earlier else manifest.normalised,
        files=manifest_files(distributions),
        carried_from=None,
        built_for=first_build(plan),
        reason=source.reason,
    )


def require_of_run(
    manifest: Manifest,
    run: RunPlan,
    folder: Path,
    distributions: tuple[Distribution, ...],
    where: str = MANIFEST_NAME,
) -> None:
    """Refuse a manifest, or files, that are not of the run.

    Args:
        folder: Holds the files, and perhaps the manifest, and nothing else.
        distributions: The files, as they were found there.
        where: How the message names the manifest.

    Raises:
        ReleaseError: A field differs, and all that do are named; or a file is of another project
            or version.
    """
    generator = find_generator_of(folder, distributions)
    expected = expected_manifest(manifest, run, distributions, generator)
    require_agreement(manifest, expected, where)
    require_same_release(distributions, expected.project, expected.version)


def require_agreement(manifest: Manifest, expected: Manifest, where: str = MANIFEST_NAME) -> None:
    """Refuse a manifest that differs from what it must be.

    Raises:
        ReleaseError: A field differs; all that do are named.
    """
    differences = find_differences(manifest, expected)
    if differences:
        raise ReleaseError(
            f"{where} is not of this run: {'; '.join(differences)}.",
            why="the tag, its commit, the settings there and the releases on GitHub say otherwise. "
            "A build runs the project's code, so nothing is published on its word.",
            fix="give this step the same artifacts, environments, package-path and tag-format as "
            "the steps that plan and build, and run all jobs again; if it comes back, find out "
            "what changes the manifest.",
            anchor="not-of-this-run",
        )


def find_differences(manifest: Manifest, expected: Manifest) -> list[str]:
    """Say of each field that differs what it is, and what it must be."""
    fields, expected_fields = (
        dict(_fields(json.loads(each.to_json()))) for each in (manifest, expected)
    )
    differences = [
        f"{key} is {_quote(fields, key)}, not {_quote(expected_fields, key)}"
        for key in dict.fromkeys((*fields, *expected_fields))
        if _written(fields, key) != _written(expected_fields, key)
    ]
    if not _PYTHON.fullmatch(manifest.python):
        differences.append(f"python is {_quote(fields, 'python')}, which is no version")
    return differences


def _fields(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """List the values of a JSON document with their paths, `carried-from.tag`."""
    if isinstance(value, dict) and value:
        for name, below in value.items():
            yield from _fields(below, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and value:
        for number, below in enumerate(value):
            yield from _fields(below, f"{key}[{number}]")
    else:
        yield key, value


def _written(fields: Mapping[str, Any], key: str) -> str:
    """Write a value so that `1`, `1.0` and `true` differ; empty where there is none."""
    return json.dumps(fields[key]) if key in fields else ""


def _quote(fields: Mapping[str, Any], key: str) -> str:
    text = _written(fields, key) or "absent"
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
