"""A pathway that nobody wrote code for shares with partners by what its definition says, in words of its own."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from saferpractice.partners import operations
from saferpractice.partners.models import Agency, Contact
from saferpractice.partners.operations import Answer
from saferpractice.partners.queries.seeing import facts_of, shared_with
from saferpractice.partners.rules import Sight, sight
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.operations import open_case
from saferpractice.pathways.queries import owed_rows
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.partners import a_contact, an_agency, let_in, shared
from tests.factories.pathways import a_record, hours, used
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27", "R28")]

FIRE_SAFETY: dict[str, Any] = yaml.safe_load("""
pathway: fire-safety
title: Fire safety at home
about: What is done with others when somebody's home may burn.
applies_to: People who smoke in bed or keep the exits shut.
source: Invented for a test.
records:
  - id: visit
    label: Home visit
    made_by: [support_worker]
    sharing: chosen
    fields: [{id: found, label: "What was found?", type: text, required: true}]
  - id: word
    label: Her word on telling others
    made_by: [support_worker, duty_manager]
    sharing: decides
    lets_share:
      - {field: yes-she-said, is: "yes"}
      - {field: landlord-duty, is: "yes"}
    fields:
      - {id: whom, label: "Telling whom?", type: partner, required: true}
      - {id: yes-she-said, label: "Did she say yes?", type: yes-no, required: true}
      - {id: landlord-duty, label: "Is there a duty to tell them?", type: yes-no}
  - id: please
    label: What we ask of others
    made_by: [duty_manager]
    sharing: named
    fields:
      - {id: of, label: "Of whom?", type: partners, required: true}
      - {id: what, label: "What do we ask?", type: text, required: true}
      - {id: until, label: "Until when?", type: moment, required: true}
  - id: did
    label: What they did
    made_by: [duty_manager]
    by_partner: true
    fields:
      - {id: asked, label: "What was asked?", type: record, of: [please], required: true}
      - {id: who, label: "Who did it?", type: partner, required: true}
      - {id: result, label: "What did they do?", type: text, required: true}
  - id: note
    label: Our own note
    made_by: [support_worker]
    fields: [{id: text, label: Text, type: text, required: true}]
obligations:
  - id: answer-by-then
    title: Hear what they did
    when: {records: {record: please}}
    again: for each record
    who: duty_manager
    met_by: [{record: did, about: asked}]
    within: the moment in until
    then: [{tell: [owner]}]
closing:
  when: {records: {record: did}}
  says: Something was done.
""")


class Circle:
    """A case on that pathway, two agencies, and somebody at the fire service who is in."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        version = used(cast, definition=definition_from_data(FIRE_SAFETY, name="fire-safety.yaml"))
        self.case: PathwayCase = open_case(
            by=cast.worker, at=NOW, team=cast.north, version=version, person_reference="P-88", submission_key="c"
        )
        self.fire: Agency = an_agency(cast, "Example Fire", "fire")
        self.landlord: Agency = an_agency(cast, "Example Homes", "housing")
        self.contact: Contact = a_contact(self.fire, "Ash Burnet")
        self.visit = a_record(self.case, "visit", 1, by=cast.worker, found="Ash on the mattress.")
        a_record(self.case, "note", 1, by=cast.worker, text="She is tired of us.")

    def word(self, agency: Agency, said: str, hour: float = 2, **more: str) -> PathwayRecord:
        values = {"whom": str(agency.pk), "yes-she-said": said, **{k.replace("_", "-"): v for k, v in more.items()}}
        return a_record(self.case, "word", hour, by=self.cast.worker, values=values)

    def please(self, *agencies: Agency, hour: float = 3) -> PathwayRecord:
        values = {"of": [str(agency.pk) for agency in agencies], "what": "Fit alarms", "until": hours(60)}
        return a_record(self.case, "please", hour, by=self.cast.duty_manager, values=values)

    def sees(self, agency: Agency) -> set[PathwayRecord]:
        return {each.row for each in shared_with(self.case, agency)}


@pytest.fixture
def circle(cast: Cast, the_clock: TestClock) -> Circle:
    the_clock.stand_at(hours(9))
    return Circle(cast)


@pytest.mark.parametrize(
    ("said", "more", "lets"),
    [
        ("yes", {}, True),
        ("no", {}, False),
        ("no", {"landlord_duty": "no"}, False),
        ("no", {"landlord_duty": "yes"}, True),
    ],
)
def test_what_lets_a_partner_see_is_what_the_definition_says(
    circle: Circle, said: str, more: dict[str, str], lets: bool
) -> None:
    circle.word(circle.fire, said, **more)
    asked = circle.please(circle.fire)
    assert circle.sees(circle.fire) == ({asked} if lets else set())
    assert sight(facts_of(circle.case), str(circle.fire.pk)) is (Sight.OPEN if lets else Sight.CLOSED)
    if lets:
        shared(circle.case, circle.fire, circle.visit, by=circle.cast.lead, hour=4)
        assert circle.sees(circle.fire) == {asked, circle.visit}
    else:
        with pytest.raises(Invalid, match="nothing is shared with them"):
            shared(circle.case, circle.fire, circle.visit, by=circle.cast.lead, hour=4)


