"""The times a provider sets for itself: dated, within bounds, on the trail, and what the work of triage then owes."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from saferpractice.deadlines.local_times import evening_of, local_time
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import ClockKind, Timescale, clock_hours, local_day, same_day, working_days
from saferpractice.incidents.models import Incident
from saferpractice.lists.models import ListEntry
from saferpractice.lists.operations import add_entry, end_entry
from saferpractice.lists.queries import shipped
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.triage.operations import hand_over
from saferpractice.triage.rules import Answer
from saferpractice.triage.rules.form import SafetyAction
from tests.conftest import TestClock
from tests.factories.deadlines import an_obligation
from tests.factories.incidents import an_incident
from tests.factories.triage import a_referral, a_triage, choose
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6", "R8")]
LIST = "local-times"
TODAY = local_day(NOW)
CODES = [entry.code for entry in shipped(LIST).entries if entry.code != "evening"]


def detail_of(code: str) -> dict[str, Any]:
    entry = shipped(LIST).entry(code, TODAY)
    assert entry is not None
    return dict(entry.detail)


def set_to(cast: Cast, of: str, timescale: dict[str, Any], *, start: date = TODAY, **more: Any) -> ListEntry:
    """The provider's own time for what ``of`` names, from a day on."""
    entry = shipped(LIST).entry(of, TODAY)
    assert entry is not None
    detail = {**entry.detail, "timescale": timescale} if timescale else entry.detail
    return add_entry(
        by=cast.administrator,
        at=NOW,
        provider=cast.provider,
        list_code=LIST,
        data={
            "code": of,
            "label": entry.label,
            "hint": entry.hint,
            "detail": detail,
            "source": {"title": "Quality meeting of 2 March 2026"},
            "valid_from": start,
            **more,
        },
    )


def an_evening(cast: Cast, after: str | None, due_by: str | None) -> ListEntry:
    evening = {**detail_of("evening")["evening"], "from": after, "due_by": due_by}
    return set_to(cast, "evening", {}, detail={"evening": evening})


def owed(incident: Incident, kind: str) -> Obligation:
    return Obligation.objects.filter(story_id=incident.pk, kind=kind).latest("opened_at", "pk")


@pytest.mark.parametrize("code", CODES)
class TestEveryTime:
    def test_as_it_ships_lies_within_its_bounds_and_can_be_reckoned(self, cast: Cast, code: str) -> None:
        time = local_time(code, provider_id=cast.provider.pk, at=NOW)
        assert time == Timescale.from_data(detail_of(code)["timescale"])

    def test_the_most_is_allowed_and_one_more_is_not(self, cast: Cast, code: str) -> None:
        for bound in detail_of(code)["bounds"]:
            if bound["kind"] == "same_day":
                continue
            for amount in (0, bound["most"] + 1):
                with pytest.raises(Invalid):
                    set_to(cast, code, {"kind": bound["kind"], "amount": amount})
            set_to(cast, code, {"kind": bound["kind"], "amount": bound["most"]})
            found = local_time(code, provider_id=cast.provider.pk, at=NOW)
            assert (found.kind, found.amount) == (bound["kind"], bound["most"])

    def test_another_way_of_counting_is_not_allowed(self, cast: Cast, code: str) -> None:
        with pytest.raises(Invalid) as invalid:
            set_to(cast, code, {"kind": "weeks", "amount": 1})
        assert any("outside its bounds" in sentence for sentence in invalid.value.problems.values())
        assert not ListEntry.objects.exists()


