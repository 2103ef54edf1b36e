"""Operations on pull requests."""

from typing import Any

from flask import Response

from dist_sandbox.github.git import merging
from dist_sandbox.github.git.bare_repository import Ref
from dist_sandbox.github.git.ref_changes import RefUpdate, announce
from dist_sandbox.github.git.signatures import account_signature
from dist_sandbox.github.pull_requests.commits import list_commits
from dist_sandbox.github.pull_requests.events import announce_pull
from dist_sandbox.github.pull_requests.mergeability import look, merge_state
from dist_sandbox.github.pull_requests.merging import MergeRequest, merge_pull
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.render.basics import repository_api
from dist_sandbox.github.render.git import render_commit
from dist_sandbox.github.render.pulls import render_full_pull, render_pull
from dist_sandbox.github.rest.calls import Call, find_pull, reply
from dist_sandbox.github.rest.errors import ApiError, not_found, validation_failed
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page

operations = Operations()

_REPO = "/repos/{owner}/{repo}"
_PULL = f"{_REPO}/pulls/{{pull_number}}"


@operations.operation(f"GET {_REPO}/pulls")
def list_pulls(call: Call) -> Response:
    """Pull requests by state, base and head, newest first."""
    state, base = call.query.get("state", "open"), call.query.get("base")
    owner, colon, branch = call.query.get("head", "").partition(":")
    found = [
        pull
        for pull in call.repository.pulls
        if state in ("all", pull.state)
        and base in (None, "", pull.base)
        # GitHub ignores a head without its owner.
        and (not colon or (owner.lower(), branch) == (_owner(call).lower(), pull.head))
    ]
    key = "updated_at" if call.query.get("sort") == "updated" else "number"
    ascending = call.query.get("direction") == "asc"
    found.sort(key=lambda pull: getattr(pull, key), reverse=not ascending)
    shown = [render_pull(one, call.repository, call.github) for one in page_of(call, found)]
    return reply_page(call, shown, total=len(found))


@operations.operation(f"POST {_REPO}/pulls")
def create_pull(call: Call) -> Response:
    """Ask that one branch takes another's changes."""
    if call.principal.kind == "job" and not call.repository.actions_may_open_pulls:
        raise ApiError(403, "GitHub Actions is not permitted to create or approve pull requests.")
    title = call.required_text("title")
    head, base = _existing_branch(call, "head"), _existing_branch(call, "base")
    head_name, base_name = _short(head), _short(base)
    _check_new(call, head, base)
    now = call.world.clock.now()
    pull = PullRequest(
        pull_id=call.github.next_id(),
        number=len(call.repository.pulls) + 1,
        title=title,
        body=call.text("body"),
        head=head_name,
        head_sha=head.sha,
        base=base_name,
        base_sha=base.sha,
        author=call.principal.account,
        created_at=now,
        updated_at=now,
        draft=bool(call.flag("draft")),
    )
    call.repository.pulls.append(pull)
    call.repository.git.update_ref(f"refs/pull/{pull.number}/head", head.sha)
    announce_pull(call.github, call.repository, pull, "opened", call.principal)
    return reply(_render_full(call, pull, mergeable=None), 201)


@operations.operation(f"GET {_PULL}")
def get_pull(call: Call, pull_number: int) -> Response:
    """One pull request; whether it can be merged is known from the second look on."""
    pull = find_pull(call, pull_number)
    return reply(_render_full(call, pull, mergeable=look(call.repository, pull)))


@operations.operation(f"PATCH {_PULL}")
def change_pull(call: Call, pull_number: int) -> Response:
    """Change title, body or base, close or reopen."""
    pull = find_pull(call, pull_number)
    now, action = call.world.clock.now(), "edited"
    title, state = call.text("title"), call.text("state")
    if title is not None:
        pull.title = title
    if "body" in call.body():
        pull.body = call.text("body")
    if call.text("base") is not None:
        pull.base, pull.auto_merge = _short(_existing_branch(call, "base")), None
    pull.updated_at = now
    if state == "closed" and pull.open:
        pull.close(now)
        action = "closed"
    elif state == "open" and not pull.open:
        _reopen(call, pull)
        action = "reopened"
    announce_pull(call.github, call.repository, pull, action, call.principal)
    return reply(_render_full(call, pull, mergeable=None))


@operations.operation(f"GET {_PULL}/commits")
def list_pull_commits(call: Call, pull_number: int) -> Response:
    """The commits of a pull request, oldest first."""
    pull = find_pull(call, pull_number)
    every = list_commits(call.repository, pull)
    shown = [render_commit(one, call.repository, call.github) for one in page_of(call, every)]
    return reply_page(call, shown, total=len(every))


