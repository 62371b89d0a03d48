"""Who may see what: every way a contact may stand to a case, against every address of the partners' area (R27)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction
from saferpractice.partners import operations
from saferpractice.partners.models import Agency, Contact, PartnerSession, ShownRecord
from saferpractice.partners.operations import Answer
from saferpractice.partners.rules import SESSION_LASTS
from saferpractice.pathways import operations as pathways
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.trail.models import TrailEntry
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.partners import (
    a_contact,
    a_decision,
    a_risk_review,
    a_summary,
    an_action,
    an_agency,
    an_exploitation,
    browser_of,
    invited,
    let_in,
    shared,
)
from tests.factories.pathways import a_case, hours
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27")]
CANARY = "zebrawood"
"""Stands in everything that was written on the case, and nowhere else."""


@dataclass
class Scene:
    """A case in which the police has every kind of part, and a browser of somebody there."""

    cast: Cast
    case: PathwayCase
    police: Agency
    contact: Contact
    browser: Client
    records: dict[str, PathwayRecord] = field(default_factory=dict)

    def addresses(self) -> dict[str, str]:
        """Every address of the partners' area that names the case."""
        case, ids = self.case.pk, {name: row.pk for name, row in self.records.items()}
        return {
            "case": reverse("partner:case", args=[case]),
            "write": reverse("partner:write", args=[case, "partner-part"]),
            "answer an action": reverse("partner:answer", args=[case, "action-outcome", ids["action"]]),
            "answer a review": reverse("partner:answer", args=[case, "partner-view", ids["review"]]),
            "correct": reverse("partner:correct", args=[case, ids["own"]]),
        }


def a_scene(cast: Cast, incident: Incident | None = None) -> Scene:
    police, by = an_agency(cast), cast.lead
    case = an_exploitation(cast, by=by, person=f"P-{CANARY}", incident=incident)
    a_decision(case, police, by=by, hour=2)
    contact = a_contact(police)
    summary = a_summary(case, police, by=by, hour=2, known=f"Known {CANARY}")
    review = a_risk_review(case, police, by=by, hour=2.5, decision=f"Decided {CANARY}")
    action = an_action(case, police, by=by, hour=2.6, detail=f"Do {CANARY}")
    shared(case, police, summary, review, by=by)
    browser = let_in(case, contact, by=by)
    own = operations.add_part(
        by=contact, at=hours(4), case=case, submission_key="k",
        answer=Answer("partner-part", hours(4), {"knows": f"Part {CANARY}"}),
    )  # fmt: skip
    return Scene(cast, case, police, contact, browser, {
        "summary": summary, "review": review, "action": action, "own": own,
    })  # fmt: skip


def nothing_changes(scene: Scene) -> None:
    """It stays as it is."""


def refused(scene: Scene) -> None:
    a_decision(
        scene.case, scene.police, by=scene.cast.lead, hour=5, values={"decision": "refused", "told-person": "yes"}
    )


def stopped(scene: Scene) -> None:
    values = {"decision": "stopped", "told-person": "yes", "rationale": "She asked us to."}
    a_decision(scene.case, scene.police, by=scene.cast.lead, hour=5, values=values)


def decided_unfinished(scene: Scene) -> None:
    values = {"decision": "refused-overridden", "told-person": "yes"}
    a_decision(scene.case, scene.police, by=scene.cast.lead, hour=5, values=values)


def the_decision_never_happened(scene: Scene) -> None:
    made = scene.case.records.get(kind="sharing-decision")
    pathways.correct_record(
        by=scene.cast.lead, at=hours(5), record=made, happened_at=made.happened_at, values={}, reason="Another case",
        submission_key="gone", withdrawn=True,
    )  # fmt: skip


def invitation_ended(scene: Scene) -> None:
    operations.end_invitation(by=scene.cast.lead, at=hours(5), invitation=scene.case.invitations.get())


def contact_ended(scene: Scene) -> None:
    operations.end_contact(by=scene.cast.lead, at=hours(5), contact=scene.contact)


def agency_ended(scene: Scene) -> None:
    operations.end_agency(by=scene.cast.lead, at=hours(5), agency=scene.police)


def closed(scene: Scene) -> None:
    case, by = scene.case, scene.cast.lead
    a_risk_review(case, scene.police, by=by, hour=5, risk_level="low", has_fallen="yes")
    answer = Answer("action-outcome", hours(5), {"outcome": f"Done {CANARY}"}, str(scene.records["action"].pk))
    operations.add_part(by=scene.contact, at=hours(5), case=case, submission_key="done", answer=answer)
    pathways.close_case(by=by, at=hours(6), case=case, reason="Risk has fallen")


def of_a_colleague_not_invited(scene: Scene) -> None:
    colleague = a_contact(scene.police, "Odell Marsh")
    session = PartnerSession.objects.create(contact=colleague, started_at=hours(4), ends_at=hours(20))
    scene.browser = browser_of(session)


