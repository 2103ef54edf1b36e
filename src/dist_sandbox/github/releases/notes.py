"""Release notes in the form that GitHub generates.

Spec: https://docs.github.com/repositories/releasing-projects-on-github/automatically-generated-release-notes
"""

from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.rest.errors import validation_failed
from dist_sandbox.github.state import Repository


def generate_notes(
    repository: Repository, *, tag_name: str, target: str, previous_tag_name: str | None
) -> str:
    """List the pull requests merged since the previous tag, and a link to all changes.

    Args:
        target: Branch or commit that stands for the tag where that is absent.
        previous_tag_name: None for the nearest tag in the history.

    Raises:
        GitHubError: 422 where the target or the previous tag does not exist.
    """
    git = repository.git
    head = git.resolve_commit(f"refs/tags/{tag_name}") or git.resolve_commit(target)
    if head is None:
        raise validation_failed("Release", "invalid", field="target_commitish")
    options = ("--tags", "--abbrev=0", f"--exclude={tag_name}")
    previous = previous_tag_name or git.git_or_none("describe", *options, head)
    base = _resolve_previous(repository, previous)
    page = repository.html_url
    changes = f"{page}/commits/{tag_name}"
    if previous is not None:
        changes = f"{page}/compare/{previous}...{tag_name}"
    merged = _merged_between(repository, base, head)
    return (
        f"{_list(merged, page)}{_list_newcomers(repository, merged, page)}"
        f"**Full Changelog**: {changes}"
    )


def _resolve_previous(repository: Repository, tag_name: str | None) -> str | None:
    """Find the commit of the previous tag; None where there is no previous one."""
    if tag_name is None:
        return None
    commit = repository.git.resolve_commit(f"refs/tags/{tag_name}")
    if commit is None:
        raise validation_failed("Release", "invalid", field="previous_tag_name")
    return commit


def _merged_between(repository: Repository, base: str | None, head: str) -> list[PullRequest]:
    """List the pull requests whose merge is in the range, oldest first."""
    limits = [] if base is None else [f"^{base}"]
    shas = repository.git.git("rev-list", head, *limits, "--").split()
    return [pull for pull in repository.pulls if pull.merged and pull.merge_commit_sha in shas]


def _list(merged: list[PullRequest], page: str) -> str:
    if not merged:
        return ""
    rows = "".join(
        f"* {pull.title} by @{pull.author.login} in {page}/pull/{pull.number}\n" for pull in merged
    )
    return f"## What's Changed\n{rows}\n"


def _list_newcomers(repository: Repository, merged: list[PullRequest], page: str) -> str:
    """List people, not bots, whose first merged pull request is among these."""
    rows = ""
    for pull in merged:
        first = next(
            candidate
            for candidate in repository.pulls
            if candidate.merged and candidate.author == pull.author
        )
        if first is pull and pull.author.kind == "User":
            link = f"{page}/pull/{pull.number}"
            rows += f"* @{pull.author.login} made their first contribution in {link}\n"
    return f"## New Contributors\n{rows}\n" if rows else ""
