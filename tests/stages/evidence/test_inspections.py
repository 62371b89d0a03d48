"""Inspections: who opens them, what they cover, when they close, what is drawn, what is released (R34)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from saferpractice.access.models import Person, RoleAssignment
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.evidence.models import Inspection, InspectionDraw, InspectionEnd, InspectionPopulation
from saferpractice.evidence.operations import (
    Disclosure,
    draw_incidents,
    end_inspection,
    freeze_incidents,
    open_inspection,
    release_incident,
)
from saferpractice.evidence.queries.inspections import (
    Wanted,
    incidents_in,
    incidents_shown,
    inspection_of,
    inspections_overseen,
    may_be_released,
    page_of,
    population_of,
    services_of,
    wanted_of,
)
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, grade_harm, name_person, withdraw_incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.factories.incidents import an_incident
from tests.factories.inspections import ENDS_AT, IDENTITY, LOOKED_AT, OPENED_AT, SEED, a_list, an_inspection, drawn
from tests.factories.triage import a_triage, choose
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R34")


def some_incidents(cast: Cast, number: int, **changes: Any) -> list[Incident]:
    return [an_incident(by=cast.worker, team=cast.north, **changes) for _ in range(number)]


def numbers(incidents: Any) -> set[str]:
    return set(incidents.values_list("reference", flat=True))


class TestOpening:
    @pytest.mark.parametrize(
        ("name", "may"),
        [
            ("director", True),
            ("quality_lead", True),
            ("administrator", True),
            ("lead", False),
            ("duty_manager", False),
            ("reviewer", False),
            ("worker", False),
            ("inspector", False),
            ("commissioner", False),
            ("stranger", False),
        ],
    )
    def test_who_opens_one(self, cast: Cast, name: str, *, may: bool) -> None:
        if may:
            assert an_inspection(cast, by=cast.people()[name]).inspector == cast.inspector
        else:
            with pytest.raises(Refused, match="Only a quality lead, director or administrator"):
                an_inspection(cast, by=cast.people()[name])

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            (lambda cast: {"inspector": cast.commissioner}, "inspector"),
            (lambda cast: {"inspector": cast.stranger}, "inspector"),
            (lambda cast: {"services": []}, "services"),
            (lambda cast: {"authority": "no-such-power"}, "authority"),
            (lambda cast: {"reference": "  "}, "reference"),
            (lambda cast: {"reference": "x" * 61}, "reference"),
            (lambda cast: {"ends_at": OPENED_AT}, "ends_at"),
            (lambda cast: {"period_to": date(2026, 3, 8)}, "period_to"),
            (lambda cast: {"identity": Disclosure(power="by-agreement", because="A rehearsal.")}, "identity_power"),
            (lambda cast: {"identity": Disclosure(power="hsca-2008-64", because=" ")}, "identity_because"),
        ],
    )
    def test_what_cannot_be_right(self, cast: Cast, changes: Callable[[Cast], dict[str, Any]], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            an_inspection(cast, **changes(cast))
        assert list(refused.value.problems) == [field]
        assert not Inspection.objects.exists()

    def test_services_of_another_provider_are_refused(self, cast: Cast) -> None:
        other = cast.stranger.provider.services.create(name="Theirs")
        with pytest.raises(Invalid) as refused:
            an_inspection(cast, services=[cast.riverside, other])
        assert list(refused.value.problems) == ["services"]

    def test_an_inspector_of_one_service_inspects_no_other(self, cast: Cast) -> None:
        held = cast.inspector.role_assignments.get()
        end_role(by=SET_UP, at=NOW, assignment=held)
        here = Place(cast.provider.pk, cast.riverside.pk)
        assign_role(by=SET_UP, at=NOW, person=cast.inspector, role=Role.INSPECTOR, place=here)
        inspector = Person.objects.get(pk=cast.inspector.pk)
        assert an_inspection(cast, inspector=inspector, services=[cast.riverside])
        with pytest.raises(Invalid) as refused:
            an_inspection(cast, inspector=inspector, services=[cast.riverside, cast.harbour])
        assert list(refused.value.problems) == ["inspector"]

    def test_an_administrator_does_not_decide_that_identity_is_shown(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="Only a quality lead or director"):
            an_inspection(cast, by=cast.administrator, identity=IDENTITY)
        assert an_inspection(cast, by=cast.quality_lead, identity=IDENTITY).identity_because == IDENTITY.because

    def test_sent_twice_it_is_one_and_sent_with_other_answers_it_is_told(self, cast: Cast) -> None:
        first = an_inspection(cast, submission_key="same")
        assert an_inspection(cast, submission_key="same") == first
        with pytest.raises(SentBefore) as told:
            an_inspection(cast, submission_key="same", identity=IDENTITY)
        assert [one.question for one in told.value.differences] == ["Why identity is shown"]
        with pytest.raises(Invalid, match="somebody else"):
            an_inspection(cast, by=cast.quality_lead, submission_key="same")
        assert Inspection.objects.count() == 1

    def test_it_stands_in_the_trail(self, cast: Cast) -> None:
        made = an_inspection(cast, identity=IDENTITY)
        entry = TrailEntry.objects.get(subject_id=made.pk)
        assert entry.sentence.startswith("opened inspection INS-117 for Indigo Marsh until Saturday 21 March 2026")
        assert entry.sentence.endswith("showing who the incidents concern")
        assert entry.facts["services"] == ["Riverside community service"]

    @pytest.mark.parametrize(
        "change", [{"identity_power": "hsca-2008-64", "identity_because": ""}, {"ends_at": OPENED_AT - timedelta(1)}]
    )
    def test_the_database_refuses_what_no_operation_would(self, cast: Cast, change: dict[str, Any]) -> None:
        row = {field.attname: getattr(an_inspection(cast), field.attname) for field in Inspection._meta.concrete_fields}
        row |= {"id": None, "submission_key": "another"} | change
        row.pop("id")
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.create(**row)

    def test_no_row_of_it_is_changed_afterwards(self, cast: Cast) -> None:
        made = an_inspection(cast)
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.filter(pk=made.pk).update(ends_at=ENDS_AT + timedelta(days=400))
        with pytest.raises(IntegrityError), transaction.atomic():
            made.services.clear()


class TestClosing:
    """Over, ended, another role, sign-in closed: each closes it at once."""

    def test_open_until_its_last_moment(self, cast: Cast) -> None:
        made = an_inspection(cast)
        at = (OPENED_AT - timedelta(seconds=1), OPENED_AT, ENDS_AT - timedelta(seconds=1), ENDS_AT)
        seen = [inspection_of(cast.inspector, each, made.pk) is not None for each in at]
        assert seen == [False, True, True, False]

    def test_ended(self, cast: Cast) -> None:
        made = an_inspection(cast)
        end_inspection(by=cast.administrator, at=LOOKED_AT, inspection=made, reason="The visit is over.")
        assert inspection_of(cast.inspector, LOOKED_AT, made.pk) is None
        with pytest.raises(Stale, match="ended already"):
            end_inspection(by=cast.director, at=LOOKED_AT, inspection=made, reason="Again.")
        with pytest.raises(Refused, match="until it ends"):
            a_list(made)

    def test_over_it_cannot_be_ended(self, cast: Cast) -> None:
        with pytest.raises(Stale, match="time is over"):
            end_inspection(by=cast.director, at=ENDS_AT, inspection=an_inspection(cast), reason="It is over.")

    @pytest.mark.parametrize(("name", "reason", "error"), [("lead", "Why", Refused), ("director", " ", Invalid)])
    def test_ending_needs_somebody_who_opens_and_a_reason(
        self, cast: Cast, name: str, reason: str, error: type[Exception]
    ) -> None:
        with pytest.raises(error):
            end_inspection(by=cast.people()[name], at=LOOKED_AT, inspection=an_inspection(cast), reason=reason)
        assert not InspectionEnd.objects.exists()

    def test_the_role_ended(self, cast: Cast) -> None:
        made = an_inspection(cast)
        end_role(by=cast.administrator, at=LOOKED_AT, assignment=cast.inspector.role_assignments.get())
        inspector = Person.objects.get(pk=cast.inspector.pk)
        assert inspection_of(inspector, LOOKED_AT, made.pk) is None

    def test_sign_in_closed(self, cast: Cast) -> None:
        made = an_inspection(cast)
        set_active(by=cast.administrator, at=LOOKED_AT, person=cast.inspector, active=False)
        assert inspection_of(Person.objects.get(pk=cast.inspector.pk), LOOKED_AT, made.pk) is None

    def test_a_role_that_is_left_at_one_service_covers_that_one(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north)
        an_incident(by=cast.worker, team=cast.east)
        made = an_inspection(cast, services=[cast.riverside, cast.harbour])
        assert incidents_in(made, LOOKED_AT).count() == 2
        RoleAssignment.objects.filter(person=cast.inspector).update(until_at=LOOKED_AT)
        here = Place(cast.provider.pk, cast.harbour.pk)
        assign_role(by=SET_UP, at=LOOKED_AT, person=cast.inspector, role=Role.INSPECTOR, place=here)
        found = inspection_of(Person.objects.get(pk=cast.inspector.pk), LOOKED_AT, made.pk)
        assert found is not None
        assert services_of(found, LOOKED_AT) == [cast.harbour]
        assert {one.team for one in incidents_in(found, LOOKED_AT)} == {cast.east}

    @pytest.mark.parametrize("name", ["commissioner", "director", "lead", "administrator", "stranger"])
    def test_nobody_else_inspects(self, cast: Cast, name: str) -> None:
        made = an_inspection(cast)
        assert inspection_of(cast.people()[name], LOOKED_AT, made.pk) is None
        with pytest.raises(Refused):
            freeze_incidents(
                by=cast.people()[name], at=LOOKED_AT, inspection=made, wanted=Wanted(), size=5, submission_key="x"
            )

    def test_nor_does_another_inspector(self, cast: Cast) -> None:
        made = an_inspection(cast)
        assign_role(by=SET_UP, at=NOW, person=cast.commissioner, role=Role.INSPECTOR, place=Place(cast.provider.pk))
        other = Person.objects.get(pk=cast.commissioner.pk)
        assert inspection_of(other, LOOKED_AT, made.pk) is None

    def test_no_process_inspects(self, cast: Cast) -> None:
        with pytest.raises(Refused):
            a_list(an_inspection(cast), by=SET_UP)

    @pytest.mark.parametrize(
        ("name", "many"), [("director", 1), ("quality_lead", 1), ("administrator", 1), ("lead", 0), ("stranger", 0)]
    )
    def test_who_reads_what_was_looked_at(self, cast: Cast, name: str, many: int) -> None:
        an_inspection(cast)
        assert len(inspections_overseen(cast.people()[name], LOOKED_AT)) == many


class TestScope:
    @pytest.mark.parametrize(
        ("known_at", "within"),
        [("2026-01-31T23:59:59+00:00", False), ("2026-02-01T00:00:00+00:00", True),
         ("2026-02-28T23:59:59+00:00", True), ("2026-03-01T00:00:00+00:00", False)],
    )  # fmt: skip
    def test_the_period_is_london_days_both_in_it(self, cast: Cast, known_at: str, *, within: bool) -> None:
        moment = datetime.fromisoformat(known_at)
        an_incident(by=cast.worker, team=cast.north, at=NOW, known_at=moment, occurred_at=moment - timedelta(hours=1))
        made = an_inspection(cast, period_from=date(2026, 2, 1), period_to=date(2026, 2, 28))
        assert incidents_in(made, LOOKED_AT).exists() is within

    def test_other_services_other_providers_and_withdrawn_reports_are_not_of_it(self, cast: Cast) -> None:
        here = an_incident(by=cast.worker, team=cast.south)
        an_incident(by=cast.worker, team=cast.east)
        gone = an_incident(by=cast.worker, team=cast.north)
        withdraw_incident(by=cast.lead, at=NOW, incident=gone, reason="Made twice.")
        assert numbers(incidents_in(an_inspection(cast), LOOKED_AT)) == {here.reference}

    def test_a_restricted_incident_is_of_it_and_not_shown(self, cast: Cast) -> None:
        open_, hidden = some_incidents(cast, 2)
        decide_restriction(by=cast.lead, at=NOW, incident=hidden, restricted=True, reason="About a colleague")
        made = an_inspection(cast)
        assert numbers(incidents_in(made, LOOKED_AT)) == {open_.reference, hidden.reference}
        assert numbers(incidents_shown(made, LOOKED_AT)) == {open_.reference}

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({}, {"low", "moderate", "by mind", "east"}),
            ({"harm": 2}, {"moderate", "by mind"}),
            ({"harm": 1}, {"low", "east"}),
            ({"harm": 4}, set()),
            ({"tier": "B"}, {"moderate"}),
            ({"tier": "undecided"}, {"low", "by mind", "east"}),
            ({"harm": 2, "tier": "undecided"}, {"by mind"}),
            ({"service_id": "riverside"}, {"low", "moderate", "by mind"}),
            ({"from_on": NOW.date()}, {"low", "moderate", "by mind", "east"}),
            ({"to_on": NOW.date() - timedelta(days=1)}, set()),
        ],
    )
    def test_what_is_asked_for(self, cast: Cast, wanted: dict[str, Any], found: set[str]) -> None:
        made = {
            "low": an_incident(by=cast.worker, team=cast.north),
            "moderate": an_incident(by=cast.worker, team=cast.north, physical_harm="moderate"),
            "by mind": an_incident(by=cast.worker, team=cast.south, psychological_harm="moderate"),
            "east": an_incident(by=cast.worker, team=cast.east),
        }
        a_triage(by=cast.lead, incident=made["moderate"], tier=choose("B", "Because it repeats."))
        if "service_id" in wanted:
            wanted = wanted | {"service_id": cast.riverside.pk}
        inspection = an_inspection(cast, services=[cast.riverside, cast.harbour])
        rows = wanted_of(incidents_in(inspection, LOOKED_AT), Wanted(**wanted))
        assert numbers(rows) == {made[name].reference for name in found}

    def test_the_harm_graded_last_counts(self, cast: Cast) -> None:
        one = an_incident(by=cast.worker, team=cast.north)
        grade_harm(
            by=cast.lead, at=NOW, incident=one, physical_harm="severe", psychological_harm="low", reason="Seen by a GP."
        )
        rows = incidents_in(an_inspection(cast), LOOKED_AT)
        assert wanted_of(rows, Wanted(harm=3)).exists()
        assert not wanted_of(rows, Wanted(harm=1)).exists()

    def test_a_list_goes_on_where_a_page_ends(self, cast: Cast) -> None:
        some_incidents(cast, 5)
        rows = incidents_in(an_inspection(cast), LOOKED_AT)
        first, after = page_of(rows, 2, None)
        second, more = page_of(rows, 2, after)
        last, nothing = page_of(rows, 2, more)
        assert [len(first), len(second), len(last), nothing] == [2, 2, 1, None]
        assert len({one.pk for one in (*first, *second, *last)}) == 5


class TestDraws:
    def test_anybody_can_draw_the_same_again(self, cast: Cast) -> None:
        """The published method, written out here with nothing of ours."""
        some_incidents(cast, 9)
        draw = drawn(an_inspection(cast))
        ids = draw.population.ids
        assert hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest() == draw.population.list_hash
        by_digest = sorted(ids, key=lambda one: hmac.new(SEED.encode(), one.encode(), hashlib.sha256).hexdigest())
        assert draw.drawn == by_digest[:5]
        assert (draw.population.count, draw.population.size) == (9, 5)

    def test_restricted_incidents_are_on_the_list_and_drawn_like_any_other(self, cast: Cast) -> None:
        hidden = some_incidents(cast, 3)
        for one in hidden:
            decide_restriction(by=cast.lead, at=NOW, incident=one, restricted=True, reason="About a colleague")
        some_incidents(cast, 1)
        draw = drawn(an_inspection(cast), size=4)
        assert (draw.population.count, draw.population.restricted) == (4, 3)
        assert {str(one.pk) for one in hidden} <= set(draw.drawn)

    def test_the_list_stays_as_it_was_frozen(self, cast: Cast) -> None:
        some_incidents(cast, 2)
        frozen = a_list(an_inspection(cast))
        some_incidents(cast, 3)
        draw = draw_incidents(by=cast.inspector, at=LOOKED_AT, population=frozen, seed=SEED)
        assert len(draw.drawn) == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            InspectionPopulation.objects.filter(pk=frozen.pk).update(ids=[])

    def test_a_draw_is_made_once(self, cast: Cast) -> None:
        some_incidents(cast, 8)
        draw = drawn(an_inspection(cast), size=3)
        again = draw_incidents(by=cast.inspector, at=LOOKED_AT, population=draw.population, seed=f" {SEED} ")
        assert again == draw
        with pytest.raises(Stale, match="made once"):
            draw_incidents(by=cast.inspector, at=LOOKED_AT, population=draw.population, seed="another seed")
        assert InspectionDraw.objects.count() == 1

    @pytest.mark.parametrize(
        ("size", "wanted", "sentence"),
        [(0, {}, "from 1 to 50"), (51, {}, "from 1 to 50"), (5, {"harm": 4}, "No incident of this inspection fits")],
    )
    def test_what_cannot_be_drawn(self, cast: Cast, size: int, wanted: dict[str, Any], sentence: str) -> None:
        some_incidents(cast, 1)
        with pytest.raises(Invalid, match=sentence):
            a_list(an_inspection(cast), size=size, **wanted)

    def test_a_seed_that_is_too_short_draws_nothing(self, cast: Cast) -> None:
        some_incidents(cast, 1)
        with pytest.raises(Invalid, match="at least 6"):
            drawn(an_inspection(cast), seed="1 2  ")

    def test_fewer_than_asked_for_are_all_drawn(self, cast: Cast) -> None:
        some_incidents(cast, 2)
        assert len(drawn(an_inspection(cast)).drawn) == 2

    def test_the_same_form_twice_is_one_list_and_lists_are_counted(self, cast: Cast) -> None:
        some_incidents(cast, 2)
        made = an_inspection(cast)
        sent = {"by": cast.inspector, "at": LOOKED_AT, "inspection": made, "wanted": Wanted(), "size": 5}
        first = freeze_incidents(**sent, submission_key="one")
        assert freeze_incidents(**sent, submission_key="one") == first
        assert freeze_incidents(**sent, submission_key="two").number == 2

    @pytest.mark.parametrize(
        ("changed", "questions"),
        [
            ({"wanted": Wanted(harm=1)}, ["Which incidents"]),
            ({"wanted": Wanted(tier="undecided")}, ["Which incidents"]),
            ({"wanted": Wanted(from_on=date(2026, 1, 1))}, ["Which incidents"]),
            ({"size": 1}, ["How many to draw"]),
            ({"wanted": Wanted(harm=4), "size": 1}, ["Which incidents", "How many to draw"]),
            ({"wanted": Wanted(from_on=date(2025, 3, 5), to_on=date(2026, 3, 7))}, []),
            ({"size": 50}, []),
        ],
    )
    def test_the_same_form_with_other_choices_is_no_list(
        self, cast: Cast, changed: dict[str, Any], questions: list[str]
    ) -> None:
        """All of the period said in days, and more than there are, ask for the very same."""
        some_incidents(cast, 2)
        made = an_inspection(cast)
        sent = {"by": cast.inspector, "at": LOOKED_AT, "inspection": made, "wanted": Wanted(), "size": 5}
        first = freeze_incidents(**sent, submission_key="one")
        if not questions:
            assert freeze_incidents(**sent | changed, submission_key="one") == first
        else:
            with pytest.raises(SentBefore) as told:
                freeze_incidents(**sent | changed, submission_key="one")
            assert [one.question for one in told.value.differences] == questions
        assert InspectionPopulation.objects.get() == first

    def test_seed_method_and_what_was_drawn_stand_in_the_trail(self, cast: Cast) -> None:
        some_incidents(cast, 3)
        draw = drawn(an_inspection(cast), harm=1)
        entries = TrailEntry.objects.filter(subject_id=draw.population.inspection_id).order_by("sequence")
        froze, drew = list(entries)[1:]
        assert froze.facts["query"].startswith("Incidents with low harm, known from 5 March 2025 to 7 March 2026")
        assert drew.facts | {"drawn": 0} == {
            "seed": SEED, "method": "keyed-draw/1", "list": draw.population.list_hash, "drawn": 0,
        }  # fmt: skip
        assert drew.facts["drawn"] == draw.drawn

    def test_a_list_of_another_inspection_is_not_there(self, cast: Cast) -> None:
        some_incidents(cast, 1)
        frozen = a_list(an_inspection(cast))
        assert population_of(an_inspection(cast), frozen.pk) is None
        assert population_of(frozen.inspection, frozen.pk) == frozen


class TestRelease:
    @pytest.fixture
    def hidden(self, cast: Cast) -> Incident:
        one = an_incident(by=cast.worker, team=cast.north)
        decide_restriction(by=cast.lead, at=NOW, incident=one, restricted=True, reason="About a colleague")
        return one

    def test_somebody_named_on_it_decides_and_only_they_know_of_it(self, cast: Cast, hidden: Incident) -> None:
        inspection = drawn(an_inspection(cast)).population.inspection
        assert [may_be_released(inspection, one, LOOKED_AT) for one in (cast.director, cast.lead)] == [[], [hidden]]
        release_incident(
            by=cast.lead, at=LOOKED_AT, inspection=inspection, incident=hidden, reason="Drawn, and they may see it."
        )
        assert numbers(incidents_shown(inspection, LOOKED_AT)) == {hidden.reference}
        assert may_be_released(inspection, cast.lead, LOOKED_AT) == []
        entry = TrailEntry.objects.filter(story_id=hidden.pk).latest("sequence")
        assert entry.sentence == "showed this restricted incident to inspection INS-117"

    def test_they_are_told_when_it_is_drawn_and_by_no_number(self, cast: Cast, hidden: Incident) -> None:
        name_person(by=cast.lead, at=NOW, incident=hidden, person=cast.reviewer, reason="Asked to review it")
        inspection = an_inspection(cast)
        drawn(inspection)
        drawn(inspection, seed="again and again")
        told = OutboxMessage.objects.filter(subject__contains="an inspector may see")
        assert [one.to for one in told] == [cast.lead], "once, and not whoever is named and does not decide"
        assert hidden.reference not in told[0].subject + told[0].body
        assert cast.inspector.name not in told[0].body

    def test_nobody_is_told_of_what_is_shown(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north)
        drawn(an_inspection(cast))
        assert not OutboxMessage.objects.filter(subject__contains="an inspector may see").exists()

    @pytest.mark.parametrize("name", ["director", "quality_lead", "reviewer", "administrator", "inspector", "stranger"])
    def test_nobody_else_does(self, cast: Cast, hidden: Incident, name: str) -> None:
        inspection = drawn(an_inspection(cast)).population.inspection
        with pytest.raises(Refused, match="no such incident"):
            release_incident(
                by=cast.people()[name], at=LOOKED_AT, inspection=inspection, incident=hidden, reason="Because"
            )

    def test_no_process_does(self, cast: Cast, hidden: Incident) -> None:
        with pytest.raises(Refused, match="A person decides"):
            release_incident(by=SET_UP, at=LOOKED_AT, inspection=an_inspection(cast), incident=hidden, reason="Because")

    def test_it_is_shown_to_that_inspection_only(self, cast: Cast, hidden: Incident) -> None:
        one, other = an_inspection(cast), an_inspection(cast)
        release_incident(by=cast.lead, at=LOOKED_AT, inspection=one, incident=hidden, reason="Drawn.")
        assert not incidents_shown(other, LOOKED_AT).exists()

    @pytest.mark.parametrize(
        ("services", "reason", "at", "error"),
        [
            ("harbour", "Drawn.", LOOKED_AT, "does not cover"),
            ("riverside", "  ", LOOKED_AT, "Say why"),
            ("riverside", "Drawn.", ENDS_AT, "over"),
        ],
    )
    def test_when_it_cannot_be(
        self, cast: Cast, hidden: Incident, services: str, reason: str, at: Any, error: str
    ) -> None:
        inspection = an_inspection(cast, services=[getattr(cast, services)])
        with pytest.raises((Invalid, Stale), match=error):
            release_incident(by=cast.lead, at=at, inspection=inspection, incident=hidden, reason=reason)

    def test_restricted_after_it_was_drawn_it_closes_at_once(self, cast: Cast) -> None:
        one = an_incident(by=cast.worker, team=cast.north)
        inspection = drawn(an_inspection(cast)).population.inspection
        assert incidents_shown(inspection, LOOKED_AT).exists()
        decide_restriction(by=cast.lead, at=LOOKED_AT, incident=one, restricted=True, reason="About a colleague")
        assert not incidents_shown(inspection, LOOKED_AT).exists()
        assert may_be_released(inspection, cast.lead, LOOKED_AT) == [one]


def test_an_inspection_is_opened_by_nobody_from_outside(cast: Cast) -> None:
    """The operation looks at the provider it is told of, not at the one of whoever asks."""
    with pytest.raises(Refused):
        open_inspection(
            by=cast.stranger, at=OPENED_AT, provider=cast.provider, inspector=cast.inspector,
            services=[cast.riverside], authority="hsca-2008-62", reference="X", period_from=date(2025, 3, 5),
            period_to=date(2026, 3, 7), ends_at=ENDS_AT, submission_key="x",
        )  # fmt: skip
