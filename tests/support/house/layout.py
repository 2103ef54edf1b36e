"""Check the directions of imports against the layout: which folder may reach which."""

from collections.abc import Iterator
from pathlib import Path

from support.house.modules import PACKAGES, Module, reach, read_modules
from support.paths import SOURCE

STAGES = frozenset({"auto_tag", "doctor", "login", "release", "promote", "publish"})
#: A release publishes; nothing else joins two stages.
_ALLOWED = {("release", "publish")}
#: Above the stages: what starts them, and the commands, which ask what stages decide.
_ABOVE = frozenset({"cli", "bootstrap", "locked_environment", "commands"})
#: Folders of the engine that decide only, whether or not a first line says so.
DECIDING = frozenset(
    {"dependencies", "pipeline", "versions", "identity", "trailers", "distributions", "job"}
)
#: Modules by which the world would be reached without a service.
WORLD = frozenset({"os", "socket", "subprocess", "time", "urllib.request"}) | {
    "requests",
    "github",
    "google",
}

#: Libraries that one folder alone may import, because it is the client of what they speak to, or
#: because nothing else is to load them.
LIBRARIES = {
    "github": ("services", "github"),
    "google": ("services", "google"),
    "build": ("services", "foreign_code"),
    "resolvelib": ("dependencies",),
    "trove_classifiers": ("distributions", "pypi_rules"),
    "email_validator": ("distributions", "pypi_rules"),
    "rfc3986": ("distributions", "pypi_rules"),
    "stdlib_list": ("distributions", "pypi_rules"),
}
#: The folder of `services` that is no service: what carries the requests of all of them.
_SHARED_BY_SERVICES = "transport"
#: What holds keys, or decides for the jobs that do: the beginnings of their names.
KEY_HOLDERS = (
    ("auto_tag",),
    ("doctor",),
    ("indexes",),
    ("login",),
    ("promote",),
    ("publish",),
    ("release", "plan_phase"),
    ("release", "publish_phase"),
    ("release_plan",),
)
#: What runs code of the project, or asks for it to be run.
PROJECT_CODE = frozenset(
    {
        ("services", "foreign_code", "backend"),
        ("services", "foreign_code", "metadata_reading"),
        ("services", "foreign_code", "towncrier"),
        ("versions", "built"),
    }
)


def engine() -> list[Module]:
    """List the modules of the engine."""
    return [module for module in read_modules().values() if module.name.startswith(PACKAGES[0])]


def find_sandbox_imports() -> list[str]:
    """Find imports of the sandbox by the engine."""
    return [
        f"{module.name} -> {name}"
        for module in engine()
        for name in module.imports
        if name.split(".")[0] == PACKAGES[1]
    ]


def find_stage_reaches() -> list[str]:
    """Find stages that import another stage, or what stands above all stages."""
    return [
        f"{module.name} -> {imported.name}"
        for module, imported in _arrows()
        if module.parts[:1] and module.parts[0] in STAGES
        if imported.parts[0] in _ABOVE
        or (
            imported.parts[0] in STAGES - {module.parts[0]}
            and (module.parts[0], imported.parts[0]) not in _ALLOWED
        )
    ]


def find_service_reaches() -> list[str]:
    """Find services that import another service, a stage, or what stands above all stages."""
    return [
        f"{module.name} -> {imported.name}"
        for module, imported in _arrows()
        if module.parts[:1] == ("services",)
        if imported.parts[0] in STAGES | _ABOVE
        or (_service(imported) not in {None, _service(module)})
    ]


def find_library_reaches() -> list[str]:
    """Find imports of a library outside the folder of its client."""
    return [
        f"{module.name} -> {name}"
        for module in engine()
        for name in sorted(module.imports)
        if (folder := LIBRARIES.get(name.partition(".")[0])) is not None
        if module.parts[: len(folder)] != folder
    ]


def find_impure_reaches() -> list[str]:
    """Find pure modules that reach a service or the world, also through others."""
    modules = read_modules()
    reaches = []
    for module in engine():
        if not is_pure(module):
            continue
        importers = reach(module)
        for name in (module.name, *importers):
            world = sorted(WORLD & _top_levels(modules[name]))
            if _is_impure_service(modules[name]) or world:
                way = _way(module.name, name, importers)
                reaches.append(" -> ".join([*way, *world]))
    return reaches


def find_project_code_reaches() -> list[str]:
    """Find what holds keys, or decides for those that do, and could run code of the project."""
    modules = read_modules()
    reaches = []
    for module in engine():
        if not holds_keys(module):
            continue
        importers = reach(module)
        reaches += [
            " -> ".join(_way(module.name, name, importers))
            for name in importers
            if modules[name].parts in PROJECT_CODE
        ]
    return reaches


def holds_keys(module: Module) -> bool:
    """Tell whether a module belongs to what holds keys, or decides for those that do."""
    return any(module.parts[: len(start)] == start for start in KEY_HOLDERS)


def is_pure(module: Module) -> bool:
    """Tell whether a module decides only: it says so, or its folder does."""
    return module.says_pure or bool(DECIDING.intersection(module.parts[:1]))


def count_root_files() -> int:
    """Count the modules in the root of the engine."""
    return len(list((SOURCE / PACKAGES[0]).glob("*.py")))


def find_fullest_folder() -> tuple[Path, int]:
    """Find the folder under `src` with the most modules, and count these."""
    folders = {path.parent for path in SOURCE.rglob("*.py")}
    counts = {folder: len(list(folder.glob("*.py"))) for folder in folders}
    fullest = max(sorted(counts), key=lambda folder: counts[folder])
    return fullest.relative_to(SOURCE), counts[fullest]


def _arrows() -> Iterator[tuple[Module, Module]]:
    modules = read_modules()
    for module in engine():
        for name in sorted(module.imports & modules.keys()):
            if modules[name].parts:
                yield module, modules[name]


def _service(module: Module) -> str | None:
    """Return a service's folder; None for what stands outside or is shared by all services."""
    inside = module.parts[:1] == ("services",) and len(module.parts) > 1
    folder = inside and (SOURCE / PACKAGES[0] / "services" / module.parts[1]).is_dir()
    return module.parts[1] if folder and module.parts[1] != _SHARED_BY_SERVICES else None


def _is_impure_service(module: Module) -> bool:
    return module.parts[:1] == ("services",) and len(module.parts) > 1 and not module.says_pure


def _top_levels(module: Module) -> set[str]:
    return {name for full in module.imports for name in (full, full.partition(".")[0])}


def _way(start: str, end: str, importers: dict[str, str]) -> list[str]:
    way = [end]
    while way[0] != start:
        way.insert(0, importers[way[0]])
    return way