class TestWhoAndHow:
    def test_bounds_are_not_a_provider_s_to_widen(self, cast: Cast) -> None:
        wide = {"timescale": {"kind": "clock_hours", "amount": 48}, "bounds": [{"kind": "clock_hours", "least": 1}]}
        for bounds in (wide["bounds"], [{"kind": "clock_hours", "least": 1, "most": 48}]):
            with pytest.raises(Invalid):
                set_to(cast, "triage-at-risk", {}, detail={**wide, "bounds": bounds})

    def test_nor_those_of_the_evening(self, cast: Cast) -> None:
        early = {"evening": {"from": "12:00", "due_by": "10:00", "earliest": "12:00", "latest": "12:00"}}
        with pytest.raises(Invalid, match="Keep the bounds as they ship"):
            set_to(cast, "evening", {}, detail=early)

    @pytest.mark.parametrize("name", ["duty_manager", "worker", "reviewer", "director", "stranger", "commissioner"])
    def test_only_keepers_of_the_lists(self, cast: Cast, name: str) -> None:
        with pytest.raises(Refused):
            add_entry(by=cast.people()[name], at=NOW, provider=cast.provider, list_code=LIST, data={})

    def test_no_time_is_added_or_taken_away(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="neither add nor end"):
            set_to(cast, "triage", {"kind": "same_day"}, code="my-own-time")
        with pytest.raises(Refused, match="neither add nor end"):
            end_entry(
                by=cast.administrator,
                at=NOW,
                provider=cast.provider,
                list_code=LIST,
                code="triage",
                last_day=TODAY,
                reason="We do not want to be asked for this any more.",
            )

    def test_one_s_own_ends_and_what_ships_holds_again(self, cast: Cast) -> None:
        set_to(cast, "handover", {"kind": "clock_hours", "amount": 2})
        end_entry(
            by=cast.administrator,
            at=NOW,
            provider=cast.provider,
            list_code=LIST,
            code="handover",
            last_day=TODAY,
            reason="The lead is on call again and answers as before.",
        )
        of = {"provider_id": cast.provider.pk}
        assert local_time("handover", at=NOW, **of) == clock_hours(2)
        assert local_time("handover", at=NOW + timedelta(days=1), **of) == clock_hours(4)

    def test_each_is_on_the_trail(self, cast: Cast) -> None:
        set_to(cast, "handover", {"kind": "clock_hours", "amount": 2})
        entry = TrailEntry.objects.filter(operation="lists.add_entry").latest("sequence")
        assert entry.by_name == cast.administrator.name
        assert "An answer to a case handed over" in entry.sentence
        assert entry.facts["detail"]["timescale"] == {"amount": 2, "kind": "clock_hours"}

    def test_it_is_the_provider_s_alone(self, cast: Cast) -> None:
        set_to(cast, "handover", {"kind": "clock_hours", "amount": 2})
        assert local_time("handover", provider_id=cast.stranger.provider_id, at=NOW) == clock_hours(4)

    def test_from_its_day_in_london(self, cast: Cast) -> None:
        """Summer time: the London day begins at 23:00 UTC."""
        set_to(cast, "handover", {"kind": "clock_hours", "amount": 2}, start=date(2026, 7, 1))
        before = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
        of = {"provider_id": cast.provider.pk}
        assert local_time("handover", at=before, **of) == clock_hours(4)
        assert local_time("handover", at=before + timedelta(minutes=1), **of) == clock_hours(2)

    def test_before_the_list_began_the_time_is_as_it_ships(self, cast: Cast) -> None:
        long_ago = datetime(2001, 1, 1, tzinfo=UTC)
        assert local_time("open-review-b", provider_id=cast.provider.pk, at=long_ago) == working_days(3)
        with pytest.raises(KeyError):
            local_time("no-such-time", provider_id=cast.provider.pk, at=NOW)


