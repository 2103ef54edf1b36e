"""The output folder of a rehearsal: the page, report.json, summary.md and the logs."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dist_actions.errors import DistActionsError
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.results.page.rendering import render_page
from dist_sandbox.rehearse.results.records import Failure
from dist_sandbox.rehearse.results.report import Report

_RESULTS = ("index.html", "report.json", "summary.md", "logs")
#: What a folder holds that a rehearsal made, and the page of one.
_IGNORE_ALL = "*\n"
_PAGE = re.compile(r"<title>[^<]*: rehearsal ")


def require_output_folder(folder: Path) -> None:
    """Refuse a folder in which a rehearsal would remove files that are not a rehearsal's.

    Raises:
        UsageError: It is a file, or holds files of these names from elsewhere.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            f"--output {folder} is a file.",
            why="a rehearsal writes a page, a report and logs into a folder.",
            fix="name a folder.",
        )
    others = [name for name in _RESULTS if (folder / name).exists()]
    if others and not _is_of_rehearsal(folder):
        raise UsageError(
            f"--output {folder} holds {', '.join(others)}, which no rehearsal wrote.",
            why="a rehearsal removes what an earlier one left under these names.",
            fix="name another folder.",
        )


def _is_of_rehearsal(folder: Path) -> bool:
    page, ignore = folder / "index.html", folder / ".gitignore"
    if ignore.is_file() and ignore.read_text(encoding="utf-8", errors="replace") == _IGNORE_ALL:
        return True
    text = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
    return _PAGE.search(text) is not None


@dataclass(frozen=True)
class OutputFolder:
    """Where the results of a rehearsal are written.

    Attributes:
        folder: The folder; other files in it are left alone.
        subject: The projects' names.
        hide: Replaces every credential in a text.
        simulated: How the addresses begin that are the sandbox's.
    """

    folder: Path
    subject: str
    hide: Callable[[str], str]
    simulated: tuple[str, ...] = ()

    @property
    def logs(self) -> Path:
        """Return the folder of the logs."""
        return self.folder / "logs"

    @property
    def page(self) -> Path:
        """Return the page."""
        return self.folder / "index.html"

    def clear(self) -> None:
        """Remove the results of an earlier rehearsal, so that they are not taken for this one's.

        A new folder says to git that it is no part of the project that it may lie in.
        """
        *files, _ = _RESULTS
        for name in files:
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.logs, ignore_errors=True)
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            (self.folder / ".gitignore").write_text(_IGNORE_ALL, encoding="utf-8")

    def write(self, report: Report) -> None:
        """Write the results of a rehearsal that reached its end."""
        self.write_page(report)
        text = json.dumps(report.to_json(), indent=2) + "\n"
        (self.folder / "report.json").write_text(text, encoding="utf-8")
        (self.folder / "summary.md").write_text(report.to_markdown(), encoding="utf-8")

    def write_page(self, report: Report) -> None:
        """Write the page alone, as far as a rehearsal got."""
        page = render_page(report, subject=self.subject, hide=self.hide, simulated=self.simulated)
        self.page.write_text(page, encoding="utf-8")


def describe_failure(error: BaseException) -> Failure:
    """Describe why a rehearsal ended early."""
    if isinstance(error, DistActionsError):
        return Failure(error.what, error.why, error.fix)
    if isinstance(error, KeyboardInterrupt):
        return Failure("The rehearsal was interrupted.", "somebody stopped it.", "start it again.")
    return Failure(
        f"{type(error).__name__}: {error}",
        "this is an error of dist-sandbox.",
        "report it with this page.",
    )
