"""Months of supervision as they may go: nobody is asked twice, nothing is lost, and every draw can be repeated."""

from __future__ import annotations

import random
import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse

from saferpractice.access.models import Person, RoleAssignment
from saferpractice.access.operations import end_role
from saferpractice.deadlines.models import Escalation, Obligation, OutboxMessage
from saferpractice.incidents.operations import decide_restriction, withdraw_incident
from saferpractice.jobs import sweeps
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase, SupervisionDraw, SupervisionList, SupervisionPick
from saferpractice.pathways.queries import end_of_month, in_use, library, month_of
from saferpractice.pathways.rules.definition import Definition
from saferpractice.trail.draws import list_hash, ranked
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.databases import Database
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case, a_pick, a_record, hours, used
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast, build_cast

pytestmark = pytest.mark.requirement("R19")
KIND = "pathways.supervise"


def drawing(cases: int) -> Definition:
    definition = library()["self-neglect"]
    assert definition.supervision is not None
    return definition.model_copy(update={"supervision": definition.supervision.model_copy(update={"cases": cases})})


def shut(case: PathwayCase, by: Person, at: datetime) -> None:
    """Close a case, as its pathway allows it: with a checklist on which nothing is present."""
    operations.write_record(
        by=by, at=at, case=case, kind="checklist", happened_at=at, values={"present": []}, submission_key=f"{at}"[:80]
    )
    operations.close_case(by=by, at=at, case=case, reason="Well again.")


def waiting(team: Any) -> list[SupervisionPick]:
    """Cases of a team that wait to be looked at."""
    subjects = Obligation.objects.open().filter(kind=KIND, team=team).values("subject_id")
    return list(SupervisionPick.objects.filter(pk__in=subjects))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_in_two_months(cast: Cast, seed: int) -> None:
    """A worker that comes every day, and cases that open, close and are looked at, in an order nobody chose."""
    chance, at = random.Random(seed), NOW
    used(cast, definition=drawing(1 + seed % 3))
    for day in range(60):
        at += timedelta(days=1)
        if chance.random() < 0.4:
            case = operations.open_case(
                by=cast.worker, at=at, team=cast.north, version=used_version(cast), person_reference=f"P-{day}",
                submission_key=f"{seed}-{day}",
            )  # fmt: skip
            assert case
        open_ = list(PathwayCase.objects.open().order_by("pk"))
        if open_ and chance.random() < 0.25:
            shut(chance.choice(open_), cast.duty_manager, at)
        asked = [pick for pick in waiting(cast.north) if not hasattr(pick.case, "closing")]
        if asked and chance.random() < 0.15:
            look(chance.choice(asked).case, cast.supervisor, at)
        sweeps.supervise(at)
        holds(at)
    lists = SupervisionList.objects.filter(team=cast.north)
    assert sorted(lists.values_list("month", flat=True)) == [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]


def used_version(cast: Cast) -> Any:
    return in_use(cast.provider.pk, NOW)[0]


def look(case: PathwayCase, by: Person, at: datetime) -> None:
    operations.write_record(
        by=by, at=at, case=case, kind="supervision", happened_at=at, values={"present": [], "agreed": "Visit."},
        submission_key=f"look {at}"[:80],
    )  # fmt: skip


def holds(at: datetime) -> None:
    """What must hold of every draw at any moment."""
    for draw in SupervisionDraw.objects.select_related("frozen"):
        frozen, picks = draw.frozen, list(draw.picks.order_by("rank"))
        assert list_hash(frozen.case_ids) == frozen.list_hash
        order = [one.record_id for one in ranked(draw.seed, frozen.case_ids)]
        assert [order[pick.rank - 1] for pick in picks] == [str(pick.case_id) for pick in picks]
        assert len({pick.case_id for pick in picks}) == len(picks), "nobody is drawn twice"
        states = {pick.pk: Obligation.objects.filter(subject_id=pick.pk, kind=KIND) for pick in picks}
        assert all(found.count() == 1 for found in states.values())
        alive = [pick for pick in picks if states[pick.pk].filter(cancelled_at__isnull=True).exists()]
        assert len(alive) <= frozen.wanted, "never more than were asked for"
        for pick in alive:
            looked_at = states[pick.pk].filter(met_at__isnull=False).exists()
            assert looked_at or not hasattr(pick.case, "closing"), "a closed case is not waited for"
        month_goes_on = at <= end_of_month(frozen.month)
        left = PathwayCase.objects.open().filter(pk__in=order[(picks[-1].rank if picks else 0) :])
        assert len(alive) == frozen.wanted or not month_goes_on or not left.exists(), "somebody takes the place"


