"""List the cells of a matrix that is known before the workflow runs; pure.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
"""

import itertools
from collections.abc import Mapping
from typing import Any


def list_cells(matrix: Any) -> list[dict[str, Any]] | None:
    """List the cells; None where an expression decides, and one empty cell without a matrix."""
    if not matrix:
        return [{}]
    if not isinstance(matrix, Mapping) or any(isinstance(row, str) for row in matrix.values()):
        return None
    axes = {key: row for key, row in matrix.items() if key not in ("include", "exclude")}
    cells = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    cells = [
        cell
        for cell in cells
        if not any(_agrees(cell, excluded) for excluded in matrix.get("exclude") or [])
    ]
    if not axes:
        cells = []
    return _include(cells, matrix.get("include") or [], list(axes)) or [{}]


def _include(
    cells: list[dict[str, Any]], rows: list[Mapping[str, Any]], axes: list[str]
) -> list[dict[str, Any]]:
    """Add each row to the cells whose own values it does not change, else as a cell."""
    originals, further = [dict(cell) for cell in cells], []
    for row in rows:
        fitting = [
            cell
            for cell, original in zip(cells, originals, strict=True)
            if all(original[key] == row[key] for key in axes if key in row)
        ]
        for cell in fitting:
            cell.update(row)
        if not fitting:
            further.append(dict(row))
    return [*cells, *further]


def _agrees(cell: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return all(cell.get(key) == value for key, value in row.items())
