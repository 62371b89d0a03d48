"""Telling others: required, not required, done, with the paragraph relied on and the clock that law gives or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.triage.models import PartnerEscalation, StatutoryNotification
from saferpractice.triage.operations import decide_telling
from saferpractice.triage.operations.telling import Told
from saferpractice.triage.queries import REFERRAL_DUTY, duties_of, tellings_of
from saferpractice.triage.rules.form import Telling, TellingState
from tests.factories.incidents import an_incident
from tests.factories.triage import a_triage, must_be_told, need_not_be_told, was_told
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R6")


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def tell(cast: Cast, incident: Incident, telling: Telling, at: datetime = NOW, **given: Any) -> Told:
    return decide_telling(by=given.pop("by", cast.duty_manager), at=at, incident=incident, telling=telling, **given)


def owed() -> list[Obligation]:
    """Every obligation to tell somebody."""
    return list(Obligation.objects.filter(kind="triage.tell").order_by("opened_at", "pk"))


class TestRecording:
    def test_a_duty_is_a_statutory_notification(self, cast: Cast, incident: Incident) -> None:
        kept = tell(cast, incident, must_be_told("cqc-18-abuse"))
        assert isinstance(kept, StatutoryNotification)
        assert kept.paragraph == "Regulation 18(2)(e), Care Quality Commission (Registration) Regulations 2009"
        assert kept.clock == "law"
        assert kept.clock_words == (
            "law: without delay; local: within 24 hours of knowing (an example, the law gives no number)"
        )

    def test_a_partner_is_a_partner_escalation(self, cast: Cast, incident: Incident) -> None:
        assert isinstance(tell(cast, incident, must_be_told("police")), PartnerEscalation)

    def test_done_carries_reference_and_time(self, cast: Cast, incident: Incident) -> None:
        kept = tell(cast, incident, was_told("police", at=NOW - timedelta(minutes=40), reference="CAD 88"))
        assert (kept.state, kept.their_reference, kept.done_at) == ("done", "CAD 88", NOW - timedelta(minutes=40))

    def test_a_time_is_kept_only_when_done(self, cast: Cast, incident: Incident) -> None:
        telling = Telling(duty="police", state=TellingState.REQUIRED, done_at=NOW)
        assert tell(cast, incident, telling).done_at is None

    @pytest.mark.parametrize(
        ("telling", "sentence"),
        [
            (must_be_told(), "decided that this must be told: Police"),
            (need_not_be_told(), "decided that this need not be told: Police"),
            (was_told(), "recorded that this was told: Police"),
        ],
    )
    def test_is_told_in_the_story(self, cast: Cast, incident: Incident, telling: Telling, sentence: str) -> None:
        tell(cast, incident, telling)
        entry = TrailEntry.objects.story(incident.pk).last()
        assert entry.sentence == sentence
        assert entry.facts["paragraph"].startswith("National Partnership Agreement")

    @pytest.mark.requirement("R7")
    def test_a_later_decision_stands_beside_the_earlier(self, cast: Cast, incident: Incident) -> None:
        for number, telling in enumerate([need_not_be_told(), must_be_told(), was_told(at=NOW)]):
            tell(cast, incident, telling, NOW + timedelta(hours=number))
        standing = next(one for one in tellings_of(incident, at=NOW) if one.duty.code == "police")
        assert [row.state for row in standing.decisions] == ["done", "required", "not_required"]
        assert standing.state is TellingState.DONE

    def test_the_same_key_is_the_same_decision(self, cast: Cast, incident: Incident) -> None:
        first = tell(cast, incident, must_be_told(), submission_key="k")
        assert tell(cast, incident, must_be_told(), submission_key="k") == first
        assert len(owed()) == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("telling", "name"),
        [
            (must_be_told("the-moon"), "duty"),
            (must_be_told(REFERRAL_DUTY), "duty"),
            (must_be_told("cqc-17-absence"), "duty"),
            (need_not_be_told(reason=""), "reason"),
            (need_not_be_told(reason="not needed"), "reason"),
            (Telling(duty="police", state=TellingState.DONE), "done_at"),
            (was_told(at=NOW + timedelta(hours=1)), "done_at"),
            (was_told(reference="x" * 121), "their_reference"),
            (Telling(duty="police", state=TellingState.REQUIRED, reason="x" * 20_001), "reason"),
        ],
    )
    def test_each_names_its_field(self, cast: Cast, incident: Incident, telling: Telling, name: str) -> None:
        with pytest.raises(Invalid) as invalid:
            tell(cast, incident, telling)
        assert set(invalid.value.problems) == {name}
        assert not PartnerEscalation.objects.exists()
        assert not owed()

    def test_only_those_who_may(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Refused, match="record who outside was told"):
            tell(cast, incident, must_be_told(), by=cast.supervisor)
        assert tell(cast, incident, must_be_told(), by=cast.quality_lead)


class TestClocks:
    def test_a_number_the_contract_gives_runs_from_knowing(self, cast: Cast) -> None:
        known = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # Monday
        incident = an_incident(by=cast.worker, team=cast.north, at=known)
        tell(cast, incident, must_be_told("candour-nhs-funded"))
        [owed_one] = owed()
        assert (owed_one.clock, owed_one.opened_at) == ("contract", known)
        assert owed_one.due_at == datetime(2026, 3, 17, tzinfo=UTC), "ten working days: the end of Monday 16 March"

    def test_a_law_without_a_number_is_never_given_one(self, cast: Cast, incident: Incident) -> None:
        tell(cast, incident, must_be_told("cqc-18-abuse"))
        [owed_one] = owed()
        assert owed_one.clock == "local"
        assert owed_one.clock_source.startswith("law: without delay; local: within 24 hours of knowing")
        assert owed_one.due_at == NOW + timedelta(hours=24)

    def test_a_number_in_law_is_law(self, cast: Cast, incident: Incident) -> None:
        tell(cast, incident, must_be_told("riddor-10-days"))
        [owed_one] = owed()
        assert owed_one.clock == "law"
        assert owed_one.due_at == datetime(2026, 3, 15, tzinfo=UTC)

    def test_a_legal_clock_that_ran_out_before_anybody_decided_is_late_at_once(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(days=20))
        tell(cast, incident, must_be_told("riddor-10-days"))
        assert owed()[0].due_at < NOW

    def test_a_local_one_starts_with_the_decision_then(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(days=20))
        tell(cast, incident, must_be_told("police"))
        assert (owed()[0].opened_at, owed()[0].due_at) == (NOW, datetime(2026, 3, 5, tzinfo=UTC))

    def test_where_nobody_set_a_number_the_next_working_day(self, cast: Cast, incident: Incident) -> None:
        tell(cast, incident, must_be_told("professional-regulator"))
        assert owed()[0].due_at == datetime(2026, 3, 6, tzinfo=UTC)

    def test_required_again_does_not_restart_it(self, cast: Cast, incident: Incident) -> None:
        tell(cast, incident, must_be_told())
        tell(cast, incident, must_be_told(), NOW + timedelta(days=2))
        assert [one.due_at for one in owed()] == [datetime(2026, 3, 5, tzinfo=UTC)]

    def test_done_meets_it_at_the_time_it_was_done(self, cast: Cast, incident: Incident) -> None:
        tell(cast, incident, must_be_told())
        told = tell(cast, incident, was_told(at=NOW + timedelta(hours=1)), NOW + timedelta(hours=9))
        assert [(one.met_at, one.met_by_id) for one in owed()] == [(NOW + timedelta(hours=1), told.pk)]

    def test_need_not_after_all_takes_it_away_with_the_reason(self, cast: Cast, incident: Incident) -> None:
        tell(cast, incident, must_be_told())
        tell(cast, incident, need_not_be_told(), NOW + timedelta(hours=1))
        assert owed()[0].cancelled_because.startswith("Need not be told: Nothing here is a crime")

    def test_must_be_told_anew_is_owed_anew(self, cast: Cast, incident: Incident) -> None:
        tell(cast, incident, was_told())
        tell(cast, incident, must_be_told(), NOW + timedelta(days=3))
        assert [one.met_at for one in owed()] == [None]

    def test_each_duty_has_its_own(self, cast: Cast, incident: Incident) -> None:
        tell(cast, incident, must_be_told("police"))
        tell(cast, incident, must_be_told("cqc-18-abuse"))
        tell(cast, incident, was_told("police"), NOW + timedelta(hours=1))
        assert {one.title.split(": ")[1][:6]: bool(one.met_at) for one in owed()} == {"Police": True, "CQC, a": False}


class TestWhichDuties:
    def test_those_of_the_provider_only(self, cast: Cast, incident: Incident) -> None:
        offered = {duty.code for duty in duties_of(incident, at=NOW)}
        assert {"candour-nhs-funded", "cqc-18-abuse", "police"} <= offered
        assert not {"candour-health-body", "cqc-17-absence"} & offered

    def test_the_referral_is_the_threshold_s(self, cast: Cast, incident: Incident) -> None:
        assert REFERRAL_DUTY in {duty.code for duty in duties_of(incident, at=NOW)}
        assert REFERRAL_DUTY not in {one.duty.code for one in tellings_of(incident, at=NOW)}

    def test_what_triage_found_points_to_some(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        likely = {one.duty.code for one in tellings_of(incident, at=NOW) if one.duty.likely}
        assert {"police", "cqc-18-abuse", "lfpse"} <= likely
        assert "coroner" not in likely

    def test_nothing_points_anywhere_before_triage_but_harm(self, cast: Cast) -> None:
        died = an_incident(by=cast.worker, team=cast.north, physical_harm="fatal")
        likely = {one.duty.code for one in tellings_of(died, at=NOW) if one.duty.likely}
        assert {"coroner", "cqc-16-death"} <= likely

    def test_a_regulation_is_printed_with_its_year(self, cast: Cast, incident: Incident) -> None:
        years = {"cqc": "2009", "candour": "2014"}
        printed = [
            (duty.paragraph, years[family])
            for duty in duties_of(incident, at=NOW)
            if (family := duty.code.split("-")[0]) in years
        ]
        assert len(printed) >= 6
        assert [paragraph for paragraph, year in printed if year not in paragraph] == []
