"""What a workflow publishes is read from its actions, its commands, and the scripts they call."""

import pytest
from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

from dist_sandbox.rehearse.publishing.publications import (
    ProjectSources,
    find_publications,
    starts_others,
)
from dist_sandbox.rehearse.publishing.secrets import guess_purposes
from dist_sandbox.rehearse.workflows.files import Workflow
from support.act.builders import make_workflow

FILES = {
    "scripts/publish": "#!/bin/sh\n# twine upload would be a comment\n${PREFIX}twine upload dist/*",
    "Makefile": "test:\n\tpytest\nrelease: build\n\ttwine upload dist/*\n",
    "tox.ini": "[testenv]\ncommands = pytest\n[testenv:release]\ncommands = twine upload dist/*\n",
    "noxfile.py": "def tests(s):\n    s.run('pytest')\n\ndef release(s):\n"
    "    s.run('twine', 'upload', 'dist')\n",
}


def flow(steps: str, job: str = "", path: str = ".github/workflows/w.yml") -> Workflow:
    return make_workflow(f"on: push\njobs:\n  a: {{runs-on: x, {job} steps: [{steps}]}}\n", path)


def targets(steps: str, job: str = "") -> list[tuple[str, bool]]:
    workflow = flow(steps, job)
    rows = find_publications(workflow, ProjectSources((workflow,), FILES.get))
    return [(row.target, row.trusted) for row in rows]


ID_TOKEN = "permissions: {id-token: write},"
ACTION = "uses: pypa/gh-action-pypi-publish@release/v1"


@pytest.mark.parametrize(
    ("steps", "target"),
    [
        (f"{{{ACTION}}}", "pypi"),
        (f"{{{ACTION}, with: {{repository-url: '{TEST_REPOSITORY}'}}}}", "testpypi"),
        (f"{{{ACTION}, with: {{repository_url: '{DEFAULT_REPOSITORY}'}}}}", "pypi"),
        (f"{{{ACTION}, with: {{repository-url: 'https://packages.example/'}}}}", "url"),
        (f"{{{ACTION}, with: {{repository-url: '${{{{ inputs.url }}}}'}}}}", "pypi"),
        ("{run: twine upload dist/*}", "pypi"),
        ("{run: python -m twine upload -r testpypi dist/*}", "testpypi"),
        ("{run: twine upload, env: {TWINE_REPOSITORY: testpypi}}", "testpypi"),
        ("{run: uv publish --publish-url https://packages.example/}", "url"),
        ("{run: poetry -C lib publish}", "pypi"),
        ("{run: flit publish}", "pypi"),
        ("{run: hatch publish}", "pypi"),
        ("{run: pdm publish --no-build}", "pypi"),
        ("{run: gh release create v1 dist/*}", "github-release"),
        ("{uses: softprops/action-gh-release@v2}", "github-release"),
        ("{uses: PyO3/maturin-action@v1, with: {command: upload}}", "pypi"),
        ("{run: scripts/publish}", "pypi"),
        ("{run: make release}", "pypi"),
        ("{run: tox -e release}", "pypi"),
        ("{run: nox -s release}", "pypi"),
    ],
)
def test_each_way_to_publish_is_known(steps: str, target: str) -> None:
    assert [name for name, _ in targets(steps)] == [target]


@pytest.mark.parametrize(
    "steps",
    [
        "{run: twine check dist/*}",
        "{run: uv publish --dry-run}",
        "{run: '# twine upload dist/*'}",
        "{run: make test}",
        "{run: tox -e py312}",
        "{run: nox -s tests}",
        "{run: pip install -r requirements.txt twine}",
        "{uses: PyO3/maturin-action@v1, with: {command: build}}",
    ],
)
def test_what_only_looks_like_publishing_is_none(steps: str) -> None:
    assert targets(steps) == []


def test_who_has_no_secret_is_a_trusted_publisher() -> None:
    minted = "{run: twine upload, env: {TWINE_PASSWORD: '${{ steps.mint.outputs.token }}'}}"
    token = "{run: twine upload, env: {TWINE_PASSWORD: '${{ secrets.PYPI_TOKEN }}'}}"
    assert targets("{run: uv publish}", ID_TOKEN) == [("pypi", True)]
    assert targets("{run: uv publish}") == [("pypi", False)]
    assert targets(minted, ID_TOKEN) == [("pypi", True)]
    assert targets(token, ID_TOKEN) == [("pypi", False)]


