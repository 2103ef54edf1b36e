"""Looks at the tags that are there: of the candidates, and of the environment before."""

from collections.abc import Sequence

from dist_actions.auto_tag.planning import (
    Candidate,
    Existing,
    Folder,
    Underived,
    promoted_tags,
    tree_in_message,
)
from dist_actions.errors import InputError
from dist_actions.pipeline.tag_shapes import common_start
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.folders import History
from dist_actions.services.github.refs import Ref, Refs, TagObject
from dist_actions.services.retries import Retries, Transient

#: How many tags of the previous environment are looked at, highest first: promotion brings the
#: newest, and a rerun of an older one is rarely further back.
MOST_PROMOTED = 10


class ExistingTags:
    """Reads tags of this repository, from the checkout where it can tell.

    Requests: one list for all names, and one for each annotated tag whose commit matters. Where a
    tag was made by hand on a commit that the checkout lacks, one or two more for its tree.
    """

    def __init__(self, client: GitHubClient, git: Git, retries: Retries) -> None:
        self._refs = Refs(client)
        self._history = History(client)
        self._git = git
        self._retries = retries
        self._listed: dict[str, Ref] | None = None

    def find(self, candidates: Sequence[Candidate]) -> list[Existing | None]:
        """The tag of each candidate's name."""
        refs = self._listed
        if refs is None and len(candidates) == 1:
            return [self._find(candidates[0])]
        if refs is None:
            refs = self._refs.find_all([candidate.tag for candidate in candidates])
        found = ((candidate, refs.get(candidate.tag)) for candidate in candidates)
        return [self._compare(candidate, ref) if ref else None for candidate, ref in found]

    def wait_for(self, candidate: Candidate) -> Existing:
        """The tag that another run made a moment ago.

        Raises:
            ServiceUnavailableError: GitHub does not list it for too long.
        """

        def read() -> Existing:
            existing = self._find(candidate)
            if existing is None:
                raise _NotListedError
            return existing

        def classify(error: Exception) -> Transient | None:
            return Transient("not listed yet") if isinstance(error, _NotListedError) else None

        return self._retries.call(f"read the tag {candidate.tag}", read, classify)

    def find_versions(self, subjects: Sequence[Candidate | Underived]) -> list[Candidate]:
        """The candidates, with the versions that promotion brought for those without one.

        Raises:
            InputError: No tag of the previous environment holds the same files.
        """
        if not any(isinstance(subject, Underived) for subject in subjects):
            return [subject for subject in subjects if isinstance(subject, Candidate)]
        starts = [one.tag if isinstance(one, Candidate) else one.tags.prefix for one in subjects]
        refs = {ref.tag: ref for ref in self._refs.matching_tags(common_start(starts))}
        self._listed = refs
        return [
            subject if isinstance(subject, Candidate) else self._promoted(subject, refs)
            for subject in subjects
        ]

    def _promoted(self, underived: Underived, refs: dict[str, Ref]) -> Candidate:
        for version, tag in promoted_tags(underived, refs)[:MOST_PROMOTED]:
            tagged = self._refs.peel(refs[tag])
            if tagged.commit_sha == underived.commit_sha:
                return underived.at(version)
            if self._tree(tagged, underived.folder) == underived.tree_sha:
                return underived.at(version)
        raise _not_promoted(underived)

    def _find(self, candidate: Candidate) -> Existing | None:
        ref = self._refs.find(candidate.tag)
        return self._compare(candidate, ref) if ref else None

    def _compare(self, candidate: Candidate, ref: Ref) -> Existing:
        """The tag; its tree is only asked for where it matters."""
        tagged = self._refs.peel(ref)
        if tagged.commit_sha == candidate.commit_sha:
            return Existing(tagged.commit_sha)
        return Existing(tagged.commit_sha, self._tree(tagged, candidate.folder))

    def _tree(self, tagged: TagObject, folder: Folder) -> str:
        """The tree of a package's files at a tag; empty where nobody tells it."""
        commit_sha = tagged.commit_sha
        if self._git.has_commit(commit_sha):
            return self._git.subtree(commit_sha, folder.compared, without=folder.without)
        written = tree_in_message(tagged.message)
        if written or folder.without:
            return written
        if folder.compared == ".":
            return self._refs.commit_tree(commit_sha)
        return self._history.subtree(commit_sha, folder.path)


class _NotListedError(Exception):
    """GitHub refuses to make the tag because it exists, and does not list it yet."""


def _not_promoted(underived: Underived) -> InputError:
    deriver, previous = underived.deriver, underived.previous.name
    named = f"of {underived.tags.name} " if underived.folder.several else ""
    return InputError(
        f"{deriver.location}: {deriver.tool} derives the version from git tags, and no tag "
        f"{named}in {previous} holds these files.",
        why=f"{underived.environment.name} takes a version from the tag of {previous} with the "
        f"same files; of those, the {MOST_PROMOTED} highest were looked at.",
        fix=f"promote what is tagged in {previous}; or write a literal version in pyproject.toml, "
        "or give the input version.",
        location=deriver.location,
        anchor="derived-version",
    )