class TestWhatIsOwedThen:
    @pytest.mark.parametrize(
        ("code", "hours", "still_at_risk"),
        [("triage-at-risk", 3, Answer.YES), ("triage-at-risk", 3, Answer.UNKNOWN), ("triage", 6, Answer.NO)],
    )
    def test_triage(self, cast: Cast, code: str, hours: int, still_at_risk: Answer) -> None:
        set_to(cast, code, {"kind": "clock_hours", "amount": hours})
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=still_at_risk)
        assert owed(incident, "triage.decide").due_at == NOW + timedelta(hours=hours)

    @pytest.mark.parametrize(
        ("code", "hours", "answers"),
        [
            ("safety-action-at-risk", 2, {"still_at_risk": Answer.YES, "risk_words": "He has a key."}),
            ("safety-action", 12, {"still_at_risk": Answer.NO}),
        ],
    )
    def test_a_safety_action(self, cast: Cast, code: str, hours: int, answers: dict[str, Any]) -> None:
        set_to(cast, code, {"kind": "clock_hours", "amount": hours})
        incident = an_incident(by=cast.worker, team=cast.north)
        a_triage(
            by=cast.lead, incident=incident, safety_actions=(SafetyAction(what="Locks", who="Housing"),), **answers
        )
        assert owed(incident, "triage.safety_action").due_at == NOW + timedelta(hours=hours)

    @pytest.mark.parametrize(
        ("code", "kind", "timescale", "due"),
        [
            ("threshold-decision", "triage.threshold", {"kind": "clock_hours", "amount": 5}, NOW + timedelta(hours=5)),
            (
                "tier-decision",
                "triage.decide_tier",
                {"kind": "working_days", "amount": 3},
                datetime(2026, 3, 10, tzinfo=UTC),
            ),
            ("tier-decision", "triage.decide_tier", {"kind": "same_day"}, datetime(2026, 3, 5, tzinfo=UTC)),
        ],
    )
    def test_what_triage_leaves_open(
        self, cast: Cast, code: str, kind: str, timescale: dict[str, Any], due: datetime
    ) -> None:
        set_to(cast, code, timescale)
        incident = an_incident(by=cast.worker, team=cast.north)
        a_triage(by=cast.lead, incident=incident)
        assert owed(incident, kind).due_at == due

    @pytest.mark.parametrize(
        ("code", "answer"), [("handover-at-risk", Answer.YES), ("handover-at-risk", Answer.UNKNOWN)]
    )
    def test_a_hand_over(self, cast: Cast, code: str, answer: Answer) -> None:
        set_to(cast, code, {"kind": "clock_hours", "amount": 4})
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=answer)
        hand_over(by=cast.duty_manager, at=NOW, incident=incident, question="Who may decide?")
        assert owed(incident, "triage.handover").due_at == NOW + timedelta(hours=4)

    def test_an_acknowledgement(self, cast: Cast) -> None:
        set_to(cast, "referral-acknowledged", {"kind": "working_days", "amount": 10})
        incident = an_incident(by=cast.worker, team=cast.north)
        a_referral(by=cast.lead, incident=incident)
        found = owed(incident, "triage.acknowledgement")
        assert found.due_at == datetime(2026, 3, 19, tzinfo=UTC)
        assert found.clock_source == "Local standard: a referral is acknowledged within 10 working days, or chased"

    @pytest.mark.parametrize(("tier", "days"), [("A", 9), ("B", 4), ("C", 2)])
    def test_opening_the_review(self, cast: Cast, tier: str, days: int) -> None:
        set_to(cast, f"open-review-{tier.lower()}", {"kind": "working_days", "amount": days})
        incident = an_incident(by=cast.worker, team=cast.north)
        reason = "" if tier == "A" else "There is more to learn here than the harm shows."
        a_triage(by=cast.lead, incident=incident, tier=choose(tier, reason))
        found = owed(incident, "reviews.open")
        assert found.timescale == {"kind": "working_days", "amount": days}

    def test_what_was_asked_before_keeps_its_time(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=Answer.YES)
        set_to(cast, "triage-at-risk", {"kind": "clock_hours", "amount": 4})
        assert owed(incident, "triage.decide").due_at == NOW + timedelta(hours=1)


