"""Parsers of what indexes and Google answer, and of what packages say of themselves."""

import json
from typing import Any

from hypothesis import strategies as st
from packaging.metadata import ExceptionGroup
from packaging.version import Version

from dist_actions.dependencies.metadata import Metadata, parse_metadata
from dist_actions.dependencies.offered_files import parse_file_name
from dist_actions.dependencies.reported_versions import (
    ReportedVersions,
    parse_package,
    parse_reported_versions,
)
from dist_actions.distributions.pypi_rules.acceptance import read_sent_metadata
from dist_actions.services.index.simple_page import (
    MISFITS,
    IndexedFile,
    parse_project_list,
    parse_simple_page,
)
from dist_actions.versions.parsing import parse_version
from support.parsers.annotated_types import check_types
from support.parsers.parser import Parser
from support.parsers.texts import damaged, decoded, json_texts, texts

_PAGE = "https://index.example.com/p/r/simple/demo/"
_FILE = {
    "filename": "demo-1.0-py3-none-any.whl",
    "url": "../../demo-1.0-py3-none-any.whl",
    "hashes": {"sha256": "a1" * 32},
    "yanked": "broken",
    "core-metadata": {"sha256": "b2" * 32},
}
_TYPES = st.sampled_from(
    ["text/html", "application/vnd.pypi.simple.v1+json", "application/json; charset=x", "", "x/y"]
)
_HTML = texts(
    [
        "<html>",
        "<body>",
        '<a href="demo-1.0.tar.gz#sha256=' + "a1" * 32 + '">',
        "</a>",
        "<!--",
        '<a data-yanked href="',
        "//[",
        "http://[::1",
        "javascript:x",
        "../" * 9,
        '">',
        "<![CDATA[",
        "<!DOCTYPE html>",
        "<form>",
        "<script>",
        "&#1114112;",
        "&lt",
        "%2F..%2F",
        "\x00",
        "<?",
        "<![",
    ]
)

_METADATA = texts(
    [
        "Metadata-Version: 2.4\n",
        "Metadata-Version: x\n",
        "Name: demo\n",
        "Version: 1.0\n",
        "Requires-Dist: a>=1\n",
        "Requires-Python: >=3.10\n",
        "Requires-Dist: a; python_version < '3'\n",
        "\n",
        "==",
        "Requires-Dist: a[b] @ https://a.example.com\n",
        "Classifier: x\n",
        ";",
        "a ~= 1",
        "Requires-Dist: ",
        "(" * 50,
        "9" * 5000,
        "extra == 'x' or ",
        "\r\n",
        "=?utf-8?b?",
    ]
).map(lambda text: text.encode("utf-8", errors="surrogatepass"))


def _read_page(value: tuple[str, str]) -> tuple[IndexedFile, ...]:
    parse_project_list(*value)
    return parse_simple_page(*value, _PAGE)


def _has_files(_value: tuple[str, str], files: tuple[IndexedFile, ...]) -> None:
    check_types(files)
    for file in files:
        assert file.sha256 is None or len(file.sha256) == 64


def _json_page(data: Any) -> tuple[str, str]:
    return "application/json", json.dumps(data)


def _read_metadata(data: bytes) -> Metadata:
    return parse_metadata(data, "demo-1.0-py3-none-any.whl")


def _can_be_compared(_data: bytes, metadata: Metadata) -> None:
    check_types(metadata)
    for _, _, requirement in metadata.by_project:
        requirement.specifier.contains(Version("1.0"))
        assert str(requirement)


def _is_the_rest(_text: str, reported: ReportedVersions) -> None:
    check_types(reported)
    assert json.loads(reported.to_json()) == {
        name: str(version) for name, version in reported.versions.items()
    }
    reported.describe(), reported.table(), reported.without("demo")


PARSERS = (
    Parser(
        "index pages",
        (parse_simple_page, parse_project_list),
        st.one_of(
            st.tuples(_TYPES, _HTML),
            st.tuples(_TYPES, json_texts(damaged({"files": [_FILE]}))),
            damaged({"files": [_FILE], "projects": [{"name": "demo"}]}).map(_json_page),
        ),
        _read_page,
        _has_files,
        refusals=MISFITS,
        from_bytes=lambda data: (
            "text/html" if data[:1] < b"\x80" else "application/json",
            decoded(data[1:]),
        ),
        seeds=(
            b'h<html><a href="a-1.0.tar.gz#sha256=00" data-yanked="">a</a></html>',
            b"\xff" + json.dumps({"files": [_FILE]}).encode(),
        ),
    ),
    Parser(
        "core metadata",
        (parse_metadata,),
        _METADATA,
        _read_metadata,
        _can_be_compared,
        from_bytes=lambda data: data,
    ),
    Parser(
        "sent metadata",
        (read_sent_metadata,),
        _METADATA,
        read_sent_metadata,
        refusals=(ExceptionGroup,),
        from_bytes=lambda data: data,
    ),
    Parser(
        "file names",
        (parse_file_name,),
        texts(
            ["demo", "-1.0", "-py3", "-none-any", ".whl", ".tar.gz", ".zip", "-", ".py2", "1!", "_"]
        ),
        parse_file_name,
        from_bytes=decoded,
    ),
    Parser(
        "version numbers",
        (parse_version,),
        st.one_of(texts(["1", "!", ".", "rc", "+", "v"]), st.integers(0, 10_000).map("9".__mul__)),
        parse_version,
        from_bytes=decoded,
    ),
    Parser(
        "reported versions",
        (parse_reported_versions, parse_package),
        json_texts(damaged({"demo": "1.0", "Other.Name": "2026.1", "x": "01.0"})),
        parse_reported_versions,
        _is_the_rest,
        from_bytes=decoded,
    ),
)
