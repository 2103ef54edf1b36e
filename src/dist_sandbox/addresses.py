"""The addresses of a sandbox's services."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """The addresses of one sandbox's services.

    Attributes:
        base: Scheme, host and port without a trailing slash.
    """

    base: str

    @property
    def github_server(self) -> str:
        """Return the value of `GITHUB_SERVER_URL`."""
        return self.base

    @property
    def github_api(self) -> str:
        """Return the value of `GITHUB_API_URL`."""
        return f"{self.base}/api/v3"

    @property
    def github_graphql(self) -> str:
        """Return the value of `GITHUB_GRAPHQL_URL`."""
        return f"{self.base}/api/graphql"

    @property
    def github_uploads(self) -> str:
        """Return the prefix of a release's `upload_url`."""
        return f"{self.base}/api/uploads"

    @property
    def oidc_issuer(self) -> str:
        """Return the `iss` of ID tokens; its discovery document is below it."""
        return f"{self.base}/oidc"

    @property
    def oidc_request(self) -> str:
        """Return the value of `ACTIONS_ID_TOKEN_REQUEST_URL`, with a query as GitHub's has."""
        return f"{self.oidc_issuer}/token?api-version=2.0"

    @property
    def sts(self) -> str:
        """Return the token exchange endpoint."""
        return f"{self.base}/sts/v1/token"

    @property
    def iam_credentials(self) -> str:
        """Return the base of the IAM Credentials API, without its version."""
        return f"{self.base}/iam-credentials"

    @property
    def artifact_registry(self) -> str:
        """Return the template of an Artifact Registry host, with `{location}` in it."""
        return f"{self.base}/artifact-registry/{{location}}"

    @property
    def artifact_registry_api(self) -> str:
        """Return the base of the Artifact Registry API, without its version."""
        return f"{self.base}/artifact-registry-api"

    @property
    def oauth_token(self) -> str:
        """Return the `token_uri` in the key of a service account."""
        return f"{self.base}/oauth2/token"

    @property
    def pypi(self) -> str:
        """Return the base of PyPI: `legacy/`, `simple/` and `_/oidc/` are below it."""
        return f"{self.base}/pypi"

    @property
    def testpypi(self) -> str:
        """Return the base of TestPyPI."""
        return f"{self.base}/testpypi"

    @property
    def sigstore_trust_config(self) -> str:
        """Return the address of the trust configuration that clients of Sigstore read."""
        return f"{self.base}/sigstore/trust-config.json"

    @property
    def service_variables(self) -> Mapping[str, str]:
        """Return the environment variables that point the actions here, beside the runner's."""
        return {
            "DIST_ACTIONS_STS_URL": self.sts,
            "DIST_ACTIONS_IAM_CREDENTIALS_URL": self.iam_credentials,
            "DIST_ACTIONS_ARTIFACT_REGISTRY_URL": self.artifact_registry,
            "DIST_ACTIONS_ARTIFACT_REGISTRY_API_URL": self.artifact_registry_api,
            "DIST_ACTIONS_OAUTH_TOKEN_URL": self.oauth_token,
            "DIST_ACTIONS_PYPI_URL": self.pypi,
            "DIST_ACTIONS_TESTPYPI_URL": self.testpypi,
            "DIST_ACTIONS_SIGSTORE_TRUST_CONFIG": self.sigstore_trust_config,
        }

    @property
    def control(self) -> str:
        """Return the base of the control interface."""
        return f"{self.base}/_sandbox"

    def git_url(self, github_repository: str) -> str:
        """Return where `github_repository` (`owner/name`) is cloned from and pushed to."""
        return f"{self.base}/{github_repository}.git"

    def upload_url(self, *, location: str, project_id: str, repository: str) -> str:
        """Return where distributions are uploaded to."""
        host = self.artifact_registry.format(location=location)
        return f"{host}/{project_id}/{repository}/"

    def index_url(self, *, location: str, project_id: str, repository: str) -> str:
        """Return where installers read from."""
        upload = self.upload_url(location=location, project_id=project_id, repository=repository)
        return f"{upload}simple/"
