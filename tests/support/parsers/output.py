"""Texts from anywhere on their way to the log, outputs, summaries and Markdown."""

import io
import re
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dist_actions.identity.secret import Secret
from dist_actions.markdown import code, escape, prose, table
from dist_actions.printable import printable, printable_lines
from dist_actions.release.github_release.markdown_rewriting import rewritten
from dist_actions.services.runner import Runner
from support.parsers.parser import Parser, check_printed
from support.parsers.texts import decoded, texts
from support.stages.runner_model import find_commands, parse_file_commands

_TEXTS = texts(
    [
        "::",
        "set-output name=a",
        "##[",
        "]",
        "\r",
        "\n",
        "\x1b[31m",
        "\u202e",
        "%0A",
        "a",
        " ",
        "\u2028",
        "\ufeff",
        "\u200d",
        "👩",
        "`",
        "@user",
        "<b>",
        "|",
        "[a](b)",
        "#1",
        "![x](y)",
        "\\",
    ]
)
_SECRET = "a-secret-of-some-length"


def _log(text: str) -> str:
    stream = io.StringIO()
    runner = Runner(stream)
    runner.mask(Secret(_SECRET))
    begin = len(stream.getvalue())
    runner.log(text)
    logged = stream.getvalue()[begin:]
    runner.annotate("warning", text, title=text)
    return logged


def _obeys_nothing(_text: str, logged: str) -> None:
    assert find_commands(logged) == []
    assert _SECRET not in logged
    check_printed(logged)


def _set_outputs(text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "output")
        Runner(io.StringIO(), output_file=file).set_outputs({"before": "x", "a": text, "b": "y"})
        values = parse_file_commands(file.read_bytes().decode("utf-8"))
    assert set(values) == {"before", "a", "b"}
    assert (values["before"], values["b"]) == ("x", "y")
    return values["a"]


def _is_shown_literally(text: str, shown: str) -> None:
    """Assert that Markdown, as GitHub reads it, has no tag, link or mention in it."""
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(f"x {shown}")
    assert set(re.findall(r"</?([a-z0-9]+)", html)) <= {
        "p",
        "code",
        "em" if "<em>" in text else "p",
    }
    assert not re.search(r"@[A-Za-z0-9]", re.sub(r"<code>.*?</code>", "", html))


def _mark_down(text: str) -> str:
    cells = table(["a"], [[escape(text)], [code(text)]])
    assert len(cells.splitlines()) == 4
    return f"{escape(text)} {prose(text)} {code(text)}"


def _is_printable(_text: str, lines: list[str]) -> None:
    for line in lines:
        check_printed(line)
    again = [each for line in lines for each in printable_lines(line)]
    assert again == lines


PARSERS = (
    Parser(
        "log",
        (Runner.log,),
        st.one_of(_TEXTS, st.just(_SECRET)),
        _log,
        _obeys_nothing,
        from_bytes=decoded,
    ),
    Parser("outputs", (Runner.set_outputs,), _TEXTS, _set_outputs, from_bytes=decoded),
    Parser(
        "printable texts",
        (printable, printable_lines),
        _TEXTS,
        printable_lines,
        _is_printable,
        from_bytes=decoded,
    ),
    Parser(
        "Markdown",
        (escape, prose, code),
        _TEXTS,
        _mark_down,
        _is_shown_literally,
        from_bytes=decoded,
    ),
    Parser("rewritten Markdown", (rewritten,), _TEXTS, rewritten, from_bytes=decoded),
)