def test_two_workers_at_one_moment_draw_once(fresh_database: Database) -> None:
    cast = build_cast()
    for number in range(4):
        a_case(cast, person=f"P-{number}")
    gate, failed = threading.Barrier(2), []

    def work() -> None:
        try:
            gate.wait()
            sweeps.supervise(NOW)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert (SupervisionList.objects.count(), SupervisionDraw.objects.count()) == (3, 3)
    assert SupervisionPick.objects.count() == Obligation.objects.filter(kind=KIND).count() == 1


@pytest.mark.django_db
class TestWhoIsTold:
    def test_late_it_escalates_like_any_other_work(self, cast: Cast) -> None:
        a_case(cast)
        sweeps.supervise(NOW)
        sweeps.escalate_due(end_of_month(month_of(NOW)) + timedelta(minutes=1))
        told = Escalation.objects.filter(obligation__kind=KIND)
        assert told.exists()
        assert OutboxMessage.objects.filter(to=cast.supervisor).exists()

    def test_a_reminder_comes_before_the_month_ends(self, cast: Cast) -> None:
        a_case(cast)
        sweeps.supervise(NOW)
        owed = Obligation.objects.get(kind=KIND)
        assert owed.next_escalation_at == owed.due_at - timedelta(hours=24)

    def test_drawn_in_the_last_hours_it_is_due_with_the_month(self, cast: Cast) -> None:
        a_case(cast)
        at = datetime.fromisoformat("2026-03-31T22:30:00+00:00")
        sweeps.supervise(at)
        owed = Obligation.objects.get(kind=KIND)
        assert owed.opened_at == at
        assert owed.due_at == end_of_month(date(2026, 3, 1))

    def test_it_stands_in_the_supervisor_s_work_and_leads_to_the_record(self, cast: Cast, the_clock: TestClock) -> None:
        case = a_case(cast)
        sweeps.supervise(NOW)
        the_clock.stand_at(hours(1))
        shown = words(signed_in(cast.supervisor).get(reverse("home:my_work")))
        assert "Look at a case in supervision: Self-neglect threshold, P-1042" in shown
        pick = SupervisionPick.objects.get()
        went = signed_in(cast.supervisor).get(reverse("pathways:supervise", args=[pick.pk]), follow=True)
        assert went.redirect_chain[-1][0] == reverse("pathways:write", args=[case.pk, "supervision"])
        assert "Case looked at in supervision" in words(went)

    def test_a_worker_of_the_team_is_not_asked(self, cast: Cast, the_clock: TestClock) -> None:
        a_case(cast)
        sweeps.supervise(NOW)
        the_clock.stand_at(hours(1))
        assert "in supervision" not in words(signed_in(cast.worker).get(reverse("home:my_work")))

    def test_mail_about_it_names_nobody_supported(self, cast: Cast) -> None:
        a_case(cast, person="P-SECRET")
        sweeps.supervise(NOW)
        sweeps.escalate_due(end_of_month(month_of(NOW)) + timedelta(minutes=1))
        messages = list(OutboxMessage.objects.filter(to=cast.supervisor))
        assert messages
        assert all("drawn" not in message.body.lower() or "P-SECRET" not in message.body for message in messages)


