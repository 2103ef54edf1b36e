"""Check runs and commit statuses: made by Apps, by jobs and by whoever may write them."""

from pathlib import Path

from github import Auth, Github

from support.sandbox.branch_protection import open_pull, push_promotion, query
from support.sandbox.fixtures import Sandbox


def test_pygithub_reads_what_an_app_and_a_job_found(sandbox: Sandbox) -> None:
    sha = sandbox.branch_sha("dev")
    slug, granted = "automation-bot", {"checks": "write", "statuses": "write", "contents": "read"}
    sandbox.control("POST", f"apps/{slug}", {"permissions": granted})
    token = sandbox.installation_token()
    sandbox.control("PUT", "checks/dev/test", {})
    with Github(auth=Auth.Token(token), base_url=sandbox.world.addresses.github_api) as client:
        repository = client.get_repo(sandbox.repository.full_name)
        made = repository.create_check_run("lint", sha, status="in_progress")
        made.edit(conclusion="failure", output={"title": "T", "summary": "S"})
        runs = {one.name: one for one in repository.get_commit(sha).get_check_runs()}
        shown = {name: (one.status, one.conclusion, one.app.slug) for name, one in runs.items()}
        assert shown == {
            "test": ("in_progress", None, "github-actions"),
            "lint": ("completed", "failure", slug),
        }
        assert made.output.title == "T"
        assert repository.get_check_run(made.id).conclusion == "failure"
        commit = repository.get_commit(sha)
        assert commit.get_combined_status().state == "pending"
        commit.create_status("success", context="outside")
        assert commit.get_combined_status().state == "success"
        listed = sandbox.request("GET", f"commits/{sha}/statuses", token=token).json()
        assert [one["context"] for one in listed] == ["outside"]
        suites = list(commit.get_check_suites())
        assert {one.conclusion for one in suites} == {None, "failure"}


def test_the_newest_run_of_a_name_counts_and_refs_have_kinds(sandbox: Sandbox) -> None:
    for conclusion in ("failure", "success"):
        sandbox.control("PUT", "checks/dev/test", {"conclusion": conclusion})
    token = sandbox.user_token
    for ref in ("dev", "heads/dev", sandbox.branch_sha("dev")):
        runs = sandbox.request("GET", f"commits/{ref}/check-runs", token=token).json()
        assert [one["conclusion"] for one in runs["check_runs"]] == ["success"]
    every = sandbox.request("GET", "commits/dev/check-runs?filter=all", token=token).json()
    assert every["total_count"] == 2
    named = sandbox.request("GET", "commits/dev/check-runs?check_name=no", token=token).json()
    assert named["total_count"] == 0


def test_refusals(sandbox: Sandbox) -> None:
    sha = sandbox.branch_sha("dev")
    reader = sandbox.job({"checks": "read"})["token"]
    body = {"name": "x", "head_sha": sha}
    made = [sandbox.request("POST", "check-runs", token=reader, json=body).status_code]
    made.append(
        sandbox.request("POST", "check-runs", token=sandbox.user_token, json=body).status_code
    )
    assert made == [403, 403]
    writer = sandbox.job({"checks": "write"})["token"]
    gone = sandbox.request("POST", "check-runs", token=writer, json={**body, "head_sha": "1" * 40})
    assert gone.status_code == 422
    done = {**body, "status": "completed"}
    assert sandbox.request("POST", "check-runs", token=writer, json=done).status_code == 422
    state = sandbox.request(
        "POST", f"statuses/{sha}", token=sandbox.user_token, json={"state": "x"}
    )
    assert state.status_code == 422


def test_a_run_of_a_workflow_leaves_a_check_for_each_job(sandbox: Sandbox, checkout: Path) -> None:
    sha = push_promotion(sandbox, checkout)
    run = {"path": "ci.yml", "event": "push", "ref": "refs/heads/dev", "sha": sha}
    sandbox.control("PUT", "runs/7", {**run, "actor": "developer", "jobs": ["lint", "Tests"]})
    token = sandbox.user_token
    pull = open_pull(sandbox, token)["number"]
    text = """query($name: String!, $number: Int!) { repository(owner: "eigenoid", name: $name) {
      pullRequest(number: $number) { commits(last: 1) { nodes { commit {
        oid statusCheckRollup { state contexts(first: 9) { nodes {
          ... on CheckRun { name status conclusion } } } } } } } } } }"""

    def rollup() -> dict[str, object]:
        name = sandbox.repository.name
        found = query(sandbox, token, text, name=name, number=pull)["data"]["repository"]
        commit = found["pullRequest"]["commits"]["nodes"][0]["commit"]
        assert commit["oid"] == sha
        shown = commit["statusCheckRollup"]
        return {one["name"]: one["conclusion"] for one in shown["contexts"]["nodes"]} | {
            "": shown["state"]
        }

    assert rollup() == {"lint": None, "Tests": None, "": "PENDING"}
    ended = {"conclusion": "failure", "jobs": {"lint": "success", "test (3.12)": "skipped"}}
    sandbox.control("PATCH", "runs/7", ended)
    expected = {"lint": "SUCCESS", "Tests": "FAILURE", "test (3.12)": "SKIPPED", "": "FAILURE"}
    assert rollup() == expected
    shown = sandbox.request("GET", f"commits/{sha}/check-runs", token=token).json()["check_runs"]
    assert {one["check_suite"]["id"] for one in shown} == {7}
    assert all("/actions/runs/7/job/" in one["details_url"] for one in shown)