class TestTheEvening:
    LATE = datetime(2026, 3, 6, 21, 30, tzinfo=UTC)  # a Friday

    def test_as_it_ships_the_same_day_stays_the_same_day(self, cast: Cast) -> None:
        assert evening_of(provider_id=cast.provider.pk, at=self.LATE).after is None
        incident = an_incident(by=cast.worker, team=cast.north, at=self.LATE)
        assert owed(incident, "triage.decide").due_at == datetime(2026, 3, 7, tzinfo=UTC)

    def test_set_it_waits_for_the_morning_and_not_for_monday(self, cast: Cast) -> None:
        an_evening(cast, "20:00", "10:00")
        incident = an_incident(by=cast.worker, team=cast.north, at=self.LATE)
        assert owed(incident, "triage.decide").due_at == datetime(2026, 3, 7, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("at", "due"),
        [
            (datetime(2026, 3, 6, 19, 59, tzinfo=UTC), datetime(2026, 3, 7, tzinfo=UTC)),
            (datetime(2026, 3, 6, 20, 0, tzinfo=UTC), datetime(2026, 3, 7, 10, tzinfo=UTC)),
            (datetime(2026, 3, 28, 21, 0, tzinfo=UTC), datetime(2026, 3, 29, 9, tzinfo=UTC)),  # clocks go forward
            (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), datetime(2026, 10, 25, 10, tzinfo=UTC)),  # and back
            (datetime(2026, 7, 1, 19, 0, tzinfo=UTC), datetime(2026, 7, 2, 9, tzinfo=UTC)),  # summer: 8pm in London
            (datetime(2026, 7, 1, 18, 59, tzinfo=UTC), datetime(2026, 7, 1, 23, tzinfo=UTC)),
            (datetime(2026, 4, 3, 22, 0, tzinfo=UTC), datetime(2026, 4, 4, 9, tzinfo=UTC)),  # Good Friday
            (datetime(2026, 3, 7, 0, 30, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)),  # after midnight: a new day
        ],
    )
    def test_by_the_clock_in_london(self, cast: Cast, at: datetime, due: datetime) -> None:
        an_evening(cast, "20:00", "10:00")
        assert an_obligation(team=cast.north, at=at, timescale=same_day()).due_at == due

    @pytest.mark.parametrize("clock", [ClockKind.LAW, ClockKind.CONTRACT])
    def test_never_for_law_or_contract(self, cast: Cast, clock: ClockKind) -> None:
        an_evening(cast, "20:00", "10:00")
        found = an_obligation(team=cast.north, at=self.LATE, timescale=same_day(), clock=clock)
        assert found.due_at == datetime(2026, 3, 7, tzinfo=UTC)

    @pytest.mark.parametrize("timescale", [clock_hours(1), working_days(1)])
    def test_nor_for_what_is_counted_otherwise(self, cast: Cast, timescale: Timescale) -> None:
        plain = an_obligation(team=cast.north, at=self.LATE, timescale=timescale).due_at
        an_evening(cast, "20:00", "10:00")
        assert an_obligation(team=cast.north, at=self.LATE, timescale=timescale).due_at == plain

    def test_somebody_at_risk_does_not_wait(self, cast: Cast) -> None:
        an_evening(cast, "18:00", "12:00")
        incident = an_incident(by=cast.worker, team=cast.north, at=self.LATE, still_at_risk=Answer.UNKNOWN)
        assert owed(incident, "triage.decide").due_at == self.LATE + timedelta(hours=1)

    @pytest.mark.parametrize(
        ("after", "due_by", "words"),
        [
            ("17:59", "10:00", "Write 18:00 or later"),
            ("18:00", "12:01", "Write 12:00 or earlier"),
            ("20:00", None, "or null for both"),
            (None, "10:00", "or null for both"),
            ("8pm", "10:00", ""),
            ("24:00", "10:00", ""),
        ],
    )
    def test_within_bounds(self, cast: Cast, after: str | None, due_by: str | None, words: str) -> None:
        with pytest.raises(Invalid) as invalid:
            an_evening(cast, after, due_by)
        assert words in str(invalid.value)
        assert not ListEntry.objects.exists()


def text(answer: HttpResponse) -> str:
    return html.unescape(answer.content.decode())


