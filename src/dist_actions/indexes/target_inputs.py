"""Read from the inputs where distributions are published to; pure."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from dist_actions.errors import InputError
from dist_actions.identity.google import (
    Federation,
    ServiceAccountKey,
    UnusableKeyError,
    parse_service_account_key,
)
from dist_actions.indexes.targets import (
    ArtifactRegistryTarget,
    Password,
    PyPITarget,
    RepositoryTarget,
    Target,
)
from dist_actions.job.endpoints import is_location, is_safe_url
from dist_actions.job.inputs import InputReader

_ARTIFACT_REGISTRY = "artifact-registry"
#: The user name that goes with an API token of PyPI, and of the indexes that follow it.
_TOKEN_USER = "__token__"  # noqa: S105 - a user name
_PROVIDER = re.compile(
    r"projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+"
)
#: What the console and gcloud write before a provider's name.
PROVIDER_PREFIX = "//iam.googleapis.com/"
_ACCOUNT = re.compile(r"[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com", re.ASCII)
_PROJECT = re.compile(r"[a-z][a-z0-9.:-]{4,62}", re.ASCII)
_REPOSITORY = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]+", re.ASCII)
#: The variable of the GitHub Environment that each input is usually given.
_VARIABLES = {
    "workload-identity-provider": "GCP_WIF_PROVIDER",
    "service-account": "GCP_SA_EMAIL",
    "project-id": "GCP_PROJECT_ID",
    "location": "AR_LOCATION",
    "repository": "AR_REPOSITORY",
}
#: Inputs of pypa/gh-action-pypi-publish, and what to write here.
_FOREIGN = {
    "repository-url": "give the address as index, or write `index: testpypi`",
    "packages-dir": "call it dist",
    "user": "call it username; __token__ needs none",
    "skip-existing": "leave it out; what an index holds already is never sent again",
    "verify-metadata": "leave it out; metadata is always checked",
    "print-hash": "leave it out; the summary shows every sha256",
    "verbose": "leave it out; the log says what is sent",
}
_EXAMPLES = {
    "workload-identity-provider": "write projects/PROJECT_NUMBER/locations/global/"
    "workloadIdentityPools/POOL/providers/PROVIDER",
    "service-account": "write NAME@PROJECT.iam.gserviceaccount.com",
    "project-id": "write the project's ID, such as eigenoid-dev",
    "location": "write a location, such as us-central1",
    "repository": "write the repository's name, such as eigenoid-python",
}


def read_targets(inputs: InputReader) -> tuple[Target, ...]:
    """Read the lines of `index` and what belongs to them; refusals go through `inputs`.

    `username` and `password` belong to the repository URL where one is listed, else to `pypi` or
    `testpypi`. Settings that are empty are refused later, by `require_targets`, because a run
    that only plans or builds needs none.
    """
    names = inputs.lines("index") or (_ARTIFACT_REGISTRY,)
    urls = [name for name in names if "://" in name]
    login = Password(inputs.text("username"), inputs.secret("password"))
    attests = inputs.boolean("attestations", default=False)
    _refuse_unfit(inputs, names, urls, login)
    if attests and (not set(names) & {"pypi", "testpypi"} or _pypi_login(login, urls)):
        inputs.refuse(
            "attestations",
            "is true, but nothing is published by Trusted Publishing, which alone can be attested",
            "list pypi or testpypi in index without a password, or set it to false",
        )
    targets: list[Target] = []
    for name in dict.fromkeys(names):
        if name == _ARTIFACT_REGISTRY:
            targets.append(_read_artifact_registry(inputs))
        elif name == "pypi":
            targets.append(PyPITarget("pypi", _pypi_login(login, urls), attests))
        elif name == "testpypi":
            targets.append(PyPITarget("testpypi", _pypi_login(login, urls), attests))
        elif name in urls:
            index_url = inputs.text("index-url")
            targets.append(RepositoryTarget(name, with_slash(index_url), login))
        else:
            inputs.refuse(
                "index",
                f"is {_quote(name)}",
                "write artifact-registry, pypi, testpypi or the https address of a repository",
            )
    return tuple(targets)


def refuse_foreign_inputs(inputs: InputReader) -> None:
    """Refuse the inputs of the usual action for PyPI, which this one calls otherwise.

    GitHub only warns of an input that an action does not have, and a Docker action gets it.
    """
    for name, fix in _FOREIGN.items():
        if inputs.block(name):
            inputs.refuse(name, "is no input of this action", fix)


def require_targets(targets: tuple[Target, ...], environment: str) -> None:
    """Refuse targets with a setting missing.

    Args:
        environment: Name of the GitHub Environment that should hold them; empty where unknown.

    Raises:
        InputError: Settings are missing; their variables and the environment are named.
    """
    for target in targets:
        if isinstance(target, ArtifactRegistryTarget):
            _require_artifact_registry(target, environment)
        elif isinstance(target, RepositoryTarget):
            _require_repository(target)
        elif target.login is not None and not target.login.secret:
            raise _missing_password(target.label)


def _refuse_unfit(
    inputs: InputReader, names: tuple[str, ...], urls: list[str], login: Password
) -> None:
    """Refuse what contradicts itself or would send a credential to the wrong place."""
    if len(set(names)) < len(names):
        inputs.refuse("index", "names a target twice", "list each once")
    for url in urls:
        refuse_unusable_address(inputs, "index", url)
    index_url = inputs.text("index-url")
    refuse_unusable_address(inputs, "index-url", index_url)
    if index_url and not urls:
        inputs.refuse("index-url", "is given, but index lists no repository address", "remove it")
    if len(urls) > 1:
        inputs.refuse("index", "lists two addresses", "publish to each in a step of its own")
    published = [name for name in names if name in {"pypi", "testpypi"}]
    has_login = bool(login.secret or login.username)
    if has_login and not urls and len(published) > 1:
        inputs.refuse(
            "password",
            "is given for pypi and testpypi, which share no token",
            "publish to each in a step of its own, or use Trusted Publishing, without a password",
        )
    if has_login and not urls and not published:
        inputs.refuse(
            "password",
            "is given beside artifact-registry, which takes none",
            "remove username and password; federation or credentials-json is its identity",
        )
    if _ARTIFACT_REGISTRY not in names:
        for name in ("workload-identity-provider", "credentials-json"):
            if inputs.text(name) if name != "credentials-json" else inputs.secret(name):
                inputs.refuse(
                    name,
                    "is given, but index does not list artifact-registry",
                    "remove it, or add artifact-registry to index",
                )


def read_index_address(inputs: InputReader, name: str) -> str:
    """Read the address of an index, with a trailing slash; empty where it is not given."""
    url = inputs.text(name)
    refuse_unusable_address(inputs, name, url)
    return with_slash(url)


def refuse_unusable_address(inputs: InputReader, name: str, url: str) -> bool:
    """Refuse an address to which no credentials may be sent, and tell whether it was one."""
    unusable = bool(url) and not _is_usable(url)
    if unusable:
        inputs.refuse(name, *_unusable(url))
    return unusable


def _is_usable(url: str) -> bool:
    """Tell whether credentials may be sent to an address, and paths added to it."""
    if not is_safe_url(url):
        return False
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return False
    return port != 0 and not parts.query and _HOST.fullmatch(parts.hostname or "") is not None


def _unusable(url: str) -> tuple[str, str]:
    """Say what is wrong with an address, and how to fix it, without what may be a secret."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        return "holds credentials in its address", "give them as username and password"
    if url.startswith("http://"):
        return f"is {_quote(url)}, which is not encrypted", "write its https address"
    return f"is {_quote(url)}, which is no address of an index", "write its https address"


