"""Rulesets: who may create, move or delete which branches and tags.

Pure decisions; the callers know whether a change comes by the API or by a push. Classic branch
protection is decided here too: branch_protection.py puts it into the form of rulesets.

Spec: https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/
managing-rulesets/available-rules-for-rulesets
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

from dist_sandbox.github.rules.checks import CheckState, Verdict, combine

RefChangeKind = Literal["creation", "update", "deletion"]

#: The role of administrators in bypass lists. Source: the REST API's description of rulesets.
ADMIN_ROLE_ID = 5

#: The head has to be brought up to date first. From memory, as the texts of checks that fail or
#: run; those of absent checks, reviews and the queue were seen in answers of GitHub.
BEHIND = "Head branch is out of date. Review and try the merge again."

#: GitHub's text for each rule that a change of a ref can break.
_TEXTS: Mapping[str, str] = {
    "creation": "Cannot create ref due to creations being restricted.",
    "update": "Cannot update this protected ref.",
    "deletion": "Cannot delete this protected ref.",
    "non_fast_forward": "Cannot force-push to this branch",
    "pull_request": "Changes must be made through a pull request.",
    "required_linear_history": "This branch must not contain merge commits.",
    "merge_queue": "Changes must be made through the merge queue",
}


@dataclass(frozen=True)
class Merge:
    """The merge of a pull request, as rules see it.

    `method` is empty where none was chosen yet. Where it is `behind` the head lacks commits of the
    base; where it is `queued` it comes from the merge queue.
    """

    method: str = ""
    approvals: int = 0
    changes_requested: bool = False
    behind: bool = False
    queued: bool = False


@dataclass(frozen=True)
class RefChange:
    """A change of one ref, as rules see it.

    Where it is `forced` the old commit would be lost. `merge` is None for a plain change, and
    `verdicts` is what the checks of the new commit say.
    """

    ref: str
    kind: RefChangeKind
    forced: bool = False
    merge: Merge | None = None
    adds_merge_commit: bool = False
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class BypassActor:
    """Who is not bound by a ruleset.

    `actor_id` is of what the type says: `Integration`, `User`, `RepositoryRole` or
    `OrganizationAdmin`.
    """

    actor_id: int
    actor_type: str
    bypass_mode: str = "always"


@dataclass(frozen=True)
class Actor:
    """Who changes a ref, as bypass lists name them: an App or a person; the default is in none."""

    app_id: int | None = None
    account_id: int | None = None
    admin: bool = False

    def is_named_by(self, entry: BypassActor) -> bool:
        """Tell whether an entry of a bypass list means this actor."""
        if entry.actor_type == "Integration":
            return entry.actor_id == self.app_id
        if entry.actor_type == "User":
            return entry.actor_id == self.account_id
        if entry.actor_type == "RepositoryRole":
            return self.admin and entry.actor_id == ADMIN_ROLE_ID
        return self.admin and entry.actor_type == "OrganizationAdmin"


@dataclass(frozen=True)
class Violations:
    """GitHub's texts for what a change breaks, each once.

    Where they are `classic` all come from classic branch protection, which GitHub tells otherwise
    than those of rulesets.
    """

    texts: tuple[str, ...] = ()
    classic: bool = False

    def __bool__(self) -> bool:
        return bool(self.texts)


@dataclass(frozen=True)
class Ruleset:
    """Rules for the refs that its conditions name.

    `target` is `branch` or `tag`; `include` and `exclude` hold patterns of full ref names, also
    `~ALL` and `~DEFAULT_BRANCH`, and `rules` the parameters by rule type. One that stands for
    classic branch protection is `classic`, with `texts` by rule type where they are its own.
    """

    ruleset_id: int
    name: str
    target: str
    enforcement: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: Mapping[str, Mapping[str, Any]]
    bypass_actors: tuple[BypassActor, ...]
    created_at: datetime
    classic: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)

    def applies_to(self, ref: str, *, default_branch: str) -> bool:
        """Tell whether the ruleset is active for this ref."""
        prefix = "refs/tags/" if self.target == "tag" else "refs/heads/"
        if self.enforcement != "active" or not ref.startswith(prefix):
            return False
        included, excluded = (
            any(_matches(pattern, ref, default_branch) for pattern in patterns)
            for patterns in (self.include, self.exclude)
        )
        return included and not excluded

    def violations(self, change: RefChange) -> list[str]:
        """List GitHub's texts for what the change breaks."""
        broken: list[str] = [change.kind]
        if change.kind != "creation" and change.merge is None:
            broken.append("pull_request")
        if change.kind == "update" and not (change.merge and change.merge.queued):
            broken.append("merge_queue")
        if change.forced:
            broken.append("non_fast_forward")
        if change.adds_merge_commit:
            broken.append("required_linear_history")
        texts = [self.texts.get(name, _TEXTS[name]) for name in broken if name in self.rules]
        if change.merge is not None and "pull_request" in self.rules:
            texts += _review_violations(self.rules["pull_request"], change.merge)
        if "required_status_checks" in self.rules:
            texts += _check_violations(self.rules["required_status_checks"], change)
        return texts


