"""The learning bulletin: drawn from the quarter, read by a person, for everybody who works here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from saferpractice.evidence.models import Bulletin
from saferpractice.evidence.queries.bulletins import bulletins_seen, newest_edition, suggested_bulletin
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.findings.models import Finding
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.conftest import TestClock
from tests.factories.bulletins import AFTER, QUARTER, WORDS, a_bulletin
from tests.factories.changes import a_live_change
from tests.factories.lessons import WORKER, a_checked_change
from tests.factories.supervision import WORDING, a_point
from tests.factories.web import signed_in, words
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R33")]


def test_it_begins_from_the_points_changes_and_verdicts_of_the_quarter(cast: Cast) -> None:
    change = a_live_change(cast, monday="Ring Dale Marlow at two signs.")
    a_point(cast, source=change)
    found = suggested_bulletin(cast.provider, QUARTER)
    assert found == {"learned": WORDING, "different": "Ring [name removed] at two signs.", "worked": ""}
    assert set(suggested_bulletin(cast.provider, Quarter(2025, 3)).values()) == {""}
    assert set(suggested_bulletin(cast.stranger.provider, QUARTER).values()) == {""}


def test_a_verdict_is_in_the_quarter_in_which_it_was_given(cast: Cast) -> None:
    a_checked_change(cast, by_pathway=False)
    assert suggested_bulletin(cast.provider, QUARTER)["worked"] == ""
    worked = suggested_bulletin(cast.provider, Quarter(2026, 2))["worked"]
    assert worked == "Self-neglect checklist in the visit note. Checked, and it worked."


def test_nothing_of_what_is_restricted_is_put_in(cast: Cast) -> None:
    change = a_checked_change(cast, by_pathway=False)
    a_point(cast, source=change)
    incident = Finding.objects.get(changes=change).incident
    incident.restricted = True
    incident.save(update_fields=["restricted"])
    for quarter in (QUARTER, Quarter(2026, 2)):
        assert set(suggested_bulletin(cast.provider, quarter).values()) == {""}


def test_everybody_who_works_here_reads_it_and_nobody_else(cast: Cast) -> None:
    bulletin = a_bulletin(cast)
    for person in (cast.worker, cast.administrator, cast.director):
        assert bulletins_seen(person, AFTER) == [bulletin]
    for person in (cast.inspector, cast.commissioner, cast.stranger):
        assert bulletins_seen(person, AFTER) == []


@pytest.mark.parametrize("name", ["worker", "lead", "director", "administrator", "stranger"])
def test_only_the_quality_lead_publishes(cast: Cast, name: str) -> None:
    with pytest.raises(Refused):
        a_bulletin(cast, by=cast.people()[name])


def test_no_process_publishes(cast: Cast) -> None:
    with pytest.raises(Refused, match="person"):
        a_bulletin(cast, by=WORKER)


@pytest.mark.parametrize("part", list(WORDS))
def test_no_name_goes_in(cast: Cast, part: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_bulletin(cast, words=WORDS | {part: "We ring W. Ashdown on the ward."})
    assert set(refused.value.problems) == {part}
    assert "W. Ashdown" in refused.value.problems[part]


def test_what_names_nobody_may_stay(cast: Cast) -> None:
    given = {"words": WORDS | {"ask": "Look out for Frost."}}
    with pytest.raises(Invalid):
        a_bulletin(cast, **given)
    assert a_bulletin(cast, **given, stays=("frost", "else")).stays == ["frost"]
    assert TrailEntry.objects.get(operation="evidence.publish_bulletin").facts == {"edition": 1, "stays": 1}


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"read": False}, {"read"}),
        ({"words": WORDS | {"learned": ""}}, {"learned"}),
        ({"words": WORDS | {"ask": "Proportionate escalation considerations necessitate multidisciplinary "
                                   "consultation, notwithstanding organisational capacity limitations."}}, {"ask"}),
        ({"words": WORDS | {"ask": "We ring. " * 200}}, {""}),
    ],
)  # fmt: skip
def test_it_is_read_whole_plain_and_short(cast: Cast, given: dict[str, Any], fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        a_bulletin(cast, **given)
    assert set(refused.value.problems) == fields


def test_a_later_edition_stands_in_the_place_of_the_earlier(cast: Cast) -> None:
    first = a_bulletin(cast)
    with pytest.raises(Stale, match="meanwhile"):
        a_bulletin(cast)
    second = a_bulletin(cast, edition=2)
    assert newest_edition(cast.provider.pk, QUARTER) == second
    assert bulletins_seen(cast.worker, AFTER) == [second]
    assert Bulletin.objects.filter(pk=first.pk).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Bulletin.objects.update(words={})


def test_a_quarter_that_has_not_begun_has_none(cast: Cast) -> None:
    with pytest.raises(Stale, match="begun"):
        a_bulletin(cast, quarter=Quarter(2026, 2))


def test_the_form_sent_twice_is_one_bulletin(cast: Cast) -> None:
    first = a_bulletin(cast, submission_key="one")
    assert a_bulletin(cast, submission_key="one") == first
    with pytest.raises(SentBefore):
        a_bulletin(cast, submission_key="one", words=WORDS | {"ask": "Ring us."})


def test_the_pages_from_what_the_quarter_gave_to_what_everybody_reads(cast: Cast, the_clock: TestClock) -> None:
    a_point(cast)
    the_clock.stand_at(AFTER)
    quill = signed_in(cast.quality_lead)
    assert "/bulletins/write/2025-4" in words(quill.get("/bulletins"))
    assert WORDING in words(quill.get("/bulletins/write/2025-4"))
    sent = {"submission_key": "one", "edition": "1", "read": "on", **WORDS, "learned": "We ring Wren Ashdown."}
    page = words(quill.post("/bulletins/write/2025-4", sent))
    assert "“Wren Ashdown” (name) may tell who somebody is" in page
    assert "Which of these name nobody?" in page
    answer = quill.post("/bulletins/write/2025-4", {**sent, "learned": WORDS["learned"]})
    assert answer.status_code == 302
    page = words(signed_in(cast.worker).get(answer.headers["Location"]))
    assert "At two signs we ring the boss on duty." in page
    assert "Write a later edition" not in page
    assert WORDS["different"] in words(quill.get("/bulletins/write/2025-4")), "a later edition begins from what stands"
    second = a_bulletin(cast, edition=2, at=AFTER + timedelta(hours=1))
    assert f"/bulletins/{second.pk}" in words(quill.get(answer.headers["Location"]))


@pytest.mark.parametrize("quarter", ["2026-2", "2025-5", "nonsense"])
def test_there_is_no_page_for_a_quarter_that_is_none(cast: Cast, the_clock: TestClock, quarter: str) -> None:
    the_clock.stand_at(AFTER)
    assert signed_in(cast.quality_lead).get(f"/bulletins/write/{quarter}").status_code == 404