@pytest.mark.django_db
class TestWhatCannotBe:
    def test_a_pathway_that_asks_for_none_has_no_list(self, cast: Cast) -> None:
        version = used(cast, "lost-contact")
        with pytest.raises(Invalid, match="asks for no supervision"):
            operations.freeze_cases(by=sweeps.WORKER, at=NOW, team=cast.north, version=version)

    def test_a_list_altered_behind_our_back_is_not_drawn_from(self, cast: Cast) -> None:
        case = a_case(cast)
        frozen = operations.freeze_cases(by=sweeps.WORKER, at=NOW, team=cast.north, version=case.version)
        entry = TrailEntry.objects.get(operation="pathways.freeze_cases")
        forged = SupervisionList.objects.create(
            provider_id=cast.provider.pk, team=cast.south, version=case.version, pathway="self-neglect",
            month=frozen.month, wanted=1, case_ids=[str(case.pk)], list_hash="0" * 64,
            decided_by_name="x", decided_by_role="x", decided_at=NOW,
        )  # fmt: skip
        TrailEntry.objects.bulk_create(
            [
                TrailEntry(
                    **{
                        name: value
                        for name, value in entry.__dict__.items()
                        if name not in {"_state", "id", "sequence", "subject_id"}
                    },
                    sequence=entry.sequence + 1000,
                    subject_id=forged.pk,
                )
            ]
        )
        with pytest.raises(Invalid, match="not the one that was frozen"):
            operations.draw_cases(by=sweeps.WORKER, at=NOW, frozen=forged)
        assert not SupervisionDraw.objects.filter(frozen=forged).exists()

    def test_a_person_replaces_nothing(self, cast: Cast) -> None:
        a_case(cast)
        sweeps.supervise(NOW)
        pick = SupervisionPick.objects.get()
        with pytest.raises(Refused):
            operations.replace_pick(by=cast.director, at=NOW, pick=pick, because="I would rather not")
        assert Obligation.objects.open().filter(subject_id=pick.pk).exists()

    def test_what_was_looked_at_is_not_replaced(self, cast: Cast) -> None:
        for number in range(2):
            a_case(cast, person=f"P-{number}")
        sweeps.supervise(NOW)
        pick = SupervisionPick.objects.get()
        look(pick.case, cast.supervisor, hours(1))
        assert operations.replace_pick(by=sweeps.WORKER, at=hours(2), pick=pick, because="x") is None
        assert SupervisionPick.objects.count() == 1

    def test_a_record_by_somebody_who_is_no_supervisor_is_refused(self, cast: Cast) -> None:
        case = a_case(cast)
        sweeps.supervise(NOW)
        for person in (cast.worker, cast.lead, cast.director):
            with pytest.raises(Refused):
                look(case, person, hours(1))
        assert len(waiting(cast.north)) == 1


@pytest.mark.django_db
class TestLaterMonths:
    def test_a_case_looked_at_in_march_may_be_drawn_in_april_and_is_owed_anew(self, cast: Cast) -> None:
        case = a_case(cast)
        sweeps.supervise(NOW)
        look(case, cast.supervisor, hours(1))
        sweeps.supervise(NOW + timedelta(days=35))
        assert [pick.draw.frozen.month for pick in waiting(cast.north)] == [date(2026, 4, 1)]

    def test_one_record_meets_what_is_still_owed_of_both_months(self, cast: Cast) -> None:
        case = a_case(cast)
        sweeps.supervise(NOW)
        sweeps.supervise(NOW + timedelta(days=35))
        assert len(waiting(cast.north)) == 2
        look(case, cast.supervisor, NOW + timedelta(days=36))
        assert waiting(cast.north) == []

    def test_a_restricted_case_of_an_earlier_month_keeps_its_place(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        tied = a_case(cast, by=cast.lead, incident=incident)
        pick = a_pick(tied, date(2026, 2, 1))
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About staff")
        assert sweeps.supervise(NOW) == 6
        assert not SupervisionPick.objects.exclude(pk=pick.pk).exists()

    def test_a_withdrawn_incident_takes_nothing_from_the_case(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        tied = a_case(cast, by=cast.lead, incident=incident)
        withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="Reported twice")
        sweeps.supervise(hours(1))
        assert [pick.case for pick in SupervisionPick.objects.all()] == [tied]

    def test_the_page_of_supervision_is_gone_with_the_role(self, cast: Cast, the_clock: TestClock) -> None:
        a_case(cast)
        sweeps.supervise(NOW)
        the_clock.stand_at(hours(2))
        address = reverse("pathways:supervision")
        assert signed_in(cast.supervisor).get(address).status_code == 200
        end_role(by=SET_UP, at=hours(1), assignment=RoleAssignment.objects.get(person=cast.supervisor))
        assert signed_in(cast.supervisor).get(address).status_code == 404

    def test_the_case_s_own_checklist_does_not_count_as_supervision(self, cast: Cast) -> None:
        case = a_case(cast)
        sweeps.supervise(NOW)
        a_record(case, "checklist", 1, by=cast.supervisor, present=[])
        assert len(waiting(cast.north)) == 1