def of_another_agency(scene: Scene) -> None:
    """Housing, with which other records of the same case are shared."""
    housing = an_agency(scene.cast, "Example Housing", "housing")
    a_decision(scene.case, housing, by=scene.cast.lead, hour=5)
    scene.browser = let_in(scene.case, a_contact(housing, "Hollis Grange"), by=scene.cast.lead, hour=6)


def of_another_case(scene: Scene) -> None:
    other = a_case(scene.cast, "exploitation", person="P-other")
    a_decision(other, scene.police, by=scene.cast.lead, hour=5)
    scene.browser = let_in(other, a_contact(scene.police, "Odell Marsh"), by=scene.cast.lead, hour=6)


def session_over(scene: Scene) -> None:
    PartnerSession.objects.update(ended_at=hours(5))


def nobody(scene: Scene) -> None:
    scene.browser = Client()


def a_forged_session(scene: Scene) -> None:
    scene.browser = browser_of(PartnerSession(pk=uuid4(), contact=scene.contact))


def somebody_of_staff(scene: Scene) -> None:
    scene.browser = signed_in(scene.cast.lead)


SEES, NOT_FOUND, THE_DOOR = "sees it", "not found", "the way in"
STATES: list[tuple[Callable[[Scene], None], str]] = [
    (nothing_changes, SEES),
    (refused, NOT_FOUND),
    (stopped, NOT_FOUND),
    (decided_unfinished, NOT_FOUND),
    (the_decision_never_happened, NOT_FOUND),
    (invitation_ended, NOT_FOUND),
    (closed, NOT_FOUND),
    (of_a_colleague_not_invited, NOT_FOUND),
    (of_another_case, NOT_FOUND),
    (contact_ended, THE_DOOR),
    (agency_ended, THE_DOOR),
    (session_over, THE_DOOR),
    (nobody, THE_DOOR),
    (a_forged_session, THE_DOOR),
    (somebody_of_staff, THE_DOOR),
]
"""How a contact stands to the case, and what every address of it then is to them, from the next request on."""


def answer_of(browser: Client, method: str, address: str) -> str:
    response = browser.get(address) if method == "GET" else browser.post(address, {})
    if response.status_code == 302:
        assert response.headers["Location"] == reverse("partner:sign_in"), address
        return THE_DOOR
    assert CANARY not in words(response) or response.status_code == 200
    return {200: SEES, 404: NOT_FOUND}.get(response.status_code, str(response.status_code))


@pytest.mark.parametrize(("change", "expected"), STATES, ids=[change.__name__ for change, _ in STATES])
def test_every_address_in_every_state(
    cast: Cast, the_clock: TestClock, change: Callable[[Scene], None], expected: str
) -> None:
    scene = a_scene(cast)
    the_clock.stand_at(hours(7))
    change(scene)
    before = scene.case.records.count()
    for name, address in scene.addresses().items():
        for method in ("GET",) if name == "case" else ("GET", "POST"):
            assert answer_of(scene.browser, method, address) == expected, f"{method} {name}"
    assert scene.case.records.count() == before
    if expected == SEES:
        shown = words(scene.browser.get(scene.addresses()["case"]))
        assert all(f"{what} {CANARY}" in shown for what in ("Known", "Decided", "Do", "Part"))
    else:
        home = scene.browser.get(reverse("partner:home"))
        assert CANARY not in words(home)


def test_another_agency_of_the_same_case_sees_its_own_only(cast: Cast, the_clock: TestClock) -> None:
    """Another's part, another's action and what was shared with another are "not found"; so is what never was."""
    scene = a_scene(cast)
    the_clock.stand_at(hours(7))
    of_another_agency(scene)
    addresses = scene.addresses()
    assert answer_of(scene.browser, "GET", addresses["case"]) == SEES
    assert CANARY not in words(scene.browser.get(addresses["case"])).replace(f"P-{CANARY}".upper(), "")
    assert answer_of(scene.browser, "GET", addresses["write"]) == SEES
    for name in ("answer an action", "answer a review", "correct"):
        for method in ("GET", "POST"):
            assert answer_of(scene.browser, method, addresses[name]) == NOT_FOUND, name


@pytest.mark.parametrize("name", ["answer an action", "correct"])
def test_anothers_record_answers_as_one_that_never_was(cast: Cast, the_clock: TestClock, name: str) -> None:
    scene = a_scene(cast)
    the_clock.stand_at(hours(7))
    of_another_agency(scene)
    theirs = scene.addresses()[name]
    never = theirs.rsplit("/", 1)[0] + f"/{uuid4()}"
    pages = [scene.browser.get(address) for address in (theirs, never)]
    assert [page.status_code for page in pages] == [404, 404]
    assert len({words(page).partition("<main")[2].partition("</main")[0] for page in pages}) == 1


