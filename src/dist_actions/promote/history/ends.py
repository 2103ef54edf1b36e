"""Reads a promotion's ends as a whole: what arrived in the target, and what a merge comes to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dist_actions.promote.history.cherry_picks import join_picks
from dist_actions.promote.history.commits import History
from dist_actions.promote.history.joins import WithVariables, joined
from dist_actions.promote.history.promoted_commits import Arrivals, Question, recognise
from dist_actions.promote.promotion import Observed
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.facts import MergedPull, PullsOfCommits

#: Commits that GitHub is asked about at most.
_ASKED = 100

#: Folders of the target that came from the source by themselves, with the trees that they had in a
#: source commit.
FoldersOf = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True)
class Lines:
    """Both ends, ready to be merged.

    Attributes:
        with_variables: The repository.
        history: Both ends' commits, without joins.
        question: What is asked of the target's line.
        folders_of: Of packages that were promoted alone.
    """

    with_variables: WithVariables
    history: History
    question: Question
    folders_of: FoldersOf

    def merge(self, observed: Observed, pulls_of: PullsOfCommits) -> tuple[Observed, Git]:
        """What the target should hold, and the repository in which git knows what was squashed.

        Pull requests are asked for only where the target seems to have changes of its own.
        """
        found, git, arrivals = self._merge(observed, {})
        if found.own_changes and arrivals.uncertain:
            pulls = pulls_of([one.sha for one in arrivals.uncertain[:_ASKED]])
            if pulls:
                found, git, _ = self._merge(observed, pulls)
        return found, git

    def _merge(
        self, observed: Observed, pulls: Mapping[str, MergedPull]
    ) -> tuple[Observed, Git, Arrivals]:
        history, question = self.history.without_joins(), self.question
        arrivals = recognise(history, question, pulls)
        folders = self.folders_of(arrivals.last) if arrivals.last else {}
        git = self._joined(history, folders)
        found = replace(
            observed,
            arrived=arrivals.holds_source,
            last=arrivals.last,
            later=arrivals.later,
            unknown=arrivals.unknown,
        )
        if observed.contained or arrivals.holds_source:
            found = replace(found, joined_tree=observed.target_tree)
        elif observed.source_tree == observed.target_tree:
            found = replace(found, joined_tree=observed.source_tree)
        else:
            merged = git.merge_tree(question.target, question.source)
            if merged.conflicts and arrivals.last:
                ends = question.source, question.target, arrivals.last
                picked = join_picks(self.with_variables, history, ends, arrivals.own)
                if picked is not history:
                    git = self._joined(picked, folders)
                    merged = git.merge_tree(question.target, question.source)
            found = replace(found, joined_tree=merged.tree or None, conflicts=merged.conflicts)
        if found.joined_tree == observed.source_tree:
            return found, git, arrivals
        standing = arrivals.own or arrivals.edited or (history.commits[question.target],)
        held = history.ancestors(question.branch) if question.branch else set()
        found = replace(
            found,
            own_changes=standing,
            back_merged=all(one.sha in held for one in standing),
            back_onto=_back_onto(history, question),
        )
        return found, git, arrivals

    def _joined(self, history: History, folders: Mapping[str, str]) -> Git:
        target = self.question.target
        name = f"{target}-{self.question.source}"
        held = {target: folders} if folders else {}
        return joined(self.with_variables, history, name, held)


def _back_onto(history: History, question: Question) -> str:
    """The newest commit of the source's branch that brought something of the target's line."""
    held, found = history.ancestors(question.source), question.source
    line = {one.sha for one in history.first_parents(question.target)}
    newer = [one.sha for one in history.first_parents(question.branch) if one.sha not in held]
    for sha in reversed(newer):
        more = history.ancestors(sha, beyond=held)
        held |= more
        if more & line:
            found = sha
    return found
