"""Write the output of a run into files: one log and one summary for each job."""

import re
from pathlib import Path

from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.result import JobRun
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class RunLog:
    """The folder of logs.

    Args:
        folder: Where the folders of the runs are made, numbered in order.
        masks: What is hidden, those included that a later step of the run declared.
    """

    def __init__(self, folder: Path, masks: Masks) -> None:
        self._folder = folder
        self._masks = masks
        self._folders: dict[int, Path] = {}

    def folder_of(self, stage: str, finished: FinishedRun) -> Path:
        """Choose the folder of one run."""
        if finished.run_id not in self._folders:
            name = f"{len(self._folders) + 1:02}-{_UNSAFE.sub('-', stage)}"
            self._folders[finished.run_id] = self._folder / name
        return self._folders[finished.run_id]

    def write(self, stage: str, finished: FinishedRun) -> None:
        """Write the files of one run."""
        folder = self.folder_of(stage, finished)
        folder.mkdir(parents=True, exist_ok=True)
        for job in finished.result.jobs:
            name = log_name(self._masks.hide(job.name))
            self._write(folder / f"{name}.log", _log(job))
            if job.summary:
                self._write(folder / f"{name}.summary.md", job.summary)
        fetched = [f"{name} is commit {commit}" for name, commit in finished.actions.items()]
        notes = [*fetched, *finished.warnings, *filter(None, [finished.result.error])]
        if notes:
            self._write(folder / "run.log", "\n".join(notes) + "\n")

    def _write(self, file: Path, text: str) -> None:
        file.write_text(self._masks.hide(text), encoding="utf-8")


def log_name(job: str) -> str:
    """Name the files of a job, without their ending."""
    return _UNSAFE.sub("-", job).strip("-")


def _log(job: JobRun) -> str:
    lines = [f"{job.name}: {job.status}"]
    for step in job.steps:
        lines += ["", f"== {step.name} ({step.status}, {step.seconds:.1f} s)", *step.log]
        lines += [f"output {name}={value}" for name, value in sorted(step.outputs.items())]
    return "\n".join(lines) + "\n"
