"""Asking for an evidence pack, confirming what it tells outside, ordering that it be built, taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person, Provider, Service
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.typed import as_written
from saferpractice.evidence.models import (
    EvidencePack,
    PackBuilding,
    PackBuilt,
    PackWithdrawal,
    TextConfirmation,
)
from saferpractice.evidence.permissions import check_asked_for, check_can_make_packs
from saferpractice.evidence.queries.known import known_of
from saferpractice.evidence.queries.packs import (
    MOST_INCIDENTS,
    Text,
    how_many,
    numbers_of,
    published_within,
    still_open,
    texts_of,
)
from saferpractice.evidence.rules.packs.confirming import Choice, problem_of
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.evidence.rules.packs.of_quarters import BY_THEME, NONE_PUBLISHED, OF_ONE
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import label_of
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By

SERVICES_NAMED = 3
LONGEST = timedelta(days=2 * 366)
"""The longest time a pack may cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a pack is to be about and for whom, as ``EvidencePack`` has it."""

    subject: Subject
    disclosure: Disclosure
    services: Sequence[Service]
    incident: Incident | None = None
    theme: str = ""
    period: tuple[date, date] | None = None
    identity_basis: str = ""
    identity_why: str = ""


@operation
def ask_for_pack(
    *, by: By, at: datetime, wanted: Wanted, submission_key: str
) -> Entry[EvidencePack] | Already[EvidencePack]:
    """Ask for a pack. One for an inspector waits for its texts; the others are ordered at once.

    The same form again gives the pack that was asked for.

    Raises:
        Refused: ``by`` does not lead over every service, or is no person.
        Invalid: what is asked for cannot be a pack.
        SentBefore: the form was sent before with other answers.
    """
    if not isinstance(by, Person):
        raise Refused("A person asks for an evidence pack: it holds what they may read.")
    check_can_make_packs(by=by, at=at, services=wanted.services)
    Provider.objects.select_for_update().get(pk=by.provider_id)  # two who send one form at once take turns
    earlier = EvidencePack.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        answers = [
            ("Subject", earlier.get_subject_display(), wanted.subject.label),
            ("For whom", earlier.get_disclosure_display(), wanted.disclosure.label),
            ("About", earlier.about, about_of(wanted)),
        ]
        check_same_answers(earlier, by=by, sentence="This pack was already asked for.", answers=answers)
        return Already(earlier)
    _check(wanted, by, at)
    first, last = wanted.period or (None, None)
    pack = EvidencePack.objects.create(
        provider_id=by.provider_id,
        subject=wanted.subject,
        disclosure=wanted.disclosure,
        incident=wanted.incident,
        theme=wanted.theme,
        about=about_of(wanted),
        period_from=first,
        period_to=last,
        identity_basis=wanted.identity_basis.strip(),
        identity_why=wanted.identity_why.strip(),
        submission_key=submission_key,
        **decided(by, at),
    )
    pack.services.set(wanted.services)
    # A commissioner's pack tells of no incident: its numbers are those that were published.
    many = how_many(pack) if wanted.disclosure is not Disclosure.COMMISSIONER else 0
    if many > MOST_INCIDENTS:
        raise Invalid(f"That is {many:,} incidents. Choose fewer services or a shorter time: at most {MOST_INCIDENTS}.")
    if wanted.disclosure is not Disclosure.INSPECTOR:
        order_building(by=by, at=at, pack=pack)
    told = " that tells who the people supported are" if pack.identity_basis else ""
    return Entry(
        result=pack,
        subject=pack,
        story_id=pack.incident_id,
        sentence=f"asked for an evidence pack “{pack.about}” ({wanted.disclosure.label.lower()}){told}",
        facts={"incidents": many, "basis": pack.identity_basis},
    )


def about_of(wanted: Wanted) -> str:
    """How a pack is called: in the product's words, which name no person."""
    if wanted.incident is not None:
        return wanted.incident.reference
    parts = [service.name for service in sorted(wanted.services, key=lambda one: one.name)]
    named = ", ".join(parts) if len(parts) <= SERVICES_NAMED else f"{len(parts)} services"
    when = " to ".join(f"{day.day} {day:%B} {day.year}" for day in wanted.period or ())
    theme = [label_of("themes", wanted.theme, provider_id=wanted.services[0].provider_id)] if wanted.theme else []
    return "; ".join([*theme, named, when])


def _check(wanted: Wanted, by: Person, at: datetime) -> None:
    for_commissioner = wanted.disclosure is Disclosure.COMMISSIONER
    if for_commissioner and (wanted.subject.of_one or wanted.subject is Subject.THEME):
        raise Invalid({"disclosure": OF_ONE if wanted.subject.of_one else BY_THEME})
    if not wanted.services:
        raise Invalid({"services": "Choose at least one service."})
    if wanted.subject.of_one:
        if wanted.incident is None or not Incident.objects.visible_to(by, at).filter(pk=wanted.incident.pk).exists():
            raise Invalid({"reference": "Enter the reference of an incident that you may open."})
    elif wanted.period is None:
        raise Invalid({"period_from": "Enter the time it covers."})
    else:
        _check_period(*wanted.period, today=local_day(at))
        if for_commissioner and not published_within(by.provider_id, *wanted.period):
            raise Invalid({"disclosure": NONE_PUBLISHED})
    if bool(as_written(wanted.identity_basis)) != bool(as_written(wanted.identity_why)):
        raise Invalid({"identity_why": "Say both which law allows it and why it is told."})
    if as_written(wanted.identity_basis) and wanted.disclosure is not Disclosure.INSPECTOR:
        raise Invalid({"disclosure": "Only a pack for an inspector can tell who the people supported are."})


