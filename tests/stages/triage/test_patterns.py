"""Repeats: found within the window to the day, whoever asks; shown only as far as the person may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from saferpractice.access.models import Provider
from saferpractice.incidents.models import Incident, IncidentTheme
from saferpractice.incidents.operations import decide_restriction, keep_from, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason, Precision
from saferpractice.triage.models import RepeatedPattern
from saferpractice.triage.queries import FoundPattern, find_patterns, patterns, seen
from saferpractice.triage.queries.patterns import MOST_COUNTED, MOST_KEPT
from saferpractice.triage.rules import RepeatKind
from tests.factories.incidents import an_incident
from tests.factories.triage import a_triage
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R10")
LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def found(incident: Incident, at: datetime = NOW) -> dict[RepeatKind, FoundPattern]:
    return {pattern.kind: pattern for pattern in find_patterns(incident=incident, at=at)}


def an_earlier(cast: Cast, ago: timedelta = 10 * DAY, **changes: Any) -> Incident:
    given: dict[str, Any] = {"by": cast.worker, "team": cast.north, "at": NOW - ago}
    return an_incident(**(given | changes))


def another_person(**changes: Any) -> dict[str, Any]:
    return {"person_reference": "P-7"} | changes


class TestWhatRepeats:
    def test_the_same_person_in_any_team(self, cast: Cast) -> None:
        earlier = an_earlier(cast, team=cast.east, themes=("exploitation",))
        incident = an_incident(by=cast.worker, team=cast.north)
        [pattern] = find_patterns(incident=incident, at=NOW)
        assert pattern == FoundPattern(
            kind=RepeatKind.PERSON, what="P-1042", window_days=90, how_many=1, newest=(earlier.pk,)
        )

    def test_the_same_team_and_theme_whoever_it_concerns(self, cast: Cast) -> None:
        earlier = an_earlier(cast, **another_person())
        incident = an_incident(by=cast.worker, team=cast.north)
        [pattern] = find_patterns(incident=incident, at=NOW)
        assert pattern == FoundPattern(
            kind=RepeatKind.TEAM_THEME,
            what="Lost contact or late crisis escalation, North team",
            window_days=90,
            how_many=1,
            newest=(earlier.pk,),
        )

    def test_both_at_once(self, cast: Cast) -> None:
        an_earlier(cast)
        assert set(found(an_incident(by=cast.worker, team=cast.north))) == {RepeatKind.PERSON, RepeatKind.TEAM_THEME}

    @pytest.mark.parametrize(
        "changes",
        [
            another_person(themes=("self-neglect",)),
            another_person(team="south"),
            another_person(themes=()),
            {"person_reference": "", "person_name": "", "themes": ("exploitation",)},
        ],
        ids=["another theme", "another team", "no theme", "nobody named"],
    )
    def test_nothing_else_does(self, cast: Cast, changes: dict[str, Any]) -> None:
        team = cast.south if changes.pop("team", "") == "south" else cast.north
        an_earlier(cast, team=team, **changes)
        assert not found(an_incident(by=cast.worker, team=cast.north))

    def test_two_without_a_person_are_not_the_same_person(self, cast: Cast) -> None:
        an_earlier(cast, person_reference="", themes=())
        assert not found(an_incident(by=cast.worker, team=cast.north, person_reference="", themes=()))

    def test_something_else_is_not_a_theme_two_share(self, cast: Cast) -> None:
        an_earlier(cast, **another_person(themes=("other",)))
        assert not found(an_incident(by=cast.worker, team=cast.north, themes=("other",)))

    def test_each_shared_theme_is_a_pattern(self, cast: Cast) -> None:
        both = ("self-neglect", "exploitation")
        an_earlier(cast, **another_person(themes=both))
        incident = an_incident(by=cast.worker, team=cast.north, themes=both)
        assert sorted(p.what for p in find_patterns(incident=incident, at=NOW)) == [
            "Exploitation, North team",
            "Self-neglect, North team",
        ]

    def test_never_another_provider_s(self, cast: Cast) -> None:
        from saferpractice.access.operations import create_service, create_team

        other = cast.stranger.provider
        service = create_service(by=SET_UP, at=NOW, provider=other, name="Theirs")
        team = create_team(by=SET_UP, at=NOW, service=service, name="North team")
        an_incident(by=cast.stranger, team=team, at=NOW - DAY)
        assert not found(an_incident(by=cast.worker, team=cast.north))

    def test_not_what_was_withdrawn(self, cast: Cast) -> None:
        withdraw_incident(by=cast.lead, at=NOW, incident=an_earlier(cast), reason="Reported twice by mistake")
        assert not found(an_incident(by=cast.worker, team=cast.north))

    def test_not_itself_and_not_what_nobody_knew_yet(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        an_incident(by=cast.worker, team=cast.north, at=NOW + DAY)
        assert not found(incident, NOW)
        assert set(found(incident, NOW + DAY)) == {RepeatKind.PERSON, RepeatKind.TEAM_THEME}

    def test_one_told_of_late_counts_by_when_it_happened(self, cast: Cast) -> None:
        an_earlier(cast, DAY, occurred_at=NOW - 400 * DAY, occurred_precision=Precision.ABOUT)
        assert not found(an_incident(by=cast.worker, team=cast.north))

    def test_one_of_unknown_time_counts_by_when_it_was_known(self, cast: Cast) -> None:
        an_earlier(cast, DAY, occurred_at=None, occurred_precision=Precision.UNKNOWN)
        assert found(an_incident(by=cast.worker, team=cast.north))


def within(first: datetime, second: datetime, window: int) -> bool:
    """The rule told a second way: London days no more than the window apart."""
    return abs((first.astimezone(LONDON).date() - second.astimezone(LONDON).date()).days) <= window


class TestTheWindow:
    @pytest.mark.parametrize(("days", "counts"), [(0, True), (1, True), (89, True), (90, True), (91, False)])
    def test_its_last_day_counts(self, cast: Cast, days: int, counts: bool) -> None:
        at = NOW - days * DAY
        an_earlier(cast, days * DAY, occurred_at=at)
        incident = an_incident(by=cast.worker, team=cast.north, occurred_at=NOW)
        assert bool(found(incident)) is counts

    def test_it_is_the_provider_s(self, cast: Cast) -> None:
        Provider.objects.filter(pk=cast.provider.pk).update(repeat_window_days=7)
        an_earlier(cast, 8 * DAY)
        incident = Incident.objects.get(pk=an_incident(by=cast.worker, team=cast.north).pk)
        assert not found(incident)

    def test_a_day_is_a_london_day(self, cast: Cast) -> None:
        """1 July 00:10 and 30 June 23:50 in London are both 30 June in UTC, and a day apart."""
        Provider.objects.filter(pk=cast.provider.pk).update(repeat_window_days=0)
        for minute, day in ((50, 30), (10, 1)):
            moment = datetime(2026, 6 if day == 30 else 7, day, 23 if day == 30 else 0, minute, tzinfo=LONDON)
            last = an_incident(by=cast.worker, team=cast.north, at=moment.astimezone(UTC), occurred_at=moment)
        assert not found(Incident.objects.get(pk=last.pk), datetime(2026, 7, 2, tzinfo=UTC))

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        window=st.integers(0, 400),
        apart=st.timedeltas(timedelta(0), timedelta(days=401)),
        moment=st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        told_later=st.timedeltas(timedelta(0), timedelta(days=20)),
    )
    @example(window=90, apart=90 * DAY, moment=datetime(2026, 3, 29, 1, 30, tzinfo=UTC), told_later=timedelta(0))
    @example(
        window=1, apart=DAY + timedelta(hours=23), moment=datetime(2026, 10, 26, 0, 30, tzinfo=UTC), told_later=DAY
    )
    @example(
        window=0, apart=timedelta(minutes=1), moment=datetime(2026, 6, 30, 23, 0, tzinfo=UTC), told_later=timedelta(0)
    )
    def test_property(self, cast: Cast, window: int, apart: timedelta, moment: datetime, told_later: timedelta) -> None:
        happened, before = moment, moment - apart
        with transaction.atomic():
            Provider.objects.filter(pk=cast.provider.pk).update(repeat_window_days=window)
            first = an_incident(by=SET_UP, team=cast.north, at=before + told_later, occurred_at=before)
            second = an_incident(by=SET_UP, team=cast.north, at=happened + told_later, occurred_at=happened)
            at = happened + told_later + DAY
            for one, other in ((first, second), (second, first)):
                seen_now = found(Incident.objects.get(pk=one.pk), at)
                wanted = {RepeatKind.PERSON, RepeatKind.TEAM_THEME} if within(before, happened, window) else set()
                assert set(seen_now) == wanted
                assert all(pattern.newest == (other.pk,) for pattern in seen_now.values())
            transaction.set_rollback(True)


class TestWhatAPersonSees:
    def test_what_they_may_open_newest_first(self, cast: Cast) -> None:
        older, newer = an_earlier(cast, 20 * DAY), an_earlier(cast, 10 * DAY)
        incident = an_incident(by=cast.worker, team=cast.north)
        shown = seen(found(incident)[RepeatKind.PERSON], by=cast.duty_manager, at=NOW)
        assert (shown.incidents, shown.hidden, shown.older) == ((newer, older), 0, 0)

    def test_of_the_rest_only_how_many(self, cast: Cast) -> None:
        an_earlier(cast, team=cast.east)
        mine = an_earlier(cast)
        incident = an_incident(by=cast.worker, team=cast.north)
        shown = seen(found(incident)[RepeatKind.PERSON], by=cast.duty_manager, at=NOW)
        assert (shown.incidents, shown.hidden, shown.how_many) == ((mine,), 1, 2)

    @pytest.mark.parametrize("restricted", [True, False])
    def test_a_restricted_one_or_one_they_must_not_read_is_hidden(self, cast: Cast, restricted: bool) -> None:
        earlier = an_earlier(cast)
        if restricted:
            decide_restriction(by=cast.lead, at=NOW, incident=earlier, restricted=True, reason="About a colleague")
        else:
            keep_from(by=cast.lead, at=NOW, incident=earlier, person=cast.duty_manager, because=KeptFromReason.RELATIVE)
        incident = an_incident(by=cast.worker, team=cast.north)
        for kind, pattern in found(incident).items():
            shown = seen(pattern, by=cast.duty_manager, at=NOW)
            assert (shown.incidents, shown.hidden) == ((), 1), kind
        assert seen(found(incident)[RepeatKind.PERSON], by=cast.lead, at=NOW).incidents == (earlier,)

    @pytest.mark.requirement("R8")
    def test_it_raises_the_tier_all_the_same(self, cast: Cast) -> None:
        an_earlier(cast, team=cast.east)
        incident = an_incident(by=cast.worker, team=cast.north)
        a_triage(by=cast.duty_manager, incident=incident)
        assert incident.tier_proposals.get().rule_id == "repeat-person"

    def test_what_was_kept_is_seen_by_today_s_rights(self, cast: Cast) -> None:
        earlier = an_earlier(cast)
        incident = an_incident(by=cast.worker, team=cast.north, themes=())
        a_triage(by=cast.duty_manager, incident=incident)
        kept = RepeatedPattern.objects.get()
        assert seen(kept, by=cast.duty_manager, at=NOW).incidents == (earlier,)
        decide_restriction(by=cast.lead, at=NOW, incident=earlier, restricted=True, reason="About a colleague")
        assert seen(kept, by=cast.duty_manager, at=NOW).hidden == 1

    def test_one_withdrawn_since_is_neither_shown_nor_hidden(self, cast: Cast) -> None:
        earlier = an_earlier(cast)
        incident = an_incident(by=cast.worker, team=cast.north, themes=())
        a_triage(by=cast.duty_manager, incident=incident)
        withdraw_incident(by=cast.lead, at=NOW, incident=earlier, reason="Reported twice by mistake")
        shown = seen(RepeatedPattern.objects.get(), by=cast.duty_manager, at=NOW)
        assert (shown.incidents, shown.hidden) == ((), 0)


class TestMany:
    def fill(self, cast: Cast, number: int) -> None:
        """``number`` earlier incidents of the same team and theme, copied past the operation for speed."""
        first = an_earlier(cast, 60 * DAY, **another_person())
        copies = []
        for place in range(number - 1):
            copy = Incident.objects.get(pk=first.pk)
            copy.pk = Incident().pk
            copy.reference = copy.submission_key = f"copy-{place}"
            copy.recorded_at = copy.occurred_at = NOW - 50 * DAY + timedelta(minutes=place)
            copies.append(copy)
        Incident.objects.bulk_create(copies)
        IncidentTheme.objects.bulk_create(
            IncidentTheme(incident=copy, team=cast.north, theme="lost-contact", recorded_at=copy.recorded_at)
            for copy in copies
        )

    def test_are_counted_so_far_and_the_newest_kept(self, cast: Cast) -> None:
        self.fill(cast, MOST_COUNTED + 20)
        incident = an_incident(by=cast.worker, team=cast.north)
        a_triage(by=cast.duty_manager, incident=incident)
        kept = RepeatedPattern.objects.get()
        assert (kept.how_many, kept.earlier.count()) == (MOST_COUNTED + 1, MOST_KEPT)
        assert kept.earlier.order_by("recorded_at").last().reference == f"copy-{MOST_COUNTED + 18}"
        shown = seen(kept, by=cast.duty_manager, at=NOW)
        assert (len(shown.incidents), shown.older) == (MOST_KEPT, MOST_COUNTED + 1 - MOST_KEPT)

    def test_are_found_by_index(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            find_patterns(incident=incident, at=NOW)
        looked = [one["sql"] for one in asked if '"incidents_incident' in one["sql"]]
        assert len(looked) >= 2
        if connection.vendor != "sqlite":
            return
        plans = ""
        for sql in looked:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + sql)
                plans += " ".join(row[3] for row in cursor.fetchall())
        assert "SCAN incidents_" not in plans
        assert "incident_person_newest" in plans
        assert "incident_theme_repeat" in plans

    @pytest.mark.parametrize("withdrawn", [0, 3, 7])
    def test_those_that_do_not_count_do_not_hide_older_ones(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, withdrawn: int
    ) -> None:
        monkeypatch.setattr(patterns, "AT_ONCE", 3)
        earlier = [an_earlier(cast, days * DAY, **another_person()) for days in range(1, 9)]
        for one in earlier[:withdrawn]:
            withdraw_incident(by=cast.lead, at=NOW, incident=one, reason="Reported twice")
        incident = an_incident(by=cast.worker, team=cast.north)
        [found] = [one for one in find_patterns(incident=incident, at=NOW) if one.kind is RepeatKind.TEAM_THEME]
        assert found.newest == tuple(one.pk for one in earlier[withdrawn:])

    def test_cost_a_fixed_number_of_questions(self, cast: Cast, django_assert_max_num_queries: Any) -> None:
        self.fill(cast, 60)
        incident = an_incident(by=cast.worker, team=cast.north)
        fresh = Incident.objects.select_related("provider", "team", "person_supported").get(pk=incident.pk)
        with django_assert_max_num_queries(4):
            find_patterns(incident=fresh, at=NOW)
