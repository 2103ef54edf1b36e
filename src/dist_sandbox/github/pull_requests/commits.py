"""Which pull requests brought a commit, and which commits belong to a pull request."""

from dist_sandbox.github.git.objects import Commit, commits_between
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.repository import Repository

#: A pull request shows no more than this many commits.
#: Spec: https://docs.github.com/rest/pulls/pulls#list-commits-on-a-pull-request
MAX_COMMITS = 250


def list_commits(repository: Repository, pull: PullRequest) -> list[Commit]:
    """The commits of a pull request, oldest first, as far as GitHub shows them."""
    return commits_between(repository.git, pull.base_sha, pull.head_sha)[:MAX_COMMITS]


def pulls_of_commit(repository: Repository, sha: str) -> list[PullRequest]:
    """The pull requests that brought a commit, or that hold it while open."""
    return [pull for pull in repository.pulls if sha in _commits(repository, pull)]


def _commits(repository: Repository, pull: PullRequest) -> frozenset[str]:
    """Every commit that a pull request brings or brought, remembered until head or base move."""
    key = (pull.base_sha, pull.head_sha, pull.merge_commit_sha or "")
    if pull.brought is None or pull.brought[0] != key:
        listed = repository.git.git("rev-list", pull.head_sha, f"^{pull.base_sha}").split()
        every = {*listed, *pull.landed, pull.head_sha}
        if pull.merge_commit_sha:
            every.add(pull.merge_commit_sha)
        pull.brought = (key, frozenset(every))
    return pull.brought[1]