class TestThePages:
    SENT = {"source.title": "Quality meeting", "valid_from": "2026-03-04"}

    @pytest.fixture
    def admin(self, cast: Cast, client: Client, the_clock: TestClock) -> Client:
        the_clock.stand_at(NOW)
        client.force_login(cast.administrator)
        return client

    def test_the_list_states_each_time_and_its_bounds(self, cast: Cast, admin: Client) -> None:
        page = text(admin.get(f"/lists/{LIST}"))
        assert "within the bounds stated" in page
        assert "neither add nor end one" in page
        one = text(admin.get(f"/lists/{LIST}/entries/tier-decision"))
        for words in ("1 working day", "The same day", "1 to 5 working days", "Replace it from a day"):
            assert words in one

    @pytest.mark.parametrize("code", [*CODES, "evening"])
    def test_each_form_starts_from_what_holds_and_asks_for_no_name(self, cast: Cast, admin: Client, code: str) -> None:
        page = text(admin.get(f"/lists/{LIST}/entries/{code}/replace"))
        assert 'name="label"' not in page
        for bound in detail_of(code).get("bounds", []):
            assert "least" not in bound or f"{bound['least']} to {bound['most']}." in page

    def test_a_time_is_set(self, cast: Cast, admin: Client) -> None:
        sent = {**self.SENT, "kind": "clock_hours", "amount_clock_hours": "2"}
        answer = admin.post(f"/lists/{LIST}/entries/handover/replace", sent)
        assert answer.status_code == 302, text(answer)
        assert local_time("handover", provider_id=cast.provider.pk, at=NOW) == clock_hours(2)
        assert ListEntry.objects.get().label == "An answer to a case handed over, when nobody is at risk"

    def test_the_same_day_needs_no_number(self, cast: Cast, admin: Client) -> None:
        sent = {**self.SENT, "kind": "same_day", "amount_working_days": "99"}
        assert admin.post(f"/lists/{LIST}/entries/tier-decision/replace", sent).status_code == 302
        assert local_time("tier-decision", provider_id=cast.provider.pk, at=NOW) == same_day()

    @pytest.mark.parametrize(
        ("code", "sent"),
        [
            ("handover", {"kind": "clock_hours", "amount_clock_hours": "25"}),
            ("handover", {"kind": "clock_hours", "amount_clock_hours": "0"}),
            ("handover", {"kind": "clock_hours", "amount_clock_hours": ""}),
            ("handover", {"kind": "working_days", "amount_clock_hours": "2"}),
            ("handover", {}),
            ("evening", {"waits": "yes", "starts": "17:00", "due_by": "10:00"}),
            ("evening", {"waits": "yes", "starts": "20:00", "due_by": "13:00"}),
            ("evening", {"waits": "yes", "starts": "late", "due_by": "10:00"}),
            ("evening", {"waits": "yes", "starts": "20:00", "due_by": ""}),
            ("evening", {"waits": "yes", "starts": "25:00", "due_by": "10:00"}),
        ],
    )
    def test_outside_the_bounds_nothing_is_written_and_all_is_kept(
        self, cast: Cast, admin: Client, code: str, sent: dict[str, str]
    ) -> None:
        answer = admin.post(f"/lists/{LIST}/entries/{code}/replace", {**self.SENT, **sent})
        assert answer.status_code == 200
        assert "There is a problem" in text(answer)
        assert [typed for typed in sent.values() if typed not in text(answer)] == []
        assert not ListEntry.objects.exists()

    @pytest.mark.parametrize(("typed", "kept"), [("20:30", "20:30"), ("2030", "20:30"), ("20.30", "20:30")])
    def test_the_evening_is_set_and_taken_back(self, cast: Cast, admin: Client, typed: str, kept: str) -> None:
        address = f"/lists/{LIST}/entries/evening/replace"
        sent = {**self.SENT, "waits": "yes", "starts": typed, "due_by": "9:00"}
        assert admin.post(address, sent).status_code == 302
        found = evening_of(provider_id=cast.provider.pk, at=NOW)
        assert found.sentence == f"From {kept} it is due by 09:00 on the next day."
        assert f"From {kept}, by 09:00 on the next day" in text(admin.get(f"/lists/{LIST}/entries/evening"))
        assert admin.post(address, {**self.SENT, "waits": "no", "starts": typed}).status_code == 302
        assert evening_of(provider_id=cast.provider.pk, at=NOW).after is None

    def test_there_is_no_page_to_add_or_end_one(self, cast: Cast, admin: Client) -> None:
        assert admin.get(f"/lists/{LIST}/new").status_code == 404
        assert admin.post(f"/lists/{LIST}/new", self.SENT).status_code == 404
        assert admin.get(f"/lists/{LIST}/entries/triage/end").status_code == 404

    @pytest.mark.parametrize("name", ["worker", "duty_manager", "director", "reviewer", "inspector"])
    def test_for_others_it_is_not_there(self, cast: Cast, client: Client, the_clock: TestClock, name: str) -> None:
        the_clock.stand_at(NOW)
        client.force_login(cast.people()[name])
        assert client.get(f"/lists/{LIST}").status_code == 404
        assert client.post(f"/lists/{LIST}/entries/handover/replace", self.SENT).status_code == 404
