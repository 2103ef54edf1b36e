"""What the runner, by a model of its own parser, makes of all that we write."""

import base64
import io
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from dist_actions.errors import DistActionsError, Location
from dist_actions.identity.secret import Secret
from dist_actions.markdown import escape
from dist_actions.services.runner import Level, Runner
from support.stages.hostile_texts import COMMANDS, PAYLOADS
from support.stages.runner_model import (
    Annotation,
    find_annotations,
    find_commands,
    parse_file_commands,
)

HOSTILE = {**COMMANDS, **PAYLOADS}


class Written:
    """A runner whose log and files can be read."""

    def __init__(self, folder: Path, *, commands: bool = True, encoding: str = "utf-8") -> None:
        self._raw = io.BytesIO()
        self.output, self.summary = folder / "output", folder / "summary"
        self.runner = Runner(
            io.TextIOWrapper(self._raw, encoding=encoding, write_through=True),
            output_file=self.output,
            summary_file=self.summary,
            commands=commands,
        )
        self._encoding = encoding

    @property
    def log(self) -> str:
        return self._raw.getvalue().decode(self._encoding)


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_in_a_log_line_is_obeyed(written: Written, text: str) -> None:
    written.runner.log(text)

    assert find_commands(written.log) == []


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_in_an_annotation_is_obeyed(written: Written, text: str) -> None:
    location = Location(text, 3)
    written.runner.annotate("error", text, title=text, location=location)

    (command,) = find_commands(written.log)
    (shown,) = find_annotations([command])
    assert (command.name, shown.level, shown.line) == ("error", "error", 3)
    assert "\x1b" not in written.log


def test_an_annotation_arrives_as_it_was_written(written: Written) -> None:
    message = "100% of a, b: c::d\nsecond line"
    location = Location("src/a,b:c%.py", 7)

    written.runner.annotate("warning", message, title="a,b:c", location=location)

    expected = Annotation("warning", "a,b:c", message, "src/a,b:c%.py", 7)
    assert find_annotations(find_commands(written.log)) == [expected]


@pytest.mark.parametrize("level", ["notice", "warning", "error"])
def test_levels(written: Written, level: Level) -> None:
    written.runner.annotate(level, "text")

    assert written.log == f"::{level}::text\n"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_value_is_one_output(written: Written, text: str) -> None:
    written.runner.set_outputs({"tag": text, "created": "false"})

    found = parse_file_commands(written.output.read_bytes().decode())
    assert found.keys() == {"tag", "created"}
    assert found["created"] == "false"


@pytest.mark.parametrize(
    "value", ["", "x", "a\nb", "a\n\nb\n", "EOF\nx=y", "x<<EOF\n1\nEOF", "ghadelimiter"]
)
def test_a_value_arrives_as_it_was_written(written: Written, value: str) -> None:
    written.runner.set_outputs({"tag": value})

    assert parse_file_commands(written.output.read_text()) == {"tag": value}


def test_every_line_of_a_secret_is_masked(written: Written) -> None:
    written.runner.mask(Secret("first%\r\n\nsecond"))

    masks = [(one.name, one.data) for one in find_commands(written.log)]
    assert masks == [("add-mask", "first%"), ("add-mask", "second")]


def test_a_credential_is_masked_in_each_form_and_once(written: Written) -> None:
    token = 'ghs_a+b/"c"_0123456789'
    for _ in range(2):
        written.runner.mask(Secret(token), "user")

    masks = [one.data for one in find_commands(written.log)]
    pair = base64.b64encode(f"user:{token}".encode()).decode()
    assert len(masks) == len(set(masks))
    twice = base64.b64encode(pair.encode()).decode().rstrip("=")
    assert {
        twice,
        token,
        pair,
        token.encode().hex(),
        quote(token, safe=""),
    } <= set(masks)
    assert json.dumps(token)[1:-1] in masks


