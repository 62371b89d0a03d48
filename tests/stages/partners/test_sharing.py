"""Staff share, take back, invite and end: who may, what they are told, and that it holds at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.lists.operations import add_entry
from saferpractice.partners import operations
from saferpractice.partners.models import Agency, Contact, PartnerInvitation, SharingDecision, ShownRecord
from saferpractice.partners.queries.seeing import shared_with
from saferpractice.pathways import operations as pathways
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.partners import (
    GIVEN,
    OVERRIDDEN,
    a_contact,
    a_decision,
    a_risk_review,
    a_summary,
    an_action,
    an_agency,
    an_exploitation,
    an_open_circle,
    invited,
    let_in,
    mailed,
    shared,
)
from tests.factories.pathways import a_case, a_record, hours
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27")]
SHARERS = {"duty_manager", "lead"}


def sees(case: PathwayCase, agency: Agency) -> set[PathwayRecord]:
    fresh = PathwayCase.objects.select_related("version", "incident").get(pk=case.pk)
    return {each.row for each in shared_with(fresh, agency)}


def problem(do: Any) -> str:
    with pytest.raises((Invalid, Refused)) as found:
        do()
    return str(found.value)


class TestSharing:
    def test_exactly_that_record_to_exactly_that_agency(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        housing = an_agency(cast, "Example Housing", "housing")
        a_decision(case, housing, by=cast.lead)
        one, other = (a_summary(case, police, housing, by=cast.worker, hour=hour) for hour in (2, 2.5))
        shared(case, police, one, by=cast.duty_manager)
        assert sees(case, police) == {one}
        assert sees(case, housing) == set()
        shared(case, housing, other, by=cast.duty_manager)
        assert (sees(case, police), sees(case, housing)) == ({one}, {other})

    def test_the_trail_says_what_with_whom(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        shared(case, police, record, by=cast.duty_manager)
        entry = TrailEntry.objects.get(operation="partners.share")
        assert entry.sentence == "shared with Example Police: “Shared risk summary”"
        assert entry.story_id == case.pk
        assert entry.facts == {"agency": str(police.pk), "records": [str(record.pk)], "with_name": False}

    def test_twice_is_once(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        shared(case, police, record, record, by=cast.duty_manager)
        assert shared(case, police, record, by=cast.lead, hour=4) == []
        assert SharingDecision.objects.count() == 1
        assert TrailEntry.objects.filter(operation="partners.share").count() == 1

    def test_a_newer_version_is_shared_by_somebody_or_not_at_all(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        first = a_summary(case, police, by=cast.worker)
        shared(case, police, first, by=cast.duty_manager)
        values = {**first.values, "known": "Three men come."}
        second = pathways.correct_record(
            by=cast.worker, at=hours(5), record=first, happened_at=first.happened_at, values=values,
            reason="Miscounted", submission_key="c",
        )  # fmt: skip
        assert sees(case, police) == {first}
        page = words(signed_in(cast.lead).get(reverse("partners:case", args=[case.pk])))
        assert "It was put right since, and the newer version is not shared." in page
        assert "put right meanwhile" in problem(lambda: shared(case, police, first, by=cast.lead, hour=6))
        shared(case, police, second, by=cast.lead, hour=6)
        assert sees(case, police) == {second}

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            (None, "Nobody has decided yet"),
            ({"decision": "refused", "told-person": "yes"}, "nothing is shared with them"),
            ({"decision": "not-sought", "told-person": "yes", "why-not-sought": "Unsafe"}, "nothing is shared"),
            ({"decision": "refused-overridden", "told-person": "yes"}, "nothing is shared with them"),
        ],
    )
    def test_what_may_not_be_shared_is_refused_with_why(
        self, cast: Cast, values: dict[str, str] | None, said: str
    ) -> None:
        case, police = an_exploitation(cast), an_agency(cast)
        if values:
            a_decision(case, police, by=cast.lead, values=values)
        record = a_summary(case, police, by=cast.worker)
        assert said in problem(lambda: shared(case, police, record, by=cast.lead))
        assert not SharingDecision.objects.exists()

    @pytest.mark.parametrize("values", [GIVEN, OVERRIDDEN])
    def test_given_and_overridden_may_be_shared(self, cast: Cast, values: dict[str, str]) -> None:
        case, police = an_exploitation(cast), an_agency(cast)
        a_decision(case, police, by=cast.lead, values=values)
        assert shared(case, police, a_summary(case, police, by=cast.worker), by=cast.lead)

    def test_what_is_not_to_be_shared_is_refused_whoever_names_it(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        other = an_exploitation(cast, person="P-9")
        theirs = a_summary(other, police, by=cast.worker)
        half = a_summary(case, police, by=cast.worker, known="")
        for record in (case.records.get(kind="checklist"), case.records.get(kind="sharing-decision"), half, theirs):
            assert "not to be shared" in problem(lambda record=record: shared(case, police, record, by=cast.lead))
        ghost = PathwayRecord(pk=uuid4())
        assert "not to be shared" in problem(lambda: shared(case, police, ghost, by=cast.lead))
        assert "Choose what is shared" in problem(lambda: shared(case, police, by=cast.lead))

    def test_an_agency_of_another_provider_is_not_there(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        theirs = an_agency(cast, of=cast.stranger.provider)
        record = a_summary(case, police, by=cast.worker)
        assert problem(lambda: shared(case, theirs, record, by=cast.lead)) == "There is no such partner."
        contact = a_contact(theirs)
        assert problem(lambda: invited(case, contact, by=cast.lead)) == "There is no such partner."

    @pytest.mark.parametrize("name", ["worker", "supervisor", "reviewer", "quality_lead", "director", "duty_manager",
                                      "lead", "administrator", "stranger", "duty_manager_elsewhere"])  # fmt: skip
    def test_who_may(self, cast: Cast, name: str) -> None:
        case, police, contact = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        by: Person = cast.people()[name]
        deeds = (
            lambda: shared(case, police, record, by=by),
            lambda: operations.take_back(by=by, at=hours(4), case=case, agency=police, record=record),
            lambda: operations.invite(by=by, at=hours(4), case=case, contact=contact),
        )
        for deed in deeds:
            if name in SHARERS:
                deed()
            else:
                assert problem(deed) in {
                    "Only a duty manager or safeguarding lead of this place may share with partners.",
                    "There is no such case among those you may see.",
                }
        assert SharingDecision.objects.exists() is (name in SHARERS)

    def test_whoever_is_kept_from_the_incident_shares_nothing_of_its_case(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW)
        case, police = an_exploitation(cast, incident=incident, by=cast.lead), an_agency(cast)
        a_decision(case, police, by=cast.lead)
        record = a_summary(case, police, by=cast.lead)
        keep_from(
            by=cast.lead, at=hours(2), incident=incident, person=cast.duty_manager,
            because=KeptFromReason.ALLEGED_SOURCE,
        )  # fmt: skip
        assert "no such case" in problem(lambda: shared(case, police, record, by=cast.duty_manager))


class TestTakingBack:
    def test_it_holds_at_once_and_is_a_decision_of_its_own(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        shared(case, police, record, by=cast.duty_manager)
        operations.take_back(by=cast.lead, at=hours(4), case=case, agency=police, record=record)
        assert sees(case, police) == set()
        assert list(SharingDecision.objects.order_by("decided_at").values_list("shared", flat=True)) == [True, False]
        assert TrailEntry.objects.filter(sentence="took back “Shared risk summary” from Example Police").exists()

    def test_what_is_not_shared_is_taken_back_by_nothing(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        for hour in (4, 5):
            assert operations.take_back(by=cast.lead, at=hours(hour), case=case, agency=police, record=record) is None
        assert not SharingDecision.objects.exists()

    def test_a_closed_case_is_shared_and_taken_back_no_more(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        for hour, level, fallen in ((3, "high", "no"), (4, "low", "yes")):
            a_risk_review(case, police, by=cast.lead, hour=hour, risk_level=level, has_fallen=fallen)
        pathways.close_case(by=cast.lead, at=hours(5), case=case, reason="Risk has fallen")
        for deed in (
            lambda: shared(case, police, record, by=cast.lead, hour=6),
            lambda: operations.invite(by=cast.lead, at=hours(6), case=case, contact=contact),
        ):
            assert problem(deed) == "This case is closed. Open a new one."
        assert reverse("partners:share", args=[case.pk]) not in words(
            signed_in(cast.lead).get(reverse("partners:case", args=[case.pk]))
        )
        assert signed_in(cast.lead).get(reverse("partners:share", args=[case.pk])).status_code == 404


class TestInviting:
    def test_the_link_goes_to_the_contact_and_to_nobody_else(self, cast: Cast) -> None:
        case, agency, contact = an_open_circle(cast)
        colleague = a_contact(agency, "Odell Marsh")
        invited(case, contact, by=cast.duty_manager)
        assert len(mailed(contact, "invited")) == 1
        assert mailed(colleague) == []
        entry = TrailEntry.objects.get(operation="partners.invite")
        assert entry.sentence == "invited Petra Quill of Example Police to see what is shared"

    def test_only_where_something_may_be_shared(self, cast: Cast) -> None:
        case, police = an_exploitation(cast), an_agency(cast)
        contact = a_contact(police)
        assert "Nobody has decided yet" in problem(lambda: invited(case, contact, by=cast.lead))
        assert mailed(contact) == []

    @pytest.mark.parametrize("end", ["agency", "contact"])
    def test_nobody_with_whom_the_work_has_ended(self, cast: Cast, end: str) -> None:
        case, police, contact = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        if end == "agency":
            operations.end_agency(by=cast.lead, at=hours(3), agency=police)
            police.refresh_from_db()
            assert "has ended" in problem(lambda: shared(case, police, record, by=cast.lead, hour=4))
        else:
            operations.end_contact(by=cast.lead, at=hours(3), contact=contact)
        contact.refresh_from_db()
        assert "has ended" in problem(lambda: invited(case, Contact.objects.get(), by=cast.lead, hour=4))

    def test_ending_twice_is_once(self, cast: Cast) -> None:
        case, _, contact = an_open_circle(cast)
        invitation, _ = invited(case, contact, by=cast.lead)
        for hour in (4, 5):
            operations.end_invitation(by=cast.duty_manager, at=hours(hour), invitation=invitation)
        invitation.refresh_from_db()
        assert invitation.ended_at == hours(4)
        assert TrailEntry.objects.filter(operation="partners.end_invitation").count() == 1
        again = operations.end_invitation
        assert "Only a duty manager" in problem(lambda: again(by=cast.worker, at=hours(6), invitation=invitation))


class TestTelling:
    """Contacts who were let in hear that something new waits; the mail never says what."""

    def told(self, contact: Contact) -> int:
        return len(mailed(contact, "Something new"))

    def test_of_what_is_shared_with_them(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        shared(case, police, record, by=cast.lead)
        assert self.told(contact) == 0, "not yet let in: they have the link"
        let_in(case, contact, by=cast.lead, hour=4)
        shared(case, police, a_summary(case, police, by=cast.worker, hour=5), by=cast.lead, hour=5)
        assert self.told(contact) == 1

    @pytest.mark.requirement("R28", "R29")
    def test_of_what_names_them(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        housing = an_agency(cast, "Example Housing", "housing")
        other = a_contact(housing, "Hollis Grange")
        let_in(case, contact, by=cast.lead)
        an_action(case, police, by=cast.lead, hour=4)
        call = {"held-at": hours(50), "how": "By telephone", "partners": [str(police.pk), str(housing.pk)]}
        a_record(case, "review-call", 5, by=cast.lead, values=call)
        assert self.told(contact) == 2
        assert mailed(other) == [], "of whom nobody has decided"

    def test_not_of_what_is_for_others_or_for_staff(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        let_in(case, contact, by=cast.lead)
        a_summary(case, police, by=cast.worker, hour=4)
        a_record(case, "checklist", 4, by=cast.worker, present=("coercion",))
        an_action(case, an_agency(cast, "Example Housing", "housing"), by=cast.lead, hour=4)
        a_decision(case, police, by=cast.lead, hour=5, values={"decision": "refused", "told-person": "yes"})
        an_action(case, police, by=cast.lead, hour=6)
        assert self.told(contact) == 0

    def test_when_sharing_opens_again(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        let_in(case, contact, by=cast.lead)
        a_decision(case, police, by=cast.lead, hour=5, values={"decision": "refused", "told-person": "yes"})
        a_decision(case, police, by=cast.lead, hour=6, values=OVERRIDDEN)
        assert self.told(contact) == 1

    def test_nobody_whose_invitation_ended(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        let_in(case, contact, by=cast.lead)
        operations.end_invitation(by=cast.lead, at=hours(4), invitation=PartnerInvitation.objects.get())
        an_action(case, police, by=cast.lead, hour=5)
        assert self.told(contact) == 0


class TestPages:
    def send(self, by: Person, name: str, *args: object, **data: Any) -> str:
        return words(signed_in(by).post(reverse(f"partners:{name}", args=args), data, follow=True))

    def page(self, by: Person, name: str, *args: object, query: str = "") -> str:
        response = signed_in(by).get(reverse(f"partners:{name}", args=args) + query)
        assert response.status_code == 200
        return words(response)

    @pytest.fixture(autouse=True)
    def _now(self, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(10))

    def test_consent_at_a_glance_on_the_case(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        housing = an_agency(cast, "Example Housing", "housing")
        a_decision(case, housing, by=cast.lead, values={"decision": "refused", "told-person": "yes"})
        a_summary(case, police, an_agency(cast, "Example Fire", "fire"), by=cast.worker)
        shown = words(signed_in(cast.worker).get(reverse("pathways:case", args=[case.pk]))).partition("panel-partners")[
            2
        ]
        for agency, state in (("Police", "May be shared"), ("Housing", "Not shared"), ("Fire", "Not decided")):
            assert state in shown.partition(f"Example {agency}</strong>")[2].partition("</li>")[0]
        assert "Agreed: it is shared. 0 records to see. Has not looked." in shown

    def test_a_pathway_that_shares_nothing_has_no_such_page(self, cast: Cast) -> None:
        case = a_case(cast)
        assert "panel-partners" not in words(signed_in(cast.lead).get(reverse("pathways:case", args=[case.pk])))
        for name in ("case", "summary", "share", "invite"):
            assert signed_in(cast.lead).get(reverse(f"partners:{name}", args=[case.pk])).status_code == 404

    def test_share_take_back_and_who_was_shown_what(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        assert f'value="{police.pk}" selected' in self.page(cast.lead, "share", case.pk, query=f"?agency={police.pk}")
        assert "Select with which partner" not in self.page(cast.lead, "share", case.pk, query="?agency=x")
        told = self.send(cast.lead, "share", case.pk, agency=police.pk, records=[record.pk])
        assert "Shared with Example Police." in told
        ShownRecord.objects.create(case=case, contact=contact, record=record, at=hours(9))
        assert "Wednesday 4 March 2026, 11:05am" in self.page(cast.worker, "case", case.pk).partition("shown what")[2]
        assert "does not see it any more" in self.send(cast.lead, "take_back", case.pk, police.pk, record.pk)
        assert sees(case, police) == set()

    def test_what_is_wrong_is_said_beside_its_field_and_kept(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        record = a_summary(case, police, by=cast.worker)
        housing = an_agency(cast, "Example Housing", "housing")
        told = self.send(cast.lead, "share", case.pk, agency=housing.pk, records=[record.pk])
        assert "Nobody has decided yet whether anything is shared with them." in told
        assert f'value="{record.pk}" checked' in told
        assert "Choose what is shared" in self.send(cast.lead, "share", case.pk, agency=police.pk)
        assert not SharingDecision.objects.exists()

    def test_a_name_can_be_shared_only_where_there_is_one(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        a_summary(case, police, by=cast.worker)
        assert "Tell them the person" not in self.page(cast.lead, "share", case.pk)
        an_incident(by=cast.worker, team=cast.north, at=NOW, person_reference="P-1042", person_name="Ivy Oak")
        assert "Tell them the person" in self.page(cast.lead, "share", case.pk)
        assert "Ivy Oak" not in self.page(cast.lead, "share", case.pk)

    def test_invite_and_end(self, cast: Cast) -> None:
        case, _, contact = an_open_circle(cast)
        assert "goes to Petra Quill" in self.send(cast.lead, "invite", case.pk, contact=contact.pk)
        invitation = PartnerInvitation.objects.get()
        assert "works until Wednesday 11 March 2026" in self.page(cast.worker, "case", case.pk)
        assert "End the invitation" not in self.page(cast.worker, "case", case.pk), "a worker reads, and does not end"
        assert "does not see this case any more" in self.send(cast.lead, "end_invitation", case.pk, invitation.pk)

    def test_an_invitation_of_another_case_is_not_there(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        other = an_exploitation(cast, person="P-9")
        a_decision(other, police, by=cast.lead)
        invitation, _ = invited(other, contact, by=cast.lead)
        address = reverse("partners:end_invitation", args=[case.pk, invitation.pk])
        assert signed_in(cast.lead).post(address).status_code == 404
        record = a_summary(other, police, by=cast.worker)
        address = reverse("partners:take_back", args=[case.pk, police.pk, record.pk])
        assert signed_in(cast.lead).post(address).status_code == 404

    def test_the_summary_says_everything_on_one_page(self, cast: Cast) -> None:
        case, police = an_exploitation(cast), an_agency(cast)
        a_decision(case, police, by=cast.lead, values=OVERRIDDEN)
        summary = a_summary(case, police, by=cast.worker)
        an_action(case, police, by=cast.lead)
        shared(case, police, summary, by=cast.lead)
        shown = self.page(cast.worker, "summary", case.pk)
        for said in (
            "Refused: it is shared all the same, on a lawful basis", "Vital interests", "She may be killed",
            "The man who controls her reads her messages.", "Lark Penrose, Safeguarding lead", "Two men come on",
            "Patrol on Thursdays", "Shared risk summary, Wednesday 4 March 2026",
        ):  # fmt: skip
            assert said in shown, said
        assert "coercion" not in shown.lower(), "the checklist is not for partners"

    def test_each_page_leaves_its_trace(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        a_summary(case, police, by=cast.worker)
        for name in ("case", "summary", "share", "invite"):
            self.page(cast.lead, name, case.pk)
        assert AccessEntry.objects.filter(story_id=case.pk, by_id=cast.lead.pk).count() == 4

    def test_the_basis_is_chosen_from_the_provider_s_dated_list(self, cast: Cast) -> None:
        source = {"title": "Our protocol"}
        entry = {
            "code": "court-order",
            "label": "A court ordered it",
            "hint": "",
            "source": source,
            "valid_from": "2026-03-04",
        }
        add_entry(by=cast.lead, at=NOW, provider=cast.provider, list_code="lawful-bases", data=entry)
        case, police, _ = an_open_circle(cast)
        form = words(signed_in(cast.lead).get(reverse("pathways:write", args=[case.pk, "sharing-decision"])))
        assert "A court ordered it" in form
        a_decision(case, police, by=cast.lead, hour=5, values={**OVERRIDDEN, "lawful-basis": "court-order"})
        assert "A court ordered it" in self.page(cast.worker, "case", case.pk)
        made_up = {**OVERRIDDEN, "lawful-basis": "because"}
        assert "Choose one of the list." in problem(lambda: a_decision(case, police, by=cast.lead, values=made_up))


@pytest.mark.parametrize(
    "table", ["sharingdecision", "shownrecord", "partnerpart", "partnerinvitation", "contact", "agency"]
)
def test_the_database_itself_keeps_what_was_shared_and_shown(cast: Cast, table: str) -> None:
    case, police, contact = an_open_circle(cast)
    record = a_summary(case, police, by=cast.worker)
    shared(case, police, record, by=cast.lead)
    let_in(case, contact, by=cast.lead, hour=4)
    operations.look(by=contact, at=hours(5), case=case)
    answer = operations.Answer("partner-part", hours(5), {"knows": "x"})
    operations.add_part(by=contact, at=hours(5), case=case, answer=answer, submission_key="k")
    model = apps.get_model("partners", table)
    assert model.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")
