"""Evidence packs: who may have what, what is confirmed before it goes outside, how they are built and never change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, end_role
from saferpractice.access.rules import Role
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import withdraw_change
from saferpractice.evidence.models import (
    EvidencePack,
    PackBuilding,
    PackBuilt,
    PackIncident,
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
from saferpractice.evidence.queries import learning_facts
from saferpractice.evidence.queries.packs import (
    PackFilter,
    PackState,
    gathered,
    in_scope,
    pack_seen,
    packs_seen,
    state_of,
    still_open,
    texts_of,
)
from saferpractice.evidence.rules import assess_learning
from saferpractice.evidence.rules.packs.confirming import Choice
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import (
    correct_report,
    decide_restriction,
    keep_from,
    name_person,
    withdraw_incident,
)
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.jobs.sweeps import round_of_work
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from tests.factories.changes import a_template_in_use
from tests.factories.incidents import an_incident
from tests.factories.packs_made import (
    PACKED_AT,
    PERIOD,
    PERSON,
    REFERENCE,
    TOLD,
    a_whole_case,
    asked,
    built,
    bytes_of,
    confirmed,
    parts_of,
)
from tests.factories.thematic import signed
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

LATER = PACKED_AT + timedelta(hours=1)
FULL, INSPECTOR = Disclosure.FULL, Disclosure.INSPECTOR


def a_report(cast: Cast, **report: Any) -> Incident:
    return an_incident(by=cast.worker, **({"team": cast.north, "at": NOW} | report))


def restricted(cast: Cast) -> Incident:
    """An incident in Riverside that only the lead may open."""
    return a_report(cast, restricted=True, restricted_reason="About a colleague")


def of_incident(cast: Cast, incident: Incident, disclosure: Disclosure = FULL, **more: Any) -> EvidencePack:
    return asked(cast, subject=Subject.INCIDENT, disclosure=disclosure, incident=incident, **more)


def seen_by(pack: EvidencePack, who: Person, at: Any = PACKED_AT) -> bool:
    return pack_seen(who, at, pack.pk) is not None


class TestWhoMayMakeOne:
    @pytest.mark.parametrize("who", ["quality_lead", "lead", "director"])
    def test_whoever_leads_there(self, cast: Cast, who: str) -> None:
        by = getattr(cast, who)
        assert asked(cast, by=by).decided_by == by

    @pytest.mark.parametrize(
        "who",
        ["worker", "duty_manager", "supervisor", "reviewer", "administrator", "commissioner", "inspector", "stranger"],
    )
    def test_nobody_else(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused, match="Only a safeguarding lead, quality lead or director of this place may"):
            asked(cast, by=getattr(cast, who))
        assert not EvidencePack.objects.exists()

    def test_no_process(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="A person asks"):
            ask_for_pack(
                by=SET_UP,
                at=PACKED_AT,
                wanted=Wanted(subject=Subject.INSPECTION, disclosure=FULL, services=[cast.riverside], period=PERIOD),
                submission_key="k",
            )

    def test_of_every_service_and_not_of_one_they_do_not_lead(self, cast: Cast) -> None:
        assign_role(
            by=cast.administrator,
            at=NOW,
            person=cast.worker,
            role=Role.QUALITY_LEAD,
            place=type(cast.north.place)(cast.provider.pk, cast.riverside.pk),
        )
        by = Person.objects.get(pk=cast.worker.pk)
        pack = asked(cast, by=by)
        assert seen_by(pack, by)
        with pytest.raises(Refused):
            asked(cast, by=Person.objects.get(pk=by.pk), services=[cast.riverside, cast.harbour])

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"disclosure": Disclosure.COMMISSIONER}, "disclosure"),
            ({"period": (date(2026, 3, 2), date(2026, 3, 1))}, "period_to"),
            ({"period": (date(2026, 3, 2), date(2026, 11, 3))}, "period_to"),
            ({"period": (date(2024, 1, 1), date(2026, 3, 1))}, "period_from"),
            ({"period": None}, "period_from"),
            ({"subject": Subject.LEARNING, "incident": None}, "reference"),
            ({"identity_basis": "An Act"}, "identity_why"),
            ({"identity_why": "They asked."}, "identity_why"),
            ({"identity_basis": "An Act", "identity_why": "They asked.", "disclosure": FULL}, "disclosure"),
        ],
    )
    def test_what_cannot_be_a_pack(self, cast: Cast, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            asked(cast, **changes)
        assert list(refused.value.problems) == [field]
        assert not EvidencePack.objects.exists()

    def test_more_incidents_than_anybody_can_read(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.evidence.operations.packs.MOST_INCIDENTS", 1)
        a_report(cast)
        asked(cast)
        a_report(cast)
        with pytest.raises(Invalid, match="That is 2 incidents"):
            asked(cast)

    def test_the_same_form_again(self, cast: Cast) -> None:
        one = asked(cast, key="k")
        assert asked(cast, key="k") == one
        with pytest.raises(SentBefore) as differs:
            asked(cast, key="k", disclosure=FULL)
        assert [one.question for one in differs.value.differences] == ["For whom"]
        with pytest.raises(Invalid, match="somebody else"):
            asked(cast, key="k", by=cast.lead)
        assert EvidencePack.objects.count() == 1


class TestWhatItIsAbout:
    def test_services_and_days_by_when_it_happened(self, cast: Cast) -> None:
        here = a_report(cast)
        a_report(cast, team=cast.east)
        a_report(cast, at=NOW + timedelta(days=200))
        withdrawn = a_report(cast)
        withdraw_incident(by=cast.lead, at=NOW, incident=withdrawn, reason="Reported twice.")
        scope = in_scope(asked(cast, disclosure=FULL), cast.quality_lead, PACKED_AT)
        assert (scope.incidents, scope.left_out) == ([here], 0)

    @pytest.mark.parametrize(("day", "inside"), [(0, True), (-1, False)])
    def test_the_first_and_the_last_day_belong_to_it(self, cast: Cast, day: int, inside: bool) -> None:
        incident = a_report(cast)
        happened = incident.occurred_at
        assert happened is not None
        on = happened.date()
        for period in ((on - timedelta(days=day), date(2026, 6, 1)), (date(2026, 1, 1), on + timedelta(days=day))):
            scope = in_scope(asked(cast, disclosure=FULL, period=period), cast.quality_lead, PACKED_AT)
            assert bool(scope.incidents) is inside

    def test_a_theme(self, cast: Cast) -> None:
        one = a_report(cast, themes=("self-neglect",))
        a_report(cast, themes=("exploitation",))
        pack = asked(cast, subject=Subject.THEME, disclosure=FULL, theme="self-neglect")
        assert in_scope(pack, cast.quality_lead, PACKED_AT).incidents == [one]
        assert pack.about.startswith("Self-neglect")

    def test_restricted_ones_for_those_who_may_open_them_and_else_counted(self, cast: Cast) -> None:
        plain, few = a_report(cast), restricted(cast)
        pack = asked(cast, disclosure=FULL)
        of_quality = in_scope(pack, cast.quality_lead, PACKED_AT)
        assert (of_quality.incidents, of_quality.left_out) == ([plain], 1)
        of_lead = in_scope(pack, cast.lead, PACKED_AT)
        assert (set(of_lead.incidents), of_lead.left_out) == ({plain, few}, 0)

    def test_the_pack_says_how_many_are_left_out_and_nothing_of_them(self, cast: Cast) -> None:
        a_report(cast)
        few = restricted(cast)
        page = parts_of(built(asked(cast, disclosure=FULL)))["pack.html"].decode()
        assert "1 incident is left out: whoever made this pack may not open it." in page
        assert few.reference not in page

    def test_changes_name_no_incident_that_is_left_out(self, cast: Cast) -> None:
        incident = a_whole_case(cast)
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")
        page = parts_of(built(asked(cast, disclosure=FULL)))["pack.html"].decode()
        assert incident.reference not in page
        assert "Self-neglect checklist" not in page

    @pytest.mark.requirement("R5")
    def test_whether_learning_is_defensible_is_worked_out_as_on_its_page(self, cast: Cast) -> None:
        whole, begun = a_whole_case(cast), a_report(cast)
        found, _ = gathered(asked(cast, disclosure=FULL), cast.quality_lead, PACKED_AT)
        learning = {case.source.reference: case.learning for case in found.cases}
        for incident in (whole, begun):
            expected = assess_learning(learning_facts(incident))
            told = learning[incident.reference]
            assert (told.defensible, told.sentence) == (expected.defensible, expected.sentence)
            assert [present for _, present in told.steps] == [step.present for step in expected.steps]
        assert not learning[whole.reference].missing
        assert [one.sentence for one in learning[begun.reference].missing][:2] == [
            "Triage the incident.",
            "Open the review that its tier asks for.",
        ]

    def test_a_withdrawn_change_says_why(self, cast: Cast) -> None:
        a_whole_case(cast)
        found, _ = gathered(asked(cast, disclosure=FULL), cast.quality_lead, PACKED_AT)
        change = OperationalChange.objects.get()
        withdraw_change(by=cast.quality_lead, at=NOW, change=change, reason="It cost more than it gave.")
        again, _ = gathered(asked(cast, disclosure=FULL), cast.quality_lead, PACKED_AT)
        assert found.changes[0].withdrawn_because is None
        reason = again.changes[0].withdrawn_because
        assert reason is not None
        assert reason.text == "It cost more than it gave."
        assert again.changes[0].state == "Withdrawn"

    @pytest.mark.requirement("R36")
    def test_a_quarter_holds_what_its_meeting_decided(self, cast: Cast) -> None:
        a_report(cast, at=NOW - timedelta(days=90))
        signed(cast)
        quarter = (date(2025, 10, 1), date(2025, 12, 31))
        found, _ = gathered(
            asked(cast, subject=Subject.QUARTER, disclosure=FULL, period=quarter), cast.quality_lead, PACKED_AT
        )
        (met,) = found.meetings
        assert met.signed_by is not None
        assert "Night cover is looked at again" in met.decisions[0].what.text  # type: ignore[union-attr]
        other, _ = gathered(
            asked(cast, subject=Subject.QUARTER, disclosure=FULL, period=PERIOD), cast.quality_lead, PACKED_AT
        )
        assert other.meetings == ()

    def test_a_reporter_who_asked_not_to_be_known_is_not_named_even_inside(self, cast: Cast) -> None:
        incident = a_report(cast, name_withheld=True)
        page = parts_of(built(of_incident(cast, incident)))["pack.html"].decode()
        assert "name withheld" in page
        assert cast.worker.name not in page

    def test_the_number_of_statements_does_not_grow_with_the_incidents(self, cast: Cast) -> None:
        a_whole_case(cast)
        counts = []
        for more in (1, 5):
            for _ in range(more):
                a_whole_case(cast, person_reference=f"P-{PackIncident.objects.count()}{more}")
            pack = asked(cast)
            by = Person.objects.get(pk=cast.quality_lead.pk)
            with CaptureQueriesContext(connection) as ran:
                found, _ = gathered(pack, by, PACKED_AT)
            counts.append(len(ran))
            assert found.changes[0].measured
        assert counts[0] == counts[1]
        assert counts[1] < 90


class TestTexts:
    def test_a_text_confirmed_once_serves_every_pack(self, cast: Cast) -> None:
        incident = a_report(cast, what_happened=TOLD)
        confirmed(of_incident(cast, incident, INSPECTOR))
        other = asked(cast, by=cast.lead)
        assert still_open(texts_of(other, cast.lead, PACKED_AT)) == []

    def test_until_the_record_changes(self, cast: Cast) -> None:
        incident = a_report(cast, what_happened=TOLD)
        pack = confirmed(of_incident(cast, incident, INSPECTOR))
        correct_report(
            by=cast.lead,
            at=NOW,
            incident=incident,
            part="what_happened",
            text="It was at 4.",
            reason="The log says so.",
        )
        waiting = still_open(texts_of(pack, cast.quality_lead, PACKED_AT))
        assert {text.said.text for text in waiting} == {"It was at 4.", "The log says so."}
        with pytest.raises(Invalid, match="2 texts wait to be confirmed"):
            order_building(by=cast.quality_lead, at=PACKED_AT, pack=pack)

    def test_until_a_name_in_it_comes_to_the_records(self, cast: Cast) -> None:
        incident = a_report(cast, what_happened="Thistlewood opened the door.")
        pack = confirmed(of_incident(cast, incident, INSPECTOR))
        assert still_open(texts_of(pack, cast.quality_lead, PACKED_AT)) == []
        a_report(cast, person_reference="P-9", person_name="Ada Thistlewood")
        (waiting,) = still_open(texts_of(pack, cast.quality_lead, PACKED_AT))
        assert waiting.marked.words == "[name removed] opened the door."

    def test_a_later_decision_stands_beside_the_earlier(self, cast: Cast) -> None:
        pack = of_incident(cast, a_report(cast, what_happened="We stayed.", done_at_once=""), INSPECTOR)
        (text,) = (one for one in texts_of(pack, cast.quality_lead, PACKED_AT) if one.said.part == "what_happened")
        by: dict[str, Any] = {"by": cast.quality_lead, "at": PACKED_AT, "pack": pack}
        assert confirm_texts(**by, choices={text.said.key: (Choice.MASKED, "")}) == 1
        assert confirm_texts(**by, choices={text.said.key: (Choice.MASKED, "")}) == 0, "the same again is nothing new"
        assert confirm_texts(**by, choices={text.said.key: (Choice.LEFT_OUT, "")}) == 1
        rows = TextConfirmation.objects.filter(key=text.said.key).order_by("number")
        assert [(row.number, row.choice, row.words) for row in rows] == [
            (1, "masked", "We stayed."),
            (2, "left_out", ""),
        ]
        (now,) = (one for one in texts_of(pack, cast.quality_lead, PACKED_AT) if one.said.key == text.said.key)
        assert now.confirmed is not None
        assert now.confirmed.left_out

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            ("", "Enter the words to share"),
            ("  \n ", "Enter the words to share"),
            ("Wren Ashdown stayed.", "could still tell who somebody is: name"),
            ("Ring 0113 496 0000.", "phone number"),
            (f"{REFERENCE} stayed.", "reference"),
            ("Mr Oakley stayed.", "titled name"),
            ("x" * 20_001, "Shorten it"),
        ],
    )
    def test_other_words_that_may_not_go_out(self, cast: Cast, words: str, problem: str) -> None:
        incident = a_report(cast, person_reference=REFERENCE, what_happened="We stayed.")
        pack = of_incident(cast, incident, INSPECTOR)
        key = texts_of(pack, cast.quality_lead, PACKED_AT)[0].said.key
        with pytest.raises(Invalid) as refused:
            confirm_texts(by=cast.quality_lead, at=PACKED_AT, pack=pack, choices={key: (Choice.EDITED, words)})
        assert problem in refused.value.problems[key]
        assert not TextConfirmation.objects.exists()

    def test_a_text_of_another_record(self, cast: Cast) -> None:
        pack = of_incident(cast, a_report(cast), INSPECTOR)
        with pytest.raises(Invalid, match="has changed meanwhile"):
            confirm_texts(by=cast.quality_lead, at=PACKED_AT, pack=pack, choices={"f" * 64: (Choice.MASKED, "")})

    @pytest.mark.parametrize("who", ["lead", "director"])
    def test_only_whoever_asked_goes_on(self, cast: Cast, who: str) -> None:
        pack, by = of_incident(cast, a_report(cast), INSPECTOR), getattr(cast, who)
        with pytest.raises(Refused, match="Only whoever asked"):
            confirm_texts(by=by, at=PACKED_AT, pack=pack, choices={})
        with pytest.raises(Refused, match="Only whoever asked"):
            order_building(by=by, at=PACKED_AT, pack=pack)

    def test_a_pack_that_stays_inside_has_no_texts_to_confirm(self, cast: Cast) -> None:
        assert texts_of(of_incident(cast, a_report(cast)), cast.quality_lead, PACKED_AT) == []

    def test_the_trail_says_it_without_a_word_of_them(self, cast: Cast) -> None:
        confirmed(of_incident(cast, a_report(cast, what_happened=TOLD), INSPECTOR))
        entry = TrailEntry.objects.get(operation="evidence.confirm_texts")
        assert entry.facts["masked"] >= 1
        assert "Featherstone" not in f"{entry.sentence}{entry.facts}"


class TestBuilding:
    def test_its_files_stand_in_the_trail_with_their_hashes(self, cast: Cast) -> None:
        made = built(of_incident(cast, a_report(cast)))
        entry = TrailEntry.objects.get(operation="evidence.finish_pack")
        for name, kept in (("pdf", made.pdf), ("html", made.page), ("zip", made.bundle)):
            assert entry.facts[name] == kept.sha256
        assert entry.by_name == "Safer Practice packs"

    def test_pdf_and_page_are_those_of_the_zip(self, cast: Cast) -> None:
        made = built(of_incident(cast, a_report(cast)))
        parts = parts_of(made)
        assert parts["pack.pdf"] == bytes_of(made.pdf)
        assert parts["pack.html"] == bytes_of(made.page)
        assert "data/pack.json" in parts

    def test_attached_files_go_with_a_pack_that_stays_inside_only(self, cast: Cast) -> None:
        incident = a_whole_case(cast)
        change = OperationalChange.objects.get()
        for team, told in ((cast.north, b"Told at nine."), (cast.south, b"Told at ten.")):
            a_template_in_use(cast, change, [team], name=f"{team.name}.txt", new=told)
        inside = parts_of(built(of_incident(cast, incident)))
        outside = parts_of(built(of_incident(cast, incident, INSPECTOR)))
        attached = {name: part for name, part in inside.items() if name.startswith("attachments/")}
        assert sorted(attached.values()) == [b"Told at nine.", b"Told at ten."]
        assert {name[-14:] for name in attached} == {"North team.txt", "South team.txt"}
        assert [name for name in outside if name.startswith("attachments/")] == []
        assert not [
            name for name, part in outside.items() if b"Told at" in part or "team.txt" in part.decode("latin-1")
        ]

    def test_the_worker_builds_one_in_each_round(self, cast: Cast) -> None:
        incident = a_report(cast)
        packs = [of_incident(cast, incident) for _ in range(2)]
        round_of_work(PACKED_AT)
        assert PackBuilt.objects.count() == 1
        round_of_work(PACKED_AT)
        assert {made.pack for made in PackBuilt.objects.all()} == set(packs)
        assert carry_on_packs(at=PACKED_AT) == 0

    def test_once_built_it_never_changes(self, cast: Cast) -> None:
        incident = a_report(cast)
        made = built(of_incident(cast, incident))
        before = bytes_of(made.page)
        correct_report(by=cast.lead, at=LATER, incident=incident, part="when", text="At 4.", reason="The log.")
        carry_on_packs(at=LATER)
        assert bytes_of(PackBuilt.objects.get().page) == before
        for do in (
            lambda: order_building(by=cast.quality_lead, at=LATER, pack=made.pack),
            lambda: confirm_texts(by=cast.quality_lead, at=LATER, pack=made.pack, choices={}),
        ):
            with pytest.raises(Invalid, match="does not change any more"):
                do()

    @pytest.mark.parametrize("model", [EvidencePack, PackBuilt, PackIncident, TextConfirmation])
    def test_the_database_refuses_to_change_its_rows(self, cast: Cast, model: Any) -> None:
        incident = a_report(cast)
        built(of_incident(cast, incident, INSPECTOR))
        row = model.objects.first()
        other = {EvidencePack: {"about": "x"}, PackBuilt: {"incidents": 9}, TextConfirmation: {"words": "x"}}
        for change in (
            lambda: model.objects.filter(pk=row.pk).update(**other.get(model, {"incident": a_report(cast)})),
            lambda: model.objects.filter(pk=row.pk)._raw_delete(model.objects.db),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()

    def test_a_worker_that_died_leaves_it_to_the_next(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        pack = of_incident(cast, a_report(cast))

        def dies(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(building_module, "draw", dies)
            with pytest.raises(KeyboardInterrupt):
                carry_on_packs(at=PACKED_AT)
        assert carry_on_packs(at=PACKED_AT + timedelta(minutes=4)) == 0, "it may still be at it"
        assert carry_on_packs(at=PACKED_AT + timedelta(minutes=6)) == 1
        assert PackBuilt.objects.get().pack == pack

    def test_two_workers_never_build_the_same(self, cast: Cast) -> None:
        of_incident(cast, a_report(cast))
        waiting = list(PackBuilding.objects.waiting(PACKED_AT))
        assert building_module._claim(waiting[0], PACKED_AT)
        assert not building_module._claim(waiting[0], PACKED_AT)

    def test_one_that_fails_is_tried_thrice_then_given_up_and_can_be_ordered_again(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pack = of_incident(cast, a_report(cast))

        def fails(*_: Any, **__: Any) -> None:
            raise RuntimeError("a chart could not be drawn")

        with monkeypatch.context() as patched:
            patched.setattr(building_module, "draw", fails)
            assert [carry_on_packs(at=PACKED_AT) for _ in range(5)] == [1, 1, 1, 0, 0]
        state = EvidencePack.objects.select_related("building").get()
        assert state_of(state) is PackState.FAILED
        assert state.building.because == building_module.SAID_SO
        order_building(by=cast.quality_lead, at=LATER, pack=pack)
        assert carry_on_packs(at=LATER) == 1
        assert PackBuilt.objects.exists()

    def test_a_text_that_changed_while_it_waited_sends_it_back(self, cast: Cast) -> None:
        incident = a_report(cast)
        pack = confirmed(of_incident(cast, incident, INSPECTOR))
        order_building(by=cast.quality_lead, at=PACKED_AT, pack=pack)
        correct_report(by=cast.lead, at=NOW, incident=incident, part="when", text="At 4.", reason="The log.")
        carry_on_packs(at=PACKED_AT)
        assert not PackBuilt.objects.exists()
        assert PackBuilding.objects.get().because == building_module.CHANGED
        confirmed(pack)
        order_building(by=cast.quality_lead, at=LATER, pack=pack)
        assert carry_on_packs(at=LATER) == 1
        assert PackBuilt.objects.exists()

    def test_of_somebody_who_leads_there_no_more_none_is_built(self, cast: Cast) -> None:
        of_incident(cast, a_report(cast))
        held = cast.quality_lead.role_assignments.get()
        end_role(by=cast.administrator, at=PACKED_AT, assignment=held)
        carry_on_packs(at=LATER)
        assert not PackBuilt.objects.exists()
        assert PackBuilding.objects.get().because == building_module.MAY_NOT

    def test_one_that_was_withdrawn_is_not_built(self, cast: Cast) -> None:
        pack = of_incident(cast, a_report(cast))
        withdraw_pack(by=cast.quality_lead, at=PACKED_AT, pack=pack, reason="Not needed.")
        assert carry_on_packs(at=PACKED_AT) == 0
        with pytest.raises(Invalid, match="withdrawn"):
            order_building(by=cast.quality_lead, at=PACKED_AT, pack=pack)

    def test_no_person_keeps_what_was_built(self, cast: Cast) -> None:
        pack = of_incident(cast, a_report(cast))
        with pytest.raises(Refused, match="built by the worker only"):
            finish_pack(by=cast.director, at=PACKED_AT, pack=pack, drawn=None)  # type: ignore[arg-type]

    def test_a_commissioners_pack_cannot_come_out_of_the_worker(self, cast: Cast) -> None:
        pack = of_incident(cast, a_report(cast))
        pack.disclosure = Disclosure.COMMISSIONER
        found, _ = gathered(pack, cast.quality_lead, PACKED_AT)
        with pytest.raises(Refused, match="Nothing of an incident is told"):
            building_module._teller(pack, found)


class TestWhoMayOpenOne:
    @pytest.mark.parametrize(
        ("who", "opens"),
        [("quality_lead", True), ("lead", True), ("director", True), ("duty_manager", False), ("supervisor", False),
         ("worker", False), ("reviewer", False), ("administrator", False), ("inspector", False), ("stranger", False)],
    )  # fmt: skip
    def test_built_ones_those_who_lead_there(self, cast: Cast, who: str, opens: bool) -> None:
        made = built(of_incident(cast, a_report(cast)))
        assert seen_by(made.pack, getattr(cast, who)) is opens

    def test_one_that_is_being_made_only_its_maker(self, cast: Cast) -> None:
        pack = asked(cast)
        assert seen_by(pack, cast.quality_lead)
        assert not seen_by(pack, cast.director)

    def test_one_with_a_restricted_incident_only_those_named_on_it(self, cast: Cast) -> None:
        few = restricted(cast)
        made = built(of_incident(cast, few, by=cast.lead))
        assert seen_by(made.pack, cast.lead)
        assert not seen_by(made.pack, cast.director)
        name_person(by=cast.lead, at=PACKED_AT, incident=few, person=cast.director, reason="Oversees it")
        assert seen_by(made.pack, Person.objects.get(pk=cast.director.pk), LATER)

    def test_one_whose_incident_was_restricted_later_is_hidden_from_the_others(self, cast: Cast) -> None:
        incident = a_report(cast)
        made = built(asked(cast, disclosure=FULL))
        assert seen_by(made.pack, cast.director)
        decide_restriction(by=cast.lead, at=LATER, incident=incident, restricted=True, reason="About a colleague")
        assert not seen_by(made.pack, cast.director, LATER)
        assert not seen_by(made.pack, cast.quality_lead, LATER), "who made it too"
        assert seen_by(made.pack, cast.lead, LATER)

    def test_never_somebody_kept_from_one_of_its_incidents(self, cast: Cast) -> None:
        incident = a_report(cast)
        made = built(asked(cast, disclosure=FULL))
        keep_from(
            by=cast.lead, at=LATER, incident=incident, person=cast.director, because=KeptFromReason.ALLEGED_SOURCE
        )
        assert not seen_by(made.pack, cast.director)
        assert seen_by(made.pack, cast.quality_lead)

    def test_one_of_two_services_nobody_who_leads_one(self, cast: Cast) -> None:
        a_report(cast)
        made = built(asked(cast, disclosure=FULL, services=[cast.riverside, cast.harbour]))
        one = built(asked(cast, disclosure=FULL))
        place = type(cast.north.place)(cast.provider.pk, cast.riverside.pk)
        assign_role(by=cast.administrator, at=NOW, person=cast.worker, role=Role.DIRECTOR, place=place)
        by = Person.objects.get(pk=cast.worker.pk)
        assert not seen_by(made.pack, by)
        assert seen_by(one.pack, by)

    def test_the_filter_says_in_sql_what_the_state_says(self, cast: Cast) -> None:
        incident = a_report(cast)
        packs = {
            PackState.ASKED: asked(cast),
            PackState.BUILT: built(of_incident(cast, incident)).pack,
            PackState.WITHDRAWN: asked(cast),
            PackState.FAILED: asked(cast, disclosure=FULL),
            PackState.BUILDING: asked(cast, disclosure=FULL),
        }
        withdraw_pack(by=cast.quality_lead, at=PACKED_AT, pack=packs[PackState.WITHDRAWN], reason="Not needed.")
        PackBuilding.objects.filter(pack=packs[PackState.FAILED]).update(gave_up_at=PACKED_AT, because="x")
        for state, pack in packs.items():
            assert state_of(EvidencePack.objects.get(pk=pack.pk)) is state
            assert list(packs_seen(cast.quality_lead, PACKED_AT, PackFilter(state=state))) == [pack]


@pytest.mark.requirement("R34")
class TestIdentity:
    BASIS = "Health and Social Care Act 2008, section 64"

    def test_the_person_is_named_with_the_law_and_the_reason(self, cast: Cast) -> None:
        incident = a_report(cast, person_reference=REFERENCE, person_name=PERSON, what_happened=f"{PERSON} rang.")
        pack = of_incident(cast, incident, INSPECTOR, identity_basis=self.BASIS, identity_why="To see the family.")
        page = parts_of(built(pack))["pack.html"].decode()
        assert PERSON in page
        assert self.BASIS in page
        assert "To see the family." in page
        assert "[name removed] rang." in page, "what was typed stays masked"

    def test_the_trail_says_that_it_tells_who_and_by_which_law(self, cast: Cast) -> None:
        incident = a_report(cast, person_reference=REFERENCE, person_name=PERSON)
        of_incident(cast, incident, INSPECTOR, identity_basis=self.BASIS, identity_why="To see the family.")
        entry = TrailEntry.objects.get(operation="evidence.ask_for_pack")
        assert "tells who the people supported are" in entry.sentence
        assert entry.facts["basis"] == self.BASIS
        assert PERSON not in f"{entry.sentence}{entry.facts}"


def test_withdrawing_needs_a_reason_and_is_done_once(cast: Cast) -> None:
    made = built(of_incident(cast, a_report(cast)))
    with pytest.raises(Invalid, match="Enter why"):
        withdraw_pack(by=cast.director, at=LATER, pack=made.pack, reason=" ")
    with pytest.raises(Refused):
        withdraw_pack(by=cast.duty_manager, at=LATER, pack=made.pack, reason="Wrong.")
    first = withdraw_pack(by=cast.director, at=LATER, pack=made.pack, reason="Wrong.")
    assert withdraw_pack(by=cast.lead, at=LATER, pack=made.pack, reason="Again.") == first
    assert bytes_of(made.pdf), "it stays on record"
