"""Pathway cases opened from no incident: how long they are kept, what keeps them, and who learns of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.assurance.models import AuditPopulation, AuditResult
from saferpractice.deadlines.models import Obligation
from saferpractice.home.operations import end_hold, release_records
from saferpractice.home.queries import retention
from saferpractice.home.queries.holding import holds_on_people
from saferpractice.home.queries.keeping_cases import case_facts_of
from saferpractice.home.queries.retention import KeptFilter, case_retained_now, times_over, times_over_page
from saferpractice.home.rules.retention import CASE, OTHER, HoldKind, Kept, OpenWork
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, keep_from, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.lists.operations import add_entry
from saferpractice.lists.queries import shipped
from saferpractice.pathways.models import CaseClosing, PathwayCase
from tests.conftest import TestClock
from tests.factories.audits import an_audit_plan
from tests.factories.held import confirmed, gathered
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case, a_record
from tests.factories.retention import OVER_TOO, a_hold
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]

A_DAY = timedelta(days=1)
LATE = datetime(2100, 1, 1, 12, tzinfo=UTC)
"""When the time of everything here is over, whatever was done about it."""


def a_closed_case(cast: Cast, person: str = "P-1042", *, at: datetime = NOW, **changes: Any) -> PathwayCase:
    """A case opened, written on and closed at ``at``, with nothing owed on it any more."""
    case = a_case(cast, by=cast.lead, person=person, at=at, **changes)
    return close(cast, case, at=at)


def close(cast: Cast, case: PathwayCase, *, at: datetime = NOW) -> PathwayCase:
    CaseClosing.objects.create(case=case, reason="Moved away.", **decided(cast.lead, at))
    owed = Obligation.objects.open().filter(subject_id__in=case.obligations.values("pk"))
    owed.update(cancelled_at=at, cancelled_because="No longer needed", next_escalation_at=None)
    return PathwayCase.objects.get(pk=case.pk)


def keeps(case: PathwayCase, at: datetime = LATE) -> set[OpenWork]:
    retained = case_retained_now(case, at)
    assert retained.over
    assert retained.due is not bool(retained.open_work or retained.holds)
    return set(retained.open_work)


def until(case: PathwayCase) -> date | None:
    return case_retained_now(case, NOW).kept_until


def found(by: Person, at: datetime = OVER_TOO, **wanted: Any) -> list[PathwayCase | Incident]:
    return [one.record for one in times_over(by, at, KeptFilter(**wanted))]


def lines(by: Person, query: str = "") -> list[list[str]]:
    answer = signed_in(by).get(reverse("home:times_over_file") + query)
    text = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))[1:]


class TestItsTime:
    def test_is_over_on_the_day_after_twenty_years(self, cast: Cast) -> None:
        case = a_closed_case(cast)
        last, after = (case_retained_now(case, OVER_TOO + n * A_DAY) for n in (-2, -1))
        assert (last.code, last.years, last.kept_until) == (CASE, 20, date(2046, 3, 4))
        assert (last.over, after.over, after.due) == (False, True, True)

    def test_is_counted_from_its_closing_or_its_last_record(self, cast: Cast) -> None:
        case = a_case(cast, by=cast.lead)
        assert until(case) == date(2046, 3, 4)
        a_record(case, "checklist", 1, written=24 * 30, by=cast.lead, present=[])
        assert until(case) == date(2046, 4, 3)
        close(cast, case, at=NOW + 365 * A_DAY)
        assert until(case) == date(2047, 3, 4)

    @pytest.mark.parametrize(
        "later",
        [
            lambda cast, at: a_closed_case(cast, at=at, code="lost-contact"),
            lambda cast, at: a_closed_case(cast, at=at, team=cast.east),
            lambda cast, at: an_incident(by=cast.worker, team=cast.north, at=at, person_reference="P-1042"),
            lambda cast, at: a_closed_case(
                cast, at=at, incident=an_incident(by=cast.worker, team=cast.north, at=NOW, person_reference="")
            ),
        ],
        ids=["a later case", "a case of another team", "an incident", "a case of an incident that names nobody"],
    )
    def test_begins_anew_with_what_is_done_about_the_person_and_about_no_other(
        self, cast: Cast, later: Callable[[Cast, datetime], Any]
    ) -> None:
        """A record of care is in use again: the Code lets its time begin anew."""
        case, other = a_closed_case(cast), a_closed_case(cast, "P-7")
        later(cast, NOW + 365 * A_DAY)
        assert until(case) == date(2047, 3, 4)
        assert until(other) == date(2046, 3, 4)

    def test_is_what_a_provider_says_where_that_is_longer(self, cast: Cast) -> None:
        case = a_closed_case(cast)
        entry = next(one for one in shipped("retention").entries if one.code == CASE)
        add_entry(
            by=cast.quality_lead, at=NOW, provider=cast.provider, list_code="retention",
            data={
                "code": CASE, "label": entry.label, "hint": entry.hint, "detail": {**entry.detail, "years": 25},
                "source": {"title": "Board paper 12"}, "valid_from": NOW.date(), "valid_to": None,
            },
        )  # fmt: skip
        assert found(cast.lead) == []
        assert found(cast.lead, at=OVER_TOO.replace(year=2051)) == [case]


def owed(cast: Cast, case: PathwayCase) -> Callable[[], Any]:
    a_record(case, "checklist", 1, by=cast.lead, present=["infection-risk", "refusal-of-care"])
    CaseClosing.objects.create(case=case, reason="Moved away.", **decided(cast.lead, NOW))
    standing = Obligation.objects.open().filter(subject_id__in=case.obligations.values("pk"))
    assert standing.exists()
    return lambda: standing.update(cancelled_at=NOW, cancelled_because="No longer needed", next_escalation_at=None)


def audited(cast: Cast, case: PathwayCase, which: str) -> Callable[[], Any]:
    written = a_record(case, "checklist", 1, by=cast.lead, present=["infection-risk", "refusal-of-care"])
    close(cast, case)
    record = written if which == "record" else case.obligations.first()
    assert record is not None
    population = AuditPopulation.objects.create(
        provider=cast.provider, plan=an_audit_plan(cast), number=1, period_from=NOW.date(), period_to=NOW.date(),
        before_live=False, words="One record", lines=[f"{record.pk},{cast.north.pk}"], count=1, restricted=0,
        list_hash="0" * 64, size=1, claim_words="All of it", **decided(cast.lead, NOW),
    )  # fmt: skip
    return lambda: AuditResult.objects.create(
        population=population, answer="met", sentence="All met.", met=1, read=1, rule_version="1",
        **decided(cast.lead, NOW),
    )  # fmt: skip


def asked(cast: Cast, case: PathwayCase) -> Callable[[], Any]:
    close(cast, case)
    row = gathered(case.person_supported_id, by=cast.lead)
    return lambda: _release(cast, row)


def _release(cast: Cast, row: Any) -> None:
    confirmed(row, by=cast.lead)
    release_records(by=cast.lead, at=NOW, gathered=row, to_whom="The person", how="by hand")


def another_open(cast: Cast, case: PathwayCase) -> Callable[[], Any]:
    close(cast, case)
    other = a_case(cast, "lost-contact", by=cast.lead)
    return lambda: close(cast, other)


class TestWhatKeepsIt:
    @pytest.mark.parametrize(
        ("work", "begin"),
        [
            (OpenWork.CASE, lambda cast, case: lambda: close(cast, case)),
            (OpenWork.CASE, another_open),
            (OpenWork.DUTY, owed),
            (OpenWork.AUDIT, lambda cast, case: audited(cast, case, "record")),
            (OpenWork.AUDIT, lambda cast, case: audited(cast, case, "duty")),
            (OpenWork.REQUEST, asked),
        ],
        ids=["itself", "another case of the person", "a duty", "an audit of it", "an audit of a duty", "a request"],
    )
    def test_until_it_is_over_and_no_other(
        self, cast: Cast, work: OpenWork, begin: Callable[[Cast, PathwayCase], Callable[[], Any]]
    ) -> None:
        other, case = a_closed_case(cast, "P-7"), a_case(cast, by=cast.lead)
        end = begin(cast, case)
        assert (keeps(case), keeps(other)) == ({work}, set())
        end()
        assert keeps(case) == set()

    @pytest.mark.parametrize("on", ["the person", "everything"])
    def test_a_hold_until_it_is_ended(self, cast: Cast, on: str) -> None:
        case, other = a_closed_case(cast), a_closed_case(cast, "P-7")
        person = case.person_supported if on == "the person" else None
        hold = a_hold(by=cast.lead, person_supported=person, kind=HoldKind.CLAIM)
        assert found(cast.lead) == ([other] if on == "the person" else [])
        assert found(cast.lead, state=Kept.BACK) == ([case] if on == "the person" else [case, other])
        end_hold(by=cast.lead, at=NOW, hold=hold, reason="It was settled.")
        assert found(cast.lead) == [case, other]

    def test_a_hold_on_an_incident_of_the_person_is_on_that_alone(self, cast: Cast) -> None:
        case = a_closed_case(cast)
        incident = an_incident(by=cast.worker, team=cast.north, person_reference="P-1042")
        a_hold(by=cast.lead, incident=incident)
        assert case_retained_now(case, LATE).holds == ()


class TestTheList:
    def test_shows_incidents_and_cases_the_oldest_first_in_pages_none_lost(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "AT_ONCE", 2)
        made: list[PathwayCase | Incident] = []
        for n in range(6):
            at = NOW + (n // 2) * A_DAY  # two at one moment
            if n in {0, 3, 4}:
                one = an_incident(by=cast.worker, team=cast.north, at=at, person_reference=f"P-{n}")
                withdraw_incident(by=cast.lead, at=at, incident=one, reason="Twice.")
                made.append(one)
            else:
                made.append(a_closed_case(cast, f"P-{n}", at=at))
        seen: list[PathwayCase | Incident] = []
        after = None
        while True:
            rows, after = times_over_page(cast.lead, LATE, KeptFilter(Kept.ALL), after, 4)
            seen += [row.record for row in rows]
            if after is None:
                break
        assert {one.pk for one in seen} == {one.pk for one in made}
        assert len(seen) == len(made)
        moments = [one.decided_at if isinstance(one, PathwayCase) else one.recorded_at for one in seen]
        assert moments == sorted(moments)

    def test_by_kind_and_by_team(self, cast: Cast) -> None:
        north, east = a_closed_case(cast, "P-1"), a_closed_case(cast, "P-2", team=cast.east)
        assert found(cast.lead) == [north, east]
        assert found(cast.lead, team_id=cast.east.pk) == [east]
        assert found(cast.lead, code=CASE) == [north, east]
        assert found(cast.lead, code=OTHER) == []

    def test_a_case_of_an_incident_is_kept_with_that_and_stands_in_no_row_of_its_own(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        a_closed_case(cast, incident=incident)
        assert found(cast.lead, at=LATE, state=Kept.ALL) == [incident]

    def test_the_page_and_the_file_say_the_same(self, cast: Cast, the_clock: TestClock) -> None:
        case = a_closed_case(cast)
        held = a_closed_case(cast, "P-7")
        a_hold(by=cast.lead, person_supported=held.person_supported, kind=HoldKind.COMPLAINT)
        the_clock.stand_at(OVER_TOO)
        kind, team = "Pathway cases opened from no incident", "North team, Riverside community service"
        assert lines(cast.lead, "?show=all") == [
            ["Self-neglect threshold: P-1042", team, kind, "20", "2046-03-04", "Due", ""],
            ["Self-neglect threshold: P-7", team, kind, "20", "2046-03-04", "Kept", "Hold: a complaint"],
        ]
        assert [line[0] for line in lines(cast.lead, f"?kind={CASE}")] == ["Self-neglect threshold: P-1042"]
        text = words(signed_in(cast.lead).get(reverse("home:times_over") + "?show=all"))
        for part in (str(case), str(held), reverse("pathways:case", args=[case.pk]), "Hold: a complaint"):
            assert part in text
        assert 'value="answer"' not in text, "answers go with what they tell of, and are in no list"


class TestWhoLearnsOfIt:
    def test_nobody_of_another_provider_and_nobody_without_the_team(self, cast: Cast) -> None:
        a_closed_case(cast)
        assert found(cast.stranger) == []
        assert found(cast.administrator) == []

    @pytest.mark.parametrize(("name", "how"), [("quality_lead", "restricted"), ("director", "kept from it")])
    @pytest.mark.parametrize("about", ["the person", "nobody, with an open case on the person"])
    def test_an_incident_one_may_not_read_moves_no_day_and_no_row(
        self, cast: Cast, the_clock: TestClock, name: str, how: str, about: str
    ) -> None:
        """Its day would tell that there is one. Before anything goes it is counted all the same."""
        case, person = a_closed_case(cast), cast.people()[name]
        the_clock.stand_at(LATE)
        before = lines(person, "?show=all")
        hidden = an_incident(
            by=cast.worker, team=cast.north, at=NOW + 365 * A_DAY,
            person_reference="P-1042" if about == "the person" else "",
        )  # fmt: skip
        if about != "the person":
            a_case(cast, by=cast.lead, incident=hidden, at=NOW + 365 * A_DAY)
        if how == "restricted":
            decide_restriction(by=cast.lead, at=NOW, incident=hidden, restricted=True, reason="About a colleague")
        else:
            keep_from(by=cast.lead, at=NOW, incident=hidden, person=person, because=KeptFromReason.RELATIVE)
        assert lines(person, "?show=all") == before
        assert before[0][4] == "2046-03-04"
        seen = next(line for line in lines(cast.lead, "?show=all") if line[0] == str(case))
        assert seen[4] == "2047-03-04"
        assert until(case) == date(2047, 3, 4)

    def test_of_a_hold_on_somebody_they_are_kept_from_only_that_it_stands(
        self, cast: Cast, the_clock: TestClock
    ) -> None:
        case = a_closed_case(cast)
        other = an_incident(by=cast.worker, team=cast.north, person_reference="P-1042")
        keep_from(by=cast.lead, at=NOW, incident=other, person=cast.director, because=KeptFromReason.RELATIVE)
        a_hold(by=cast.lead, person_supported=case.person_supported, kind=HoldKind.COMPLAINT)
        the_clock.stand_at(OVER_TOO)
        (mine,) = lines(cast.director, f"?show=back&kind={CASE}")
        assert mine[-1] == "A hold stands"
        (theirs,) = lines(cast.lead, f"?show=back&kind={CASE}")
        assert theirs[-1] == "Hold: a complaint"


def test_the_reads_do_not_grow_with_the_cases(cast: Cast) -> None:
    cases = [a_closed_case(cast, f"P-{n}") for n in range(4)]

    def reads(count: int) -> int:
        chunk = cases[:count]
        with CaptureQueriesContext(connection) as captured:
            holds = holds_on_people(cast.provider.pk, {one.person_supported_id for one in chunk})
            assert len(case_facts_of(cast.provider.pk, chunk, holds, Incident.objects.all())) == count
        return len(captured)

    assert reads(4) == reads(1) <= 20
