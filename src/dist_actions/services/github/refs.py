"""Tags and commits of a repository on GitHub."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from github import GithubException
from github.GitRef import GitRef
from github.Repository import Repository

from dist_actions.pipeline.tag_shapes import common_start
from dist_actions.services.github.client import GitHubClient, message_of


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


@dataclass(frozen=True)
class TaggedCommit:
    """What a tag points to, peeled: a commit and its tree, 40 hex digits each."""

    commit_sha: str
    tree_sha: str


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
        return [_as_ref(ref) for ref in found]

    def find(self, tag: str) -> Ref | None:
        """The tag of exactly this name, in one request however many tags start with it.

        GitHub sorts them by name, so this one would be the first. Where it is not found for any
        other reason, GitHub still refuses to make it a second time.
        """
        operation = f"read the tag {tag}"
        try:
            page = self._client.call(
                operation,
                lambda repository: repository.get_git_matching_refs(f"tags/{tag}").get_page(0),
            )
        except GithubException as error:
            raise self._client.refusal(operation, error) from error
        return next((ref for ref in map(_as_ref, page) if ref.tag == tag), None)

    def find_all(self, tags: Sequence[str]) -> dict[str, Ref]:
        """The tags of exactly these names, by name: usually one request for all of them.

        GitHub lists whatever starts as they all do. Should it ever split that list, those that are
        not on its first page are asked for one by one, so there are at most `1 + len(tags)`.
        """
        prefix = common_start(tags)
        operation = f"read the tags {prefix}"
        try:
            headers, page = self._client.call(
                operation,
                lambda repository: repository.requester.requestJsonAndCheck(
                    "GET", f"{repository.url}/git/matching-refs/tags/{quote(prefix)}"
                ),
            )
        except GithubException as error:
            raise self._client.refusal(operation, error) from error
        listed = {ref.tag: ref for ref in map(_parse, page)}
        found = {tag: listed[tag] for tag in tags if tag in listed}
        if 'rel="next"' in headers.get("link", ""):
            more = {tag: self.find(tag) for tag in tags if tag not in found}
            found.update({tag: ref for tag, ref in more.items() if ref})
        return found

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

    def tagged_commit(self, tag: str) -> TaggedCommit | None:
        """The commit of a tag, annotated or not, with its tree; None where there is no such tag.

        Spec: https://docs.github.com/en/rest/commits/commits#get-a-commit
        """
        operation = f"read the commit of the tag {tag}"
        try:
            _, found = self._client.call(
                operation,
                lambda repository: repository.requester.requestJsonAndCheck(
                    "GET",
                    f"{repository.url}/commits/{quote(f'tags/{tag}', safe='')}",
                    parameters={"per_page": 1},  # of the files, which nobody asked for
                ),
            )
        except GithubException as error:
            if error.status in {404, 422}:
                return None
            raise self._client.refusal(operation, error) from error
        return TaggedCommit(str(found["sha"]), str(found["commit"]["tree"]["sha"]))

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
        except GithubException as error:
            raise self._client.refusal(operation, error) from error
        self._create_ref(operation, tag, made.sha)
        return made.sha

    def _create_ref(self, operation: str, tag: str, object_sha: str) -> None:
        tries = 0

        def create(repository: Repository) -> None:
            nonlocal tries
            tries += 1
            repository.create_git_ref(f"refs/tags/{tag}", object_sha)

        try:
            self._client.call(operation, create)
        except GithubException as error:
            if error.status != 422 or "already exists" not in message_of(error).lower():
                raise self._client.refusal(operation, error) from error
            # A first try may have been carried out although its answer was lost.
            ref = self.find(tag) if tries > 1 else None
            if ref is None or ref.object_sha != object_sha:
                raise TagExistsError(tag) from error


def _parse(data: dict[str, Any]) -> Ref:
    name, target = str(data["ref"]).removeprefix("refs/tags/"), data["object"]
    return Ref(name, str(target["sha"]), annotated=target["type"] == "tag")


def _as_ref(ref: GitRef) -> Ref:
    name = ref.ref.removeprefix("refs/tags/")
    return Ref(name, ref.object.sha, annotated=ref.object.type == "tag")
