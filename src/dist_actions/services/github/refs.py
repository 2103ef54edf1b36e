"""Tags and commits of a repository on GitHub."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dist_actions.abbreviation import short_sha
from dist_actions.errors import ServiceUnavailableError
from dist_actions.pipeline.tag_shapes import common_start
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import items, sha, text

#: Tags that start alike, and pages of them; a list that goes on is none of a repository.
_MOST_TAGS = 100_000
_MOST_PAGES = 1_000


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
        """List all tags whose names start with `prefix`.

        Raises:
            GitHubApiError: GitHub refused.
            ServiceUnavailableError: It did not answer, or its list goes on and on.
        Spec: https://docs.github.com/en/rest/git/refs#list-matching-references
        """
        refs, next_page = self._matching(prefix)
        for _ in range(_MOST_PAGES):
            if not next_page:
                return refs
            page, next_page = self._client.read_page(f"read the tag {prefix}", next_page, _refs)
            refs += page
            if len(refs) > _MOST_TAGS:
                break
        raise _endless(prefix)

    def find(self, tag: str) -> Ref | None:
        """Find the tag of exactly this name, in one request however many tags start with it.

        GitHub sorts them by name, so this one would be the first. Where it is not found for any
        other reason, GitHub still refuses to make it a second time.
        """
        refs, _ = self._matching(tag)
        return next((ref for ref in refs if ref.tag == tag), None)

    def find_all(self, tags: Sequence[str]) -> dict[str, Ref]:
        """Find the tags of exactly these names, by name: usually one request for all of them.

        GitHub lists whatever starts as they all do. Should it ever split that list, those that are
        not on its first page are asked for one by one, so there are at most `1 + len(tags)`.
        """
        prefix = common_start(tags)
        page, next_page = self._client.read_page(
            f"read the tags {prefix}", f"git/matching-refs/tags/{quote(prefix)}", _refs
        )
        matching = {ref.tag: ref for ref in page}
        refs = {tag: matching[tag] for tag in tags if tag in matching}
        if next_page:
            more = {tag: self.find(tag) for tag in tags if tag not in refs}
            refs.update({tag: ref for tag, ref in more.items() if ref})
        return refs

    def tag_object(self, object_sha: str) -> TagObject:
        """Read the object of an annotated tag.

        Spec: https://docs.github.com/en/rest/git/tags#get-a-tag
        """
        operation = f"read the tag object {short_sha(object_sha)}"
        return self._client.read(operation, f"git/tags/{object_sha}", _tag_object)

    def peel(self, ref: Ref) -> TagObject:
        """Read which commit a tag is on, annotated or not."""
        return self.tag_object(ref.object_sha) if ref.annotated else TagObject(ref.object_sha, "")

    def commit_tree(self, commit_sha: str) -> str:
        """Read the tree of a commit.

        Spec: https://docs.github.com/en/rest/git/commits#get-a-commit-object
        """
        operation = f"read the commit {short_sha(commit_sha)}"
        return self._client.read(operation, f"git/commits/{commit_sha}", _tree)

    def tagged_commit(self, tag: str) -> TaggedCommit | None:
        """Read the commit of a tag, annotated or not, with its tree; None for no such tag.

        Spec: https://docs.github.com/en/rest/commits/commits#get-a-commit
        """
        try:
            return self._client.read(
                f"read the commit of the tag {tag}",
                f"commits/{quote(f'tags/{tag}', safe='')}",
                _tagged_commit,
                meaningful=frozenset({404, 422}),
                per_page=1,  # of the files, which nobody asked for
            )
        except RefusedError:
            return None

    def is_on_branch(self, commit_sha: str, branch: str) -> bool:
        """Tell whether the commit is the branch's tip or one of its ancestors.

        The branch is named in full: a tag of the same name must not stand for it.

        Spec: https://docs.github.com/en/rest/commits/commits#compare-two-commits
        """
        try:
            status = self._client.read(
                f"compare {short_sha(commit_sha)} with the branch {branch}",
                f"compare/refs/heads/{quote(branch)}...{commit_sha}",
                lambda comparison: text(comparison["status"]),
                meaningful=frozenset({404}),
                page=1,
                per_page=100,
            )
        except RefusedError:
            return False
        return status in {"identical", "behind"}

    def create_annotated(self, tag: str, message: str, commit_sha: str) -> str:
        """Make an annotated tag, by the token's own identity, and return its object's SHA.

        Raises:
            TagExistsError: A tag of this name exists by now.
            GitHubApiError: GitHub refused.
        Spec: https://docs.github.com/en/rest/git/tags#create-a-tag-object
        """
        operation = f"create the tag {tag}"
        body = {"tag": tag, "message": message, "object": commit_sha, "type": "commit"}
        object_sha = self._client.request(
            operation, "POST", "git/tags", body, lambda tag: sha(tag["sha"]), is_change=False
        )
        self._create_ref(operation, tag, object_sha)
        return object_sha

    def create_lightweight(self, tag: str, commit_sha: str) -> None:
        """Make a tag without an object of its own.

        Raises:
            TagExistsError: A tag of this name exists by now.
            GitHubApiError: GitHub refused.
        """
        self._create_ref(f"create the tag {tag}", tag, commit_sha)

    def move_forward(self, tag: str, commit_sha: str) -> bool:
        """Move a tag to a descendant of its commit; False where it is none, and the tag stays.

        GitHub itself compares the two, so that no other run can come in between.

        Raises:
            GitHubApiError: GitHub refused.
        Spec: https://docs.github.com/en/rest/git/refs#update-a-reference
        """
        operation, path = f"move the tag {tag}", f"git/refs/tags/{quote(tag)}"
        body = {"sha": commit_sha, "force": False}
        try:
            self._client.request(operation, "PATCH", path, body, _ref, meaningful=frozenset({422}))
        except RefusedError as error:
            if "fast forward" not in error.message.lower():
                raise self._client.explain(operation, error) from error
            return False
        return True

    def _matching(self, prefix: str) -> tuple[list[Ref], str]:
        """Read the first page of the tags that start with a prefix, and the next one's address."""
        path = f"git/matching-refs/{quote(f'tags/{prefix}', safe='')}"
        return self._client.read_page(f"read the tag {prefix}", path, _refs, per_page=100)

    def _create_ref(self, operation: str, tag: str, object_sha: str) -> None:
        body = {"ref": f"refs/tags/{tag}", "sha": object_sha}
        try:
            self._client.request(
                operation, "POST", "git/refs", body, _ref, meaningful=frozenset({422})
            )
        except RefusedError as error:
            if "already exists" not in error.message.lower():
                raise self._client.explain(operation, error) from error
            # A first try may have been carried out although its answer was lost.
            ref = self.find(tag) if error.tries > 1 else None
            if ref is None or ref.object_sha != object_sha:
                raise TagExistsError(tag) from error


def _refs(data: Any) -> list[Ref]:
    return [_ref(ref) for ref in items(data)]


def _ref(data: Any) -> Ref:
    name, target = text(data["ref"]).removeprefix("refs/tags/"), data["object"]
    return Ref(name, sha(target["sha"]), annotated=text(target["type"]) == "tag")


def _tag_object(data: Any) -> TagObject:
    return TagObject(sha(data["object"]["sha"]), text(data["message"]))


def _tree(commit: Any) -> str:
    return sha(commit["tree"]["sha"])


def _tagged_commit(data: Any) -> TaggedCommit:
    return TaggedCommit(sha(data["sha"]), _tree(data["commit"]))


def _endless(prefix: str) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"GitHub's list of the tags that start with {prefix!r} does not end.",
        why=f"it has more than {_MOST_TAGS} tags or {_MOST_PAGES} pages, which is no repository's "
        "list but a proxy's or another server's.",
        fix="check the address of GitHub and the proxies; if there are that many tags, delete "
        "old ones.",
        anchor="service-unavailable",
    )