def _quote(text: str) -> str:
    """Quote a value in a message, unless it may hold credentials."""
    return "something with '@' or '?' in it" if re.search("[@?]", text) else repr(text[:80])


def _pypi_login(login: Password, urls: list[str]) -> Password | None:
    if urls or not (login.secret or login.username):
        return None
    return Password(login.username or _TOKEN_USER, login.secret)


def with_slash(url: str) -> str:
    """End an address with a slash; an empty one stays empty."""
    return f"{url.rstrip('/')}/" if url else ""


def _read_artifact_registry(inputs: InputReader) -> ArtifactRegistryTarget:
    provider = inputs.text("workload-identity-provider").removeprefix(PROVIDER_PREFIX)
    account = inputs.text("service-account")
    project_id, location = inputs.text("project-id"), inputs.text("location")
    repository = inputs.text("repository")
    refuse_unlike_federation(inputs, provider, account)
    checks = (
        ("project-id", project_id, _PROJECT.fullmatch(project_id)),
        ("location", location, is_location(location)),
        ("repository", repository, _REPOSITORY.fullmatch(repository)),
    )
    _refuse_unlike(inputs, checks)
    key = _read_key(inputs)
    if key and provider:
        inputs.refuse(
            "credentials-json",
            "is given beside workload-identity-provider",
            "give one of them; federation needs no key that can leak",
        )
    identity = key or Federation(provider, account)
    return ArtifactRegistryTarget(identity, project_id, location, repository)


