"""Blocks of code in the documentation are what they claim to be: valid, with options that exist."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable

import pytest
import yaml

from dist_actions import cli as actions_cli
from dist_actions.toml import tomllib
from dist_sandbox import cli as sandbox_cli
from support.documentation.pages import Block, all_pages
from support.paths import ROOT

BLOCKS = [
    pytest.param(block, id=f"{page.path}:{number}")
    for page in all_pages()
    for number, block in enumerate(page.blocks(), start=1)
    if block.language in {"bash", "console", "json", "sh", "toml", "yaml"}
]
PARSERS = {"dist-actions": actions_cli.create_parser, "dist-sandbox": sandbox_cli.create_parser}
READERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
}


def commands(block: Block) -> list[str]:
    """List what a person types: all of a script; the lines after `$` where answers are shown."""
    lines = block.text.replace("\\\n", " ").splitlines()
    typed = [line[2:] for line in lines if line.startswith("$ ")]
    return typed or [line for line in lines if line and not line.startswith("#")]


def problems(block: Block) -> list[str]:
    """Say what is wrong with a block."""
    if block.language in READERS:
        try:
            READERS[block.language](block.text)
        except (ValueError, yaml.YAMLError) as error:
            return [str(error)]
        return []
    script = block.text if block.language != "console" else "\n".join(commands(block))
    checked = subprocess.run(
        ["bash", "-n"], input=script, capture_output=True, text=True, check=False
    )
    if checked.returncode:
        return [checked.stderr]
    return [problem for command in commands(block) for problem in _problems_of(command)]


def _problems_of(command: str) -> list[str]:
    missing = [
        f"{script} is not there"
        for script in re.findall(r"(?<![\w./-])scripts/[\w-]+(?![\w./-])", command)
        if script != "scripts/publish" and not (ROOT / script).is_file()
    ]
    match = re.search(r"(?:^|[ (])(dist-actions|dist-sandbox) (?![&|])([^&|>]+)", command)
    if match is None:
        return missing
    program, arguments = match.groups()
    try:
        PARSERS[program]().parse_args(shlex.split(arguments, comments=True))
    except SystemExit:
        return [*missing, f"{program} does not take: {arguments}"]
    return missing


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_is_valid_and_its_options_exist(block: Block) -> None:
    assert problems(block) == []


@pytest.mark.parametrize(
    "block",
    [
        Block("yaml", "a: [\n"),
        Block("toml", "a = \n"),
        Block("json", "{"),
        Block("bash", "if true\n"),
        Block("console", "$ dist-actions tag format 1.0 --nowhere x\nanswer\n"),
        Block("console", "scripts/nowhere\n"),
    ],
)
def test_what_is_wrong_is_noticed(block: Block) -> None:
    assert problems(block)
