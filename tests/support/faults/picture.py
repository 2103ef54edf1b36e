"""Draw the matrix of single faults: how many requests of each flow met each mode."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from support.paths import ROOT

#: What the picture and the tables of `scripts/soak faults` are made of: a JSON object in each line.
FIGURES = ROOT / "build" / "faults" / "figures.jsonl"

_LEFT, _TOP, _WIDTH, _HEIGHT = 230, 64, 124, 22
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.cell { fill: #d5f2dd } .broken { fill: #f7c6c4 } .none { fill: #eff1f3 }
.number { text-anchor: middle } .title { font-weight: 600 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .cell { fill: #1c4428 } .broken { fill: #67201d } .none { fill: #21262d }
}
"""


def draw_matrix(singles: Sequence[Mapping[str, object]]) -> str:
    """Draw the figures of single faults as an SVG image for light and dark pages.

    Args:
        singles: Flow, mode and whether something was broken, of each case.
    """
    flows = list(dict.fromkeys(str(case["flow"]) for case in singles))
    modes = list(dict.fromkeys(str(case["mode"]) for case in singles))
    width, height = _LEFT + _WIDTH * len(flows), _TOP + _HEIGHT * (len(modes) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{_describe(singles)}</title><style>{_STYLE}</style>",
        f'<text x="0" y="18" class="title">{_describe(singles)}</text>',
    ]
    for column, flow in enumerate(flows):
        middle = _LEFT + _WIDTH * (column + 0.5)
        parts.append(f'<text x="{middle}" y="{_TOP - 8}" class="number">{escape(flow)}</text>')
    for row, mode in enumerate(modes):
        top = _TOP + _HEIGHT * row
        parts.append(f'<text x="0" y="{top + 15}">{escape(mode)}</text>')
        for column, flow in enumerate(flows):
            cases = [case for case in singles if (case["flow"], case["mode"]) == (flow, mode)]
            kind = "broken" if any(case["broken"] for case in cases) else "cell"
            left = _LEFT + _WIDTH * column
            parts.append(
                f'<rect x="{left + 1}" y="{top + 1}" width="{_WIDTH - 2}" height="{_HEIGHT - 2}" '
                f'rx="3" class="{kind if cases else "none"}"/>'
                f'<text x="{left + _WIDTH / 2}" y="{top + 15}" class="number">{len(cases)}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])


def _describe(singles: Sequence[Mapping[str, object]]) -> str:
    broken = sum(bool(case["broken"]) for case in singles)
    return (
        f"{len(singles)} single faults, made good by one rerun: {len(singles) - broken}. "
        "In each cell: how many requests of the flow met the fault."
    )
