"""Real names lead to the sandbox's paths and back."""

from urllib.parse import urlsplit

import pytest
from pip._internal.models.index import PyPI

from dist_sandbox.addresses import Addresses
from dist_sandbox.gateway.names import real_url, service_path

_PATHS = [
    "/api/v3/repos/eigenoid/x",
    "/api/graphql",
    "/api/uploads/repos/eigenoid/x/releases/1/assets",
    "/api/release-assets/7",
    "/eigenoid/x.git/info/refs",
    "/eigenoid/x/releases/download/v1/a.whl",
    "/oidc/.well-known/jwks",
    "/oidc/token",
    "/_runner/artifacts/7",
    "/_runner/runs/7/jobs",
    "/sts/v1/token",
    "/iam-credentials/v1/projects/-/x",
    "/artifact-registry-api/v1/projects/x",
    "/artifact-registry/europe-west1/project/repository/simple/x/",
    "/oauth2/token",
    "/pypi/simple/x/",
    "/pypi/legacy/",
    "/pypi/files/x-1.tar.gz",
    "/pypi/_/oidc/audience",
    "/testpypi/simple/x/",
    "/testpypi/legacy/",
    "/testpypi/files/x-1.tar.gz",
    "/private-index/simple/x/",
    "/api/v2/signingCert",
    "/sigstore/rekor/api/v1/log/entries",
    "/sigstore/trust-config.json",
]


@pytest.mark.parametrize("path", _PATHS)
def test_a_path_has_one_real_address(path):
    parts = urlsplit(real_url(path))
    assert parts.scheme == "https"
    assert service_path(parts.netloc, parts.path) == path


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/_sandbox/requests",
        "https://github.com/api/v3/meta",
        "https://github.com/pypi/legacy/",
        "https://github.com/",
        "https://github.com.evil.test/a/b/info/refs",
        "https://evil-python.pkg.dev.test/a/b/",
        f"{PyPI.url.rstrip('/')}.evil.test/simple/x/",
    ],
)
def test_no_other_address_leads_to_the_sandbox(url):
    parts = urlsplit(url)
    assert service_path(parts.netloc, parts.path) is None


def test_this_process_reaches_its_own_services_without_the_gateway():
    addresses = Addresses("http://127.0.0.1:1", real_names=True)
    assert addresses.bypass_gateway(f"{addresses.oidc_issuer}/x") == "http://127.0.0.1:1/oidc/x"
    assert addresses.bypass_gateway("https://example.com/x") == "https://example.com/x"
    plain = Addresses("http://127.0.0.1:1")
    assert plain.bypass_gateway("http://127.0.0.1:1/oidc/x") == "http://127.0.0.1:1/oidc/x"
