"""Operations on releases."""

import secrets
from typing import Any

from flask import Response

from dist_sandbox.github.releases.notes import generate_notes
from dist_sandbox.github.releases.publication import announce_release, commit_date, publish
from dist_sandbox.github.releases.releases import Release, find_latest
from dist_sandbox.github.render.releases import render_release
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, not_found, validation_failed
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page

operations = Operations()

_REPO = "/repos/{owner}/{repo}"
_RELEASE = f"{_REPO}/releases/{{release_id}}"
#: Characters of a body. Spec: error "body is too long (maximum is 125000 characters)".
_MAX_BODY = 125_000


@operations.operation(f"GET {_REPO}/releases")
def list_releases(call: Call) -> Response:
    """Releases, newest first; drafts only for those who may push."""
    seen = [one for one in call.repository.releases if _sees(call, one)]
    seen.sort(key=lambda one: (one.draft, one.created_at, one.release_id), reverse=True)
    return reply_page(call, [_render(call, one) for one in page_of(call, seen)], total=len(seen))


@operations.operation(f"GET {_REPO}/releases/latest")
def get_latest_release(call: Call) -> Response:
    """The latest full release."""
    latest = find_latest(call.repository.releases, call.repository.latest_release_id)
    if latest is None:
        raise not_found()
    return reply(_render(call, latest))


@operations.operation(f"GET {_REPO}/releases/tags/{{tag}}")
def get_release_of_tag(call: Call, tag: str) -> Response:
    """The published release of a tag; a draft is never found here."""
    release = call.repository.published_release(tag)
    if release is None:
        raise not_found()
    return reply(_render(call, release))


@operations.operation(f"GET {_RELEASE}")
def get_release(call: Call, release_id: int) -> Response:
    """One release; a draft only for those who may push."""
    release = _release(call, release_id)
    if not _sees(call, release):
        raise not_found()
    return reply(_render(call, release))


@operations.operation(f"POST {_REPO}/releases")
def create_release(call: Call) -> Response:
    """Make a release, or a draft of one."""
    tag_name = call.required_text("tag_name")
    if not call.repository.git.is_valid_ref_name(f"refs/tags/{tag_name}"):
        raise validation_failed("Release", "custom", message="tag_name is not a valid tag")
    now, is_draft = call.world.clock.now(), bool(call.flag("draft"))
    release = Release(
        release_id=call.github.next_id(),
        tag_name=tag_name,
        target=call.text("target_commitish") or call.repository.default_branch,
        name=call.text("name"),
        body=_body(call),
        author=call.principal.account,
        draft=True,
        prerelease=bool(call.flag("prerelease")),
        created_at=now,
        updated_at=now,
        draft_name=f"untagged-{secrets.token_hex(10)}",
    )
    release.created_at = commit_date(call.repository, release) or now
    _check_latest(call, release)
    if call.flag("generate_release_notes"):
        _add_notes(call, release)
    if not is_draft:
        publish(call.github, call.repository, release, call.principal)
    call.repository.releases.append(release)
    if not is_draft:
        _mark_latest(call, release, newly_published=True)
        _announce_publication(call, release, created=True)
    return reply(_render(call, release), 201)


@operations.operation(f"PATCH {_RELEASE}")
def change_release(call: Call, release_id: int) -> Response:
    """Change a release, or publish a draft."""
    release = _release(call, release_id)
    was_draft = release.draft
    if release.immutable and {"tag_name", "target_commitish", "draft"} & call.body().keys():
        raise validation_failed("Release", "custom", message="Cannot edit an immutable release.")
    release.tag_name = call.text("tag_name") or release.tag_name
    release.target = call.text("target_commitish") or release.target
    release.name = call.text("name") if "name" in call.body() else release.name
    release.body = _body(call) if "body" in call.body() else release.body
    prerelease, draft = call.flag("prerelease"), call.flag("draft")
    release.prerelease = release.prerelease if prerelease is None else prerelease
    _check_latest(call, release)
    if was_draft and draft is False:
        publish(call.github, call.repository, release, call.principal)
    elif draft:
        release.draft, release.published_at = True, None
    release.updated_at = call.world.clock.now()
    if not release.draft:
        _mark_latest(call, release, newly_published=was_draft)
        if was_draft:
            _announce_publication(call, release, created=False)
        else:
            announce_release(call.github, call.repository, release, "edited", call.principal)
    return reply(_render(call, release))


@operations.operation(f"DELETE {_RELEASE}")
def delete_release(call: Call, release_id: int) -> Response:
    """Delete a release; its tag stays."""
    release = _release(call, release_id)
    call.repository.releases.remove(release)
    for asset in release.assets:
        asset.path.unlink(missing_ok=True)
    if not release.draft:
        announce_release(call.github, call.repository, release, "deleted", call.principal)
    return reply(None, 204)


@operations.operation(f"POST {_REPO}/releases/generate-notes", changes=False)
def create_notes(call: Call) -> Response:
    """Notes for a release that need not exist."""
    tag_name = call.required_text("tag_name")
    notes = generate_notes(
        call.github,
        call.repository,
        tag_name=tag_name,
        target=call.text("target_commitish") or call.repository.default_branch,
        previous_tag_name=call.text("previous_tag_name"),
    )
    return reply({"name": tag_name, "body": notes})


def _release(call: Call, release_id: int) -> Release:
    release = call.repository.release(release_id)
    if release is None:
        raise not_found()
    return release


def _sees(call: Call, release: Release) -> bool:
    return not release.draft or call.principal.may("contents", "write")


def _body(call: Call) -> str | None:
    body = call.text("body")
    if body is not None and len(body) > _MAX_BODY:
        text = f"body is too long (maximum is {_MAX_BODY} characters)"
        raise validation_failed("Release", "custom", field="body", message=text)
    return body


def _add_notes(call: Call, release: Release) -> None:
    notes = generate_notes(
        call.github,
        call.repository,
        tag_name=release.tag_name,
        target=release.target,
        previous_tag_name=None,
    )
    release.body = f"{release.body}\n\n{notes}" if release.body else notes
    release.name = release.name or release.tag_name


def _check_latest(call: Call, release: Release) -> None:
    """Only a full release can be marked as the latest."""
    choice = call.text("make_latest")
    if choice not in (None, "true", "false", "legacy"):
        raise ApiError(
            422, f'Invalid request.\n\n{choice} is not a member of ["true", "false", "legacy"].'
        )
    if choice == "true" and release.prerelease:
        text = "Latest release cannot be draft or prerelease"
        raise validation_failed("Release", "custom", message=text)


def _mark_latest(call: Call, release: Release, *, newly_published: bool) -> None:
    """Follow `make_latest`; without it a newly published full release becomes the latest."""
    choice = call.text("make_latest") or ("true" if newly_published else None)
    if choice is None or release.prerelease:
        return
    repository = call.repository
    release.never_latest = choice == "false"
    if choice == "true":
        repository.latest_release_id = release.release_id
    elif choice == "legacy":
        repository.latest_release_id = None


def _announce_publication(call: Call, release: Release, *, created: bool) -> None:
    kind = "prereleased" if release.prerelease else "released"
    for action in (["created"] if created else []) + ["published", kind]:
        announce_release(call.github, call.repository, release, action, call.principal)


def _render(call: Call, release: Release) -> dict[str, Any]:
    return render_release(release, call.repository, call.github)
