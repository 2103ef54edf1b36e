"""Find GitHub's expressions in a text, and rewrite the contexts that act cannot know.

`vars`, `secrets` and `github.token` mean other values in every job; act has one of each. They are
replaced, token by token, so that a name inside a string literal stays as it is.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"(?P<string>'(?:''|[^'])*')|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<space>\s+)|(?P<other>.)",
    re.S,
)
#: An expression with its braces; those inside a string literal do not end it.
_EXPRESSION = re.compile(r"\$\{\{((?:'[^']*'|[^'])*?)\}\}", re.S)


@dataclass(frozen=True)
class Contexts:
    """What replaces the contexts of one job.

    Attributes:
        variables: Expression of an object that holds the job's variables.
        secret_names: Expression of an object that leads from a secret's name, as the workflow
            writes it, to the name under which act got it; None where GitHub offers no secrets.
        job_token: Expression of the job token.
        secrets: Expression of the object that holds the secrets by act's names.
    """

    variables: str
    secret_names: str | None
    job_token: str
    secrets: str = "secrets"


class ForbiddenContextError(ValueError):
    """An expression uses a context that GitHub does not offer in this place."""


def literal(value: str) -> str:
    """Write a string literal of the expression language."""
    return "'" + value.replace("'", "''") + "'"


def json_literal(value: object) -> str:
    """Write an expression that yields a JSON value."""
    return f"fromJSON({literal(json.dumps(value, sort_keys=True))})"


def map_expressions(text: str, change: Callable[[str], str]) -> str:
    """Replace the text between each `${{` and its `}}`, with the braces kept."""
    return "".join(
        f"${{{{ {change(part)} }}}}" if is_expression else part
        for is_expression, part in split(text)
    )


def split(text: str) -> Iterator[tuple[bool, str]]:
    """Split a text into parts, each with whether it is an expression.

    Raises:
        ValueError: An expression is opened and never closed.
    """
    # Splitting by a group gives the texts in between and the expressions in turn.
    for index, part in enumerate(_EXPRESSION.split(text)):
        is_expression = index % 2 == 1
        if "${{" in part and not is_expression:
            raise ValueError("an expression was opened with ${{ and is not closed")
        if is_expression or part:
            yield is_expression, part.strip() if is_expression else part


def as_expression(text: str) -> str:
    """Write one expression, without braces, that yields a text with expressions in it."""
    parts = list(split(text))
    if len(parts) == 1 and parts[0][0]:
        return f"({parts[0][1]})"
    if not any(is_expression for is_expression, _ in parts):
        return literal(text)
    template, arguments = "", list[str]()
    for is_expression, part in parts:
        if is_expression:
            template += f"{{{len(arguments)}}}"
            arguments.append(part)
        else:
            template += part.replace("{", "{{").replace("}", "}}")
    return f"format({literal(template)}, {', '.join(arguments)})"


def rewrite(expression: str, contexts: Contexts) -> str:
    """Replace `vars`, `secrets` and `github.token` in one expression without braces.

    Raises:
        ForbiddenContextError: `secrets` where GitHub has none, or used as a whole.
    """
    return "".join(_rewrite(_tokens(expression), contexts))


def replace_properties(expression: str, replace: Callable[[str, str | None], str | None]) -> str:
    """Replace the first property of contexts in one expression without braces.

    Args:
        replace: From a context and the expression of the property's name, which is None where the
            context is used as a whole, to what stands in place of both; None leaves them.
    """
    tokens = _tokens(expression)
    parts, position, previous = [], 0, ""
    while position < len(tokens):
        kind, text = tokens[position]
        if kind == "name" and previous != ".":
            end, name = _read_property(tokens, position + 1, None)
            if name == literal("*"):
                end, name = position + 1, None
            replacement = replace(text.lower(), name)
            if replacement is not None:
                parts.append(replacement)
                position, previous = end if name is not None else position + 1, ""
                continue
        parts.append(text)
        previous = text if kind != "space" else previous
        position += 1
    return "".join(parts)


def rewrite_values(value: Any, change: Callable[[str], str]) -> Any:
    """Apply `change` to every text in nested mappings and lists; keys stay as they are."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: rewrite_values(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [rewrite_values(inner, change) for inner in value]
    return value


def _tokens(expression: str) -> list[tuple[str, str]]:
    return [(str(match.lastgroup), match.group()) for match in _TOKEN.finditer(expression)]


def _rewrite(tokens: list[tuple[str, str]], contexts: Contexts) -> Iterator[str]:
    position, previous = 0, ""
    while position < len(tokens):
        kind, text = tokens[position]
        context = text.lower() if kind == "name" and previous != "." else ""
        if context == "vars":
            yield contexts.variables
            position += 1
        elif context == "secrets":
            position, name = _read_property(tokens, position + 1, contexts)
            yield _secret(name, contexts)
        elif context == "github" and _is_token_property(tokens, position + 1):
            position, _ = _read_property(tokens, position + 1, contexts)
            yield contexts.job_token
        else:
            yield text
            position += 1
        if kind != "space":
            previous = text


def _secret(name: str | None, contexts: Contexts) -> str:
    if contexts.secret_names is None:
        raise ForbiddenContextError("Unrecognized named-value: 'secrets'")
    if name is None:
        raise ForbiddenContextError("`secrets` as a whole")
    if name.lower() == "'github_token'":
        return contexts.job_token
    return f"{contexts.secrets}[{contexts.secret_names}[{name}]]"


def _is_token_property(tokens: list[tuple[str, str]], position: int) -> bool:
    texts = [text.lower() for kind, text in tokens[position:] if kind != "space"]
    return texts[:2] == [".", "token"] or texts[:3] == ["[", "'token'", "]"]


def _read_property(
    tokens: list[tuple[str, str]], position: int, contexts: Contexts | None
) -> tuple[int, str | None]:
    """Find where the property access after a context ends, and the expression of its name."""
    position = _skip_space(tokens, position)
    if position >= len(tokens):
        return position, None
    opening = tokens[position][1]
    if opening == ".":
        position = _skip_space(tokens, position + 1)
        return position + 1, literal(tokens[position][1]) if position < len(tokens) else None
    if opening != "[":
        return position, None
    depth, start = 0, position
    for index in range(start, len(tokens)):
        depth += {"[": 1, "]": -1}.get(tokens[index][1], 0)
        if depth == 0:
            inner = tokens[start + 1 : index]
            texts = _rewrite(inner, contexts) if contexts else (text for _, text in inner)
            return index + 1, "".join(texts)
    return len(tokens), None


def _skip_space(tokens: list[tuple[str, str]], position: int) -> int:
    while position < len(tokens) and tokens[position][0] == "space":
        position += 1
    return position
