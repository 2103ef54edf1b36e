"""The GraphQL API over HTTP: `POST /api/graphql`, as GitHub Enterprise Server has it.

Spec: https://docs.github.com/graphql/guides/forming-calls-with-graphql
"""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from graphql import (
    ExecutionResult,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLResolveInfo,
    graphql_sync,
    parse,
)

from dist_sandbox.github.access.authentication import authenticate
from dist_sandbox.github.graphql.node_limit import describe_excess
from dist_sandbox.github.graphql.roots import Root
from dist_sandbox.github.graphql.schema import served_schema
from dist_sandbox.github.graphql.viewing import QueryError, Viewer
from dist_sandbox.github.rest.calls import reply
from dist_sandbox.github.rest.errors import GitHubError
from dist_sandbox.github.rest.routes import add_answers
from dist_sandbox.github.state import GitHub
from dist_sandbox.server.request_log import RequestLog
from dist_sandbox.server.request_notes import note_change, note_principal


def create_blueprint(github: GitHub, requests: RequestLog) -> Blueprint:
    """Serve the GraphQL API, to be mounted at the root."""
    blueprint = Blueprint("graphql", __name__)

    @blueprint.post("/api/graphql")
    def serve() -> Response:
        viewer = _admit(github)
        body = _body()
        root = Root(viewer)
        if refusal := _refuse_excess(body):
            return reply({"errors": [refusal]})
        with github.lock:
            result = graphql_sync(
                served_schema(),
                body["query"],
                root,
                variable_values=body["variables"],
                operation_name=body["operationName"],
                field_resolver=_resolve,
                type_resolver=_find_type,
            )
        if root.changed:
            note_change(request.environ)
        return reply(_describe(result))

    add_answers(blueprint, github.clock, requests, media_type="github.v4; format=json")
    return blueprint


def _admit(github: GitHub) -> Viewer:
    """Recognise whoever asks.

    Raises:
        GitHubError: 401 without a good token.
    """
    principal = authenticate(github, request.headers.get("Authorization", ""))
    if principal is None:
        raise GitHubError(401, "This endpoint requires you to be authenticated.")
    note_principal(request.environ, principal.name)
    return Viewer(github, principal)


def _body() -> dict[str, Any]:
    """Read the request's query, variables and operation.

    Raises:
        GitHubError: 400 for what is no JSON object with a query.
    """
    body: Any = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise GitHubError(400, "Problems parsing JSON")
    if not isinstance(body.get("query"), str):
        raise GitHubError(400, "A query attribute must be specified and must be a string.")
    variables = body.get("variables") or {}
    if not isinstance(variables, dict):
        raise GitHubError(400, "Variables must be a JSON object.")
    return {**body, "variables": variables, "operationName": body.get("operationName")}


def _refuse_excess(body: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse a query that asks for more nodes than GitHub counts through; empty for a good one."""
    try:
        document = parse(body["query"])
    except GraphQLError:
        return {}  # told with the rest of what is wrong with it
    message = describe_excess(document, body["variables"])
    return {"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message} if message else {}


def _resolve(source: Any, info: "GraphQLResolveInfo[Any]", **arguments: Any) -> Any:
    """Resolve a field: an entry or an attribute, of GitHub's name in snake case."""
    name = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", info.field_name).lower()
    value: Any = source.get(name) if isinstance(source, dict) else getattr(source, name)
    return value(**arguments) if callable(value) else value


def _find_type(value: Any, _info: "GraphQLResolveInfo[Any]", _abstract: GraphQLAbstractType) -> str:
    return str(value.typename)


def _describe(result: ExecutionResult) -> dict[str, Any]:
    """Write the answer in GitHub's form; a request that does not fit the schema has no data."""
    if not result.errors:
        return {"data": result.data}
    errors = [_describe_error(error) for error in result.errors]
    return {"errors": errors} if result.data is None else {"data": result.data, "errors": errors}


def _describe_error(error: GraphQLError) -> dict[str, Any]:
    refusal = error.original_error
    if refusal is not None and not isinstance(refusal, (QueryError, GraphQLError)):
        raise refusal
    body: dict[str, Any] = {}
    if isinstance(refusal, QueryError):
        body = {"type": refusal.kind, "path": error.path}
        if refusal.kind == "FORBIDDEN":
            body["extensions"] = {"saml_failure": False}
    places = [{"line": place.line, "column": place.column} for place in error.locations or []]
    return {**body, "locations": places, "message": error.message}
