"""Each step of an evidence pack: who may take it in which state, what it writes, and what happens meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError

from saferpractice.access.models import Person, Service
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.changes.models import OperationalChange
from saferpractice.evidence.models import (
    EvidencePack,
    PackBuilding,
    PackBuilt,
    PackIncident,
    PackWithdrawal,
    TextConfirmation,
)
from saferpractice.evidence.operations import (
    Wanted,
    ask_for_pack,
    carry_on_packs,
    confirm_texts,
    finish_pack,
    order_building,
    withdraw_pack,
)
from saferpractice.evidence.operations import building as building_module
from saferpractice.evidence.operations.packs import about_of
from saferpractice.evidence.presenters.packs import may_use_packs
from saferpractice.evidence.queries.packs import (
    PackFilter,
    confirmed_among,
    in_scope,
    incident_named,
    pack_seen,
    packs_seen,
    quarters_to_choose,
    services_to_choose,
    texts_of,
)
from saferpractice.evidence.rendering import prove
from saferpractice.evidence.rules.packs.confirming import Choice
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.files.models import StoredFile
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, keep_from, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason, Precision
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.changes import a_template_in_use
from tests.factories.incidents import an_incident
from tests.factories.packs_made import PACKED_AT, PERIOD, a_whole_case, ask, asked, built, confirmed, parts_of
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

LATER = PACKED_AT + timedelta(hours=1)
FULL, INSPECTOR = Disclosure.FULL, Disclosure.INSPECTOR
NOT_THEIRS = "Only whoever asked for this pack may go on with it."
NOT_LEADING = "Only a safeguarding lead, quality lead or director of this place may make an evidence pack."
WITHDRAWN = "This pack was withdrawn."
IS_BUILT = "This pack is built, and does not change any more. Ask for a new one."
SECRET = "Zephyrine was found by the weir."
"""What only the records hold: no entry of the trail may."""


def a_report(cast: Cast, **report: Any) -> Incident:
    given: dict[str, Any] = {"team": cast.north, "at": NOW, "what_happened": SECRET, "done_at_once": ""}
    return an_incident(by=cast.worker, **(given | report))


def of_incident(cast: Cast, incident: Incident, disclosure: Disclosure = INSPECTOR, **more: Any) -> EvidencePack:
    return asked(cast, subject=Subject.INCIDENT, disclosure=disclosure, incident=incident, **more)


def again(person: Person) -> Person:
    """The person as the next request reads them."""
    return Person.objects.get(pk=person.pk)


def a_pack(cast: Cast, state: str, disclosure: Disclosure = INSPECTOR) -> EvidencePack:
    """A pack of one incident that the quality lead asked for, in this state."""
    pack = of_incident(cast, a_report(cast), disclosure)
    if state in {"building", "failed"} and disclosure is INSPECTOR:
        order_building(by=cast.quality_lead, at=PACKED_AT, pack=confirmed(pack))
    if state == "failed":
        PackBuilding.objects.update(gave_up_at=PACKED_AT, because="It broke.", tries=3, step=2)
    if state in {"built", "built, withdrawn"}:
        built(pack)
    if state in {"withdrawn", "built, withdrawn"}:
        withdraw_pack(by=cast.quality_lead, at=PACKED_AT, pack=pack, reason="Not needed.")
    return EvidencePack.objects.get(pk=pack.pk)


Step = Callable[[Any, EvidencePack], object]
STEPS: dict[str, Step] = {
    "confirm": lambda by, pack: confirm_texts(by=by, at=LATER, pack=pack, choices={}),
    "order": lambda by, pack: order_building(by=by, at=LATER, pack=pack),
    "withdraw": lambda by, pack: withdraw_pack(by=by, at=LATER, pack=pack, reason="A table was wrong."),
}


def answer(do: Callable[[], object]) -> str:
    """What is said to a step that is refused; nothing where it is taken."""
    try:
        do()
    except Refused as no:
        return no.sentence
    except Invalid as no:
        return str(no)
    return ""


def rows() -> tuple[int, ...]:
    """How many rows of packs and of their trail there are."""
    entries = TrailEntry.objects.filter(operation__startswith="evidence.").count()
    models = (EvidencePack, PackBuilding, PackBuilt, PackWithdrawal, TextConfirmation)
    return (*(model.objects.count() for model in models), entries)  # type: ignore[attr-defined]


class TestWhoMayTakeEachStepInWhichState:
    @pytest.mark.parametrize("state", ["asked", "failed", "built", "withdrawn"])
    @pytest.mark.parametrize(
        ("step", "taken_by", "refused"),
        [
            ("confirm", {"quality_lead"}, NOT_THEIRS),
            ("order", {"quality_lead"}, NOT_THEIRS),
            ("withdraw", {"quality_lead", "lead", "director"}, NOT_LEADING),
        ],
    )
    def test_every_other_role_is_refused_before_anything_is_said_of_the_pack(
        self, cast: Cast, state: str, step: str, taken_by: set[str], refused: str
    ) -> None:
        pack, before = a_pack(cast, state), rows()
        said = {
            name: answer(lambda by=by: STEPS[step](by, pack))  # type: ignore[misc]
            for name, by in cast.people().items()
            if name not in taken_by
        }
        assert len(said) > 10
        assert said == dict.fromkeys(said, refused)
        assert rows() == before

    @pytest.mark.parametrize(
        ("state", "confirm", "order", "withdraw"),
        [
            ("asked", "", "1 text waits to be confirmed.", ""),
            ("building", "", "", ""),
            ("failed", "", "", ""),
            ("built", IS_BUILT, IS_BUILT, ""),
            ("withdrawn", WITHDRAWN, WITHDRAWN, ""),
            ("built, withdrawn", WITHDRAWN, WITHDRAWN, ""),
        ],
    )
    def test_whoever_asked_for_it(self, cast: Cast, state: str, confirm: str, order: str, withdraw: str) -> None:
        pack = a_pack(cast, state)
        said = {step: answer(lambda do=do: do(cast.quality_lead, pack)) for step, do in STEPS.items()}  # type: ignore[misc]
        assert said == {"confirm": confirm, "order": order, "withdraw": withdraw}
        assert PackWithdrawal.objects.count() == 1

    @pytest.mark.parametrize("step", ["confirm", "order"])
    def test_no_process_goes_on_with_one(self, cast: Cast, step: str) -> None:
        pack = a_pack(cast, "asked")
        assert answer(lambda: STEPS[step](SET_UP, pack)) == NOT_THEIRS

    @pytest.mark.parametrize("gone", ["role ended", "sign-in closed"])
    @pytest.mark.parametrize("step", ["order", "withdraw"])
    def test_a_maker_who_leads_there_no_more(self, cast: Cast, step: str, gone: str) -> None:
        pack = confirmed(a_pack(cast, "asked"))
        leaves(cast, gone)
        before = rows()
        assert answer(lambda: STEPS[step](again(cast.quality_lead), pack)) == NOT_LEADING
        assert rows() == before

    @pytest.mark.parametrize("gone", ["role ended", "sign-in closed"])
    def test_a_maker_who_left_opens_no_pack_and_makes_none(self, cast: Cast, gone: str) -> None:
        pack = a_pack(cast, "built")
        leaves(cast, gone)
        by = again(cast.quality_lead)
        assert pack_seen(by, LATER, pack.pk) is None
        assert list(services_to_choose(by, LATER)) == []
        assert not may_use_packs(by, LATER)
        assert answer(lambda: asked(cast, by=by, at=LATER)) == NOT_LEADING


def leaves(cast: Cast, gone: str) -> None:
    if gone == "role ended":
        end_role(by=cast.administrator, at=PACKED_AT, assignment=cast.quality_lead.role_assignments.get())
    else:
        set_active(by=cast.administrator, at=PACKED_AT, person=cast.quality_lead, active=False)


class TestOfWhichServices:
    @pytest.mark.parametrize(
        ("role", "place", "services"),
        [
            (Role.DIRECTOR, "provider", ["Harbour crisis service", "Riverside community service"]),
            (Role.SAFEGUARDING_LEAD, "riverside", ["Riverside community service"]),
            (Role.QUALITY_LEAD, "harbour", ["Harbour crisis service"]),
            (Role.DIRECTOR, "team", []),
            (Role.DUTY_MANAGER, "provider", []),
            (Role.REVIEWER, "riverside", []),
            (Role.ADMINISTRATOR, "provider", []),
            (Role.INSPECTOR, "provider", []),
        ],
    )
    def test_those_over_which_one_leads_now(self, cast: Cast, role: Role, place: str, services: list[str]) -> None:
        pk = cast.provider.pk
        places = {
            "provider": Place(pk),
            "riverside": Place(pk, cast.riverside.pk),
            "harbour": Place(pk, cast.harbour.pk),
            "team": cast.north.place,
        }
        assign_role(by=cast.administrator, at=NOW, person=cast.worker, role=role, place=places[place])
        by = again(cast.worker)
        assert [one.name for one in services_to_choose(by, PACKED_AT)] == services
        assert may_use_packs(by, PACKED_AT) is bool(services)
        assert not services_to_choose(by, NOW - timedelta(seconds=1)).exists(), "not before they had the role"

    def test_never_those_of_another_provider(self, cast: Cast) -> None:
        assert answer(lambda: asked(cast, by=cast.stranger)) == NOT_LEADING
        assert not services_to_choose(cast.stranger, PACKED_AT).exists()
        pack = a_pack(cast, "built")
        assert pack_seen(cast.stranger, PACKED_AT, pack.pk) is None
        assert incident_named(cast.stranger, PACKED_AT, pack.about) is None
        assert quarters_to_choose(cast.stranger, PACKED_AT) == []

    def test_one_whose_role_over_one_of_two_ended_opens_it_no_more(self, cast: Cast) -> None:
        for service in (cast.riverside, cast.harbour):
            place = Place(cast.provider.pk, service.pk)
            assign_role(by=cast.administrator, at=NOW, person=cast.worker, role=Role.DIRECTOR, place=place)
        made = built(asked(cast, disclosure=FULL, services=[cast.riverside, cast.harbour]))
        assert pack_seen(again(cast.worker), LATER, made.pack_id) == made.pack
        held = cast.worker.role_assignments.get(service=cast.harbour)
        end_role(by=cast.administrator, at=PACKED_AT, assignment=held)
        assert pack_seen(again(cast.worker), LATER, made.pack_id) is None

    @pytest.mark.parametrize(
        ("typed", "found"),
        [("{}", True), ("  {}\n", True), ("", False), ("%", False), ("{}%", False), ("_", False), ("🫂", False)],
    )
    def test_an_incident_is_found_by_its_whole_reference(self, cast: Cast, typed: str, found: bool) -> None:
        incident = a_report(cast)
        named = incident_named(cast.quality_lead, PACKED_AT, typed.format(incident.reference.lower()))
        assert named == (incident if found else None)


def named(*names: str) -> list[Service]:
    return [Service(name=name) for name in names]


@pytest.mark.parametrize(
    ("services", "period", "about"),
    [
        (["B", "A"], (date(2026, 1, 1), date(2026, 3, 31)), "A, B; 1 January 2026 to 31 March 2026"),
        (["C", "A", "B"], (date(2026, 3, 9), date(2026, 3, 9)), "A, B, C; 9 March 2026 to 9 March 2026"),
        (
            ["D", "C", "A", "B"],
            (date(2025, 12, 31), date(2026, 1, 1)),
            "4 services; 31 December 2025 to 1 January 2026",
        ),
    ],
)
def test_how_a_pack_of_a_time_is_called(services: list[str], period: tuple[date, date], about: str) -> None:
    wanted = Wanted(subject=Subject.INSPECTION, disclosure=FULL, services=named(*services), period=period)
    assert about_of(wanted) == about


class TestWhichTime:
    @pytest.mark.parametrize(
        ("first", "last", "problem"),
        [
            (date(2026, 11, 2), date(2026, 11, 2), {}),
            (date(2024, 10, 31), date(2026, 11, 2), {}),
            (date(2024, 10, 30), date(2026, 11, 2), {"period_from": "Choose at most two years."}),
            (date(2026, 11, 2), date(2026, 11, 1), {"period_to": "Enter a day on or after the first."}),
            (date(2026, 11, 2), date(2026, 11, 3), {"period_to": "Enter Monday 2 November 2026 or a day before it."}),
            (date(1900, 1, 1), date(1901, 1, 1), {}),
            (date(9999, 12, 30), date(9999, 12, 31), {"period_to": "Enter Monday 2 November 2026 or a day before it."}),
        ],
    )
    def test_it_may_cover(self, cast: Cast, first: date, last: date, problem: dict[str, str]) -> None:
        try:
            asked(cast, period=(first, last))
        except Invalid as no:
            assert no.problems == problem
        else:
            assert problem == {}
        assert EvidencePack.objects.exists() is not bool(problem)

    @pytest.mark.parametrize(("hour", "taken"), [(22, False), (23, True)])
    def test_today_is_today_in_london(self, cast: Cast, hour: int, taken: bool) -> None:
        at = datetime(2026, 7, 1, hour, 30, tzinfo=UTC)
        said = answer(lambda: asked(cast, at=at, period=(date(2026, 7, 1), date(2026, 7, 2))))
        assert (said == "") is taken

    @pytest.mark.parametrize(
        ("happened", "day"),
        [
            (datetime(2026, 6, 1, 22, 59, tzinfo=UTC), date(2026, 6, 1)),
            (datetime(2026, 6, 1, 23, 0, tzinfo=UTC), date(2026, 6, 2)),
            (datetime(2026, 2, 1, 23, 59, tzinfo=UTC), date(2026, 2, 1)),
            (datetime(2026, 2, 2, 0, 0, tzinfo=UTC), date(2026, 2, 2)),
            (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),
            (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), date(2025, 10, 26)),
            (datetime(2025, 10, 26, 23, 30, tzinfo=UTC), date(2025, 10, 26)),
        ],
    )
    def test_an_incident_belongs_to_its_day_in_london_and_to_no_other(
        self, cast: Cast, happened: datetime, day: date
    ) -> None:
        incident = a_report(cast, at=happened + timedelta(hours=1))
        around = {
            days: in_scope(
                asked(cast, period=(day + timedelta(days=days),) * 2, disclosure=FULL), cast.quality_lead, PACKED_AT
            )
            for days in (-1, 0, 1)
        }
        found = {days: list(scope.incidents) for days, scope in around.items()}
        assert found == {-1: [], 0: [incident], 1: []}

    def test_one_whose_time_nobody_knows_belongs_to_the_day_it_was_known(self, cast: Cast) -> None:
        unknown = a_report(cast, occurred_at=None, occurred_precision=Precision.UNKNOWN, at=NOW)
        for day, found in ((NOW.date(), [unknown]), (NOW.date() - timedelta(days=1), [])):
            pack = asked(cast, disclosure=FULL, period=(day, day))
            assert in_scope(pack, cast.quality_lead, PACKED_AT).incidents == found


class TestWhatEachStepWrites:
    def test_asking_for_one_that_goes_outside(self, cast: Cast) -> None:
        incident = a_report(cast)
        pack = of_incident(cast, incident, identity_basis=" An Act ", identity_why=" They must know. ")
        assert (pack.provider, pack.incident, pack.theme, pack.period_from) == (cast.provider, incident, "", None)
        assert (pack.identity_basis, pack.identity_why) == ("An Act", "They must know.")
        assert (pack.decided_by, pack.decided_by_name, pack.decided_at) == (
            cast.quality_lead, "Quill Harker", PACKED_AT,
        )  # fmt: skip
        entry = the_entry("evidence.ask_for_pack", pack)
        assert entry.story_id == incident.pk
        assert entry.sentence == (
            f"asked for an evidence pack “{incident.reference}” (for an inspector) that tells who the people "
            "supported are"
        )
        assert entry.facts == {"incidents": 1, "basis": "An Act"}
        assert not PackBuilding.objects.exists()

    def test_asking_for_one_that_stays_inside_orders_it_too(self, cast: Cast) -> None:
        a_report(cast)
        pack = asked(cast, disclosure=FULL)
        building = PackBuilding.objects.get()
        assert (building.pack, building.decided_by, building.tries, building.step) == (pack, cast.quality_lead, 0, 0)
        sentences = [one.sentence for one in TrailEntry.objects.filter(subject_id=pack.pk).order_by("sequence")]
        assert sentences == [
            f"asked for an evidence pack “{pack.about}” (inside the service)",
            f"ordered that the evidence pack “{pack.about}” be built",
        ]
        assert list(pack.services.all()) == [cast.riverside]

    def test_the_same_form_again_orders_nothing_again(self, cast: Cast) -> None:
        a_report(cast)
        first, before = asked(cast, disclosure=FULL, key="k"), rows()
        assert asked(cast, disclosure=FULL, key="k", at=LATER) == first
        assert rows() == before

    def test_one_of_too_many_incidents_leaves_nothing(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.evidence.operations.packs.MOST_INCIDENTS", 1)
        for _ in range(2):
            a_report(cast)
        before = rows()
        said = answer(lambda: asked(cast, disclosure=FULL))
        assert said == "That is 2 incidents. Choose fewer services or a shorter time: at most 1."
        assert rows() == before

    def test_an_incident_of_few_counts_among_too_many_without_being_named(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("saferpractice.evidence.operations.packs.MOST_INCIDENTS", 0)
        hidden = a_report(cast, restricted=True, restricted_reason="About a colleague")
        said = answer(lambda: asked(cast))
        assert said.startswith("That is 1 incidents.")
        assert hidden.reference not in said

    def test_ordering_once_and_again_after_it_failed(self, cast: Cast) -> None:
        pack = a_pack(cast, "failed")
        order_building(by=cast.quality_lead, at=LATER, pack=pack)
        building = PackBuilding.objects.get()
        assert (building.gave_up_at, building.because, building.tries, building.step) == (None, "", 0, 0)
        order_building(by=cast.quality_lead, at=LATER, pack=pack)
        ordered = TrailEntry.objects.filter(operation="evidence.order_building").order_by("sequence")
        built_ = f"ordered that the evidence pack “{pack.about}” be built"
        assert [one.sentence for one in ordered] == [built_, f"{built_} again"]

    def test_withdrawing(self, cast: Cast) -> None:
        pack = a_pack(cast, "built")
        done = withdraw_pack(by=cast.director, at=LATER, pack=pack, reason=f"  {SECRET} {'x' * 400}")
        assert done.reason == f"{SECRET} {'x' * 400}"[:300]
        assert (done.decided_by, done.decided_at) == (cast.director, LATER)
        entry = the_entry("evidence.withdraw_pack", pack)
        assert (entry.story_id, entry.facts) == (pack.incident_id, {})
        assert entry.sentence == f"withdrew the evidence pack “{pack.about}”"

    @pytest.mark.parametrize("reason", ["", " ", "\n\t", "\u00a0"])
    def test_withdrawing_for_no_reason(self, cast: Cast, reason: str) -> None:
        pack, before = a_pack(cast, "built"), rows()
        with pytest.raises(Invalid) as no:
            withdraw_pack(by=cast.director, at=LATER, pack=pack, reason=reason)
        assert no.value.problems == {"reason": "Enter why it is not to be used any more."}
        assert rows()[:3] == before[:3]
        assert not PackWithdrawal.objects.exists()

    def test_building(self, cast: Cast) -> None:
        incidents = [a_report(cast) for _ in range(2)]
        a_report(cast, restricted=True, restricted_reason="About a colleague")
        made = built(asked(cast, disclosure=FULL))
        assert (made.incidents, made.left_out) == (2, 1)
        assert {one.incident for one in PackIncident.objects.filter(pack=made.pack)} == set(incidents)
        assert (made.decided_by, made.decided_by_name) == (None, "Safer Practice packs")
        data = json.loads(parts_of(made)["data/pack.json"])
        assert data["about"] == made.pack.about
        entry = the_entry("evidence.finish_pack", made.pack)
        assert (entry.facts["incidents"], entry.facts["statements"]) == (2, made.statements)
        kept = StoredFile.objects.filter(pk__in=[made.pdf_id, made.page_id, made.bundle_id])
        assert {one.provider_id for one in kept} == {cast.provider.pk}

    @pytest.mark.parametrize("state", ["built, withdrawn", "failed"])
    def test_nothing_that_was_typed_stands_in_the_trail(self, cast: Cast, state: str) -> None:
        pack = a_pack(cast, state)
        entries = TrailEntry.objects.filter(operation__startswith="evidence.")
        assert entries.count() >= 3
        for one in entries:
            assert "Zephyrine" not in f"{one.sentence}{json.dumps(one.facts)}"
            assert one.subject_id == pack.pk


def the_entry(operation: str, pack: EvidencePack) -> TrailEntry:
    return TrailEntry.objects.get(operation=operation, subject_id=pack.pk)


class TestDeciding:
    def text(self, cast: Cast, pack: EvidencePack, word: str = "Zephyrine") -> Any:
        return next(one for one in texts_of(pack, cast.quality_lead, PACKED_AT) if word in one.said.text)

    @pytest.mark.parametrize(
        ("choice", "typed", "kept"),
        [
            (Choice.MASKED, "", SECRET),
            (Choice.MASKED, "Something else.", SECRET),
            (Choice.EDITED, " They were found. \n", "They were found."),
            (Choice.EDITED, "Found 🫂 by staff", "Found 🫂 by staff"),
            (Choice.EDITED, "=HYPERLINK(1)<script>", "=HYPERLINK(1)<script>"),
            (Choice.LEFT_OUT, "", ""),
            (Choice.LEFT_OUT, "Something else.", ""),
        ],
    )
    def test_what_is_kept_of_a_choice(self, cast: Cast, choice: Choice, typed: str, kept: str) -> None:
        pack = of_incident(cast, a_report(cast))
        key = self.text(cast, pack).said.key
        confirm_texts(by=cast.quality_lead, at=LATER, pack=pack, choices={key: (choice, typed)})
        row = TextConfirmation.objects.get()
        assert (row.key, row.number, row.choice, row.words) == (key, 1, choice, kept)
        assert (row.provider, row.decided_by, row.decided_at) == (cast.provider, cast.quality_lead, LATER)
        facts = the_entry("evidence.confirm_texts", pack).facts
        assert facts == {each.value: int(each is choice) for each in Choice}

    def test_one_that_may_not_go_out_keeps_none_of_its_page(self, cast: Cast) -> None:
        pack = of_incident(cast, a_report(cast, done_at_once="We stayed."))
        good, bad = (self.text(cast, pack, word).said.key for word in ("Zephyrine", "stayed"))
        choices = {good: (Choice.MASKED, ""), bad: (Choice.EDITED, "Wren Ashdown stayed.")}
        with pytest.raises(Invalid) as no:
            confirm_texts(by=cast.quality_lead, at=LATER, pack=pack, choices=choices)
        assert list(no.value.problems) == [bad]
        assert not TextConfirmation.objects.exists()

    def test_one_that_may_be_opened_no_more_keeps_none_of_its_page(self, cast: Cast) -> None:
        gone, stays = a_report(cast), a_report(cast)
        pack = asked(cast)
        seen = {one.said.key: (Choice.MASKED, "") for one in texts_of(pack, cast.quality_lead, PACKED_AT)}
        assert len(seen) == 2
        decide_restriction(by=cast.lead, at=NOW, incident=gone, restricted=True, reason="About a colleague")
        said = answer(lambda: confirm_texts(by=cast.quality_lead, at=LATER, pack=pack, choices=seen))
        assert said == "A text has changed meanwhile. Look at the texts again."
        assert not TextConfirmation.objects.exists()
        (left,) = texts_of(pack, cast.quality_lead, PACKED_AT)
        assert left.said.source.reference == stays.reference

    def test_numbers_go_on_over_packs_and_people_and_the_newest_stands(self, cast: Cast) -> None:
        incident = a_report(cast)
        for by, choice, words in (
            (cast.quality_lead, Choice.LEFT_OUT, ""),
            (cast.lead, Choice.EDITED, "They were found."),
            (cast.director, Choice.MASKED, ""),
        ):
            pack = of_incident(cast, incident, by=by)
            key = texts_of(pack, by, PACKED_AT)[0].said.key
            confirm_texts(by=by, at=LATER, pack=pack, choices={key: (choice, words)})
        rows = TextConfirmation.objects.order_by("number")
        assert [(one.number, one.decided_by) for one in rows] == [
            (1, cast.quality_lead), (2, cast.lead), (3, cast.director),
        ]  # fmt: skip
        now = self.text(cast, pack).confirmed
        assert (now.words, now.left_out, now.by) == (SECRET, False, "Director")

    def test_what_another_provider_decided_lets_nothing_out_here(self, cast: Cast) -> None:
        pack = confirmed(of_incident(cast, a_report(cast)))
        key = TextConfirmation.objects.get().key
        assert list(confirmed_among(pack.provider_id, [key], ())) == [key]
        assert confirmed_among(cast.stranger.provider_id, [key], ()) == {}

    def test_more_than_one_read_of_them_loses_none(self, cast: Cast) -> None:
        decided_by = {"decided_by_name": "Quill Harker", "decided_by_role": "Quality lead", "decided_at": PACKED_AT}
        keys = [f"{number:064d}" for number in range(1001)]
        TextConfirmation.objects.bulk_create(
            TextConfirmation(
                provider=cast.provider, key=key, number=number, choice=Choice.MASKED, words=f"At {number}", **decided_by
            )
            for key in keys
            for number in (1, 2)
        )
        found = confirmed_among(cast.provider.pk, keys, ())
        assert {key: one.words for key, one in found.items()} == dict.fromkeys(keys, "At 2")

    def test_the_pack_says_it_in_other_words_masked_or_not_at_all(self, cast: Cast) -> None:
        pack = of_incident(cast, a_report(cast, done_at_once="Wren Ashdown stayed.", also_known="The gate was open."))
        choices = {
            self.text(cast, pack, "Zephyrine").said.key: (Choice.EDITED, "They were found outside."),
            self.text(cast, pack, "stayed").said.key: (Choice.MASKED, ""),
            self.text(cast, pack, "gate").said.key: (Choice.LEFT_OUT, ""),
        }
        confirm_texts(by=cast.quality_lead, at=PACKED_AT, pack=pack, choices=choices)
        order_building(by=cast.quality_lead, at=PACKED_AT, pack=pack)
        assert carry_on_packs(at=PACKED_AT) == 1
        parts = parts_of(PackBuilt.objects.get())
        for part in ("pack.html", "data/pack.json"):
            told = parts[part].decode()
            for there in ("They were found outside.", "[name removed] stayed.", "Left out by the sharer."):
                assert there in told, part
            for not_there in ("Zephyrine", "Ashdown", "gate"):
                assert not_there not in told, part


class TestMeanwhile:
    """What happens between the asking and the building."""

    @pytest.mark.parametrize(
        ("change", "left_out"),
        [
            (lambda cast, one: decide_restriction(
                by=cast.lead, at=PACKED_AT, incident=one, restricted=True, reason="About a colleague"), 1),
            (lambda cast, one: keep_from(
                by=cast.lead, at=PACKED_AT, incident=one, person=cast.quality_lead,
                because=KeptFromReason.ALLEGED_SOURCE), 1),
            (lambda cast, one: withdraw_incident(by=cast.lead, at=PACKED_AT, incident=one, reason="Twice."), 0),
        ],
        ids=["restricted", "kept from its maker", "withdrawn"],
    )  # fmt: skip
    @pytest.mark.parametrize("subject", [Subject.INCIDENT, Subject.INSPECTION])
    def test_an_incident_its_maker_may_open_no_more_is_not_told(
        self, cast: Cast, subject: Subject, change: Any, left_out: int
    ) -> None:
        incident = a_report(cast)
        more = {"incident": incident} if subject.of_one else {}
        asked(cast, subject=subject, disclosure=FULL, **more)
        change(cast, incident)
        assert carry_on_packs(at=LATER) == 1
        made = PackBuilt.objects.get()
        assert (made.incidents, made.left_out) == (0, left_out)
        assert not PackIncident.objects.exists()
        assert not [name for name, part in parts_of(made).items() if b"Zephyrine" in part]

    def test_it_is_withdrawn_while_it_is_drawn(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        pack, draw = of_incident(cast, a_report(cast), FULL), building_module.draw

        def and_withdraw(*args: Any, **kwargs: Any) -> Any:
            withdraw_pack(by=cast.director, at=PACKED_AT, pack=pack, reason="Not needed.")
            return draw(*args, **kwargs)

        monkeypatch.setattr(building_module, "draw", and_withdraw)
        before = StoredFile.objects.count()
        assert carry_on_packs(at=PACKED_AT) == 1
        assert not PackBuilt.objects.exists()
        assert StoredFile.objects.count() == before
        assert carry_on_packs(at=LATER) == 0

    def test_two_finish_it_and_the_first_stands(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        of_incident(cast, a_report(cast), FULL)
        finish, kept = building_module.finish_pack, []

        def twice(**kwargs: Any) -> Any:
            kept.extend(finish(**kwargs) for _ in range(2))
            return kept[0]

        monkeypatch.setattr(building_module, "finish_pack", twice)
        carry_on_packs(at=PACKED_AT)
        assert kept == [PackBuilt.objects.get()] * 2
        assert TrailEntry.objects.filter(operation="evidence.finish_pack").count() == 1

    def test_the_database_fails_and_it_waits_for_the_next_round(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        of_incident(cast, a_report(cast), FULL)

        def fails(*_: Any, **__: Any) -> None:
            raise DatabaseError("gone")

        with monkeypatch.context() as patched:
            patched.setattr(building_module, "draw", fails)
            with pytest.raises(DatabaseError):
                carry_on_packs(at=PACKED_AT)
        building = PackBuilding.objects.get()
        assert (building.claimed_until, building.gave_up_at, building.tries) == (None, None, 1)
        assert carry_on_packs(at=PACKED_AT) == 1
        assert PackBuilt.objects.exists()

    def test_one_that_ends_its_workers_is_given_up_and_holds_up_no_other(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad, good = (of_incident(cast, a_report(cast), FULL, at=PACKED_AT + timedelta(seconds=n)) for n in (0, 1))
        PackBuilding.objects.filter(pack=bad).update(tries=3, claimed_until=LATER)
        assert carry_on_packs(at=LATER - timedelta(seconds=1)) == 1
        assert PackBuilt.objects.get().pack == good
        assert carry_on_packs(at=LATER) == 0
        building = PackBuilding.objects.get(pack=bad)
        assert (building.gave_up_at, building.because) == (LATER, building_module.SAID_SO)
        assert building.claimed_until is None

    def test_how_far_it_is_is_kept_step_by_step(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        of_incident(cast, a_report(cast), FULL)
        seen: list[int] = []

        def look(*_: Any) -> Any:
            seen.append(PackBuilding.objects.get().step)

        real_bundle, real_finish = building_module.bundle, building_module.finish_pack
        monkeypatch.setattr(building_module, "bundle", lambda *args, **more: (look(), real_bundle(*args, **more))[1])
        monkeypatch.setattr(building_module, "prove", lambda *args: (look(), prove(*args))[1])
        monkeypatch.setattr(building_module, "finish_pack", lambda **more: (look(), real_finish(**more))[1])
        assert PackBuilding.objects.get().step == 0
        carry_on_packs(at=PACKED_AT)
        assert seen == [2, 3, 4]

    def test_a_file_whose_bytes_are_lost_stops_no_pack_and_is_still_said_to_be_there(self, cast: Cast) -> None:
        incident = a_whole_case(cast)
        change = OperationalChange.objects.get()
        kept = []
        for team, name in ((cast.north, "note.txt"), (cast.south, "../../=run <b>.txt")):
            (proof,) = a_template_in_use(cast, change, [team], name=name, new=f"Duty manager told {team.name}".encode())
            assert proof.file is not None
            kept.append(proof.file)
        lost, stays = kept
        default_storage.delete(lost.path)
        parts = parts_of(built(of_incident(cast, incident, FULL)))
        attached = {name: part for name, part in parts.items() if name.startswith("attachments/")}
        assert list(attached.values()) == [b"Duty manager told South team"]
        assert not [name for name in parts if ".." in name or name.startswith("/")]
        told = parts["pack.html"].decode()
        assert lost.sha256 in told
        assert stays.sha256 in told

    def test_only_the_worker_keeps_one_even_if_the_director_asks(self, cast: Cast) -> None:
        pack = of_incident(cast, a_report(cast), FULL)
        for by in cast.people().values():
            said = answer(lambda by=by: finish_pack(by=by, at=LATER, pack=pack, drawn=None))  # type: ignore[misc, arg-type]
            assert said == "Evidence packs are built by the worker only."


class TestTheList:
    def test_each_person_sees_what_they_may_open_and_no_more(self, cast: Cast) -> None:
        """One pack of each kind of door, and who finds it in the list."""
        hidden = a_report(cast, restricted=True, restricted_reason="About a colleague")
        plain = a_report(cast)
        packs = {
            "built": built(of_incident(cast, plain, FULL)).pack,
            "of few": built(of_incident(cast, hidden, FULL, by=cast.lead)).pack,
            "with few": built(asked(cast, disclosure=FULL, by=cast.lead)).pack,
            "being made": of_incident(cast, plain, by=cast.director),
        }
        sees = {
            who: {name for name, pack in packs.items() if pack in packs_seen(person, LATER, PackFilter())}
            for who, person in cast.people().items()
        }
        assert {who: names for who, names in sees.items() if names} == {
            "quality_lead": {"built"},
            "director": {"built", "being made"},
            "lead": {"built", "of few", "with few"},
        }

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("", 2), ("riverside", 1), ("RIVERSIDE june", 1), ("june riverside", 1), ("riverside harbour", 0),
            ("%", 0), ("_", 0), ("\\", 0), ("'; drop table", 0), ("🫂", 0), ("2026", 2), ("a b c d e f zzz", 0),
        ],
    )  # fmt: skip
    def test_is_searched_by_every_word_of_what_packs_are_called(self, cast: Cast, words: str, found: int) -> None:
        asked(cast)
        ask(
            cast.quality_lead,
            subject=Subject.INSPECTION,
            disclosure=INSPECTOR,
            services=[cast.harbour],
            period=(PERIOD[0], PERIOD[0]),
        )
        assert packs_seen(cast.quality_lead, PACKED_AT, PackFilter(words=words)).count() == found


def test_two_forms_of_one_key_are_one_pack_whoever_asks_last(cast: Cast) -> None:
    a_report(cast)
    key = uuid4().hex
    asked(cast, key=key)
    before = rows()
    said = answer(
        lambda: ask_for_pack(
            by=cast.director,
            at=LATER,
            wanted=Wanted(subject=Subject.INSPECTION, disclosure=FULL, services=[cast.riverside], period=PERIOD),
            submission_key=key,
        )
    )
    assert said == "This form was already sent by somebody else. Start a new one."
    assert rows() == before
