"""Operations on pull requests and the reviews of them.

Spec: https://docs.github.com/rest/pulls
"""

from flask import Response

from dist_sandbox.github.git import merging
from dist_sandbox.github.git.bare_repository import Ref
from dist_sandbox.github.git.diffs import list_changes
from dist_sandbox.github.git.objects import account_signature
from dist_sandbox.github.git.ref_changes import RefUpdate, change_ref
from dist_sandbox.github.pull_requests.commits import list_commits
from dist_sandbox.github.pull_requests.mergeability import read_mergeable
from dist_sandbox.github.pull_requests.merging import MergeRequest, merge_pull
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.pull_requests.reviewing import ReviewSubmission, add_review
from dist_sandbox.github.render.git import render_commit
from dist_sandbox.github.render.pulls import render_full_pull, render_pull, render_review
from dist_sandbox.github.render.webhooks import announce_pull
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import GitHubError, existing, not_found, validation_failed
from dist_sandbox.github.rest.operations import CONTENTS_AND_WORKFLOWS, REPO, Operations
from dist_sandbox.github.rest.pagination import reply_list
from dist_sandbox.github.views.commits import render_change

operations = Operations()

_PULL = f"{REPO}/pulls/{{pull_number}}"
#: Files that GitHub shows of one pull request. Source: the description of the operation.
_MAX_FILES = 3000


@operations.operation(f"GET {REPO}/pulls", "pull_requests=read")
def list_pulls(call: Call) -> Response:
    """List pull requests by state, base and head, newest first."""
    state, base = call.query.get("state", "open"), call.query.get("base")
    owner, colon, branch = call.query.get("head", "").partition(":")
    pulls = [
        pull
        for pull in call.repository.pulls
        if state in ("all", pull.state)
        and base in (None, "", pull.base)
        # GitHub ignores a head without its owner.
        and (not colon or (owner.lower(), branch) == (_owner(call).lower(), pull.head))
    ]
    key = "updated_at" if call.query.get("sort") == "updated" else "number"
    ascending = call.query.get("direction") == "asc"
    pulls.sort(key=lambda pull: getattr(pull, key), reverse=not ascending)
    return reply_list(call, pulls, render_pull)


@operations.operation(f"POST {REPO}/pulls", "pull_requests=write")
def create_pull(call: Call) -> Response:
    """Open a pull request."""
    if call.principal.kind == "job" and not call.repository.actions_may_open_pulls:
        raise GitHubError(
            403, "GitHub Actions is not permitted to create or approve pull requests."
        )
    title = call.required_text("title")
    head, base = _existing_branch(call, "head"), _existing_branch(call, "base")
    head_name, base_name = _short(head), _short(base)
    _check_new(call, head, base)
    now = call.now()
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
    announce_pull(call.repository, pull, "opened", call.principal)
    return reply(render_full_pull(pull, call.repository), 201)


@operations.operation(f"GET {_PULL}", "pull_requests=read; contents=read")
def get_pull(call: Call, pull_number: int) -> Response:
    """Get one pull request; whether it can be merged is known from the second time on."""
    pull = call.find_pull(pull_number)
    mergeable = read_mergeable(call.repository, pull)
    return reply(render_full_pull(pull, call.repository, mergeable=mergeable))


@operations.operation(f"PATCH {_PULL}", "pull_requests=write; contents=write")
def change_pull(call: Call, pull_number: int) -> Response:
    """Change title, body or base, close or reopen."""
    pull = call.find_pull(pull_number)
    now, action = call.now(), "edited"
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
    announce_pull(call.repository, pull, action, call.principal)
    return reply(render_full_pull(pull, call.repository))


@operations.operation(f"GET {_PULL}/commits", "pull_requests=read")
def list_pull_commits(call: Call, pull_number: int) -> Response:
    """List the commits of a pull request, oldest first."""
    commits = list_commits(call.repository, call.find_pull(pull_number))
    return reply_list(call, commits, render_commit)


@operations.operation(f"GET {_PULL}/merge", "contents=read; pull_requests=read")
def check_merged(call: Call, pull_number: int) -> Response:
    """Answer 204 where it was merged, else 404."""
    if not call.find_pull(pull_number).merged:
        raise not_found()
    return reply(None, 204)


