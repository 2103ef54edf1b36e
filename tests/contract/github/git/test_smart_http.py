"""Clone and push with the real git client."""

import gzip
from pathlib import Path

import pytest

from support.sandbox.fixtures import Sandbox, commit_file, git

_NAMES = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_RULE = {"name": "tags", "target": "tag", "rules": [{"type": "creation"}]}


def test_push_is_an_event_with_the_commits(sandbox: Sandbox, checkout: Path) -> None:
    before = sandbox.branch_sha("dev")
    sha = commit_file(checkout, "a.txt", "a", "Add a")
    git("push", "-q", "origin", "dev", cwd=checkout)
    event = sandbox.events()[-1]
    assert (event["name"], event["ref"], event["sha"]) == ("push", "refs/heads/dev", sha)
    assert (event["before"], event["actor"]) == (before, "developer")
    assert event["starts_workflows"] is True
    assert event["payload"]["head_commit"]["message"] == "Add a"
    assert [one["id"] for one in event["payload"]["commits"]] == [sha]
    assert event["payload"]["forced"] is False
    assert event["payload"]["repository"]["full_name"] == "eigenoid/eigenoid-sample"
    logged = sandbox.control("GET", "requests")
    assert [one["changed"] for one in logged if one["path"].endswith("receive-pack")] == [True]


def test_large_push_works(sandbox: Sandbox, checkout: Path) -> None:
    # More than http.postBuffer, so that git sends it in chunks.
    (checkout / "big.bin").write_bytes(bytes(range(256)) * 16_000)
    git("config", "http.postBuffer", "65536", cwd=checkout)
    git("config", "core.compression", "0", cwd=checkout)
    sha = commit_file(checkout, "a.txt", "a")
    git("add", "big.bin", cwd=checkout)
    git("commit", "-q", "--amend", "--no-edit", cwd=checkout)
    git("push", "-q", "origin", "dev", cwd=checkout)
    assert sandbox.branch_sha("dev") != sha


def test_gzip_body_works(sandbox: Sandbox) -> None:
    want = f"0032want {sandbox.branch_sha('dev')}\n00000009done\n".encode()
    answer = sandbox.request(
        "POST",
        f"{sandbox.ready['git_url']}/git-upload-pack",
        token=sandbox.user_token,
        data=gzip.compress(want),
        headers={
            "Content-Encoding": "gzip",
            "Content-Type": "application/x-git-upload-pack-request",
        },
    )
    assert answer.status_code == 200
    assert b"PACK" in answer.content


def test_clone_works_without_the_git_suffix_too(sandbox: Sandbox, tmp_path: Path) -> None:
    url = sandbox.git_url(sandbox.user_token).removesuffix(".git")
    git("clone", "-q", "-b", "main", url, "plain", cwd=tmp_path)
    assert (tmp_path / "plain" / "README.md").is_file()


@pytest.mark.parametrize(
    ("permissions", "may_read", "message"),
    [
        pytest.param({}, False, "Repository not found", id="nothing"),
        pytest.param({"contents": "read"}, True, "denied to github-actions[bot]", id="read"),
        pytest.param({"contents": "write"}, True, "", id="write"),
    ],
)
def test_job_token_reads_and_writes_as_its_permissions_say(
    sandbox: Sandbox,
    checkout: Path,
    permissions: dict[str, str],
    may_read: bool,
    message: str,
) -> None:
    url = sandbox.git_url(str(sandbox.job(permissions)["token"]))
    assert (git("ls-remote", url, cwd=checkout, check=False).returncode == 0) == may_read
    commit_file(checkout, "a.txt", "a")
    pushed = git("push", url, "dev", cwd=checkout, check=False)
    assert (pushed.returncode == 0) == (not message)
    assert message in pushed.stderr
    if not message:
        assert sandbox.events()[-1]["starts_workflows"] is False


def test_anonymous_and_wrong_credentials_are_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    url = sandbox.ready["git_url"]
    answer = sandbox.request("GET", f"{url}/info/refs?service=git-upload-pack")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    refused = git("ls-remote", sandbox.git_url("ghs_wrong"), cwd=tmp_path, check=False)
    assert "Authentication failed" in refused.stderr


def test_ended_job_cannot_push(sandbox: Sandbox, checkout: Path) -> None:
    job = sandbox.job({"contents": "write"})
    sandbox.control("DELETE", f"jobs/{job['number']}")
    commit_file(checkout, "a.txt", "a")
    refused = git("push", sandbox.git_url(job["token"]), "dev", cwd=checkout, check=False)
    assert refused.returncode != 0


def test_tag_ruleset_declines_the_push_but_not_of_who_may_bypass_it(
    sandbox: Sandbox, checkout: Path
) -> None:
    sandbox.control("POST", "rulesets", {**_RULE, "bypass_apps": ["automation-bot"]})
    git("tag", "v1", cwd=checkout)
    refused = git("push", "origin", "v1", cwd=checkout, check=False)
    assert "GH013: Repository rule violations found for refs/tags/v1" in refused.stderr
    assert "push declined due to repository rule violations" in refused.stderr
    assert sandbox.repository.git.tag("v1") is None
    assert sandbox.events() == []
    git("push", "-q", sandbox.git_url(sandbox.installation_token()), "v1", cwd=checkout)
    assert sandbox.repository.git.tag("v1") is not None


