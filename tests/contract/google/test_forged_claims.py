"""The condition that docs/setup.md tells people to write admits one job, and nobody who is alike.

Each forged token is signed with the issuer's own key, so that nothing but the condition refuses it.
"""

import re

import jwt
import pytest

from dist_sandbox.organisation import SandboxEnvironment, default_environments
from support.documentation.pages import page
from support.documentation.setup_script import ORGANISATION, Cloud

OWNER_ID, REPOSITORY_ID = str(ORGANISATION.owner_id), str(ORGANISATION.repository_id)
ENVIRONMENTS = {one.name: one for one in default_environments()}
REJECTED = {
    "error": "unauthorized_client",
    "error_description": "The given credential is rejected by the attribute condition.",
}


def _tag(environment: SandboxEnvironment) -> str:
    return f"refs/tags/v1.2.3{environment.suffix}"


def _other(environment: SandboxEnvironment) -> SandboxEnvironment:
    return ENVIRONMENTS["qa" if environment.name == "dev" else "dev"]


#: What each forgery changes in the good claims; `None` removes a claim.
FORGERIES = {
    "owner-of-the-same-name": lambda _: {"repository_owner_id": "200101"},
    "owner-and-repository-deleted-and-taken": lambda _: {
        "repository_owner_id": "200101",
        "repository_id": "900101",
    },
    "name-taken-after-a-rename": lambda _: {"repository_id": "900101"},
    "fork": lambda _: {
        "repository": "stranger/eigenoid-sample",
        "repository_owner": "stranger",
        "repository_owner_id": "200777",
        "repository_id": "900777",
    },
    "another-repository-of-the-owner": lambda _: {
        "repository": "eigenoid/website",
        "repository_id": "900102",
    },
    "repository-moved-to-another-owner": lambda _: {
        "repository_owner": "buyer",
        "repository_owner_id": "200778",
    },
    "owner-id-as-a-number": lambda _: {"repository_owner_id": int(OWNER_ID)},
    "repository-id-as-a-number": lambda _: {"repository_id": int(REPOSITORY_ID)},
    "ids-swapped": lambda _: {
        "repository_owner_id": REPOSITORY_ID,
        "repository_id": OWNER_ID,
    },
    "id-with-a-leading-zero": lambda _: {"repository_id": f"0{REPOSITORY_ID}"},
    "id-with-a-space": lambda _: {"repository_id": f"{REPOSITORY_ID} "},
    "id-that-begins-alike": lambda _: {"repository_id": f"{REPOSITORY_ID}0"},
    "id-in-a-list": lambda _: {"repository_id": [REPOSITORY_ID]},
    "no-owner-id": lambda _: {"repository_owner_id": None},
    "no-repository-id": lambda _: {"repository_id": None},
    "branch": lambda one: {"ref": f"refs/heads/{one.branch}", "ref_type": "branch"},
    "branch-named-like-the-tag": lambda one: {
        "ref": _tag(one).replace("/tags/", "/heads/"),
        "ref_type": "branch",
    },
    "branch-that-says-it-is-a-tag": lambda one: {"ref": f"refs/heads/v1.2.3{one.suffix}"},
    "tag-that-says-it-is-a-branch": lambda _: {"ref_type": "branch"},
    "no-ref-type": lambda _: {"ref_type": None},
    "no-ref": lambda _: {"ref": None},
    "tag-of-another-environment": lambda one: {"ref": _tag(_other(one))},
    "suffix-appended": lambda one: {"ref": f"{_tag(one)}{_other(one).suffix}"},
    "suffix-put-in-front": lambda one: (
        {"ref": f"refs/tags/v1.2.3{_other(one).suffix}{one.suffix}"}
        | ({"ref": "refs/tags/v1.2.3-dev-qa"} if not one.suffix else {})
    ),
    "suffix-in-capitals": lambda one: {"ref": f"refs/tags/v1.2.3{(one.suffix or '-dev').upper()}"},
    "newline-at-the-end": lambda one: {"ref": f"{_tag(one)}\n"},
    "newline-before-the-tag": lambda one: {"ref": f"refs/heads/main\n{_tag(one)}"},
    "newline-after-the-tag": lambda one: {"ref": f"{_tag(one)}\nrefs/heads/main"},
    "tag-within-another-ref": lambda one: {"ref": f"refs/heads/{_tag(one)}"},
    "tag-in-a-folder": lambda one: {"ref": f"refs/tags/mine/v1.2.3{one.suffix}"},
    "tag-without-a-version": lambda one: {"ref": f"refs/tags/vnext{one.suffix}"},
    "tag-with-other-digits": lambda one: {"ref": f"refs/tags/v\N{FULLWIDTH DIGIT ONE}{one.suffix}"},
    "tag-with-a-space": lambda one: {"ref": f"refs/tags/v1.2.3 {one.suffix}"},
    "pull-request": lambda _: {
        "event_name": "pull_request",
        "ref": "refs/pull/7/merge",
        "ref_type": "branch",
    },
    "pull-request-with-the-tag": lambda _: {"event_name": "pull_request"},
    "pull-request-target": lambda _: {"event_name": "pull_request_target"},
    "workflow-run": lambda _: {"event_name": "workflow_run"},
    "issue-comment": lambda _: {"event_name": "issue_comment"},
    "repository-dispatch": lambda _: {"event_name": "repository_dispatch"},
    "schedule": lambda _: {"event_name": "schedule"},
    "event-in-capitals": lambda _: {"event_name": "PUSH"},
    "no-event": lambda _: {"event_name": None},
    "no-environment": lambda _: {"environment": None},
    "empty-environment": lambda _: {"environment": ""},
    "environment-of-another-stage": lambda one: {"environment": _other(one).name},
    "environment-of-other-case": lambda one: {"environment": one.name.upper()},
    "environment-with-a-newline": lambda one: {"environment": f"{one.name}\n"},
    "environment-that-begins-alike": lambda one: {"environment": f"{one.name}-2"},
    "environment-in-a-list": lambda one: {"environment": [one.name]},
}


