"""The workflow files of one commit, read as GitHub reads them (YAML 1.2: `on` is a string)."""

import copy
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from dist_actions.doctor.yaml import value_reader
from dist_sandbox.rehearse.errors import WorkflowFileError

#: Where GitHub looks for workflows; subfolders are not searched.
WORKFLOW_FOLDER = ".github/workflows"


@dataclass(frozen=True)
class CalledJob:
    """A job of a reusable workflow, as part of the workflow that calls it.

    Attributes:
        name: The job as GitHub shows it, `publish / upload`.
        workflow_ref: The file that it is written in, `OWNER/NAME/PATH@REF`; empty for a job that
            only passes on the inputs or outputs of a call.
        workflow_sha: The commit of that file.
    """

    name: str
    workflow_ref: str = ""
    workflow_sha: str = ""

    @property
    def is_shown(self) -> bool:
        """Tell whether GitHub shows such a job."""
        return bool(self.workflow_ref)


@dataclass(frozen=True)
class Workflow:
    """One workflow file.

    Attributes:
        path: Path in the repository, `.github/workflows/release.yml`.
        text: The file's text in the commit.
        document: The file's content; every key is a string.
        called_jobs: Jobs of reusable workflows that stand in `jobs` in place of calls, by their ID.
    """

    path: str
    text: str = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    called_jobs: Mapping[str, CalledJob] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the workflow's name, or its path where it has none, as GitHub shows it."""
        return str(self.document.get("name") or self.path)

    @property
    def file_name(self) -> str:
        """Return the file's name, as `gh workflow run` takes it."""
        return PurePosixPath(self.path).name

    @property
    def stem(self) -> str:
        """Return the file's name without extension, which stages and log files are named after."""
        return PurePosixPath(self.path).stem

    @property
    def jobs(self) -> Mapping[str, Any]:
        """Return the jobs by their ID."""
        jobs: Mapping[str, Any] = self.document["jobs"]
        return jobs

    @property
    def job_names(self) -> dict[str, str]:
        """Return the names of called jobs as GitHub shows them; empty for those that it has not."""
        return {
            job_id: called.name if called.is_shown else ""
            for job_id, called in self.called_jobs.items()
        }


def is_workflow_path(path: str) -> bool:
    """Tell whether GitHub takes this path of a repository for a workflow file."""
    pure = PurePosixPath(path)
    return str(pure.parent) == WORKFLOW_FOLDER and pure.suffix in {".yml", ".yaml"}


def read_workflow(path: str, text: str) -> Workflow:
    """Read one workflow file.

    Raises:
        WorkflowFileError: The file is not YAML, or lacks `on` or `jobs`.
    """
    document = parse_yaml(path, text)
    if not isinstance(document, dict):
        raise WorkflowFileError.invalid(path, "it is not a mapping")
    for key in ("on", "jobs"):
        if not document.get(key):
            raise WorkflowFileError.invalid(path, f"required property is missing: {key}")
    if not isinstance(document["jobs"], dict):
        raise WorkflowFileError.invalid(path, "`jobs` is not a mapping")
    for job_id, job in document["jobs"].items():
        if not isinstance(job, dict):
            raise WorkflowFileError.invalid(path, f"job {job_id} is not a mapping")
    return Workflow(path=path, text=text, document=document)


def read_workflows(
    files: Iterable[tuple[str, str]], without: Container[str] = ()
) -> tuple[Workflow, ...]:
    """Read every workflow file among `files` (path and text), ordered by path.

    Args:
        without: Paths that are not read.
    """
    return tuple(
        read_workflow(path, text)
        for path, text in sorted(files)
        if is_workflow_path(path) and path not in without
    )


def find_unreadable(files: Iterable[tuple[str, str]]) -> dict[str, WorkflowFileError]:
    """Find the workflow files that GitHub would not start, by path, each with its error."""
    errors: dict[str, WorkflowFileError] = {}
    for path, text in files:
        try:
            read_workflows([(path, text)])
        except WorkflowFileError as error:
            errors[path] = error
    return errors


def parse_yaml(path: str, text: str) -> Any:
    """Parse YAML 1.2 into plain Python values, which are the caller's own.

    Raises:
        WorkflowFileError: It is not YAML, or a key stands twice in one mapping.
    """
    return copy.deepcopy(_parse_yaml(path, text))


class _Constructor(SafeConstructor):
    """Refuses what GitHub's parser does not know: the merge keys of YAML 1.1."""

    def flatten_mapping(self, node: Any) -> Any:
        """Look at the keys of a mapping before it is made."""
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                problem = "Unexpected value '<<': GitHub knows anchors and aliases, no merge keys"
                raise ConstructorError(None, None, problem, key.start_mark)
        return super().flatten_mapping(node)


@lru_cache(maxsize=1000)
def _parse_yaml(path: str, text: str) -> Any:
    """Parse YAML; the same files are read for each run, and parsing takes long."""
    try:
        reader = value_reader()
        reader.Constructor = _Constructor
        return reader.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (Line: {mark.line + 1}, Col: {mark.column + 1})" if mark else ""
        problem = str(error.problem).splitlines()[0]
        raise WorkflowFileError.invalid(path, f"{problem}{where}") from error
    except YAMLError as error:
        raise WorkflowFileError.invalid(path, str(error).splitlines()[0]) from error
