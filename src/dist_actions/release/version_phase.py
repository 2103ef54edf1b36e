"""The phase `version`: which version a build of the checkout has, for a project that computes it.

It runs the project's build backend, so the job holds no credential: what is given to it, project
code can take. Its answer is that code's word, which auto-tag checks, and the build after it.
"""

from collections.abc import Mapping
from pathlib import Path

from dist_actions.errors import InputError
from dist_actions.job.inputs import InputReader
from dist_actions.markdown import code
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.services.foreign_code.metadata_reading import metadata_reader
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.runner import Runner
from dist_actions.versions import ProjectFiles, require_releasable
from dist_actions.versions.built import read_built_version

#: The inputs that hold a credential, by their names in `release/action.yml`.
_CREDENTIALS = ("private-key", "token", "credentials-json", "password")


def report_version(
    inputs: ReleaseInputs, repository: Path, environ: Mapping[str, str], runner: Runner
) -> None:
    """Set the output `version`, and show where it stands.

    Args:
        repository: The checkout.

    Raises:
        InputError: The job holds a credential, or the version cannot be read, or cannot be tagged.
    """
    _refuse_credentials(environ)
    project = ProjectFiles(repository, inputs.package_path)
    read_metadata = metadata_reader(environ, runner.log)
    version = read_built_version(project, inputs.version_source, read_metadata, find_matches)
    require_releasable(version, allow_prerelease=True, environment="")
    runner.set_outputs({"version": str(version.version)})
    runner.add_summary(
        f"### 🔢 version: {code(str(version.version))}\n\n"
        f"Read from {code(str(version.location))}.\n"
    )


def _refuse_credentials(environ: Mapping[str, str]) -> None:
    reader = InputReader(environ)
    held = [f"the input {name}" for name in _CREDENTIALS if reader.secret(name)]
    if environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        held.append("the permission id-token: write")
    if held:
        raise InputError(
            f"The phase version got {' and '.join(held)}.",
            why="it runs the project's build backend, which could use what this job holds.",
            fix="give it a job of its own with `permissions: contents: read` and no secret, as the "
            "starter examples/computed-version does.",
            anchor="version-job",
        )
