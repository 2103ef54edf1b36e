"""Write tables and lists that a terminal of any width shows readably; pure."""

import textwrap
from collections.abc import Callable, Collection, Sequence
from functools import partial

from dist_actions.printable import printable_lines

#: Chooses the colour of a cell, by the number of its row, the heading being 0, of its column, and
#: its text: select graphic rendition, as every terminal knows it; empty for none.
ColourChoice = Callable[[int, int, str], str]

_GAP, _INDENT = "  ", "  "
#: Characters of the narrowest column in which a text of several words is still easy to read.
_NARROWEST_COLUMN = 20
_WIDEST_TEXT = 100


def write_table(
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None,
    colour_of: ColourChoice = lambda _row, _column, _text: "",
) -> str:
    """Write a table: columns where they have room, else each row on lines of its own.

    Texts are wrapped between words. A few rows with words that are too long for their columns
    are broken up alone. A last column without a heading, of sentences, goes below its row where
    it has no room beside it.

    Args:
        rows: Their cells; each line of a cell is a paragraph of its own.
        width: Of the terminal, in characters; None where lines may have any length.
    """
    cells = [
        [[show(line) for line in cell.split("\n")] for cell in row] for row in (heading, *rows)
    ]
    widths, broken = _choose_columns(cells, width)
    if widths:
        lines = _write_columns(cells, widths, colour_of, width, broken)
    elif not heading[-1] and (widths := _choose_widths([row[:-1] for row in cells], width)):
        lines = _write_columns(cells, widths, colour_of, width)
    else:
        lines = _write_stacked(cells, width, colour_of)
    return "\n".join(lines)


def write_item(text: str, width: int | None = None) -> str:
    """Write an item of a list; addresses, commands and names of files stay whole."""
    return "\n".join(_wrap(show(text), min(width or _WIDEST_TEXT, _WIDEST_TEXT), "- ", "  "))


def show(text: str) -> str:
    """Leave out what a terminal obeys or cannot show, as names of files may hold it."""
    return " ".join(printable_lines(text)).encode(errors="replace").decode()


_Row = Sequence[Sequence[str]]


def _choose_columns(rows: Sequence[_Row], total: int | None) -> tuple[list[int], frozenset[int]]:
    """Choose the width of each column, and the rows that are too long for these, by number.

    Returns:
        No widths where too few rows would be left as columns.
    """
    longest = [max(len(word) for word in _words(row)) for row in rows]
    for limit in sorted({*longest}, reverse=True):
        broken = frozenset(n for n, length in enumerate(longest) if n and length > limit)
        if len(broken) * 2 >= len(rows) - 1:
            break
        whole = [row for number, row in enumerate(rows) if number not in broken]
        starts = [[*rows[number][:-1], [""]] for number in sorted(broken)]
        for fitting in ([*whole, *starts], whole):
            if widths := _choose_widths(fitting, total):
                return widths, broken
    return [], frozenset()


def _choose_widths(rows: Sequence[_Row], total: int | None) -> list[int]:
    """Choose the width of each column; nothing where they have no room beside each other."""
    columns = list(zip(*rows, strict=True))
    needed = [max(len(line) for cell in column for line in cell) for column in columns]
    gaps = len(_GAP) * (len(columns) - 1)
    if total is None or sum(needed) + gaps <= total:
        return needed
    words = [max(len(word) for word in _words(column)) for column in columns]
    least = [
        needed[0],
        *(
            max(word, min(whole, _NARROWEST_COLUMN))
            for word, whole in zip(words[1:], needed[1:], strict=True)
        ),
    ]
    if sum(least) + gaps > total:
        return []
    # Those that need more than what is left for each get equally much.
    limits = list(zip(least, needed, strict=True))
    shared = max(
        share
        for share in range(total + 1)
        if sum(min(max(share, low), high) for low, high in limits) + gaps <= total
    )
    return [min(max(shared, low), high) for low, high in limits]


def _words(column: Sequence[Sequence[str]]) -> list[str]:
    return [word for cell in column for line in cell for word in line.split()] or [""]


def _write_columns(
    rows: Sequence[_Row],
    widths: Sequence[int],
    colour_of: ColourChoice,
    width_below: int | None = None,
    broken: Collection[int] = (),
) -> list[str]:
    """Write columns; cells beyond them go below their row, as wide as the terminal.

    So does the last cell of a broken row; one that is too long elsewhere stands as a block.
    """
    lines = []
    for number, row in enumerate(rows):
        if number == 0 and not any(map("".join, row)):
            continue
        own_widths = widths[:-1] if number in broken else widths
        too_long = any(
            len(word) > width
            for cell, width in zip(row, own_widths, strict=False)
            for line in cell
            for word in line.split()
        )
        if number in broken and (too_long or any(rows[0][-1])):
            lines += _write_block(rows[0], row, width_below, partial(colour_of, number, 0))
            continue
        cells = [
            [part for line in cell for part in _wrap(line, width)]
            for cell, width in zip(row, own_widths, strict=False)
        ]
        colours = [colour_of(number, column, "\n".join(cell)) for column, cell in enumerate(row)]
        for height in range(max(map(len, cells))):
            parts = [cell[height] if height < len(cell) else "" for cell in cells]
            padded = [
                _paint(part, colour) + " " * (width - len(part))
                for part, width, colour in zip(parts, own_widths, colours, strict=False)
            ]
            lines.append(_GAP.join(padded).rstrip())
        below = [line for cell in row[len(own_widths) :] for line in cell]
        lines += _write_below(below, width_below)
    return lines


def _write_stacked(rows: Sequence[_Row], width: int | None, colour_of: ColourChoice) -> list[str]:
    """Write each row as a block."""
    heading = colour_of(0, 0, "".join(rows[0][0]))

    def choose(number: int, text: str) -> str:
        return colour_of(number, 0, text) or heading

    blocks = (
        _write_block(rows[0], row, width, partial(choose, number))
        for number, row in enumerate(rows[1:], 1)
    )
    return [line for block in blocks for line in block]


def _write_block(
    heading: _Row, row: _Row, width: int | None, choose_colour: Callable[[str], str]
) -> list[str]:
    """Write the first cell of a row on a line, and below it the others with their headings."""
    first, *others = row
    colour = choose_colour(first[0])
    lines = [_paint(part, colour) for line in first if line for part in _wrap(line, width)]
    own_indent = first[0][: len(first[0]) - len(first[0].lstrip())]
    for label, cell in zip(map("".join, heading[1:]), others, strict=True):
        name = f"{label}: " if label else ""
        texts = [f"{name}{line.strip()}" for line in cell if line]
        lines += _write_below(texts, width, own_indent)
    return lines


def _write_below(texts: Sequence[str], width: int | None, own_indent: str = "") -> list[str]:
    """Write texts below a row, deeper than it begins."""
    first, further = own_indent + _INDENT, own_indent + _INDENT * 2
    return [line for text in texts if text for line in _wrap(text, width, first, further)]


def _wrap(text: str, width: int | None, first: str = "", further: str = "") -> list[str]:
    """Break a text between words; a word that is too long stays whole, to be copied."""
    if width is None:
        return [f"{first}{text}"]
    wrapper = textwrap.TextWrapper(
        max(width, 1),
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.wrap(text) or [""]


def _paint(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and text else text
