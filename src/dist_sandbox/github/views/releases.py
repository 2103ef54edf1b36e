"""Operations on releases."""

import secrets

from flask import Response

from dist_sandbox.github.releases.notes import generate_notes
from dist_sandbox.github.releases.publishing import announce_release, commit_date, publish
from dist_sandbox.github.releases.releases import Release, find_latest
from dist_sandbox.github.render.releases import render_release
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import existing, invalid_request, validation_failed
from dist_sandbox.github.rest.operations import CONTENTS_AND_WORKFLOWS, REPO, Operations
from dist_sandbox.github.rest.pagination import reply_list
from dist_sandbox.github.views.assets import find_visible_release

operations = Operations()

_RELEASE = f"{REPO}/releases/{{release_id}}"
#: Characters of a body. Spec: error "body is too long (maximum is 125000 characters)".
_MAX_BODY = 125_000


@operations.operation(f"GET {REPO}/releases", "contents=read")
def list_releases(call: Call) -> Response:
    """List releases, newest first; drafts only for those who may push."""
    releases = [
        release
        for release in call.repository.releases
        if not release.draft or call.principal.may("contents", "write")
    ]
    releases.sort(
        key=lambda release: (release.draft, release.created_at, release.release_id), reverse=True
    )
    return reply_list(call, releases, render_release)


@operations.operation(f"GET {REPO}/releases/latest", "contents=read")
def get_latest_release(call: Call) -> Response:
    """Get the latest full release."""
    latest = find_latest(call.repository.releases, call.repository.latest_release_id)
    return reply(render_release(existing(latest), call.repository))


@operations.operation(f"GET {REPO}/releases/tags/{{tag}}", "contents=read")
def get_release_of_tag(call: Call, tag: str) -> Response:
    """Get the published release of a tag; a draft is never found here."""
    release = existing(call.repository.published_release(tag))
    return reply(render_release(release, call.repository))


@operations.operation(f"GET {_RELEASE}", "contents=read")
def get_release(call: Call, release_id: int) -> Response:
    """Get one release; a draft only for those who may push."""
    release = find_visible_release(call, release_id)
    return reply(render_release(release, call.repository))


@operations.operation(f"POST {REPO}/releases", CONTENTS_AND_WORKFLOWS)
def create_release(call: Call) -> Response:
    """Make a release, or a draft of one."""
    tag_name = call.required_text("tag_name")
    if not call.repository.git.is_valid_ref_name(f"refs/tags/{tag_name}"):
        raise validation_failed("Release", "custom", message="tag_name is not a valid tag")
    now, is_draft = call.now(), bool(call.flag("draft"))
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
        publish(call.repository, release, call.principal)
    call.repository.releases.append(release)
    if not is_draft:
        _mark_latest(call, release, newly_published=True)
        _announce_published(call, release, created=True)
    return reply(render_release(release, call.repository), 201)


@operations.operation(f"PATCH {_RELEASE}", CONTENTS_AND_WORKFLOWS)
def change_release(call: Call, release_id: int) -> Response:
    """Change a release, or publish a draft."""
    release = existing(call.repository.release(release_id))
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
        publish(call.repository, release, call.principal)
    elif draft:
        release.draft, release.published_at = True, None
    release.updated_at = call.now()
    if not release.draft:
        _mark_latest(call, release, newly_published=was_draft)
        if was_draft:
            _announce_published(call, release, created=False)
        else:
            announce_release(call.repository, release, "edited", call.principal)
    return reply(render_release(release, call.repository))


@operations.operation(f"DELETE {_RELEASE}", "contents=write")
def delete_release(call: Call, release_id: int) -> Response:
    """Delete a release; its tag stays."""
    release = existing(call.repository.release(release_id))
    call.repository.releases.remove(release)
    for asset in release.assets:
        asset.path.unlink(missing_ok=True)
    if not release.draft:
        announce_release(call.repository, release, "deleted", call.principal)
    return reply(None, 204)


@operations.operation(f"POST {REPO}/releases/generate-notes", "contents=write", changes=False)
def create_notes(call: Call) -> Response:
    """Generate notes for a release that need not exist."""
    tag_name = call.required_text("tag_name")
    notes = generate_notes(
        call.repository,
        tag_name=tag_name,
        target=call.text("target_commitish") or call.repository.default_branch,
        previous_tag_name=call.text("previous_tag_name"),
    )
    return reply({"name": tag_name, "body": notes})


def _body(call: Call) -> str | None:
    body = call.text("body")
    if body is not None and len(body) > _MAX_BODY:
        text = f"body is too long (maximum is {_MAX_BODY} characters)"
        raise validation_failed("Release", "custom", field="body", message=text)
    return body


def _add_notes(call: Call, release: Release) -> None:
    notes = generate_notes(
        call.repository, tag_name=release.tag_name, target=release.target, previous_tag_name=None
    )
    release.body = f"{release.body}\n\n{notes}" if release.body else notes
    release.name = release.name or release.tag_name


def _check_latest(call: Call, release: Release) -> None:
    """Refuse to mark anything but a full release as the latest."""
    choice = call.text("make_latest")
    if choice not in (None, "true", "false", "legacy"):
        raise invalid_request(f'{choice} is not a member of ["true", "false", "legacy"].')
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


def _announce_published(call: Call, release: Release, *, created: bool) -> None:
    kind = "prereleased" if release.prerelease else "released"
    for action in (["created"] if created else []) + ["published", kind]:
        announce_release(call.repository, release, action, call.principal)
