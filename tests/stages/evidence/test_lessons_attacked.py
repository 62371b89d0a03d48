"""Lessons and bulletins attacked: by everybody else, by hostile files, sent again, too late, and from next door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.operations import end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.evidence import operations
from saferpractice.evidence.models import (
    AcceptedKey,
    Bulletin,
    Lesson,
    LessonAdoption,
    LessonFile,
    LessonWithdrawal,
    LibraryChoice,
    ReceivedLesson,
)
from saferpractice.evidence.operations.lessons import NO_VERDICT
from saferpractice.evidence.queries.bulletins import bulletin_seen, bulletins_seen
from saferpractice.evidence.queries.lessons import (
    accepted_key,
    adoptions_of,
    lesson_seen,
    lessons_of,
    lessons_seen,
    received_one,
    received_seen,
    to_sign,
)
from saferpractice.evidence.rules.bundle import CHANGED, LARGEST, NOT_A_LESSON, fingerprint, signed_bundle
from saferpractice.evidence.rules.lessons import FIELDS, UNSEEN
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.findings.models import Finding
from saferpractice.pathways.models import PathwayDraft
from saferpractice.trail.keys import signer
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.conftest import TestClock
from tests.factories.bulletins import AFTER, QUARTER, WORDS, a_bulletin
from tests.factories.bundles import a_lesson as a_bundle
from tests.factories.changes import a_change
from tests.factories.commissioning import somebody
from tests.factories.lessons import (
    ELSEWHERE,
    WORKER,
    a_checked_change,
    a_lesson_on_record,
    taking_part,
)
from tests.factories.lessons import WORDS as LESSON
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R33")]
WHY = "Maud Ashgrove came to harm in the same way here."
TABLES: tuple[Any, ...] = (
    LibraryChoice, Lesson, LessonFile, LessonWithdrawal, ReceivedLesson, AcceptedKey, LessonAdoption, Bulletin,
    PathwayDraft, TrailEntry,
)  # fmt: skip


def written() -> list[int]:
    return [model.objects.count() for model in TABLES]


def raw(**changed: Any) -> bytes:
    return signed_bundle(a_bundle(**changed), ELSEWHERE).encode()


class Scene:
    """A lesson published here, one of another provider in the library, and one that came as a file."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.change = a_change(cast)
        for provider in (cast.provider, cast.stranger.provider):
            taking_part(provider)
        self.own = a_lesson_on_record(cast.provider, self.change)
        self.theirs = a_lesson_on_record(cast.stranger.provider, self.change)
        self.received = operations.receive_lesson(by=SET_UP, at=NOW, provider=cast.provider, raw=raw())

    def do(self, what: str, by: Any, **more: Any) -> Any:
        provider = self.cast.provider
        steps: dict[str, Callable[[], Any]] = {
            "take part": lambda: operations.choose_sharing(
                **({"by": by, "at": NOW, "provider": provider, "takes_part": False, "reason": WHY} | more)
            ),
            "publish": lambda: operations.publish_lesson(
                by=by, at=NOW, change=self.change, words=LESSON, stays=(), read=True, submission_key="k"
            ),
            "withdraw": lambda: operations.withdraw_lesson(
                **({"by": by, "at": NOW, "lesson": self.own, "reason": WHY} | more)
            ),
            "receive": lambda: operations.receive_lesson(
                by=by, at=NOW, provider=provider, raw=more.get("raw", raw(title="Another"))
            ),
            "accept": lambda: operations.accept_key(
                **(
                    {"by": by, "at": NOW, "received": self.received, "told": fingerprint(ELSEWHERE.public)}
                    | {"owner": "Far Away Care", "how": "Rang them by their switchboard."}
                    | more
                )
            ),
            "adopt": lambda: operations.adopt_lesson(
                **({"by": by, "at": NOW, "provider": provider, "lesson": self.theirs, "why": WHY} | more)
            ),
            "adopt file": lambda: operations.adopt_received(
                **({"by": by, "at": NOW, "received": self.received, "why": WHY} | more)
            ),
            "bulletin": lambda: a_bulletin(self.cast, by=by, **more),
        }
        return steps[what]()


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)