def test_a_script_that_chooses_names_both_indexes() -> None:
    script = "if x; then export TWINE_REPOSITORY=testpypi; else export TWINE_REPOSITORY=pypi; fi"
    assert targets(f"{{run: '{script}; twine upload dist/*'}}") == [
        ("pypi", False),
        ("testpypi", False),
    ]


def test_reusable_workflows_and_local_actions_are_followed() -> None:
    inner = flow("{run: twine upload}", path=".github/workflows/inner.yml")
    caller = make_workflow(
        "on: push\njobs: {a: {uses: ./.github/workflows/inner.yml}}", ".github/workflows/c.yml"
    )
    (row,) = find_publications(caller, ProjectSources((inner, caller)))
    assert (row.workflow, row.job) == ("inner.yml", "a")
    action = {"tools/up/action.yml": "runs: {using: composite, steps: [{run: uv publish}]}"}
    local = flow("{uses: ./tools/up}")
    assert find_publications(local, ProjectSources((local,), action.get))


def test_what_tags_leads_to_publication() -> None:
    for command in ("git push --tags", "gh workflow run release.yml", "git tag v1"):
        workflow = flow(f"{{run: {command}}}")
        assert starts_others(workflow, ProjectSources((workflow,)))
    workflow = flow("{run: git tag --list}")
    assert not starts_others(workflow, ProjectSources((workflow,)))


def secret(name: str) -> str:
    return f"'${{{{ secrets.{name} }}}}'"


@pytest.mark.parametrize(
    ("steps", "purpose"),
    [
        (f"{{{ACTION}, with: {{password: {secret('X')}}}}}", "pypi-token"),
        (
            f"{{{ACTION}, with: {{password: {secret('X')}, repository-url: '{TEST_REPOSITORY}'}}}}",
            "testpypi-token",
        ),
        (f"{{run: twine upload, env: {{TWINE_PASSWORD: {secret('X')}}}}}", "pypi-token"),
        (
            f"{{run: twine upload -r testpypi, env: {{TWINE_PASSWORD: {secret('X')}}}}}",
            "testpypi-token",
        ),
        (f"{{run: uv publish, env: {{UV_PUBLISH_TOKEN: {secret('X')}}}}}", "pypi-token"),
        (f"{{run: poetry publish, env: {{POETRY_PYPI_TOKEN_PYPI: {secret('X')}}}}}", "pypi-token"),
        (f"{{run: flit publish, env: {{FLIT_PASSWORD: {secret('X')}}}}}", "pypi-token"),
        (f"{{run: hatch publish, env: {{HATCH_INDEX_AUTH: {secret('X')}}}}}", "pypi-token"),
        ("{run: 'poetry config pypi-token.pypi ${{ secrets.X }}; poetry publish'}", "pypi-token"),
        ("{run: 'twine upload -u __token__ -p ${{ secrets.X }} dist/*'}", "pypi-token"),
        (f"{{uses: google-github-actions/auth@v2, with: {{credentials_json: {secret('X')}}}}}",
         "google-key"),
        (f"{{uses: actions/create-github-app-token@v2, with: {{private-key: {secret('X')}}}}}",
         "app-key"),
        (f"{{uses: actions/create-github-app-token@v2, with: {{app-id: {secret('X')}}}}}",
         "app-id"),
        (f"{{run: gh release create v1, env: {{GH_TOKEN: {secret('X')}}}}}", "github-token"),
        (f"{{uses: codecov/codecov-action@v4, with: {{token: {secret('CODECOV_TOKEN')}}}}}", ""),
        (f"{{run: x, env: {{WHATEVER: {secret('X')}}}}}", ""),
    ],
)  # fmt: skip
def test_a_secret_is_known_by_where_its_value_goes(steps: str, purpose: str) -> None:
    workflow = flow(steps)
    assert next(iter(guess_purposes(ProjectSources((workflow,))).values()), "") == purpose


def test_a_secret_of_a_script_that_chooses_is_known_by_its_name() -> None:
    script = "export TWINE_REPOSITORY=testpypi; export TWINE_PASSWORD=${{ secrets.TEST_TOKEN }};"
    script += "export TWINE_REPOSITORY=pypi; export TWINE_PASSWORD=${{ secrets.TOKEN }};"
    workflow = flow(f"{{run: '{script} twine upload dist/*'}}")
    assert guess_purposes(ProjectSources((workflow,))) == {
        "TEST_TOKEN": "testpypi-token",
        "TOKEN": "pypi-token",
    }
