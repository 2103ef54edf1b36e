"""Render a self-contained page: values in, one text out.

Every text is cleaned and escaped, whatever template shows it. The page loads nothing: styles,
script and pictures are in it, and its policy lets no browser fetch more.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dist_actions.printable import printable

_SHARED = Path(__file__).parent


def render(
    folder: Path,
    values: Mapping[str, object],
    *,
    filters: Mapping[str, Callable[..., Any]],
    clean: Callable[[Any], Any],
) -> str:
    """Render the page of a folder that holds `page.html`, `page.css` and `page.js`.

    Args:
        folder: Where its parts are.
        values: What its template shows.
        filters: What its template calls.
        clean: As `cleaner` makes it.
    """
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= dict(filters)
    styles = _read(_SHARED / "base.css") + _read(folder / "page.css")
    script = _read(folder / "page.js")
    page = templates.get_template("page.html").render(
        **values, styles=styles, script=script, policy=_write_policy(styles, script)
    )
    return page.lstrip()


def cleaner(hide: Callable[[str], str] = lambda text: text) -> Callable[[Any], Any]:
    """Make what hides credentials in texts and cleans them; what a page made is left as it is."""

    def clean(value: Any) -> Any:
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return printable(hide(value).encode("utf-8", "replace").decode("utf-8"))

    return clean


def count(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _read(file: Path) -> Markup:
    """Read a part of the page that is ours."""
    return Markup(file.read_text(encoding="utf-8"))  # noqa: S704


def _write_policy(styles: str, script: str) -> str:
    """Write the policy by which a browser loads and runs nothing but these two texts.

    Spec: https://www.w3.org/TR/CSP3/#framework-directive-source-list
    """
    return (
        f"default-src 'none'; style-src '{_digest(styles)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