# Who


SHARERS, PRACTICE = {"quality_lead", "director"}, {"lead", "quality_lead", "director"}
SHARE = "Only a quality lead or director of this place may share lessons with other providers."
PATHWAY = "Only a safeguarding lead, quality lead or director of this place may change a pathway."
MAY = {
    "take part": (SHARERS, SHARE),
    "withdraw": (SHARERS, SHARE),
    "receive": (SHARERS, SHARE),
    "accept": (SHARERS, SHARE),
    "adopt": (PRACTICE, PATHWAY),
    "adopt file": (PRACTICE, PATHWAY),
    "bulletin": ({"quality_lead"}, "Only a quality lead of this place may publish the learning bulletin."),
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


def test_whoever_may_not_open_the_change_learns_not_even_that_it_could_be_published(scene: Scene) -> None:
    before, told = written(), {}
    for name, person in scene.cast.people().items():
        with pytest.raises((Refused, Stale)) as refused:
            scene.do("publish", person)
        told[name] = str(refused.value)
    unseen = {"administrator", "commissioner", "inspector", "stranger", "duty_manager_elsewhere", "worker_elsewhere"}
    assert {name for name, said in told.items() if "no such change" in said} == unseen
    assert {name for name, said in told.items() if said == SHARE} == told.keys() - unseen - SHARERS
    assert {told[name] for name in SHARERS} == {NO_VERDICT}, "they may, and there is nothing to publish yet"
    assert written() == before


@pytest.mark.parametrize("what", [*MAY, "publish"])
@pytest.mark.parametrize("how", ["role ended", "sign-in closed", "one service only"])
def test_whoever_leads_here_no_more_or_only_a_part_does_nothing(scene: Scene, what: str, how: str) -> None:
    cast, by = scene.cast, scene.cast.quality_lead
    if how == "one service only":
        by = somebody("local", Role.QUALITY_LEAD, Place(cast.provider.pk, cast.riverside.pk))
    elif how == "role ended":
        end_role(by=cast.administrator, at=NOW - timedelta(minutes=1), assignment=by.role_assignments.get())
    else:
        set_active(by=cast.administrator, at=NOW, person=by, active=False)
    before = written()
    with pytest.raises(Refused):
        scene.do(what, Person.objects.get(pk=by.pk))
    assert written() == before


@pytest.mark.parametrize("what", ["publish", "bulletin"])
def test_no_process_says_that_it_read_every_word(scene: Scene, what: str) -> None:
    before = written()
    with pytest.raises(Refused, match=r"A person reads a (lesson|bulletin) before others do\."):
        scene.do(what, WORKER)
    assert written() == before


READERS = {
    "worker", "colleague", "worker_elsewhere", "duty_manager", "duty_manager_elsewhere", "supervisor", "lead",
    "reviewer", "quality_lead", "director", "administrator",
}  # fmt: skip


def test_lessons_files_and_bulletins_are_for_those_who_work_here(scene: Scene) -> None:
    bulletin = a_bulletin(scene.cast)
    found = {}
    for name, person in scene.cast.people().items():
        found[name] = (
            {one.pk for one in lessons_seen(person, AFTER)}, lesson_seen(person, AFTER, scene.own.pk) == scene.own,
            received_seen(person, AFTER), received_one(person, AFTER, scene.received.pk) == scene.received,
            bulletins_seen(person, AFTER), bulletin_seen(person, AFTER, bulletin.pk) == bulletin,
        )  # fmt: skip
    both = {scene.own.pk, scene.theirs.pk}
    here = (both, True, [scene.received], True, [bulletin], True)
    assert {name: found[name] for name in READERS} == dict.fromkeys(READERS, here)
    nothing: tuple[Any, ...] = (set(), False, [], False, [], False)
    assert found["commissioner"] == found["inspector"] == nothing
    assert found["stranger"] == (both, True, [], False, [], False), "of the library, and of no other part of it"


@pytest.mark.parametrize(
    ("ours", "theirs", "seen"), [(True, True, True), (True, False, False), (False, True, False), (False, False, False)]
)
def test_a_lesson_crosses_only_while_both_take_part(scene: Scene, seen: bool, ours: bool, theirs: bool) -> None:
    taking_part(scene.cast.provider, part=ours)
    taking_part(scene.cast.stranger.provider, part=theirs)
    assert (scene.theirs in lessons_seen(scene.cast.lead, NOW)) is seen
    assert (scene.own in lessons_seen(scene.cast.stranger, NOW)) is seen
    assert scene.own in lessons_seen(scene.cast.worker, NOW)
    if not seen:
        with pytest.raises(Refused, match="no such lesson among those you may read"):
            scene.do("adopt", scene.cast.lead)


# What is written


def test_each_step_is_one_entry_without_a_personal_word(scene: Scene) -> None:
    cast = scene.cast
    before = set(TrailEntry.objects.values_list("pk", flat=True))
    for what in ("accept", "adopt", "adopt file", "receive", "withdraw", "take part", "bulletin"):
        scene.do(what, cast.quality_lead)
    entries = list(TrailEntry.objects.exclude(pk__in=before).filter(operation__startswith="evidence.").order_by("pk"))
    assert sorted(one.operation.removeprefix("evidence.") + ": " + one.sentence for one in entries) == [
        "accept_key: made sure that a key is that of Far Away Care",
        "adopt_lesson: adopted the lesson “Ask five questions” from Another Provider, version 2",
        "adopt_received: adopted the lesson “Ask five questions” from Far Away Care, version 2",
        "choose_sharing: left the library of lessons",
        "publish_bulletin: read the learning bulletin of Q4 2025/26 for identifiers and published it",
        "receive_lesson: took in the lesson “Another” from a file of Far Away Care",
        "withdraw_lesson: withdrew the lesson “Ask five questions”",
    ]
    assert {(one.by_id, one.provider_id, one.story_id) for one in entries} == {
        (cast.quality_lead.pk, cast.provider.pk, None)
    }
    said = " ".join(f"{one.sentence} {one.facts}" for one in entries)
    for personal in (WHY, "Maud", "switchboard", WORDS["learned"], "Nobody looked"):
        assert personal not in said
    assert not TrailEntry.objects.filter(provider_id=cast.stranger.provider_id, by_id=cast.quality_lead.pk).exists()


# Bad input


@pytest.mark.parametrize("reason", ["", " \n\u00a0", "n/a", "because", "x" * 40, "ok ok ok", "😀", "y" * 21_000])
def test_every_step_that_asks_why_wants_a_sentence(scene: Scene, reason: str) -> None:
    scene.do("accept", scene.cast.director)
    before, by = written(), scene.cast.quality_lead
    for what, field in (("take part", "reason"), ("withdraw", "reason"), ("adopt", "why"), ("adopt file", "why")):
        with pytest.raises(Invalid) as refused:
            scene.do(what, by, **{field: reason})
        assert set(refused.value.problems) == {field}, what
    assert written() == before


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"told": ""}, "told"), ({"told": "0" * 32}, "told"), ({"told": fingerprint(ELSEWHERE.public)[:-1]}, "told"),
        ({"told": fingerprint(ELSEWHERE.public) + "0"}, "told"), ({"told": "😀" * 8}, "told"),
        ({"told": "z" * 10_000}, "told"),
        ({"owner": ""}, "owner"), ({"owner": " \u00a0"}, "owner"),
        ({"how": ""}, "how"), ({"how": "rang"}, "how"),
    ],
)  # fmt: skip
def test_no_key_is_accepted_by_guessing(scene: Scene, changed: dict[str, str], field: str) -> None:
    before = written()
    with pytest.raises(Invalid) as refused:
        scene.do("accept", scene.cast.director, **changed)
    assert set(refused.value.problems) == {field}
    assert written() == before
    with pytest.raises(Stale, match="whose key"):
        scene.do("adopt file", scene.cast.lead)


