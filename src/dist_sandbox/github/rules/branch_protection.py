"""Classic branch protection: what one branch demands, in the form of rulesets.

It has a shape and texts of its own; whether a change may happen is decided by rulesets.py alone,
so that rulesets and protection add up. Kept and shown without binding anybody, as there is
nothing here that they could bind: code owners, the last push's approval, who may dismiss reviews,
conversations, fork syncing.

Spec: https://docs.github.com/rest/branches/branch-protection
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.access.apps import App
from dist_sandbox.github.rules.rulesets import ADMIN_ROLE_ID, Actor, BypassActor, Ruleset

#: GitHub's text for who is not on the list of a branch; seen in refused pushes.
NOT_AUTHORIZED = (
    "You're not authorized to push to this branch. Visit "
    "https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/"
    "managing-protected-branches/about-protected-branches for more information."
)
#: Seen likewise, but for that of locked branches, which is from memory.
_DELETION = "Cannot delete this protected branch"
_LOCKED = "Cannot change this locked branch"

_ADMINS = (BypassActor(ADMIN_ROLE_ID, "RepositoryRole"),)


@dataclass(frozen=True)
class Actors:
    """People and Apps that a setting names; there are no teams here."""

    users: tuple[Account, ...] = ()
    apps: tuple[App, ...] = ()

    def as_bypass_actors(self) -> tuple[BypassActor, ...]:
        """Convert them to a bypass list."""
        people = tuple(BypassActor(account.account_id, "User") for account in self.users)
        return people + tuple(BypassActor(app.app_id, "Integration") for app in self.apps)


@dataclass(frozen=True)
class RequiredChecks:
    """Checks that must succeed: context and ID of the App that has to say it; None for any.

    Where they are `strict` the head has to hold the base's newest commit.
    """

    strict: bool
    checks: tuple[tuple[str, int | None], ...]

    @property
    def contexts(self) -> list[str]:
        """List the names alone."""
        return [context for context, _ in self.checks]


@dataclass(frozen=True)
class RequiredReviews:
    """Changes come by pull requests, which people approve.

    `approvals` is how many must, `dismissal` who may dismiss reviews (None for everybody who may
    write) and `bypass` who needs no pull request.
    """

    approvals: int
    dismiss_stale: bool = False
    code_owners: bool = False
    last_push_approval: bool = False
    dismissal: Actors | None = None
    bypass: Actors | None = None


@dataclass(frozen=True)
class BranchProtection:
    """The protection of one branch; the switches have GitHub's names.

    With `enforce_admins` administrators are bound by it; force pushes and deletions bind them in
    any case. `restrictions` is who may push; None for everybody who may write.
    """

    branch: str
    created_at: datetime
    enforce_admins: bool = False
    checks: RequiredChecks | None = None
    reviews: RequiredReviews | None = None
    restrictions: Actors | None = None
    required_linear_history: bool = False
    allow_force_pushes: bool = False
    allow_deletions: bool = False
    block_creations: bool = False
    required_conversation_resolution: bool = False
    lock_branch: bool = False
    allow_fork_syncing: bool = False

    def lets(self, actor: Actor, allowed: Actors | None) -> bool:
        """Tell whether a list of actors, or its absence, lets an actor through."""
        if allowed is None or (actor.admin and not self.enforce_admins):
            return True
        return any(actor.is_named_by(entry) for entry in allowed.as_bypass_actors())

    def as_rulesets(self) -> list[Ruleset]:
        """Convert it to rulesets: one for each group of people that a part does not bind."""
        exempt = () if self.enforce_admins else _ADMINS
        # The first has no bypass list: these rules bind administrators too. It stands for the
        # protection as such, even where both are allowed.
        always: dict[str, Mapping[str, Any]] = {}
        if not self.allow_force_pushes:
            always["non_fast_forward"] = {}
        if not self.allow_deletions:
            always["deletion"] = {}
        rulesets = [self._ruleset(always, (), {"deletion": _DELETION})]
        if rules := self._rules_of_commits():
            rulesets.append(self._ruleset(rules, exempt))
        if self.reviews is not None:
            parameters = {
                "required_approving_review_count": self.reviews.approvals,
                "dismiss_stale_reviews_on_push": self.reviews.dismiss_stale,
            }
            bypass = exempt + (self.reviews.bypass or Actors()).as_bypass_actors()
            rulesets.append(self._ruleset({"pull_request": parameters}, bypass))
        if self.restrictions is not None:
            kinds = ("creation", "update") if self.block_creations else ("update",)
            bypass = exempt + self.restrictions.as_bypass_actors()
            texts = dict.fromkeys(kinds, NOT_AUTHORIZED)
            rulesets.append(self._ruleset({kind: {} for kind in kinds}, bypass, texts))
        if self.lock_branch:
            rulesets.append(self._ruleset({"update": {}}, exempt, {"update": _LOCKED}))
        return rulesets

    def _rules_of_commits(self) -> dict[str, Mapping[str, Any]]:
        rules: dict[str, Mapping[str, Any]] = {}
        if self.required_linear_history:
            rules["required_linear_history"] = {}
        if self.checks is not None:
            rules["required_status_checks"] = {
                "strict_required_status_checks_policy": self.checks.strict,
                "required_status_checks": [
                    {"context": context, "integration_id": app_id}
                    for context, app_id in self.checks.checks
                ],
            }
        return rules

    def _ruleset(
        self,
        rules: Mapping[str, Mapping[str, Any]],
        bypass: tuple[BypassActor, ...],
        texts: Mapping[str, str] | None = None,
    ) -> Ruleset:
        return Ruleset(
            ruleset_id=0,
            name=f"protection of {self.branch}",
            target="branch",
            enforcement="active",
            include=(f"refs/heads/{self.branch}",),
            exclude=(),
            rules=rules,
            bypass_actors=bypass,
            created_at=self.created_at,
            classic=True,
            texts=texts or {},
        )