def test_one_record_asks_several_and_each_answers_for_itself(circle: Circle) -> None:
    for agency in (circle.fire, circle.landlord):
        circle.word(agency, "yes")
    asked = circle.please(circle.fire, circle.landlord)
    assert circle.sees(circle.fire) == circle.sees(circle.landlord) == {asked}
    browser = let_in(circle.case, circle.contact, by=circle.cast.lead, hour=4)
    page = words(browser.get(reverse("partner:case", args=[circle.case.pk])))
    assert "Fit alarms" in page
    assert "Example Homes" not in page, "who else is asked is not for each to know"
    answer = Answer("did", hours(5), {"result": "Four alarms fitted."}, str(asked.pk))
    made = operations.add_part(by=circle.contact, at=hours(5), case=circle.case, answer=answer, submission_key="k")
    assert made.values == {"asked": str(asked.pk), "who": str(circle.fire.pk), "result": "Four alarms fitted."}
    [owed] = owed_rows(circle.case)
    assert owed.obligation.met_at == hours(5)


def test_what_stands_alone_there_is_nothing_of(circle: Circle) -> None:
    """This pathway has partners answer only: no way to add anything by themselves is shown, or taken."""
    circle.word(circle.fire, "yes")
    browser: Client = let_in(circle.case, circle.contact, by=circle.cast.lead, hour=4)
    assert "Add:" not in words(browser.get(reverse("partner:case", args=[circle.case.pk])))
    for kind in ("did", "visit", "word", "note"):
        assert browser.get(reverse("partner:write", args=[circle.case.pk, kind])).status_code == 404
        with pytest.raises(Refused):
            operations.add_part(
                by=circle.contact, at=hours(5), case=circle.case, answer=Answer(kind, hours(5), {}), submission_key=kind
            )


def test_the_pages_speak_its_words(circle: Circle) -> None:
    circle.word(circle.fire, "no", landlord_duty="yes")
    circle.please(circle.landlord)
    lead = signed_in(circle.cast.lead)
    glance = words(lead.get(reverse("pathways:case", args=[circle.case.pk]))).partition("panel-partners")[2]
    assert "Example Fire" in glance
    assert "Example Homes" in glance, "asked, and nobody decided"
    page = words(lead.get(reverse("partners:case", args=[circle.case.pk])))
    assert "Is there a duty to tell them?" in page
    assert reverse("pathways:write", args=[circle.case.pk, "word"]) in page
    summary = words(lead.get(reverse("partners:summary", args=[circle.case.pk])))
    assert "Ash on the mattress." in summary
    assert "She is tired of us." not in summary


def test_an_own_note_is_never_offered_and_never_shared(circle: Circle) -> None:
    circle.word(circle.fire, "yes")
    note = circle.case.records.get(kind="note")
    form = words(signed_in(circle.cast.lead).get(reverse("partners:share", args=[circle.case.pk])))
    assert str(circle.visit.pk) in form
    assert str(note.pk) not in form
    with pytest.raises(Invalid, match="not to be shared"):
        shared(circle.case, circle.fire, note, by=circle.cast.lead, hour=4)


def test_taken_out_of_the_next_version_nothing_new_is_shared_and_the_old_case_stays(circle: Circle, cast: Cast) -> None:
    """A case is worked by the version it was opened on: a new one that shares nothing does not hide what was shared."""
    circle.word(circle.fire, "yes")
    shared(circle.case, circle.fire, circle.visit, by=cast.lead)
    without = copy.deepcopy(FIRE_SAFETY)
    for kind in without["records"]:
        for word in ("sharing", "lets_share", "by_partner"):
            kind.pop(word, None)
    version = used(cast, definition=definition_from_data(without, name="fire-safety.yaml"))
    assert version.number == 2
    other = open_case(
        by=cast.worker, at=hours(4), team=cast.north, version=version, person_reference="P-99", submission_key="d"
    )
    assert circle.sees(circle.fire) == {circle.visit}
    assert signed_in(cast.lead).get(reverse("partners:case", args=[other.pk])).status_code == 404
    assert signed_in(cast.lead).get(reverse("partners:case", args=[circle.case.pk])).status_code == 200
