"""The scene of the access table: one incident in each state, each carried through the whole loop.

Every text, name and file of an incident carries that incident's own canary, a word that stands nowhere else. Whoever
reads the canary has read the incident.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from saferpractice.access.models import Person, RoleAssignment, Team
from saferpractice.access.operations import (
    assign_role,
    create_person,
    create_provider,
    create_service,
    create_team,
    end_role,
    let_commissioner_read,
    set_active,
)
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.operations.supervision import ask_for_discussion, record_absence
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import carry_out, keep_briefing
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.operations import add_cover, add_non_working_day, escalate
from saferpractice.deadlines.rules import clock_hours
from saferpractice.evidence.models import EvidencePack, MeetingDecision, ThematicReview
from saferpractice.evidence.operations import There, publish_quarter, sign_review
from saferpractice.evidence.queries.thematic import hash_to_sign
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.exchange.models import ImportBatch, ImportFile
from saferpractice.exchange.operations import keep_mapping
from saferpractice.home.views_kept import keep_view
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import correct_report, keep_from, withdraw_incident
from saferpractice.incidents.rules import ContactMethod, KeptFromReason, Way
from saferpractice.lists.operations import add_entry
from saferpractice.partners.models import Agency
from saferpractice.pathways.models import SupervisionList
from saferpractice.pathways.operations import begin_draft, carry_on_replay, write_down_ways
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import offer_support, record_involved, supply_document
from saferpractice.reviews.rules import Affected
from saferpractice.triage.models import ImmediateSafetyAction, SafeguardingReferral
from saferpractice.triage.operations import send_referral
from saferpractice.triage.rules.form import SafetyAction
from tests.factories.assurance import DECLARED_AT, FIRST_LOOK, a_plan, a_rebase, counted, the_look
from tests.factories.audits import a_list, an_audit_plan, read, seeded
from tests.factories.bulletins import a_bulletin_on_record
from tests.factories.changes import a_change, a_file, a_template_in_use, an_action, some_evidence
from tests.factories.deadlines import an_obligation
from tests.factories.disposal import certified, on_record
from tests.factories.exchange import PLAIN, an_import, csv_text, plain_mapping, plain_rows
from tests.factories.exchange import a_file as an_import_file
from tests.factories.findings import a_finding
from tests.factories.held import released
from tests.factories.incidents import an_incident
from tests.factories.inspections import an_inspection, drawn
from tests.factories.integrations import an_integration
from tests.factories.lessons import a_lesson_on_record, a_received_lesson, taking_part
from tests.factories.packs_made import asked, built
from tests.factories.partners import a_contact, a_decision, a_summary, an_agency, an_exploitation, invited, shared
from tests.factories.pathways import CONSULTATION, a_case, a_pick, a_proposal, a_record, hours
from tests.factories.register import a_clause, a_need, trained
from tests.factories.replays import a_replay, content_of
from tests.factories.retention import a_hold
from tests.factories.reviews import a_review, an_entry
from tests.factories.supervision import WORKER, a_point, supervised, talked
from tests.factories.thematic import a_draft, a_meeting, a_meeting_decision, commented
from tests.factories.triage import a_triage, refer
from tests.personas import LONG_AGO, NOW, PASSWORD, SET_UP, Cast, usual_cast

INSPECTED_AT = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
AT = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
"""When everybody looks: an hour after the last impact plan was declared."""

TICKED = ("infection-risk", "refusal-of-care")
ORDINARY, RESTRICTED, WITHDRAWN = "ordinary", "restricted", "withdrawn"
ELSEWHERE, THEIRS = "name withheld, in another service", "of another provider"
STATES = (ORDINARY, RESTRICTED, WITHDRAWN, ELSEWHERE, THEIRS)

CANARY = {
    ORDINARY: "zebrawood",
    RESTRICTED: "quicksilver",
    WITHDRAWN: "juniperberry",
    ELSEWHERE: "wolframite",
    THEIRS: "vermilion",
}


@dataclass(frozen=True)
class Story:
    """One incident with a record of every kind, and the ids that stand in addresses."""

    incident: Incident
    change: OperationalChange
    ids: dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """Everybody, and everything there is to look at."""

    cast: Cast
    people: dict[str, Person]
    stories: dict[str, Story]
    ours: dict[str, Any]
    """What belongs to the provider and to no incident: people, places, imports, list entries."""
    theirs: dict[str, Any]
    """The same of another provider."""
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, name: str) -> Client:
        """The browser of ``name``, signed in; "nobody" is not."""
        if name not in self.clients:
            self.clients[name] = Client()
            if name != "nobody":
                self.clients[name].force_login(self.people[name])
        return self.clients[name]


def build_scene() -> Scene:
    """The usual cast, some people whom access has left, and an incident in every state."""
    cast = usual_cast()
    people = cast.people() | _more_people(cast)
    them = _another_provider(cast)
    stories = {
        ORDINARY: _story(cast, ORDINARY, team=cast.north, owner=cast.duty_manager),
        RESTRICTED: _story(
            cast, RESTRICTED, team=cast.north, owner=cast.lead, doer=cast.reviewer, reach=[cast.east], restricted=True,
            restricted_reason="About a colleague",
        ),
        WITHDRAWN: _story(cast, WITHDRAWN, team=cast.north, owner=cast.duty_manager),
        ELSEWHERE: _story(
            cast, ELSEWHERE, team=cast.east, owner=cast.duty_manager_elsewhere, reach=[cast.east], name_withheld=True
        ),
        THEIRS: _story(them, THEIRS, team=them.north, owner=them.duty_manager, reach=[them.north]),
    }  # fmt: skip
    for story in stories.values():
        leader = them.lead if story.incident.provider_id == them.provider.pk else cast.lead
        story.ids["gathered_id"] = released(story.ids["person_supported_id"], by=leader, at=AT).pk
    for state in (ORDINARY, WITHDRAWN):
        keep_from(
            by=cast.lead, at=NOW, incident=stories[state].incident, person=people["kept_from"],
            because=KeptFromReason.ALLEGED_SOURCE,
        )  # fmt: skip
    withdraw_incident(by=cast.lead, at=AT, incident=stories[WITHDRAWN].incident, reason="Reported twice")
    ours = _of_provider(cast, "our") | _supervised(cast, stories[ORDINARY].change, cast.supervisor)
    theirs = _of_provider(them, "their") | _supervised(them, stories[THEIRS].change, them.lead)
    ours |= _inspected(cast, [stories[state] for state in STATES if state != THEIRS])
    theirs |= _inspected(them, [stories[THEIRS]])
    _library(cast, them, stories, ours, theirs)
    return Scene(cast, people, stories, ours, theirs)


def _library(cast: Cast, them: Cast, stories: dict[str, Story], ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Lessons of each provider, and of a third one that takes part in the library as ours does."""
    third = create_provider(by=SET_UP, at=LONG_AGO, name="A Third Provider")
    for provider in (cast.provider, third):
        taking_part(provider)
    readable = a_lesson_on_record(third, stories[THEIRS].change)
    for of, story, found in ((cast, ORDINARY, ours), (them, THEIRS, theirs)):
        lesson = a_lesson_on_record(of.provider, stories[story].change)
        found |= {
            "lesson_id": lesson.pk,
            "bulletin_id": a_bulletin_on_record(of.provider).pk,
            "their_lesson_id": readable.pk if of is cast else lesson.pk,
            "received_id": a_received_lesson(of, lesson, by=SET_UP, provider=f"Sent to {of.provider}").pk,
        }


