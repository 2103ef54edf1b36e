"""What auto-tag tells the job: outputs, annotations and the summary."""

import json
from collections.abc import Sequence

from dist_actions.auto_tag.planning import TITLE, Candidate, Decision, Idle
from dist_actions.errors import EXIT_DONE, EXIT_REFUSED
from dist_actions.job.event import Event
from dist_actions.markdown import code, escape, table
from dist_actions.services.runner import Runner


def report(runner: Runner, decisions: Sequence[Decision], *, job_token: bool) -> int:
    """Show what was decided and done, and return the stage's exit status."""
    several = decisions[0].candidate.folder.several
    if several:
        _annotate_several(runner, decisions)
    else:
        plan = decisions[0].plan
        runner.annotate(plan.level, plan.message, title=TITLE, location=plan.location)
    made = [one for one in decisions if one.created]
    if made and job_token:
        tags = "The tags were" if len(made) > 1 else "The tag was"
        runner.annotate(
            "warning",
            f"{tags} made with the job's own token, whose events start no workflow. "
            "Fix: give a GitHub App's client-id and private-key, so that release starts by itself.",
            title=TITLE,
        )
    runner.set_outputs(_outputs(decisions))
    runner.add_summary(_summary_of_all(decisions) if several else _summary(decisions[0]))
    return max(one.plan.exit_status for one in decisions)


def report_interrupted(
    runner: Runner, made: Sequence[Candidate], wanted: Sequence[Candidate]
) -> None:
    """Show what was made before GitHub refused or failed; the error itself comes after it."""
    tags = [candidate.tag for candidate in made]
    runner.set_outputs({"tags": json.dumps(tags), "created": "true"})
    runner.annotate(
        "notice",
        f"Of {len(wanted)} tags {len(tags)} were created before this run stopped: "
        f"{', '.join(tags)}. A rerun makes the others.",
        title=TITLE,
    )


def report_idle(runner: Runner, event: Event, idle: Idle) -> int:
    """Show that there is nothing to do."""
    runner.annotate("notice", f"Nothing to do: {idle.message}", title=TITLE)
    runner.set_outputs(
        {
            "tag": "",
            "version": "",
            "environment": "",
            "created": "false",
            "reason": idle.reason,
            "sha": event.sha,
            "tags": "[]",
            "packages": "[]",
        }
    )
    runner.add_summary(f"### auto-tag\n\nNothing to do: {escape(idle.message)}\n")
    return EXIT_DONE


def _annotate_several(runner: Runner, decisions: Sequence[Decision]) -> None:
    """One notice for all, and a message of its own for whatever somebody has to look at."""
    for one in decisions:
        if one.plan.level == "notice":
            runner.log(one.plan.message)
        else:
            runner.annotate(
                one.plan.level, one.plan.message, title=TITLE, location=one.plan.location
            )
    candidate = decisions[0].candidate
    absent = [one.candidate.tag for one in decisions if one.plan.reason in {"created", "dry-run"}]
    would = "Would create" if not any(one.created for one in decisions) else "Created"
    text = (
        f"{would} on {candidate.commit_sha[:7]}: {', '.join(absent)}."
        if absent
        else f"No tag is missing for the {len(decisions)} packages."
    )
    runner.annotate("notice", text, title=TITLE)


def _outputs(decisions: Sequence[Decision]) -> dict[str, str]:
    """The outputs; those for one tag are about the only one that this run made or looked at."""
    made = [one for one in decisions if one.created]
    subject = decisions[0] if len(decisions) == 1 else made[0] if len(made) == 1 else None
    reasons = {one.plan.reason for one in made or decisions}
    return {
        "tag": subject.candidate.tag if subject else "",
        "version": str(subject.candidate.version.version) if subject else "",
        "environment": decisions[0].candidate.environment.name,
        "created": "true" if made else "false",
        "reason": reasons.pop() if len(reasons) == 1 else "",
        "sha": decisions[0].candidate.commit_sha,
        "tags": json.dumps([one.candidate.tag for one in made]),
        "packages": json.dumps([_described(one) for one in decisions]),
    }


def _described(decision: Decision) -> dict[str, str | bool]:
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
        ["commit", code(candidate.commit_sha[:7])],
        ["result", escape(plan.reason)],
    ]
    heading = f"### {_icon([decision])} auto-tag: {code(candidate.tag)}"
    return f"{heading}\n\n{table(['', ''], rows)}\n\n{escape(plan.message)}\n"


def _summary_of_all(decisions: Sequence[Decision]) -> str:
    candidate = decisions[0].candidate
    rows = [
        [
            code(one.candidate.version.name),
            _version(one.candidate),
            code(one.candidate.tag),
            escape(one.plan.reason),
        ]
        for one in decisions
    ]
    made = sum(one.created for one in decisions)
    heading = f"### {_icon(decisions)} auto-tag: {made} of {len(decisions)} packages tagged"
    where = f"{escape(candidate.environment.name)}, commit {code(candidate.commit_sha[:7])}"
    listed = table(["package", "version", "tag", "result"], rows)
    notes = "".join(
        f"\n- {escape(one.plan.message)}" for one in decisions if one.plan.level != "notice"
    )
    return f"{heading}\n\n{where}\n\n{listed}\n{notes}\n"


def _version(candidate: Candidate) -> str:
    found = candidate.version
    return f"{code(str(found.version))} from {code(str(found.location))}"


def _icon(decisions: Sequence[Decision]) -> str:
    if any(one.plan.exit_status == EXIT_REFUSED for one in decisions):
        return "❌"
    return "🏷️" if any(one.plan.create for one in decisions) else "✅"
