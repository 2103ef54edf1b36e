"""Guess what each secret of a project's workflows is, by where its value goes. It is pure.

An input of a known action, a variable of a known tool and an option of a command tell it best; else
the secret's own name may.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dist_sandbox.rehearse.publishing.publications import (
    PYPI,
    TESTPYPI,
    URL,
    ProjectSources,
    list_step_targets,
    list_steps,
)

#: What a secret may be; `text` is any value that a person gives, `file` one from a file of theirs.
TOKENS = {PYPI: "pypi-token", TESTPYPI: "testpypi-token", URL: "index-password"}
USERNAMES = {PYPI: "token-username", TESTPYPI: "token-username", URL: "index-username"}
APP_ID, APP_KEY, GOOGLE_KEY, GITHUB_TOKEN = "app-id", "app-key", "google-key", "github-token"
PURPOSES = (*TOKENS.values(), "index-username", APP_ID, APP_KEY, GOOGLE_KEY, GITHUB_TOKEN)

_SECRET = re.compile(r"\bsecrets(?:\.|\[')([A-Za-z_][A-Za-z0-9_]*)")
_IN_COMMAND = re.compile(
    r"""([\w.:/-]+)\s*[= ]\s*["']?\$\{\{\s*secrets(?:\.|\[')([A-Za-z_][A-Za-z0-9_]*)"""
)
#: What names of tokens begin with that are GitHub's.
_WHOSE = "gh|github|repo|release|bot|push|deploy|admin|personal|ci|api"
#: Services whose tokens are not GitHub's, whatever the input is called that takes them.
_OTHER_SERVICES = re.compile(
    r"codecov|coveralls|sonar|snyk|slack|discord|docker|conda|cloudflare|netlify|npm|aws|azure|cargo"
    r"|crates|readthedocs|rtd|sentry|matrix|mastodon|twitter|telegram",
    re.IGNORECASE,
)
#: What the name of an input, a variable or an option says about its value; the first that fits.
_NAMES: tuple[tuple[str, str], ...] = (
    (r"credentials[-_]json|gcp[-_]credentials|google[-_](application[-_])?credentials", GOOGLE_KEY),
    (r"private[-_]key", APP_KEY),
    (r"app[-_]id|client[-_]id", APP_ID),
    (r"(twine|uv_publish|maturin|pdm_publish|flit|pypi)_?user(name)?|hatch_index_user", "username"),
    (r"poetry_http_basic_\w+_username", "username"),
    (r"test[-_.]?pypi.*(token|password|key|secret)|pypi.*test.*(token|password)", TOKENS[TESTPYPI]),
    (r"(twine|flit|pdm_publish|uv_publish)_(password|token)|hatch_index_auth", "password"),
    (r"maturin_(pypi_token|password)|poetry_http_basic_\w+_password", "password"),
    (r"pypi[-_]?pass(word)?", "password"),
    (r"pypi.*(token|password|key|secret)|poetry_pypi_token_pypi|pypi-token\.pypi", TOKENS[PYPI]),
    (r"poetry_pypi_token_\w+|pypi-token\.\w+", TOKENS[URL]),
    (rf"^({_WHOSE})?[-_]?(pat|(access[-_])?token)$|(^|[-_])pat$", GITHUB_TOKEN),
    (rf"(gh|github)[-_]?({_WHOSE})?[-_]?(access[-_])?(token|pat)", GITHUB_TOKEN),
)  # fmt: skip
_OPTIONS = {
    "-p": "password", "--password": "password", "--token": "password",
    "-u": "username", "--username": "username",
}  # fmt: skip


@dataclass(frozen=True)
class Use:
    """A place that a secret's value goes to.

    Attributes:
        secret: Its name, in upper case.
        place: The name of the input, variable or option.
        targets: What the step publishes to; empty where it publishes nothing.
    """

    secret: str
    place: str
    targets: tuple[str, ...] = ()


def guess_purposes(sources: ProjectSources) -> Mapping[str, str]:
    """Guess what each secret is; those that nothing explains are left out."""
    purposes: dict[str, str] = {}
    uses = [use for use in _list_uses(sources) if not _OTHER_SERVICES.search(use.secret)]
    for use in uses:
        if purpose := _purpose_of(use):
            purposes.setdefault(use.secret, purpose)
    for use in uses:
        # The place said nothing; its own name may.
        if purpose := _purpose_of(Use(use.secret, use.secret, use.targets)):
            purposes.setdefault(use.secret, purpose)
    return purposes


def _purpose_of(use: Use) -> str:
    place = use.place.lower()
    role = _OPTIONS.get(place, "")
    if not role:
        role = next((role for pattern, role in _NAMES if re.search(pattern, place)), "")
    if not role and use.targets and place in ("user", "password", "username"):
        role = "username" if place.startswith("user") else "password"
    target = _choose_target(use)
    if role == "password":
        return TOKENS.get(target, "")
    return USERNAMES.get(target, "") if role == "username" else role


def _choose_target(use: Use) -> str:
    """Choose which target a credential is for, of those that its step publishes to."""
    names = f"{use.secret} {use.place}".lower()
    if len(use.targets) == 1 and (use.targets[0] != URL or "pypi" not in use.secret.lower()):
        return use.targets[0]
    return TESTPYPI if "test" in names else PYPI


def _list_uses(sources: ProjectSources) -> Iterator[Use]:
    """List where the secrets of all workflows go."""
    for workflow in sources.workflows:
        everywhere = workflow.document.get("env")
        for job in workflow.jobs.values():
            targets: list[str] = []
            for step in list_steps(job, sources):
                own = list_step_targets(step, [everywhere, job.get("env")], sources.read_text)
                targets += own
                yield from _uses_of_step(step, tuple(own))
            unique = tuple(dict.fromkeys(targets))
            for values in (everywhere, job.get("env"), job.get("secrets"), job.get("with")):
                yield from _uses_of_values(values, unique)
            # What is left, as in an `if:` or a container.
            for name in _SECRET.findall(json.dumps(job, default=str)):
                yield from _use(name, "", unique)


def _uses_of_step(step: Mapping[str, Any], targets: tuple[str, ...]) -> Iterator[Use]:
    for values in (step.get("with"), step.get("env")):
        yield from _uses_of_values(values, targets)
    for place, name in _IN_COMMAND.findall(str(step.get("run") or "")):
        yield from _use(name, place, targets)


def _uses_of_values(values: object, targets: tuple[str, ...]) -> Iterator[Use]:
    if isinstance(values, Mapping):
        for place, text in values.items():
            for name in _SECRET.findall(str(text)):
                yield from _use(name, str(place), targets)


def _use(name: str, place: str, targets: Iterable[str]) -> Iterator[Use]:
    if name.upper() != "GITHUB_TOKEN":
        yield Use(name.upper(), place, tuple(target for target in targets if target in TOKENS))