def _person(cast: Cast, name: str, role: Role, place: Place) -> Person:
    email = f"{name.lower().replace(' ', '.')}@example.org"
    made = create_person(by=SET_UP, at=LONG_AGO, provider=cast.provider, name=name, email=email, password=PASSWORD)
    assign_role(by=SET_UP, at=LONG_AGO, person=made, role=role, place=place)
    return made


def _more_people(cast: Cast) -> dict[str, Person]:
    riverside, everywhere = Place(cast.provider.pk, cast.riverside.pk), Place(cast.provider.pk)
    kept = _person(cast, "Kit Underwood", Role.DUTY_MANAGER, riverside)
    former = _person(cast, "Fenn Astley", Role.QUALITY_LEAD, everywhere)
    end_role(by=cast.administrator, at=NOW, assignment=former.role_assignments.get())
    roleless = Person.objects.get(pk=former.pk)
    return {"kept_from": kept, "former": roleless}


def _another_provider(cast: Cast) -> Cast:
    """The same parts played at the stranger's provider; only the stranger looks."""
    provider = cast.stranger.provider
    service = create_service(by=SET_UP, at=LONG_AGO, provider=provider, name="Their service")
    team = create_team(by=SET_UP, at=LONG_AGO, service=service, name="Their team")
    theirs = replace(
        cast, provider=provider, riverside=service, harbour=service, north=team, south=team, east=team,
        lead=cast.stranger,
    )  # fmt: skip
    everywhere = Place(provider.pk)
    return replace(
        theirs,
        worker=_person(theirs, "Their Worker", Role.SUPPORT_WORKER, team.place),
        colleague=_person(theirs, "Their Colleague", Role.SUPPORT_WORKER, team.place),
        reviewer=_person(theirs, "Their Reviewer", Role.REVIEWER, everywhere),
        duty_manager=_person(theirs, "Their Manager", Role.DUTY_MANAGER, everywhere),
        director=_person(theirs, "Their Director", Role.DIRECTOR, everywhere),
        administrator=_person(theirs, "Their Admin", Role.ADMINISTRATOR, everywhere),
        inspector=_person(theirs, "Their Inspector", Role.INSPECTOR, everywhere),
    )