@pytest.mark.parametrize("as_told", [str.upper, lambda text: text.replace(" ", ""), lambda text: f"\n {text}\t"])
def test_a_key_is_accepted_once_and_for_one_provider(scene: Scene, as_told: Callable[[str], str]) -> None:
    first = scene.do("accept", scene.cast.director, told=as_told(fingerprint(ELSEWHERE.public)), owner="  Far Away ")
    before = written()
    again = scene.do("accept", scene.cast.quality_lead, owner="Somebody else altogether", how="")
    assert again == first
    assert (first.owner, written()) == ("Far Away", before)
    assert accepted_key(scene.cast.stranger.provider_id, first.fingerprint) is None


HOSTILE: list[tuple[bytes, str]] = [
    (b"\x00" * 100, NOT_A_LESSON), (b"PK\x03\x04" + b"\x00" * 200, NOT_A_LESSON), (b"%PDF-1.7\n", NOT_A_LESSON),
    (b"<html><script>alert(1)</script>", NOT_A_LESSON), ("é".encode("latin-1"), NOT_A_LESSON),
    (b"\n" * 6, NOT_A_LESSON),
    (b"a" * (LARGEST + 1), "smaller than"), (raw().replace(b"Improved", b"Not shown"), CHANGED),
    (raw().replace(b"lesson/1", b"lesson/9"), "newer version"), (raw(title="Turn\u202eed"), "cannot be seen"),
    (raw(title=" "), "not a whole lesson"), (raw(problem="x" * 4001), "not a whole lesson"),
    (raw(pathway=a_bundle()["pathway"] | {"definition": {}}), "cannot be used here"),
    (raw() + raw(), NOT_A_LESSON), (raw()[:-9], CHANGED),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_file_is_not_kept_and_says_what_to_do(
    scene: Scene, the_clock: TestClock, content: bytes, said: str
) -> None:
    the_clock.stand_at(NOW)
    before, quill = written(), scene.cast.quality_lead
    with pytest.raises(Invalid) as refused:
        scene.do("receive", quill, raw=content)
    assert set(refused.value.problems) == {"file"}
    assert said in refused.value.problems["file"]
    sent = {"file": SimpleUploadedFile("lesson.txt", content)}
    page = words(signed_in(quill).post(reverse("evidence:receive_lesson"), sent))
    assert "There is a problem" in page
    assert written() == before


@pytest.mark.parametrize("name", ["lesson.pdf", "lesson", "lesson.txt.exe", "lesson.html", ""])
def test_a_file_of_another_kind_is_not_even_read(scene: Scene, the_clock: TestClock, name: str) -> None:
    the_clock.stand_at(NOW)
    before = written()
    sent = {"file": SimpleUploadedFile(name, raw(title="Another"))} if name else {"nothing": "chosen"}
    page = words(signed_in(scene.cast.director).post(reverse("evidence:receive_lesson"), sent))
    assert ("The file must be one of: txt" if name else "Choose the file of the lesson") in page
    assert written() == before


# Sent again, and too late


def test_the_same_file_twice_is_one_and_the_same_words_again_another(scene: Scene) -> None:
    before = ReceivedLesson.objects.count()
    again = scene.do("receive", scene.cast.director, raw=b"\xef\xbb\xbf" + raw().replace(b"\n", b"\r\n") + b"\n")
    assert again == scene.received
    assert ReceivedLesson.objects.count() == before
    scene.do("receive", scene.cast.director, raw=raw(advice="Begin with one team."))
    assert ReceivedLesson.objects.count() == before + 1
    there = operations.receive_lesson(by=SET_UP, at=NOW, provider=scene.cast.stranger.provider, raw=raw())
    assert there != scene.received, "each provider keeps its own"


@pytest.mark.parametrize("what", ["adopt", "adopt file"])
def test_adopted_twice_it_is_one_draft_for_each_who_does_it(scene: Scene, what: str) -> None:
    scene.do("accept", scene.cast.director)
    first = scene.do(what, scene.cast.lead)
    before = written()
    assert scene.do(what, scene.cast.lead, why="Another reason why it should be so.") == first
    assert written() == before
    assert scene.do(what, scene.cast.quality_lead) != first
    given = {"lesson": scene.theirs} if what == "adopt" else {"received": scene.received}
    assert len(adoptions_of(scene.cast.director, **given)) == 2
    assert adoptions_of(scene.cast.stranger, **given) == []


def test_what_was_withdrawn_meanwhile_is_not_adopted_or_signed(scene: Scene, the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)
    lark = signed_in(scene.cast.lead)
    address = reverse("evidence:adopt_lesson", args=[scene.theirs.pk])
    assert lark.get(address).status_code == 200
    before = written()
    operations.withdraw_lesson(by=SET_UP, at=NOW, lesson=scene.theirs, reason=WHY)
    assert lark.post(address, {"why": WHY}).status_code == 404
    with pytest.raises(Refused, match="no such lesson"):
        scene.do("adopt", scene.cast.lead)
    with pytest.raises(Stale, match="withdrawn"):
        scene.do("adopt", SET_UP, lesson=Lesson.objects.get(pk=scene.theirs.pk))
    assert written()[6] == before[6]
    assert scene.theirs not in to_sign(10)


def test_withdrawn_twice_the_first_reason_stands(scene: Scene) -> None:
    first = scene.do("withdraw", scene.cast.director)
    before = written()
    assert scene.do("withdraw", scene.cast.quality_lead, reason="") == first
    assert written() == before
    assert lessons_of(scene.change) and LessonWithdrawal.objects.get().reason == WHY


def test_the_same_choice_again_is_none_and_keeps_its_reason(scene: Scene) -> None:
    before = written()
    scene.do("take part", scene.cast.director, takes_part=True)
    assert written() == before
    scene.do("take part", scene.cast.director)
    assert [one.number for one in LibraryChoice.objects.filter(provider=scene.cast.provider).order_by("number")] == [
        1,
        2,
    ]


def test_a_file_is_signed_once_and_by_no_person(scene: Scene) -> None:
    before = written()
    assert operations.sign_lesson(by=WORKER, at=AFTER, lesson=scene.own) == scene.own.file
    for person in scene.cast.people().values():
        with pytest.raises(Refused, match="The worker signs lessons"):
            operations.sign_lesson(by=person, at=AFTER, lesson=scene.own)
    assert written() == before


# Pages of lessons


def at_page(name: str, row: Any) -> str:
    return reverse(f"evidence:{name}", args=[row.pk])


@pytest.fixture
def quill(scene: Scene, the_clock: TestClock) -> Client:
    the_clock.stand_at(NOW)
    return signed_in(scene.cast.quality_lead)


BUTTONS = ("Adopt this pathway version", "Withdraw it", "Download the signed file", "Say whose key it is")


@pytest.mark.parametrize(
    ("name", "own", "theirs", "file"),
    [
        ("worker", "", "", ""), ("administrator", "", "", ""), ("reviewer", "", "", ""), ("supervisor", "", "", ""),
        ("lead", "", "A", "A"), ("quality_lead", "WD", "A", "AS"), ("director", "WD", "A", "AS"),
        ("stranger", "A", "", "-"),
    ],
)  # fmt: skip
def test_each_reader_is_offered_what_they_may_do(
    scene: Scene, the_clock: TestClock, name: str, own: str, theirs: str, file: str
) -> None:
    the_clock.stand_at(NOW)
    client = signed_in(scene.cast.people()[name])
    for page, expected in (
        (at_page("lesson", scene.own), own), (at_page("lesson", scene.theirs), theirs),
        (at_page("received", scene.received), file),
    ):  # fmt: skip
        answer = client.get(page)
        if expected == "-":
            assert answer.status_code == 404
            continue
        shown = words(answer)
        assert [button[0] for button in BUTTONS if button in shown] == sorted(expected, key="AWDS".index), page
        assert "Ask five questions" in shown


def test_a_page_that_reads_nothing_leaves_no_look_and_one_that_does_leaves_one(scene: Scene, quill: Client) -> None:
    for name in ("lesson", "lesson_file", "withdraw_lesson"):
        assert signed_in(scene.cast.inspector).get(at_page(name, scene.own)).status_code == 404
    assert not AccessEntry.objects.exists()
    for name in ("lesson", "lesson_file", "withdraw_lesson"):
        assert quill.get(at_page(name, scene.own)).status_code == 200
    assert quill.get(at_page("received", scene.received)).status_code == 200
    assert list(AccessEntry.objects.order_by("pk").values_list("page", flat=True)) == [
        "lesson", "lesson, file", "lesson, withdrawal", "lesson from a file",
    ]  # fmt: skip


def test_the_file_is_the_note_that_was_signed_and_nobody_elses(scene: Scene, quill: Client) -> None:
    response = quill.get(at_page("lesson_file", scene.own))
    assert response.content.decode() == scene.own.file.note
    assert response["Content-Disposition"] == 'attachment; filename="lesson-ask-five-questions.txt"'
    assert (response["Cache-Control"], response["Content-Type"]) == ("no-store", "text/plain; charset=utf-8")
    for name in ("lead", "worker", "administrator", "stranger"):
        assert signed_in(scene.cast.people()[name]).get(at_page("lesson_file", scene.own)).status_code == 404
    assert quill.get(at_page("lesson_file", scene.theirs)).status_code == 404
    scene.do("withdraw", scene.cast.director)
    assert quill.get(at_page("lesson_file", scene.own)).status_code == 404


def test_the_fingerprint_stands_on_no_page_until_somebody_typed_it(scene: Scene, quill: Client) -> None:
    """Whoever copies it from the page has asked nobody."""
    said = fingerprint(ELSEWHERE.public)
    key, page = at_page("accept_key", scene.received), at_page("received", scene.received)
    assert said not in words(quill.get(page)) + words(quill.get(key)) + words(quill.get(reverse("evidence:lessons")))
    wrong = words(quill.post(key, {"owner": "Far Away Care", "told": "0" * 32, "how": "Rang them at once today."}))
    assert "This is not the fingerprint of the key in this file" in wrong
    assert said not in wrong
    right = {"owner": "Far Away Care", "told": said, "how": "Rang them at once today."}
    assert quill.post(key, right).status_code == 302
    assert said in words(quill.get(page))


def test_a_lesson_whose_file_holds_what_no_file_may_still_opens(scene: Scene, quill: Client) -> None:
    """One that was published before such characters were refused."""
    content = a_bundle(title="Turned\u202eround", provider=scene.cast.provider.name)
    columns = {field.attname: getattr(scene.own, field.attname) for field in Lesson._meta.concrete_fields}
    old = Lesson(**columns | {"id": Lesson().pk, "content": content, "submission_key": "old"})
    old.save(force_insert=True)
    operations.sign_lesson(by=WORKER, at=NOW, lesson=old)
    page = quill.get(at_page("lesson", old))
    assert page.status_code == 200
    assert fingerprint(signer().public) in words(page)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [("title", "Turned\u202eround", UNSEEN), ("advice", "Ask Wren Ashdown", "“Wren Ashdown” (name)")],
)
def test_the_form_says_at_its_field_what_may_not_go_out_and_keeps_the_rest(
    scene: Scene, quill: Client, field: str, typed: str, said: str
) -> None:
    change = a_checked_change(scene.cast, by_pathway=False)
    sent = {name: getattr(LESSON, name) for name in FIELDS} | {"submission_key": "k", "read": "on", field: typed}
    page = quill.post(reverse("evidence:publish_lesson", args=[change.pk]), sent)
    shown = page.content.decode()
    assert said in words(page)
    assert f'href="#id_{field}"' in shown.split("nhsuk-error-summary__list")[1].split("</ul>")[0]
    assert LESSON.problem in words(page)
    assert not Lesson.objects.filter(change=change).exists()