@pytest.mark.parametrize("length", range(8, 40, 3))
def test_a_part_of_a_credential_is_hidden_at_either_end(written: Written, length: int) -> None:
    """An underscore is where the forms of Markdown and of plain text part."""
    token = "ghs_0123_4567_89ab_cdef_0123_4567_89ab_cdef"
    written.runner.mask(Secret(token), "user")
    for form in (token, escape(token), base64.b64encode(f"user:{token}".encode()).decode()):
        assert written.runner.hide_cut(f"said {form[:length]}, not") == "said ***, not"
        assert written.runner.hide_cut(f"said {form[-length:]}") == "said ***"


def test_a_credential_is_hidden_in_outputs_and_summaries(written: Written) -> None:
    written.runner.mask(Secret("first_line_of_it"))
    written.runner.set_outputs({"tag": "said first_line_of_it"})
    written.runner.add_summary(f"said {escape('first_line_of_it')}")

    assert parse_file_commands(written.output.read_text()) == {"tag": "said ***"}
    assert written.summary.read_text() == "said ***\n"


def test_unseen_characters_do_not_carry_a_credential(written: Written) -> None:
    written.runner.mask(Secret("a-long-secret"))
    written.runner.log("said a-long\u200b-sec\x00ret")

    assert written.log.splitlines()[-1] == "| said ***"


def test_a_summary_is_cut_at_githubs_limit(written: Written) -> None:
    written.runner.add_summary("\u00e9" * 600_000)

    assert len(written.summary.read_bytes()) <= 1024 * 1024
    assert written.summary.read_text(encoding="utf-8").strip("\u00e9") == ""


@pytest.mark.parametrize("is_full", [True, False], ids=["full device", "no folder"])
def test_a_file_that_cannot_be_written(written: Written, tmp_path: Path, is_full: bool) -> None:
    file = Path("/dev/full") if is_full else tmp_path / "missing" / "output"
    runner = Runner(io.StringIO(), output_file=file, summary_file=file)

    with pytest.raises(DistActionsError, match="cannot be written"):
        runner.set_outputs({"tag": "v1"})
    with pytest.raises(DistActionsError, match="cannot be written"):
        runner.add_summary("x")


def test_outside_a_runner_there_are_no_commands(tmp_path: Path) -> None:
    stream = io.StringIO()
    runner = Runner.from_environ({}, stream)

    runner.mask(Secret("secret-value"))
    runner.annotate("error", "broken", location=Location("a.py", 2))
    runner.set_outputs({"tag": "v1"})
    runner.add_summary("# Summary")

    assert stream.getvalue() == "error: a.py:2: broken\ntag=v1\n# Summary\n"


def test_a_log_that_cannot_hold_a_character_goes_on(tmp_path: Path) -> None:
    written = Written(tmp_path, encoding="ascii")

    written.runner.log("caf\u00e9 \udcff")

    assert written.log == "| caf? ?\n"


#: What the model must obey where it is printed bare; a model that found nothing proves nothing.
BARE = (
    "set-output",
    "after a no-break space",
    "after an ideographic space",
    "after a carriage return",
    "after a line feed",
    "old form",
    "form feed",
    "byte order mark",
)


@pytest.mark.parametrize("name", BARE)
def test_the_model_obeys_what_is_printed_bare(name: str) -> None:
    assert [one.name for one in find_commands(COMMANDS[name])] == ["set-output"]


def test_the_model_stops_and_resumes() -> None:
    log = "::stop-commands::x\n::error::a\n::x::\n::error::b\n"

    assert [one.data for one in find_commands(log)] == ["x", "b"]


def test_the_model_refuses_a_file_without_end() -> None:
    with pytest.raises(ValueError, match="delimiter"):
        parse_file_commands("tag<<EOF\nv1\n")


def test_a_masked_credential_is_shown_nowhere(written: Written) -> None:
    secret = Secret("first-line-of-it\nsecond-line")
    written.runner.mask(secret)

    written.runner.log("said first-line-of-it")
    written.runner.annotate("error", "said second-line of first-line-of-it")

    shown = [line for line in written.log.splitlines() if "add-mask" not in line]
    assert shown == ["| said ***", "::error::said *** of ***"]


def test_a_credential_is_hidden_where_no_runner_masks_it(tmp_path: Path) -> None:
    written = Written(tmp_path, commands=False)
    written.runner.mask(Secret("a-long-secret"))

    written.runner.log("said a-long-secret")

    assert written.log == "said ***\n"