def _story(
    cast: Cast,
    state: str,
    *,
    team: Team,
    owner: Person,
    doer: Person | None = None,
    reach: list[Team] | None = None,
    **report: Any,
) -> Story:
    """An incident carried through every stage by the safeguarding lead and the reviewer."""
    word = CANARY[state]
    incident = an_incident(
        by=cast.worker, team=team, at=NOW,
        what_happened=f"What happened {word}.", done_at_once=f"At once {word}.", also_known=f"Known {word}.",
        risk_words=f"Risk {word}.", person_reference=f"P-{word}", person_name=f"Name {word}", **report,
    )  # fmt: skip
    correct_report(
        by=cast.lead, at=NOW, incident=incident, part="what", text=f"Corrected {word}.", reason=f"Learnt {word}."
    )
    a_triage(
        by=cast.lead, incident=incident, threshold=refer(f"She has needs and is afraid of her brother, {word}."),
        safety_actions=(SafetyAction(what=f"Lock {word}", who=f"Key holder {word}"),), wishes_words=f"Wish {word}",
    )  # fmt: skip
    referral = send_referral(
        by=cast.lead, at=NOW, incident=incident, authority="Norwood County Council", how=f"By phone {word}", sent_at=NOW
    )
    review = a_review(cast, "C", incident=incident)
    entry = an_entry(review, by=cast.reviewer, what=f"Entry {word}.", source=f"Source {word}")
    document = supply_document(
        by=cast.reviewer, at=NOW, review=review, kind="evidence-pack", text=f"Pack {word}",
        upload=a_file(f"pack-{word}.txt", f"Bytes {word}".encode()),
    )  # fmt: skip
    offer_support(
        by=cast.lead, at=NOW, review=review, affected=Affected.FAMILY, who="A relative", offered=f"Offer {word}",
        questions=f"Question {word}", told=f"Told {word}",
    )  # fmt: skip
    record_involved(by=cast.lead, at=NOW, incident=incident, person=cast.colleague, involved=True, how=f"Shift {word}")
    finding = a_finding(
        review, cast, statement=f"Duty cover ended at midnight and nobody could decide, {word}.",
        made_more_likely=f"One person held the phone for three teams, {word}.",
        reduces_recurrence=f"A named handover at midnight, {word}.",
    )  # fmt: skip
    return _carried_on(cast, Story(incident, _a_change(cast, word, finding, owner, reach), {}), review, {
        "finding_id": finding.pk, "entry_id": entry.pk, "referral_id": referral.pk,
        "document": document, "doer": doer or owner,
    })  # fmt: skip


def _a_change(cast: Cast, word: str, finding: Any, owner: Person, reach: list[Team] | None) -> OperationalChange:
    """A change whose words are for everybody it reaches; only its reasons are the incident's."""
    change = a_change(cast, findings=[finding], owner=owner, reach=reach or [cast.north], title=f"Change of {owner}")
    keep_briefing(by=owner, at=NOW, change=change, text="Read the new note before the night.", submission_key=word)
    return change