# Bulletins


EDITION_SENT = {"submission_key": "one", "edition": "1", "read": "on", **WORDS}


@pytest.fixture
def writing(cast: Cast, the_clock: TestClock) -> Callable[[dict[str, str]], HttpResponse]:
    the_clock.stand_at(AFTER)
    client = signed_in(cast.quality_lead)
    return lambda sent: client.post("/bulletins/write/2025-4", EDITION_SENT | sent)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"edition": ""}, "Somebody published this bulletin meanwhile"), ({"edition": "0"}, "meanwhile"),
        ({"edition": "-1"}, "meanwhile"), ({"edition": "2"}, "meanwhile"), ({"edition": "١"}, "meanwhile"),
        ({"edition": "9" * 400}, "meanwhile"), ({"read": ""}, "Read every word of it"),
        ({"learned": " \n"}, "Enter what you"),
        ({"different": ""}, "Enter what is different now"), ({"ask": "We ring. " * 201}, "Shorten it to 400"),
        ({"worked": "Ring 0115 496 0123 now."}, "(phone number)"),
        ({"ask": "Mail maud@invented.example now."}, "(e-mail)"),
        ({"learned": "W\u200bren Ash\u00addown rang."}, "may tell who somebody is"),
        ({"different": "See https://invented.example/a now."}, "(web address)"), ({"ask": "x" * 20_001}, "20000"),
    ],
)  # fmt: skip
def test_a_bulletin_that_cannot_stand_is_not_published_and_stays_typed(
    cast: Cast, writing: Callable[[dict[str, str]], HttpResponse], sent: dict[str, str], said: str
) -> None:
    page = writing(sent)
    assert page.status_code == 200
    assert "There is a problem" in words(page)
    assert said.casefold() in words(page).casefold().replace(",", "")
    assert WORDS["different"] in words(page) or "different" in sent
    assert not Bulletin.objects.exists()


