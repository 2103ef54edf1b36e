"""Faults in the project's files and workflows: doctor finds each, and nothing else."""

import pytest

from support.doctor.faults import Fault
from support.doctor.project import ExaminedProject
from support.projects.declared import DERIVED

READ = "      contents: read # check out, and check whether the tag exists\n"
APP = (
    "          client-id: ${{ vars.AUTOMATION_BOT_CLIENT_ID }}\n"
    "          private-key: ${{ secrets.AUTOMATION_BOT_PRIVATE_KEY }}"
)
PUBLISH = """\
      - uses: eigenoid/dist-actions/release@v1
        with:
          phase: publish"""
TIMEOUT = "    timeout-minutes: 20\n"
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
ENVIRONMENT = "    environment: ${{ needs.plan.outputs.github-environment }}\n"
FOREIGN = """\
on: pull_request_target
permissions: {}
jobs:
  check:
    runs-on: ubuntu-latest
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          ref: ${{ github.event.pull_request.head.sha }}
"""
CALLED = """\
on: workflow_call
permissions: {}
concurrency: called
jobs:
  publish:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions: {id-token: write}
    steps:
      - uses: eigenoid/dist-actions@v1
        with:
          index: testpypi
"""
CALLER = """\
on: workflow_dispatch
permissions: {}
jobs:
  call:
    permissions: {id-token: write}
    uses: ./.github/workflows/called.yml
"""
SETTINGS = '\n[tool.dist-actions]\ntag-fromat = "v{version}{suffix}"\n'
SECOND_INDEX = '\n[[tool.uv.index]]\nurl = "https://pypi.example.com/simple/"\n'


def derive_version(project: ExaminedProject) -> None:
    project.write("pyproject.toml", DERIVED.replace('name = "x"', 'name = "eigenoid-sample"'))
    project.workflow("auto-tag", "        with:\n          client-id", BUMPED)
    project.workflow("release", "          pytest #", "          pip install .\n          pytest #")


BUMPED = "        with:\n          bump: patch\n          client-id"


def call_publisher(project: ExaminedProject) -> None:
    project.write(".github/workflows/called.yml", CALLED)
    project.write(".github/workflows/caller.yml", CALLER)


