"""Which variables of the job other people's code may see."""

import re
from collections.abc import Mapping

#: Build requirements can come from a private index, whose settings the installers need.
_INSTALLERS = re.compile(r"(PIP|UV)_|(HTTP|HTTPS|ALL|NO)_PROXY$")
#: The runner's own, and what tools of clouds, git, ssh and registries take credentials from.
_HIDDEN_PREFIXES = re.compile(
    r"(INPUT|ACTIONS|GITHUB|RUNNER|DIST_ACTIONS|AWS|AZURE|ARM|GOOGLE|GCLOUD|GCP|CLOUDSDK|DOCKER"
    r"|KUBE|VAULT|SSH|GPG|GNUPG|NPM|TWINE|GIT_CONFIG|GIT_SSH|GH|HATCH_INDEX|POETRY_PYPI"
    r"|POETRY_HTTP|PGPASS)(_|$|CONFIG$|HOME$)"
)
_HIDDEN_WORDS = re.compile(
    r"TOKEN|SECRET|PASSW(OR)?D|PASSPHRASE|CREDENTIAL|PRIVATE_KEY|API_?KEY|ACCESS_?KEY|SIGNING_?KEY"
    r"|ASKPASS|NETRC|(^|_)(AUTH|PASS|PAT|DSN|KEY|COOKIE)(_|$)"
)
#: An address with a user's name and password in it.
_USER_IN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s@]*:[^/\s@]+@", re.IGNORECASE)


def without_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """Select the variables that hold no credential, as far as names and addresses tell."""
    return {key: value for key, value in environ.items() if _is_harmless(key.upper(), value)}


def _is_harmless(name: str, value: str) -> bool:
    if _INSTALLERS.match(name):
        return True
    return not (
        _HIDDEN_PREFIXES.match(name) or _HIDDEN_WORDS.search(name) or _USER_IN_ADDRESS.search(value)
    )
