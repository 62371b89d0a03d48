"""An inspection attacked: by everybody else, too early, too late, with odd words, sent again, from next door (R34)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.evidence.models import (
    Inspection,
    InspectionDraw,
    InspectionEnd,
    InspectionPopulation,
    InspectionRelease,
)
from saferpractice.evidence.operations import draw_incidents, end_inspection, release_incident
from saferpractice.evidence.presenters import drawn_rows
from saferpractice.evidence.queries.inspections import (
    drawn_incidents,
    incidents_in,
    incidents_shown,
    inspection_of,
    inspections_going_on,
    inspections_of,
    inspections_overseen,
    inspectors_of,
    looks_in,
    may_be_released,
    page_of,
    references_open_to,
)
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import (
    decide_restriction,
    end_named_access,
    keep_from,
    name_person,
    withdraw_incident,
)
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.conftest import TestClock
from tests.factories.commissioning import somebody
from tests.factories.incidents import an_incident
from tests.factories.inspections import ENDS_AT, IDENTITY, LOOKED_AT, OPENED_AT, SEED, a_list, an_inspection, drawn
from tests.factories.web import signed_in, words
from tests.personas import LONG_AGO, NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]
WHY = "Drawn by chance; Maud Ashgrove agreed."
TABLES: tuple[Any, ...] = (
    Inspection, InspectionDraw, InspectionEnd, InspectionPopulation, InspectionRelease, TrailEntry, OutboxMessage,
)  # fmt: skip
PLACE = "of this place may"
OPENERS, DISCLOSERS = {"director", "quality_lead", "administrator"}, {"director", "quality_lead"}
ONLY_THE_INSPECTOR = "Only its inspector may do this, and only until it ends."
UNSEEN = "There is no such incident among those you may see."


def written() -> list[int]:
    return [model.objects.count() for model in TABLES]


def restricted(cast: Cast, **changes: Any) -> Incident:
    """An incident that only the safeguarding lead may open."""
    made = an_incident(by=cast.worker, team=cast.north, **changes)
    decide_restriction(by=cast.lead, at=NOW, incident=made, restricted=True, reason="About a colleague")
    return made


class Scene:
    """A restricted incident drawn in an inspection, with a second list that waits for its seed."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.hidden = restricted(cast)
        self.made = an_inspection(cast)
        self.draw = drawn(self.made)
        self.waiting = a_list(self.made)

    def do(self, what: str, by: Any, *, at: Any = LOOKED_AT) -> Any:
        if what == "open":
            return an_inspection(self.cast, by=by, at=at)
        if what == "disclose":
            return an_inspection(self.cast, by=by, at=at, identity=IDENTITY)
        if what == "end":
            return end_inspection(by=by, at=at, inspection=self.made, reason=WHY)
        if what == "freeze":
            return a_list(self.made, by=by, at=at)
        if what == "draw":
            return draw_incidents(by=by, at=at, population=self.waiting, seed=SEED)
        return release_incident(by=by, at=at, inspection=self.made, incident=self.hidden, reason=WHY)

    def pages(self) -> list[str]:
        """Every page of the inspector; the last two take a form."""
        names = ["inspection", "inspected_incidents"]
        found = [reverse(f"evidence:{name}", args=[self.made.pk]) for name in names]
        found.append(reverse("evidence:quality_statement", args=[self.made.pk, "safeguarding"]))
        found.append(reverse("evidence:sample_ids", args=[self.made.pk, self.waiting.pk]))
        found.append(reverse("evidence:new_sample", args=[self.made.pk]))
        return [*found, reverse("evidence:sample", args=[self.made.pk, self.waiting.pk])]


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)


# Who


MAY: dict[str, tuple[set[str], str]] = {
    "open": (OPENERS, f"Only a quality lead, director or administrator {PLACE} open an inspection."),
    "disclose": (OPENERS, f"Only a quality lead, director or administrator {PLACE} open an inspection."),
    "end": (OPENERS, f"Only a quality lead, director or administrator {PLACE} open an inspection."),
    "freeze": ({"inspector"}, ONLY_THE_INSPECTOR),
    "draw": ({"inspector"}, ONLY_THE_INSPECTOR),
    "release": ({"lead"}, UNSEEN),
}