def refuse_unlike_federation(inputs: InputReader, provider: str, account: str) -> None:
    """Refuse a provider or a service account whose name has another form than Google's."""
    checks = (
        ("workload-identity-provider", provider, _PROVIDER.fullmatch(provider)),
        ("service-account", account, _ACCOUNT.fullmatch(account)),
    )
    _refuse_unlike(inputs, checks)


def _refuse_unlike(inputs: InputReader, checks: Iterable[tuple[str, str, object]]) -> None:
    for name, value, usable in checks:
        if value and not usable:
            inputs.refuse(name, f"is {value!r}", _EXAMPLES[name])


def _read_key(inputs: InputReader) -> ServiceAccountKey | None:
    secret = inputs.secret("credentials-json")
    if not secret:
        return None
    try:
        return parse_service_account_key(secret)
    except UnusableKeyError as error:
        inputs.refuse(
            "credentials-json", str(error), "store the whole key file as the secret, raw or base64"
        )
        return None


def _require_artifact_registry(target: ArtifactRegistryTarget, environment: str) -> None:
    values = {
        "project-id": target.project_id,
        "location": target.location,
        "repository": target.repository,
    }
    if isinstance(target.identity, Federation):
        values = {"workload-identity-provider": target.identity.provider, **values}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise _missing_settings(missing, environment, all_missing=len(missing) == len(values))


def _missing_settings(missing: list[str], environment: str, *, all_missing: bool) -> InputError:
    where = f"the GitHub Environment {environment!r}" if environment else "the GitHub Environment"
    variables = ", ".join(_VARIABLES[name] for name in missing)
    setting = f"set {variables} in {where} (Settings, Environments)"
    if not all_missing:
        why = f"{where} does not set {variables}, or the workflow takes another variable."
        fix = f"{setting}, and write `${{{{ vars.NAME }}}}` of these names for the inputs."
    elif environment:
        why = f"the job does not name {where} with `environment:`, so its variables are empty."
        fix = f"add `environment:` to the job, and {setting}."
    else:
        why = (
            "the input index means artifact-registry where it lists nothing, and this job sees "
            "none of the variables for it."
        )
        fix = f"for PyPI write `index: pypi`; else add `environment:` to the job, and {setting}."
    inputs = "The input" if len(missing) == 1 else "The inputs"
    verb, kind = ("is", "the variable") if len(missing) == 1 else ("are", "the variables")
    return InputError(
        f"{inputs} {', '.join(missing)} {verb} empty (usually {kind} {variables}).",
        why=why,
        fix=fix,
        anchor="environment-variables",
    )


def _require_repository(target: RepositoryTarget) -> None:
    if not target.login.secret or not target.login.username:
        raise _missing_password(target.label)
    if not target.index_url:
        raise InputError(
            f"The input index-url is empty, so what {target.label} holds cannot be read back.",
            why="every file is compared before and after its upload, and the address of the "
            "index does not follow from that of the uploads.",
            fix="set index-url to the address that pip's --index-url takes.",
            anchor="index-url",
        )


def _missing_password(label: str) -> InputError:
    return InputError(
        f"The input password or username for {label} is empty.",
        why="the secret does not exist, or this job cannot read it: one of an environment needs "
        "`environment:` in the job, and forks get none.",
        fix="store the token as a secret and give it as password; on PyPI, leave both out to "
        "use Trusted Publishing.",
        anchor="password",
    )
