"""Draw the badge that says in a few words whether packages need a look; pure."""

from html import escape

from dist_actions.commands.status.organisation.packages import OrganisationStatus
from dist_actions.printable import printable

_LABEL = "packages"
#: Colours that white text is readable on.
_GOOD, _WARNING, _BAD = "#1a7f37", "#8a5a00", "#c21d2b"
_HEIGHT, _PADDING = 20, 7
#: Widths of characters of the badge's font, in pixels; all others are as wide as `a`.
_WIDTHS = {**dict.fromkeys("ijl.,:;|' ", 3.6), **dict.fromkeys("mwMW", 10.0)}
_USUAL_WIDTH = 6.8


def render_badge(status: OrganisationStatus) -> str:
    """Draw the badge as SVG."""
    counts = [
        (status.count("drift"), "with drift"),
        (status.count("blocked"), "blocked"),
        (status.count("unknown"), "not readable"),
        (status.count("waiting"), "waiting"),
    ]
    colour = _BAD if any(number for number, _ in counts[:3]) else _WARNING
    if not any(number for number, _ in counts):
        colour = _GOOD
    words = ", ".join(f"{number} {text}" for number, text in counts if number) or "up to date"
    message = f"{len(status.packages)}: {words}"
    left, right = (round(_measure(text) + 2 * _PADDING) for text in (_LABEL, message))
    title = escape(printable(f"{status.title}: {_LABEL} {message}"))
    font = 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" '
        f'role="img" aria-label="{title}"><title>{title}</title>'
        f'<clipPath id="r"><rect width="{left + right}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{_HEIGHT}" fill="#3d444d"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{colour}"/></g>'
        f'<g text-anchor="middle" {font}>'
        f'<text x="{left / 2}" y="14">{_LABEL}</text>'
        f'<text x="{left + right / 2}" y="14">{message}</text></g></svg>\n'
    )


def _measure(text: str) -> float:
    return sum(_WIDTHS.get(character, _USUAL_WIDTH) for character in text)
