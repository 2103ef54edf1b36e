"""What a sandbox is set up with is read from the workflows, and from nothing else."""

import pytest

from dist_sandbox.rehearse.plan import without_stages
from dist_sandbox.rehearse.project.needs import JobNeeds, Needs, read_needs
from dist_sandbox.rehearse.project.provisioning import Provisioning, google_project
from dist_sandbox.rehearse.stages import has_stages, releases
from support.act.builders import make_workflow

ROOT = "eigenoid/dist-actions@v1"
RELEASE = "eigenoid/dist-actions/release@v1"


def needs_of(job: str, stages: tuple[str, ...] = ("dev", "prd")) -> JobNeeds:
    (found,) = read_needs(
        [make_workflow(f"on: push\njobs:\n  a: {{runs-on: x, {job}}}\n")], stages
    ).jobs
    return found


def step(inputs: str = "", uses: str = ROOT) -> str:
    return f"steps: [{{uses: {uses}, with: {{{inputs}}}}}]"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ("environment: deploy", ("deploy",)),
        ("environment: {name: deploy, url: u}", ("deploy",)),
        ("environment: '${{ needs.plan.outputs.github-environment }}'", ("dev", "prd")),
        ("name: none", ()),
    ],
)
def test_environments(environment: str, expected: tuple[str, ...]) -> None:
    assert needs_of(f"{environment}, {step()}").environments == expected


def test_names_of_variables_and_secrets() -> None:
    text = "env: {A: '${{ vars.One }}', B: \"${{ secrets['two'] }} ${{ secrets.GITHUB_TOKEN }}\"}"
    password = step("password: '${{ secrets.THREE }}'")
    found = needs_of(f"{text}, {password}")
    assert (found.variables, found.secrets) == ({"ONE"}, {"TWO", "THREE"})


@pytest.mark.parametrize(
    ("steps", "targets"),
    [
        (step(), ("artifact-registry",)),
        (step("index: pypi"), ("pypi",)),
        (step('index: "testpypi\\npypi"'), ("testpypi", "pypi")),
        (step('index: "pypi\\n${{ vars.PRIVATE_REPOSITORY_URL }}"'), ("pypi", "url")),
        (step("phase: publish, index: pypi", RELEASE), ("pypi",)),
        (step("index: pypi", RELEASE), ("pypi",)),
        (step("phase: build", RELEASE), ()),
        (step(uses="actions/checkout@v4"), ()),
    ],
)
def test_targets(steps: str, targets: tuple[str, ...]) -> None:
    assert needs_of(steps).targets == targets


@pytest.mark.parametrize(
    ("inputs", "permissions", "trusted"),
    [
        ("index: pypi", "{id-token: write}", ("pypi",)),
        ("index: pypi", "{}", ()),
        ("index: pypi, password: x", "{id-token: write}", ()),
        ('index: "pypi\\nhttps://packages.example/", password: x', "{id-token: write}", ("pypi",)),
        ("index: artifact-registry", "{id-token: write}", ()),
    ],
)
def test_who_is_a_trusted_publisher(
    inputs: str, permissions: str, trusted: tuple[str, ...]
) -> None:
    assert needs_of(f"permissions: {permissions}, {step(inputs)}").trusted == trusted


def test_which_environments_ask_for_approval() -> None:
    jobs = tuple(JobNeeds("w.yml", (name,)) for name in ("deploy", "dev", "pypi", "testpypi"))
    provisioning = Provisioning(Needs(jobs), reviewed=("QA",), rejects=("TestPyPI",))
    assert set(provisioning.reviewed_environments) == {"deploy", "pypi", "QA", "testpypi"}
    assert Provisioning(Needs((JobNeeds("w.yml", ("dev",)),))).reviewed_environments == ()


def test_which_environments_get_a_google_project() -> None:
    jobs = (
        JobNeeds("w.yml", ("deploy",), secrets=frozenset({"GCP_CREDENTIALS_JSON"})),
        JobNeeds("w.yml", ("pypi",), secrets=frozenset({"PYPI_API_TOKEN"})),
        JobNeeds("w.yml", ("prod",), variables=frozenset({"GCP_PROJECT_ID"})),
    )
    assert Provisioning(Needs(jobs)).google_environments == ("deploy", "prod")
    assert google_project("Prod_EU") == "eigenoid-prod-eu"
    assert len(google_project("a" * 60)) == 30


@pytest.mark.parametrize(
    ("phase", "expected"), [("build", False), ("publish", True), ("all", True)]
)
def test_a_workflow_that_only_builds_releases_nothing(phase: str, *, expected: bool) -> None:
    """A pull request's, for instance: no tag waits for it."""
    step = f"{{uses: {RELEASE}, with: {{phase: {phase}}}}}"
    workflow = make_workflow(f"on: pull_request\njobs: {{a: {{runs-on: x, steps: [{step}]}}}}")

    assert releases(workflow) is expected


@pytest.mark.parametrize(
    ("steps", "staged"),
    [
        ([ROOT], False),
        ([ROOT, f"{RELEASE}, with: {{phase: build}}"], False),
        ([ROOT, f"{RELEASE}, with: {{phase: version}}"], False),
        ([ROOT, f"{RELEASE}, with: {{phase: publish}}"], True),
        ([ROOT, "eigenoid/dist-actions/auto-tag@v1"], True),
        ([ROOT, "eigenoid/dist-actions/auto-tag@v1, with: {dry-run: true}"], False),
        ([RELEASE], True),
        (["actions/checkout@v4"], False),
    ],
)
def test_which_projects_have_stages(steps: list[str], *, staged: bool) -> None:
    listed = ", ".join(f"{{uses: {one}}}" for one in steps)
    workflow = make_workflow(
        f"on: push\njobs: {{a: {{runs-on: x, environment: deploy, steps: [{listed}]}}}}"
    )
    assert has_stages([workflow]) is staged
    (only,) = without_stages([workflow], "master").stages
    assert (only.branch, only.suffix) == ("master", "")
