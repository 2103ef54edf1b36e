"""Carries out the publication of a set of files to one index, and proves it."""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import requests
from packaging.utils import NormalizedName

from dist_actions.distributions import Distribution
from dist_actions.edges.index import Index
from dist_actions.edges.retries import FIRST_PAUSE_SECONDS, Retries
from dist_actions.errors import ServiceUnavailableError
from dist_actions.publish.planning import FilePlan, IndexPlan, plan_index, refuse_conflicts
from dist_actions.publish.refusals import explain_upload_refusal, says_exists

#: Uploads at once, after the first file of a project, which creates it.
_WORKERS = 4
#: Tries of one upload whose outcome stays open, and of reading back what was uploaded.
_ATTEMPTS = 6


@dataclass(frozen=True)
class Publication:
    """A set of files on their way to one index.

    Attributes:
        folder: Where the files lie.
    """

    index: Index
    folder: Path
    project: NormalizedName
    distributions: tuple[Distribution, ...]
    retries: Retries

    def plan(self) -> IndexPlan:
        """Read the index and compare.

        Raises:
            UploadError: It cannot be read.
            ServiceUnavailableError: It did not answer.
        """
        wanted = {dist.name for dist in self.distributions}
        found = self.index.files(self.project)
        present = {name: self.index.digest(file) for name, file in found.items() if name in wanted}
        return plan_index(self.index.label, self.distributions, present)

    def carry_out(self, plan: IndexPlan) -> None:
        """Upload what the index does not have.

        Raises:
            UploadError: It refuses a file, or holds other bytes by now.
            ServiceUnavailableError: It did not answer.
        """
        missing = plan.with_action("upload")
        if not missing:
            return
        with redirect_stdout(io.StringIO()):  # twine prints progress of its own
            self._upload(missing[0])
            with ThreadPoolExecutor(_WORKERS) as pool:
                list(pool.map(self._upload, missing[1:]))

    def read_back(self) -> IndexPlan:
        """Wait until the index shows every file, and compare all digests.

        Raises:
            UploadError: It holds other bytes.
            ServiceUnavailableError: A file does not appear in time.
        """
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(_ATTEMPTS):
            plan = self.plan()
            refuse_conflicts([plan])
            missing = plan.with_action("upload")
            if not missing:
                return plan
            if attempt < _ATTEMPTS - 1:
                self.retries.log(f"{self.index.label} does not show {_names(missing)} yet")
                self.retries.clock.sleep(pause)
                pause *= 2
        raise ServiceUnavailableError(
            f"{self.index.label} accepted {_names(missing)}, but does not show it.",
            why="its pages are behind.",
            fix="run the job again in a minute; a rerun uploads nothing twice.",
            anchor="service-unavailable",
        )

    def _upload(self, file: FilePlan) -> None:
        """Send one file until the index has it; an open outcome is settled by reading."""
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(_ATTEMPTS):
            problem = self._send(file)
            if problem is None:
                self.retries.log(f"uploaded {file.name} to {self.index.label}")
                return
            if self._is_present(file):
                return
            if attempt < _ATTEMPTS - 1:
                self.retries.log(f"{file.name}: {problem}; next try in {pause:.0f} s")
                self.retries.clock.sleep(pause)
                pause *= 2
        raise ServiceUnavailableError(
            f"{file.name} could not be uploaded to {self.index.label}: {problem}.",
            why="the index is not available at the moment.",
            fix="run the job again later; files that are there are not sent again.",
            anchor="service-unavailable",
        )

    def _send(self, file: FilePlan) -> str | None:
        """Send one file once; None where it was taken, else what leaves the outcome open."""
        try:
            response = self.index.upload(self.folder / file.name)
        except requests.RequestException:
            return "the connection failed"
        status = response.status_code
        if status in {200, 201}:
            return None
        if status >= 500 or status == 429 or says_exists(status, response.text):
            return f"HTTP {status}"
        raise explain_upload_refusal(
            self.index.label, file.name, status, response.text, response.reason
        )

    def _is_present(self, file: FilePlan) -> bool:
        """Whether the index has exactly this file by now."""
        plan = self.plan()
        settled = IndexPlan(
            plan.label, tuple(other for other in plan.files if other.name == file.name)
        )
        refuse_conflicts([settled])
        return bool(settled.with_action("identical"))


def describe_plan(plan: IndexPlan) -> str:
    """One line on what is to be done with an index."""
    uploads, identical = plan.with_action("upload"), plan.with_action("identical")
    return f"{plan.label}: {len(uploads)} to upload, {len(identical)} there already"


def _names(files: Sequence[FilePlan]) -> str:
    return ", ".join(file.name for file in files)
