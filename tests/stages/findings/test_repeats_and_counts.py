"""The same condition again in a service, and which conditions come up most (R10, R13)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest

from saferpractice.access.models import Team
from saferpractice.findings.models import Finding
from saferpractice.findings.queries import (
    conditions_counted,
    found_before,
    found_before_seen,
    seen_by,
    services_seen,
)
from saferpractice.incidents.operations import decide_restriction, keep_from, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.reviews.models import Review
from saferpractice.triage.models import RepeatedPattern, TierProposal
from tests.factories.findings import a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db]


def reviewed(cast: Cast, team: Team, at: datetime = NOW) -> Review:
    return a_review(cast, "B", incident=an_incident(by=cast.worker, team=team, at=at), at=at)


def found(cast: Cast, team: Team, at: datetime = NOW, condition: str = "no-duty-cover") -> Finding:
    return a_finding(reviewed(cast, team, at), cast, at=at, condition=condition)


@pytest.mark.requirement("R10")
class TestFoundBefore:
    def test_the_first_time_nothing_is_raised(self, cast: Cast) -> None:
        found(cast, cast.north)
        assert not RepeatedPattern.objects.exists()

    def test_in_the_same_service_the_rules_are_asked_again(self, cast: Cast) -> None:
        first = found(cast, cast.north, NOW - timedelta(days=30))
        second = found(cast, cast.south)
        pattern = RepeatedPattern.objects.get()
        assert (pattern.incident, pattern.what) == (second.incident, "Lack of duty cover")
        assert list(pattern.earlier.all()) == [first.incident]
        assert TierProposal.objects.filter(incident=second.incident).count() == 2

    def test_not_in_another_service(self, cast: Cast) -> None:
        found(cast, cast.north, NOW - timedelta(days=30))
        found(cast, cast.east)
        assert not RepeatedPattern.objects.exists()

    def test_not_another_condition(self, cast: Cast) -> None:
        found(cast, cast.north, NOW - timedelta(days=30))
        found(cast, cast.north, condition="workload")
        assert not RepeatedPattern.objects.exists()

    @pytest.mark.parametrize(("days", "repeated"), [(89, True), (90, True), (91, False)])
    def test_within_the_providers_window(self, cast: Cast, days: int, repeated: bool) -> None:
        assert cast.provider.repeat_window_days == 90
        found(cast, cast.north, NOW - timedelta(days=days))
        found(cast, cast.north)
        assert RepeatedPattern.objects.exists() == repeated

    def test_what_was_corrected_away_does_not_count(self, cast: Cast) -> None:
        from saferpractice.findings.operations import correct_finding
        from tests.factories.findings import finding_words

        first = found(cast, cast.north, NOW - timedelta(days=30))
        correct_finding(
            by=cast.reviewer,
            at=NOW - timedelta(days=29),
            finding=first,
            words=finding_words(first.review, condition="workload"),
            corrected_because="Cover was there; it was the number of calls.",
        )
        found(cast, cast.north)
        assert not RepeatedPattern.objects.exists()

    def test_correcting_into_a_repeat_raises_it(self, cast: Cast) -> None:
        from saferpractice.findings.operations import correct_finding
        from tests.factories.findings import finding_words

        found(cast, cast.north, NOW - timedelta(days=30))
        second = found(cast, cast.north, condition="workload")
        correct_finding(
            by=cast.reviewer,
            at=NOW,
            finding=second,
            words=finding_words(second.review),
            corrected_because="The rota shows that nobody was on duty.",
        )
        assert RepeatedPattern.objects.get().incident == second.incident

    def test_a_withdrawn_incident_does_not_count(self, cast: Cast) -> None:
        first = found(cast, cast.north, NOW - timedelta(days=30))
        withdraw_incident(by=cast.lead, at=NOW, incident=first.incident, reason="Reported twice")
        assert found_before(incident=reviewed(cast, cast.north).incident, condition="no-duty-cover", at=NOW) == []

    def test_each_incident_once_newest_first(self, cast: Cast) -> None:
        old = found(cast, cast.north, NOW - timedelta(days=40))
        a_finding(old.review, cast, at=NOW - timedelta(days=39), statement="Nobody held the phone, so nobody decided.")
        new = found(cast, cast.south, NOW - timedelta(days=5))
        incident = reviewed(cast, cast.north).incident
        assert found_before(incident=incident, condition="no-duty-cover", at=NOW) == [new.incident, old.incident]

    def test_a_page_shows_only_those_one_may_open(self, cast: Cast) -> None:
        open_one = found(cast, cast.north, NOW - timedelta(days=30))
        closed = found(cast, cast.south, NOW - timedelta(days=20))
        decide_restriction(by=cast.lead, at=NOW, incident=closed.incident, restricted=True, reason="An allegation")
        incident = reviewed(cast, cast.north).incident
        seen = found_before_seen(incident=incident, condition="no-duty-cover", by=cast.duty_manager, at=NOW)
        assert seen == [open_one.incident]
        everything = found_before(incident=incident, condition="no-duty-cover", at=NOW)
        assert set(everything) == {open_one.incident, closed.incident}


@pytest.mark.requirement("R13")
class TestPareto:
    def counted(self, cast: Cast, who: str = "lead", **filters: object) -> list[tuple[str, int, Fraction, Fraction]]:
        rows = conditions_counted(
            seen_by(cast.people()[who], NOW, **filters),  # type: ignore[arg-type]
            provider_id=cast.provider.pk,
        )
        return [(one.label, one.row.count, one.row.share, one.row.cumulative) for one in rows]

    def some(self, cast: Cast) -> None:
        for team, condition in (
            (cast.north, "no-duty-cover"),
            (cast.south, "no-duty-cover"),
            (cast.north, "workload"),
            (cast.east, "poor-follow-up"),
        ):
            found(cast, team, condition=condition)

    def test_most_first_with_exact_shares(self, cast: Cast) -> None:
        self.some(cast)
        assert self.counted(cast) == [
            ("Lack of duty cover", 2, Fraction(1, 2), Fraction(1, 2)),
            ("Poor follow-up of missed contact", 1, Fraction(1, 4), Fraction(3, 4)),
            ("Workload", 1, Fraction(1, 4), Fraction(1)),
        ]

    def test_of_one_service(self, cast: Cast) -> None:
        self.some(cast)
        assert self.counted(cast, service=cast.harbour) == [
            ("Poor follow-up of missed contact", 1, Fraction(1), Fraction(1))
        ]

    @pytest.mark.parametrize(
        ("who", "how_many"),
        [
            ("lead", 4),
            ("quality_lead", 4),
            ("director", 4),
            ("duty_manager", 3),
            ("duty_manager_elsewhere", 1),
            ("supervisor", 2),
            ("worker", 0),
            ("administrator", 0),
            ("commissioner", 0),
            ("inspector", 0),
            ("stranger", 0),
        ],
    )
    def test_only_over_incidents_the_person_may_open(self, cast: Cast, who: str, how_many: int) -> None:
        self.some(cast)
        assert sum(count for _, count, _, _ in self.counted(cast, who)) == how_many

    def test_restricted_and_conflicted_incidents_are_not_counted_for_those_outside(self, cast: Cast) -> None:
        self.some(cast)
        first, second = Finding.objects.filter(team=cast.north).order_by("decided_at", "id")
        decide_restriction(by=cast.lead, at=NOW, incident=first.incident, restricted=True, reason="An allegation")
        keep_from(
            by=cast.lead,
            at=NOW,
            incident=second.incident,
            person=cast.duty_manager,
            because=KeptFromReason.RELATIVE,
        )
        assert [(label, count) for label, count, _, _ in self.counted(cast, "duty_manager")] == [
            ("Lack of duty cover", 1)
        ]

    def test_between_two_london_days(self, cast: Cast) -> None:
        # Half past eleven at night in London summer time is still that day, though UTC agrees only from October.
        late = datetime.fromisoformat("2025-07-31T23:30:00+01:00")
        found(cast, cast.north, late)
        assert self.counted(cast, first=date(2025, 7, 31), last=date(2025, 7, 31))
        assert not self.counted(cast, first=date(2025, 8, 1))
        assert not self.counted(cast, last=date(2025, 7, 30))

    def test_what_was_corrected_counts_once(self, cast: Cast) -> None:
        from saferpractice.findings.operations import correct_finding
        from tests.factories.findings import finding_words

        finding = found(cast, cast.north)
        correct_finding(
            by=cast.reviewer,
            at=NOW,
            finding=finding,
            words=finding_words(finding.review, condition="workload"),
            corrected_because="Cover was there; it was the number of calls.",
        )
        assert [(label, count) for label, count, _, _ in self.counted(cast)] == [("Workload", 1)]

    def test_nothing_found_is_an_empty_list(self, cast: Cast) -> None:
        assert self.counted(cast) == []

    def test_services_offered_are_those_with_something_to_see(self, cast: Cast) -> None:
        self.some(cast)
        assert list(services_seen(cast.lead, NOW)) == [cast.harbour, cast.riverside]
        assert list(services_seen(cast.duty_manager, NOW)) == [cast.riverside]
        assert list(services_seen(cast.worker, NOW)) == []
