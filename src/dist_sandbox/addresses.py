"""The addresses of a sandbox's services."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from dist_sandbox.gateway.names import real_url, service_path


@dataclass(frozen=True)
class Addresses:
    """The addresses of one sandbox's services.

    Attributes:
        base: Scheme, host and port of the sandbox itself, without a trailing slash.
        real_names: Whether the services have their real addresses, for clients that reach the
            sandbox through a gateway.
    """

    base: str
    real_names: bool = False

    def url(self, path: str) -> str:
        """Return the address of what the sandbox serves at this path."""
        return real_url(path) if self.real_names else f"{self.base}{path}"

    def bypass_gateway(self, url: str) -> str:
        """Return where this process reaches one of these addresses; any other is left as it is."""
        parts = urlsplit(url)
        path = service_path(parts.netloc, unquote(parts.path)) if self.real_names else None
        query = f"?{parts.query}" if parts.query else ""
        return url if path is None else f"{self.base}{path}{query}"

    @property
    def github_server(self) -> str:
        """Return the value of `GITHUB_SERVER_URL`."""
        return self.url("")

    @property
    def github_api(self) -> str:
        """Return the value of `GITHUB_API_URL`."""
        return self.url("/api/v3")

    @property
    def github_graphql(self) -> str:
        """Return the value of `GITHUB_GRAPHQL_URL`."""
        return self.url("/api/graphql")

    @property
    def github_uploads(self) -> str:
        """Return the prefix of a release's `upload_url`."""
        return self.url("/api/uploads")

    @property
    def oidc_issuer(self) -> str:
        """Return the `iss` of ID tokens; its discovery document is below it."""
        return self.url("/oidc")

    @property
    def oidc_request(self) -> str:
        """Return the value of `ACTIONS_ID_TOKEN_REQUEST_URL`, with a query as GitHub's has."""
        return self.url("/oidc/token?api-version=2.0")

    @property
    def sts(self) -> str:
        """Return the token exchange endpoint."""
        return self.url("/sts/v1/token")

    @property
    def iam_credentials(self) -> str:
        """Return the base of the IAM Credentials API, without its version."""
        return self.url("/iam-credentials")

    @property
    def artifact_registry(self) -> str:
        """Return the template of an Artifact Registry host, with `{location}` in it."""
        return self.url("/artifact-registry/location").replace("location", "{location}")

    @property
    def artifact_registry_api(self) -> str:
        """Return the base of the Artifact Registry API, without its version."""
        return self.url("/artifact-registry-api")

    @property
    def oauth_token(self) -> str:
        """Return the `token_uri` in the key of a service account."""
        return self.url("/oauth2/token")

    @property
    def pypi(self) -> str:
        """Return the base of PyPI: `legacy/`, `simple/` and `_/oidc/` are below it."""
        return self.url("/pypi")

    @property
    def testpypi(self) -> str:
        """Return the base of TestPyPI."""
        return self.url("/testpypi")

    @property
    def private_index(self) -> str:
        """Return the base of the private index."""
        return self.url("/private-index")

    @property
    def release_assets(self) -> str:
        """Return the base of the signed addresses of release assets."""
        return self.url("/api/release-assets")

    @property
    def runner(self) -> str:
        """Return the base of what jobs ask their runner for."""
        return self.url("/_runner")

    @property
    def artifacts(self) -> str:
        """Return the base of the artifacts of workflow runs."""
        return self.url("/_runner/artifacts")

    @property
    def fulcio(self) -> str:
        """Return the base of Sigstore's certificate authority."""
        return self.url("/api/v2").removesuffix("/api/v2")

    @property
    def rekor(self) -> str:
        """Return the base of Sigstore's log."""
        return self.url("/sigstore/rekor")

    @property
    def sigstore_trust_config(self) -> str:
        """Return the address of the trust configuration that clients of Sigstore read."""
        return self.url("/sigstore/trust-config.json")

    @property
    def service_variables(self) -> Mapping[str, str]:
        """Return the environment variables that point the actions here, beside the runner's.

        The actions know the real names; of Sigstore, they know to trust the real one alone.
        """
        trust_config = {"DIST_ACTIONS_SIGSTORE_TRUST_CONFIG": self.sigstore_trust_config}
        if self.real_names:
            return trust_config
        return {
            "DIST_ACTIONS_STS_URL": self.sts,
            "DIST_ACTIONS_IAM_CREDENTIALS_URL": self.iam_credentials,
            "DIST_ACTIONS_ARTIFACT_REGISTRY_URL": self.artifact_registry,
            "DIST_ACTIONS_ARTIFACT_REGISTRY_API_URL": self.artifact_registry_api,
            "DIST_ACTIONS_OAUTH_TOKEN_URL": self.oauth_token,
            "DIST_ACTIONS_PYPI_URL": self.pypi,
            "DIST_ACTIONS_TESTPYPI_URL": self.testpypi,
            **trust_config,
        }

    @property
    def control(self) -> str:
        """Return the base of the control interface."""
        return f"{self.base}/_sandbox"

    def git_url(self, github_repository: str) -> str:
        """Return where `github_repository` (`owner/name`) is cloned from and pushed to."""
        return self.url(f"/{github_repository}.git")

    def upload_url(self, *, location: str, project_id: str, repository: str) -> str:
        """Return where distributions are uploaded to."""
        return self.url(f"/artifact-registry/{location}/{project_id}/{repository}/")

    def index_url(self, *, location: str, project_id: str, repository: str) -> str:
        """Return where installers read from."""
        upload = self.upload_url(location=location, project_id=project_id, repository=repository)
        return f"{upload}simple/"
