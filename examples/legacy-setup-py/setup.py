"""The whole configuration of a project that has no pyproject.toml."""

import re
from pathlib import Path

from setuptools import setup

MODULE = Path(__file__).with_name("MyLib") / "MyLib.py"
VERSION = re.search(r'^__version__ = "(.+)"$', MODULE.read_text(encoding="utf-8"), re.MULTILINE)

setup(
    name="MyLib",
    version=VERSION.group(1),
    description="A project with setup.py, whose version stands in a module.",
    packages=["MyLib"],
    python_requires=">=3.10",
    classifiers=[
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.13",
    ],
)
