"""A drawing that comes as text may draw, and nothing else."""

from __future__ import annotations

import pytest

from saferpractice.design.drawn import NotADrawing, drawing
from tests.factories.packs_drawn import every_chart

pytestmark = pytest.mark.requirement("R32")

START = '<svg xmlns="http://www.w3.org/2000/svg">'


@pytest.mark.parametrize("svg", every_chart())
def test_what_the_product_draws_may_stand_in_a_page(svg: str) -> None:
    assert drawing(svg) == svg


@pytest.mark.parametrize(
    ("svg", "why"),
    [
        (f"{START}<script>alert(1)</script></svg>", "no script"),
        (f'{START}<image href="https://example.org/x.png"/></svg>', "no image"),
        (f'{START}<use href="#a"/></svg>', "no use"),
        (f"{START}<style>*{{}}</style></svg>", "no style"),
        (f'{START}<a href="https://example.org"><text>x</text></a></svg>', "no a"),
        (f"{START}<foreignObject/></svg>", "no foreignObject"),
        (f'{START}<animate attributeName="x"/></svg>', "no animate"),
        (f'{START}<rect onclick="alert(1)"/></svg>', "no onclick"),
        (f'{START}<rect ONLOAD="alert(1)"/></svg>', "no ONLOAD"),
        (f'{START}<rect style="fill:red"/></svg>', "no style"),
        (f'{START}<rect fill="url(https://example.org/a.svg#b)"/></svg>', "no fill"),
        (f'{START}<rect fill="URL( //example.org)"/></svg>', "no fill"),
        (f'{START}<rect class="javascript:alert(1)"/></svg>', "no class"),
        ('<svg xmlns:xlink="http://www.w3.org/1999/xlink"><rect xlink:href="#a"/></svg>', "no xlink:href"),
        (f'<!DOCTYPE svg [<!ENTITY a "b">]>{START}</svg>', "declares nothing"),
        (f'<?xml-stylesheet href="a.css"?>{START}</svg>', "declares nothing"),
        (f"{START}<g></svg>", "not well formed"),
        (f"{START}</svg><svg/>", "not well formed"),
        (f"{START}&nbsp;</svg>", "not well formed"),
        (f"{START}<text>\x01</text></svg>", "not well formed"),
        ("", "not well formed"),
        ("<g/>", "begins with svg"),
        ("<!-- first --><svg/>", "begins with svg"),
    ],
)
def test_what_does_more_is_refused(svg: str, why: str) -> None:
    with pytest.raises(NotADrawing, match=why):
        drawing(svg)


def test_a_gradient_or_a_clip_of_its_own_is_no_outside_address() -> None:
    svg = f'{START}<defs><clipPath id="c"><rect/></clipPath></defs><g clip-path="url(#c)"><rect/></g></svg>'
    assert drawing(svg) == svg