def _carried_on(cast: Cast, story: Story, review: Review, made: dict[str, Any]) -> Story:
    change, incident, word = story.change, story.incident, CANARY[_state_of(story.incident)]
    action = an_action(cast, change=change, owner=made["doer"], what=f"Put the handover into the rota, {word}.")
    shown = some_evidence(action, words=f"Done {word}", upload=a_file(f"evidence-{word}.txt", f"Bytes {word}".encode()))
    (proof,) = a_template_in_use(cast, change, list(change.reach.all())[:1])
    plan = a_plan(by=cast.lead, change=change)
    counted(by=cast.lead, plan=plan, count=3, out_of=30, at=DECLARED_AT)
    owed = Obligation.objects.filter(story_id=incident.pk, kind="reviews.document").first()
    case = a_case(cast, by=cast.lead, team=incident.team, incident=incident, person=f"P-{word}")
    ticked = a_record(case, "checklist", 1, by=cast.lead, present=TICKED, seen=f"Seen {word}.")
    lost = a_case(cast, "lost-contact", by=cast.lead, team=incident.team, incident=incident, person=f"P-{word}")
    write_down_ways(
        by=cast.lead, at=NOW, case=lost, ways=[Way(ContactMethod.PHONE, f"Number {word}", f"Mind {word}")],
        from_on=NOW.date(),
    )  # fmt: skip
    draft = begin_draft(by=SET_UP, at=AT, provider=cast.provider, pathway="self-neglect")
    link = carry_out(by=SET_UP, at=AT, change=change, draft=draft)
    need = a_need(change, by=SET_UP, teams=list(change.reach.all()), roles=list(Role)[:8])
    (attended,) = trained(need, cast.colleague, by=SET_UP)
    ids: dict[str, Any] = (
        _with_a_partner(cast, incident)
        | _with_an_audit(cast, change)
        | {
            "link_id": link.pk,
            "need_id": need.pk,
            "attendance_id": attended.pk,
            "clause_id": a_clause(change, by=SET_UP).pk,
            "incident_id": incident.pk,
            "review_id": review.pk,
            "required_id": review.required_documents.get(kind="timeline").pk,
            "kind": "evidence-pack",
            "part": "finding",
            "named_id": incident.named_access.filter(person=cast.reviewer).latest("from_at").pk,
            "safety_action_id": ImmediateSafetyAction.objects.get(triage_record__incident=incident).pk,
            "change_id": change.pk,
            "proof_id": proof.pk,
            "proof_file_id": proof.file_id,
            "action_id": action.pk,
            "evidence_id": shown.pk,
            "evidence_file_id": shown.file_id,
            "review_file_id": made["document"].file_id,
            "plan_id": plan.pk,
            "look_id": the_look(plan, FIRST_LOOK).pk,
            "obligation_id": owed.pk if owed else None,
            "case_id": case.pk,
            "record_id": ticked.pk,
            "record_kind": "checklist",
            "lost_case_id": lost.pk,
            "attempt_kind": "attempt",
            "owed_id": case.obligations.get().pk,
            "person_supported_id": case.person_supported_id,
            "pick_id": a_pick(case, date(2025, 1 + list(CANARY.values()).index(word), 1)).pk,
            **{name: made[name] for name in ("finding_id", "entry_id", "referral_id")},
        }
    )
    assert isinstance(ids["referral_id"], UUID) and SafeguardingReferral.objects.filter(pk=ids["referral_id"]).exists()
    return Story(incident, change, ids)


def _with_an_audit(cast: Cast, change: OperationalChange) -> dict[str, Any]:
    """An audit of the change: two auditors differ on one record, and nobody has read another."""
    owner, (team, *_) = change.owner, change.reach.all()
    made = set()
    for person in ("A-1", "A-2"):
        case = a_case(cast, by=owner, team=team, person=person)
        made.add(a_record(case, "consultation", 2, by=owner, **CONSULTATION).pk)
    planned = {"change": change, "by": owner, "at": DECLARED_AT, "read_by_two": True}
    plan = an_audit_plan(cast, **planned)
    frozen = a_list(plan, by=owner, at=DECLARED_AT, period_from=NOW.date(), period_to=date(2026, 3, 9))
    population = seeded(frozen, by=owner, at=DECLARED_AT)
    # Another change may reach the same team: its records are on the list too, and may be drawn first.
    unread, differing = [one for one in population.samples.order_by("rank") if one.record_id in made]
    auditors = [cast.quality_lead, cast.reviewer, cast.lead]
    here = [one for one in auditors if one.provider_id == cast.provider.pk and one != owner]
    for auditor, said in zip(here, ("yes", "no"), strict=False):
        read(differing, by=auditor, at=DECLARED_AT, answers={"q1": said})
    return {
        "audit_plan_id": plan.pk,
        "population_id": population.pk,
        "sample_id": unread.pk,
        "differing_id": differing.pk,
    }


