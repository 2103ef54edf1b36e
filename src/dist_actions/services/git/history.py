"""Whether a checkout holds what a version that is derived from tags is made from."""

from collections.abc import Mapping

from dist_actions.errors import GitError, InputError
from dist_actions.services.git.checkout import Git
from dist_actions.versions.project_files import ProjectFiles


def require_history(project: ProjectFiles, environ: Mapping[str, str]) -> None:
    """Refuse a checkout that would derive a wrong version.

    Raises:
        InputError: It is no repository, a shallow one, or none of its tags is behind HEAD.
    """
    git = Git(project.folder, environ)
    try:
        if git.run("rev-parse", "--is-shallow-repository") == "true":
            raise _refuse("it is shallow, so tags and commits are missing")
        if not git.run("tag", "--merged", "HEAD"):
            raise _refuse("no tag is reachable from HEAD")
    except GitError as error:
        raise _refuse("it is no git repository with a commit") from error


def _refuse(reason: str) -> InputError:
    return InputError(
        f"The version is derived from git tags, and this checkout has not what it needs: {reason}.",
        why="the tool would then make up another version, such as 0.1.dev1, without a word.",
        fix="check out the whole history: fetch-depth: 0 for actions/checkout, or "
        "`git fetch --unshallow --tags`.",
        anchor="derived-version",
    )