@pytest.mark.parametrize(
    ("path", "kind", "about"),
    [
        ("write", "shared-risk-summary", None),
        ("write", "sharing-decision", None),
        ("write", "risk-review", None),
        ("write", "agreed-action", None),
        ("write", "action-outcome", None),
        ("write", "nothing", None),
        ("answer", "partner-view", "action"),
        ("answer", "action-outcome", "review"),
        ("answer", "partner-part", "summary"),
        ("answer", "sharing-decision", "summary"),
        ("answer", "action-outcome", "own"),
    ],
)
def test_what_partners_do_not_write_is_not_found(
    cast: Cast, the_clock: TestClock, path: str, kind: str, about: str | None
) -> None:
    scene = a_scene(cast)
    the_clock.stand_at(hours(7))
    args: list[Any] = [scene.case.pk, kind]
    if about:
        args.append(scene.records[about].pk)
    address = reverse(f"partner:{path}", args=args)
    before = scene.case.records.count()
    assert answer_of(scene.browser, "GET", address) == NOT_FOUND
    assert answer_of(scene.browser, "POST", address) == NOT_FOUND
    assert scene.case.records.count() == before


class TestRestricted:
    """While its incident is restricted a case shows nothing, until somebody who may see it decides again."""

    @pytest.fixture
    def scene(self, cast: Cast, the_clock: TestClock) -> Scene:
        scene = a_scene(cast, an_incident(by=cast.worker, team=cast.north, at=NOW))
        the_clock.stand_at(hours(9))
        return scene

    @staticmethod
    def restrict(scene: Scene, restricted: bool = True, hour: float = 7) -> None:
        incident = scene.case.incident
        assert incident is not None
        decide_restriction(
            by=scene.cast.lead, at=hours(hour), incident=incident, restricted=restricted, reason="About a colleague"
        )

    def sees(self, scene: Scene) -> str:
        return answer_of(scene.browser, "GET", scene.addresses()["case"])

    def test_from_the_next_request_on(self, scene: Scene) -> None:
        assert self.sees(scene) == SEES
        self.restrict(scene)
        for name, address in scene.addresses().items():
            assert answer_of(scene.browser, "GET", address) == NOT_FOUND, name

    def test_decided_again_it_shows_what_is_shared_again(self, scene: Scene) -> None:
        self.restrict(scene)
        a_decision(scene.case, scene.police, by=scene.cast.lead, hour=8)
        shown = words(scene.browser.get(scene.addresses()["case"]))
        assert f"Do {CANARY}" in shown, "what names them"
        assert f"Known {CANARY}" not in shown
        shared(scene.case, scene.police, scene.records["summary"], by=scene.cast.lead, hour=8.5)
        assert f"Known {CANARY}" in words(scene.browser.get(scene.addresses()["case"]))

    def test_lifted_it_is_as_before(self, scene: Scene) -> None:
        self.restrict(scene)
        self.restrict(scene, restricted=False, hour=8)
        assert self.sees(scene) == SEES

    def test_of_staff_only_those_named_share(self, scene: Scene) -> None:
        self.restrict(scene)
        page = reverse("partners:case", args=[scene.case.pk])
        assert signed_in(scene.cast.duty_manager).get(page).status_code == 404
        assert signed_in(scene.cast.lead).get(page).status_code == 200


class TestStaffPages:
    """A partner is nobody here: every page of staff leads them to sign in, whatever they are let see."""

    def test_every_one(self, cast: Cast, the_clock: TestClock) -> None:
        scene = a_scene(cast)
        the_clock.stand_at(hours(7))
        own = scene.case.pk
        for name, args in {
            "home:my_work": [], "home:incidents": [], "home:tracker": [], "incidents:report": [],
            "pathways:index": [], "pathways:cases": [], "pathways:case": [own], "pathways:cases_file": [],
            "pathways:write": [own, "partner-part"], "pathways:correct": [own, scene.records["own"].pk],
            "pathways:close": [own], "partners:case": [own], "partners:summary": [own], "partners:share": [own],
            "partners:invite": [own], "partners:agencies": [], "partners:agency": [scene.police.pk],
            "access:people": [], "lists:index": [], "deadlines:days_off": [], "exchange:imports": [],
            "account_change_password": [], "mfa_index": [], "usersessions_list": [],
        }.items():  # fmt: skip
            response = scene.browser.get(reverse(name, args=args))
            assert response.status_code == 302, name
            assert response.headers["Location"].startswith(reverse("account_login")), name

    @pytest.mark.parametrize("who", ["administrator", "commissioner", "inspector", "worker_elsewhere", "stranger"])
    def test_nor_is_somebody_of_staff_a_partner(self, cast: Cast, the_clock: TestClock, who: str) -> None:
        scene = a_scene(cast)
        the_clock.stand_at(hours(7))
        person: Person = cast.people()[who]
        assert answer_of(signed_in(person), "GET", scene.addresses()["case"]) == THE_DOOR
        assert signed_in(person).get(reverse("partners:case", args=[scene.case.pk])).status_code == 404


