"""Text from anywhere without what a terminal or the runner obeys and no reader sees; pure.

Control characters, escape sequences, marks that turn the direction of writing, and characters
without a shape let a text look like another one. Joiners stay where scripts and emoji need them.
"""

import json
import re

#: What the runner, a terminal or a log viewer may take for the end of a line.
_LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
#: The older form of a workflow command, which the runner finds anywhere in a line.
_OLD_COMMAND = re.compile(r"##\[")
_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, movements
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, links and other strings
)
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # without a shape
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # without a shape, and directions
    "\ufff0-\ufffb"  # not assigned, and annotations between lines
    "\ufe00-\ufe0d\U000e0000-\U000e0fff"  # tags, and selectors that can carry a hidden text
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # of rare scripts
    "]"
)
#: Of emoji, where there is nothing that they could select.
_SELECTORS = re.compile("(?<![^\x00-\x7f\ufe00-\ufe0f\u200c\u200d])[\ufe0e\ufe0f]")
#: Where there is nothing that they could join, and all but the first of them.
_JOINERS = re.compile(
    "(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]"
    "|[\u200c\u200d](?![\u200c\u200d]*[^\x00-\x7f\u200c\u200d])"
)
#: In this order: what one removes can be what a later one would stand beside.
_REMOVED = (_SEQUENCES, _UNSEEN, _SELECTORS, _JOINERS)


def printable(text: str) -> str:
    """Remove all of that; tabs stay, and every kind of line end becomes a newline."""
    return "\n".join(printable_lines(text))


def printable_lines(text: str) -> list[str]:
    """Split text wherever a reader might break it, and remove all of that from each line."""
    return [_printable_line(line) for line in _LINE_BREAKS.split(text)]


def _printable_line(line: str) -> str:
    for pattern in _REMOVED:
        line = pattern.sub("", line)
    return _OLD_COMMAND.sub("## [", line)


def json_line(document: object) -> str:
    """Write JSON in one line that a runner takes for no command of its older form."""
    return json.dumps(document).replace("##[", "##\\u005b")
