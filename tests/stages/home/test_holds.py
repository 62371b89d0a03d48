"""Holds: who may place and end them, on what, what they keep, and who reads of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry
from saferpractice.home.models import HoldEnd, RetentionHold
from saferpractice.home.operations import end_hold, place_hold
from saferpractice.home.queries.gathering import gather
from saferpractice.home.queries.held import held_about
from saferpractice.home.queries.holding import hold_seen, holds_seen
from saferpractice.home.queries.retention import retained_now
from saferpractice.home.rules.retention import HoldKind
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.operations import keep_from, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from saferpractice.trail.rules import Process
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case
from tests.factories.retention import OVER, a_finished_incident, a_hold
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]

MAY = {"lead", "quality_lead", "director"}
SCOPES = ("incident", "person", "everything")
LATER = NOW + timedelta(days=1)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def the_person(incident: Incident) -> PersonSupported:
    assert incident.person_supported is not None
    return incident.person_supported


def named(scope: str, incident: Incident) -> dict[str, Any]:
    """What a hold of this scope names."""
    return {
        "incident": {"incident": incident},
        "person": {"person_supported": the_person(incident)},
        "everything": {"provider": incident.provider},
    }[scope]


class TestWhoMay:
    @pytest.mark.parametrize("scope", SCOPES)
    @pytest.mark.parametrize("act", ["place", "end"])
    def test_place_and_end_one(self, cast: Cast, incident: Incident, scope: str, act: str) -> None:
        given = named(scope, incident)
        allowed = set()
        for name, person in cast.people().items():
            hold = a_hold(by=cast.lead, **given)
            try:
                with transaction.atomic():
                    if act == "place":
                        a_hold(by=person, **{"provider": cast.provider, **given})
                    else:
                        end_hold(by=person, at=LATER, hold=hold, reason="The inquiry is over.")
                allowed.add(name)
            except Refused:
                assert not hasattr(RetentionHold.objects.get(pk=hold.pk), "end"), name
        assert allowed == MAY

    @pytest.mark.parametrize("scope", ["incident", "person"])
    @pytest.mark.parametrize(
        ("hide", "hidden_from"),
        [
            (
                lambda cast, one: keep_from(
                    by=cast.lead, at=NOW, incident=one, person=cast.director, because=KeptFromReason.RELATIVE
                ),
                "director",
            ),
            (None, "quality_lead"),
        ],
        ids=["kept from it", "restricted"],
    )
    def test_nobody_on_what_they_may_not_read(
        self, cast: Cast, scope: str, hide: Callable[[Cast, Incident], Any] | None, hidden_from: str
    ) -> None:
        restricted: dict[str, Any] = {} if hide else {"restricted": True, "restricted_reason": "About a colleague"}
        incident = an_incident(by=cast.lead, team=cast.north, **restricted)
        if hide:
            hide(cast, incident)
        person = cast.people()[hidden_from]
        hold = a_hold(by=cast.lead, **named(scope, incident))
        with pytest.raises(Refused):
            a_hold(by=person, **named(scope, incident))
        with pytest.raises(Refused, match="no such hold"):
            end_hold(by=person, at=LATER, hold=hold, reason="Over.")
        assert hold_seen(person, LATER, hold.pk) is None
        assert holds_seen(person, LATER) == []
        assert [one.pk for one in holds_seen(cast.lead, LATER)] == [hold.pk]

    def test_on_a_report_that_was_withdrawn(self, cast: Cast, incident: Incident) -> None:
        withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="It was reported twice.")
        assert a_hold(by=cast.quality_lead, incident=incident)

    def test_not_on_records_of_another_provider(self, cast: Cast, incident: Incident) -> None:
        for scope in ("incident", "person"):
            with pytest.raises(Refused, match="no such record"):
                a_hold(by=cast.stranger, **named(scope, incident))
        with pytest.raises(Refused):
            place_hold(
                by=Process("Records office"), at=NOW, provider=cast.stranger.provider, incident=incident,
                person_supported=None, kind=HoldKind.INQUIRY, reason="Order 3.", submission_key="k",
            )  # fmt: skip

    def test_not_on_two_things_at_once(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Invalid, match="one incident, on one person"):
            a_hold(by=cast.lead, incident=incident, person_supported=the_person(incident))


class TestWhatItSays:
    @pytest.mark.parametrize(
        ("scope", "kept"),
        [
            ("incident", "put a hold on incident 2026-00001: a claim or another court case"),
            ("person", "put a hold on the records about P-1042: a claim or another court case"),
            ("everything", "put a hold on everything the provider holds: a claim or another court case"),
        ],
    )
    def test_the_trail_says_what_and_never_the_reason(
        self, cast: Cast, incident: Incident, scope: str, kept: str
    ) -> None:
        hold = a_hold(by=cast.lead, kind=HoldKind.CLAIM, reason="Mrs Ellery's solicitor", **named(scope, incident))
        end_hold(by=cast.director, at=LATER, hold=hold, reason="Ellery lost.")
        placed, ended = TrailEntry.objects.filter(subject_id=hold.pk).order_by("sequence")
        assert placed.sentence == kept
        assert ended.sentence == kept.replace("put a hold on", "ended the hold on").rpartition(":")[0]
        assert {placed.story_id, ended.story_id} == {incident.pk if scope == "incident" else None}
        assert "Ellery" not in f"{placed.sentence}{placed.facts}{ended.sentence}{ended.facts}"

    @pytest.mark.parametrize(("reason", "says"), [("  ", "Say why"), ("x" * 2001, "2000 characters")])
    def test_it_has_a_reason(self, cast: Cast, incident: Incident, reason: str, says: str) -> None:
        with pytest.raises(Invalid, match=says):
            a_hold(by=cast.lead, incident=incident, reason=reason)
        hold = a_hold(by=cast.lead, incident=incident)
        with pytest.raises(Invalid, match=says):
            end_hold(by=cast.lead, at=LATER, hold=hold, reason=reason)
        assert not HoldEnd.objects.exists()

    def test_sent_twice_it_is_one(self, cast: Cast, incident: Incident) -> None:
        first, again = (a_hold(by=cast.lead, incident=incident, key="k") for _ in range(2))
        assert first == again
        assert TrailEntry.objects.filter(operation="home.place_hold").count() == 1
        with pytest.raises(SentBefore):
            a_hold(by=cast.lead, incident=incident, key="k", reason="Another.")
        with pytest.raises(SentBefore):
            a_hold(by=cast.lead, key="k", person_supported=the_person(incident))
        with pytest.raises(Invalid, match="somebody else"):
            a_hold(by=cast.director, incident=incident, key="k")

    def test_it_is_ended_once(self, cast: Cast, incident: Incident) -> None:
        hold = a_hold(by=cast.lead, incident=incident)
        first = end_hold(by=cast.lead, at=LATER, hold=hold, reason="Over.")
        assert end_hold(by=cast.lead, at=LATER, hold=hold, reason="Over.") == first
        for by, reason in ((cast.director, "Over."), (cast.lead, "Quite over.")):
            with pytest.raises(Refused, match="already"):
                end_hold(by=by, at=LATER, hold=hold, reason=reason)
        assert TrailEntry.objects.filter(operation="home.end_hold").count() == 1

    def test_neither_row_can_be_changed_or_taken_away(self, cast: Cast, incident: Incident) -> None:
        hold = a_hold(by=cast.lead, incident=incident)
        end = end_hold(by=cast.lead, at=LATER, hold=hold, reason="Over.")
        for row in (end, hold):
            for attack in (lambda rows: rows.update(reason="-"), lambda rows: rows._raw_delete(rows.db)):
                with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
                    attack(type(row).objects.filter(pk=row.pk))


class TestWhatItKeeps:
    @pytest.mark.parametrize("scope", SCOPES)
    def test_until_it_is_ended_and_others_stand(self, cast: Cast, scope: str) -> None:
        incident = a_finished_incident(cast)
        other = a_finished_incident(cast, person_reference="P-2")
        first, second = (
            a_hold(by=cast.lead, kind=kind, **named(scope, incident)) for kind in (HoldKind.CLAIM, HoldKind.COMPLAINT)
        )
        assert retained_now(incident, OVER).holds == (HoldKind.CLAIM, HoldKind.COMPLAINT)
        assert retained_now(other, OVER).due is (scope != "everything")
        end_hold(by=cast.lead, at=LATER, hold=first, reason="Over.")
        assert (retained_now(incident, OVER).holds, retained_now(incident, OVER).due) == ((HoldKind.COMPLAINT,), False)
        end_hold(by=cast.lead, at=LATER, hold=second, reason="Over.")
        assert retained_now(incident, OVER).due

    def test_of_a_person_also_what_names_nobody_and_has_a_case_on_them(self, cast: Cast) -> None:
        incident = a_finished_incident(cast, person_reference="")
        case = a_case(cast, incident=incident, by=cast.lead, person="P-9")
        a_hold(by=cast.lead, person_supported=case.person_supported)
        assert retained_now(incident, OVER).holds == (HoldKind.INQUIRY,)

    def test_nothing_of_another_provider(self, cast: Cast) -> None:
        incident = a_finished_incident(cast)
        a_hold(by=cast.stranger, provider=cast.stranger.provider)
        assert retained_now(incident, OVER).due

    def test_why_is_not_gathered_for_the_person(self, cast: Cast, incident: Incident) -> None:
        """What a solicitor wrote may be privileged: whoever answers judges it by hand."""
        a_hold(by=cast.lead, person_supported=the_person(incident), reason="Counsel advised on the claim.")
        a_hold(by=cast.lead, incident=incident, reason="Counsel advised on the claim.")
        held = held_about(cast.lead, LATER, the_person(incident).pk)
        assert held is not None
        assert "Counsel" not in str(gather(held).plain())


class TestThePages:
    @pytest.fixture(autouse=True)
    def _today(self, the_clock: TestClock) -> None:
        the_clock.stand_at(LATER)

    def sent(self, what: str, **more: str) -> dict[str, str]:
        return {"what": what, "kind": "inquiry", "reason": "The inquiry wrote.", "submission_key": "k", **more}

    def refused(self, client: Client, what: str, word: str) -> str:
        """The page that says no, without what was typed and what differs on each request."""
        page = words(client.post(reverse("home:place_hold"), self.sent(what, **{what: word})))
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page).replace(word, "-")

    @pytest.mark.parametrize(
        ("what", "typed", "kept"),
        [
            ("incident", {"incident": " 2026-00001 "}, "Incident 2026-00001"),
            ("person", {"person": "p-1042"}, "The records about P-1042"),
            ("everything", {}, "Everything the provider holds"),
        ],
    )
    def test_a_hold_is_placed_shown_and_ended(
        self, cast: Cast, incident: Incident, what: str, typed: dict[str, str], kept: str
    ) -> None:
        client = signed_in(cast.quality_lead)
        page = client.post(reverse("home:place_hold"), self.sent(what, **typed), follow=True)
        assert f">{kept}<" in words(page)
        hold = RetentionHold.objects.get()
        assert kept in words(client.get(reverse("home:holds")))
        again = client.post(reverse("home:place_hold"), self.sent(what, **typed), follow=True)
        assert (again.status_code, RetentionHold.objects.count()) == (200, 1)
        ended = client.post(reverse("home:hold", args=[hold.pk]), {"reason": "It reported."}, follow=True)
        assert "The hold is ended" in words(ended)
        page = client.get(reverse("home:hold", args=[hold.pk]))
        assert "It reported." in words(page)
        assert "End this hold" not in words(page)

    @pytest.mark.parametrize(
        ("what", "typed", "says"),
        [
            ("incident", {"incident": "2026-99999"}, "There is no such incident among those you may read"),
            ("incident", {}, "Enter the number of the incident"),
            ("person", {"person": "P-77"}, "You may read nothing about a person with this reference"),
            ("person", {}, "Enter the reference of the person"),
            ("", {}, "Choose what is to be kept"),
        ],
    )
    def test_what_cannot_be_kept_is_said_beside_its_field(
        self, cast: Cast, incident: Incident, what: str, typed: dict[str, str], says: str
    ) -> None:
        page = signed_in(cast.lead).post(reverse("home:place_hold"), self.sent(what, **typed))
        assert says in words(page)
        assert "The inquiry wrote." in words(page), "what was typed is kept"
        assert not RetentionHold.objects.exists()

    def test_a_restricted_incident_answers_as_one_that_never_was(self, cast: Cast) -> None:
        hidden = an_incident(
            by=cast.lead, team=cast.north, restricted=True, restricted_reason="About a colleague",
            person_reference="P-8",
        )  # fmt: skip
        client = signed_in(cast.quality_lead)
        for what, typed in (("incident", hidden.reference), ("person", "P-8")):
            pages = [self.refused(client, what, word) for word in (typed, "nonesuch")]
            assert pages[0] == pages[1]
        assert AccessEntry.objects.filter(by_id=cast.quality_lead.pk, detail=hidden.reference).exists()

    def test_a_hold_one_may_not_read_is_not_there(self, cast: Cast) -> None:
        hidden = an_incident(by=cast.lead, team=cast.north, restricted=True, restricted_reason="About a colleague")
        hold = a_hold(by=cast.lead, incident=hidden)
        assert signed_in(cast.quality_lead).get(reverse("home:hold", args=[hold.pk])).status_code == 404
        assert hidden.reference not in words(signed_in(cast.quality_lead).get(reverse("home:holds")))
        assert hidden.reference in words(signed_in(cast.lead).get(reverse("home:holds")))

    def test_whoever_looks_at_one_is_seen_to_have_looked(self, cast: Cast, incident: Incident) -> None:
        hold = a_hold(by=cast.lead, incident=incident)
        signed_in(cast.director).get(reverse("home:hold", args=[hold.pk]))
        look = AccessEntry.objects.get(by_id=cast.director.pk, page="hold")
        assert look.story_id == incident.pk


def test_a_process_names_itself(cast: Cast, incident: Incident) -> None:
    hold = place_hold(
        by=Process("Records office"), at=NOW, provider=cast.provider, incident=incident, person_supported=None,
        kind=HoldKind.INQUIRY, reason="Order 3.", submission_key="k",
    )  # fmt: skip
    assert (hold.decided_by, hold.decided_by_name) == (None, "Records office")
