"""Gathering everything held about a person: every table that leads to them, so that a new one is not forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import day_label, local_time_label
from saferpractice.files.models import StoredFile
from saferpractice.home.queries.held import Held, LooksWanted, looks_about, told
from saferpractice.home.rules.gathered import Gathered, GatheredRecord, Part
from saferpractice.incidents.models import ContactPreference, Incident, PersonCharacteristics, PersonSupported
from saferpractice.incidents.queries import characteristics_context, name_context, ways_context
from saferpractice.partners.models import Contact
from saferpractice.pathways.models import PathwayCase
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.rules import NAME_WITHHELD

LEFT_OUT = {
    "assurance.LearningPoint": "What staff should learn, about nobody in particular.",
    "assurance.SupervisionDiscussion": "Talks between a worker and a supervisor about how the worker works.",
    "changes.OperationalChange": "What a service does differently, about nobody in particular.",
    "changes.ProofByUse": "That a change reached a team.",
    "evidence.PackBuilding": "That an evidence pack was being made. That one was asked for, and for whom, is in here.",
    "evidence.PackBuilt": "An evidence pack as it was made, for those it was made for.",
    "evidence.PackIncident": "Which incidents an evidence pack tells of.",
    "exchange.ImportLine": "A row of a file, in the words of the report that was made from it.",
    "home.GatheredRecords": "An earlier answer to the same person: they have it.",
    "home.RetentionHold": "Why records are kept beyond their time, where lawyers or an inquiry asked for it.",
    "incidents.IncidentTheme": "The themes of a report once more, for counting.",
    "partners.PartnerSession": "That a partner is signed in.",
    "partners.SignInCode": "A code with which a partner signs in.",
    "pathways.ReplayCase": "What a draft of a pathway would have asked for. Nothing was decided by it.",
    "reviews.ReviewDraft": "Words that were being typed and are not kept.",
}
"""Tables that lead to a person and are not gathered, and why: whoever answers judges these by hand."""
NOT_SAID = frozenset({
    "id", "provider", "submission_key", "token_hash", "decided_by", "from_type", "subject_type", "met_by_type",
    "restricted", "name_withheld", "escalated_level", "next_escalation_at", "chain",
})  # fmt: skip
"""Columns that say nothing about a person."""
WHO = "Who"
OURSELVES = "Safer Practice"
"""What stands where the software did something by itself."""
BY_HAND = "Uploaded files: they are named and not copied, for names cannot be taken out of them here."


def reached() -> dict[type[models.Model], list[tuple[type[models.Model], str]]]:
    """Every table that leads to a person supported and is gathered, with the tables it leads through, nearest first."""
    found: dict[type[models.Model], list[tuple[type[models.Model], str]]] = {PersonSupported: []}
    waiting: list[type[models.Model]] = [PersonSupported]
    while waiting:
        parent = waiting.pop(0)
        for relation in parent._meta.get_fields(include_hidden=True):
            child = relation.related_model
            if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)) or child is parent:
                continue
            if not isinstance(child, type) or child._meta.label in LEFT_OUT or child._meta.auto_created:
                continue
            if child not in found:
                found[child] = []
                waiting.append(child)
            if child is not PersonSupported:
                found[child].append((parent, relation.field.name))  # type: ignore[union-attr]
    return found


def gather(held: Held) -> Gathered:
    """Everything held about the person that whoever asks may read, as it is now."""
    person = held.person
    rows = _rows(held)
    ids = [row.pk for found in rows.values() for row in found]
    stories = [one.pk for one in held.incidents]
    # One about the person whose incident is not among these may belong to what only named people may know of.
    of_none = Q(person_supported_id=person.pk, story_id__isnull=True)
    owed = Obligation.objects.filter(Q(story_id__in=stories) | of_none | Q(subject_id__in=ids))
    rows[StoredFile] = list(StoredFile.objects.filter(story_id__in=stories).select_related("uploaded_by"))
    rows[Obligation] = list(
        owed.filter(provider_id=person.provider_id).select_related("team", "owner").order_by("opened_at")
    )
    records = [_record(row) for found in rows.values() for row in found]
    trail = TrailEntry.objects.filter(Q(story_id__in=stories) | Q(subject_id__in=ids), provider_id=person.provider_id)
    records += [_entry(held, row) for row in trail.order_by("sequence")]
    for number, look in enumerate(told(held, looks_about(held, LooksWanted()).order_by("at", "pk").iterator(500))):
        parts = [
            ("When", local_time_label(look.at)),
            (WHO, look.who),
            ("Role then", look.role),
            ("Record", look.record),
        ]
        records.append(GatheredRecord(f"look-{number}", "Look", _parts([*parts, ("What was shown", look.page)], {WHO})))
    own = _readable_name(person)
    # "Who" may say "the two workers who came": asked about where it stands, and no name to look for elsewhere.
    named = [part for record in records for part in record.parts if part.is_name and part.label != WHO]
    names = {part.text for part in named} - {own, NAME_WITHHELD}
    return Gathered(person.reference, own, tuple(sorted(names | _known(held))), tuple(records))


def entries_about(held: Held) -> list[int]:
    """The places in the trail of the entries about the person's incidents and cases, in order."""
    ids = [held.person.pk, *(one.pk for one in held.incidents), *(one.pk for one in held.cases)]
    found = TrailEntry.objects.filter(Q(story_id__in=ids) | Q(subject_id__in=ids), provider_id=held.person.provider_id)
    return list(found.order_by("sequence").values_list("sequence", flat=True))


