"""What all stages share at their outermost end: signals, errors put on the page, exit status."""

import errno
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from dist_actions.errors import EXIT_REFUSED, DistActionsError
from dist_actions.markdown import prose
from dist_actions.services.runner import Runner
from dist_actions.services.signals import TerminatedError, terminable
from dist_actions.services.transport.certificates import require_certificate_bundle

_ISSUES = "https://github.com/eigenoid/dist-actions/issues"
#: What a shell reports for a process that SIGTERM ended.
_EXIT_TERMINATED = 143
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
#: What Python says where it can write to no folder at all, in place of the system's reason.
_NO_TEMPORARY_FOLDER = "No usable temporary directory"
#: Changes that the message of a cancelled run lists, the newest ones.
_SHOWN_CHANGES = 10


def run_stage(title: str, environ: Mapping[str, str], stage: Callable[[Runner], int]) -> int:
    """Run a stage and turn whatever it raises into one annotation and an exit status.

    Args:
        title: Heading of annotations and summaries: `auto-tag`.
    """
    runner = Runner.from_environ(environ, sys.stdout)
    try:
        with terminable():
            require_certificate_bundle(environ)
            return stage(runner)
    except DistActionsError as error:
        report_error(runner, title, error)
        return error.exit_status
    except TerminatedError:
        report_error(runner, title, _cancelled(title, runner.changes))
        return _EXIT_TERMINATED
    except Exception as error:
        if isinstance(error, OSError) and _is_about_disk(error):
            report_error(runner, title, _unwritable_disk(error))
            return EXIT_REFUSED
        runner.log(traceback.format_exc())
        runner.annotate(
            "error",
            f"{type(error).__name__}: {error}. Why: this is a defect of dist-actions. "
            f"Fix: report it with the log above at {_ISSUES}",
            title=title,
        )
        return EXIT_REFUSED


def report_cancellation(stage: str) -> int:
    """Report that a stage was cancelled before it began, and return the exit status.

    Args:
        stage: Its module: `auto_tag`.
    """
    runner, title = Runner.from_environ(os.environ, sys.stdout), stage.replace("_", "-")
    report_error(runner, title, _cancelled(title, ()))
    return _EXIT_TERMINATED


def _is_about_disk(error: OSError) -> bool:
    return error.errno in _UNWRITABLE or _NO_TEMPORARY_FOLDER in str(error.strerror)


def _unwritable_disk(error: OSError) -> DistActionsError:
    place = f", to {error.filename}" if error.filename else ""
    return DistActionsError(
        f"Nothing can be written to the disk of this runner{place}: {error.strerror}.",
        why="it is full, its quota is used up, or it may only be read.",
        fix="free disk space on the runner, or let this job write there, and run it again; what "
        "was done is kept.",
    )


def _cancelled(title: str, changes: Sequence[str]) -> DistActionsError:
    more = f" and {len(changes) - _SHOWN_CHANGES} more" if len(changes) > _SHOWN_CHANGES else ""
    done = f"done: {'; '.join(changes[-_SHOWN_CHANGES:])}{more}" if changes else "nothing changed"
    return DistActionsError(
        f"{title} was cancelled. Until then it had {done}. Everything else is missing, unless it "
        "was under way.",
        why="somebody cancelled the run, a newer run took its place, or the time limit of the job "
        "was over.",
        fix="run the job again: what is done stands, and what is missing is made up for.",
        anchor="cancelled",
    )


def report_error(runner: Runner, title: str, error: DistActionsError) -> None:
    """Show an expected error as one annotation and in the job summary."""
    runner.annotate("error", error.lines, title=title, location=error.location)
    parts = (error.what, error.why, error.fix)
    message, why, fix = (prose(runner.hide_cut(part)) for part in parts)
    more = f"\n[More on this]({error.page})\n" if error.page else ""
    with suppress(DistActionsError):  # the file for summaries may be what cannot be written
        runner.add_summary(
            f"### ❌ {title}\n\n{message}\n\n**Why:** {why}\n\n**Fix:** {fix}\n{more}"
        )