def test_protected_branch_takes_no_forced_push(sandbox: Sandbox, checkout: Path) -> None:
    commit_file(checkout, "a.txt", "a")
    git("push", "-q", "origin", "dev", cwd=checkout)
    git("commit", "-q", "--amend", "-m", "Other", cwd=checkout)
    git("push", "-q", "--force", "origin", "dev", cwd=checkout)
    assert sandbox.events()[-1]["payload"]["forced"] is True
    sandbox.control("POST", "rulesets", {"name": "dev", "rules": [{"type": "non_fast_forward"}]})
    kept = sandbox.branch_sha("dev")
    git("commit", "-q", "--amend", "-m", "Rewritten", cwd=checkout)
    refused = git("push", "--force", "origin", "dev", cwd=checkout, check=False)
    assert refused.returncode != 0
    assert sandbox.branch_sha("dev") == kept


@pytest.mark.parametrize("who", ["app", "job"])
def test_apps_cannot_push_workflows_without_that_permission(
    sandbox: Sandbox, checkout: Path, who: str
) -> None:
    token = sandbox.job({"contents": "write"})["token"]
    if who == "app":
        token = sandbox.installation_token()
    commit_file(checkout, ".github/workflows/x.yml", "on: push\n")
    refused = git("push", sandbox.git_url(token), "dev", cwd=checkout, check=False)
    assert "without `workflows` permission" in refused.stderr
    git("push", "-q", "origin", "dev", cwd=checkout)
    # What a person brought in may be tagged and branched off by anybody.
    git("push", "-q", sandbox.git_url(token), "HEAD:refs/heads/promote/x", cwd=checkout)


def test_more_than_three_tags_at_once_make_no_events(sandbox: Sandbox, checkout: Path) -> None:
    for names, events in ((("v1", "v2", "v3"), 6), (("v4", "v5", "v6", "v7"), 0)):
        before = len(sandbox.events())
        for name in names:
            git("tag", name, cwd=checkout)
        git("push", "-q", "origin", *names, cwd=checkout)
        assert len(sandbox.events()) - before == events


def test_ten_thousand_tags_are_no_burden(sandbox: Sandbox) -> None:
    sha = sandbox.branch_sha("dev")
    lines = "".join(f"create refs/tags/v{n // 100}.{n % 100}.0 {sha}\n" for n in range(10_000))
    sandbox.repository.git.git("update-ref", "--stdin", stdin=lines.encode())
    sandbox.repository.git.git("pack-refs", "--all")
    answer = sandbox.request("GET", "git/matching-refs/tags/v42.42.0", token=sandbox.user_token)
    assert [one["ref"] for one in answer.json()] == ["refs/tags/v42.42.0"]
    assert answer.elapsed.total_seconds() < 0.5


def push_raw(sandbox: Sandbox, *commands: str) -> bytes:
    """Push without a client, which would not ask so, and without objects."""
    first, *others = commands
    lines = [f"{first}\0report-status", *others]
    packets = "".join(f"{len(line) + 4:04x}{line}" for line in lines)
    answer = sandbox.request(
        "POST",
        f"{sandbox.ready['git_url']}/git-receive-pack",
        token=sandbox.user_token,
        headers={"Content-Type": "application/x-git-receive-pack-request"},
        data=f"{packets}0000".encode() + sandbox.repository.git.read("pack-objects", "--stdout"),
    )
    assert answer.status_code == 200
    return answer.content


def commit_on_nothing(sandbox: Sandbox) -> str:
    """Store a commit without a parent."""
    git = sandbox.repository.git
    return git.git("commit-tree", git.git("rev-parse", "dev^{tree}"), "-m", "x", env=_NAMES)


def test_what_no_client_asks_passes_no_rule(sandbox: Sandbox) -> None:
    sandbox.control("POST", "rulesets", {"name": "dev", "rules": [{"type": "non_fast_forward"}]})
    dev = sandbox.branch_sha("dev")
    other = commit_on_nothing(sandbox)
    for sha in (other, other.upper()):
        assert b"ng refs/heads/dev" in push_raw(sandbox, f"{dev} {sha} refs/heads/dev")
    zero = "0" * 40
    assert b"ng refs/heads/main" in push_raw(sandbox, f"{zero} {zero} refs/heads/main")
    assert sandbox.branch_sha("dev") == dev
    assert sandbox.branch_sha("main")


def test_only_what_changed_is_an_event(sandbox: Sandbox) -> None:
    dev, zero = sandbox.branch_sha("dev"), "0" * 40
    before = len(sandbox.events())
    names = ("refs/heads/a", "refs/heads//a", "refs/heads/./a", "refs/heads/a/", "HEAD")
    answer = push_raw(sandbox, *(f"{zero} {dev} {name}" for name in names))
    assert b"ok refs/heads/a" in answer
    assert {event["ref"] for event in sandbox.events()[before:]} == {"refs/heads/a"}


def test_the_default_branch_changes_once_by_either_of_its_names(sandbox: Sandbox) -> None:
    main, other = sandbox.branch_sha("main"), commit_on_nothing(sandbox)
    before = len(sandbox.events())
    assert b"ok HEAD" in push_raw(
        sandbox, f"{main} {other} HEAD", f"{main} {other} refs/heads/main"
    )
    assert [event["ref"] for event in sandbox.events()[before:]] == ["refs/heads/main"]
