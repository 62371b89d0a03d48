"""Answering somebody who asks what is held about them: gathered, every place confirmed by a person, released."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person
from saferpractice.access.turns import after_disposals
from saferpractice.config import encryption
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.typed import as_written
from saferpractice.design.words import plural
from saferpractice.home.models import AddedWords, GatheredRecords, PlacesConfirmed, RecordsRelease
from saferpractice.home.permissions import check_can_gather, check_is_theirs
from saferpractice.home.queries.answering import (
    Answer,
    content_context,
    files_of,
    manifest_of_release,
    read_answer,
    release_context,
    words_context,
)
from saferpractice.home.queries.gathering import gather
from saferpractice.home.queries.held import held_about
from saferpractice.incidents.models import PersonSupported
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By, manifest_facts, plain

SHORTEST_WORDS = 2
LONGEST_WORDS = 200


@operation
def gather_records(
    *, by: By, at: datetime, person: PersonSupported, asked_by: str, asked_on: date, submission_key: str
) -> Entry[GatheredRecords] | Already[GatheredRecords]:
    """Gather everything held about ``person`` that ``by`` may read, as it is now.

    Args:
        asked_by: who asked, and for whom where it was not the person ("their solicitor, with their consent").
        asked_on: the London day on which they asked.

    Raises:
        Refused: ``by`` may not, or may read nothing about the person.
        Invalid: by field.
    """
    check_can_gather(by=by, at=at, provider_id=person.provider_id)
    after_disposals(person.provider_id)
    earlier = GatheredRecords.objects.filter(provider_id=person.provider_id, submission_key=submission_key).first()
    if earlier is not None:
        answers = [
            ("About whom", earlier.person_supported.reference, person.reference),
            ("Who asked", earlier.asked_by, asked_by),
            ("When they asked", day_label(earlier.asked_on), day_label(asked_on)),
        ]
        check_same_answers(earlier, by=by, sentence="These records were already gathered.", answers=answers)
        return Already(earlier)
    held = held_about(by, at, person.pk) if isinstance(by, Person) else None
    if held is None:
        raise Refused("You may read nothing about this person.")
    problems = {} if as_written(asked_by) else {"asked_by": "Enter who asked"}
    if asked_on > local_day(at):
        problems["asked_on"] = "The day on which they asked must be today or in the past"
    if problems:
        raise Invalid(problems)
    row = GatheredRecords(
        provider_id=person.provider_id,
        person_supported=person,
        asked_by=asked_by,
        asked_on=asked_on,
        submission_key=submission_key,
        **decided(by, at),
    )
    content = gather(held)
    kept = json.dumps({"stories": plain(list(held.stories())), "gathered": content.plain()}, ensure_ascii=False)
    row.content_encrypted = encryption.encrypt(kept, content_context(row))
    row.save(force_insert=True)
    return Entry(
        result=row,
        subject=row,
        sentence=f"gathered what is held about {person.reference}, who asked on {day_label(asked_on)}",
        facts={"person": person.pk, "records": len(content.records), "asked_on": asked_on},
    )


def _worked_on(gathered: GatheredRecords, by: By, at: datetime) -> Answer:
    """What was gathered, locked against a second hand, when ``by`` may still change something about it."""
    check_can_gather(by=by, at=at, provider_id=gathered.provider_id)
    check_is_theirs(by=by, gathered=gathered)
    row = GatheredRecords.objects.select_for_update().select_related("person_supported").get(pk=gathered.pk)
    answer = read_answer(row, by, at) if isinstance(by, Person) else None
    if answer is None:
        raise Refused("You may no longer read everything in these records. Gather them again.")
    if answer.release is not None:
        raise Refused("These records were released, so nothing about them can be changed. Gather them again.")
    return answer


@operation
def add_words(*, by: By, at: datetime, gathered: GatheredRecords, words: str) -> Entry[int] | Already[int]:
    """Have ``words`` marked wherever they stand in what was gathered; how many places there are.

    Raises:
        Refused: ``by`` did not gather it, or it was released.
        Invalid: the words stand nowhere.
    """
    answer, wanted = _worked_on(gathered, by, at), " ".join(words.split())
    if not SHORTEST_WORDS <= len(wanted) <= LONGEST_WORDS:
        raise Invalid({"words": f"Enter {SHORTEST_WORDS} to {LONGEST_WORDS} characters"})
    if wanted.casefold() in {one.casefold() for one in answer.added}:
        return Already(0)
    before = {mark.key for mark in answer.marks}
    row = AddedWords(gathered=gathered, **decided(by, at))
    row.words_encrypted = encryption.encrypt(wanted, words_context(row))
    row.save(force_insert=True)
    after = read_answer(answer.row, by, at) if isinstance(by, Person) else None
    found = len({mark.key for mark in after.marks} - before) if after is not None else 0
    if not found:
        raise Invalid({"words": "These words stand nowhere, or only in places that are marked already"})
    return Entry(
        result=found,
        subject=gathered,
        sentence=f"marked further words in {plural(found, 'place')} of what is held about "
        f"{gathered.person_supported.reference}",
        facts={"places": found},
    )


@operation
def confirm_places(
    *, by: By, at: datetime, gathered: GatheredRecords, taken_out: Iterable[str], kept: Iterable[str]
) -> Entry[PlacesConfirmed]:
    """Confirm places: what stands there is taken out, or kept. A later one stands beside it and counts instead.

    Raises:
        Refused: ``by`` did not gather it, or it was released.
        Invalid: a place is not there any more, or is in both lists, or there is none.
    """
    answer, out, stay = _worked_on(gathered, by, at), sorted(set(taken_out)), sorted(set(kept))
    known = {mark.key for mark in answer.marks}
    if not out + stay or set(out) & set(stay) or not {*out, *stay} <= known:
        raise Invalid("The places have changed since the page was shown. Look at them again.")
    row = PlacesConfirmed.objects.create(gathered=gathered, taken_out=out, kept=stay, **decided(by, at))
    reference = gathered.person_supported.reference
    return Entry(
        result=row,
        subject=gathered,
        sentence=f"confirmed {plural(len(out), 'place')} to take out and {len(stay)} to keep "
        f"of what is held about {reference}",
        facts={"taken_out": len(out), "kept": len(stay)},
    )


@operation
def release_records(
    *, by: By, at: datetime, gathered: GatheredRecords, to_whom: str, how: str
) -> Entry[RecordsRelease]:
    """Release what was gathered, with every marked place confirmed. The hash of the files' list stands in the trail.

    Raises:
        Refused: ``by`` did not gather it, it was released, or places are still to be confirmed.
        Invalid: by field.
    """
    answer = _worked_on(gathered, by, at)
    given = {"to_whom": (to_whom, "Enter to whom it is released"), "how": (how, "Enter how it is released")}
    unsaid = {name: sentence for name, (words, sentence) in given.items() if not as_written(words)}
    if unsaid:
        raise Invalid(unsaid)
    missing = sum(len(one.marks) for one in answer.open)
    if missing:
        raise Refused(f"{missing} {'place is' if missing == 1 else 'places are'} still to be confirmed.")
    files = files_of(answer)
    manifest = manifest_of_release(answer.row, files, at)
    facts = manifest_facts(manifest)
    row = RecordsRelease(
        gathered=gathered, to_whom=to_whom, how=how, manifest_sha256=next(iter(facts.values())), **decided(by, at)
    )
    texts = json.dumps({path: content.decode() for path, content in files.items()}, ensure_ascii=False)
    row.files_encrypted = encryption.encrypt(texts, release_context(row))
    row.save(force_insert=True)
    return Entry(
        result=row,
        subject=gathered,
        sentence=f"released what is held about {gathered.person_supported.reference} to {to_whom}, {how}",
        facts={**facts, "to": to_whom, "how": how, "records": len(answer.content.records),
               "taken_out": len(answer.taken_out), "kept": len(answer.kept)},
    )  # fmt: skip