def _with_a_partner(cast: Cast, incident: Incident) -> dict[str, Any]:
    """A second case, of which a partner is shown a part."""
    word, agency = CANARY[_state_of(incident)], _agency(cast)
    case = an_exploitation(cast, by=cast.lead, team=incident.team, incident=incident, person=f"Q-{word}")
    a_decision(case, agency, by=cast.lead)
    summary = a_summary(case, agency, by=cast.lead, hour=2, known=f"Summary {word}")
    shared(case, agency, summary, by=cast.lead)
    invitation, _ = invited(case, agency.contacts.get(), by=cast.lead)
    return {
        "shared_case_id": case.pk,
        "shared_record_id": summary.pk,
        "invitation_id": invitation.pk,
        "agency_id": agency.pk,
    }


def _agency(cast: Cast) -> Agency:
    """The one agency of a provider, with one person there."""
    found = Agency.objects.filter(provider=cast.provider).first()
    if found is None:
        found = an_agency(cast)
        a_contact(found)
    return found


def _state_of(incident: Incident) -> str:
    return next(state for state, word in CANARY.items() if word in incident.what_happened)


def _of_provider(cast: Cast, whose: str) -> dict[str, Any]:
    """People, places, an open file, an import with a row held back, an entry of a list."""
    word = f"{whose}s-heliotrope"
    rows = plain_rows(3)
    rows[1][3] = f"{word} harm"
    rows[1][2] = f"Held back {word}."
    by, held = cast.lead, cast.administrator.role_assignments.get()
    batch: ImportBatch = an_import(csv_text(PLAIN, rows), by=by, team=cast.north, name=f"batch-{word}.csv")
    file: ImportFile = an_import_file(
        csv_text(PLAIN, plain_rows(2, first=9)), by=by, team=cast.north, mapping=plain_mapping(), name=f"{word}.csv"
    )
    kept = keep_mapping(by=by, at=NOW, provider=cast.provider, mapping=plain_mapping(name=f"Mapping {word}"))
    source = {"title": "Our own practice"}
    entry = {"code": word, "label": f"Theme {word}", "hint": "", "source": source, "valid_from": "2026-03-04"}
    add_entry(by=by, at=NOW, provider=cast.provider, list_code="themes", data=entry)
    day_off = add_non_working_day(
        by=cast.administrator, at=NOW, provider=cast.provider, day=date(2026, 12, 24), reason=f"Closed {word}"
    )
    late = an_obligation(team=cast.north, at=NOW, timescale=clock_hours(1), role=Role.SAFEGUARDING_LEAD)
    (told,) = escalate(by=SET_UP, at=NOW + timedelta(hours=2), obligation_id=late.pk)
    cover = add_cover(
        by=cast.administrator, at=NOW, provider=cast.provider, service=None, person=cast.director, from_at=NOW,
        until_at=AT + timedelta(days=9),
    )  # fmt: skip
    proposal = a_proposal(cast, by=cast.director, at=AT)
    draft = begin_draft(by=by, at=AT, provider=cast.provider, pathway="self-neglect")
    three = content_of("self-neglect")
    three["local"][0]["default"] = 3  # every case of the scene ticks two, so all of them differ
    replay = a_replay(cast, three, by=by)
    carry_on_replay(replay=replay, at=hours(240))
    agency = _agency(cast)
    chair = cast.director if whose == "our" else cast.stranger
    finished, decided_on = _thematic(cast, chair, Quarter(2025, 3))
    sign_review(by=chair, at=AT, review=finished, sha256=hash_to_sign(finished))
    begun, decided_on = _thematic(cast, chair, Quarter(2025, 2))
    publish_quarter(by=SET_UP, at=AT, provider=cast.provider, quarter=Quarter(2025, 3))
    return {
        "quarter": "2025-3",
        "provider_id": cast.provider.pk,
        "outside_id": _from_outside(cast, whose).pk,
        "pack_id": _packed(cast, by, Disclosure.FULL).pk,
        "asked_pack_id": _packed(cast, by, Disclosure.INSPECTOR).pk,
        "subject": "inspection",
        "pack_file": "pdf",
        "signed_id": finished.pk,
        "thematic_id": begun.pk,
        "decision_id": decided_on.pk,
        "section": "overall",
        "escalation_id": told.pk,
        "cover_id": cover.pk,
        "word": word,
        "draft_id": draft.pk,
        "waiting_id": proposal.draft_id,
        "proposal_id": proposal.pk,
        "number": 1,
        "replay_id": replay.pk,
        "agency_id": agency.pk,
        "contact_id": agency.contacts.get().pk,
        "person_id": cast.worker.pk,
        "assignment_id": held.pk,
        "assignment_of": held.person_id,
        "service_id": cast.riverside.pk,
        "import_file_id": file.pk,
        "batch_id": batch.pk,
        "line_id": batch.lines.held().get().pk,
        "mapping": f"kept:{kept.pk}",
        "measure_key": "self-neglect.same-day-consultation",
        "rebase_id": a_rebase(cast, by=SET_UP, at=AT).pk,
        "hold_id": a_hold(by=by).pk,
        "disposal_id": on_record(cast.north, by=by).pk,
        "certificate_id": certified(cast.north, by=by).pk,
        "view_id": keep_view(person=by, name=f"View {word}", query="", at=NOW).pk,
        "key": "a-draft",
        "list_code": "themes",
        "code": word,
        "pathway": "self-neglect",
        "day_id": day_off.pk,
        "integration_id": an_integration(cast, name=f"System {word}").integration.pk,
        "list_id": SupervisionList.objects.filter(team=cast.north).order_by("month")[:1].get().pk,
    }