def test_a_bulletin_sent_again_is_one_and_with_other_words_says_which(
    cast: Cast, writing: Callable[[dict[str, str]], HttpResponse]
) -> None:
    first, again = writing({}), writing({})
    assert (first.status_code, first.headers["Location"]) == (302, again.headers["Location"])
    other = writing({"ask": "Ring us at once."})
    assert other.status_code == 409
    assert "This bulletin was published before." in words(other)
    assert Bulletin.objects.count() == 1


@pytest.mark.parametrize("part", list(WORDS))
def test_which_part_of_a_bulletin_differs_is_said(cast: Cast, part: str) -> None:
    a_bulletin(cast, submission_key="one")
    with pytest.raises(SentBefore) as sent:
        a_bulletin(cast, submission_key="one", words=WORDS | {part: "We ring at once."})
    assert len(sent.value.differences) == 1
    with pytest.raises(Invalid, match="somebody else"):
        a_bulletin(cast, submission_key="one", by=somebody("second", Role.QUALITY_LEAD, Place(cast.provider.pk)))


def test_every_edition_stays_and_the_newest_of_each_quarter_is_listed(cast: Cast) -> None:
    editions = [a_bulletin(cast, edition=number, at=AFTER + timedelta(days=number)) for number in (1, 2, 3)]
    before = a_bulletin(cast, quarter=Quarter(2025, 3), at=AFTER)
    assert bulletins_seen(cast.worker, AFTER) == [editions[-1], before]
    for edition in editions:
        assert bulletin_seen(cast.worker, AFTER, edition.pk) == edition
        assert bulletin_seen(cast.stranger, AFTER, edition.pk) is None
    assert TrailEntry.objects.filter(operation="evidence.publish_bulletin").count() == 4
    assert QUARTER.label in str(editions[0].quarter.label)


def test_a_restricted_incident_behind_a_change_keeps_it_from_being_published(scene: Scene) -> None:
    before = written()
    for incident in (one.incident for one in Finding.objects.filter(changes=scene.change)):
        incident.restricted = True
        incident.save(update_fields=["restricted"])
    for name in SHARERS:
        with pytest.raises(Refused):
            scene.do("publish", scene.cast.people()[name])
    with pytest.raises(Refused, match="What few may know here is not published"):
        scene.do("publish", SET_UP)
    assert written() == before
