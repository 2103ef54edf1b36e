"""docs/rehearsing.md knows the command's arguments, and what a rehearsal brings along."""

import argparse
import re

from dist_sandbox.rehearse.actions.replaced import STAND_INS_FOLDER
from dist_sandbox.rehearse.options import add_arguments
from support.documentation.pages import page

REHEARSING = page("docs/rehearsing.md")


def test_every_argument_is_explained_and_no_other() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    known = {option for action in parser._actions for option in action.option_strings}
    table = re.findall(r"^\| (.*?) \|", REHEARSING.section("Arguments"), re.MULTILINE)
    explained = set(re.findall(r"--[a-z-]+", " ".join(table)))
    assert explained == known


def test_the_stand_ins_are_named() -> None:
    folders = {path.parent.name for path in STAND_INS_FOLDER.glob("*/action.yml")}
    table = REHEARSING.section("What cannot be played")
    assert [name for name in folders if not re.search(rf"[`/]{name}`", table)] == []
