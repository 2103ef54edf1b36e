"""Parsers of GitHub's answers, which a proxy or another server may have written."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from hypothesis import strategies as st

from dist_actions.repository_settings.reading import read_repository_settings
from dist_actions.services import json_fields
from dist_actions.services.github.checks import Checks
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.commit_files import read_commit_files
from dist_actions.services.github.graphql import GraphQL, find_own_account
from dist_actions.services.github.history import History
from dist_actions.services.github.merging import Merging
from dist_actions.services.github.organisation.facts import BranchFolder
from dist_actions.services.github.organisation.listing import Organisations
from dist_actions.services.github.pulls import PullRequests
from dist_actions.services.github.refs import Ref, Refs
from dist_actions.services.github.releases import Releases, read_time
from dist_actions.services.github.rules import read_branch_rules
from dist_actions.services.json_fields import UnreadableError, read_json, text
from support.parsers.annotated_types import check_types
from support.parsers.parser import Parser
from support.parsers.texts import ANY_TEXT, damaged, decoded, texts

T = TypeVar("T")

_SHA, _URL = "a1" * 20, "https://github.com/owner/name"
_COMMIT = {
    "sha": _SHA,
    "html_url": _URL,
    "commit": {"message": "fix: x", "author": {"name": "A"}, "tree": {"sha": _SHA}},
    "tree": {"sha": _SHA},
    "message": "fix: x",
    "committer": {"email": "a@b.example"},
    "parents": [{"sha": _SHA}],
}
_PULL = {
    "number": 7,
    "html_url": _URL,
    "state": "open",
    "merged_at": None,
    "title": "t",
    "body": None,
    "labels": [{"name": "l"}],
    "head": {"sha": _SHA, "ref": "b", "repo": {"full_name": "o/n"}},
    "base": {"ref": "main", "repo": {"full_name": "o/n"}},
    "node_id": "N",
    "auto_merge": None,
    "mergeable": True,
    "mergeable_state": "clean",
    "merge_commit_sha": _SHA,
}
_ASSET = {
    "id": 1,
    "name": "a.whl",
    "state": "uploaded",
    "digest": "sha256:" + "0" * 64,
    "size": 3,
    "uploader": {"id": 5},
}
_RELEASE = {
    "id": 1,
    "tag_name": "v1.0.0",
    "draft": False,
    "html_url": _URL,
    "upload_url": "https://uploads.github.com/x{?name}",
    "assets": [_ASSET],
    "immutable": True,
    "published_at": "2026-01-31T00:00:00Z",
    "author": {"id": 5},
}
_NODE = {
    "nameWithOwner": "o/n",
    "url": _URL,
    "isPrivate": False,
    **{f"f{number}": {"text": "[project]", "isTruncated": False} for number in range(4)},
    "releases": {
        "totalCount": 1,
        "nodes": [
            {"tagName": "v1", "isDraft": False, "url": _URL, "publishedAt": "2026-01-31T00:00:00Z"}
        ],
    },
    "latestRelease": None,
    "pullRequests": {
        "nodes": [
            {
                "url": _URL,
                "baseRefName": "a",
                "headRefName": "b",
                "isDraft": False,
                "mergeable": "MERGEABLE",
                "mergeStateStatus": "CLEAN",
                "reviewDecision": None,
                "commits": {"nodes": [{"commit": {"statusCheckRollup": {"state": "SUCCESS"}}}]},
            }
        ]
    },
}
_DETAILS = {
    "description": "x",
    "tagCommit": {"oid": _SHA},
    "releaseAssets": {"nodes": [{"name": "a", "size": 3, "digest": "sha256:" + "0" * 64}]},
}
_COMPARED = {
    "b0_0": {"compare": {"aheadBy": 2}},
    "x0_0": {"oid": _SHA},
    "y0_0": {"oid": _SHA},
}
_COMMIT_FILES = {
    "ref": {"target": {"oid": _SHA, "target": {"oid": _SHA}}},
    "commit": {"committedDate": "2026-01-31T00:00:00Z", "tree": {"oid": _SHA}},
    "f0": {"isBinary": False, "isTruncated": False, "text": "[project]"},
    "d0": {"entries": [{"nameRaw": "cHlwcm9qZWN0LnRvbWw=", "mode": 33188, "oid": _SHA}]},
}
_MERGED = {
    "c0": {
        "associatedPullRequests": {
            "nodes": [
                {
                    "number": 7,
                    "url": _URL,
                    "merged": True,
                    "baseRefName": "main",
                    "headRefName": "b",
                    "headRefOid": _SHA,
                    "body": "x",
                    "mergeCommit": {"oid": _SHA},
                }
            ]
        }
    }
}
_RULES = {
    "mergeCommitAllowed": True,
    "squashMergeAllowed": False,
    "rebaseMergeAllowed": True,
    "autoMergeAllowed": True,
    "ref": {
        "refUpdateRule": {
            "requiresLinearHistory": True,
            "requiredApprovingReviewCount": 2,
            "requiredStatusCheckContexts": ["a"],
        }
    },
}
_BRANCH_RULES = [
    {"type": "merge_queue"},
    {
        "type": "required_status_checks",
        "parameters": {"required_status_checks": [{"context": "a"}]},
    },
    {
        "type": "pull_request",
        "parameters": {"required_approving_review_count": 1, "allowed_merge_methods": ["squash"]},
    },
]
_REPOSITORY = {
    "full_name": "o/n",
    "id": 3,
    "private": True,
    "default_branch": "main",
    "owner": {"id": 4, "type": "Organization"},
    **{f"allow_{name}": True for name in ("merge_commit", "squash_merge", "rebase_merge")},
    "allow_auto_merge": False,
}
_ENVIRONMENT = {
    "name": "pypi",
    "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    "protection_rules": [
        {"type": "wait_timer", "wait_timer": 30},
        {
            "type": "required_reviewers",
            "prevent_self_review": True,
            "reviewers": [{"type": "User", "reviewer": {"id": 1, "login": "a"}}],
        },
    ],
}
_RULESET = {
    "id": 1,
    "name": "r",
    "target": "tag",
    "enforcement": "active",
    "source_type": "Repository",
    "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}},
    "rules": [{"type": "creation"}, {"type": "update", "parameters": {"a": 1}}],
    "bypass_actors": [{"actor_id": 1, "actor_type": "Integration", "bypass_mode": "always"}],
}
_SETTINGS = {
    "/repos/owner/name": _REPOSITORY,
    "branches": [{"name": "main"}],
    "environments": {"environments": [_ENVIRONMENT]},
    "actions/variables": {"variables": [{"name": "a", "value": "b"}]},
    "actions/secrets": {"secrets": [{"name": "a"}]},
    "actions/organization-variables": {"variables": []},
    "actions/organization-secrets": {"secrets": []},
    "environments/pypi/deployment-branch-policies": {
        "branch_policies": [{"name": "v*", "type": "tag"}, {"name": "main"}]
    },
    "environments/pypi/variables": {"variables": []},
    "environments/pypi/secrets": {"secrets": []},
    "rulesets": [{"id": 1}],
    "rulesets/1": _RULESET,
    "actions/permissions/workflow": {
        "default_workflow_permissions": "read",
        "can_approve_pull_request_reviews": False,
    },
}


class _AnsweredClient:
    """A client that GitHub answers each question with the same JSON, or with one by path."""

    github_repository = "owner/name"
    retries = SimpleNamespace()

    def __init__(self, answer: Any, *, by_path: bool = False) -> None:
        self._answer = answer
        self._by_path = by_path

    def read(self, _operation: str, path: str, parse: Callable[[Any], T], /, **_: Any) -> T:
        """Read an answer."""
        if self._by_path:
            answers = self._answer if isinstance(self._answer, dict) else {}
            return read_json(parse, answers.get(path))
        return read_json(parse, self._answer)

    def read_page(
        self, operation: str, path: str, parse: Callable[[Any], T], /, **_: Any
    ) -> tuple[T, str]:
        """Read the only page of an answer."""
        return self.read(operation, path, parse), ""

    def request(
        self, operation: str, _verb: str, path: str, _body: Any, parse: Callable[[Any], T], **_: Any
    ) -> T:
        """Read the answer to a change."""
        return self.read(operation, path, parse)

    def query(
        self, operation: str, _query: str, _variables: Any, parse: Callable[[Any], T], _: Any
    ) -> T:
        """Read the answer of GraphQL."""
        return self.read(operation, "", parse)

    def own_address(self, url: Any) -> str:
        """Take any address that is a text."""
        return text(url)


def _of(
    name: str,
    read: Callable[[GitHubClient], Any],
    *sound: Any,
    by_path: bool = False,
    covers: tuple[Callable[..., Any], ...] = (),
) -> Parser:
    """Make a parser of answers from sound ones."""

    def parse(answer: Any) -> Any:
        return read(cast("GitHubClient", _AnsweredClient(answer, by_path=by_path)))

    return Parser(
        f"GitHub's {name}",
        covers,
        damaged(*sound),
        parse,
        lambda _answer, result: check_types(result),
        refusals=(UnreadableError,),
    )


_REF = Ref("v1", _SHA, annotated=True)
PARSERS = (
    _of("releases", lambda client: Releases(client).recent(), [_RELEASE]),
    _of("pull requests", lambda client: PullRequests(client).open_into("main"), [_PULL]),
    _of("pull request", lambda client: PullRequests(client).read(7), _PULL),
    _of(
        "checks",
        lambda client: Checks(client).of(_SHA),
        {
            "total_count": 1,
            "check_runs": [
                {
                    "name": "a",
                    "status": "completed",
                    "conclusion": "success",
                    "app": {"slug": "github-actions"},
                    "details_url": f"{_URL}/actions/runs/5",
                }
            ],
            "statuses": [{"context": "a", "state": "success"}],
        },
    ),
    _of("commits", lambda client: History(client).newest("main"), [_COMMIT]),
    _of(
        "comparison",
        lambda client: (
            History(client).between("a", "b"),
            History(client).changed_paths("a", "b"),
            Refs(client).is_on_branch(_SHA, "main"),
        ),
        {
            "commits": [_COMMIT],
            "total_commits": 1,
            "status": "ahead",
            "files": [{"filename": "a", "previous_filename": "b"}],
        },
    ),
    _of(
        "folders",
        lambda client: History(client).subtree(_SHA, "a"),
        [{"path": "a", "sha": _SHA, "type": "dir"}],
    ),
    _of(
        "refs",
        lambda client: (Refs(client).matching_tags("v"), Refs(client).find_all(["v1"])),
        [{"ref": "refs/tags/v1", "object": {"sha": _SHA, "type": "tag"}}],
    ),
    _of(
        "tag object",
        lambda client: Refs(client).peel(_REF),
        {"object": {"sha": _SHA, "type": "commit"}, "message": "m", "sha": _SHA},
    ),
    _of(
        "commit",
        lambda client: (
            Refs(client).tagged_commit("v1"),
            Refs(client).commit_tree(_SHA),
            Merging(client).commit(_SHA),
        ),
        _COMMIT,
    ),
    _of(
        "branch rules",
        lambda client: read_branch_rules(client, "main"),
        {"": {"repository": _RULES}, "rules/branches/main": _BRANCH_RULES},
        by_path=True,
        covers=(read_branch_rules,),
    ),
    _of(
        "repository settings",
        read_repository_settings,
        _SETTINGS,
        by_path=True,
        covers=(read_repository_settings,),
    ),
    _of(
        "files of a commit",
        lambda client: read_commit_files(client, "v1", _SHA, ["pyproject.toml"]),
        {"repository": _COMMIT_FILES},
        covers=(read_commit_files, json_fields.read_json),
    ),
    _of(
        "pull requests of commits",
        lambda client: GraphQL(client).pulls_of([_SHA], "main"),
        {"repository": _MERGED},
    ),
    _of("own account", find_own_account, {"viewer": {"databaseId": 1, "login": "a"}}),
    _of("repositories", lambda client: Organisations(client).repositories(["o/n"]), {"r0": _NODE}),
    _of(
        "details of releases",
        lambda client: Organisations(client).details_of({("o/n", "v1"): [BranchFolder("qa")]}),
        {"r0": {"t0": _DETAILS, **_COMPARED}},
    ),
    Parser(
        "GitHub's times",
        (read_time,),
        st.one_of(texts(["2026-01-31", "T00:00:00", "Z", "+00:00", "0000"]), ANY_TEXT),
        read_time,
        refusals=(ValueError,),
        from_bytes=decoded,
    ),
)