def _check_period(first: date, last: date, *, today: date) -> None:
    if last < first:
        raise Invalid({"period_to": "Enter a day on or after the first."})
    if last > today:
        raise Invalid({"period_to": f"Enter {day_label(today)} or a day before it."})
    if last - first > LONGEST:
        raise Invalid({"period_from": "Choose at most two years."})


@operation
def confirm_texts(
    *, by: By, at: datetime, pack: EvidencePack, choices: Mapping[str, tuple[Choice, str]]
) -> Entry[int] | Already[int]:
    """Decide about texts of a pack, by their keys: a choice, and the words where they are said otherwise.

    What was decided before stays on record. How many were decided about.

    Raises:
        Refused: ``by`` did not ask for the pack.
        Invalid: a text is not of this pack, or the words put in its place could tell who somebody is.
    """
    _check_goes_on(by, pack)
    if not isinstance(by, Person):
        raise Refused("A person looks through the texts of a pack.")
    texts = {text.said.key: text for text in texts_of(pack, by, at)}
    if choices.keys() - texts.keys():
        raise Invalid("A text has changed meanwhile. Look at the texts again.")
    known = known_of(pack.provider_id, incidents=False)
    problems = {key: problem_of(words, known) for key, (choice, words) in choices.items() if choice is Choice.EDITED}
    if any(problems.values()):
        raise Invalid({key: problem for key, problem in problems.items() if problem})
    new = {key: chosen for key, chosen in choices.items() if not _same(texts[key], *chosen)}
    if not new:
        return Already(0)
    before = numbers_of(pack.provider_id, new.keys())
    TextConfirmation.objects.bulk_create(
        TextConfirmation(
            provider_id=pack.provider_id,
            key=key,
            number=before.get(key, 0) + 1,
            choice=choice,
            words=_words(texts[key], choice, words),
            **decided(by, at),
        )
        for key, (choice, words) in new.items()
    )
    counts = [choice for choice, _ in new.values()]
    return Entry(
        result=len(new),
        subject=pack,
        story_id=pack.incident_id,
        sentence=f"looked through texts of the evidence pack “{pack.about}” before it goes outside",
        facts={choice.value: counts.count(choice) for choice in Choice},
    )


def _words(text: Text, choice: Choice, words: str) -> str:
    return {Choice.MASKED: text.marked.words, Choice.EDITED: words.strip(), Choice.LEFT_OUT: ""}[choice]


def _same(text: Text, choice: Choice, words: str) -> bool:
    """Whether exactly this stands decided already."""
    before = text.confirmed
    if before is None:
        return False
    return before.left_out == (choice is Choice.LEFT_OUT) and before.words == _words(text, choice, words)


@operation
def order_building(*, by: By, at: datetime, pack: EvidencePack) -> Entry[PackBuilding] | Already[PackBuilding]:
    """Order that a pack be built; one that was given up is tried again.

    Raises:
        Refused: ``by`` did not ask for the pack, or leads there no more.
        Invalid: texts wait to be confirmed.
    """
    _check_goes_on(by, pack)
    check_can_make_packs(by=by, at=at, services=pack.services.all())
    if not isinstance(by, Person):
        raise Refused("A person orders that a pack be built.")
    EvidencePack.objects.select_for_update().get(pk=pack.pk)
    waiting = len(still_open(texts_of(pack, by, at)))
    if waiting:
        raise Invalid(f"{waiting} {'text waits' if waiting == 1 else 'texts wait'} to be confirmed.")
    earlier = PackBuilding.objects.filter(pack=pack).first()
    if earlier is None:
        building = PackBuilding.objects.create(pack=pack, **decided(by, at))
    elif earlier.gave_up_at is None:
        return Already(earlier)
    else:
        building = earlier
        PackBuilding.objects.filter(pk=earlier.pk).update(gave_up_at=None, because="", tries=0, step=0)
    again = "" if earlier is None else " again"
    return Entry(
        result=building,
        subject=pack,
        story_id=pack.incident_id,
        sentence=f"ordered that the evidence pack “{pack.about}” be built{again}",
    )


def _check_goes_on(by: By, pack: EvidencePack) -> None:
    check_asked_for(by=by, pack=pack)
    if PackWithdrawal.objects.filter(pack=pack).exists():
        raise Invalid("This pack was withdrawn.")
    if PackBuilt.objects.filter(pack=pack).exists():
        raise Invalid("This pack is built, and does not change any more. Ask for a new one.")


@operation
def withdraw_pack(
    *, by: By, at: datetime, pack: EvidencePack, reason: str
) -> Entry[PackWithdrawal] | Already[PackWithdrawal]:
    """Take a pack back: its files stay on record, and nobody can fetch them any more.

    Raises:
        Refused: ``by`` leads there no more.
        Invalid: no reason is given.
    """
    check_can_make_packs(by=by, at=at, services=pack.services.all())
    if not as_written(reason):
        raise Invalid({"reason": "Enter why it is not to be used any more."})
    EvidencePack.objects.select_for_update().get(pk=pack.pk)
    earlier = PackWithdrawal.objects.filter(pack=pack).first()
    if earlier is not None:
        return Already(earlier)
    withdrawn = PackWithdrawal.objects.create(pack=pack, reason=reason.strip()[:300], **decided(by, at))
    return Entry(
        result=withdrawn,
        subject=pack,
        story_id=pack.incident_id,
        sentence=f"withdrew the evidence pack “{pack.about}”",
    )
