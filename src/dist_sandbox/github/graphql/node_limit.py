"""How many nodes a query asks for at most, which GitHub works out before it answers.

Spec: https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    SelectionSetNode,
    VariableNode,
)

_MOST_NODES = 500_000


def describe_excess(document: DocumentNode, variables: Mapping[str, Any]) -> str:
    """Say at which connection a query asks for more than may be asked for; empty for none."""
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    total = 0
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            continue
        selection: SelectionSetNode | None = getattr(definition, "selection_set", None)
        for connection, count in _count(selection, 1, fragments, variables):
            total += count
            if total > _MOST_NODES:
                return (
                    f"By the time this query traverses to the {connection} connection, it is "
                    f"requesting up to {total:,} possible nodes which exceeds the maximum limit "
                    f"of {_MOST_NODES:,}."
                )
    return ""


def _count(
    selection: SelectionSetNode | None,
    factor: int,
    fragments: Mapping[str, SelectionSetNode],
    variables: Mapping[str, Any],
) -> Iterator[tuple[str, int]]:
    """Count the nodes of each connection below a selection, each as often as it may occur."""
    for node in selection.selections if selection else ():
        below, inner = getattr(node, "selection_set", None), factor
        if isinstance(node, FragmentSpreadNode):
            below = fragments.get(node.name.value)
        elif isinstance(node, FieldNode) and (records := _records(node, variables)):
            inner = factor * records
            yield node.name.value, inner
        yield from _count(below, inner, fragments, variables)


def _records(field: FieldNode, variables: Mapping[str, Any]) -> int:
    """Read `first` or `last` of a field; 0 for one that is no connection."""
    for argument in field.arguments or ():
        if argument.name.value not in ("first", "last"):
            continue
        value = argument.value
        if isinstance(value, IntValueNode):
            return int(value.value)
        if isinstance(value, VariableNode):
            return int(variables.get(value.name.value) or 0)
    return 0