@pytest.mark.parametrize("what", MAY)
def test_everybody_else_is_told_why_and_nothing_is_written(scene: Scene, what: str) -> None:
    may, sentence = MAY[what]
    before, told = written(), {}
    for name, person in scene.cast.people().items():
        if name not in may:
            with pytest.raises(Refused) as refused:
                scene.do(what, person)
            told[name] = refused.value.sentence
    assert told == dict.fromkeys(scene.cast.people().keys() - may, sentence)
    assert written() == before


def test_an_administrator_opens_and_discloses_nothing(scene: Scene) -> None:
    before = written()
    with pytest.raises(Refused) as refused:
        scene.do("disclose", scene.cast.administrator)
    assert refused.value.sentence == f"Only a quality lead or director {PLACE} show an inspector who incidents concern."
    assert written() == before
    for name in DISCLOSERS:
        assert scene.do("disclose", scene.cast.people()[name]).identity_power == IDENTITY.power


@pytest.mark.parametrize(("what", "may"), [(name, name in {"open", "disclose", "end"}) for name in MAY])
def test_a_process_opens_and_ends_and_looks_at_nothing(scene: Scene, what: str, *, may: bool) -> None:
    before = written()
    if may:
        assert scene.do(what, SET_UP).decided_by is None
        return
    with pytest.raises(Refused):
        scene.do(what, SET_UP)
    assert written() == before


@pytest.mark.parametrize(
    ("role", "where"),
    [
        (Role.DIRECTOR, "service"), (Role.DIRECTOR, "team"), (Role.DIRECTOR, "elsewhere"),
        (Role.QUALITY_LEAD, "service"), (Role.QUALITY_LEAD, "team"), (Role.ADMINISTRATOR, "elsewhere"),
        (Role.INSPECTOR, "service"), (Role.INSPECTOR, "elsewhere"),
    ],
)  # fmt: skip
def test_a_role_over_less_or_elsewhere_opens_ends_and_carries_out_nothing(scene: Scene, role: Role, where: str) -> None:
    cast = scene.cast
    place = {
        "service": Place(cast.provider.pk, cast.riverside.pk), "team": cast.north.place,
        "elsewhere": Place(cast.stranger.provider_id),
    }[where]  # fmt: skip
    by, before = somebody("second", role, place), written()
    for what in ("open", "disclose", "end", "freeze", "draw", "release"):
        with pytest.raises(Refused):
            scene.do(what, by)
    assert written()[:5] == before[:5]
    assert inspections_of(by, LOOKED_AT) == list(inspections_overseen(by, LOOKED_AT)) == []
    assert may_be_released(scene.made, by, LOOKED_AT) == []


# When


def _inspector(cast: Cast) -> Person:
    return Person.objects.get(pk=cast.inspector.pk)


def ended(scene: Scene) -> None:
    scene.do("end", scene.cast.director)


def role_ended(scene: Scene) -> None:
    end_role(by=scene.cast.administrator, at=OPENED_AT, assignment=scene.cast.inspector.role_assignments.get())


def sign_in_closed(scene: Scene) -> None:
    set_active(by=scene.cast.administrator, at=OPENED_AT, person=scene.cast.inspector, active=False)


def another_role(scene: Scene) -> None:
    role_ended(scene)
    here = Place(scene.cast.provider.pk)
    assign_role(by=SET_UP, at=OPENED_AT, person=scene.cast.inspector, role=Role.COMMISSIONER, place=here)


CLOSED: dict[str, tuple[Callable[[Scene], None], Any]] = {
    "not begun": (lambda scene: None, OPENED_AT - timedelta(seconds=1)),
    "its last moment": (lambda scene: None, ENDS_AT),
    "long over": (lambda scene: None, ENDS_AT + timedelta(days=400)),
    "ended": (ended, LOOKED_AT),
    "the role ended": (role_ended, LOOKED_AT),
    "another role": (another_role, LOOKED_AT),
    "sign-in closed": (sign_in_closed, LOOKED_AT),
}


