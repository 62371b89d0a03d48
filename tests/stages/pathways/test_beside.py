"""What rooms above add to a case: partners, panels, what follows from a record. Without them it works alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.pathways import beside
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.operations import correct_record, write_record
from saferpractice.pathways.queries import known_of
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By
from tests.conftest import TestClock
from tests.factories.partners import a_risk_review, an_agency
from tests.factories.pathways import a_case, a_record, hours
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27")]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is registered."""
    for name in ("_partners", "_panels", "_after", "_theirs"):
        monkeypatch.setattr(beside, name, [])


@pytest.mark.usefixtures("alone")
class TestAlone:
    def test_a_case_is_worked_and_shown(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(5))
        case = a_case(cast, "exploitation")
        record = a_record(case, "checklist", 1, by=cast.worker, present=("coercion",))
        shown = words(signed_in(cast.worker).get(reverse("pathways:case", args=[case.pk])))
        assert "Exploitation checklist" in shown
        assert reverse("pathways:correct", args=[case.pk, record.pk]) in shown
        assert "panel-partners" not in shown

    def test_there_is_no_partner_to_name_and_the_form_says_who_adds_one(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(5))
        case = a_case(cast, "exploitation")
        with pytest.raises(Invalid, match="Choose one of the partners"):
            a_record(case, "sharing-decision", 1, by=cast.lead, partner="police")
        form = words(signed_in(cast.lead).get(reverse("pathways:write", args=[case.pk, "sharing-decision"])))
        assert "A safeguarding lead adds them under Partners." in form


class TestAfterRecord:
    @pytest.fixture
    def seen(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, datetime]]:
        """What a room above was told of."""
        told: list[tuple[str, str, datetime]] = []

        def tell(by: By, at: datetime, case: PathwayCase, record: PathwayRecord) -> None:
            told.append((record.kind, by.signature(at).name, at))

        monkeypatch.setattr(beside, "_after", [tell])
        return told

    def test_it_follows_each_once(self, cast: Cast, seen: list[tuple[str, str, datetime]]) -> None:
        case = a_case(cast, "exploitation")
        a_record(case, "checklist", 1, by=cast.worker, present=("coercion",))
        assert seen == [("checklist", "Wren Ashdown", hours(1))]

    def test_what_was_sent_before_is_not_told_again(self, cast: Cast, seen: list[tuple[str, str, datetime]]) -> None:
        case = a_case(cast, "exploitation")
        for _ in range(2):
            write_record(
                by=cast.worker, at=hours(1), case=case, kind="checklist", happened_at=hours(1),
                values={"present": ["coercion"]}, submission_key="same",
            )  # fmt: skip
        assert len(seen) == 1

    def test_together_they_are_written_or_nothing_is(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(*_: Any) -> None:
            raise RuntimeError("the room above fell over")

        monkeypatch.setattr(beside, "_after", [fails])
        case = a_case(cast, "exploitation")
        with pytest.raises(RuntimeError):
            a_record(case, "checklist", 1, by=cast.worker, present=("coercion",))
        assert not case.records.exists()
        assert not case.obligations.exists()


class TestPanels:
    def test_one_that_has_nothing_to_show_is_left_out(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def build(case: PathwayCase, by: Person, at: datetime) -> dict[str, Any] | None:
            return {"by": by} if by == cast.lead else None

        monkeypatch.setattr(beside, "_panels", [])
        beside.register_panel("a.html", build)
        case = a_case(cast, "exploitation")
        assert beside.panels_of(case, cast.worker, NOW) == []
        assert [(part.template, part.content) for part in beside.panels_of(case, cast.lead, NOW)] == [
            ("a.html", {"by": cast.lead})
        ]

    def test_registered_twice_it_stands_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(beside, "_panels", [])
        for _ in range(2):
            beside.register_panel("a.html", lambda case, by, at: {})
        assert len(beside._panels) == 1


@pytest.mark.requirement("R29")
class TestRecordsThatNameRecords:
    def test_only_those_of_the_case_and_of_the_kinds_named(self, cast: Cast) -> None:
        case, other = a_case(cast, "exploitation"), a_case(cast, "exploitation", person="P-2")
        owned = {"what": "other", "detail": "Ring", "done-by": "us", "role": "duty_manager", "by": hours(60)}
        theirs = a_record(other, "agreed-action", 1, by=cast.lead, values=owned)
        review = a_risk_review(case, an_agency(cast), by=cast.lead, hour=1)
        for record in (theirs, review):
            with pytest.raises(Invalid, match="Choose one of the records shown"):
                a_record(case, "action-outcome", 2, by=cast.lead, action=str(record.pk), outcome="Done")
        mine = a_record(case, "agreed-action", 1, by=cast.lead, values=owned)
        assert a_record(case, "action-outcome", 2, by=cast.lead, action=str(mine.pk), outcome="Done")

    def test_the_form_offers_no_others(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(9))
        case = a_case(cast, "exploitation")
        owned = {"what": "other", "detail": "Ring", "done-by": "us", "role": "duty_manager", "by": hours(60)}
        mine = a_record(case, "agreed-action", 1, by=cast.lead, values=owned)
        ticked = a_record(case, "checklist", 1, by=cast.worker, present=("coercion",))
        form = words(signed_in(cast.lead).get(reverse("pathways:write", args=[case.pk, "action-outcome"])))
        assert f'value="{mine.pk}"' in form
        assert str(ticked.pk) not in form

    def test_what_never_happened_is_named_by_nothing(self, cast: Cast, the_clock: TestClock) -> None:
        case = a_case(cast, "exploitation")
        owned = {"what": "other", "detail": "Ring", "done-by": "us", "role": "duty_manager", "by": hours(60)}
        action = a_record(case, "agreed-action", 1, by=cast.lead, values=owned)
        gone = correct_record(
            by=cast.lead, at=hours(2), record=action, happened_at=action.happened_at, values={}, reason="Wrong case",
            submission_key="gone", withdrawn=True,
        )  # fmt: skip
        assert not {str(gone.pk), str(action.pk)} & set(known_of(case, hours(3)).records)
        the_clock.stand_at(hours(9))
        form = words(signed_in(cast.lead).get(reverse("pathways:write", args=[case.pk, "action-outcome"])))
        assert str(action.pk) not in form

    def test_known_are_the_partners_of_this_provider_only(self, cast: Cast) -> None:
        ours, theirs = an_agency(cast), an_agency(cast, of=cast.stranger.provider)
        known = known_of(a_case(cast, "exploitation"), NOW)
        assert known.partners == {str(ours.pk): "Example Police"}
        assert str(theirs.pk) not in known.partners
        assert "vital-interests" in known.lists["lawful-bases"]
