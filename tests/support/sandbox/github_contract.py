"""Holds every GitHub request and answer of a sandbox against GitHub's OpenAPI description.

`ContractCheck` is a WSGI application around a sandbox; what does not fit is collected, and the
fixture that made the check fails the test with it.
"""

import functools
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_schema_validator import OAS30Validator
from werkzeug.datastructures import Headers, ImmutableMultiDict

from dist_sandbox.server.request_notes import noted_fault
from support.sandbox.github_description import read_description

#: Where GitHub itself has what a sandbox has below these paths.
_HOSTS = {"/api/v3": "https://api.github.com", "/api/uploads": "https://uploads.github.com"}

#: Headers of answers that the description says something of.
_DESCRIBED = frozenset({"content-type", "link", "location"})
#: What answers without being an operation of the description: GitHub's root.
_NOT_IN_THE_COPY = frozenset({("GET", "")})
#: Path parameters that may hold slashes.
_WITH_SLASHES = ("ref", "branch", "basehead", "path", "tag")


@dataclass(frozen=True)
class _Exchange:
    """A request and its answer, by what the description says something of."""

    method: str
    path: str
    query: str
    body: bytes
    host_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    data: bytes


@dataclass
class _Request:
    """A request as openapi-core wants it."""

    path: str
    method: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None
    host_url: str


@dataclass
class _Answer:
    """An answer as openapi-core wants it."""

    status_code: int
    headers: Headers
    content_type: str
    data: bytes


@dataclass
class ContractCheck:
    """A WSGI application that looks at what passes between GitHub's clients and the sandbox."""

    application: Callable[..., Iterable[bytes]]
    problems: list[str] = field(default_factory=list)
    checked: int = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = str(environ["PATH_INFO"])
        prefix = next(
            (host_prefix for host_prefix in _HOSTS if path.startswith(f"{host_prefix}/")), None
        )
        if prefix is None:
            return self.application(environ, start_response)
        # An upload's body is not JSON, and may be meant to end before its time.
        body = b"" if prefix == "/api/uploads" else _take_body(environ)
        responses: list[tuple[int, Headers]] = []

        def record(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            responses.append((int(status.split(" ", maxsplit=1)[0]), Headers(headers)))
            return start_response(status, headers, exc_info)

        parts = self.application(environ, record)
        if noted_fault(environ):
            return parts
        data = b"".join(parts)
        status, headers = responses[-1]
        exchange = _Exchange(
            method=str(environ["REQUEST_METHOD"]),
            path=path.removeprefix(prefix),
            query=str(environ.get("QUERY_STRING", "")),
            body=body,
            host_url=_HOSTS[prefix],
            status=status,
            headers=tuple(item for item in headers.items() if item[0].lower() in _DESCRIBED),
            data=data,
        )
        self.checked += 1
        for problem in _find_problems(exchange):
            call = f"{exchange.method} {exchange.path} answered {status}"
            self.problems.append(f"{call}: {problem}")
        return [data]


def _find_problems(exchange: _Exchange) -> Iterator[str]:
    method, path, status = exchange.method, exchange.path, exchange.status
    template = _find_template(method, path)
    if status >= 400 and not _describes(template, method, status):
        yield from _problems_of_error(exchange.data)
        return
    if template is None:
        if not any(
            method == listed_method and _pattern(template).fullmatch(path)
            for listed_method, template in _NOT_IN_THE_COPY
        ):
            yield "the operation is not in the contract"
        return
    # Each is checked once, whatever stands beside it: many runs ask the same of the same project.
    if status < 400 and not path.endswith("/assets"):
        encoded = _encode(template, path)
        yield from _check_request(replace(exchange, path=encoded, status=0, headers=(), data=b""))
    # The template is a path of its own operation: braces are characters like others.
    yield from _check_answer(replace(exchange, path=template, query="", body=b""))


@functools.lru_cache(maxsize=4096)
def _check_request(exchange: _Exchange) -> tuple[str, ...]:
    return _problems(lambda: _contract().validate_request(_as_request(exchange)))


@functools.lru_cache(maxsize=1024)
def _check_answer(exchange: _Exchange) -> tuple[str, ...]:
    headers = Headers(exchange.headers)
    answer = _Answer(exchange.status, headers, headers.get("Content-Type", ""), exchange.data)
    return _problems(lambda: _contract().validate_response(_as_request(exchange), answer))


def _as_request(exchange: _Exchange) -> _Request:
    return _Request(
        path=exchange.path,
        method=exchange.method.lower(),
        parameters=RequestParameters(
            query=ImmutableMultiDict(parse_qsl(exchange.query)),
            header=Headers(),
            cookie=ImmutableMultiDict(),
        ),
        # Clients may leave the type out; GitHub reads every body as JSON.
        content_type="application/json" if exchange.body else "",
        body=exchange.body or None,
        host_url=exchange.host_url,
    )


def _problems(validate: Callable[[], object]) -> tuple[str, ...]:
    try:
        validate()
    except OpenAPIError as error:
        return (_describe(error),)
    return ()


def _problems_of_error(data: bytes) -> Iterator[str]:
    """Check that a refusal that the description does not list has GitHub's body."""
    schema = read_description()["components"]["schemas"]["basic-error"]
    try:
        body = json.loads(data)
    except ValueError:
        yield "the body is no JSON"
        return
    for error in OAS30Validator(schema).iter_errors(body):
        yield error.message
    if not {"message", "documentation_url", "status"} <= body.keys():
        yield "the error lacks message, documentation_url or status"


@functools.cache
def _contract() -> OpenAPI:
    # GitHub's description is not ours to check: that takes a second in each process.
    return OpenAPI.from_dict(read_description(), Config(spec_validator_cls=None))


def _describes(template: str | None, method: str, status: int) -> bool:
    if template is None:
        return False
    return str(status) in read_description()["paths"][template][method.lower()]["responses"]


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    def part(match: re.Match[str]) -> str:
        return f"(?P<{match[1]}>{'.+' if match[1] in _WITH_SLASHES else '[^/]+'})"

    return re.compile(re.sub(r"\{(\w+)\}", part, template))


def _find_template(method: str, path: str) -> str | None:
    """Find the operation's path: of several that fit, the one with fewest parameters."""
    fitting = [
        template
        for template, operations in read_description()["paths"].items()
        if method.lower() in operations and _pattern(template).fullmatch(path)
    ]
    return min(fitting, key=lambda template: (template.count("{"), -len(template)), default=None)


def _encode(template: str, path: str) -> str:
    """Encode slashes inside parameters so that they are no separators."""
    match = _pattern(template).fullmatch(path)
    assert match is not None
    values = {name: quote(value, safe="") for name, value in match.groupdict().items()}
    return re.sub(r"\{(\w+)\}", lambda placeholder: values[placeholder[1]], template)


def _take_body(environ: dict[str, Any]) -> bytes:
    """Read the body and put it back."""
    if environ.get("wsgi.input_terminated"):
        body: bytes = environ["wsgi.input"].read()
    else:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _describe(error: BaseException) -> str:
    """Describe the places that are wrong, which openapi-core keeps in the chain of causes."""
    details = getattr(error, "schema_errors", None)
    if details is not None:
        return "; ".join(_describe_place(detail) for detail in details)
    if error.__cause__ is not None:
        return f"{type(error).__name__}: {_describe(error.__cause__)}"
    return str(error)[:300]


def _describe_place(error: Any) -> str:
    inner = "".join(f" ({_describe_place(cause)})" for cause in (error.context or [])[:3])
    return f"{'/'.join(map(str, error.absolute_path))}: {error.message[-200:]}{inner}"
