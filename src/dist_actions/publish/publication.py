"""Publish a set of files to its indexes, and read back that they are there."""

import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import requests

from dist_actions.distributions.files import Distribution
from dist_actions.errors import ServiceUnavailableError
from dist_actions.publish.planning import FilePlan, IndexPlan, plan_index, refuse_conflicts
from dist_actions.services.answers import is_passing, is_success
from dist_actions.services.failures import classify_connection_failure
from dist_actions.services.index.client import IndexClient, Uploads
from dist_actions.services.index.redirects import explain_forwarded_upload
from dist_actions.services.index.refusals import explain_upload_refusal, says_exists
from dist_actions.services.retries import ATTEMPTS, Retries, Transient, pauses, retry_after_seconds
from dist_actions.services.workers import side_by_side

#: Attests files, and returns the attestations by the files' names.
Sign: TypeAlias = Callable[[Sequence[Path]], Mapping[str, str]]

#: Uploads at once, after the first file of a project, which creates it; and once an index has taken
#: that many at the first try.
_WORKERS, _MORE_WORKERS = 4, 8
#: After so many looks at an index without a file, its upload is in doubt: the answer may have been
#: a proxy's, and a page that is only behind has caught up by then as a rule.
_LOOKS_BEFORE_DOUBT = 4


@dataclass(frozen=True)
class Publication:
    """A set of files on their way to one index.

    `attests` tells whether files are signed before their upload; `attestations` holds the JSON of
    each attestation by the file's name. `is_pypi` tells whether the index has PyPI's rules.
    """

    index: IndexClient
    folder: Path
    distributions: tuple[Distribution, ...]
    retries: Retries
    attests: bool = False
    is_pypi: bool = False
    attestations: Mapping[str, str] = field(default_factory=dict)

    def plan(self) -> IndexPlan:
        """Compare the files with the index.

        Raises:
            UploadError: It cannot be read.
            ServiceUnavailableError: It did not answer.
        """
        present = self.index.digests(self.distributions)
        return plan_index(self.index.label, self.distributions, present)

    def require_accepted(self, plan: IndexPlan) -> None:
        """Check what is to be uploaded by the rules that this index has and others have not.

        Raises:
            BuildError: It would refuse a file.
        """
        if not (self.is_pypi and plan.uploads):
            return
        # Imported for what needs it: lists of classifiers and modules are of use for PyPI alone.
        from dist_actions.distributions.pypi_rules.acceptance import require_accepted  # noqa: PLC0415

        missing = {file.name for file in plan.uploads}
        require_accepted(
            plan.label,
            self.folder,
            [dist for dist in self.distributions if dist.name in missing],
            new_project=plan.new_project,
        )

    def carry_out(self, plan: IndexPlan) -> None:
        """Upload what the index does not have, and wait until it shows all of it.

        Raises:
            UploadError: It refuses a file, or holds other bytes by now.
            ServiceUnavailableError: It did not answer, or does not show a file in time.
        """
        missing = plan.uploads
        if not missing:
            return
        creating = 1 if plan.new_project else 0
        first = creating + _WORKERS
        with (
            redirect_stdout(io.StringIO()),  # twine prints progress of its own
            self.index.uploads() as uploads,
        ):
            self._upload_each(missing[:creating], uploads, workers=1)
            all_at_once = self._upload_each(missing[creating:first], uploads, workers=_WORKERS)
            workers = _MORE_WORKERS if all_at_once else _WORKERS
            self._upload_each(missing[first:], uploads, workers=workers)
            self._read_back(uploads)

    def _upload_each(self, files: Sequence[FilePlan], uploads: Uploads, *, workers: int) -> bool:
        """Upload files side by side, and tell whether the index took each of them at once."""
        return all(side_by_side(lambda file: self._upload(file, uploads), files, workers))

    def _read_back(self, uploads: Uploads) -> None:
        """Wait until the index shows every file; send again what it does not show for long."""
        for attempt, pause in enumerate(pauses(ATTEMPTS), start=1):
            plan = self.plan()
            refuse_conflicts([plan])
            missing = plan.uploads
            if not missing:
                return
            if attempt == ATTEMPTS or self.retries.gives_up(pause, timedelta()):
                break
            self.retries.log(f"{self.index.label} does not show {_names(missing)} yet")
            if attempt >= _LOOKS_BEFORE_DOUBT:
                self._send_again(missing, uploads)
            self.retries.clock.sleep(pause)
        if self.index.forwarded_to:
            raise explain_forwarded_upload(
                self.index.label, _names(missing), self.index.index_url, self.index.forwarded_to
            )
        raise ServiceUnavailableError(
            f"{self.index.label} accepted {_names(missing)}, but does not show it.",
            why="its pages are behind, or what took the files is not the index that is read.",
            fix="run the job again in a minute; a rerun sends what the index lacks by then.",
            anchor="service-unavailable",
        )

    def _send_again(self, files: Sequence[FilePlan], uploads: Uploads) -> None:
        """Send files again; an index that has them says so, or takes the same bytes for nothing."""
        for file in files:
            problem = self._send(file, uploads)
            self.retries.log(f"sent {file.name} again: {problem.reason if problem else 'accepted'}")

    def _upload(self, file: FilePlan, uploads: Uploads) -> bool:
        """Send one file until the index has it, and tell whether it took the first try.

        Where an outcome is unclear, the index is read.
        """
        lost, failures = timedelta(), Counter[str]()
        for attempt, pause in enumerate(pauses(ATTEMPTS), start=1):
            began = self.retries.clock.now()
            problem = self._send(file, uploads)
            if problem is None:
                self.retries.log(f"uploaded {file.name} to {self.index.label}")
                self.retries.record_change(f"upload {file.name} to {self.index.label}")
                return attempt == 1
            if self._is_present(file):
                return False
            wait = max(pause, problem.wait_seconds or 0.0)
            lost += self.retries.clock.now() - began
            failures[problem.reason] += 1
            tried = attempt == ATTEMPTS or failures[problem.reason] >= problem.attempts
            if tried or self.retries.gives_up(wait, lost):
                raise self._unavailable(file, problem, wait)
            self.retries.log(f"{file.name}: {problem.reason}; next try in {wait:.0f} s")
            self.retries.clock.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _unavailable(
        self, file: FilePlan, problem: Transient, wait: float
    ) -> ServiceUnavailableError:
        message = f"{file.name} could not be uploaded to {self.index.label}: {problem.reason}."
        if problem.cause:
            return problem.cause.error(ServiceUnavailableError, message)
        return ServiceUnavailableError(
            message,
            why="the index is not available or limits requests at the moment.",
            fix=f"run the job again in {max(wait, 60):.0f} seconds; files that are there are not "
            "sent again.",
            anchor="service-unavailable",
        )

    def _send(self, file: FilePlan, uploads: Uploads) -> Transient | None:
        """Send one file once; return None where it was taken, else why that is unclear."""
        try:
            attestation = self.attestations.get(file.name, "")
            response = uploads.send(self.folder / file.name, file.sha256, attestation)
        except requests.RequestException as error:
            return classify_connection_failure(error) or Transient("the connection failed")
        status = response.status_code
        if is_success(status):
            return None
        text = f"{response.text} {response.reason}"
        if is_passing(status) or says_exists(status, text):
            wait = retry_after_seconds(response.headers, self.retries.clock.now())
            return Transient(f"HTTP {status}", wait)
        raise explain_upload_refusal(
            self.index.label, file.name, status, response.text, response.reason
        )

    def _is_present(self, file: FilePlan) -> bool:
        """Tell whether the index has exactly this file by now."""
        plan = self.plan()
        same_name = tuple(planned for planned in plan.files if planned.name == file.name)
        refuse_conflicts([IndexPlan(plan.label, same_name)])
        return any(planned.action == "identical" for planned in same_name)


