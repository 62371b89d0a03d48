"""The two icons of a chart, drawn here after what NHS England's Making Data Count icons mean.

H or L gives the direction of a special cause; P, F or ? says whether the target will be met.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from saferpractice.design.charts import INK, QUIET, clean
from saferpractice.design.spc.shapes import CONCERN, IMPROVEMENT, NEUTRAL, Look, n, shape


def variation_icon(look: Look, *, high: bool = False, title: str = "") -> Markup:
    """The icon of variation: H or L over the shape of its points, or a calm wave. Without ``title`` it is hidden from
    screen readers, as words beside it say the same."""
    colour = {Look.CONCERN: CONCERN, Look.IMPROVEMENT: IMPROVEMENT, Look.NEUTRAL: NEUTRAL}.get(look, QUIET)
    if look is Look.ORDINARY:
        inner = f'<path d="M11 28q5-11 10 0t10 0t7-6" fill="none" stroke="{QUIET}" stroke-width="3"/>'
    else:
        inner = _letter(23, "H" if high else "L") + shape(24, 34.5, look, high, 0.9)
    return _icon(colour, inner, title)


def assurance_icon(sign: str, *, title: str = "") -> Markup:
    """The icon of assurance: ``P`` passes, ``F`` fails, ``?`` both, over a target line."""
    colour = {"P": IMPROVEMENT, "F": CONCERN}.get(sign, QUIET)
    rule = f'<path d="M12 34H36" fill="none" stroke="{INK}" stroke-width="2.5" stroke-dasharray="5 3"/>'
    return _icon(colour, _letter(27, sign) + rule, title)


def _icon(colour: str, inner: str, title: str) -> Markup:
    told = f'role="img"><title>{escape(clean(title))}</title>' if title else 'aria-hidden="true">'
    return Markup(
        '<svg class="sp-spc-icon" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48" '
        f'font-family="Arial, sans-serif" {told}<circle cx="24" cy="24" r="21" fill="#ffffff" stroke="{colour}" '
        f'stroke-width="5"/>{inner}</svg>'
    )


def _letter(y: float, text: str) -> str:
    shape = f'<text x="24" y="{n(y)}" fill="{INK}" text-anchor="middle" font-size="18" font-weight="700">'
    return f"{shape}{escape(clean(text))}</text>"
