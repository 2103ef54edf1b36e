"""Other people's code sees no variable whose name or value tells that it is a credential."""

import pytest

from dist_actions.services.foreign_code.scrubbing import without_credentials

#: One of each kind; the value of an address is given, others are `x`.
HIDDEN = {
    **dict.fromkeys(
        (
            *("INPUT_PASSWORD", "INPUT_INDEX", "ACTIONS_ID_TOKEN_REQUEST_URL", "GITHUB_ENV"),
            *("RUNNER_TEMP", "DIST_ACTIONS_PYPI_URL", "AWS_PROFILE", "AZURE_HOME", "ARM_TENANT"),
            *("GOOGLE_APPLICATION", "CLOUDSDK_CONFIG", "DOCKERCONFIG", "KUBECONFIG", "GNUPGHOME"),
            *("VAULT_ADDR", "SSH_AUTH_SOCK", "NPM_CONFIG", "TWINE_USERNAME", "GIT_CONFIG_COUNT"),
            *("GH_HOST", "HATCH_INDEX_USER", "POETRY_HTTP_BASIC", "PGPASS", "github_actor"),
            *("MY_TOKEN", "DB_SECRET", "PASSWD", "A_PASSPHRASE", "CREDENTIALS_FILE", "APIKEY"),
            *("SIGNING_KEY", "GIT_ASKPASS", "NETRC", "A_AUTH", "DEPLOY_KEY", "SENTRY_DSN", "PAT"),
        ),
        "x",
    ),
    "DATABASE_URL": "postgres://user:password@db.example.com/x",
    "MIRROR": "see HTTPS://u:p@mirror.example.com",
}
SEEN = {
    **dict.fromkeys(
        (
            *("PATH", "HOME", "LANG", "CC", "SOURCE_DATE_EPOCH", "INPUTS", "GITHUBBER", "ARMOR"),
            *("AUTHOR", "KEYBOARD", "PATTERN", "COMPASS", "MONKEY", "GIT_AUTHOR_NAME"),
            *("PIP_INDEX_URL", "UV_INDEX_PRIVATE_PASSWORD", "PIP_CONFIG_FILE", "no_proxy"),
        ),
        "x",
    ),
    "HTTPS_PROXY": "http://user:password@proxy.example.com",
    "HOMEPAGE": "https://example.com/a:b@c",
    "CONTACT": "https://user@example.com",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_may_be_a_credential_is_hidden(name: str) -> None:
    assert without_credentials({"PATH": "/bin", name: HIDDEN[name]}) == {"PATH": "/bin"}


def test_what_builds_need_is_seen() -> None:
    assert without_credentials(SEEN) == SEEN
