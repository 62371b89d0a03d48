"""The library of lessons: who shares what with whom, and that nothing else of a provider is ever seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import withdraw_change
from saferpractice.evidence import operations
from saferpractice.evidence.models import AcceptedKey, Lesson, LessonAdoption, LibraryChoice, ReceivedLesson
from saferpractice.evidence.queries.known import known_of
from saferpractice.evidence.queries.lessons import (
    adoption_of,
    bundle_of,
    found_for,
    grounds_of,
    later_verdict,
    suggested,
    takes_part,
    to_sign,
)
from saferpractice.evidence.rules.bundle import fingerprint, hash_of, read_bundle
from saferpractice.evidence.rules.lessons import FIELDS, UNSEEN, LessonWords
from saferpractice.findings.models import Finding
from saferpractice.jobs.sweeps import sign_lessons
from saferpractice.pathways.models import PathwayDraft, PathwayVersion
from saferpractice.pathways.operations import approve, propose
from saferpractice.pathways.permissions import check_can_decide
from saferpractice.pathways.queries import definition_of_draft, state_of_draft
from saferpractice.pathways.rules.versions import DraftState
from saferpractice.trail.keys import signer
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.factories.changes import a_change
from tests.factories.incidents import an_incident
from tests.factories.lessons import (
    CHECKED_AT,
    ELSEWHERE,
    WORDS,
    WORKER,
    a_checked_change,
    a_file_from_elsewhere,
    a_lesson,
    a_neighbour,
    a_received_lesson,
    check_again,
    signed_file,
    taking_part,
)
from tests.factories.partners import a_contact, an_agency
from tests.factories.pathways import used
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R33")]
WHY = "The same thing happened here twice last year."


def published(cast: Cast, **changed: Any) -> Lesson:
    return a_lesson(cast, words=LessonWords(**({name: getattr(WORDS, name) for name in FIELDS} | changed)))


@pytest.fixture
def neighbour(cast: Cast) -> Person:
    """The quality lead of another provider that takes part."""
    made = a_neighbour(cast)
    taking_part(made.provider)
    return made


def reads(person: Person) -> list[Lesson]:
    return list(Lesson.objects.visible_to(person, CHECKED_AT))


# Taking part


def test_nobody_takes_part_until_somebody_said_so(cast: Cast) -> None:
    assert not takes_part(cast.provider.pk)
    taking_part(cast.provider, by=cast.director)
    assert takes_part(cast.provider.pk)
    assert not takes_part(cast.stranger.provider_id)
    taking_part(cast.provider, by=cast.quality_lead, part=False)
    assert not takes_part(cast.provider.pk)


def test_every_choice_stays_and_the_same_again_is_none(cast: Cast) -> None:
    first = taking_part(cast.provider)
    assert taking_part(cast.provider) == first
    taking_part(cast.provider, part=False)
    taking_part(cast.provider)
    chosen = LibraryChoice.objects.order_by("number").values_list("takes_part", flat=True)
    assert list(chosen) == [True, False, True]


@pytest.mark.parametrize(
    "name", ["worker", "duty_manager", "lead", "reviewer", "administrator", "inspector", "stranger"]
)
def test_only_the_quality_lead_and_a_director_decide_what_is_shared(cast: Cast, name: str) -> None:
    by = cast.people()[name]
    with pytest.raises(Refused):
        taking_part(cast.provider, by=by)
    lesson = a_lesson(cast)
    with pytest.raises(Refused):
        operations.withdraw_lesson(by=by, at=CHECKED_AT, lesson=lesson, reason=WHY)
    with pytest.raises(Refused):
        a_lesson(cast, change=lesson.change, by=by)
    with pytest.raises(Refused):
        a_received_lesson(cast, lesson, by=by)


def test_a_reason_is_asked_for(cast: Cast) -> None:
    with pytest.raises(Invalid, match="sentence"):
        operations.choose_sharing(by=cast.director, at=NOW, provider=cast.provider, takes_part=True, reason="why not")


# Publishing


def test_a_lesson_carries_the_verdict_and_the_pathway_that_was_proven(cast: Cast) -> None:
    change = a_checked_change(cast)
    lesson = a_lesson(cast, change=change)
    bundle, version = bundle_of(lesson), PathwayVersion.objects.get(number=2)
    assert (bundle.title, bundle.problem, bundle.provider) == (WORDS.title, WORDS.problem, "Example Care")
    assert (bundle.verdict.word, bundle.verdict.before.count, bundle.verdict.after.count) == ("Improved", 12, 45)
    assert bundle.verdict.sentence.startswith("Before: 12 of 50 notes")
    assert bundle.pathway is not None
    assert (bundle.pathway.version, bundle.pathway.definition) == (2, version.content)
    assert lesson.version == version


def test_one_without_a_pathway_is_a_lesson_too(cast: Cast) -> None:
    assert bundle_of(a_lesson(cast, by_pathway=False)).pathway is None


def test_what_did_not_work_is_a_lesson_too(cast: Cast) -> None:
    assert bundle_of(a_lesson(cast, count=13)).verdict.word != "Improved"


def test_nothing_of_the_records_is_in_it_but_what_was_typed(cast: Cast) -> None:
    lesson = a_lesson(cast)
    kept = str(lesson.content)
    incident = lesson.change.findings.get().incident
    for secret in (
        incident.reference,
        incident.what_happened,
        lesson.change.owner.name,
        lesson.change.monday,
        "North team",
    ):
        assert secret not in kept
    assert str(lesson.change_id) not in kept


@pytest.mark.parametrize("read", [True, False])
def test_a_person_says_that_they_read_it(cast: Cast, read: bool) -> None:
    if read:
        assert a_lesson(cast, read=True).decided_by == cast.quality_lead
        return
    with pytest.raises(Invalid) as refused:
        a_lesson(cast, read=False)
    assert set(refused.value.problems) == {"read"}


def test_no_process_publishes(cast: Cast) -> None:
    with pytest.raises(Refused, match="person"):
        a_lesson(cast, by=WORKER)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", FIELDS)
def test_what_tells_who_somebody_is_does_not_go_out(cast: Cast, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        published(cast, **{field: "Wren Ashdown rang 0115 496 0123."})
    assert set(refused.value.problems) == {field}
    assert "“Wren Ashdown” (name) and “0115 496 0123” (phone number)" in refused.value.problems[field]
    assert not Lesson.objects.exists()


def test_names_are_those_of_everybody_on_the_records(cast: Cast) -> None:
    incident = an_incident(
        by=cast.worker, team=cast.north, at=NOW, person_reference="P-77", person_name="Marigold Quist"
    )
    contact = a_contact(an_agency(cast), name="Tansy Orrell")
    known = known_of(cast.provider.pk)
    assert {"Marigold Quist", "P-77", incident.reference, contact.name, cast.worker.name} <= known
    assert cast.stranger.name not in known
    with pytest.raises(Invalid, match="QUIST"):
        published(cast, problem="Ms QUIST was not seen.")


@pytest.mark.parametrize(
    ("field", "letter"), [("title", "\u202e"), ("problem", "\x85"), ("change", "\u200e"), ("advice", "\x1b")]
)
def test_what_no_file_may_hold_is_refused_where_it_was_typed(cast: Cast, field: str, letter: str) -> None:
    """Signed, nobody could read it any more, and its page neither."""
    with pytest.raises(Invalid) as refused:
        published(cast, **{field: f"Ask{letter} twice"})
    assert refused.value.problems == {field: UNSEEN}
    assert not Lesson.objects.exists()


@pytest.mark.parametrize("where", ["measure", "pathway"])
def test_nor_is_it_published_when_what_goes_with_it_holds_such(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    change = a_checked_change(cast)
    grounds = grounds_of(change)
    assert grounds is not None and grounds.version is not None
    if where == "measure":
        grounds.check.plan.measure = "Notes\u2067 read"
    else:
        grounds.version.content = grounds.version.content | {"about": "Ask\u202e first"}
    monkeypatch.setattr("saferpractice.evidence.operations.lessons.grounds_of", lambda _: grounds)
    with pytest.raises(Invalid, match="goes with this holds characters that cannot be seen"):
        a_lesson(cast, change=change)
    assert not Lesson.objects.exists()


def test_what_names_nobody_may_stay_when_somebody_says_so(cast: Cast) -> None:
    words = LessonWords(title="In Frost", problem="Nobody looked.", change="Everybody looks.")
    with pytest.raises(Invalid):
        a_lesson(cast, words=words)
    change = OperationalChange.objects.get()
    lesson = a_lesson(cast, change=change, words=words, stays=("frost", "something else"))
    assert lesson.stays == ["frost"]
    entry = TrailEntry.objects.get(operation="evidence.publish_lesson")
    assert entry.facts["stays"] == 1


def test_the_pathway_that_goes_with_it_is_read_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    change = a_checked_change(cast)
    grounds = grounds_of(change)
    assert grounds is not None and grounds.version is not None
    assert found_for(change, WORDS, grounds) == {}
    grounds.version.content = grounds.version.content | {"about": "As Wren Ashdown asked for."}
    grounds.check.plan.measure = "Notes that Mr Pike read"
    assert {where: [one.text for one in each] for where, each in found_for(change, WORDS, grounds).items()} == {
        "verdict": ["Mr Pike"],
        "pathway": ["Wren Ashdown"],
    }


def test_what_is_put_in_to_begin_with_has_masks(cast: Cast) -> None:
    change = a_checked_change(cast, by_pathway=False, monday="Ring Dale Marlow on 0115 496 0123 at once.")
    begin = suggested(change)
    assert begin.change == "Ring [name removed] on [phone number removed] at once."
    assert begin.problem == change.findings.get().statement
    assert begin.title == change.title


def test_a_change_without_a_verdict_is_no_lesson_yet(cast: Cast) -> None:
    change = a_change(cast)
    assert grounds_of(change) is None
    with pytest.raises(Stale, match="verdict"):
        a_lesson(cast, change=change)


def test_a_withdrawn_change_is_none(cast: Cast) -> None:
    change = a_checked_change(cast, by_pathway=False)
    withdraw_change(by=cast.lead, at=CHECKED_AT, change=change, reason="It did harm in the end")
    with pytest.raises(Stale, match="withdrawn"):
        a_lesson(cast, change=change)


def test_what_few_may_know_of_is_not_published(cast: Cast) -> None:
    change = a_checked_change(cast, by_pathway=False)
    incident = Finding.objects.get(changes=change).incident
    incident.restricted = True
    incident.save(update_fields=["restricted"])
    with pytest.raises(Refused):
        a_lesson(cast, change=change, by=cast.quality_lead)


def test_nothing_is_published_by_a_provider_that_does_not_take_part(cast: Cast) -> None:
    change = a_checked_change(cast)
    with pytest.raises(Stale, match="take part"):
        operations.publish_lesson(
            by=cast.director, at=CHECKED_AT, change=change, words=WORDS, stays=(), read=True, submission_key="one"
        )


def test_the_form_sent_twice_is_one_lesson_and_other_words_are_asked_about(cast: Cast) -> None:
    first = a_lesson(cast, key="one")
    assert a_lesson(cast, change=first.change, key="one") == first
    with pytest.raises(SentBefore):
        a_lesson(cast, change=first.change, key="one", words=LessonWords(title="Another", problem="P", change="C"))
    assert Lesson.objects.count() == 1


@pytest.mark.parametrize("model", [Lesson, LibraryChoice])
def test_what_was_published_and_decided_is_never_changed(cast: Cast, model: Any) -> None:
    a_lesson(cast)
    for do in (
        lambda: model.objects.update(decided_by_name="Somebody"),
        lambda: model.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            do()


# Reading


def test_a_lesson_is_read_by_those_who_take_part_and_nobody_else(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    assert reads(neighbour) == [lesson]
    taking_part(neighbour.provider, part=False)
    assert reads(neighbour) == []
    taking_part(neighbour.provider)
    taking_part(cast.provider, part=False)
    assert reads(neighbour) == []
    assert reads(cast.worker) == [lesson], "one's own is read in any case"


def test_inspectors_and_commissioners_read_what_is_made_for_them(cast: Cast) -> None:
    a_lesson(cast)
    assert reads(cast.inspector) == reads(cast.commissioner) == []


def test_a_withdrawn_lesson_is_read_by_nobody_else(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    operations.withdraw_lesson(
        by=cast.director, at=CHECKED_AT, lesson=lesson, reason="It did harm in the end, we found"
    )
    assert reads(neighbour) == []
    assert reads(cast.quality_lead) == [lesson]
    with pytest.raises(Refused):
        operations.adopt_lesson(by=neighbour, at=CHECKED_AT, provider=neighbour.provider, lesson=lesson, why=WHY)


def test_a_later_check_that_says_otherwise_is_said(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    assert later_verdict(lesson) == ""
    check_again(cast, lesson.change, count=13)
    assert later_verdict(lesson) not in {"", "Improved"}
    with pytest.raises(Stale, match="later check"):
        operations.adopt_lesson(by=neighbour, at=CHECKED_AT, provider=neighbour.provider, lesson=lesson, why=WHY)


def test_a_later_check_that_says_the_same_is_not(cast: Cast) -> None:
    lesson = a_lesson(cast)
    check_again(cast, lesson.change, count=46)
    assert later_verdict(lesson) == ""


# Adopting


def adopt(person: Person, lesson: Lesson, *, why: str = WHY) -> LessonAdoption:
    return operations.adopt_lesson(by=person, at=CHECKED_AT, provider=person.provider, lesson=lesson, why=why)


def test_an_adopted_version_is_a_draft_that_somebody_else_approves(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    draft = adopt(neighbour, lesson).draft
    assert (draft.provider, state_of_draft(draft)) == (neighbour.provider, DraftState.DRAFT)
    assert draft.content == PathwayVersion.objects.get(number=2).content
    assert definition_of_draft(draft).pathway == "self-neglect"
    proposal = propose(by=neighbour, at=CHECKED_AT, draft=draft, revision=draft.revision, why="It worked there.")
    with pytest.raises(Refused, match="You worked on this"):
        check_can_decide(by=neighbour, at=CHECKED_AT, proposal=proposal)
    version = approve(by=cast.stranger, at=CHECKED_AT, proposal=proposal, reason="Agreed.", live_from=None)
    assert version.number == 1
    assert version.provider == neighbour.provider


def test_it_goes_on_from_the_version_in_use_at_the_adopter(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    theirs = PathwayVersion.objects.create(
        provider=neighbour.provider,
        pathway="self-neglect",
        number=1,
        title="Ours",
        content=PathwayVersion.objects.get(provider=cast.provider, number=1).content,
        live_from=NOW,
        decided_by_name="Set-up",
        decided_by_role="",
        decided_at=NOW,
    )
    assert adopt(neighbour, lesson).draft.begun_from == theirs


def test_where_it_came_from_is_remembered(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    adopted = adopt(neighbour, lesson)
    found = adoption_of(adopted.draft)
    assert found == adopted
    assert (found.source, found.title, found.why) == ("Example Care, version 2", lesson.title, WHY)
    assert found.sha256 == hash_of(bundle_of(lesson))
    entries = TrailEntry.objects.filter(provider_id=neighbour.provider_id, operation="evidence.adopt_lesson")
    assert entries.get().facts["sha256"] == found.sha256
    assert not TrailEntry.objects.filter(provider_id=cast.provider.pk, by_id=neighbour.pk).exists()


def test_pressing_twice_makes_one_draft(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    first = adopt(neighbour, lesson)
    assert adopt(neighbour, lesson) == first
    assert PathwayDraft.objects.filter(provider=neighbour.provider).count() == 1
    draft = first.draft
    propose(by=neighbour, at=CHECKED_AT, draft=draft, revision=draft.revision, why="It worked there.")
    assert adopt(neighbour, lesson) != first


@pytest.mark.parametrize("given", [{"by_pathway": False}, {"count": 13}])
def test_what_is_not_proven_or_no_pathway_is_not_adopted(cast: Cast, neighbour: Person, given: dict[str, Any]) -> None:
    with pytest.raises(Stale, match="nothing to adopt"):
        adopt(neighbour, a_lesson(cast, **given))


def test_one_does_not_adopt_ones_own(cast: Cast) -> None:
    with pytest.raises(Stale, match="your own"):
        adopt(cast.quality_lead, a_lesson(cast))


def test_a_reason_to_adopt_is_asked_for(cast: Cast, neighbour: Person) -> None:
    with pytest.raises(Invalid, match="sentence"):
        adopt(neighbour, a_lesson(cast), why="good idea")
    assert not LessonAdoption.objects.exists()


@pytest.mark.parametrize("role", [Role.SUPPORT_WORKER, Role.DUTY_MANAGER, Role.REVIEWER, Role.ADMINISTRATOR])
def test_only_who_may_change_pathways_adopts(cast: Cast, neighbour: Person, role: Role) -> None:
    other = a_neighbour(cast, role, "Orla Denby")
    with pytest.raises(Refused, match="change a pathway"):
        adopt(other, a_lesson(cast))


def test_nobody_adopts_for_another_provider(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    with pytest.raises(Refused):
        operations.adopt_lesson(by=neighbour, at=CHECKED_AT, provider=cast.provider, lesson=lesson, why=WHY)


# Files


def test_the_worker_signs_the_file_with_the_key_of_the_installation(cast: Cast) -> None:
    lesson = a_lesson(cast)
    assert sign_lessons(CHECKED_AT) == 1
    assert sign_lessons(CHECKED_AT) == 0
    lesson = Lesson.objects.get()
    read = read_bundle(lesson.file.note.encode())
    assert read.key == signer().public
    assert read.bundle == bundle_of(lesson)


def test_no_person_signs_and_a_withdrawn_lesson_is_not_signed(cast: Cast) -> None:
    lesson = a_lesson(cast)
    with pytest.raises(Refused, match="worker"):
        operations.sign_lesson(by=cast.director, at=CHECKED_AT, lesson=lesson)
    operations.withdraw_lesson(
        by=cast.director, at=CHECKED_AT, lesson=lesson, reason="It did harm in the end, we found"
    )
    assert to_sign(10) == []


def test_a_file_goes_in_once_and_out_as_it_came(cast: Cast, neighbour: Person) -> None:
    raw = signed_file(a_lesson(cast)).encode()
    take_in = {"by": neighbour, "at": CHECKED_AT, "provider": neighbour.provider}
    received = operations.receive_lesson(**take_in, raw=raw)
    assert (received.note.encode(), received.source) == (raw, "Example Care")
    assert operations.receive_lesson(**take_in, raw=raw.replace(b"\n", b"\r\n")) == received
    assert ReceivedLesson.objects.count() == 1


def test_a_file_that_was_changed_is_not_kept(cast: Cast, neighbour: Person) -> None:
    raw = signed_file(a_lesson(cast)).replace("Improved", "Got worse").encode()
    with pytest.raises(Invalid) as refused:
        operations.receive_lesson(by=neighbour, at=CHECKED_AT, provider=neighbour.provider, raw=raw)
    assert "changed on its way" in refused.value.problems["file"]
    assert not ReceivedLesson.objects.exists()


def accept(person: Person, received: ReceivedLesson, **changed: Any) -> AcceptedKey:
    given = {
        "told": fingerprint(ELSEWHERE.public),
        "owner": "Far Away Care",
        "how": "Rang their quality lead by the switchboard.",
    }
    return operations.accept_key(by=person, at=CHECKED_AT, received=received, **(given | changed))


def adopt_file(person: Person, received: ReceivedLesson) -> LessonAdoption:
    return operations.adopt_received(by=person, at=CHECKED_AT, received=received, why=WHY)


def test_nothing_is_adopted_before_somebody_made_sure_whose_key_it_is(cast: Cast) -> None:
    received = a_received_lesson(cast, a_lesson(cast))
    with pytest.raises(Stale, match="whose key"):
        adopt_file(cast.lead, received)
    key = accept(cast.quality_lead, received)
    assert (key.owner, key.public_key) == ("Far Away Care", str(ELSEWHERE.public))
    adopted = adopt_file(cast.lead, received)
    assert (adopted.source, adopted.draft.provider) == ("Far Away Care, version 2", cast.provider)
    assert adopted.draft.begun_from == PathwayVersion.objects.get(number=2)


def test_a_key_that_one_provider_accepted_is_not_known_to_another(cast: Cast, neighbour: Person) -> None:
    lesson = a_lesson(cast)
    accept(cast.quality_lead, a_received_lesson(cast, lesson))
    theirs = operations.receive_lesson(
        by=neighbour, at=CHECKED_AT, provider=neighbour.provider, raw=a_file_from_elsewhere(lesson)
    )
    with pytest.raises(Stale, match="whose key"):
        adopt_file(neighbour, theirs)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"told": "0000 0000 0000 0000 0000 0000 0000 0000"}, "told"),
        ({"told": ""}, "told"),
        ({"owner": " "}, "owner"),
        ({"how": "phone"}, "how"),
    ],
)
def test_the_fingerprint_is_compared_and_how_is_said(cast: Cast, changed: dict[str, str], field: str) -> None:
    received = a_received_lesson(cast, a_lesson(cast))
    with pytest.raises(Invalid) as refused:
        accept(cast.quality_lead, received, **changed)
    assert set(refused.value.problems) == {field}
    assert not AcceptedKey.objects.exists()


def test_whoever_may_not_share_accepts_no_key(cast: Cast, neighbour: Person) -> None:
    received = a_received_lesson(cast, a_lesson(cast))
    for by in (cast.lead, cast.administrator, neighbour):
        with pytest.raises(Refused):
            accept(by, received)
    accept(cast.director, received)
    with pytest.raises(Refused):
        adopt_file(neighbour, received)
    with pytest.raises(Refused):
        adopt_file(cast.duty_manager, received)


def test_a_file_about_what_did_not_work_is_read_and_not_adopted(cast: Cast) -> None:
    received = a_received_lesson(cast, a_lesson(cast, count=13))
    accept(cast.quality_lead, received)
    with pytest.raises(Stale, match="not shown to have worked"):
        adopt_file(cast.lead, received)


def test_a_draft_that_nobody_adopted_came_from_nowhere(cast: Cast) -> None:
    used(cast)
    from saferpractice.pathways.operations import begin_draft

    assert adoption_of(begin_draft(by=cast.lead, at=NOW, provider=cast.provider, pathway="self-neglect")) is None


def test_a_withdrawal_says_why_and_stands_once(cast: Cast) -> None:
    lesson = a_lesson(cast)
    with pytest.raises(Invalid):
        operations.withdraw_lesson(by=cast.director, at=CHECKED_AT, lesson=lesson, reason="no")
    first = operations.withdraw_lesson(by=cast.director, at=CHECKED_AT, lesson=lesson, reason=WHY)
    again = operations.withdraw_lesson(
        by=cast.quality_lead, at=CHECKED_AT + timedelta(days=1), lesson=lesson, reason="Another reason altogether here"
    )
    assert again == first