@operations.operation(f"PUT {_PULL}/merge", CONTENTS_AND_WORKFLOWS)
def merge(call: Call, pull_number: int) -> Response:
    """Merge by one of the three ways."""
    request = MergeRequest(
        method=call.text("merge_method") or "merge",
        sha=call.text("sha"),
        title=call.text("commit_title"),
        message=call.text("commit_message"),
    )
    pull = call.find_pull(pull_number)
    commit = merge_pull(call.repository, pull, request, call.principal)
    return reply({"sha": commit, "merged": True, "message": "Pull Request successfully merged"})


@operations.operation(f"PUT {_PULL}/update-branch", "pull_requests=write")
def update_branch(call: Call, pull_number: int) -> Response:
    """Merge the base into the head."""
    pull = call.find_pull(pull_number)
    git, expected = call.repository.git, call.text("expected_head_sha")
    if expected is not None and expected != pull.head_sha:
        raise GitHubError(422, "expected head sha didn't match current head ref.")
    head, base = existing(git.branch(pull.head)), existing(git.branch(pull.base))
    if git.is_ancestor(base.sha, head.sha):
        raise GitHubError(422, "There are no new commits on the base branch.")
    author = account_signature(call.principal.account, call.now())
    message = f"Merge branch '{pull.base}' into {pull.head}"
    merged = merging.merge(
        git, head.sha, base.sha, author=author, committer=author, message=message
    )
    commit = existing(merged, "merge conflict between base and head", status=422)
    change_ref(call.repository, RefUpdate(head.name, head.sha, commit), call.principal)
    url = f"{call.repository.api_url}/pulls/{pull.number}"
    return reply({"message": "Updating pull request branch.", "url": url}, 202)


@operations.operation(f"POST {_PULL}/requested_reviewers", "pull_requests=write")
def request_reviewers(call: Call, pull_number: int) -> Response:
    """Ask people to review."""
    pull = call.find_pull(pull_number)
    people = {
        account.login.lower(): account
        for account in call.github.accounts()
        if account.kind == "User"
    }
    reviewers = [people.get(login.lower()) for login in call.texts("reviewers") or []]
    if None in reviewers or call.texts("team_reviewers"):
        raise GitHubError(
            422,
            "Reviews may only be requested from collaborators. One or more of the users or teams "
            f"you specified is not a collaborator of the {call.repository.full_name} repository.",
        )
    if pull.author in reviewers:
        raise GitHubError(422, "Review cannot be requested from pull request author.")
    pull.reviewers.extend(
        account for account in reviewers if account and account not in pull.reviewers
    )
    announce_pull(call.repository, pull, "review_requested", call.principal)
    return reply(render_pull(pull, call.repository), 201)


@operations.operation(f"GET {_PULL}/reviews", "pull_requests=read")
def list_reviews(call: Call, pull_number: int) -> Response:
    """List the reviews of a pull request, oldest first."""
    pull = call.find_pull(pull_number)
    return reply_list(
        call, pull.reviews, lambda review, repository: render_review(review, pull, repository)
    )


@operations.operation(f"POST {_PULL}/reviews", "pull_requests=write")
def create_review(call: Call, pull_number: int) -> Response:
    """Approve, ask for changes or comment; whoever wrote it only comments."""
    pull = call.find_pull(pull_number)
    event, body = call.required_text("event"), call.text("body") or ""
    submission = ReviewSubmission(event, body, call.text("commit_id"))
    review = add_review(call.repository, pull, submission, call.principal)
    return reply(render_review(review, pull, call.repository))


@operations.operation(f"GET {_PULL}/files", "pull_requests=read")
def list_files(call: Call, pull_number: int) -> Response:
    """List the files that a pull request changes, compared with where it left the base."""
    pull, git = call.find_pull(pull_number), call.repository.git
    fork = git.git_or_none("merge-base", pull.base_sha, pull.head_sha) or pull.base_sha
    changes = list_changes(git, fork, pull.head_sha)[:_MAX_FILES]
    return reply_list(call, changes, lambda change, _: render_change(call, change, pull.head_sha))


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
    """Require that no other is open for these branches, and that there is something to merge."""
    same = (_short(head), _short(base))
    if any(pull.open and (pull.head, pull.base) == same for pull in call.repository.pulls):
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
