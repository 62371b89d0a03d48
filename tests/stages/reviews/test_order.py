"""The timeline in the order things happened, however well the time is known, over midnight and both clocks (R10)."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.deadlines.rules import LONDON
from saferpractice.incidents.rules import Precision
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import (
    add_timeline_entry,
    correct_timeline_entry,
    draw_timeline_from_records,
)
from saferpractice.reviews.presenters import entry_rows
from saferpractice.reviews.queries import entries_of
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R10")]

LATER = datetime(2026, 12, 1, 9, tzinfo=UTC)
"""After the clocks changed twice that year: 29 March forward, 25 October back."""


def utc(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


def midnight(day: str) -> datetime:
    """The London midnight a day begins with: what an entry of that day, without a time, is kept as."""
    return datetime.fromisoformat(day).replace(tzinfo=LONDON).astimezone(UTC)


def told(review: Review) -> list[tuple[str, str]]:
    """What the page says, in its order: when, and what."""
    return [(row["when"], row["entry"].what) for row in entry_rows(list(entries_of(review)))]


def write(cast: Cast, review: Review, *entries: tuple[datetime, str, str]) -> None:
    for happened_at, precision, what in entries:
        add_timeline_entry(
            by=cast.reviewer,
            at=LATER,
            review=review,
            happened_at=happened_at,
            precision=precision,
            what=what,
            source="Visit log",
        )


class _Filled(HTMLParser):
    """What a browser would send of the forms of a page as they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        self.within = name if tag == "textarea" else self.within
        chosen = given.get("type") not in {"radio", "checkbox"} or "checked" in given
        if tag == "input" and name and chosen:
            self.sent[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.within:
            self.sent[self.within] = self.sent.get(self.within, "") + data

    def handle_endtag(self, tag: str) -> None:
        self.within = "" if tag == "textarea" else self.within


def filled_in(page: str) -> dict[str, str]:
    reader = _Filled()
    reader.feed(page)
    return reader.sent


ORDERS = {
    "a plain evening": [
        (midnight("2026-03-03"), "day", "Tuesday 3 March 2026, time not known"),
        (utc("2026-03-03T20:59:59"), "exact", "Tuesday 3 March 2026, 8:59pm"),
        (utc("2026-03-03T21:00"), "about", "About Tuesday 3 March 2026, 9pm"),
        (utc("2026-03-03T23:59:59"), "exact", "Tuesday 3 March 2026, 11:59pm"),
        (midnight("2026-03-04"), "day", "Wednesday 4 March 2026, time not known"),
        (utc("2026-03-04T00:00:01"), "exact", "Wednesday 4 March 2026, midnight"),
    ],
    "the night the clocks go forward": [
        (midnight("2026-03-29"), "day", "Sunday 29 March 2026, time not known"),
        (utc("2026-03-29T00:59"), "exact", "Sunday 29 March 2026, 12:59am"),
        (utc("2026-03-29T01:00"), "exact", "Sunday 29 March 2026, 2am"),
        (utc("2026-03-29T22:59"), "exact", "Sunday 29 March 2026, 11:59pm"),
        (midnight("2026-03-30"), "day", "Monday 30 March 2026, time not known"),
    ],
    "the night the clocks go back": [
        (midnight("2026-10-25"), "day", "Sunday 25 October 2026, time not known"),
        (utc("2026-10-25T00:30"), "exact", "Sunday 25 October 2026, 1:30am"),
        (utc("2026-10-25T01:30"), "about", "About Sunday 25 October 2026, 1:30am"),
        (utc("2026-10-25T02:00"), "exact", "Sunday 25 October 2026, 2am"),
        (midnight("2026-10-26"), "day", "Monday 26 October 2026, time not known"),
    ],
    "half past midnight in summer": [
        (midnight("2026-06-30"), "day", "Tuesday 30 June 2026, time not known"),
        (utc("2026-06-30T22:59"), "exact", "Tuesday 30 June 2026, 11:59pm"),
        (midnight("2026-07-01"), "day", "Wednesday 1 July 2026, time not known"),
        (utc("2026-06-30T23:30"), "exact", "Wednesday 1 July 2026, 12:30am"),
    ],
}


@pytest.mark.parametrize("night", ORDERS)
@pytest.mark.parametrize("turned", [False, True])
def test_in_the_order_things_happened_whatever_the_order_of_writing(cast: Cast, night: str, turned: bool) -> None:
    rows = ORDERS[night]
    review = a_review(cast, "B")
    entries = [(at, precision, str(number)) for number, (at, precision, _) in enumerate(rows)]
    write(cast, review, *(reversed(entries) if turned else entries))
    found = told(review)
    assert [what for _, what in found] == [str(number) for number in range(len(rows))]
    for (when, _), (_, _, words) in zip(found, rows, strict=True):
        # At the change back, the words also say which of the two hours it was.
        assert when.startswith(words)


def test_the_two_half_past_ones_are_told_apart(cast: Cast) -> None:
    review = a_review(cast, "B")
    write(
        cast,
        review,
        (utc("2026-10-25T01:30"), "exact", "The second call."),
        (utc("2026-10-25T00:30"), "exact", "The first call."),
    )
    (first, one), (second, two) = told(review)
    assert (one, two) == ("The first call.", "The second call.")
    assert first != second


def test_what_happened_in_the_same_moment_stays_in_the_order_of_writing(cast: Cast) -> None:
    review = a_review(cast, "B")
    moment = utc("2026-03-03T21:00")
    write(cast, review, *((moment, "exact", f"Call {number}") for number in range(5)))
    assert [what for _, what in told(review)] == [f"Call {number}" for number in range(5)]


def test_an_entry_put_right_moves_to_its_time(cast: Cast) -> None:
    review = a_review(cast, "B")
    write(cast, review, (utc("2026-03-03T21:00"), "exact", "A"), (utc("2026-03-03T22:00"), "exact", "B"))
    correct_timeline_entry(
        by=cast.reviewer,
        at=LATER,
        entry=review.timeline.get(what="A"),
        happened_at=utc("2026-03-03T23:00"),
        precision="about",
        what="A, later",
        source="Visit log",
        reason="The log was read again",
    )
    assert [what for _, what in told(review)] == ["B", "A, later"]


@pytest.mark.parametrize(
    ("precision", "happened_at", "before"),
    [
        ("day", midnight("2026-07-01"), "Wednesday 1 July 2026, time not known"),
        ("about", utc("2026-07-01T20:00"), "About Wednesday 1 July 2026, 9pm"),
        ("exact", utc("2026-07-01T20:00"), "Wednesday 1 July 2026, 9pm"),
    ],
)
def test_what_it_said_before_claims_no_more_than_was_known(
    cast: Cast, the_clock: TestClock, precision: str, happened_at: datetime, before: str
) -> None:
    """A day without a time is kept as midnight: that is not when it happened, and must not be shown so."""
    the_clock.stand_at(LATER)
    review = a_review(cast, "B")
    write(cast, review, (happened_at, precision, "The gate was locked."))
    correct_timeline_entry(
        by=cast.reviewer,
        at=LATER,
        entry=review.timeline.get(),
        happened_at=utc("2026-07-02T08:00"),
        precision="exact",
        what="The gate was open.",
        source="Visit log",
        reason="The log was read again",
    )
    client = Client()
    client.force_login(cast.reviewer)
    page = html.unescape(client.get(reverse("reviews:timeline", args=[review.pk])).content.decode())
    assert f"<strong>It said before:</strong> {before}</p>" in page


@pytest.mark.parametrize("precision", ["exact", "about", "day"])
def test_the_form_to_put_right_begins_with_what_is_known(cast: Cast, the_clock: TestClock, precision: str) -> None:
    """At the second half past one the form must not fall back an hour."""
    the_clock.stand_at(LATER)
    review = a_review(cast, "B")
    happened_at = midnight("2026-10-25") if precision == "day" else utc("2026-10-25T01:30")
    write(cast, review, (happened_at, precision, "The second call."))
    entry = review.timeline.get()
    client = Client()
    client.force_login(cast.reviewer)
    address = reverse("reviews:correct_entry", args=[review.pk, entry.pk])
    sent = filled_in(client.get(address).content.decode()) | {"reason": "The log was read again"}
    assert sent["precision"] == precision
    assert client.post(address, sent).status_code == 302
    corrected = entries_of(review).get()
    assert (corrected.happened_at, corrected.precision) == (happened_at, precision)


@pytest.mark.parametrize("precision", [Precision.DAY, Precision.ABOUT, Precision.EXACT])
def test_a_report_is_drawn_as_sure_as_its_reporter_was(cast: Cast, precision: Precision) -> None:
    happened = midnight("2026-03-02") if precision is Precision.DAY else utc("2026-03-02T21:00")
    incident = an_incident(
        by=cast.worker, team=cast.north, occurred_at=happened, occurred_precision=precision, at=NOW - timedelta(hours=3)
    )
    review = a_review(cast, "B", incident=incident)
    draw_timeline_from_records(by=cast.reviewer, at=LATER, review=review)
    when, what = told(review)[0]
    assert what == incident.what_happened
    assert (
        when
        == {
            Precision.DAY: "Monday 2 March 2026, time not known",
            Precision.ABOUT: "About Monday 2 March 2026, 9pm",
            Precision.EXACT: "Monday 2 March 2026, 9pm",
        }[precision]
    )
