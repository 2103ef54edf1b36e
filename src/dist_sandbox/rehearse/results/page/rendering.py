"""Render the page of a rehearsal. It is pure: a report in, one text out.

Every text of a project goes through the masks.
"""

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from markupsafe import Markup

from dist_actions.page.rendering import cleaner, count, render
from dist_sandbox.rehearse.results.page import views
from dist_sandbox.rehearse.results.page.job_summary import LIMIT_CHARACTERS, render_summary
from dist_sandbox.rehearse.results.page.timeline import lay_out
from dist_sandbox.rehearse.results.report import Report, describe_files, describe_release

#: What a screen reader says in place of a mark.
_WORDS = {
    "success": "succeeded",
    "failure": "failed",
    "skipped": "skipped",
    "cancelled": "did not end",
    "nothing": "nothing to do",
    "person": "done by a person",
}


def render_page(
    report: Report,
    *,
    subject: str,
    hide: Callable[[str], str] = lambda text: text,
    simulated: tuple[str, ...] = (),
) -> str:
    """Render the page.

    Args:
        report: What happened, as far as it got.
        subject: The projects' names, for a page without a published package.
        hide: Replaces every credential in a text.
        simulated: How the addresses begin that are the sandbox's; a link to one would lead nowhere,
            or to a stranger's page.
    """
    clean = cleaner(hide)

    def summary(text: str) -> Markup:
        return render_summary(clean(text), simulated=simulated)

    stages = views.view_stages(report, hide)
    began = min((stage.began for stage in report.stages if stage.began), default=0.0)
    values = {
        "report": report,
        "title": report.title or subject,
        "date": datetime.fromtimestamp(began, timezone.utc) if began else None,
        "began": began,
        "stages": stages,
        "groups": views.group_by_cause(stages),
        "timeline": lay_out(report),
        "hosts": views.list_hosts(report),
        "unreached": views.list_all_unreached(report),
        "differences": views.list_differences(report),
        "uploads": views.list_uploads(report),
        "commits": views.list_commits(report),
        "describe_release": describe_release,
        "describe_files": describe_files,
        "words": _WORDS,
        "summary_limit": LIMIT_CHARACTERS,
    }
    filters: dict[str, Callable[..., Any]] = {
        "summary": summary,
        "duration": _format_duration,
        "count": count,
    }
    return render(Path(__file__).parent, values, filters=filters, clean=clean)


def _format_duration(seconds: float) -> str:
    """Write seconds as people read them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
