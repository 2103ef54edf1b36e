"""Choose what a person does next with a pull request, by the rules of its base branch.

Approve it where reviews are missing, add it to the merge queue where there is one, leave it alone
where auto-merge is enabled, and else merge it.
"""

from functools import partial
from typing import Any
from urllib.parse import quote

from dist_sandbox.rehearse.errors import RunFailedError, SandboxRequestError
from dist_sandbox.rehearse.manual_steps.steps import DEVELOPER, ManualStep
from dist_sandbox.rehearse.sandbox_client import Sandbox

#: What `gh pr merge` does where there is a queue: GitHub adds the pull request once it is ready.
_ENQUEUE = """mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}"""


def next_pull_step(sandbox: Sandbox, pull: dict[str, Any], method: str) -> ManualStep | None:
    """Choose to `approve`, `enqueue` or `merge`; None where only checks are missing.

    A queue merges by a method of its own.
    """
    number = pull["number"]
    branch = quote(str(pull["base"]["ref"]), safe="")
    rules = {
        rule["type"]: rule.get("parameters", {}) for rule in sandbox.get(f"rules/branches/{branch}")
    }
    if _lacks_approval(sandbox, pull, rules.get("pull_request", {})):
        approve = partial(sandbox.write, "POST", f"pulls/{number}/reviews", {"event": "APPROVE"})
        return ManualStep("approve", f"gh pr review {number} --approve", approve)
    if pull["auto_merge"]:
        return None
    if "merge_queue" in rules:
        return ManualStep("enqueue", f"gh pr merge {number}", partial(_enqueue, sandbox, pull))
    command = f"gh pr merge {number} --{method}"
    return ManualStep("merge", command, partial(_merge, sandbox, pull, method))


def _lacks_approval(sandbox: Sandbox, pull: dict[str, Any], rule: dict[str, Any]) -> bool:
    """Tell whether the developer's approval is missing; nobody approves their own."""
    if not rule.get("required_approving_review_count") or pull["user"]["login"] == DEVELOPER:
        return False
    reviews = sandbox.get(f"pulls/{pull['number']}/reviews?per_page=100")
    states = {str(review["user"]["login"]): review["state"] for review in reviews}
    return states.get(DEVELOPER) != "APPROVED"


def _enqueue(sandbox: Sandbox, pull: dict[str, Any]) -> None:
    pull_request = {"pullRequestId": pull["node_id"], "expectedHeadOid": pull["head"]["sha"]}
    sandbox.graphql(_ENQUEUE, {"input": pull_request})


def _merge(sandbox: Sandbox, pull: dict[str, Any], method: str) -> None:
    body = {"merge_method": method, "sha": pull["head"]["sha"]}
    try:
        sandbox.write("PUT", f"pulls/{pull['number']}/merge", body)
    except SandboxRequestError as error:
        raise RunFailedError(
            f"Pull request #{pull['number']} ({pull['title']}) was not merged by {method}: "
            f"{error.what}",
            why="it conflicts with its target, or a rule of the target forbids this method.",
            fix=f"rehearse with --merge {'merge' if method != 'merge' else 'squash'}; if that is "
            "refused, too, merge the target into the branch of the pull request first.",
        ) from error