@pytest.mark.parametrize("state", CLOSED)
def test_closed_in_any_way_nothing_is_seen_drawn_or_left_as_a_look(
    scene: Scene, the_clock: TestClock, state: str
) -> None:
    close, at = CLOSED[state]
    pages = scene.pages()
    close(scene)
    the_clock.stand_at(at)
    inspector, before = _inspector(scene.cast), written()
    assert inspection_of(inspector, at, scene.made.pk) is None
    assert inspections_of(inspector, at) == []
    for what in ("freeze", "draw"):
        with pytest.raises(Refused) as refused:
            scene.do(what, inspector, at=at)
        assert refused.value.sentence == ONLY_THE_INSPECTOR
    if inspector.is_active:
        client = signed_in(inspector)
        assert {client.get(page).status_code for page in pages} == {404}
        sent = {"submission_key": "k", "harm": "", "size": "1", "seed": SEED}
        assert {client.post(page, sent).status_code for page in pages[-2:]} == {404}
    assert not AccessEntry.objects.exists(), "what was not shown was not looked at"
    assert written() == before


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("its last moment", "The inspection is over."),
        ("long over", "This inspection does not cover the incident."),
        ("ended", "The inspection is over."),
        ("the role ended", "This inspection does not cover the incident."),
        ("sign-in closed", "This inspection does not cover the incident."),
    ],
)
def test_nothing_is_released_to_one_that_is_closed(scene: Scene, state: str, sentence: str) -> None:
    """And whoever decides on access is asked for nothing any more."""
    close, at = CLOSED[state]
    close(scene)
    made = Inspection.objects.get(pk=scene.made.pk)
    with pytest.raises((Invalid, Stale)) as refused:
        release_incident(by=scene.cast.lead, at=at, inspection=made, incident=scene.hidden, reason=WHY)
    assert str(refused.value) in {sentence, "The inspection is over."}
    assert not InspectionRelease.objects.exists()


def test_it_is_there_from_its_first_moment_to_the_one_before_its_last(scene: Scene) -> None:
    for at in (OPENED_AT, LOOKED_AT, ENDS_AT - timedelta(microseconds=1)):
        assert inspections_of(scene.cast.inspector, at) == [scene.made]
        assert inspection_of(scene.cast.inspector, at, scene.made.pk) == scene.made


# What is written


def test_each_step_is_one_entry_without_a_personal_word(cast: Cast) -> None:
    before = set(TrailEntry.objects.values_list("pk", flat=True))
    hidden = restricted(
        cast, what_happened="Maud hid the letters", person_reference="P-7731", person_name="Maud Ashgrove"
    )
    set_up = before | set(TrailEntry.objects.values_list("pk", flat=True))
    made = an_inspection(cast, identity=IDENTITY)
    draw = drawn(made, size=1, harm=1)
    release_incident(by=cast.lead, at=LOOKED_AT, inspection=made, incident=hidden, reason=WHY)
    end_inspection(by=cast.administrator, at=LOOKED_AT, inspection=made, reason=WHY)
    entries = list(TrailEntry.objects.exclude(pk__in=set_up).order_by("sequence"))
    assert [(one.operation.removeprefix("evidence."), one.by_id, one.subject_id, one.story_id) for one in entries] == [
        ("open_inspection", cast.director.pk, made.pk, None),
        ("freeze_incidents", cast.inspector.pk, made.pk, None),
        ("draw_incidents", cast.inspector.pk, made.pk, None),
        ("release_incident", cast.lead.pk, hidden.pk, hidden.pk),
        ("end_inspection", cast.administrator.pk, made.pk, None),
    ]
    assert [one.sentence for one in entries[1:]] == [
        "froze a list of 1 incident to draw from in inspection INS-117",
        "drew 1 of 1 incident in inspection INS-117",
        "showed this restricted incident to inspection INS-117",
        "ended inspection INS-117",
    ]
    assert [sorted(one.facts) for one in entries] == [
        ["authority", "services"], ["incidents", "list", "query"], ["drawn", "list", "method", "seed"], [], [],
    ]  # fmt: skip
    assert entries[2].facts["drawn"] == draw.drawn == [str(hidden.pk)]
    said = " ".join(f"{one.sentence} {one.facts}" for one in entries)
    for personal in ("Maud", "Ashgrove", "P-7731", "letters", hidden.reference, IDENTITY.because, WHY):
        assert personal not in said


