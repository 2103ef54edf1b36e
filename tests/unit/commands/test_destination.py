"""What tells the index that a project is published to."""

import pytest
from twine.utils import TEST_REPOSITORY

from dist_actions.commands.init.destination import find_index
from support.pypi.site import SITE

ACTION = "- uses: pypa/gh-action-pypi-publish@release/v1\n"
REGISTRY = "https://europe-west3-python.pkg.dev/acme-dev/python/"


@pytest.mark.parametrize(
    ("workflow", "index"),
    [
        (ACTION, "PyPI"),
        ("run: twine upload dist/*", "PyPI"),
        ("run: |\n  uv build\n  uv publish", "PyPI"),
        ("run: poetry publish --build", "PyPI"),
        ("run: twine upload --repository pypi dist/*", "PyPI"),
        (f"{ACTION}  with: {{repository-url: '{TEST_REPOSITORY}'}}\n{ACTION}", "PyPI"),
        (f"{ACTION}  with: {{repository-url: '{TEST_REPOSITORY}'}}\n", None),
        ("run: poetry publish -r testpypi", None),
        ("run: twine upload -r company dist/*", None),
        ("run: |\n  twine upload \\\n    --repository-url ${{ vars.INDEX }} dist/*", None),
        ("env:\n  TWINE_REPOSITORY_URL: ${{ vars.INDEX }}\nrun: twine upload dist/*", None),
        ("env:\n  UV_PUBLISH_URL: https://index.example/\nrun: uv publish", None),
        (f"run: twine upload --repository-url {REGISTRY} dist/*", "Artifact Registry"),
        (f"UV_PUBLISH_URL: {REGISTRY}\nrun: uv publish # twine upload", "Artifact Registry"),
        (f"run: pip install --index-url {REGISTRY}simple/ x", None),
        (f"# {ACTION}run: pytest -r a", None),
        ("run: pip install -r requirements.txt && twine upload dist/*", "PyPI"),
    ],
)  # fmt: skip
def test_a_workflow_tells_it_by_what_it_publishes_with(workflow: str, index: str | None) -> None:
    sign = find_index({"publish.yml": workflow}, {}, ["acme-tool"])
    assert (sign.index if sign else None) == index
    assert sign is None or sign.seen.startswith("publish.yml publishes there by ")


@pytest.mark.parametrize(
    ("text", "index"),
    [
        (f"{SITE}/project/acme-tool/", "PyPI"),
        (f"[pypi]({SITE}/p/Acme_Tool)", "PyPI"),
        ("![](https://img.shields.io/pypi/v/acme.tool.svg)", "PyPI"),
        ("![](https://badge.fury.io/py/acme-tool.svg)", "PyPI"),
        (f"{SITE}/project/requests, {SITE}/project/acme-tools", None),
        ("pip install acme-tool", None),
        (f'["Private :: No Upload"]\n"{SITE}/p/acme-tool"', "Artifact Registry"),
        (f'[[tool.uv.index]]\nurl = "{REGISTRY}simple/"', "Artifact Registry"),
    ],
)  # fmt: skip
def test_what_a_project_says_of_itself_tells_it(text: str, index: str | None) -> None:
    sign = find_index({}, {"README.md": text}, ["acme-tool"])
    assert (sign.index if sign else None) == index


def test_what_speaks_for_the_private_index_comes_first() -> None:
    sign = find_index({"publish.yml": ACTION}, {"setup.cfg": "    Private :: Do Not Upload"}, ["a"])
    assert sign is not None
    assert sign.seen == "setup.cfg has a classifier Private ::"