def _from_outside(cast: Cast, whose: str) -> RoleAssignment:
    """A commissioner of a third provider, who reads what this one publishes."""
    third = create_provider(by=SET_UP, at=NOW, name=f"Commissioning for {whose} providers")
    email = f"{whose}.outside@example.org"
    made = create_person(by=SET_UP, at=NOW, provider=third, name="Cory Outside", email=email)
    assign_role(by=SET_UP, at=NOW, person=made, role=Role.COMMISSIONER, place=Place(third.pk))
    place = Place(cast.provider.pk)
    return let_commissioner_read(by=SET_UP, at=NOW, provider=cast.provider, email=email, place=place)


def _supervised(cast: Cast, change: OperationalChange, supervisor: Person) -> dict[str, Any]:
    """A worker with a supervisor, a discussion, an absence and a month that is asked for."""
    supervised(cast, cast.colleague, by=supervisor)
    point = a_point(cast, source=change, by=change.decided_by)
    expected = ask_for_discussion(by=WORKER, at=NOW, worker=cast.colleague)
    assert expected is not None
    (discussion,) = talked(supervisor, cast.colleague, point, at=AT)
    away = record_absence(by=supervisor, at=AT, worker=cast.colleague, from_on=date(2026, 5, 4), until_on=None)
    return {
        "worker_id": cast.colleague.pk,
        "expected_id": expected.pk,
        "absence_id": away.pk,
        "discussion_id": discussion.pk,
        "point_id": point.pk,
        "source_id": change.pk,
        "source_kind": "change",
        "place_id": cast.north.pk,
        "place_kind": "team",
    }


def _packed(cast: Cast, by: Person, disclosure: Disclosure) -> EvidencePack:
    """A pack of the harbour service, of a day before anything happened: built, where it stays inside."""
    days = (date(2025, 12, 1), date(2025, 12, 1))
    pack = asked(cast, by=by, disclosure=disclosure, services=[cast.harbour], period=days, at=AT)
    if disclosure is Disclosure.FULL:
        built(pack, at=AT)
    return pack


def _thematic(cast: Cast, chair: Person, quarter: Quarter) -> tuple[ThematicReview, MeetingDecision]:
    """A thematic review with everything but its signature, and what its meeting decided."""
    review = commented(cast, a_draft(cast, by=SET_UP, at=NOW, quarter=quarter).review, by=SET_UP, at=NOW)
    meeting = a_meeting(cast, review, by=SET_UP, chair=chair, at=AT, there=[There(person=chair)])
    return review, a_meeting_decision(cast, meeting, by=SET_UP, at=AT)


def _inspected(cast: Cast, stories: list[Story]) -> dict[str, Any]:
    """An inspection of Riverside in which everything was drawn: the ordinary incident and the restricted one."""
    inspection = an_inspection(cast, by=SET_UP, at=INSPECTED_AT)
    draw = drawn(inspection, at=INSPECTED_AT, size=50)
    for story in stories:
        story.ids["inspection_id"] = inspection.pk
    hidden = next((one.incident.pk for one in stories if one.incident.restricted), stories[0].incident.pk)
    drawn_in = {"inspection_id": inspection.pk, "population_id": draw.population_id, "drawn_id": hidden}
    return drawn_in | {"statement": "learning-culture"}


def leave(scene: Scene, name: str) -> None:
    """Close the sign-in of ``name``, as an administrator does for a leaver."""
    set_active(by=scene.cast.administrator, at=AT, person=scene.people[name], active=False)


@contextlib.contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is done inside is undone afterwards, so that one scene serves every question."""
    from django.db import transaction

    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