ODD = ["😀💙", "\u202eturned", "<script>alert(1)</script>", "{{ 7*7 }} {% raw %}", "=1+1", "a\nb\n\nc", "x" * 10_000]


@pytest.mark.parametrize("words_", ODD, ids=range(len(ODD)))
def test_odd_words_are_kept_and_do_nothing_on_the_page(cast: Cast, the_clock: TestClock, words_: str) -> None:
    the_clock.stand_at(LOOKED_AT)
    made = an_inspection(cast, reference=words_[:60])
    end_inspection(by=cast.director, at=LOOKED_AT, inspection=made, reason=f" \n{words_}\t")
    assert (InspectionEnd.objects.get().reason, Inspection.objects.get().reference) == (words_, words_[:60].strip())
    page = signed_in(cast.director).get(reverse("evidence:inspection_overview", args=[made.pk]))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
    assert " ".join(words_.split())[:200] in words(page).replace("<br>", " ").replace("</p><p>", " ")


@pytest.mark.parametrize("reason", ["", " ", "\n\t", "\u00a0\u2003"])
def test_no_reason_ends_or_shows_nothing(scene: Scene, reason: str) -> None:
    before = written()
    for do in (
        lambda: end_inspection(by=scene.cast.director, at=LOOKED_AT, inspection=scene.made, reason=reason),
        lambda: release_incident(
            by=scene.cast.lead, at=LOOKED_AT, inspection=scene.made, incident=scene.hidden, reason=reason
        ),
    ):
        with pytest.raises(Invalid) as refused:
            do()
        assert set(refused.value.problems) == {"reason"}
    assert written() == before


