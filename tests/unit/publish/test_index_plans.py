"""Where installers and people find what was published to each target."""

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.identity.google import Federation
from dist_actions.identity.secret import Secret
from dist_actions.indexes.targets import (
    ArtifactRegistryTarget,
    Password,
    PyPITarget,
    RepositoryTarget,
    Target,
)
from dist_actions.publish.index_plans import install_sources, project_url
from dist_actions.publish.installing import InstallSource

PROJECT, VERSION = canonicalize_name("Eigenoid.Sample"), Version("1!1.2.0+local")
REGISTRY = ArtifactRegistryTarget(Federation("provider", ""), "eigenoid-dev", "eu", "python")
COMPANY = RepositoryTarget(
    "https://packages.example.com/upload/",
    "https://packages.example.com/simple/",
    Password("user", Secret("password")),
)
PYPI, TESTPYPI = PyPITarget("pypi"), PyPITarget("testpypi")
ELSEWHERE = {
    "DIST_ACTIONS_ARTIFACT_REGISTRY_URL": "http://127.0.0.1:1/artifact-registry",
    "DIST_ACTIONS_PYPI_URL": "http://127.0.0.1:1/pypi",
    "DIST_ACTIONS_TESTPYPI_URL": "http://127.0.0.1:1/testpypi",
}


@pytest.mark.parametrize(
    ("environ", "target", "index_url", "kind"),
    [
        (
            {},
            REGISTRY,
            "https://eu-python.pkg.dev/eigenoid-dev/python/simple/",
            "artifact-registry",
        ),
        (
            ELSEWHERE,
            REGISTRY,
            "http://127.0.0.1:1/artifact-registry/eigenoid-dev/python/simple/",
            "artifact-registry",
        ),
        (ELSEWHERE, PYPI, "http://127.0.0.1:1/pypi/simple/", "pypi"),
        (ELSEWHERE, TESTPYPI, "http://127.0.0.1:1/testpypi/simple/", "testpypi"),
        (ELSEWHERE, COMPANY, "https://packages.example.com/simple/", "private"),
    ],
)
def test_installers_read_the_index_of_the_target(
    environ: dict[str, str], target: Target, index_url: str, kind: str
) -> None:
    (source,) = install_sources(environ, [target])
    assert source == InstallSource(target.label, index_url, kind)


@pytest.mark.parametrize(
    ("targets", "index"),
    [
        ([REGISTRY, COMPANY], ""),
        ([TESTPYPI, PYPI], "http://127.0.0.1:1/pypi"),
        ([REGISTRY, TESTPYPI], "http://127.0.0.1:1/testpypi"),
    ],
    ids=["neither", "both", "TestPyPI"],
)
def test_people_are_shown_the_page_on_pypi_first(targets: list[Target], index: str) -> None:
    page = f"{index}/project/eigenoid-sample/1%211.2.0%2Blocal/" if index else ""
    assert project_url(ELSEWHERE, targets, PROJECT, VERSION) == page