@operations.operation(f"GET {_PULL}/merge")
def check_merged(call: Call, pull_number: int) -> Response:
    """204 where it was merged, else 404."""
    if not find_pull(call, pull_number).merged:
        raise not_found()
    return reply(None, 204)


@operations.operation(f"PUT {_PULL}/merge")
def merge(call: Call, pull_number: int) -> Response:
    """Merge by one of the three ways."""
    wanted = MergeRequest(
        method=call.text("merge_method") or "merge",
        sha=call.text("sha"),
        title=call.text("commit_title"),
        message=call.text("commit_message"),
    )
    pull = find_pull(call, pull_number)
    commit = merge_pull(call.github, call.repository, pull, wanted, call.principal)
    return reply({"sha": commit, "merged": True, "message": "Pull Request successfully merged"})


@operations.operation(f"PUT {_PULL}/update-branch")
def update_branch(call: Call, pull_number: int) -> Response:
    """Merge the base into the head."""
    pull = find_pull(call, pull_number)
    git, expected = call.repository.git, call.text("expected_head_sha")
    if expected is not None and expected != pull.head_sha:
        raise ApiError(422, "expected head sha didn't match current head ref.")
    head, base = git.branch(pull.head), git.branch(pull.base)
    if head is None or base is None:
        raise not_found()
    if git.is_ancestor(base.sha, head.sha):
        raise ApiError(422, "There are no new commits on the base branch.")
    who = account_signature(call.principal.account, call.world.clock.now())
    message = f"Merge branch '{pull.base}' into {pull.head}"
    commit = merging.merge(git, head.sha, base.sha, author=who, committer=who, message=message)
    if commit is None:
        raise ApiError(422, "merge conflict between base and head")
    git.update_ref(head.name, commit, old=head.sha)
    update = RefUpdate(head.name, head.sha, commit)
    announce(call.github, call.repository, [update], call.principal)
    api = repository_api(call.repository, call.world.addresses)
    url = f"{api}/pulls/{pull.number}"
    return reply({"message": "Updating pull request branch.", "url": url}, 202)


@operations.operation(f"POST {_PULL}/requested_reviewers")
def request_reviewers(call: Call, pull_number: int) -> Response:
    """Ask people to review."""
    pull = find_pull(call, pull_number)
    known = {one.login.lower(): one for one in call.github.accounts() if one.kind == "User"}
    wanted = [known.get(login.lower()) for login in call.texts("reviewers") or []]
    if None in wanted or call.texts("team_reviewers"):
        raise ApiError(
            422,
            "Reviews may only be requested from collaborators. One or more of the users or teams "
            f"you specified is not a collaborator of the {call.repository.full_name} repository.",
        )
    if pull.author in wanted:
        raise ApiError(422, "Review cannot be requested from pull request author.")
    pull.reviewers.extend(one for one in wanted if one is not None and one not in pull.reviewers)
    announce_pull(call.github, call.repository, pull, "review_requested", call.principal)
    return reply(render_pull(pull, call.repository, call.github), 201)


def _owner(call: Call) -> str:
    return call.repository.owner.login


def _short(ref: Ref) -> str:
    return ref.name.removeprefix("refs/heads/")


def _existing_branch(call: Call, field: str) -> Ref:
    name = call.required_text(field).removeprefix(f"{_owner(call)}:")
    ref = call.repository.git.branch(name)
    if ref is None:
        raise validation_failed("PullRequest", "invalid", field=field)
    return ref


def _check_new(call: Call, head: Ref, base: Ref) -> None:
    """There is no other for these branches, and there is something to merge."""
    same = (_short(head), _short(base))
    if any(one.open and (one.head, one.base) == same for one in call.repository.pulls):
        text = f"A pull request already exists for {_owner(call)}:{_short(head)}."
        raise validation_failed("PullRequest", "custom", message=text)
    if call.repository.git.is_ancestor(head.sha, base.sha):
        text = f"No commits between {_short(base)} and {_short(head)}"
        raise validation_failed("PullRequest", "custom", message=text)


def _reopen(call: Call, pull: PullRequest) -> None:
    head = call.repository.git.branch(pull.head)
    if pull.merged or head is None:
        raise validation_failed("PullRequest", "invalid", field="state")
    pull.open, pull.closed_at, pull.head_sha = True, None, head.sha


def _render_full(call: Call, pull: PullRequest, *, mergeable: bool | None) -> dict[str, Any]:
    state = merge_state(call.repository, pull, mergeable)
    return render_full_pull(pull, call.repository, call.github, mergeable=mergeable, state=state)
