"""Which pull requests brought a commit, and which commits belong to a pull request."""

from dist_sandbox.github.git.objects import Commit, commits_between
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.state import Repository

#: A pull request shows no more than this many commits.
#: Spec: https://docs.github.com/rest/pulls/pulls#list-commits-on-a-pull-request
MAX_COMMITS = 250


def list_commits(repository: Repository, pull: PullRequest) -> list[Commit]:
    """List the commits of a pull request, oldest first, as far as GitHub shows them."""
    return commits_between(repository.git, pull.base_sha, pull.head_sha)[:MAX_COMMITS]


def pulls_of_commit(repository: Repository, sha: str) -> list[PullRequest]:
    """List the pull requests that brought a commit, or that hold it while open."""
    return [pull for pull in repository.pulls if sha in _commits(repository, pull)]


def _commits(repository: Repository, pull: PullRequest) -> frozenset[str]:
    """List all commits of a pull request, computed anew when head or base have moved."""
    key = (pull.base_sha, pull.head_sha, pull.merge_commit_sha or "")
    if pull.cached_commits is None or pull.cached_commits[0] != key:
        commits = repository.git.git("rev-list", pull.head_sha, f"^{pull.base_sha}").split()
        shas = {*commits, *pull.landed, pull.head_sha}
        if pull.merge_commit_sha:
            shas.add(pull.merge_commit_sha)
        pull.cached_commits = (key, frozenset(shas))
    return pull.cached_commits[1]
