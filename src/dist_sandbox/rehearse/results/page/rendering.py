"""Render the page of a rehearsal. It is pure: a report in, one text out.

Every text of a project goes through the masks and is escaped, whatever template shows it. The page
loads nothing: styles, script and pictures are in it, and its policy lets no browser fetch more.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dist_actions.printable import printable
from dist_sandbox.rehearse.results.page import views
from dist_sandbox.rehearse.results.page.job_summary import LIMIT_CHARACTERS, render_summary
from dist_sandbox.rehearse.results.page.timeline import lay_out
from dist_sandbox.rehearse.results.report import Report, describe_files, describe_release

_FOLDER = Path(__file__).parent
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

    def clean(value: Any) -> Any:
        """Hide and clean a text; what the page itself made is left as it is."""
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return printable(hide(value).encode("utf-8", "replace").decode("utf-8"))

    def summary(text: str) -> Markup:
        return render_summary(clean(text), simulated=simulated)

    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        finalize=clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"summary": summary, "duration": _format_duration, "count": _count}
    styles, script = _read("page.css"), _read("page.js")
    stages = views.view_stages(report, hide)
    began = min((stage.began for stage in report.stages if stage.began), default=0.0)
    page = templates.get_template("page.html").render(
        report=report,
        title=report.title or subject,
        date=datetime.fromtimestamp(began, timezone.utc) if began else None,
        began=began,
        stages=stages,
        groups=views.group_by_cause(stages),
        timeline=lay_out(report),
        hosts=views.list_hosts(report),
        unreached=views.list_all_unreached(report),
        differences=views.list_differences(report),
        uploads=views.list_uploads(report),
        commits=views.list_commits(report),
        describe_release=describe_release,
        describe_files=describe_files,
        words=_WORDS,
        summary_limit=LIMIT_CHARACTERS,
        styles=styles,
        script=script,
        policy=_write_policy(styles, script),
    )
    return page.lstrip()


def _read(name: str) -> Markup:
    """Read a part of the page that is ours."""
    return Markup((_FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704


def _write_policy(styles: str, script: str) -> str:
    """Write the policy by which a browser loads and runs nothing but these two texts.

    Spec: https://www.w3.org/TR/CSP3/#framework-directive-source-list
    """
    return (
        f"default-src 'none'; style-src '{_digest(styles)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _format_duration(seconds: float) -> str:
    """Write seconds as people read them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def _count(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
