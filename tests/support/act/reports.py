"""Reports that the tests of the page start from, made of plain records."""

from typing import Any

from dist_sandbox.rehearse.results.observation import File, ObservedEnvironment, PublishedPackage
from dist_sandbox.rehearse.results.page.rendering import render_page
from dist_sandbox.rehearse.results.records import Failure, Request, RunRecord
from dist_sandbox.rehearse.results.report import Note, Report, Stage
from dist_sandbox.rehearse.runs.result import Annotation, JobRun, Status, Step

BEGAN = 1_790_000_000.0
SHA256 = "ab" * 32
SUMMARY = """\
### Released

| file |  | size |
|:-----|--|-----:|
| `a-1.0.whl` | x | 3 |

> [!WARNING]
> Read this.

##### deep
![shield](https://pictures.example/x.svg) [page](https://example.org/page)
"""


def make_job(
    name: str, status: Status = "success", *, began: float = 0, seconds: float = 4, **values: Any
) -> JobRun:
    """Make a job of two steps, the second of which ends as the job does."""
    half = seconds / 2
    start = BEGAN + began
    steps = [
        Step("0", "check out", "success", log=["Cloning"], seconds=half, began=start),
        Step(
            "1",
            values.get("step", "publish it"),
            status,
            summary=values.get("summary", ""),
            annotations=list(values.get("annotations", ())),
            log=list(values.get("log", ("Uploading", "done"))),
            seconds=half,
            began=start + half,
        ),
    ]
    return JobRun(values.get("id", name), name, status, steps, start, seconds)


def make_request(moment: float, **values: Any) -> Request:
    """Make a request at a moment after the beginning."""
    defaults: dict[str, Any] = {
        "seconds": 0.1,
        "method": "GET",
        "host": "api.github.com",
        "path": "/repos/o/n",
        "status": 200,
    }
    return Request(began=BEGAN + moment, **{**defaults, **values})


def make_run(*jobs: JobRun, **values: Any) -> RunRecord:
    """Make a run for a tag."""
    defaults: dict[str, Any] = {
        "workflow": ".github/workflows/release.yml",
        "event": "push",
        "cause": "tag v1.0 by bot",
        "status": "success",
        "logs": "logs/01-release-v1.0",
    }
    return RunRecord(**{**defaults, **values, "jobs": jobs})


def make_stage(run: RunRecord | None, name: str = "release v1.0", **values: Any) -> Stage:
    """Make a stage that lasts from the beginning for ten seconds."""
    defaults: dict[str, Any] = {"began": BEGAN, "run": run, "seconds": 10.0}
    count = len(run.requests) if run else 1
    return Stage(name, requests=count, **{**defaults, **values})


def make_full_report(*, failed: bool = False) -> Report:
    """Make a report with something of everything."""
    status: Status = "failure" if failed else "success"
    upload = make_request(6.5, method="POST", host="upload.example", changed=True)
    requests = (
        make_request(1, host="files.example", outcome="relayed"),
        make_request(
            6,
            host="codecov.example",
            status=403,
            outcome="refused",
            reason="--allow-host codecov.example lets it be read",
            job="publish",
        ),
        make_request(7, path="/unknown", status=501, outcome="not simulated", job="publish"),
        Request(**{**vars(upload), "files": (("a-1.0.whl", SHA256),)}),
    )
    annotations = (
        Annotation("warning", "two\nlines", {"title": "Careful", "file": "a.py", "line": "3"}),
        Annotation("notice", "Python 3.12 stands in for 3.15.", {"title": "rehearsal"}),
    )
    run = make_run(
        make_job("build", summary=SUMMARY),
        make_job("publish", status, began=5, annotations=annotations, log=["x" * 60] * 300),
        JobRun("docs", "docs", "skipped"),
        status=status,
        requests=requests,
        commits={"owner/name@v1": "1234567"},
        differences={"build": "job build has runs-on: macos-15; the rehearsal runs it on Linux."},
    )
    stages = (
        make_stage(None, "push", command="git push origin main", seconds=0.1),
        make_stage(run, notes=(Note("warning", "", "an unknown input"),)),
        make_stage(make_run(make_job("docs", began=1)), "docs v1.0", nothing_to_do=True),
    )
    files = (File("a-1.0.whl", SHA256),)
    environments = tuple(
        ObservedEnvironment(
            name, "a", "1.0", name, "", "v1.0", True, "bot", None, "https://i", files, "1.0"
        )
        for name in ("qa", "prd")
    )
    published = (PublishedPackage("PyPI", "a", "1.0", "https://index.example/", files, "1.0"),)
    return Report(
        environments=() if failed else environments,
        seconds=10,
        stages=stages,
        published=() if failed else published,
        failure=Failure("release v1.0 failed.", "it could not.", "mend it.") if failed else None,
        walls=("Jobs had a network of their own.",),
        gaps=("Nothing kept them from reading the processes of this machine.",),
        unexplained_secrets=("SLACK_TOKEN",),
    )


def render(*stages: Stage, **values: Any) -> str:
    """Render the page of these stages."""
    page = {name: values.pop(name) for name in ("hide", "simulated") if name in values}
    return render_page(Report((), 10, stages, **values), subject="a-project", **page)
