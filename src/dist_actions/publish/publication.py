"""Carries out the publication of a set of files to its indexes, and proves it."""

import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import requests

from dist_actions.distributions.files import Distribution
from dist_actions.errors import ServiceUnavailableError
from dist_actions.publish.planning import FilePlan, IndexPlan, plan_index, refuse_conflicts
from dist_actions.services.index.client import Index, Uploads
from dist_actions.services.index.upload_refusals import explain_upload_refusal, says_exists
from dist_actions.services.retries import Retries, pauses, retry_after_seconds

#: Attests files; answers with the attestations by the files' names.
Sign: TypeAlias = Callable[[Sequence[Path]], Mapping[str, str]]

#: Uploads at once, after the first file of a project, which creates it; and once an index has taken
#: that many at the first try.
_WORKERS, _MORE_WORKERS = 4, 8
#: Tries of one upload whose outcome stays open, and of reading back what was uploaded.
_ATTEMPTS = 7


@dataclass(frozen=True)
class Publication:
    """A set of files on their way to one index.

    Attributes:
        folder: Where the files lie.
        attests: Whether what is uploaded is signed first.
        attestations: JSON of the attestation of each file that was signed, by its name.
    """

    index: Index
    folder: Path
    distributions: tuple[Distribution, ...]
    retries: Retries
    attests: bool = False
    attestations: Mapping[str, str] = field(default_factory=dict)

    def plan(self) -> IndexPlan:
        """Read the index and compare.

        Raises:
            UploadError: It cannot be read.
            ServiceUnavailableError: It did not answer.
        """
        present = self.index.digests(self.distributions)
        return plan_index(self.index.label, self.distributions, present)

    def carry_out(self, plan: IndexPlan) -> None:
        """Upload what the index does not have, and wait until it shows all of it.

        Raises:
            UploadError: It refuses a file, or holds other bytes by now.
            ServiceUnavailableError: It did not answer, or does not show a file in time.
        """
        missing = plan.uploads
        if not missing:
            return
        alone = 1 if plan.new_project else 0
        first = alone + _WORKERS
        with (
            redirect_stdout(io.StringIO()),  # twine prints progress of its own
            self.index.uploads() as uploads,
        ):
            self._upload_each(missing[:alone], uploads, workers=1)
            at_ease = self._upload_each(missing[alone:first], uploads, workers=_WORKERS)
            workers = _MORE_WORKERS if at_ease else _WORKERS
            self._upload_each(missing[first:], uploads, workers=workers)
        self._read_back()

    def _upload_each(self, files: Sequence[FilePlan], uploads: Uploads, *, workers: int) -> bool:
        """Upload files side by side; whether the index took each of them at once."""
        with ThreadPoolExecutor(workers) as pool:
            return all(list(pool.map(lambda file: self._upload(file, uploads), files)))

    def _read_back(self) -> None:
        for attempt, pause in enumerate(pauses(_ATTEMPTS), start=1):
            plan = self.plan()
            refuse_conflicts([plan])
            missing = plan.uploads
            if not missing:
                return
            if attempt < _ATTEMPTS:
                self.retries.log(f"{self.index.label} does not show {_names(missing)} yet")
                self.retries.clock.sleep(pause)
        raise ServiceUnavailableError(
            f"{self.index.label} accepted {_names(missing)}, but does not show it.",
            why="its pages are behind.",
            fix="run the job again in a minute; a rerun uploads nothing twice.",
            anchor="service-unavailable",
        )

    def _upload(self, file: FilePlan, uploads: Uploads) -> bool:
        """Send one file until the index has it; an open outcome is settled by reading.

        Returns:
            Whether the first try was taken.
        """
        for attempt, pause in enumerate(pauses(_ATTEMPTS), start=1):
            problem = self._send(file, uploads)
            if problem is None:
                self.retries.log(f"uploaded {file.name} to {self.index.label}")
                return attempt == 1
            if self._is_present(file):
                return False
            wait = max(pause, problem.wait_seconds)
            if attempt == _ATTEMPTS or wait > self.retries.max_wait.total_seconds():
                raise self._unavailable(file, problem.reason, wait)
            self.retries.log(f"{file.name}: {problem.reason}; next try in {wait:.0f} s")
            self.retries.clock.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _unavailable(self, file: FilePlan, reason: str, wait: float) -> ServiceUnavailableError:
        return ServiceUnavailableError(
            f"{file.name} could not be uploaded to {self.index.label}: {reason}.",
            why="the index is not available or limits requests at the moment.",
            fix=f"run the job again in {max(wait, 60):.0f} seconds; files that are there are not "
            "sent again.",
            anchor="service-unavailable",
        )

    def _send(self, file: FilePlan, uploads: Uploads) -> "_OpenOutcome | None":
        """Send one file once; None where it was taken, else what leaves the outcome open."""
        try:
            attestation = self.attestations.get(file.name, "")
            response = uploads.send(self.folder / file.name, file.sha256, attestation)
        except requests.RequestException:
            return _OpenOutcome("the connection failed")
        status = response.status_code
        if status in {200, 201}:
            return None
        told = f"{response.text} {response.reason}"
        if status >= 500 or status == 429 or says_exists(status, told):
            wait = retry_after_seconds(response.headers, self.retries.clock.now())
            return _OpenOutcome(f"HTTP {status}", wait or 0.0)
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


@dataclass(frozen=True)
class Publications:
    """The same files on their way to several indexes, in the order in which they were given."""

    each: tuple[Publication, ...]

    def plan(self) -> tuple[IndexPlan, ...]:
        """Read every index before anything is uploaded anywhere.

        Raises:
            IdentityError: The job is not known to an index.
            UploadError: One cannot be read, or holds other bytes.
            ServiceUnavailableError: One did not answer.
        """
        plans = tuple(publication.plan() for publication in self.each)
        refuse_conflicts(plans)
        return plans

    def require_upload_permissions(self, plans: Sequence[IndexPlan]) -> None:
        """Look for what would refuse an upload to any index, before anything is sent to one.

        Raises:
            IdentityError: The job is not known to an index.
            UploadError: The account may not upload to one.
            ServiceUnavailableError: One did not answer.
        """
        for publication, plan in zip(self.each, plans, strict=True):
            if plan.uploads:
                publication.index.require_upload_permission()

    def attested(self, plans: Sequence[IndexPlan], sign: Sign) -> "Publications":
        """These publications with the files signed that are uploaded where that is asked for.

        Raises:
            DistActionsError: Something refuses or does not answer; nothing was uploaded.
        """
        missing = {
            publication.folder / file.name: None
            for publication, plan in zip(self.each, plans, strict=True)
            if publication.attests
            for file in plan.uploads
        }
        if not missing:
            return self
        attestations = sign(list(missing))
        return Publications(
            tuple(
                replace(one, attestations=attestations) if one.attests else one for one in self.each
            )
        )

    def carry_out(self, plans: Sequence[IndexPlan]) -> None:
        """Upload to one index after the other what each lacks, and read it back.

        Raises:
            IdentityError: The job is not known to an index any more.
            UploadError: One refuses a file.
            ServiceUnavailableError: One did not answer.
        """
        for publication, plan in zip(self.each, plans, strict=True):
            publication.carry_out(plan)


@dataclass(frozen=True)
class _OpenOutcome:
    """Why nobody knows yet whether an upload was taken.

    Attributes:
        wait_seconds: What the index asks to wait.
    """

    reason: str
    wait_seconds: float = 0.0


def _names(files: Sequence[FilePlan]) -> str:
    return ", ".join(file.name for file in files)
