"""The pages of disposal: propose, decide, what went, and what measures say of it. Plain words, nobody else's page."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.home.models import DisposalCertificate, DisposalDecision, DisposalProposal, ProposedIncident
from saferpractice.home.operations import decide_disposal, end_hold
from saferpractice.home.queries.disposals import proposals_seen, under_way, waiting_for
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, name_person
from tests.conftest import TestClock
from tests.factories.changes import a_finding, a_live_change
from tests.factories.disposal import DUE, REASON, approved, disposed, done, on_record, proposed
from tests.factories.retention import a_finished_incident, a_hold, at_rest
from tests.factories.reviews import a_review, completed
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

SEE = ("lead", "quality_lead", "director")
"""Who decides how long records are kept."""


@pytest.fixture(autouse=True)
def then(the_clock: TestClock) -> None:
    the_clock.stand_at(DUE)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return a_finished_incident(cast)


def get(person: Person, name: str, *args: object) -> Any:
    return signed_in(person).get(reverse(f"home:{name}", args=args))


def text(response: Any) -> str:
    return words(response)


class TestProposing:
    def test_begins_at_the_list_and_ends_with_a_proposal(self, cast: Cast, incident: Incident) -> None:
        page = reverse("home:propose_disposal", args=[incident.pk])
        assert page in get(cast.lead, "times_over").content.decode()
        client = signed_in(cast.lead)
        assert incident.reference in text(client.get(page))
        answer = client.post(page, {"reason": REASON, "submission_key": "k"})
        made = DisposalProposal.objects.get()
        assert answer["Location"] == reverse("home:disposal", args=[made.pk])
        assert (made.reason, made.decided_by) == (REASON, cast.lead)
        assert AccessEntry.objects.filter(page="disposal, proposing", story_id=incident.pk, by_id=cast.lead.pk).exists()

    def test_asks_why(self, cast: Cast, incident: Incident) -> None:
        page = reverse("home:propose_disposal", args=[incident.pk])
        answer = signed_in(cast.lead).post(page, {"reason": "", "submission_key": "k"})
        assert "Say why it may go" in text(answer)
        assert not DisposalProposal.objects.exists()

    def test_says_what_keeps_it_and_offers_no_form(self, cast: Cast, incident: Incident) -> None:
        a_hold(by=cast.lead, incident=incident, at=DUE)
        page = get(cast.lead, "propose_disposal", incident.pk)
        assert "A hold stands" in text(page)
        assert 'name="reason"' not in page.content.decode()

    def test_shows_together_what_shares_a_change_or_nothing_of_it(self, cast: Cast) -> None:
        reviews = [a_review(cast, "B", person_reference=f"P-{n}") for n in range(2)]
        findings = [a_finding(cast, review=review) for review in reviews]
        for review in reviews:
            completed(review, cast)
        a_live_change(cast, findings=findings)
        first, second = (review.incident for review in reviews)
        at_rest(first, second)
        both = text(get(cast.director, "propose_disposal", first.pk))
        assert first.reference in both
        assert second.reference in both
        assert "together or not at all" in both
        decide_restriction(by=cast.lead, at=NOW, incident=second, restricted=True, reason="Named people only.")
        alone = text(get(cast.director, "propose_disposal", first.pk))
        assert second.reference not in alone
        assert "that you may not read" in alone


class TestDeciding:
    def test_somebody_else_approves_and_it_waits_for_the_worker(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        page = reverse("home:disposal", args=[proposal.pk])
        client = signed_in(cast.director)
        shown = client.get(page)
        assert REASON in text(shown)
        assert reverse("home:incident", args=[incident.pk]) in shown.content.decode(), "to read it before deciding"
        answer = client.post(page, {"decision": "approve", "reason": "I read it too."}, follow=True)
        assert "It goes within minutes" in text(answer)
        assert "Approved" in text(get(cast.quality_lead, "disposals"))
        assert isinstance(done(proposal), DisposalCertificate)
        assert "See what was disposed of" in text(client.get(page))

    def test_who_proposed_is_offered_only_to_take_it_back(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        page = reverse("home:disposal", args=[proposal.pk])
        client = signed_in(cast.lead)
        assert 'value="approve"' not in client.get(page).content.decode()
        client.post(page, {"decision": "approve", "reason": "x"})
        assert not DisposalDecision.objects.exists()
        client.post(page, {"decision": "refuse", "reason": "A mistake."})
        assert DisposalDecision.objects.get().approved is False

    def test_an_open_page_whose_proposal_somebody_else_decided_keeps_what_was_typed(
        self, cast: Cast, incident: Incident
    ) -> None:
        proposal = approved(incident, cast)
        page = reverse("home:disposal", args=[proposal.pk])
        answer = signed_in(cast.quality_lead).post(page, {"decision": "refuse", "reason": "Her <family> asked. 🙂"})
        said = text(answer)
        assert "Somebody decided about this proposal already" in said
        assert "Her <family> asked. 🙂" in said
        assert "<family>" not in answer.content.decode()
        assert reverse("home:place_hold") in answer.content.decode(), "what still keeps it"
        assert DisposalDecision.objects.get().approved

    def test_the_same_sent_twice_is_one_decision(self, cast: Cast, incident: Incident) -> None:
        page = reverse("home:disposal", args=[proposed(incident, cast.lead).pk])
        client = signed_in(cast.director)
        sent = [client.post(page, {"decision": "approve", "reason": "I read it too."}) for _ in range(2)]
        assert {answer["Location"] for answer in sent} == {reverse("home:disposals")}
        assert DisposalDecision.objects.count() == 1

    @pytest.mark.parametrize(
        ("decision", "reason", "missing"), [("approve", "", "reason"), ("", "I read it.", "decision")]
    )
    def test_what_is_missing_is_said_beside_it_and_the_rest_kept(
        self, cast: Cast, incident: Incident, decision: str, reason: str, missing: str
    ) -> None:
        page = reverse("home:disposal", args=[proposed(incident, cast.lead).pk])
        answer = signed_in(cast.director).post(page, {"decision": decision, "reason": reason})
        shown = answer.content.decode()
        assert set(re.findall(r'id="id_(\w+)-error"', shown)) == {missing}
        assert bool(re.search(r'value="approve"[^>]* checked', shown)) is bool(decision)
        assert re.findall(r">\s*([^<]*)</textarea>", shown) == [reason]
        assert not DisposalDecision.objects.exists()

    def test_what_was_stopped_says_what_keeps_it(self, cast: Cast, incident: Incident) -> None:
        proposal = approved(incident, cast)
        a_hold(by=cast.lead, incident=incident, at=DUE)
        done(proposal)
        said = text(get(cast.lead, "disposal", proposal.pk))
        assert "Kept all the same" in said
        assert "A hold stands" in said

    def test_one_of_a_restricted_incident_is_there_for_named_people_only(self, cast: Cast, incident: Incident) -> None:
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="Named people only.")
        proposal = proposed(incident, cast.lead)
        assert incident.reference in text(get(cast.lead, "disposals"))
        assert incident.reference not in text(get(cast.director, "disposals"))
        assert get(cast.director, "disposal", proposal.pk).status_code == 404
        decide_disposal(by=cast.lead, at=DUE, proposal=proposal, approved=False, reason="Kept.")
        assert incident.reference not in text(get(cast.lead, "disposals"))


class TestWhoIsTold:
    """That a proposal waits stands on My work of those who may decide it, and nobody else learns that there is one."""

    WAITS = "wait for a second person"

    def my_work(self, person: Person) -> str:
        """The page without the tokens of its forms, which differ each time."""
        return re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", text(get(person, "my_work")))

    def test_those_who_may_decide_it_until_somebody_does(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        told = {name for name, person in cast.people().items() if self.WAITS in self.my_work(person)}
        assert told == {"director", "quality_lead"}
        shown = get(cast.director, "my_work").content.decode()
        assert reverse("home:disposal", args=[proposal.pk]) in shown
        assert "Nothing to do" not in shown
        decide_disposal(by=cast.director, at=DUE, proposal=proposal, approved=True, reason=REASON)
        assert self.WAITS not in self.my_work(cast.quality_lead)

    def test_not_those_who_may_not_read_all_of_it(self, cast: Cast, incident: Incident) -> None:
        """Not even that there is one: the page is the same as before."""
        before = self.my_work(cast.director)
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="Named people only.")
        proposal = proposed(incident, cast.lead)
        assert self.my_work(cast.director) == before
        ProposedIncident.objects.create(
            proposal=on_record(cast.north, by=cast.lead, at=DUE), incident_id=a_finished_incident(cast).pk,
            reference="2026-00099", team=cast.north, code="incident", years=10, kept_until=DUE.date(),
            counted_on=DUE.date(),
        )  # fmt: skip
        assert waiting_for(cast.director, DUE) == [], "one of the two is not there to be read"
        name_person(by=cast.lead, at=DUE, incident=incident, person=cast.director, reason="To decide with me.")
        assert waiting_for(cast.director, DUE) == [proposal]

    def test_in_as_many_reads_however_many_wait(self, cast: Cast) -> None:
        def reads() -> int:
            with CaptureQueriesContext(connection) as asked:
                waiting_for(cast.director, DUE)
            return len(asked)

        on_record(cast.north, by=cast.lead)
        assert waiting_for(cast.director, DUE) == [], "the incident is not there; now roles are known"
        one = reads()
        for _ in range(3):
            on_record(cast.north, by=cast.lead)
        assert reads() == one


class TestWhatIsUnderWay:
    def test_is_not_offered_again_in_the_list(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        propose, decide = (
            reverse("home:propose_disposal", args=[incident.pk]),
            reverse("home:disposal", args=[proposal.pk]),
        )
        for _ in ("open", "approved"):
            shown = get(cast.quality_lead, "times_over").content.decode()
            assert (propose in shown, decide in shown) == (False, True)
            if not DisposalDecision.objects.exists():
                decide_disposal(by=cast.director, at=DUE, proposal=proposal, approved=True, reason=REASON)

    def test_is_offered_again_once_it_was_refused(self, cast: Cast, incident: Incident) -> None:
        decide_disposal(
            by=cast.director, at=DUE, proposal=proposed(incident, cast.lead), approved=False, reason="Kept."
        )
        assert reverse("home:propose_disposal", args=[incident.pk]) in get(cast.lead, "times_over").content.decode()

    def test_of_which_one_may_not_read_all_is_not_told(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        assert under_way(cast.director, DUE, [incident.pk]) == {incident.pk: proposal.pk}
        assert under_way(cast.stranger, DUE, [incident.pk]) == {}
        decide_restriction(by=cast.lead, at=DUE, incident=incident, restricted=True, reason="Named people only.")
        assert under_way(cast.director, DUE, [incident.pk]) == {}

    def test_what_was_stopped_stays_in_the_list_until_it_is_proposed_anew(self, cast: Cast, incident: Incident) -> None:
        stopped = approved(incident, cast)
        hold = a_hold(by=cast.lead, incident=incident, at=DUE)
        done(stopped)
        assert proposals_seen(cast.quality_lead, DUE) == [stopped]
        assert "Kept all the same" in text(get(cast.quality_lead, "disposals"))
        end_hold(by=cast.lead, at=DUE, hold=hold, reason="It is over.")
        later = DUE + timedelta(hours=1)
        again = proposed(incident, cast.lead, at=later)
        assert proposals_seen(cast.quality_lead, later) == [again]
        decide_disposal(by=cast.director, at=later, proposal=again, approved=False, reason="Kept.")
        assert proposals_seen(cast.quality_lead, later) == []


class TestCertificates:
    @pytest.mark.parametrize("name", [*SEE, "administrator"])
    def test_say_what_went_and_by_whom(self, cast: Cast, incident: Incident, name: str) -> None:
        certificate = disposed(incident, cast)
        person = cast.people()[name]
        assert incident.reference in text(get(person, "certificates"))
        said = text(get(person, "certificate", certificate.pk))
        for words_ in (incident.reference, cast.lead.name, cast.director.name, REASON, certificate.rows_sha256):
            assert words_ in said
        assert "Other incidents".lower() in said.lower()

    @pytest.mark.parametrize("name", ["worker", "duty_manager", "supervisor", "reviewer", "commissioner", "inspector"])
    def test_are_nobody_elses(self, cast: Cast, incident: Incident, name: str) -> None:
        certificate = disposed(incident, cast)
        person = cast.people()[name]
        asked: list[tuple[Any, ...]] = [("certificates",), ("certificates_file",), ("certificate", certificate.pk)]
        asked.append(("disposals",))
        assert [get(person, *each).status_code for each in asked] == [404] * len(asked)

    def test_of_another_provider_are_not_there(self, cast: Cast, incident: Incident) -> None:
        certificate = disposed(incident, cast)
        assert get(cast.stranger, "certificate", certificate.pk).status_code == 404
        assert incident.reference not in text(get(cast.stranger, "certificates"))

    def test_come_as_a_file(self, cast: Cast, incident: Incident) -> None:
        certificate = disposed(incident, cast)
        body = b"".join(get(cast.administrator, "certificates_file")).decode("utf-8-sig")
        header, line = list(csv.reader(body.splitlines()))
        row = dict(zip(header, line, strict=True))
        assert row["Incidents"] == incident.reference
        assert row["Rows"] == str(sum(certificate.counts.values()))
        assert row["SHA-256 of the rows"] == certificate.rows_sha256
        assert row["Kept until (London day)"] == "2036-03-04"

    def test_are_looked_at_on_the_record(self, cast: Cast, incident: Incident) -> None:
        certificate = disposed(incident, cast)
        get(cast.administrator, "certificate", certificate.pk)
        look = AccessEntry.objects.get(page="certificate of disposal")
        assert (look.by_id, look.detail) == (cast.administrator.pk, str(certificate.pk))


class TestMeasures:
    LOST = "Records of this time were disposed of"

    def page(self, cast: Cast, the_clock: TestClock, *, after: timedelta) -> str:
        the_clock.stand_at(NOW + after)
        return text(signed_in(cast.quality_lead).get(reverse("assurance:measures")))

    def test_over_a_time_that_lost_rows_say_so(self, cast: Cast, incident: Incident, the_clock: TestClock) -> None:
        after = timedelta(days=40)
        assert self.LOST not in self.page(cast, the_clock, after=after)
        disposed(incident, cast)
        assert self.LOST in self.page(cast, the_clock, after=after)
        assert self.LOST not in self.page(cast, the_clock, after=timedelta(days=900)), "that time lost nothing"
