"""Compare files with the index of each target, and say where installers find them there."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urljoin

from packaging.utils import NormalizedName
from packaging.version import Version

from dist_actions.distributions.companions import describe_passed_over
from dist_actions.distributions.files import Distribution
from dist_actions.indexes.connecting import IndexConnector, pypi_endpoints
from dist_actions.indexes.targets import ArtifactRegistryTarget, PyPITarget, Target
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.publish.installing import InstallSource
from dist_actions.publish.planning import describe_plan
from dist_actions.publish.publication import Publication, Publications
from dist_actions.services.http import HttpClient
from dist_actions.services.oidc import request_id_token


def plan_publications(
    connector: IndexConnector,
    targets: Sequence[Target],
    folder: Path,
    distributions: tuple[Distribution, ...],
) -> Publications:
    """Compare the files with the index of every target, and log what is to be uploaded.

    Raises:
        InputError: An address in the environment is unusable.
        DistActionsError: An index refuses or does not answer, holds other bytes, or would not
            take a file.
    """
    if passed_over := describe_passed_over(folder):
        connector.runner.log(passed_over)
    publications = [
        Publication(
            connector.connect(target),
            folder,
            distributions,
            connector.retries,
            attests=isinstance(target, PyPITarget) and target.attests,
            is_pypi=isinstance(target, PyPITarget),
        )
        for target in targets
    ]
    planned = Publications.plan(publications, lambda paths: _sign(connector, paths))
    for plan in planned.plans:
        connector.runner.log(describe_plan(plan))
    return planned


def install_sources(
    environ: Mapping[str, str], targets: Sequence[Target]
) -> tuple[InstallSource, ...]:
    """Tell where installers find what was published to each target.

    Args:
        environ: Holds other addresses of the services.

    Raises:
        InputError: An address in the environment is unusable.
    """
    return tuple(_install_source(environ, target) for target in targets)


def project_url(
    environ: Mapping[str, str],
    targets: Sequence[Target],
    project: NormalizedName,
    version: Version,
) -> str:
    """Return the page of a version on PyPI, else on TestPyPI; empty if neither is a target.

    Args:
        environ: Holds other addresses of the services.

    Raises:
        InputError: An address in the environment is unusable.
    """
    names = {target.name: target for target in targets if isinstance(target, PyPITarget)}
    target = names.get("pypi") or names.get("testpypi")
    if target is None:
        return ""
    page = f"../project/{project}/{quote(str(version))}/"
    return urljoin(pypi_endpoints(environ, target).index_url, page)


def _install_source(environ: Mapping[str, str], target: Target) -> InstallSource:
    if isinstance(target, ArtifactRegistryTarget):
        endpoints = GoogleEndpoints.from_environ(environ)
        index_url = endpoints.index_url(target.location, target.project_id, target.repository)
        return InstallSource(target.label, index_url, "artifact-registry")
    if isinstance(target, PyPITarget):
        index_url = pypi_endpoints(environ, target).index_url
        return InstallSource(target.label, index_url, target.name)
    return InstallSource(target.label, target.index_url, "private")


def _sign(connector: IndexConnector, paths: Sequence[Path]) -> Mapping[str, str]:
    """Attest files with the job's own identity, and return the attestations by file name."""
    # Imported where it is needed: what signs takes half a second to load.
    from dist_actions.services.sigstore.attestations import AUDIENCE, attest  # noqa: PLC0415

    http = HttpClient(connector.retries)
    id_token = request_id_token(connector.environ, AUDIENCE, http, connector.runner)
    return attest(paths, id_token, connector.environ, connector.retries)
