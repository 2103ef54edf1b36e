"""Tell the job what auto-tag did: outputs, annotations and the summary."""

import json
from collections.abc import Sequence

from dist_actions.abbreviation import short_sha
from dist_actions.auto_tag.planning import TITLE, Candidate, Decision, NothingToDo
from dist_actions.errors import EXIT_DONE, EXIT_REFUSED
from dist_actions.job.event import Event
from dist_actions.markdown import code, escape, table
from dist_actions.services.runner import Runner

#: Why no tag is made though this commit has none.
_NOTHING = ("exists-other", "unchanged")


def report(
    runner: Runner,
    decisions: Sequence[Decision],
    *,
    job_token: bool,
    promotes: bool,
    is_released_here: bool,
) -> int:
    """Show what was decided and done, and return the stage's exit status.

    What was tagged with a job token starts no workflow. Whoever promotes needs that, and whoever
    does not release in this same workflow.
    """
    several = decisions[0].candidate.folder.several
    if several:
        _annotate_several(runner, decisions)
    else:
        _annotate(runner, decisions[0])
    created = [decision for decision in decisions if decision.created]
    if created and job_token and (promotes or not is_released_here):
        tags = "The tags were" if len(created) > 1 else "The tag was"
        runner.annotate(
            "warning" if promotes else "notice",
            f"{tags} made with the job's own token, whose events start no workflow. "
            "Fix: release in a later job of this workflow, by the input tag, as the starter "
            "examples/pypi does; or give a GitHub App's client-id and private-key, so that a "
            "workflow for tags starts by itself.",
            title=TITLE,
        )
    runner.set_outputs(_outputs(decisions))
    runner.add_summary(_summary_of_all(decisions) if several else _summary(decisions[0]))
    return max(decision.plan.exit_status for decision in decisions)


def report_proposals(runner: Runner, decisions: Sequence[Decision]) -> None:
    """Say which versions are proposed, and why, before anything is done about them."""
    rows = []
    for candidate in (decision.candidate for decision in decisions):
        if candidate.proposal:
            runner.log(candidate.proposal.reason)
            subject = f"{code(candidate.version.name)}: " if candidate.folder.several else ""
            rows.append(f"- {subject}{escape(candidate.proposal.reason)}")
    if rows:
        runner.add_summary("\n".join(["### auto-tag: the next version", "", *rows, ""]))


def report_interrupted(
    runner: Runner, created: Sequence[Candidate], absent: Sequence[Candidate]
) -> None:
    """Show which absent tags were created before GitHub refused or failed.

    The error itself comes after it.
    """
    tags = [candidate.tag for candidate in created]
    runner.set_outputs({"tags": json.dumps(tags), "created": "true"})
    runner.annotate(
        "notice",
        f"Of {len(absent)} tags {len(tags)} were created before this run stopped: "
        f"{', '.join(tags)}. A rerun makes the others.",
        title=TITLE,
    )


def report_nothing_to_do(runner: Runner, event: Event, nothing_to_do: NothingToDo) -> int:
    """Show why there is nothing to do, and return the stage's exit status."""
    runner.annotate("notice", f"Nothing to do: {nothing_to_do.message}", title=TITLE)
    runner.set_outputs(
        {
            "tag": "",
            "version": "",
            "environment": "",
            "created": "false",
            "reason": nothing_to_do.reason,
            "sha": event.sha,
            "tags": "[]",
            "packages": "[]",
        }
    )
    runner.add_summary(f"### auto-tag\n\nNothing to do: {escape(nothing_to_do.message)}\n")
    return EXIT_DONE


def _annotate(runner: Runner, decision: Decision) -> None:
    plan = decision.plan
    runner.annotate(plan.level, plan.message, title=TITLE, location=plan.location)


def _annotate_several(runner: Runner, decisions: Sequence[Decision]) -> None:
    """Add one notice for all, and a message of its own for whatever somebody has to look at."""
    for decision in decisions:
        if decision.plan.level == "notice":
            runner.log(decision.plan.message)
        else:
            _annotate(runner, decision)
    candidate = decisions[0].candidate
    absent = [
        decision.candidate.tag
        for decision in decisions
        if decision.plan.reason in {"created", "dry-run"}
    ]
    action = "Created" if any(decision.created for decision in decisions) else "Would create"
    text = (
        f"{action} on {short_sha(candidate.commit_sha)}: {', '.join(absent)}."
        if absent
        else f"No tag is missing for the {len(decisions)} packages."
    )
    runner.annotate("notice", text, title=TITLE)


def _outputs(decisions: Sequence[Decision]) -> dict[str, str]:
    """List the outputs; those for one tag are about the only one that this run created or read."""
    created = [decision for decision in decisions if decision.created]
    single = next((group[0] for group in (decisions, created) if len(group) == 1), None)
    reasons = {decision.plan.reason for decision in created or decisions}
    return {
        "tag": single.candidate.tag if single else "",
        "version": str(single.candidate.version.version) if single else "",
        "environment": decisions[0].candidate.environment.name,
        "created": "true" if created else "false",
        "reason": reasons.pop() if len(reasons) == 1 else "",
        "sha": decisions[0].candidate.commit_sha,
        "tags": json.dumps([decision.candidate.tag for decision in created]),
        "packages": json.dumps([_describe(decision) for decision in decisions]),
    }


def _describe(decision: Decision) -> dict[str, str | bool]:
    """Describe one package for the output `packages`."""
    candidate = decision.candidate
    return {
        "name": candidate.version.name,
        "path": candidate.folder.path,
        "version": str(candidate.version.version),
        "tag": candidate.tag,
        "created": decision.created,
        "reason": decision.plan.reason,
    }


def _summary(decision: Decision) -> str:
    candidate, plan = decision.candidate, decision.plan
    rows = [
        ["version", _version(candidate)],
        ["environment", escape(candidate.environment.name)],
        ["commit", code(short_sha(candidate.commit_sha))],
        ["result", escape(plan.reason)],
    ]
    ending = ", nothing to do" if plan.reason in _NOTHING else ""
    heading = f"### {_icon([decision])} auto-tag: {code(candidate.tag)}{ending}"
    return f"{heading}\n\n{table(['', ''], rows)}\n\n{escape(plan.message)}\n"


def _summary_of_all(decisions: Sequence[Decision]) -> str:
    first = decisions[0].candidate
    rows = [
        [
            code(decision.candidate.version.name),
            _version(decision.candidate),
            code(decision.candidate.tag),
            escape(decision.plan.reason),
        ]
        for decision in decisions
    ]
    count = sum(decision.created for decision in decisions)
    notes = "".join(
        f"\n- {escape(decision.plan.message)}"
        for decision in decisions
        if decision.plan.level != "notice"
    )
    return (
        f"### {_icon(decisions)} auto-tag: {count} of {len(decisions)} packages tagged\n\n"
        f"{escape(first.environment.name)}, commit {code(short_sha(first.commit_sha))}\n\n"
        f"{table(['package', 'version', 'tag', 'result'], rows)}\n{notes}\n"
    )


def _version(candidate: Candidate) -> str:
    version = candidate.version
    source = "the tags" if candidate.proposal else code(str(version.location))
    return f"{code(str(version.version))} from {source}"


def _icon(decisions: Sequence[Decision]) -> str:
    if any(decision.plan.exit_status == EXIT_REFUSED for decision in decisions):
        return "❌"
    if any(decision.plan.create for decision in decisions):
        return "🏷️"
    return "💤" if any(decision.plan.reason in _NOTHING for decision in decisions) else "✅"
