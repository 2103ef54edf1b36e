"""Read the tags of all candidates on GitHub, and create those that are absent."""

from collections.abc import Mapping, Sequence

from dist_actions.abbreviation import short_sha
from dist_actions.auto_tag.bumping import FIRST_VERSION, Proposal, propose
from dist_actions.auto_tag.candidates import Push
from dist_actions.auto_tag.expected_tree import PromotionPush
from dist_actions.auto_tag.inputs import AutoTagInputs
from dist_actions.auto_tag.own_workflow import read_own_workflow, releases
from dist_actions.auto_tag.planning import (
    Candidate,
    Decision,
    ExistingTag,
    UnversionedCandidate,
    plan_tag,
    tagged_versions,
    tree_in_message,
)
from dist_actions.auto_tag.report import report, report_interrupted, report_proposals
from dist_actions.errors import DistActionsError, InputError
from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.packages import PackageFolder
from dist_actions.pipeline.path_patterns import matches_any
from dist_actions.pipeline.tag_shapes import common_start
from dist_actions.services.clock import Clock
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.history import History
from dist_actions.services.github.pulls import PullRequests
from dist_actions.services.github.refs import Ref, Refs, TagExistsError, TagObject
from dist_actions.services.github.session import GitHubSession, Writer
from dist_actions.services.retries import Retries, Transient
from dist_actions.services.runner import Runner
from dist_actions.versions import require_releasable

#: What the bot's token may do, and nothing else.
_PERMISSIONS = {"contents": "write"}
#: How many tags of the previous environment are looked at, highest first: promotion brings the
#: newest, and a rerun of an older one is rarely further back.
_MOST_PROMOTED = 10


def tag(
    candidates: Sequence[Candidate | UnversionedCandidate],
    push: Push,
    inputs: AutoTagInputs,
    git: Git,
    runner: Runner,
    *,
    environ: Mapping[str, str],
    promotion: PromotionPush | None,
    clock: Clock,
) -> int:
    """Read the tags, create those that are absent with one token, and return the exit status.

    A promotion that the push ends with is compared before all else.

    Raises:
        PromotionError: The promotion brought other files than it promised; nothing is tagged.
        DistActionsError: GitHub refused, or did not answer; what is created by then is kept.
    """
    retries = Retries.of_run(environ, runner, inputs.max_wait, clock)
    session = GitHubSession.from_environ(environ, runner, retries)
    client = session.as_job(inputs.github_token)
    if promotion:
        promotion.check(PullRequests(client).of_commit, runner)
    existing_tags = _ExistingTags(client, git, retries, inputs.exempt_paths)
    versioned = existing_tags.find_versions(candidates)
    for candidate in versioned:
        _require_releasable(candidate, inputs, push)
    pairs = zip(versioned, existing_tags.find(versioned), strict=True)
    decisions = [_decide(candidate, existing, inputs) for candidate, existing in pairs]
    report_proposals(runner, decisions)
    absent = [decision.candidate for decision in decisions if decision.plan.create]
    overtaken = _create(absent, inputs, session, runner) if absent else set()
    decisions = [
        _decide(decision.candidate, existing_tags.wait_for(decision.candidate), inputs)
        if decision.candidate.tag in overtaken
        else decision
        for decision in decisions
    ]
    promotes = push.settings.environments.after(push.environment) is not None
    return report(
        runner,
        decisions,
        job_token=inputs.credentials.job_token,
        promotes=promotes,
        is_released_here=releases(read_own_workflow(git, environ)),
    )


def _require_releasable(candidate: Candidate, inputs: AutoTagInputs, push: Push) -> None:
    """Check a version that promotion brought; declared versions were checked before, offline."""
    if candidate.version.source == "promotion":
        require_releasable(
            candidate.version,
            allow_prerelease=inputs.allow_prerelease,
            environment=push.production,
        )


def _decide(candidate: Candidate, existing: ExistingTag | None, inputs: AutoTagInputs) -> Decision:
    plan = plan_tag(candidate, existing, on_unbumped=inputs.on_unbumped, dry_run=inputs.dry_run)
    return Decision(candidate, plan)


def _create(
    candidates: Sequence[Candidate], inputs: AutoTagInputs, session: GitHubSession, runner: Runner
) -> set[str]:
    """Create the tags, and return those that another run created meanwhile."""
    created: list[Candidate] = []
    overtaken: set[str] = set()

    def create(writer: Writer) -> None:
        # It is called again where GitHub asks for a further permission, perhaps half way.
        settled = {candidate.tag for candidate in created} | overtaken
        refs = Refs(writer.client)
        for candidate in candidates:
            if candidate.tag in settled:
                continue
            try:
                refs.create_annotated(candidate.tag, candidate.message, candidate.commit_sha)
                created.append(candidate)
            except TagExistsError:
                runner.log(f"Another run created {candidate.tag} meanwhile.")
                overtaken.add(candidate.tag)

    try:
        session.write(inputs.credentials, _PERMISSIONS, create)
    except DistActionsError:
        if created:
            report_interrupted(runner, created, candidates)
        raise
    return overtaken