class TestSession:
    def test_it_ends_after_its_hours(self, cast: Cast, the_clock: TestClock) -> None:
        scene = a_scene(cast)
        came_in = hours(3)
        the_clock.stand_at(came_in + SESSION_LASTS - timedelta(seconds=1))
        assert answer_of(scene.browser, "GET", scene.addresses()["case"]) == SEES
        the_clock.stand_at(came_in + SESSION_LASTS)
        assert answer_of(scene.browser, "GET", scene.addresses()["case"]) == THE_DOOR

    def test_leaving_ends_it_in_every_tab(self, cast: Cast, the_clock: TestClock) -> None:
        scene = a_scene(cast)
        the_clock.stand_at(hours(7))
        tab = browser_of(PartnerSession.objects.get())
        scene.browser.post(reverse("partner:sign_out"))
        assert answer_of(tab, "GET", scene.addresses()["case"]) == THE_DOOR

    def test_another_provider_s_partner_of_the_same_name(self, cast: Cast, the_clock: TestClock) -> None:
        scene = a_scene(cast)
        the_clock.stand_at(hours(7))
        theirs = an_agency(cast, scene.police.name, of=cast.stranger.provider)
        contact = a_contact(theirs, "Petra Quill")
        session = PartnerSession.objects.create(contact=contact, started_at=hours(4), ends_at=hours(20))
        assert answer_of(browser_of(session), "GET", scene.addresses()["case"]) == NOT_FOUND

    @pytest.mark.parametrize("junk", ["", "x", "0", "' or 1=1", str(UUID(int=0))])
    def test_junk_in_the_session_leads_to_the_door(self, cast: Cast, db: None, junk: str) -> None:
        client = browser_of(None)
        held = client.session
        held["partner"] = junk
        held.save()
        assert answer_of(client, "GET", reverse("partner:home")) == THE_DOOR


def test_every_look_is_on_the_trail_and_says_who_was_shown_what(cast: Cast, the_clock: TestClock) -> None:

    scene = a_scene(cast)
    the_clock.stand_at(hours(7))
    scene.browser.get(scene.addresses()["case"])
    shown = ShownRecord.objects.filter(case=scene.case)
    assert {row.record_id for row in shown} == {scene.records[name].pk for name in ("summary", "review", "action")}
    assert {(row.contact, row.at) for row in shown} == {(scene.contact, hours(7))}
    entry = TrailEntry.objects.filter(story_id=scene.case.pk, operation="partners.look").get()
    assert (entry.by_name, entry.by_role) == ("Petra Quill", "Partner, Example Police")
    assert entry.sentence.startswith("was shown “")
    assert set(entry.facts["records"]) == {str(row.record_id) for row in shown}
    staff = words(signed_in(cast.worker).get(reverse("partners:case", args=[scene.case.pk])))
    assert staff.partition("Who was shown what")[2].count("Petra Quill") == 3


def test_a_look_that_cannot_be_written_down_does_not_happen(
    cast: Cast, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:

    scene = a_scene(cast)
    the_clock.stand_at(hours(7))

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(type(ShownRecord.objects.all()), "bulk_create", fails)
    scene.browser.raise_request_exception = False
    response = scene.browser.get(scene.addresses()["case"])
    assert response.status_code == 500
    assert CANARY not in words(response)


def test_by_name_only_where_it_was_chosen(cast: Cast, the_clock: TestClock) -> None:
    incident = an_incident(
        by=cast.worker, team=cast.north, at=NOW, person_reference=f"P-{CANARY}", person_name="Ivy Oak"
    )
    scene = a_scene(cast, incident)
    the_clock.stand_at(hours(9))
    assert "Ivy Oak" not in words(scene.browser.get(scene.addresses()["case"]))
    shared(scene.case, scene.police, scene.records["summary"], by=cast.lead, hour=8, with_name=True)
    assert "Ivy Oak" in words(scene.browser.get(scene.addresses()["case"]))


def test_expired_it_lets_nobody_in(cast: Cast, the_clock: TestClock) -> None:
    scene = a_scene(cast)
    late = a_contact(scene.police, "Odell Marsh")
    invitation, token = invited(scene.case, late, by=cast.lead, hour=5)
    the_clock.stand_at(invitation.expires_at)
    client = Client()
    client.post(reverse("partner:invitation", args=[token]))
    assert not late.codes.exists()
    assert answer_of(client, "GET", scene.addresses()["case"]) == THE_DOOR
