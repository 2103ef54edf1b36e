"""The page is made of records alone: nothing of a project runs in it, and nothing is missing."""

import re
from datetime import datetime, timezone
from html.parser import HTMLParser

import pytest
from twine.utils import DEFAULT_REPOSITORY

from dist_sandbox.gateway.log import Exchange, Outcome
from dist_sandbox.rehearse.results.page.attribution import group_by_job
from dist_sandbox.rehearse.results.page.job_summary import render_summary
from dist_sandbox.rehearse.results.page.rendering import render_page
from dist_sandbox.rehearse.results.page.timeline import lay_out
from dist_sandbox.rehearse.results.records import (
    Failure,
    describe_cause,
    read_exchanges,
    read_request,
)
from dist_sandbox.rehearse.results.report import Note, Report
from dist_sandbox.rehearse.runs.result import Annotation, JobRun
from support.act.builders import make_event, make_push
from support.act.reports import (
    BEGAN,
    SHA256,
    make_full_report,
    make_job,
    make_request,
    make_run,
    make_stage,
    render,
)

HOSTILE = (
    "</pre><script>alert(1)</script><img src=x onerror=alert(2)>\" onclick='alert(3)'&#0;{{ 7*7 }}"
)


class Elements(HTMLParser):
    """The elements of a page, with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if not self.names or self.names[-1] not in ("style", "script"):
            self.text += data

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.elements]


def test_nothing_of_a_project_becomes_markup() -> None:
    """Names, messages, logs, paths: wherever a text of the project can stand."""
    job = make_job(
        HOSTILE,
        "failure",
        step=HOSTILE,
        log=[HOSTILE],
        summary=HOSTILE,
        annotations=[Annotation("error", HOSTILE, {"title": HOSTILE, "file": HOSTILE})],
    )
    request = make_request(
        1,
        host=HOSTILE,
        path=HOSTILE,
        reason=HOSTILE,
        outcome="refused",
        files=((HOSTILE, HOSTILE),),
    )
    texts = {"workflow": HOSTILE, "cause": HOSTILE, "event": HOSTILE, "error": HOSTILE}
    run = make_run(
        job,
        requests=(request,),
        differences={HOSTILE: HOSTILE},
        commits={HOSTILE: HOSTILE},
        logs=HOSTILE,
        **texts,
    )
    values = {"command": HOSTILE, "project": HOSTILE}
    stages = (
        make_stage(run, HOSTILE, notes=(Note("warning", "", HOSTILE),), project=HOSTILE),
        make_stage(None, HOSTILE, **values),
    )
    report = Report(
        (),
        1,
        stages,
        failure=Failure(HOSTILE, HOSTILE, HOSTILE),
        walls=(HOSTILE,),
        gaps=(HOSTILE,),
        unexplained_secrets=(HOSTILE,),
    )
    hostile = Elements(render_page(report, subject=HOSTILE))
    assert hostile.names.count("script") == 1
    assert "img" not in hostile.names
    handlers = [
        name for _, attributes in hostile.elements for name in attributes if name[:2] == "on"
    ]
    assert handlers == []
    assert "{{ 7*7 }}" in hostile.text
    assert hostile.text.count("alert(1)") > 15


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        '<a href="javascript:alert(1)">x</a>',
        "<script>alert(1)</script>",
        "<style>body { display: none }</style>",
        "<iframe src=https://example.org></iframe>",
        "<svg onload=alert(1)><use href=https://example.org/x></svg>",
        '<p onclick="alert(1)" style="position: fixed" id="published" class="error">x</p>',
        "![x](https://example.org/x.png)",
        "<img src=https://example.org/x.png srcset=https://example.org/y.png>",
        "<form action=https://example.org><input type=text></form>",
        "<meta http-equiv=refresh content='0;url=https://example.org'>",
        "<base href=https://example.org>",
        "</div></details></section><h1>Rehearsal succeeded</h1>",
        "<details><summary>x</summary>",
    ],
)
def test_a_job_summary_runs_loads_and_breaks_nothing(text: str) -> None:
    summary = Elements(str(render_summary(f"{text}\n\n**end**")))
    allowed = {"a", "p", "strong", "i", "div", "details", "summary", "h5", "h6"}
    assert set(summary.names) <= allowed
    attributes = {name for _, attributes in summary.elements for name in attributes}
    assert attributes <= {"href", "rel", "title", "open", "tabindex"}
    page = render(make_stage(make_run(make_job("a", summary=text))))
    assert page.count("<section") == page.count("</section>")
    assert page.count("<div") == page.count("</div>")
    assert page.count("<details") == page.count("</details>")


def test_a_job_summary_is_rendered_as_on_github() -> None:
    text = (
        "### a\n##### b\n## c\n\n| x |  |\n|--:|--|\n| `1` | ~~2~~ |\n\n> [!NOTE]\n> read\n\n"
        "<sub>small</sub> [out](https://example.org/) [in](http://127.0.0.1:1/x) "
        "[repo](https://github.com/o/n/releases) [![i](x.svg)](https://example.org/ci)"
    )
    html = str(render_summary(text, simulated=("https://github.com/o/n",)))
    assert re.findall(r"<(h\d)>", html) == ["h5", "h6", "h5"]
    for part in ('align="right"', "<code>1</code>", "<s>2</s>", "<strong>Note</strong>", "<sub>"):
        assert part in html
    addresses = [
        dict(attributes).get("href") for name, attributes in Elements(html).elements if name == "a"
    ]
    assert addresses == ["https://example.org/", None, None, "https://example.org/ci"]


def test_credentials_are_hidden_wherever_they_are_and_before_anything_is_cut() -> None:
    secret = "s3cr&t-" + "x" * 20
    log = [f"{secret}{'y' * 15_990}"]  # the page shows the end alone: half of the credential
    job = make_job(secret, step=secret, log=log, summary=f"**{secret}**")
    page = render(
        make_stage(make_run(job), secret),
        hide=lambda text: text.replace(secret, "***"),
        failure=Failure(secret),
    )
    assert "***" in page
    assert "t-xx" not in page
    assert "xxxx" not in page


def test_what_terminals_obey_and_no_reader_sees_is_left_out() -> None:
    page = render(make_stage(make_run(make_job("a", log=["\x1b[31mred\x00 \u202egnp.exe \ud800"]))))
    assert "red gnp.exe ?" in page


def test_a_failure_is_told_first_with_what_was_published_and_not_reached() -> None:
    page = Elements(render_page(make_full_report(failed=True), subject="a-project")).text
    for part in (
        "Rehearsal failed",
        "a-project",
        "release v1.0 failed.",
        "Published until then",
        SHA256,
        "--allow-host codecov.example lets it be read",
        "api.github.com",
        "SLACK_TOKEN",
        "180 lines before this are in",
    ):
        assert part in page
    assert page.index("mend it.") < page.index("Files that the sandbox has received")


def test_a_success_shows_everything_that_was_recorded() -> None:
    page = Elements(render_page(make_full_report(), subject="a-project")).text
    for part in (
        "Rehearsal succeeded",
        "a 1.0",
        "Every file has the same sha256 in qa and prd.",
        "tag v1.0 by bot",
        "git push origin main",
        "job build has runs-on: macos-15; the rehearsal runs it on Linux.",
        "Python 3.12 stands in for 3.15.",
        "Careful",
        "a.py:3",
        "an unknown input",
        "1234567",
        "Jobs had a network of their own.",
    ):
        assert part in page
    assert "Why it ended" not in page


def test_a_rehearsal_that_never_began_has_a_page() -> None:
    page = Elements(render(failure=Failure("No workflow started.", "why", "fix"))).text
    assert "No workflow started." in page
    assert "No workflow ran." in page
    assert "Timeline" not in page


def test_a_thousand_steps_stay_readable() -> None:
    jobs = [make_job(f"j{number}", began=number, log=["line " * 20] * 400) for number in range(500)]
    requests = tuple(make_request(number / 20, job="j1") for number in range(10_000))
    page = render(make_stage(make_run(*jobs, requests=requests)))
    assert len(page) < 4_000_000
    assert "10000 requests" in page
    assert "9750 more are left out." in page


def test_the_policy_lets_a_browser_load_nothing_and_run_only_our_script() -> None:
    page = render()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)


def test_requests_belong_to_the_job_that_made_them() -> None:
    first, second = make_job("test (3.12)", id="test"), make_job("test (3.13)", began=2, id="test")
    run = make_run(
        first,
        second,
        requests=(
            make_request(1),  # an app's: only the first job runs
            make_request(3),  # of an app again: both run
            make_request(5, job="test"),  # of a cell: only the second runs
            make_request(3, job="test (3.13)"),
            make_request(9, job="test"),  # late
        ),
    )
    moments = {
        name: [request.began - BEGAN for request in requests]
        for name, requests in group_by_job(run).items()
    }
    assert moments == {"test (3.12)": [1, 9], "": [3], "test (3.13)": [5, 3]}


def test_the_timeline_is_in_percent_of_the_whole() -> None:
    run = make_run(make_job("a"), make_job("b", "failure", began=4, seconds=6))
    early = make_stage(None, "push", began=BEGAN - 10, seconds=0.0, command="git push")
    untimed = make_stage(None, "approve", began=0.0)
    timeline = lay_out(Report((), 1, (early, untimed, make_stage(run))))
    shown = [
        (row.label, row.bars[0].x, row.bars[0].width, row.bars[0].kind) for row in timeline.rows
    ]
    assert shown == [
        ("push", 0, 0.3, "person"),
        ("release v1.0", 50, 50, "success"),
        ("a", 50, 20, "success"),
        ("b", 70, 30, "failure"),
    ]
    assert [mark for _, mark in timeline.axis] == [0, 5, 10, 15, 20]
    assert timeline.rows[2].text == "from 10.0 s to 14.0 s"


def test_an_hour_has_few_marks_and_near_requests_are_one() -> None:
    requests = tuple(make_request(number / 1000) for number in range(200))
    run = make_run(make_job("a", seconds=7000), requests=requests)
    timeline = lay_out(Report((), 1, (make_stage(run, seconds=7000.0),)))
    assert 2 <= len(timeline.axis) <= 9
    (row,) = timeline.rows
    assert len(row.requests) == 1
    assert "199 more" in row.requests[0].text


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (make_push(), "push to dev by developer"),
        (make_push("refs/tags/v1.0"), "tag v1.0 by developer"),
        (
            make_event("pull_request", number=7, action="opened"),
            "pull request #7 opened by developer",
        ),
        (
            make_event("release", release={"tag_name": "v1.0"}, action="published"),
            "release v1.0 published by developer",
        ),
        (make_event("workflow_dispatch"), "started by hand by developer"),
        (make_event("workflow_run", workflow_run={"name": "ci"}), "ci completed"),
        (
            make_event("merge_group", action="checks_requested"),
            "merge group checks_requested by developer",
        ),
        (make_event("schedule"), "schedule by developer"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_cause_of_a_run_is_its_event_with_who_caused_it(event: object, cause: str) -> None:
    assert describe_cause(event) == cause  # type: ignore[arg-type]


def test_a_row_of_the_sandboxs_log_is_a_request() -> None:
    row = {
        "number": 1,
        "service": "pypi",
        "method": "POST",
        "path": "/pypi/legacy/",
        "query": "",
        "principal": "job:release.yml/publish",
        "status": 200,
        "changed": True,
        "seconds": 0.2,
        "began": 5.0,
        "files": [["a-1.0.whl", SHA256]],
    }
    request = read_request(row)
    assert (request.job, request.files) == ("publish", (("a-1.0.whl", SHA256),))
    assert f"https://{request.host}{request.path}" == DEFAULT_REPOSITORY
    assert read_request({**row, "principal": "app:bot"}).job == ""


def test_a_job_that_never_began_is_no_bar() -> None:
    run = make_run(make_job("a"), JobRun("b", "b", "skipped"))
    assert [row.label for row in lay_out(Report((), 1, (make_stage(run),))).rows] == [
        "release v1.0"
    ]


def test_what_the_gateway_did_not_lead_to_the_sandbox_is_part_of_the_run() -> None:
    def pass_on(second: float, outcome: Outcome, job: str = "") -> Exchange:
        return Exchange(
            began_at=datetime.fromtimestamp(BEGAN + second, timezone.utc),
            seconds=0.1,
            job=job,
            method="GET",
            url=f"https://host.example/{second}",
            status=403,
            outcome=outcome,
            reason="why",
        )

    exchanges = [
        pass_on(1, "sandbox"),
        pass_on(2, "refused"),
        pass_on(3, "relayed", "7"),
        pass_on(4, "refused", "7/build"),
        pass_on(5, "refused", "8/build"),  # of a run at the same time
        pass_on(20, "refused"),
        pass_on(21, "not simulated", "7"),  # began late, as clocks differ
    ]
    requests = read_exchanges(exchanges, 7, BEGAN, 10)
    assert [(row.path, row.outcome, row.job) for row in requests] == [
        ("/2", "refused", ""),
        ("/3", "relayed", ""),
        ("/4", "refused", "build"),
        ("/21", "not simulated", ""),
    ]
    assert {(row.host, row.reason) for row in requests} == {("host.example", "why")}
