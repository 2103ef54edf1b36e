"""Every public function that reads a text of others is in the table of parsers, or says why not."""

import ast
from collections.abc import Iterator

from support.parsers.table import PARSERS
from support.paths import ROOT

PACKAGE = ROOT / "src" / "dist_actions"
_OF_A_PARSER = ("parse_", "read_")
#: Functions that are called like parsers, and why none of the table calls them.
NOT_IN_THE_TABLE = {
    # What they read has parsers of its own, which are in the table.
    "commands.init.hosted.read_workflow_jobs": "read_jobs",
    "commands.init.repository.read_repository": "read_package and find_publishing",
    "commands.status.inputs.read_indexes": "read_index_readers",
    "commands.status.organisation.reading.read_organisation": "GitHub's repositories",
    "doctor.reading.project.read_project": "settings and versions",
    "login.readers.read_artifact_registry": "Artifact Registry's files",
    "login.readers.read_repository": "index pages",
    "overview.reading.read_environment_statuses": "manifests and tags",
    "promote.history.package_folders.read_package_state": "commits of git",
    "versions.built.read_built_version": "versions",
    "versions.built.read_current_version": "versions",
    # They take no text apart.
    "auto_tag.own_workflow.read_own_workflow": "a file as it is",
    "commands.init.starters.read_starters": "files of ours",
    "release.packing.read_committed_files": "sizes and checksums of files",
    "release.packing.read_packing": "names in archives that were checked",
    "repository_settings.deployment_policies.read_formats": "settings that were read",
    "services.foreign_code.pip_configuration.read_pip_configurations": "texts as they are",
    # Others do not write what they read.
    "commands.init.variables.read_values": "options of a command",
    # It runs in a process of its own, which is ended after some seconds.
    "versions.pattern.read_pattern": "a pattern of the user, which may take any time",
}


def public_parsers() -> Iterator[str]:
    """Yield the names of the product's functions that are called like parsers."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(_OF_A_PARSER):
                yield f"{module}.{node.name}"


def test_every_parser_is_in_the_table() -> None:
    covered = {
        f"{function.__module__}.{function.__qualname__}".removeprefix("dist_actions.")
        for parser in PARSERS
        for function in parser.covers
    }
    missing = set(public_parsers()) - covered
    assert missing == set(NOT_IN_THE_TABLE)


def test_parsers_have_names_of_their_own() -> None:
    names = [parser.name for parser in PARSERS]
    assert len(names) == len(set(names))