FAULTS = [
    Fault(
        "a setting is misspelt",
        lambda p: p.edit("pyproject.toml", 'version = "0.5.0"\n', f'version = "0.5.0"\n{SETTINGS}'),
        "settings",
        "tag-format",
        "tag-fromat",
    ),
    Fault(
        "two files hold settings",
        lambda p: (
            p.write(".github/dist-actions.toml", 'tag-format = "v{version}{suffix}"\n'),
            p.edit(
                "pyproject.toml",
                "[project]",
                '[tool.dist-actions.environments.dev]\nbranch = "dev"\n[project]',
            ),
        )[-1],
        "settings",
        "move them all",
        "[tool.dist-actions.environments.dev]",
    ),
    Fault(
        "only a build tells the version",
        lambda p: p.edit("pyproject.toml", 'version = "0.5.0"', 'dynamic = ["version"]'),
        "version",
        "version-file",
    ),
    Fault(
        "the version is not in its normal form",
        lambda p: p.edit("pyproject.toml", '"0.5.0"', '"0.5.0-rc1"'),
        "version",
        "write 0.5.0rc1",
        "0.5.0-rc1",
    ),
    Fault(
        "the version was not raised",
        lambda p: p.sandbox.repository.git.update_ref(
            "refs/tags/v0.5.0-dev", p.sandbox.branch_sha("main") and other_commit(p)
        ),
        "version-is-new",
        "raise the version",
        "0.5.0",
    ),
    Fault(
        "a workflow is no YAML",
        lambda p: p.write(".github/workflows/more.yml", "on: push\njobs:\n  a: b: c\n"),
        "workflow-files",
        "correct the file",
        "a: b: c",
    ),
    Fault(
        "nothing promotes",
        lambda p: p.remove(".github/workflows/promote.yml"),
        "workflows-complete",
        "dist-actions init",
    ),
    Fault(
        "a branch of an environment is not tagged",
        lambda p: p.workflow("auto-tag", "[dev, qa, main]", "[dev, main]"),
        "branches-are-tagged",
        "add qa",
        "push:",
    ),
    Fault(
        "a branch that is tagged is no environment's",
        lambda p: p.workflow("auto-tag", "[dev, qa, main]", "[dev, qa, main, next]"),
        "branches-are-mapped",
        "leave next out",
        "push:",
    ),
    Fault(
        "tags of an environment start no release",
        lambda p: p.workflow("release", '["v*"]', '["v*-dev", "v*-qa"]'),
        "tags-are-released",
        "match such tags",
        "push:",
    ),
    Fault(
        "promotion waits for another type of event",
        lambda p: p.workflow("promote", "[published]", "[released]"),
        "releases-are-promoted",
        "types: [published]",
        "release:",
    ),
    Fault(
        "a job has no permissions",
        lambda p: (
            p.workflow("auto-tag", "permissions: {}\n\n", ""),
            p.workflow(
                "auto-tag",
                f"    permissions:\n{READ}",
                "",
            ),
        )[-1],
        "permissions-stated",
        "permissions: {}",
        "auto-tag:",
    ),
    Fault(
        "auto-tag may not read",
        lambda p: p.workflow("auto-tag", "      contents: read #", "      issues: read #"),
        "permissions-sufficient",
        "contents: read",
        "permissions:",
    ),
    Fault(
        "promotion may not read checks",
        lambda p: p.workflow(
            "promote", "      checks: read # whether the checks of the released commit passed\n", ""
        ),
        "permissions-sufficient",
        "checks: read",
        "permissions:",
    ),
    Fault(
        "publishing may not ask for an ID token",
        lambda p: p.workflow(
            "release", "      id-token: write # authenticate with Google Cloud without a key\n", ""
        ),
        "permissions-sufficient",
        "id-token: write",
        "permissions:",
    ),
    Fault(
        "a job may do everything",
        lambda p: p.workflow(
            "auto-tag",
            f"    permissions:\n{READ}",
            "    permissions: write-all\n",
        ),
        "permissions-narrow",
        "contents: read",
        "write-all",
    ),
    Fault(
        "a job may write contents without need",
        lambda p: p.workflow("promote", "contents: read", "contents: write"),
        "permissions-narrow",
        "leave out `contents: write`",
        "permissions:",
    ),
    Fault(
        "tests run beside the publisher's identity",
        lambda p: p.workflow("release", PUBLISH, f"      - run: pytest\n{PUBLISH}"),
        "code-apart",
        "a job of its own",
        "run: pytest",
    ),
    Fault(
        "an action is not pinned",
        lambda p: p.workflow("auto-tag", CHECKOUT, "actions/checkout@v7"),
        "actions-are-pinned",
        "git ls-remote",
        "actions/checkout@v7",
    ),
    Fault(
        "our action follows a branch",
        lambda p: p.workflow("auto-tag", "auto-tag@v1", "auto-tag@main"),
        "actions-are-pinned",
        "v1 or a commit",
        "auto-tag@main",
    ),
    Fault(
        "a job has no time limit",
        lambda p: p.workflow("auto-tag", TIMEOUT, ""),
        "timeouts",
        "timeout-minutes",
        "auto-tag:",
    ),
    Fault(
        "the publishing job is in no environment",
        lambda p: p.workflow("release", ENVIRONMENT, ""),
        "publishing-environment",
        "environment: ${{",
        "publish:",
    ),
    Fault(
        "all tags are published in one environment",
        lambda p: p.workflow("release", ENVIRONMENT, "    environment: prd\n"),
        "publishing-environment",
        "environment: ${{",
        "environment: prd",
    ),
    Fault(
        "runs overtake each other",
        lambda p: p.workflow(
            "promote", "concurrency:\n  group: promote\n  cancel-in-progress: false\n", ""
        ),
        "concurrency",
        "concurrency: {group: promote-",
        "#",
    ),
    Fault(
        "a publication is cancelled by the next one",
        lambda p: p.workflow("release", "cancel-in-progress: false", "cancel-in-progress: true"),
        "concurrency",
        "cancel-in-progress: false",
        "concurrency:",
    ),
    Fault(
        "a stranger's code has the repository's rights",
        lambda p: p.write(".github/workflows/foreign.yml", FOREIGN),
        "foreign-code",
        "on: pull_request:",
        "ref:",
    ),
    Fault(
        "the publishing job does not know the files",
        lambda p: p.workflow(
            "release", "          manifest-sha256: ${{ needs.build.outputs.manifest-sha256 }}\n", ""
        ),
        "files-are-sealed",
        "manifest-sha256",
        "uses: eigenoid/dist-actions/release@v1",
    ),
    Fault(
        "a key stands in the workflow",
        lambda p: p.workflow("auto-tag", "${{ secrets.AUTOMATION_BOT_PRIVATE_KEY }}", "abc"),
        "no-plain-secrets",
        "gh secret set",
        "private-key: abc",
    ),
    Fault(
        "the job's own token makes tags",
        lambda p: (
            p.workflow(
                "auto-tag",
                APP,
                "          token: ${{ github.token }}",
            ),
            p.workflow("auto-tag", "contents: read", "contents: write"),
        )[-1],
        "tags-start-workflows",
        "automation bot",
        "token:",
    ),
    Fault(
        "a called workflow publishes to PyPI",
        call_publisher,
        "no-called-publisher",
        "move the publishing job",
        "uses: ./.github/workflows/called.yml",
    ),
    Fault(
        "a build has no tags for its version",
        derive_version,
        "full-checkouts",
        "fetch-depth: 0",
        "checkout",
    ),
    Fault(
        "one action reads tags in another way",
        lambda p: p.workflow(
            "auto-tag",
            "        with:\n          client-id",
            "        with:\n          tag-format: r{version}{suffix}\n          client-id",
        ),
        "one-meaning",
        "pyproject.toml",
        "tag-format:",
    ),
    Fault(
        "the project asks a second index",
        lambda p: p.edit("pyproject.toml", "[project]", f"{SECOND_INDEX}\n[project]"),
        "one-index",
        "explicit = true",
    ),
]


def other_commit(project: ExaminedProject) -> str:
    """Make a commit that is no other's."""
    tree = project.sandbox.repository.git.git("rev-parse", "refs/heads/main^{tree}")
    return project.sandbox.repository.git.git(
        "-c", "user.name=x", "-c", "user.email=x@example.com", "commit-tree", "-m", "x", tree
    )


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found(examined: ExaminedProject, fault: Fault) -> None:
    fault.require_found(examined)
