"""GitHub's OpenAPI description of what the sandbox has, where it is right."""

import functools
import json
from pathlib import Path
from typing import Any

_CONTRACT = Path(__file__).parents[2] / "contract" / "github-rest.openapi.json"


@functools.cache
def read_description() -> dict[str, Any]:
    """Read the description, and correct it where GitHub does otherwise."""
    document: dict[str, Any] = json.loads(_CONTRACT.read_text(encoding="utf-8"))
    # The description knows `uploaded` and `open`; GitHub's documentation of the same operation
    # says that a failed upload leaves an asset in the state `starter`, and so it is.
    asset = document["components"]["schemas"]["release-asset"]
    asset["properties"]["state"]["enum"].append("starter")
    # A folder's content is an array, which cannot have the property that its discriminator names.
    contents = document["paths"]["/repos/{owner}/{repo}/contents/{path}"]["get"]["responses"]
    del contents["200"]["content"]["application/json"]["schema"]["discriminator"]
    # GitHub takes the list of labels alone too; PyGithub sends nothing else.
    labels = document["paths"]["/repos/{owner}/{repo}/issues/{issue_number}/labels"]["post"]
    schema = labels["requestBody"]["content"]["application/json"]["schema"]
    schema["oneOf"].append({"type": "array", "items": {"type": "string"}})
    _allow_pygithub_to_protect(document)
    _apply_nullable(document)
    return document


def _allow_pygithub_to_protect(document: dict[str, Any]) -> None:
    """Let requests to protect a branch be as PyGithub sends them, which GitHub takes.

    It names checks without the old `contexts` beside them, and sends null for switches not given.
    """
    path = "/repos/{owner}/{repo}/branches/{branch}/protection"
    operation = document["paths"][path]["put"]
    fields = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
    fields["required_status_checks"]["required"].remove("contexts")
    for described in fields.values():
        if described["type"] == "boolean":
            described["nullable"] = True


def _apply_nullable(node: Any) -> None:
    """Let `nullable` beside `enum`, `oneOf` or `anyOf` mean what GitHub means by it.

    OpenAPI 3.0.3 gives it an effect beside `type` only, and validators follow that.
    """
    if isinstance(node, list):
        for child in node:
            _apply_nullable(child)
    if not isinstance(node, dict):
        return
    for child in node.values():
        _apply_nullable(child)
    if node.get("nullable") is True and None not in node.get("enum", [None]):
        node["enum"].append(None)
    for choice in ("oneOf", "anyOf"):
        if node.get("nullable") is True and choice in node and "type" not in node:
            node[choice].append({"type": "object", "nullable": True, "enum": [None]})