OPENING = {
    "submission_key": "key", "reference": "INS-9", "authority": "hsca-2008-64", "period_from": "2025-03-07",
    "period_to": "2026-03-07", "ends_at-day": "20", "ends_at-month": "3", "ends_at-year": "2026",
    "ends_at-time": "17:00", "identity": "no",
}  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"period_from": "2025-02-29"}, "period_from"), ({"period_from": "31/02/2026"}, "period_from"),
        ({"period_from": ""}, "period_from"), ({"period_from": "2026-03-08"}, "period_from"),
        ({"period_from": "0001-01-01"}, "period_from"), ({"period_to": "9999-12-31"}, "period_to"),
        ({"period_to": "2025-03-06"}, "period_to"), ({"ends_at-time": "25:61"}, "ends_at"),
        ({"ends_at-day": "31", "ends_at-month": "2"}, "ends_at"), ({"ends_at-year": "9999"}, "ends_at"),
        ({"ends_at-day": "7", "ends_at-time": "04:00"}, "ends_at"), ({"ends_at-day": ""}, "ends_at"),
        ({"reference": "x" * 61}, "reference"), ({"reference": " \u00a0"}, "reference"),
        ({"authority": "'; --"}, "authority"), ({"inspector": "nonsense"}, "inspector"),
        ({"inspector": "director"}, "inspector"),
        ({"inspector": "stranger"}, "inspector"), ({"services": ["nonsense"]}, "services"),
        ({"services": []}, "services"),
        ({"identity": "yes", "identity_power": "hsca-2008-64", "identity_because": "x" * 2001}, "identity_because"),
        ({"identity": ""}, "identity"),
    ],
)  # fmt: skip
def test_a_bad_answer_opens_nothing_and_is_said_at_its_field(
    cast: Cast, the_clock: TestClock, sent: dict[str, Any], field: str
) -> None:
    the_clock.stand_at(LOOKED_AT)
    who = cast.people().get(sent.get("inspector", "inspector"))
    whole = OPENING | {"services": [str(cast.riverside.pk)]} | sent
    whole["inspector"] = str(who.pk) if who else sent["inspector"]
    page = signed_in(cast.director).post(reverse("evidence:open_inspection"), whole)
    assert page.status_code == 200
    assert "There is a problem" in words(page)
    summary = page.content.decode().split("nhsuk-error-summary__list")[1].split("</ul>")[0]
    assert f'href="#id_{field}' in summary
    assert not Inspection.objects.exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"size": ""}, "Enter how many"), ({"size": "0"}, "1"), ({"size": "51"}, "50"), ({"size": "five"}, "number"),
        ({"size": "9" * 400}, "problem"), ({"harm": "7"}, "problem"), ({"tier": "D"}, "problem"),
        ({"service": "harbour"}, "problem"), ({"from_on": "2026-02-30"}, "problem"),
        ({"to_on": "3000-01-01"}, "problem"),
        ({"harm": "4"}, "No incident of this inspection fits"), ({"tier": "C"}, "No incident of this inspection fits"),
        ({"from_on": "2026-03-06"}, "No incident of this inspection fits"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_frozen_is_not(
    scene: Scene, the_clock: TestClock, sent: dict[str, str], said: str
) -> None:
    the_clock.stand_at(LOOKED_AT)
    if "service" in sent:
        sent = {"service": str(scene.cast.harbour.pk)}
    whole = {"submission_key": "k", "harm": "", "size": "5"} | sent
    page = signed_in(scene.cast.inspector).post(reverse("evidence:new_sample", args=[scene.made.pk]), whole)
    assert page.status_code == 200
    assert "There is a problem" in words(page)
    assert said in words(page)
    assert InspectionPopulation.objects.count() == 2


@pytest.mark.parametrize("seed", ["", "12345", "     6", "a b c", "💙💙💙💙💙", "x" * 201])
def test_a_seed_too_short_or_too_long_draws_nothing_and_stays_typed(
    scene: Scene, the_clock: TestClock, seed: str
) -> None:
    the_clock.stand_at(LOOKED_AT)
    page = signed_in(scene.cast.inspector).post(scene.pages()[-1], {"seed": seed})
    assert "There is a problem" in words(page)
    assert "Not entered yet" in words(page)
    assert InspectionDraw.objects.get() == scene.draw


# Sent again


def test_shown_twice_it_is_shown_once_whoever_does_it(scene: Scene) -> None:
    """Two who may decide, each with a reason of their own: the first stands, and one entry."""
    cast = scene.cast
    name_person(by=cast.lead, at=NOW, incident=scene.hidden, person=cast.director, reason="Leads here too")
    first = scene.do("release", cast.lead)
    before = written()
    again = release_incident(
        by=cast.director, at=LOOKED_AT, inspection=scene.made, incident=scene.hidden, reason="Another reason"
    )
    assert again == first
    assert (again.reason, again.decided_by) == (WHY, cast.lead)
    assert written() == before


def test_a_page_of_release_left_open_finds_nothing_to_do(scene: Scene, the_clock: TestClock) -> None:
    the_clock.stand_at(LOOKED_AT)
    lead = signed_in(scene.cast.lead)
    address = reverse("evidence:release", args=[scene.made.pk, scene.hidden.pk])
    assert lead.get(address).status_code == 200
    scene.do("end", scene.cast.director)
    before = written()
    assert lead.post(address, {"reason": WHY}).status_code == 404
    assert lead.get(address).status_code == 404
    assert written() == before


def test_a_page_of_ending_left_open_says_that_it_was_ended(scene: Scene, the_clock: TestClock) -> None:
    the_clock.stand_at(LOOKED_AT)
    scene.do("end", scene.cast.quality_lead)
    page = signed_in(scene.cast.director).post(
        reverse("evidence:end_inspection", args=[scene.made.pk]), {"reason": "Mine"}
    )
    assert "It was ended already. Nothing can be seen through it." in words(page)
    assert "Mine" in words(page)
    assert InspectionEnd.objects.get().decided_by == scene.cast.quality_lead


# What stands in a draw


def as_it_was(scene: Scene) -> None:
    """Restricted, and not released."""


def released(scene: Scene) -> None:
    scene.do("release", scene.cast.lead)


def released_and_restricted_again(scene: Scene) -> None:
    released(scene)
    for on in (False, True):
        decide_restriction(by=scene.cast.lead, at=LOOKED_AT, incident=scene.hidden, restricted=on, reason="Changed")


def lifted(scene: Scene) -> None:
    decide_restriction(by=scene.cast.lead, at=LOOKED_AT, incident=scene.hidden, restricted=False, reason="No need")


def withdrawn(scene: Scene) -> None:
    withdraw_incident(by=scene.cast.lead, at=LOOKED_AT, incident=scene.hidden, reason="Made twice")


def released_and_withdrawn(scene: Scene) -> None:
    released(scene)
    withdrawn(scene)


def lifted_and_no_longer_theirs(scene: Scene) -> None:
    lifted(scene)
    role_ended(scene)
    here = Place(scene.cast.provider.pk, scene.cast.harbour.pk)
    assign_role(by=SET_UP, at=OPENED_AT, person=scene.cast.inspector, role=Role.INSPECTOR, place=here)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (as_it_was, "Restricted to named people, not released to you"), (released, ""),
        (released_and_restricted_again, ""), (lifted, ""), (withdrawn, "Withdrawn since it was drawn"),
        (released_and_withdrawn, "Withdrawn since it was drawn"),
        (lifted_and_no_longer_theirs, "No longer covered by this inspection"),
    ],
)  # fmt: skip
def test_each_place_of_a_draw_says_why_it_is_not_shown_and_nothing_else(
    scene: Scene, change: Callable[[Scene], None], said: str
) -> None:
    change(scene)
    made = Inspection.objects.get(pk=scene.made.pk)
    draw = InspectionDraw.objects.get(pk=scene.draw.pk)
    shown = set(incidents_shown(made, LOOKED_AT).values_list("pk", flat=True))
    (row,) = drawn_rows(draw, drawn_incidents(draw), shown)
    assert row[0] == "1"
    assert len(row[-1]) == 12
    if said:
        assert row[1:-1] == [said, None, None, None, None]
    else:
        assert row[1]["text"] == scene.hidden.reference
        assert row[3] == "North team, Riverside community service"


