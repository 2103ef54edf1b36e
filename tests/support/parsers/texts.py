"""Texts for parsers: what attackers write, what nearly fits, and what is long."""

import copy
import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from support.stages.hostile_texts import COMMANDS, PAYLOADS

#: Repetitions by which a parser shows that its time grows faster than its input.
_MOST_REPETITIONS = 3_000
HOSTILE = st.sampled_from([*PAYLOADS.values(), *COMMANDS.values()])
#: Any text, lone surrogates too, as the environment and JSON can hold them.
ANY_TEXT = st.one_of(st.text(st.characters(exclude_categories=())), HOSTILE)


def sentences(pieces: Iterable[str], longest: int = 12) -> st.SearchStrategy[str]:
    """Join pieces of a language in any order, with nonsense between them."""
    piece = st.one_of(st.sampled_from(sorted(pieces)), st.sampled_from(sorted(pieces)), ANY_TEXT)
    return st.lists(piece, max_size=longest).map("".join)


@st.composite
def repeated(draw: st.DrawFn, pieces: Iterable[str]) -> str:
    """Repeat a piece very often, between two others: what makes a careless pattern slow."""
    piece = st.sampled_from(sorted(pieces))
    short = st.lists(piece, max_size=3).map("".join)
    count = draw(st.integers(2, _MOST_REPETITIONS))
    return draw(short) + draw(short) * count + draw(short)


def texts(pieces: Iterable[str]) -> st.SearchStrategy[str]:
    """Make texts of a language from its pieces: sound, nearly sound, long, nonsense."""
    words = tuple(pieces)
    return st.one_of(sentences(words), sentences(words), repeated(words), ANY_TEXT)


def json_values(keys: Iterable[str], scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make JSON values with the keys of a format; `scalars` are the values that it knows."""
    key = st.one_of(st.sampled_from(sorted(keys)), st.sampled_from(sorted(keys)), ANY_TEXT)
    leaf = st.one_of(
        scalars, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), ANY_TEXT
    )
    return st.recursive(
        leaf,
        lambda below: st.one_of(
            st.lists(below, max_size=4), st.dictionaries(key, below, max_size=8)
        ),
        max_leaves=25,
    )


#: JSON texts that are valid, and that a reader must not fall over.
EXTREME_JSON = st.sampled_from(
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "9" * 5_000,
        "-1e999999",
        "NaN",
        "\ufeff{}",
        '"\\ud800"',
        "{} {}",
        "",
    ]
)


def json_texts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    """Write JSON values, and texts that are nearly JSON."""
    written = values.map(json.dumps)
    cut = st.tuples(written, st.integers(0, 200)).map(lambda pair: pair[0][: pair[1]])
    return st.one_of(written, written, cut, EXTREME_JSON, ANY_TEXT)


def decoded(data: bytes) -> str:
    """Read a fuzzer's bytes as text; what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", errors="surrogateescape")


_REMOVED = object()
_NONSENSE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, 2**63, -1, 0, 1e400, [], {}, [None], {"": None}]),
    ANY_TEXT,
)


@st.composite
def damaged(draw: st.DrawFn, *sound: Any) -> Any:
    """Take a sound JSON value, and remove or replace some of its parts."""
    value = [copy.deepcopy(draw(st.sampled_from(sound)))]
    for _ in range(draw(st.integers(0, 3))):
        holder, key = draw(st.sampled_from(_places(value)))
        replacement = draw(st.one_of(_NONSENSE, st.just(_REMOVED)))
        if replacement is _REMOVED and len(holder) and holder is not value:
            del holder[key]
        elif replacement is not _REMOVED:
            holder[key] = copy.deepcopy(replacement)
        if not _places(value):
            break
    return value[0]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """List every place in a JSON value: what holds it, and its key or index there."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    return [place for key in keys for place in [(value, key), *_places(value[key])]]