def _rows(held: Held) -> dict[type[models.Model], list[Any]]:
    rows: dict[type[models.Model], list[Any]] = {
        PersonSupported: [held.person],
        Incident: list(held.incidents),
        PathwayCase: list(held.cases),
    }
    waiting = {model: through for model, through in reached().items() if model not in rows}
    while waiting:
        ready = [model for model, through in waiting.items() if not any(parent in waiting for parent, _ in through)]
        for model in ready or list(waiting)[:1]:  # tables that lead to each other: the nearest first
            near = Q(pk__in=[])
            for parent, name in waiting.pop(model):
                near |= Q(**{f"{name}__in": [row.pk for row in rows.get(parent, [])]})
            forward = [field.name for field in model._meta.concrete_fields if field.is_relation]
            rows[model] = list(model._default_manager.filter(near).select_related(*forward).order_by("pk"))
    return rows


def _words(name: str) -> str:
    """A column or a table in words: "PathwayRecord" and "happened_at" as "Pathway record" and "Happened at"."""
    apart = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).replace("_", " ").strip()
    return apart[:1].upper() + apart[1:]


def _record(row: models.Model) -> GatheredRecord:
    return GatheredRecord(f"{row._meta.model_name}-{row.pk}", _words(row._meta.object_name or ""), tuple(_said(row)))


def _said(row: models.Model) -> Iterator[Part]:
    for field in row._meta.concrete_fields:
        name = field.name
        if name in NOT_SAID or isinstance(field, models.UUIDField):
            continue
        if field.is_relation and field.related_model in reached():
            continue
        if name == "reporter" and getattr(row, "name_withheld", False):
            yield Part("Reporter", "Asked that colleagues do not know the name")
            continue
        value = _decrypted(row) if name.endswith("_encrypted") else getattr(row, name)
        text = _text(value)
        is_name = isinstance(value, Person) or name.endswith("by_name") or name == "who"
        is_name = is_name and text != OURSELVES and not (name == "decided_by_name" and row.decided_by_id is None)  # type: ignore[attr-defined]
        if text:
            yield Part(_words(name.removesuffix("_encrypted")), text, is_name)


def _decrypted(row: models.Model) -> str:
    try:
        if isinstance(row, PersonSupported):
            return _name(row)
        if isinstance(row, ContactPreference):
            return encryption.decrypt(row.ways_encrypted, ways_context(row))
        if isinstance(row, PersonCharacteristics):
            return encryption.decrypt(row.answers_encrypted, characteristics_context(row))
    except encryption.CannotDecrypt:
        pass
    return "Kept encrypted, and cannot be read here"


def _name(person: PersonSupported) -> str:
    return encryption.decrypt(person.name_encrypted, name_context(person)) if person.name_encrypted else ""


def _text(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return local_time_label(value)
    if isinstance(value, date):
        return day_label(value)
    if isinstance(value, Mapping | list):
        return "\n".join(_flat(value))
    return value.name if isinstance(value, Person) else str(value)


def _flat(value: Any, before: str = "") -> Iterator[str]:
    """A JSON value as lines "what: value"."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{before}{_words(str(key))}: ")
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item, before)
    else:
        yield f"{before}{_text(value) if not isinstance(value, str) else value}"


def _parts(pairs: Iterable[tuple[str, str]], names: set[str]) -> tuple[Part, ...]:
    return tuple(Part(label, text, label in names) for label, text in pairs if text)


def _entry(held: Held, row: TrailEntry) -> GatheredRecord:
    withheld = (row.story_id, row.by_id) in held.withheld
    facts = json.dumps(row.facts, ensure_ascii=False, sort_keys=True) if row.facts else ""
    pairs = [
        ("When", local_time_label(row.at)),
        ("By", "Somebody" if withheld else row.by_name),
        ("Role then", "" if withheld else row.by_role),
        ("What", row.sentence),
        ("Facts", facts),
    ]
    names = set() if withheld or row.by_id is None else {"By"}
    return GatheredRecord(f"trail-{row.sequence}", "Trail entry", _parts(pairs, names))


def _known(held: Held) -> set[str]:
    """Names and references that are somebody else's: staff, other people supported, partners."""
    provider = held.person.provider_id
    found = set(Person.objects.filter(provider_id=provider).values_list("name", flat=True))
    found |= set(Contact.objects.filter(agency__provider_id=provider).values_list("name", flat=True))
    for other in PersonSupported.objects.filter(provider_id=provider).exclude(pk=held.person.pk):
        found.add(other.reference)
        found.add(_readable_name(other))
    return found - {""}


def _readable_name(person: PersonSupported) -> str:
    try:
        return _name(person)
    except encryption.CannotDecrypt:
        return ""
