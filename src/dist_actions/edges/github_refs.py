"""Tags and commits of a repository on GitHub."""

from dataclasses import dataclass

from github import GithubException

from dist_actions.edges.github import GitHubClient, message_of


@dataclass(frozen=True)
class Ref:
    """A tag as GitHub lists it.

    Attributes:
        tag: Its name without `refs/tags/`.
        object_sha: The commit, or the tag object of an annotated tag.
        annotated: Whether `object_sha` is a tag object.
    """

    tag: str
    object_sha: str
    annotated: bool


@dataclass(frozen=True)
class TagObject:
    """An annotated tag's own object.

    Attributes:
        commit_sha: What it points to, peeled.
        message: As written when it was made.
    """

    commit_sha: str
    message: str


class TagExistsError(Exception):
    """Somebody else made the tag in the meantime; the caller reads it again."""


class Refs:
    """Reads and makes tags."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def matching_tags(self, prefix: str) -> list[Ref]:
        """All tags whose names start with `prefix`.

        Raises:
            GitHubApiError: GitHub refused.
            ServiceUnavailableError: It did not answer.
        Spec: https://docs.github.com/en/rest/git/refs#list-matching-references
        """
        operation = f"read the tag {prefix}"
        try:
            found = self._client.call(
                operation,
                lambda repository: list(repository.get_git_matching_refs(f"tags/{prefix}")),
            )
        except GithubException as error:
            raise self._client.refusal(operation, error) from error
        return [
            Ref(
                ref.ref.removeprefix("refs/tags/"),
                ref.object.sha,
                annotated=ref.object.type == "tag",
            )
            for ref in found
        ]

    def find(self, tag: str) -> Ref | None:
        """The tag of exactly this name."""
        return next((ref for ref in self.matching_tags(tag) if ref.tag == tag), None)

    def tag_object(self, sha: str) -> TagObject:
        """The object of an annotated tag.

        Spec: https://docs.github.com/en/rest/git/tags#get-a-tag
        """
        operation = f"read the tag object {sha[:7]}"
        try:
            found = self._client.call(operation, lambda repository: repository.get_git_tag(sha))
        except GithubException as error:
            raise self._client.refusal(operation, error) from error
        return TagObject(found.object.sha, found.message)

    def peel(self, ref: Ref) -> TagObject:
        """The commit behind a tag, annotated or not."""
        return self.tag_object(ref.object_sha) if ref.annotated else TagObject(ref.object_sha, "")

    def commit_tree(self, commit_sha: str) -> str:
        """The tree of a commit.

        Spec: https://docs.github.com/en/rest/git/commits#get-a-commit-object
        """
        operation = f"read the commit {commit_sha[:7]}"
        try:
            return self._client.call(
                operation, lambda repository: repository.get_git_commit(commit_sha).tree.sha
            )
        except GithubException as error:
            raise self._client.refusal(operation, error) from error

    def is_on_branch(self, commit_sha: str, branch: str) -> bool:
        """Whether the commit is the branch's tip or one of its ancestors.

        Spec: https://docs.github.com/en/rest/commits/commits#compare-two-commits
        """
        operation = f"compare {commit_sha[:7]} with the branch {branch}"
        try:
            status = self._client.call(
                operation,
                lambda repository: repository.compare(branch, commit_sha).status,
            )
        except GithubException as error:
            if error.status == 404:
                return False
            raise self._client.refusal(operation, error) from error
        return status in {"identical", "behind"}

    def create_annotated(self, tag: str, message: str, commit_sha: str) -> str:
        """Make an annotated tag, by the token's own identity, and return its object's SHA.

        Raises:
            TagExistsError: A tag of this name exists by now.
            GitHubApiError: GitHub refused.
        Spec: https://docs.github.com/en/rest/git/tags#create-a-tag-object
        """
        operation = f"create the tag {tag}"
        try:
            made = self._client.call(
                operation,
                lambda repository: repository.create_git_tag(tag, message, commit_sha, "commit"),
            )
            self._client.call(
                operation,
                lambda repository: repository.create_git_ref(f"refs/tags/{tag}", made.sha),
            )
        except GithubException as error:
            if error.status == 422 and "already exists" in message_of(error).lower():
                raise TagExistsError(tag) from error
            raise self._client.refusal(operation, error) from error
        return made.sha