def find_violations(rulesets: Iterable[Ruleset], change: RefChange, *, actor: Actor) -> Violations:
    """Find what a change by somebody breaks of the rulesets that are active for its ref."""
    texts: list[str] = []
    classic = True
    for ruleset in rulesets:
        if not any(actor.is_named_by(entry) for entry in ruleset.bypass_actors):
            broken = ruleset.violations(change)
            classic = classic and (ruleset.classic or not broken)
            texts.extend(broken)
    return Violations(tuple(dict.fromkeys(texts)), classic=bool(texts) and classic)


def required_checks(parameters: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """List context and App, where one is named, of each check that a rule requires."""
    checks = parameters.get("required_status_checks", [])
    return [(str(check["context"]), check.get("integration_id")) for check in checks]


def state_of(check: tuple[str, int | None], verdicts: Iterable[Verdict]) -> CheckState | None:
    """Combine what was said of a required check; None where nothing was."""
    context, app_id = check
    return combine(
        verdict
        for verdict in verdicts
        if verdict.context == context and app_id in (None, verdict.app_id)
    )


def _review_violations(parameters: Mapping[str, Any], merge: Merge) -> list[str]:
    allowed = parameters.get("allowed_merge_methods")
    texts = []
    if allowed is not None and merge.method and merge.method not in allowed:
        # The text is ours: no source says how GitHub puts it.
        texts.append(f"The merge method {merge.method} is not allowed by the rules of this branch.")
    reviews = int(parameters.get("required_approving_review_count", 0))
    if reviews and merge.changes_requested:
        texts.append("Changes have been requested.")
    elif merge.approvals < reviews:
        needed = "review is" if reviews == 1 else "reviews are"
        texts.append(
            f"At least {reviews} approving {needed} required by reviewers with write access."
        )
    return texts


def _check_violations(parameters: Mapping[str, Any], change: RefChange) -> list[str]:
    if change.kind == "deletion":
        return []
    if change.kind == "creation" and parameters.get("do_not_enforce_on_create"):
        return []
    required = required_checks(parameters)
    states = {check: state_of(check, change.verdicts) for check in required}
    absent = [context for (context, _), state in states.items() if state is None]
    texts = []
    if len(absent) > 1:
        texts.append(f"{len(absent)} of {len(required)} required status checks are expected.")
    elif absent:
        texts.append(f'Required status check "{absent[0]}" is expected.')
    words = {"failure": "failing", "pending": "in progress"}
    for (context, _), state in states.items():
        if state in words:
            texts.append(f'Required status check "{context}" is {words[state]}.')
    strict = parameters.get("strict_required_status_checks_policy")
    if strict and required and change.merge is not None and change.merge.behind:
        texts.append(BEHIND)
    return texts


def _matches(pattern: str, ref: str, default_branch: str) -> bool:
    if pattern == "~ALL":
        return True
    if pattern == "~DEFAULT_BRANCH":
        return ref == f"refs/heads/{default_branch}"
    return fnmatchcase(ref, pattern)
