"""What the person of a rehearsal does with a pull request whose base has rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.rehearse.errors import RunFailedError, SandboxRequestError
from dist_sandbox.rehearse.manual_steps.pull_requests import next_pull_step
from dist_sandbox.rehearse.sandbox_client import Sandbox as Client
from support.sandbox.branch_protection import open_pull, protect, push_promotion, requires, reviewed
from support.sandbox.fixtures import Sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    """The sandbox as a rehearsal speaks to it."""
    found = Client(sandbox.ready, sandbox.user_token)
    yield found
    found.close()


def the_pull(client: Client) -> dict[str, Any]:
    (pull,) = client.get("pulls?state=all")
    return dict(pull)


def test_reviews_are_given_and_queues_joined(
    sandbox: Sandbox, client: Client, checkout: Path
) -> None:
    sha = push_promotion(sandbox, checkout)
    open_pull(sandbox, sandbox.installation_token())
    protect(sandbox, reviewed(1), {"type": "merge_queue"}, requires("test"))
    step = next_pull_step(client, the_pull(client), "squash")
    assert step
    assert (step.name, step.command) == ("approve", "gh pr review 1 --approve")
    step.perform()
    step = next_pull_step(client, the_pull(client), "squash")
    assert step
    assert (step.name, step.command) == ("enqueue", "gh pr merge 1")
    step.perform()
    assert next_pull_step(client, the_pull(client), "squash") is None
    client.control("PUT", f"checks/{sha}/test", {"conclusion": "success"})
    (entry,) = sandbox.repository.queue
    client.control("PUT", f"checks/{entry.group_sha}/test", {"conclusion": "success"})
    assert the_pull(client)["merged_at"]


def test_what_is_armed_is_left_alone_and_what_is_refused_is_told(
    sandbox: Sandbox, client: Client, checkout: Path
) -> None:
    push_promotion(sandbox, checkout)
    opened = open_pull(sandbox, sandbox.installation_token())
    client.control("POST", "repository", {"merging": {"auto_merge": True}})
    protect(sandbox, requires("test"))
    step = next_pull_step(client, the_pull(client), "squash")
    assert step
    assert (step.name, step.command) == ("merge", "gh pr merge 1 --squash")
    with pytest.raises(RunFailedError, match='"test" is expected'):
        step.perform()
    client.graphql(
        "mutation($id: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $id}) "
        "{ clientMutationId } }",
        {"id": opened["node_id"]},
    )
    assert next_pull_step(client, the_pull(client), "squash") is None
    with pytest.raises(SandboxRequestError, match="Could not resolve"):
        client.graphql('{ node(id: "x") { id } }', {})