class _ExistingTags:
    """Reads tags of this repository, from the checkout where it can tell.

    Requests: one list for all names, and one for each annotated tag whose commit matters. Where a
    tag was made by hand on a commit that the checkout lacks, one or two more for its tree; where
    the version was not raised and some paths are exempt, one for what changed.
    """

    def __init__(
        self, client: GitHubClient, git: Git, retries: Retries, exempt_paths: Sequence[str]
    ) -> None:
        self._exempt_paths = exempt_paths
        self._refs = Refs(client)
        self._history = History(client)
        self._git = git
        self._retries = retries
        self._refs_by_tag: dict[str, Ref] | None = None
        self._tag_objects: dict[str, TagObject] = {}

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

        In the first environment the next version is proposed.

        Raises:
            InputError: No tag of the previous environment holds the same files; or the last tag is
                on another history.
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
            candidate if isinstance(candidate, Candidate) else self._complete(candidate, refs)
            for candidate in candidates
        ]

    def _complete(self, candidate: UnversionedCandidate, refs: dict[str, Ref]) -> Candidate:
        if candidate.previous:
            return self._find_promoted(candidate, candidate.previous, refs)
        return self._propose(candidate, refs)

    def _propose(self, candidate: UnversionedCandidate, refs: dict[str, Ref]) -> Candidate:
        """Propose the version after the highest one that has a tag in any environment.

        What changed is counted from this environment's last tag: other branches hold the same
        changes as other commits, if they were squashed there.
        """
        versions = tagged_versions(candidate, refs)
        if not versions:
            reason = f"{FIRST_VERSION} is the first version, because there is no tag yet."
            return candidate.as_proposed(Proposal(FIRST_VERSION, reason))
        suffix = candidate.environment.suffix
        last = next((version for version in versions if version.suffix == suffix), versions[0])
        tagged = self._peel(refs[last.tag])
        same_commit = tagged.commit_sha == candidate.commit_sha
        if same_commit or self._tree(tagged, candidate.folder) == candidate.tree_sha:
            return candidate.as_proposed(Proposal(None, f"{last.tag} holds the same files."), last)
        commits = self._history.between(tagged.commit_sha, candidate.commit_sha)
        if commits is None:
            raise _other_history(last.tag, candidate)
        if candidate.folder.several and candidate.folder.compared != ".":
            commits = self._history.of_folder(commits, candidate.folder.path)
        proposal = propose(candidate.bump, versions[0].version, commits, last.tag)
        return candidate.as_proposed(proposal, last)

    def _find_promoted(
        self, candidate: UnversionedCandidate, previous: Environment, refs: dict[str, Ref]
    ) -> Candidate:
        """Find the version whose tag in the previous environment holds the same files."""
        versions = tagged_versions(candidate, refs)
        promoted = [version for version in versions if version.suffix == previous.suffix]
        for version in promoted[:_MOST_PROMOTED]:
            tagged = self._peel(refs[version.tag])
            same_commit = tagged.commit_sha == candidate.commit_sha
            if same_commit or self._tree(tagged, candidate.folder) == candidate.tree_sha:
                return candidate.with_version(version.version)
        raise _not_promoted(candidate, previous.name)

    def _peel(self, ref: Ref) -> TagObject:
        if ref.object_sha not in self._tag_objects:
            self._tag_objects[ref.object_sha] = self._refs.peel(ref)
        return self._tag_objects[ref.object_sha]

    def _find(self, candidate: Candidate) -> ExistingTag | None:
        ref = self._refs.find(candidate.tag)
        return self._compare(candidate, ref) if ref else None

    def _compare(self, candidate: Candidate, ref: Ref) -> ExistingTag:
        """Read a tag's commit, and its tree where that matters."""
        tagged = self._peel(ref)
        if tagged.commit_sha == candidate.commit_sha:
            return ExistingTag(tagged.commit_sha)
        tree_sha = self._tree(tagged, candidate.folder)
        differs = tree_sha != candidate.tree_sha
        only_exempt = differs and self._changed_only_exempt(tagged.commit_sha, candidate)
        return ExistingTag(tagged.commit_sha, tree_sha, only_exempt)

    def _changed_only_exempt(self, tagged_sha: str, candidate: Candidate) -> bool:
        """Tell whether nothing but exempt files changed in a package since its tag."""
        if not self._exempt_paths or candidate.proposal:
            return False
        paths = self._history.changed_paths(tagged_sha, candidate.commit_sha)
        return paths is not None and all(
            matches_any(path, self._exempt_paths) for path in paths if candidate.folder.holds(path)
        )

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


def _other_history(tag: str, candidate: UnversionedCandidate) -> InputError:
    return InputError(
        f"{tag} and {short_sha(candidate.commit_sha)} have no commit in common.",
        why="bump counts what changed since the last tag, and the history was begun anew since "
        "then.",
        fix="give the next version once by the input version.",
        anchor="bump",
    )


def _not_promoted(candidate: UnversionedCandidate, previous: str) -> InputError:
    deriver = candidate.deriver
    package = f"of {candidate.tags.name} " if candidate.folder.several else ""
    return InputError(
        f"{deriver.location}: {deriver.tool} derives the version from git tags, and no tag "
        f"{package}in {previous} holds these files.",
        why=f"{candidate.environment.name} takes a version from the tag of {previous} with the "
        f"same files; of those, the {_MOST_PROMOTED} highest were looked at.",
        fix=f"promote what is tagged in {previous}; or write a literal version in pyproject.toml, "
        "or give the input version.",
        location=deriver.location,
        anchor="derived-version",
    )
