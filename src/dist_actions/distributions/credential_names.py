"""Names of files that hold credentials, whatever stands in them; pure."""

import re

#: Never there on purpose. `gha-creds-*.json` is what google-github-actions/auth writes into the
#: workspace, and `.git/config` is where actions/checkout leaves the job's token, for submodules
#: below `.git/modules`.
ALWAYS = re.compile(
    r"(^|/)(gha-creds-[^/]*\.json|\.pypirc|\.git-credentials|\.git/([^/]+/)*config(\.worktree)?|"
    r"\.aws/credentials|\.config/gh/hosts\.yml|\.cargo/credentials(\.toml)?|"
    r"\.docker/config\.json|pypoetry/auth\.toml|"
    r"application_default_credentials\.json)$",
    re.IGNORECASE,
)
#: There on purpose in tests of programs that read such files.
OUTSIDE_TESTS = re.compile(
    r"(^|/)([._]netrc|\.env(\.(?!([^/]*\.)?(example|sample|template)(\.|$))[^/]+)?|\.kube/config|"
    r"id_(rsa|dsa|ecdsa|ed25519))$",
    re.IGNORECASE,
)


def is_credential_name(name: str) -> bool:
    """Tell whether a file is one of credentials by its name alone."""
    return any(pattern.search(name) for pattern in (ALWAYS, OUTSIDE_TESTS))
