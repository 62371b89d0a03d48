"""The list of training in a browser: what must be learned has the most room in it (R33)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.conftest import TestClock
from tests.factories.changes import a_live_change
from tests.factories.register import a_need
from tests.journeys.hands import Hands
from tests.personas import NOW, build_cast

pytestmark = pytest.mark.requirement("R33")
WHAT = "Write the escalation note within two working hours of the call, with what was tried and who decides next."


def test_what_must_be_learned_has_the_most_room(
    live_site: object, browse: Callable[..., Page], the_clock: TestClock
) -> None:
    the_clock.stand_at(NOW)
    cast = build_cast()
    a_need(a_live_change(cast), by=cast.quality_lead, what=WHAT)
    wren = Hands(browse(as_=cast.worker)).open("/training").sees(WHAT[:60]).looks("training")
    row = wren.page.get_by_role("row").filter(has_text=WHAT[:60])
    widths = [cell.bounding_box() for cell in (row.get_by_role("rowheader"), *row.get_by_role("cell").all())]
    first, *others = [box["width"] for box in widths if box is not None]
    assert first > 1.25 * max(others)