@dataclass(frozen=True)
class Publications:
    """The same files on their way to several indexes, in the order of the inputs.

    Attributes:
        planned: Each index's publication with what it lacks.
        sign: Attests files before they are uploaded.
    """

    planned: tuple[tuple[Publication, IndexPlan], ...]
    sign: Sign

    @classmethod
    def plan(cls, publications: Sequence[Publication], sign: Sign) -> "Publications":
        """Read every index before anything is uploaded anywhere.

        Raises:
            IdentityError: An index does not accept the job's identity.
            UploadError: One cannot be read, or holds other bytes.
            ServiceUnavailableError: One did not answer.
            BuildError: One would refuse a file.
        """
        planned = cls(
            tuple((publication, publication.plan()) for publication in publications), sign
        )
        refuse_conflicts(planned.plans)
        for publication, plan in planned.planned:
            publication.require_accepted(plan)
        return planned

    @property
    def plans(self) -> tuple[IndexPlan, ...]:
        """List what each index lacks."""
        return tuple(plan for _, plan in self.planned)

    @property
    def uploads(self) -> int:
        """Count the uploads to all indexes."""
        return sum(len(plan.uploads) for plan in self.plans)

    def require_upload_permissions(self) -> None:
        """Check the permission to upload on every index, before anything is sent to one.

        Raises:
            IdentityError: An index does not accept the job's identity.
            UploadError: The account may not upload to one.
            ServiceUnavailableError: One did not answer.
        """
        for publication, plan in self.planned:
            if plan.uploads:
                publication.index.require_upload_permission()

    def carry_out(self) -> None:
        """Sign what is to be signed; upload to one index after the other, and read it back.

        Raises:
            IdentityError: An index does not accept the job's identity any more.
            UploadError: One refuses a file.
            ServiceUnavailableError: One did not answer.
        """
        attestations = self._attest()
        for publication, plan in self.planned:
            signed = replace(publication, attestations=attestations)
            (signed if publication.attests else publication).carry_out(plan)

    def _attest(self) -> Mapping[str, str]:
        """Sign, once each, the files missing from indexes that take attestations."""
        paths = {
            publication.folder / file.name: None
            for publication, plan in self.planned
            if publication.attests
            for file in plan.uploads
        }
        return self.sign(list(paths)) if paths else {}


def _names(files: Sequence[FilePlan]) -> str:
    return ", ".join(file.name for file in files)
