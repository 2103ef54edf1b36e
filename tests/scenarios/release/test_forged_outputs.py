"""Outputs of the jobs that plan and build, all of them hostile: the run decides all the same.

A workflow can hand any output of these jobs to the publishing job: as an input, or as the name of
its environment. Whatever they say, the run's own tag, project and environment are published, or
nothing is.
"""

import io
from contextlib import redirect_stdout
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dist_actions.release.main import main
from support.projects.releases import PUBLISHING, TaggedProject
from support.publishing.forging import MINTING
from support.stages.action_inputs import mapped_inputs
from support.stages.runner_model import runner_files

#: The inputs of the publishing job that could come from other jobs, with hostile values.
FORGED: dict[str, list[str]] = {
    "tag": ["", "v0.1.0", "v0.1.0-qa", "v9.9.9-dev", "v0.1.0-dev", "../..", "refs/tags/v0.1.0"],
    "commit-sha": ["", "a" * 40, "main"],
    "manifest-sha256": ["", "a" * 64, "A", "0"],
    "carried-manifest-sha256": ["", "b" * 64],
    "package-path": [".", "packages/core", "src", "..", "/"],
    "artifacts": ["auto", "build", "carry", "publish"],
    "tag-format": ["", "v{version}{suffix}", "{version}{suffix}", "v{version}", "{name}"],
    "environments": [
        "",
        'prd = { branch = "dev", suffix = "-dev" }',
        'dev = { branch = "dev", suffix = "-dev" }',
        "x = 1",
    ],
    "dist": ["dist", ".", "../dist"],
}
ENVIRONMENTS = ["dev", "DEV", "prd", "qa", "automation", "", "prd\n", "dev prd"]


def run_here(project: TaggedProject, environment: str, inputs: dict[str, str], number: int) -> int:
    """Run the release stage in this process, as the job of an environment."""
    sandbox, folder = project.sandbox, project.workspace.parent / f"run-{number}"
    folder.mkdir()
    (folder / "event.json").write_text("{}")
    ref = f"refs/tags/{project.tag}"
    job = sandbox.job(dict(PUBLISHING), ref=ref, sha=project.commit_sha, name="release")
    query = f"&environment={environment.strip()}" if environment else ""
    addresses = sandbox.world.addresses
    environ = {
        **runner_files(folder, project.workspace),
        **addresses.service_variables,
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": addresses.github_api,
        "GITHUB_SERVER_URL": addresses.github_server,
        "GITHUB_REPOSITORY": sandbox.repository.full_name,
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REF": ref,
        "GITHUB_SHA": project.commit_sha,
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{job['oidc_request_url']}{query}",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": str(job["oidc_request_token"]),
        **mapped_inputs("release", {"github-token": str(job["token"]), **inputs}),
    }
    with redirect_stdout(io.StringIO()):
        return main(environ)


@st.composite
def outputs(draw: Any) -> tuple[str, dict[str, str]]:
    """Forge the name of the environment, and any of the inputs; the others are honest."""
    names = draw(st.sets(st.sampled_from(sorted(FORGED)), max_size=3))
    hostile = st.text(max_size=20)
    forged = {name: draw(st.sampled_from(FORGED[name]) | hostile) for name in names}
    return draw(st.sampled_from(ENVIRONMENTS)), forged


RUNS = iter(range(100_000))


@pytest.fixture
def loaded(tagged: TaggedProject) -> TaggedProject:
    """A project that was published for show, so that no run below is the first to load anything."""
    assert run_here(tagged, "dev", {**tagged.inputs(), "dry-run": "true"}, next(RUNS)) == 0
    return tagged


@given(forged=outputs())
@settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_other_jobs_say_the_runs_own_thing_is_published(
    loaded: TaggedProject, forged: tuple[str, dict[str, str]]
) -> None:
    """A dry run stands for the publication; it ends where the first change would be made."""
    environment, changes = forged
    requests = loaded.sandbox.world.requests
    before = requests.last_number()
    inputs = {**loaded.inputs(), "max-wait": "1s", "dry-run": "true", **changes}
    status = run_here(loaded, environment, inputs, next(RUNS))
    seen = requests.since(before)
    changed = [request.path for request in seen if request.changed]
    assert [path for path in changed if not path.endswith(("/access_tokens", "/token"))] == []
    honest = environment.casefold() in {"dev", ""}
    if status == 0:
        assert honest, "published in another environment"
    elif not honest:
        minted = [request.path for request in seen for part in MINTING if part in request.path]
        assert minted == []


def test_honest_outputs_are_published(tagged: TaggedProject) -> None:
    """The runs above would come out, were nothing forged."""
    assert run_here(tagged, "dev", {**tagged.inputs(), "tag": tagged.tag}, 0) == 0
    assert tagged.indexed() == tagged.built()
    assert tagged.release().tag_name == tagged.tag


@pytest.mark.parametrize("name", sorted(FORGED))
def test_each_forged_output_publishes_the_runs_own_thing_or_nothing(
    tagged: TaggedProject, name: str
) -> None:
    """Without a dry run: what is in the index and on GitHub is always the run's."""
    for number, value in enumerate(FORGED[name]):
        status = run_here(tagged, "dev", {**tagged.inputs(), name: value}, number)
        tags = {release.tag_name for release in tagged.sandbox.repository.releases}
        assert tags <= {tagged.tag}, (name, value)
        assert set(tagged.indexed()) <= set(tagged.built()), (name, value)
        if status == 0:
            assert tagged.indexed() == tagged.built()
