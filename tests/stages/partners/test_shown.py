"""What the pages of partners say: an invitation's state, codes nobody knows any more, and that nothing is rewritten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from saferpractice.partners import operations
from saferpractice.partners.models import PartnerInvitation, PartnerPart, PartnerSession, SharingDecision, ShownRecord
from saferpractice.partners.operations import Answer
from saferpractice.partners.presenters.panel import invitation_shown, lines
from saferpractice.partners.rules import Sight
from saferpractice.pathways import operations as pathways
from saferpractice.pathways.presenters import Labels, values_shown
from saferpractice.pathways.queries import definition_of, worked_by
from saferpractice.trail.queries import check_chain
from tests.conftest import TestClock
from tests.factories.partners import (
    OVERRIDDEN,
    a_contact,
    a_decision,
    a_summary,
    an_action,
    an_agency,
    an_exploitation,
    an_open_circle,
    invited,
    let_in,
    shared,
)
from tests.factories.pathways import hours
from tests.factories.web import signed_in, words
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27")]
SENT_AT, USED_AT, ENDED_AT = hours(3), hours(4), hours(5)


@pytest.mark.parametrize(
    ("used", "ended", "after", "state", "meaning", "can_end"),
    [
        (False, False, timedelta(days=6, hours=23), "Sent", "working", True),
        (False, False, timedelta(days=7), "Ran out", "warning", True),
        (True, False, timedelta(days=1), "Came in", "good", True),
        (True, False, timedelta(days=30), "Came in", "good", True),
        (False, True, timedelta(days=1), "Ended", "quiet", False),
        (True, True, timedelta(days=1), "Ended", "quiet", False),
        (True, True, timedelta(days=30), "Ended", "quiet", False),
    ],
)
def test_where_an_invitation_stands(
    cast: Cast, used: bool, ended: bool, after: timedelta, state: str, meaning: str, can_end: bool
) -> None:
    case, _, contact = an_open_circle(cast)
    invitation, _ = invited(case, contact, by=cast.lead, hour=3)
    PartnerInvitation.objects.update(used_at=USED_AT if used else None, ended_at=ENDED_AT if ended else None)
    invitation = PartnerInvitation.objects.select_related("contact").get()
    shown = invitation_shown(invitation, SENT_AT + after)
    assert (shown["who"], shown["state"], shown["meaning"]) == ("Petra Quill", state, meaning)
    assert bool(shown["end"]) is can_end
    assert "March 2026" in shown["when"]


class TestLines:
    def test_each_partner_once_by_name_whatever_its_part(self, cast: Cast) -> None:
        case = an_exploitation(cast)
        police, housing = an_agency(cast), an_agency(cast, "Example Housing", "housing")
        fire = an_agency(cast, "Example Fire", "fire")
        an_agency(cast, "Example Pharmacy", "pharmacy")
        a_summary(case, police, housing, by=cast.worker)
        a_decision(case, police, by=cast.lead, values=OVERRIDDEN)
        a_decision(case, fire, by=cast.lead, values={"decision": "refused", "told-person": "yes"})
        found = {line.agency.name: line for line in lines(case, hours(9))}
        assert list(found) == ["Example Fire", "Example Housing", "Example Police"], "and not one with no part in it"
        assert [line.sight for line in found.values()] == [Sight.CLOSED, Sight.UNDECIDED, Sight.OPEN]
        assert found["Example Housing"].decision == []
        assert found["Example Police"].answer == "Refused: it is shared all the same, on a lawful basis"
        assert found["Example Police"].decided.startswith("Lark Penrose, Safeguarding lead, Wednesday 4 March 2026")
        keys = [row["key"] for row in found["Example Police"].decision]
        assert "With which partner?" not in keys
        assert {"The lawful basis", "Why is it decided so?", "Why was the person not told?"} <= set(keys)

    def test_what_it_sees_can_be_taken_back_only_where_it_was_chosen(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        shared(case, police, a_summary(case, police, by=cast.worker), by=cast.lead)
        an_action(case, police, by=cast.lead)
        [line] = lines(case, hours(9))
        assert [bool(each["take_back"]) for each in line.shared] == [True, False]
        page = words(signed_in(cast.lead).get(reverse("partners:case", args=[case.pk])))
        assert page.count("Take back from Example Police") == 1
        assert page.count("Shown because it names them.") == 1

    def test_a_decision_put_right_is_shown_as_it_stands(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        made = case.records.get(kind="sharing-decision")
        values = {**OVERRIDDEN, "partner": str(police.pk)}
        pathways.correct_record(
            by=cast.lead, at=hours(5), record=made, happened_at=made.happened_at, values=values, reason="She refused",
            submission_key="c",
        )  # fmt: skip
        [line] = lines(case, hours(9))
        assert line.answer.startswith("Refused: it is shared all the same")
        assert line.decided.startswith("Lark Penrose")


def test_a_code_nobody_knows_any_more_is_shown_as_it_is(cast: Cast) -> None:
    case, police, _ = an_open_circle(cast)
    definition, record = definition_of(case), case.records.get(kind="sharing-decision")
    record.values = {"partner": "gone", "lawful-basis": "gone-too", "decision": "given"}
    labels = Labels.of(police.provider_id, worked_by(case), [])
    shown = values_shown(definition, definition.kinds["sharing-decision"], record, labels)
    assert [row["value"] for row in shown] == ["gone", "Agreed: it is shared", "gone-too"]


def test_who_was_shown_what_is_cut_after_a_hundred_and_says_so(cast: Cast, the_clock: TestClock) -> None:
    the_clock.stand_at(hours(9))
    case, police, contact = an_open_circle(cast)
    record = a_summary(case, police, by=cast.worker)
    address = reverse("partners:case", args=[case.pk])
    for count, cut in ((100, False), (1, True)):
        ShownRecord.objects.bulk_create(
            ShownRecord(case=case, contact=contact, record=record, at=hours(8)) for _ in range(count)
        )
        assert ("These are the last hundred" in words(signed_in(cast.lead).get(address))) is cut


def test_the_database_itself_rewrites_nothing_of_it(cast: Cast) -> None:
    case, police, contact = an_open_circle(cast)
    record = a_summary(case, police, by=cast.worker)
    shared(case, police, record, by=cast.lead)
    let_in(case, contact, by=cast.lead, hour=4)
    operations.look(by=contact, at=hours(5), case=case)
    operations.add_part(
        by=contact, at=hours(5), case=case, answer=Answer("partner-part", hours(5), {"knows": "x"}), submission_key="k"
    )
    other = a_contact(police, "Odell Marsh")
    for change in (
        lambda: SharingDecision.objects.update(shared=False),
        lambda: SharingDecision.objects.update(with_name=True),
        lambda: ShownRecord.objects.update(contact=other),
        lambda: PartnerPart.objects.update(contact=other),
        lambda: PartnerInvitation.objects.update(contact=other),
        lambda: PartnerInvitation.objects.update(expires_at=hours(9000)),
        lambda: PartnerSession.objects.update(ends_at=hours(9000)),
        lambda: PartnerSession.objects.update(contact=other),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_chain_of_the_trail_holds_partners_deeds_too(cast: Cast, the_clock: TestClock) -> None:
    case, police, contact = an_open_circle(cast)
    shared(case, police, a_summary(case, police, by=cast.worker), by=cast.lead)
    the_clock.stand_at(hours(5))
    browser: Client = let_in(case, contact, by=cast.lead, hour=4)
    browser.get(reverse("partner:case", args=[case.pk]))
    browser.post(reverse("partner:sign_out"))
    found = check_chain(cast.provider.pk)
    assert found.broken_at is None
    assert found.entries > 10