# From next door


def test_who_may_show_it_is_asked_and_nobody_else_learns_that_it_was_drawn(scene: Scene, the_clock: TestClock) -> None:
    the_clock.stand_at(LOOKED_AT)
    waiting = {name: may_be_released(scene.made, one, LOOKED_AT) for name, one in scene.cast.people().items()}
    assert {name for name, found in waiting.items() if found} == {"lead"}
    for name in ("director", "quality_lead", "administrator", "inspector"):
        page = words(signed_in(scene.cast.people()[name]).get(reverse("evidence:inspections")))
        assert scene.hidden.reference not in page


@pytest.mark.parametrize("how", ["no longer named", "kept from it", "the role ended"])
def test_whoever_may_not_decide_any_more_is_not_asked(scene: Scene, how: str) -> None:
    cast = scene.cast
    name_person(by=cast.lead, at=NOW, incident=scene.hidden, person=cast.director, reason="Leads here too")
    assert may_be_released(scene.made, cast.director, LOOKED_AT) == [scene.hidden]
    if how == "no longer named":
        end_named_access(by=cast.lead, at=NOW, named=scene.hidden.named_access.get(person=cast.director))
    elif how == "kept from it":
        because = KeptFromReason.ALLEGED_SOURCE
        keep_from(by=cast.lead, at=NOW, incident=scene.hidden, person=cast.director, because=because)
    else:
        end_role(by=cast.administrator, at=NOW, assignment=cast.director.role_assignments.get())
    director = Person.objects.get(pk=cast.director.pk)
    assert may_be_released(scene.made, director, LOOKED_AT) == []
    with pytest.raises(Refused):
        scene.do("release", director)
    assert not InspectionRelease.objects.exists()


