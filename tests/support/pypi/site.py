"""PyPI's own site, whose uploads have a host of their own."""

from urllib.parse import urlsplit

from twine.utils import DEFAULT_REPOSITORY

DOMAIN = str(urlsplit(DEFAULT_REPOSITORY).hostname).partition(".")[2]
SITE = f"https://{DOMAIN}"
