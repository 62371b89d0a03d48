"""The learning bulletin in a browser: begun from the quarter, written plainly, published, read, and printed (R33)."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from saferpractice.evidence.models import Bulletin
from tests.conftest import TestClock
from tests.factories.bulletins import AFTER, QUARTER, a_bulletin
from tests.factories.changes import a_live_change
from tests.factories.supervision import WORDING, a_point
from tests.journeys.hands import Hands, status_of
from tests.personas import build_cast

pytestmark = pytest.mark.requirement("R33")
HARD = (
    "Notwithstanding the considerable organisational complexity encountered by multidisciplinary practitioners, "
    "consultation arrangements necessitate comprehensive documentation of individual circumstances."
)


@pytest.fixture(autouse=True)
def after_the_quarter(the_clock: TestClock) -> None:
    the_clock.stand_at(AFTER)


def test_a_bulletin_is_written_published_read_and_printed(live_site: object, browse: Callable[..., Page]) -> None:
    cast = build_cast()
    a_point(cast, source=a_live_change(cast, monday="Ring Dale Marlow at two signs."))

    quill = Hands(browse(as_=cast.quality_lead)).open("/work").open("/bulletins").sees("No bulletin yet")
    quill.looks("bulletins-none").press(f"Write {QUARTER.short}")
    expect(quill.page.get_by_label("What we learned")).to_have_value(WORDING)
    expect(quill.page.get_by_label("What is different now")).to_have_value("Ring [name removed] at two signs.")
    quill.looks("bulletin-write")
    quill.write("What we learned", HARD).write("What is different now", "Wren Ashdown rings the boss on duty now.")
    quill.choose_alone("I read every word of it").press("Publish the bulletin")
    quill.is_told("This reads like a text for people of", "“Wren Ashdown” (name)").looks("bulletin-refused")
    assert not Bulletin.objects.exists()
    expect(quill.page.get_by_label("What we learned")).to_have_value(HARD)
    quill.write("What we learned", "We look for five signs.\nAt two signs we ring the boss on duty.")
    quill.write("What is different now", "The form now asks five things each time we call.")
    quill.press("Publish the bulletin").is_told("The bulletin is published").looks("bulletin")
    bulletin = Bulletin.objects.get()
    assert bulletin.decided_by == cast.quality_lead

    wren = Hands(browse(as_=cast.worker, width=375)).open("/bulletins").looks().follow(QUARTER.label)
    wren.sees("We look for five signs.", "The form now asks five things each time we call.").looks("bulletin-read")
    expect(wren.page.get_by_role("button", name="Write a later edition")).to_have_count(0)
    assert status_of(wren.page, f"/bulletins/write/{QUARTER.code}") == 404
    for outside in (cast.commissioner, cast.stranger):
        assert status_of(browse(as_=outside), f"/bulletins/{bulletin.pk}") == 404

    quill.page.emulate_media(media="print")
    for name in ("Write a later edition", "Back to the learning bulletins"):
        expect(quill.page.get_by_text(name)).to_be_hidden()
    quill.sees("We look for five signs.")
    with pikepdf.open(io.BytesIO(quill.page.pdf(format="A4"))) as printed:
        assert len(printed.pages) == 1


def test_by_keyboard_and_without_scripts(live_site: object, browse: Callable[..., Page]) -> None:
    """A later edition stands in the place of the earlier one, which says so."""
    cast = build_cast()
    first = a_bulletin(cast)
    page = browse(as_=cast.quality_lead, javascript=False)
    page.goto(f"/bulletins/{first.pk}")
    page.get_by_role("button", name="Write a later edition").press("Enter")
    page.get_by_label("What we ask of you").press_sequentially("Ring first.")
    page.get_by_label("I read every word of it").press("Space")
    page.get_by_role("button", name="Publish the bulletin").press("Enter")
    expect(page.get_by_text("Ring first.")).to_be_visible()
    page.goto(f"/bulletins/{first.pk}")
    page.get_by_role("link", name="Read that one").press("Enter")
    expect(page.get_by_text("Ring first.")).to_be_visible()
    assert Bulletin.objects.count() == 2
