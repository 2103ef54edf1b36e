"""Read the tags that exist: of the candidates, and of the environment before."""

from collections.abc import Sequence

from dist_actions.auto_tag.planning import (
    Candidate,
    ExistingTag,
    UnversionedCandidate,
    promoted_tags,
    tree_in_message,
)
from dist_actions.errors import InputError
from dist_actions.pipeline.packages import PackageFolder
from dist_actions.pipeline.tag_shapes import common_start
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.folders import FolderHistory
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
        self._history = FolderHistory(client)
        self._git = git
        self._retries = retries
        self._refs_by_tag: dict[str, Ref] | None = None

    def find(self, candidates: Sequence[Candidate]) -> list[ExistingTag | None]:
        """Find the tag of each candidate's name; None where there is none yet."""
        refs = self._refs_by_tag
        if refs is None and len(candidates) == 1:
            return [self._find(candidates[0])]
        if refs is None:
            refs = self._refs.find_all([candidate.tag for candidate in candidates])
        pairs = ((candidate, refs.get(candidate.tag)) for candidate in candidates)
        return [self._compare(candidate, ref) if ref else None for candidate, ref in pairs]

    def wait_for(self, candidate: Candidate) -> ExistingTag:
        """Wait until GitHub lists a tag that another run created a moment ago.

        Raises:
            ServiceUnavailableError: GitHub does not list it for too long.
        """

        def read() -> ExistingTag:
            existing = self._find(candidate)
            if existing is None:
                raise _NotListedError
            return existing

        def classify(error: Exception) -> Transient | None:
            return Transient("not listed yet") if isinstance(error, _NotListedError) else None

        return self._retries.call(f"read the tag {candidate.tag}", read, classify)

    def find_versions(
        self, candidates: Sequence[Candidate | UnversionedCandidate]
    ) -> list[Candidate]:
        """Complete the candidates that lack a version with the version that promotion brought.

        Raises:
            InputError: No tag of the previous environment holds the same files.
        """
        versioned = [candidate for candidate in candidates if isinstance(candidate, Candidate)]
        if len(versioned) == len(candidates):
            return versioned
        starts = [
            candidate.tag if isinstance(candidate, Candidate) else candidate.tags.prefix
            for candidate in candidates
        ]
        refs = {ref.tag: ref for ref in self._refs.matching_tags(common_start(starts))}
        self._refs_by_tag = refs
        return [
            candidate if isinstance(candidate, Candidate) else self._find_promoted(candidate, refs)
            for candidate in candidates
        ]

    def _find_promoted(self, candidate: UnversionedCandidate, refs: dict[str, Ref]) -> Candidate:
        """Find the version whose tag in the previous environment holds the same files."""
        for version, tag in promoted_tags(candidate, refs)[:MOST_PROMOTED]:
            tagged = self._refs.peel(refs[tag])
            same_commit = tagged.commit_sha == candidate.commit_sha
            if same_commit or self._tree(tagged, candidate.folder) == candidate.tree_sha:
                return candidate.with_version(version)
        raise _not_promoted(candidate)

    def _find(self, candidate: Candidate) -> ExistingTag | None:
        ref = self._refs.find(candidate.tag)
        return self._compare(candidate, ref) if ref else None

    def _compare(self, candidate: Candidate, ref: Ref) -> ExistingTag:
        """Read a tag's commit, and its tree where that matters."""
        tagged = self._refs.peel(ref)
        if tagged.commit_sha == candidate.commit_sha:
            return ExistingTag(tagged.commit_sha)
        return ExistingTag(tagged.commit_sha, self._tree(tagged, candidate.folder))

    def _tree(self, tagged: TagObject, folder: PackageFolder) -> str:
        """Find the tree of a package's files at a tag; empty where nothing tells it."""
        commit_sha = tagged.commit_sha
        if self._git.has_commit(commit_sha):
            return self._git.subtree(commit_sha, folder.compared, without=folder.without)
        tree_sha = tree_in_message(tagged.message)
        if tree_sha or folder.without:
            return tree_sha
        if folder.compared == ".":
            return self._refs.commit_tree(commit_sha)
        return self._history.subtree(commit_sha, folder.path)


class _NotListedError(Exception):
    """GitHub refuses to create the tag because it exists, and does not list it yet."""


def _not_promoted(candidate: UnversionedCandidate) -> InputError:
    deriver, previous = candidate.deriver, candidate.previous.name
    package = f"of {candidate.tags.name} " if candidate.folder.several else ""
    return InputError(
        f"{deriver.location}: {deriver.tool} derives the version from git tags, and no tag "
        f"{package}in {previous} holds these files.",
        why=f"{candidate.environment.name} takes a version from the tag of {previous} with the "
        f"same files; of those, the {MOST_PROMOTED} highest were looked at.",
        fix=f"promote what is tagged in {previous}; or write a literal version in pyproject.toml, "
        "or give the input version.",
        location=deriver.location,
        anchor="derived-version",
    )