@pytest.fixture(scope="module", params=ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def documented(request, tmp_path_factory):
    """An environment, with the condition and mapping that the script gives its provider."""
    cloud = Cloud.make(tmp_path_factory.mktemp("google"))
    cloud.set_up(request.param)
    (made,) = cloud.made("iam workload-identity-pools providers")
    mapping = made["attribute-mapping"].split(",")
    provider = {
        "attribute_condition": made["attributeCondition"],
        "attribute_mapping": dict(pair.split("=", 1) for pair in mapping),
    }
    return request.param, provider


@pytest.fixture
def present(caller, documented):
    """Show a token with these changes to the environment's provider."""
    environment, provider = documented
    caller.control("PATCH", f"google/providers/{environment.name}", provider)
    token = caller.id_token(environment.name, ref=_tag(environment))
    good = jwt.decode(token, options={"verify_signature": False})

    def send(changes):
        claims = {name: it for name, it in (good | changes).items() if it is not None}
        signed = caller.control("POST", "oidc/tokens", {"claims": claims})["value"]
        return caller.exchange(signed, environment.name)

    return send


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_claims_are_refused(present, documented, forgery):
    answer = present(FORGERIES[forgery](documented[0]))
    assert (answer.status_code, answer.json()) == (400, REJECTED)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"event_name": "release"},
        {"event_name": "workflow_dispatch"},
        {"repository": "renamed/sample", "repository_owner": "renamed"},
        {"sub": "repo:eigenoid@200100/eigenoid-sample@900100:environment:any"},
        {"job_workflow_ref": "eigenoid/shared/.github/workflows/publish.yml@refs/tags/v1"},
        {"actor": "automation-bot[bot]", "actor_id": "1"},
    ],
    ids=["push", "release", "dispatch", "renamed", "new-subject", "reusable", "bot"],
)
def test_the_right_job_is_accepted(present, changes):
    assert present(changes).ok


@pytest.mark.parametrize("version", ["1.0", "1.0.0rc1", "1.0.0.post1", "1!2.0", "1.0+local.1"])
def test_every_version_is_accepted(present, documented, version):
    suffix = documented[0].suffix
    assert present({"ref": f"refs/tags/v{version}{suffix}"}).ok


def test_subject_that_is_too_long_can_be_mapped_as_the_page_says(present, caller, documented):
    environment, provider = documented
    long_subject = {"sub": f"repo:{150 * 'x'}"}
    assert "127 bytes" in present(long_subject).json()["error_description"]
    found = re.search(r'`mapping="google\.subject=([^"]+)"`', page("docs/setup.md").text)
    assert found
    mapping = provider["attribute_mapping"] | {"google.subject": found[1]}
    caller.control("PATCH", f"google/providers/{environment.name}", {"attribute_mapping": mapping})
    token = present(long_subject).json()["access_token"]
    assert caller.impersonate(token, environment.name).ok


def test_there_are_enough_forgeries():
    assert len(FORGERIES) >= 30