def test_what_was_drawn_in_one_inspection_is_not_asked_for_in_another(scene: Scene) -> None:
    other = an_inspection(scene.cast, reference="INS-2")
    assert may_be_released(other, scene.cast.lead, LOOKED_AT) == []
    assert set(inspections_going_on(scene.cast.lead, LOOKED_AT)) == {scene.made, other}
    assert not inspections_going_on(scene.cast.stranger, LOOKED_AT).exists()
    scene.do("end", scene.cast.director)
    assert set(inspections_going_on(scene.cast.lead, LOOKED_AT)) == {other}


def test_looks_stand_with_the_inspection_in_which_they_were_made(scene: Scene, the_clock: TestClock) -> None:
    the_clock.stand_at(LOOKED_AT)
    other = an_inspection(scene.cast, reference="INS-2")
    client = signed_in(scene.cast.inspector)
    for made, times in ((scene.made, 3), (other, 1)):
        for _ in range(times):
            client.get(reverse("evidence:inspection", args=[made.pk]))
    assert [len(looks_in(one)) for one in (scene.made, other)] == [3, 1]
    signed_in(scene.cast.director).get(reverse("evidence:inspection_overview", args=[other.pk]))
    assert len(looks_in(other)) == 1, "whoever oversees it inspects nothing"


@pytest.mark.parametrize(
    ("name", "sees"),
    [("lead", True), ("director", False), ("worker", False), ("administrator", False), ("stranger", False)],
)
def test_numbers_in_the_log_are_for_those_who_may_open_them(scene: Scene, name: str, *, sees: bool) -> None:
    found = references_open_to(scene.cast.people()[name], LOOKED_AT, [scene.hidden.pk])
    assert found == ({scene.hidden.pk: scene.hidden.reference} if sees else {})


def test_those_who_hold_the_role_and_can_sign_in_are_offered(cast: Cast) -> None:
    local = somebody("local", Role.INSPECTOR, cast.north.place, name="Abel Low")
    gone = somebody("gone", Role.INSPECTOR, Place(cast.provider.pk), name="Bea Gone")
    late = somebody("late", Role.INSPECTOR, Place(cast.provider.pk), name="Cai Late")
    set_active(by=cast.administrator, at=LONG_AGO, person=gone, active=False)
    end_role(by=cast.administrator, at=NOW, assignment=late.role_assignments.get())
    somebody("away", Role.INSPECTOR, Place(cast.stranger.provider_id), name="Dot Away")
    assert list(inspectors_of(cast.provider.pk, LOOKED_AT)) == [local, cast.inspector]


def test_a_page_goes_on_after_nothing_that_is_not_in_its_list(scene: Scene) -> None:
    """An id of elsewhere in the address is no place to go on from, and tells nothing."""
    inside = [an_incident(by=scene.cast.worker, team=scene.cast.north) for _ in range(3)]
    outside = an_incident(by=scene.cast.worker, team=scene.cast.east)
    rows = incidents_shown(scene.made, LOOKED_AT)
    for after in (None, outside.pk, scene.hidden.pk, scene.made.pk):
        found, more = page_of(rows, 25, after)
        assert ({one.pk for one in found}, more) == ({one.pk for one in inside}, None)


@pytest.mark.parametrize(
    ("days", "covered"), [((0, 0), True), ((-1, -1), False), ((-1, 0), True), ((0, 3), True), ((1, 3), False)]
)
def test_an_incident_is_of_the_days_it_became_known(cast: Cast, days: tuple[int, int], *, covered: bool) -> None:
    an_incident(by=cast.worker, team=cast.north)
    first, last = (date(2026, 3, 4) + timedelta(days=one) for one in days)
    made = an_inspection(cast, period_from=first, period_to=last)
    assert incidents_in(made, LOOKED_AT).exists() is covered
