"""Where a project lists what its tests need, in all the places of the field; pure.

Each place is a source: what pip is given for it, and the names that it brings. The best is the one
that lacks fewest of what the tests import; of equal ones, the one that is meant for tests alone.
"""

from collections.abc import Callable, Iterator

from dist_actions.commands.init.files import FileList
from dist_actions.commands.init.testing.project_tables import (
    read_extras,
    read_groups,
    read_hatch_environments,
    read_tool_groups,
)
from dist_actions.commands.init.testing.runners import read_files, read_runners
from dist_actions.commands.init.testing.sources import Source, missing_names
from dist_actions.versions.project_files import ProjectFiles, normalised

#: Names of groups, extras and environments, the likeliest first.
_FOR_TESTS = ("test", "tests", "testing", "pytest", "unittest", "unit-test", "unit")
_FOR_DEVELOPERS = ("dev", "develop", "development", "develop-test", "all", "ci")


def choose_source(
    project: ProjectFiles, files: FileList, needed: frozenset[str], group_file: str
) -> Source | None:
    """Choose the source that lacks fewest of what the tests need; None where none has any.

    Args:
        needed: Normalised names of distributions.
        group_file: The `pyproject.toml` that pip is to read groups from; empty for that in the
            folder in which it runs.
    """
    sources = [source for source in _list_sources(project, files, group_file) if source.names]
    tests = needed | {"pytest"}
    useful = [source for source in sources if source.names & tests or source.for_tests]
    if not useful:
        return None
    # `min` keeps the first of equal ones, and they are listed by likeliness.
    return min(
        useful, key=lambda source: (len(missing_names(needed, source.names)), not source.for_tests)
    )


def _list_sources(project: ProjectFiles, files: FileList, group_file: str) -> Iterator[Source]:
    for names, for_tests in ((_FOR_TESTS, True), (_FOR_DEVELOPERS, False)):
        readers: tuple[Callable[[], Iterator[tuple[str, Source]]], ...] = (
            lambda: read_groups(project, group_file),
            lambda: read_extras(project),
            lambda: read_tool_groups(project),
            lambda: read_hatch_environments(project),
        )
        for name in names:
            for reader in readers:
                for key, source in reader():
                    if normalised(key) == name:
                        yield _meant(source, for_tests=for_tests)
        yield from (
            _meant(source, for_tests=for_tests) for source in read_files(project, files, names)
        )
        if for_tests:
            yield from read_runners(project)


def _meant(source: Source, *, for_tests: bool) -> Source:
    return Source(source.label, source.names, source.arguments, source.extra, for_tests)
