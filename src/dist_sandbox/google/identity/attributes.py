"""Attribute mappings and conditions of workload identity providers, evaluated as CEL.

It knows expressions and claims; it knows neither HTTP nor tokens.

Spec: https://cloud.google.com/iam/docs/workload-identity-federation#mapping
"""

import functools
import threading
from collections.abc import Mapping
from typing import Any

from celpy import Environment as CelEnvironment
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.celtypes import BoolType
from celpy.evaluation import CELEvalError

from dist_sandbox.organisation import Organisation, SandboxEnvironment

#: Bytes that `google.subject` may have; the other attributes have no limit of their own.
#: Source: `attributeMapping` of WorkloadIdentityPoolProvider in Google's discovery document of IAM.
SUBJECT_LIMIT_BYTES = 127

#: Bytes that all mapped attributes may have together. Source: as above.
MAPPING_LIMIT_BYTES = 8192

#: Numeric IDs survive renames, and nobody can get one by registering a name that became free.
RECOMMENDED_MAPPING: Mapping[str, str] = {
    "google.subject": "assertion.sub",
    "attribute.repository": "assertion.repository",
    "attribute.repository_id": "assertion.repository_id",
    "attribute.repository_owner_id": "assertion.repository_owner_id",
    "attribute.ref": "assertion.ref",
    "attribute.environment": "assertion.environment",
    # What the publisher's binding names.
    "attribute.repository_environment": "assertion.repository_id + ':' + assertion.environment",
}

#: The subject has no ref in it: with the name of a long branch it would be longer than its limit.
READERS_MAPPING: Mapping[str, str] = {
    "google.subject": "assertion.repository_id + ':' + assertion.run_id",
    "attribute.repository_id": "assertion.repository_id",
    "attribute.repository_owner_id": "assertion.repository_owner_id",
}

# celpy's parser is one for the whole process, and is not made for several threads.
_lock = threading.Lock()


_NO_SUBJECT = "The mapped attribute 'google.subject' must be of type STRING."
_SUBJECT_TOO_LONG = (
    "The size of mapped attribute google.subject exceeds the 127 bytes limit. Either modify your "
    "attribute mapping or the incoming assertion to produce a mapped attribute that is less than "
    "127 bytes."
)
#: The limit is documented, its text is not: this is the sandbox's own.
_TOO_LARGE = "The total size of all mapped attributes exceeds the 8192 bytes limit."


class MappedAttributesError(ValueError):
    """Mapped attributes that Google refuses; the text is the answer's."""


def recommended_condition(organisation: Organisation, environment: SandboxEnvironment) -> str:
    """Write the attribute condition that the documentation recommends for an environment.

    IDs are quoted because GitHub's claims are strings: a bare number is never equal to them.
    """
    clauses = (
        f"assertion.repository_owner_id == '{organisation.owner_id}'",
        f"assertion.repository_id == '{organisation.repository_id}'",
        "assertion.event_name in ['push', 'release', 'workflow_dispatch']",
        "assertion.ref_type == 'tag'",
        f"assertion.ref.matches('{environment.ref_pattern}')",
        f"assertion.environment == '{environment.name}'",
    )
    return " && ".join(clauses)


def readers_condition(organisation: Organisation) -> str:
    """Write the attribute condition that the documentation recommends for jobs that only install.

    GitHub gives no ID token to a pull request of a fork; the events that are left out run with this
    repository's rights on what others wrote.
    """
    clauses = (
        f"assertion.repository_owner_id == '{organisation.owner_id}'",
        f"assertion.repository_id == '{organisation.repository_id}'",
        "!(assertion.event_name in ['pull_request_target', 'workflow_run', 'issue_comment'])",
        "assertion.ref.matches('^refs/(heads|tags|pull)/')",
    )
    return " && ".join(clauses)


def map_attributes(mapping: Mapping[str, str], claims: Mapping[str, Any]) -> dict[str, str]:
    """Evaluate a provider's attribute mapping over a token's claims.

    Attributes whose expression fails (a claim that the token lacks) are left out, as they are when
    Google maps a claim that is not there.

    Returns:
        Values by target: `google.subject`, `attribute.repository_id` and so on.

    Raises:
        MappedAttributesError: No string came out for `google.subject`, or they are too long.
    """
    mapped: dict[str, str] = {}
    for target, expression in mapping.items():
        value = _evaluate(expression, {"assertion": claims})
        if isinstance(value, str):
            mapped[target] = str(value)
    subject = mapped.get("google.subject")
    if not subject:
        raise MappedAttributesError(_NO_SUBJECT)
    if len(subject.encode()) > SUBJECT_LIMIT_BYTES:
        raise MappedAttributesError(_SUBJECT_TOO_LONG)
    if sum(len(value.encode()) for value in mapped.values()) > MAPPING_LIMIT_BYTES:
        raise MappedAttributesError(_TOO_LARGE)
    return mapped


def condition_accepts(condition: str, claims: Mapping[str, Any], mapped: Mapping[str, str]) -> bool:
    """Tell whether a provider's attribute condition is true; a condition that fails is not.

    Args:
        condition: CEL over `assertion`, `google` and `attribute`; empty accepts everything.
        claims: What the ID token claims.
        mapped: What `map_attributes` returned.
    """
    if not condition:
        return True
    attributes = {
        target.partition(".")[2]: value
        for target, value in mapped.items()
        if target.startswith("attribute.")
    }
    names: dict[str, Any] = {"assertion": claims, "attribute": attributes}
    # A package of protobuf types is called `google` too, so these are bound by their full names.
    names |= {target: value for target, value in mapped.items() if target.startswith("google.")}
    return _evaluate(condition, names) is True


def _evaluate(expression: str, names: Mapping[str, Any]) -> Any:
    """Evaluate a CEL expression to a plain string or boolean, `None` where it has no value."""
    with _lock:
        try:
            program = _compile(expression)
            value = program.evaluate({name: json_to_cel(value) for name, value in names.items()})
        except (CELParseError, CELEvalError):
            return None
    if isinstance(value, BoolType):
        return bool(value)
    return str(value) if isinstance(value, str) else None


@functools.lru_cache(maxsize=256)
def _compile(expression: str) -> Any:
    environment = CelEnvironment()
    return environment.program(environment.compile(expression))
