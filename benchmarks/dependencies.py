"""promote's gate dependencies: how long it takes, and how many requests, over a slow line."""

import os
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples
from benchmarks.sandbox import Sandbox, serving
from dist_actions.dependencies.metadata import parse_metadata
from dist_actions.dependencies.reading import PrivatePackages
from dist_actions.dependencies.verdict import decide
from dist_actions.identity.google import Federation
from dist_actions.indexes.environment_indexes import IndexReaders
from dist_actions.indexes.package_indexes import PackageIndexes
from dist_actions.indexes.targets import ArtifactRegistryTarget
from dist_actions.services.clock import SystemClock
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_sandbox.organisation import VIRTUAL_REPOSITORY, default_environments

_DEPENDENCIES, _LEVELS = 100, 10
_LATENCY_SECONDS, _SECONDS_AIM = 0.05, 3.0
_NOTE = (
    f"{_DEPENDENCIES} private packages and as many public ones, "
    f"{_LATENCY_SECONDS * 1000:.0f} ms for each request, with both logins"
)
_NAMES = [f"private-{number}" for number in range(_DEPENDENCIES)]
_PUBLIC = [f"public-{number}" for number in range(_DEPENDENCIES)]
#: What each package requires: nothing, or the ten of the next level.
_CASES: Mapping[str, Sequence[Sequence[str]]] = {
    "side by side": [[] for _ in _NAMES],
    f"in {_LEVELS} levels": [
        _NAMES[(number // _LEVELS + 1) * _LEVELS :][:_LEVELS] for number in range(_DEPENDENCIES)
    ],
}


def measure(bench: Bench) -> list[Figure]:
    """Measure the gate from its first request to its verdict."""
    folder = bench.folder("dependencies")
    samples = Samples("dependencies")
    figures = []
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        for case, requirements in _CASES.items():
            _publish(folder, requirements)
            for _ in range(bench.runs):
                seconds, requests = _run(sandbox, _NAMES if not any(requirements) else _NAMES[:10])
                samples.add(f"time, {case}", seconds)
                samples.add(f"requests, {case}", requests)
            figures.append(samples.figure(f"time, {case}", "s", aim=_SECONDS_AIM, note=_NOTE))
            figures.append(samples.figure(f"requests, {case}", "calls", note=_NOTE))
    return figures


def _publish(folder: Path, requirements: Sequence[Sequence[str]]) -> None:
    """Put one version of each package into the repositories of both environments."""
    for place in default_environments()[:2]:
        repository = folder / "state" / "google" / place.project_id / place.location
        for name, required in zip(_NAMES, requirements, strict=True):
            path = repository / place.repository / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
            with zipfile.ZipFile(path, "w") as wheel:
                info = f"{name.replace('-', '_')}-1.0.dist-info"
                wheel.writestr(f"{info}/METADATA", _metadata(name, [*required, *_PUBLIC]))


def _metadata(name: str, requirements: Sequence[str]) -> str:
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    return head + "".join(f"Requires-Dist: {required}>=1\n" for required in requirements)


def _run(sandbox: Sandbox, requirements: Sequence[str]) -> tuple[float, int]:
    """Decide once, as promote does, and return seconds and requests.

    Raises:
        RuntimeError: The gate is closed.
    """
    indexes = _connect(sandbox)
    root = parse_metadata(_metadata("root", [*requirements, *_PUBLIC]).encode(), "root")
    sandbox.count_requests()
    sandbox.set_latency(_LATENCY_SECONDS)
    started = time.perf_counter()
    target = indexes.of("qa")
    if target is None:
        raise RuntimeError("the index of qa cannot be read")
    packages = PrivatePackages(target, indexes.of("dev"))
    verdict = packages.answer(lambda target, source: decide([root], target, source))
    seconds = time.perf_counter() - started
    sandbox.set_latency(0)
    if len(verdict.versions) != _DEPENDENCIES:
        raise RuntimeError(f"the gate was to open with all packages, and says {verdict}")
    entries = sandbox.control("GET", "requests")
    return seconds, sum(not entry["path"].startswith("/_sandbox") for entry in entries)


def _connect(sandbox: Sandbox) -> PackageIndexes:
    ready = sandbox.ready
    environ = {
        **ready["service_variables"],
        "ACTIONS_ID_TOKEN_REQUEST_URL": ready["oidc_request_url"],
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": ready["oidc_request_token"],
        "GITHUB_OUTPUT": os.devnull,
    }
    runner = Runner.from_environ(environ, sys.stderr)
    retries = Retries(SystemClock(), runner.log)
    targets = {
        place.name: ArtifactRegistryTarget(
            Federation(place.readers_provider, place.reader_account),
            place.project_id,
            place.location,
            VIRTUAL_REPOSITORY,
        )
        for place in default_environments()
    }
    return PackageIndexes(IndexReaders(named=targets), environ, retries, runner)