def test_what_stands_in_any_text_is_not_hidden(written: Written) -> None:
    written.runner.mask(Secret("a"))

    assert written.runner.hide("a cat") == "a cat"


def test_a_runner_is_found_by_its_variables(tmp_path: Path) -> None:
    files = {
        name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")
    }
    environ = {"GITHUB_ACTIONS": "true", **{name: str(path) for name, path in files.items()}}
    stream = io.StringIO()
    runner = Runner.from_environ(environ, stream)

    runner.log("text")
    runner.set_outputs({"tag": "v1"})
    runner.add_summary("caf\u00e9 \udcff")
    runner.set_variables({"UV_INDEX": "x"})

    assert stream.getvalue() == "| text\n"
    assert parse_file_commands(files["GITHUB_OUTPUT"].read_text()) == {"tag": "v1"}
    assert files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8") == "caf\u00e9 ?\n"
    assert parse_file_commands(files["GITHUB_ENV"].read_text()) == {"UV_INDEX": "x"}


def test_a_runner_reads_commands_unless_it_is_told_otherwise() -> None:
    stream = io.StringIO()

    Runner(stream).log("text")

    assert stream.getvalue() == "| text\n"


def test_changes_are_remembered_in_order() -> None:
    runner = Runner(io.StringIO())
    assert runner.changes == ()

    runner.record_change("create the tag v1")
    runner.record_change("upload a.whl")

    assert runner.changes == ("create the tag v1", "upload a.whl")


def test_no_two_values_end_alike(written: Written) -> None:
    """Who knows the end of a value beforehand could write one more output."""
    written.runner.set_outputs({"a": "1", "b": "2"})

    ends = [line.partition("<<")[2] for line in written.output.read_text().splitlines()[::3]]
    assert len(set(ends)) == 2
    assert all(len(end) > 32 for end in ends)


def test_the_longest_form_is_hidden_first(written: Written) -> None:
    for secret in ("zz-short-form", "a-zz-short-form-b", "zz-short"):
        written.runner.mask(Secret(secret))

    assert written.runner.hide("said a-zz-short-form-b and zz-short") == "said *** and ***"


@pytest.mark.parametrize(("secret", "shown"), [("12345678", "***"), ("1234567", "1234567")])
def test_what_is_long_enough_is_hidden(written: Written, secret: str, shown: str) -> None:
    written.runner.mask(Secret(secret))

    assert written.runner.hide(secret) == shown


def test_every_part_of_a_credential_is_hidden(written: Written) -> None:
    token = "ghs_0123456789abcdefghij"
    written.runner.mask(Secret(token))

    text = f"{token[:12]}, {token[:20]}, {token[:9]} and {token[:16]}"
    assert written.runner.hide_cut(text) == "***, ***, *** and ***"


@pytest.mark.parametrize(
    ("tokens", "text", "shown"),
    [
        (["abcdefgh12345678-x", "12345678-other"], "abcdefgh12345678 rest", "*** rest"),
        (["aaaaaaaab-token"], "aaaaaaaaab-t!", "a***!"),
    ],
    ids=["the begin of another in it", "a begin that repeats itself"],
)
def test_parts_that_overlap_are_hidden_once(
    written: Written, tokens: list[str], text: str, shown: str
) -> None:
    for token in tokens:
        written.runner.mask(Secret(token))

    assert written.runner.hide_cut(text) == shown


def test_a_place_without_a_line_is_the_file(written: Written) -> None:
    written.runner.annotate("error", "broken", location=Location("a.py"))

    assert written.log == "::error file=a.py::broken\n"


def test_outside_a_runner_a_message_may_have_no_place(tmp_path: Path) -> None:
    written = Written(tmp_path, commands=False)

    written.runner.annotate("error", "broken")

    assert written.log == "error: broken\n"


def test_a_cut_summary_ends_with_a_whole_character(written: Written) -> None:
    written.runner.add_summary("x" + "\u00e9" * 600_000)

    assert written.summary.read_text(encoding="utf-8").strip("x\u00e9") == ""
