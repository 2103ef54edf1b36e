"""Tells in the log which variables a build backend sees."""

import os

from setuptools import setup

print("BACKEND SEES", *sorted(os.environ))
setup()
