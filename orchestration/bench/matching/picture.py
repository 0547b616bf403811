"""The reliability curve as an SVG: how often a probability was right, and how many answers had it."""

from collections.abc import Sequence
from typing import Final

from orchestration.bench.matching.measures import Bin

_SIZE: Final = 420
_EDGE: Final = 50


def draw_reliability(title: str, curve: Sequence[Bin]) -> str:
    """An SVG document. The dashed line is what perfect calibration would give; circles grow with the count."""
    most = max((one.count for one in curve), default=1)
    points = [(_across(one.mean_probability), _up(one.share_right), one) for one in curve]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    circles = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + 6 * (one.count / most) ** 0.5:.1f}" fill="#2563eb" '
        f'fill-opacity="0.6"><title>{one.count} answers, {one.share_right:.3f} right</title></circle>'
        for x, y, one in points
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" font-family="sans-serif" '
        f'font-size="12"><rect width="{_SIZE}" height="{_SIZE}" fill="white"/>'
        f'<text x="{_EDGE}" y="24" font-size="14">{_escaped(title)}</text>{_axes()}'
        f'<polyline points="{line}" fill="none" stroke="#2563eb" stroke-width="1.5"/>{circles}</svg>\n'
    )


def _axes() -> str:
    marks = "".join(
        f'<text x="{_across(at / 5):.0f}" y="{_SIZE - _EDGE + 18}" text-anchor="middle">{at / 5:g}</text>'
        f'<text x="{_EDGE - 8}" y="{_up(at / 5) + 4:.0f}" text-anchor="end">{at / 5:g}</text>'
        for at in range(6)
    )
    side = _SIZE - 2 * _EDGE
    return (
        f'<rect x="{_EDGE}" y="{_EDGE}" width="{side}" height="{side}" fill="none" stroke="#999"/>'
        f'<line x1="{_across(0)}" y1="{_up(0)}" x2="{_across(1)}" y2="{_up(1)}" stroke="#999" stroke-dasharray="4"/>'
        f'{marks}<text x="{_SIZE / 2}" y="{_SIZE - 12}" text-anchor="middle">probability</text>'
        f'<text x="16" y="{_SIZE / 2}" text-anchor="middle" transform="rotate(-90 16 {_SIZE / 2})">share right</text>'
    )


def _across(share: float) -> float:
    return _EDGE + share * (_SIZE - 2 * _EDGE)


def _up(share: float) -> float:
    return _SIZE - _EDGE - share * (_SIZE - 2 * _EDGE)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
