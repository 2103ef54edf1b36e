"""Record the runs of a rehearsal as stages of its report."""

from dataclasses import dataclass

from dist_sandbox.rehearse.results.records import record_interrupted, record_run
from dist_sandbox.rehearse.results.report import Note, Stage, stage_title
from dist_sandbox.rehearse.runs.log import RunLog
from dist_sandbox.rehearse.runs.result import RunResult
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun, WorkflowRunner
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.stages import did_nothing
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent

#: What a reviewer did, as stages are called.
_REVIEW_VERBS = {"approved": "approve", "rejected": "reject"}


@dataclass
class StageRecorder:
    """Adds the runs of one project to the `stages` of the rehearsal."""

    sandbox: Sandbox
    runner: WorkflowRunner
    log: RunLog
    label: str
    stages: list[Stage]

    def read_notes(self, finished: FinishedRun) -> tuple[Note, ...]:
        """List what a run noted besides the error that ended it."""
        hide = self.runner.masks.hide
        noted = [Note("warning", "", text) for text in finished.warnings]
        for job in finished.result.jobs:
            noted += [
                Note(annotation.level, job.name, hide(annotation.message))
                for step in job.steps
                for annotation in step.annotations
                if annotation.level != "error" or finished.result.status == "success"
            ]
        return tuple(dict.fromkeys(noted))

    def record(self, stage: str, finished: FinishedRun) -> None:
        """Record how long a run took, how many requests it made and who approved it."""
        self.stages += [
            Stage(
                f"{_REVIEW_VERBS[review.decision]} {review.environment}",
                review.seconds,
                1,
                review.command,
                project=self.label,
            )
            for review in finished.reviews
        ]
        result = finished.result
        rows = self.sandbox.requests_of_run(*finished.requests)
        logs = self.log.folder_of(stage_title(self.label, stage), finished).name
        run = record_run(finished, rows, self.runner.gateway_log.list(), f"logs/{logs}")
        self.stages.append(
            Stage(
                stage,
                result.seconds,
                sum(request.outcome == "sandbox" for request in run.requests),
                notes=self.read_notes(finished),
                nothing_to_do=did_nothing(result),
                project=self.label,
                began=result.began,
                run=run,
            )
        )

    def record_interrupted(
        self, stage: str, workflow: Workflow, event: TriggerEvent, result: RunResult
    ) -> None:
        """Record a run that has no end."""
        run = record_interrupted(workflow, event, result)
        self.stages.append(
            Stage(stage, result.seconds, 0, project=self.label, began=result.began, run=run)
        )
