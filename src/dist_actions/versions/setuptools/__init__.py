"""Versions of projects that setuptools builds."""
