"""The agencies a provider works with and the people there: who keeps them, and that an end is an end."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.lists.operations import add_entry
from saferpractice.partners import operations
from saferpractice.partners.models import Agency, Contact, PartnerSession
from saferpractice.partners.queries.listed import partners_of
from saferpractice.partners.queries.seeing import contact_in
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.partners import (
    a_contact,
    a_decision,
    an_action,
    an_agency,
    an_open_circle,
    invited,
    let_in,
    mailed,
)
from tests.factories.pathways import hours
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27", "R28")]
KEEPERS = {"duty_manager", "duty_manager_elsewhere", "lead"}


def add(cast: Cast, by: Person, name: str = "Example Police", kind: str = "police") -> Agency:
    return operations.add_agency(by=by, at=NOW, provider=cast.provider, name=name, kind=kind)


class TestAgencies:
    def test_one_is_added_with_an_entry(self, cast: Cast) -> None:
        agency = add(cast, cast.lead, "  Example   Police ")
        assert (agency.name, agency.kind, agency.ended_at) == ("Example Police", "police", None)
        entry = TrailEntry.objects.get(operation="partners.add_agency")
        assert (entry.sentence, entry.provider_id) == ("added the partner Example Police", cast.provider.pk)

    @pytest.mark.parametrize("name", sorted(KEEPERS | {"worker", "supervisor", "reviewer", "quality_lead", "director",
                                                       "administrator", "commissioner", "stranger"}))  # fmt: skip
    def test_who_may(self, cast: Cast, name: str) -> None:
        agency, by = an_agency(cast), cast.people()[name]
        contact = a_contact(agency)
        deeds = (
            lambda: add(cast, by, "Example Fire", "fire"),
            lambda: operations.change_agency(by=by, at=NOW, agency=agency, name="New", kind="police"),
            lambda: operations.add_contact(by=by, at=NOW, agency=agency, name="N", email="n@partner.example"),
            lambda: operations.end_contact(by=by, at=NOW, contact=contact),
            lambda: operations.end_agency(by=by, at=NOW, agency=agency),
        )
        for deed in deeds:
            if name in KEEPERS:
                deed()
            else:
                with pytest.raises(Refused, match="Only a duty manager or safeguarding lead"):
                    deed()

    @pytest.mark.parametrize(
        ("name", "kind", "field"),
        [
            ("", "police", "name"),
            ("   ", "police", "name"),
            ("x" * 201, "police", "name"),
            ("example POLICE", "police", "name"),
            ("Another", "space-agency", "kind"),
            ("Another", "", "kind"),
        ],
    )
    def test_what_is_refused(self, cast: Cast, name: str, kind: str, field: str) -> None:
        add(cast, cast.lead)
        with pytest.raises(Invalid) as found:
            add(cast, cast.lead, name, kind)
        assert set(found.value.problems) == {field}
        assert Agency.objects.count() == 1

    def test_the_database_refuses_a_second_of_the_name_too(self, cast: Cast) -> None:
        add(cast, cast.lead)
        with pytest.raises(IntegrityError), transaction.atomic():
            Agency.objects.create(provider=cast.provider, name="EXAMPLE police", kind="police", added_at=NOW)

    def test_two_providers_each_have_their_own(self, cast: Cast) -> None:
        add(cast, cast.lead)
        an_agency(cast, of=cast.stranger.provider)
        assert len(partners_of(cast.provider.pk)) == 1

    def test_a_kind_of_one_s_own_can_be_added_to_the_list(self, cast: Cast) -> None:
        entry = {"code": "credit-union", "label": "Credit union", "hint": "", "source": {"title": "Our own practice"}}
        entry["valid_from"] = "2026-03-04"
        add_entry(by=cast.lead, at=NOW, provider=cast.provider, list_code="agency-kinds", data=entry)
        assert add(cast, cast.lead, "Example Savings", "credit-union").kind == "credit-union"

    def test_a_new_name_stands_where_the_old_was_written(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        operations.change_agency(by=cast.lead, at=hours(3), agency=police, name="Example Constabulary", kind="police")
        page = words(signed_in(cast.worker).get(reverse("pathways:case", args=[case.pk])))
        assert "Example Constabulary" in page
        assert "Example Police" not in page
        changed = TrailEntry.objects.get(operation="partners.change_agency")
        assert changed.sentence == "changed the partner Example Police to Example Constabulary"

    def test_nothing_changed_is_nothing_written(self, cast: Cast) -> None:
        agency = add(cast, cast.lead)
        operations.change_agency(by=cast.lead, at=NOW, agency=agency, name="Example Police", kind="police")
        assert not TrailEntry.objects.filter(operation="partners.change_agency").exists()

    def test_its_own_name_is_not_taken_by_itself(self, cast: Cast) -> None:
        agency = add(cast, cast.lead)
        operations.change_agency(by=cast.lead, at=NOW, agency=agency, name="EXAMPLE POLICE", kind="police")
        other = add(cast, cast.lead, "Example Fire", "fire")
        with pytest.raises(Invalid, match="already"):
            operations.change_agency(by=cast.lead, at=NOW, agency=other, name="Example Police", kind="fire")

    def test_ended_it_is_offered_no_more_and_still_named(self, cast: Cast) -> None:
        case, police, _ = an_open_circle(cast)
        fire = an_agency(cast, "Example Fire", "fire")
        operations.end_agency(by=cast.lead, at=hours(3), agency=police)
        form = words(signed_in(cast.lead).get(reverse("pathways:write", args=[case.pk, "sharing-decision"])))
        assert str(fire.pk) in form
        assert str(police.pk) not in form
        assert "Example Police" in words(signed_in(cast.worker).get(reverse("pathways:case", args=[case.pk])))

    def test_ending_twice_is_once(self, cast: Cast) -> None:
        agency = add(cast, cast.lead)
        contact = a_contact(agency)
        for hour in (1, 2):
            operations.end_contact(by=cast.lead, at=hours(hour), contact=contact)
        for hour in (3, 4):
            operations.end_agency(by=cast.lead, at=hours(hour), agency=agency)
        agency.refresh_from_db()
        contact.refresh_from_db()
        assert (agency.ended_at, contact.ended_at) == (hours(3), hours(1)), "the first end stands"
        assert TrailEntry.objects.filter(operation__startswith="partners.end_").count() == 2


class TestContacts:
    def test_one_is_added_and_hears_nothing(self, cast: Cast) -> None:
        contact = operations.add_contact(
            by=cast.lead, at=NOW, agency=add(cast, cast.lead), name=" Petra  Quill ", email=" petra@partner.example "
        )
        assert (contact.name, contact.email) == ("Petra Quill", "petra@partner.example")
        assert (
            TrailEntry.objects.get(operation="partners.add_contact").sentence == "added Petra Quill at Example Police"
        )
        assert not OutboxMessage.objects.exists()

    def test_an_address_is_one_person_s(self, cast: Cast) -> None:
        one, other = add(cast, cast.lead), add(cast, cast.lead, "Example Fire", "fire")
        contact = a_contact(one)
        with pytest.raises(Invalid, match="one of their own"):
            operations.add_contact(by=cast.lead, at=NOW, agency=other, name="N", email=contact.email.upper())
        with pytest.raises(IntegrityError), transaction.atomic():
            Contact.objects.create(
                agency=other, provider=cast.provider, name="N", email=contact.email.upper(), added_at=NOW
            )

    def test_ended_the_address_is_free_again(self, cast: Cast) -> None:
        agency = add(cast, cast.lead)
        contact = a_contact(agency)
        operations.end_contact(by=cast.lead, at=NOW, contact=contact)
        again = operations.add_contact(by=cast.lead, at=NOW, agency=agency, name="Petra Quill", email=contact.email)
        assert again != contact

    def test_nobody_is_added_where_the_work_has_ended(self, cast: Cast) -> None:
        agency = add(cast, cast.lead)
        operations.end_agency(by=cast.lead, at=NOW, agency=agency)
        with pytest.raises(Invalid, match="has ended"):
            operations.add_contact(by=cast.lead, at=NOW, agency=agency, name="N", email="n@partner.example")

    @pytest.mark.parametrize("name", ["", "  ", "x" * 201])
    def test_a_name_is_needed(self, cast: Cast, name: str) -> None:
        with pytest.raises(Invalid, match="Enter the name"):
            operations.add_contact(
                by=cast.lead, at=NOW, agency=add(cast, cast.lead), name=name, email="n@partner.example"
            )

    @pytest.mark.parametrize("end", ["contact", "agency"])
    def test_an_end_ends_sessions_and_invitations_of_them_and_of_nobody_else(self, cast: Cast, end: str) -> None:
        case, police, contact = an_open_circle(cast)
        colleague, housing = a_contact(police, "Odell Marsh"), an_agency(cast, "Example Housing", "housing")
        a_decision(case, housing, by=cast.lead)
        other = a_contact(housing, "Hollis Grange")
        for who in (contact, colleague, other):
            let_in(case, who, by=cast.lead)
        if end == "contact":
            operations.end_contact(by=cast.lead, at=hours(5), contact=contact)
        else:
            operations.end_agency(by=cast.lead, at=hours(5), agency=police)
        inside = {
            session.contact.name
            for session in PartnerSession.objects.select_related("contact")
            if contact_in(str(session.pk), hours(6))
        }
        assert inside == ({"Odell Marsh", "Hollis Grange"} if end == "contact" else {"Hollis Grange"})
        standing = case.invitations.filter(ended_at__isnull=True)
        assert {invitation.contact.name for invitation in standing} == inside

    def test_an_ended_contact_gets_no_more_mail_of_the_case(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        let_in(case, contact, by=cast.lead)
        operations.end_contact(by=cast.lead, at=hours(4), contact=contact)
        before = len(mailed(contact))
        an_action(case, police, by=cast.lead, hour=5)
        assert len(mailed(contact)) == before


class TestPages:
    @pytest.fixture(autouse=True)
    def _now(self, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(10))

    def send(self, by: Person, page: str, /, *args: object, **data: Any) -> HttpResponse:
        return signed_in(by).post(reverse(f"partners:{page}", args=args), data, follow=True)

    def test_from_an_empty_list_to_somebody_to_invite(self, cast: Cast) -> None:
        assert "No partners yet" in words(signed_in(cast.lead).get(reverse("partners:agencies")))
        told = words(self.send(cast.lead, "add_agency", name="Example Police", kind="police"))
        assert "The partner was added." in told
        agency = Agency.objects.get()
        told = words(self.send(cast.lead, "add_contact", agency.pk, name="Petra Quill", email="petra@partner.example"))
        assert "petra@partner.example" in told
        listed = words(signed_in(cast.lead).get(reverse("partners:agencies")))
        assert "Police" in listed
        assert "Works with us" in listed

    def test_mistakes_stand_beside_their_fields_with_what_was_typed(self, cast: Cast) -> None:
        an_agency(cast)
        told = words(self.send(cast.lead, "add_agency", name="example police", kind="fire"))
        assert "There is a partner called example police already." in told
        assert 'value="example police"' in told
        told = words(self.send(cast.lead, "add_contact", Agency.objects.get().pk, name="", email="not an address"))
        assert "Enter the person&#39;s name" in told or "Enter the person's name" in told
        assert not Contact.objects.exists()

    def test_change_and_end(self, cast: Cast) -> None:
        agency = an_agency(cast)
        contact = a_contact(agency)
        assert 'value="Example Police"' in words(
            signed_in(cast.lead).get(reverse("partners:change_agency", args=[agency.pk]))
        )
        assert "Example Constabulary" in words(
            self.send(cast.lead, "change_agency", agency.pk, name="Example Constabulary", kind="police")
        )
        assert "cannot come in any more" in words(self.send(cast.lead, "end_contact", contact.pk))
        page = words(self.send(cast.lead, "end_agency", agency.pk))
        assert "has ended" in page
        assert "Add somebody" not in page
        assert "Stop working with this partner" not in page

    def test_markup_in_a_name_is_text(self, cast: Cast) -> None:
        an_agency(cast, "<script>alert(1)</script>")
        response = signed_in(cast.lead).get(reverse("partners:agencies"))
        assert "<script>alert(1)" not in response.content.decode()

    def test_the_way_there_is_for_those_who_keep_them(self, cast: Cast) -> None:
        for name, person in cast.people().items():
            page = words(signed_in(person).get(reverse("home:my_work")))
            assert (f'href="{reverse("partners:agencies")}"' in page) is (name in KEEPERS | {"stranger"}), name

    def test_whom_to_invite_is_chosen_among_those_who_can_be(self, cast: Cast) -> None:
        case, police, contact = an_open_circle(cast)
        gone = a_contact(police, "Odell Marsh")
        operations.end_contact(by=cast.lead, at=hours(3), contact=gone)
        theirs = a_contact(an_agency(cast, "Theirs", of=cast.stranger.provider), "Bree Lund")
        page = words(signed_in(cast.lead).get(reverse("partners:invite", args=[case.pk])))
        assert "Petra Quill, Example Police" in page
        assert "Odell Marsh" not in page
        assert "Bree Lund" not in page
        for other in (gone, theirs):
            self.send(cast.lead, "invite", case.pk, contact=other.pk)
        assert not case.invitations.exists()
        invited(case, contact, by=cast.lead, hour=11)
        assert case.invitations.count() == 1
