"""A provider's own entries in the dated lists: added, put in place of a shipped one, ended. Nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Greatest

from saferpractice.access.models import Provider
from saferpractice.lists.models import ListEntry
from saferpractice.lists.permissions import check_can_keep_lists
from saferpractice.lists.queries import choices, shipped
from saferpractice.lists.rules import Entry, ListFile, ListMistakes, entry_from_data, reason_problem
from saferpractice.lists.rules.details import REFERENCES
from saferpractice.lists.rules.local_times import bounds_problems
from saferpractice.lists.rules.own import (
    ending_problem,
    invented_law,
    law_problems,
    london_day,
    problems_beside,
    reference_problems,
)
from saferpractice.lists.rules.retention import shortening_problems
from saferpractice.trail.operations import Already, operation
from saferpractice.trail.operations import Entry as TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By, Process

A_DAY = timedelta(days=1)
SAME_FOR_ALL = "This list is the same for everybody: it is law, a published framework, or rules that work together."

ONLY_REPLACED = "The work of the product rests on these entries: you may replace each, and neither add nor end one."


@operation
def add_entry(
    *, by: By, at: datetime, provider: Provider, list_code: str, data: Mapping[str, Any]
) -> TrailEntry[ListEntry]:
    """Add an entry to a list, or put one in place of that with the same code, from the day ``data`` says.

    Args:
        data: the entry as a list file holds it: code, label, hint, detail, source (title, url), valid_from and,
            where it is known already, valid_to. Days are days in Europe/London.

    Raises:
        Refused: ``by`` may not keep the lists, or this list is the same for everybody.
        Invalid: by the part of the entry it is about ("label", "detail.ask", "source.title", …).
    """
    check_can_keep_lists(by=by, at=at, provider_id=provider.pk)
    listed, today = _list_to_keep(list_code), london_day(at)
    entry = _checked(listed, data, provider=provider, today=today, by=by)
    earlier = (
        ListEntry.objects.select_for_update()
        .of(provider.pk, list_code)
        .filter(code=entry.code, valid_from__lte=entry.valid_from)
    )
    replaces = entry.code in {e.code for e in listed.entries} or earlier.exists()
    # Earlier ones end the day before; one that began on the same day keeps that day, and the newer stands in for it.
    earlier.not_ended_by(entry.valid_from).update(valid_to=Greatest(F("valid_from"), Value(entry.valid_from - A_DAY)))
    added = ListEntry.objects.create(
        provider=provider,
        list_code=list_code,
        code=entry.code,
        label=entry.label,
        hint=entry.hint,
        detail=entry.detail,
        source=str(entry.source)[:500],
        valid_from=entry.valid_from,
        valid_to=_until_the_next(entry, provider, list_code),
        added_at=at,
    )
    _check_never_empty(provider, listed, entry.valid_from, beside="valid_to")
    verb = "put its own entry in place of" if replaces else "added"
    return TrailEntry(
        result=added,
        subject=added,
        sentence=f"{verb} “{entry.label}” in the list “{listed.title}”, from {entry.valid_from:%-d %B %Y}",
        facts={
            "list": list_code,
            "code": entry.code,
            "hint": entry.hint,
            "detail": _without_floats(entry.detail),
            "source": added.source,
        },
    )


@operation
def end_entry(
    *, by: By, at: datetime, provider: Provider, list_code: str, code: str, last_day: date, reason: str
) -> TrailEntry[ListEntry] | Already[ListEntry]:
    """End the entry that stands for ``code``; ``last_day`` (Europe/London) is the last on which it is offered.

    Where it had taken a shipped one's place, the shipped one is offered again. A shipped one is taken off the list
    for this provider; what was recorded with it stays. Sent twice, it is ended once.

    Raises:
        Refused: ``by`` may not keep the lists, or this list is the same for everybody.
        Invalid: the day has passed, no reason, no such entry, it is law, another in its place begins the day after,
            or a day would come on which nothing of the list is offered.
    """
    check_can_keep_lists(by=by, at=at, provider_id=provider.pk)
    listed = _list_to_keep(list_code)
    if last_day < london_day(at) and not isinstance(by, Process):
        raise Invalid({"last_day": "Choose today or a later day: what was offered on earlier days stays as it was."})
    wrong = reason_problem(reason)
    if wrong:
        raise Invalid({"reason": wrong})
    found = {choice.code: choice for choice in choices(list_code, provider_id=provider.pk, on=last_day)}
    if code not in found:
        raise Invalid("This is not offered on that day, so it cannot end then.")
    own = found[code].own
    if listed.replaced_only and not own:
        raise Refused(ONLY_REPLACED)
    earlier = _ended_so(provider, list_code, code, last_day)
    if earlier is not None:
        return Already(earlier)
    ended = _end_own(provider, list_code, code, last_day) if own else _take_off(provider, listed, code, last_day, at)
    if any(one.code == code and one.own for one in choices(list_code, provider_id=provider.pk, on=last_day + A_DAY)):
        raise Invalid({"last_day": "Another stands in its place from the day after. Choose a day on which that holds."})
    _check_never_empty(provider, listed, last_day, beside="")
    return TrailEntry(
        result=ended,
        subject=ended,
        sentence=f"ended “{found[code].label}” in the list “{listed.title}”; its last day is {last_day:%-d %B %Y}",
        facts={"list": list_code, "code": code, "reason": reason, "shipped": not own},
    )


def _list_to_keep(list_code: str) -> ListFile:
    listed = shipped(list_code)
    if not listed.editable_by_provider:
        raise Refused(
            "This list is the same for everybody: it is law, or a published framework, or rules that work together."
        )
    return listed


def _checked(listed: ListFile, data: Mapping[str, Any], *, provider: Provider, today: date, by: By) -> Entry:
    problems: dict[str, str] = {}
    entry = None
    try:
        entry = entry_from_data(listed.list_code, {**data, "checked_on": today})
    except ListMistakes as mistakes:
        problems = problems_beside(mistakes)
    first, last = data.get("valid_from"), data.get("valid_to")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        problems["valid_to"] = "Choose a last day that is not before the first, or leave it empty."
    detail = data.get("detail", {})
    known = {
        target: {choice.code for choice in choices(target, provider_id=provider.pk, on=today)}
        for target in set(REFERENCES.values())
    }
    standing = [e for e in listed.entries if e.code == data.get("code")]
    found = law_problems(standing[-1].detail, detail) if standing else invented_law(detail)
    if listed.replaced_only and not standing:
        raise Refused(ONLY_REPLACED)
    found |= bounds_problems(standing[-1].detail, detail) if standing else {}
    found |= shortening_problems(standing[-1].detail, detail) if standing else {}
    problems = reference_problems(listed.list_code, detail, known) | found | problems
    if entry is not None:
        if _named_alike(entry, provider, listed.list_code):
            problems["label"] = "Another entry already has this name. Choose a name that tells them apart."
        if entry.valid_from < today and not isinstance(by, Process):
            problems["valid_from"] = "Choose today or a later day: what was offered on earlier days stays as it was."
    if entry is None or problems:
        raise Invalid(problems)
    return entry


def _named_alike(entry: Entry, provider: Provider, list_code: str) -> bool:
    """Whether another entry has this name on the first day, or on a later one while both are offered."""
    starts = ListEntry.objects.of(provider.pk, list_code).filter(valid_from__gt=entry.valid_from)
    days = {entry.valid_from, *starts.values_list("valid_from", flat=True)}
    return any(
        choice.code != entry.code and choice.label.casefold() == entry.label.casefold()
        for day in days
        if entry.valid_to is None or day <= entry.valid_to
        for choice in choices(list_code, provider_id=provider.pk, on=day)
    )


def _until_the_next(entry: Entry, provider: Provider, list_code: str) -> date | None:
    """The last day of a new entry: that before one planned for later in its place, which would else bring it back."""
    later = ListEntry.objects.of(provider.pk, list_code).filter(code=entry.code, valid_from__gt=entry.valid_from)
    first = later.values_list("valid_from", flat=True).first()
    ends = [day for day in (entry.valid_to, first - A_DAY if first else None) if day is not None]
    return min(ends, default=None)


def _check_never_empty(provider: Provider, listed: ListFile, since: date, *, beside: str) -> None:
    """Refuse what leaves a day after ``since`` on which a form would have nothing to offer."""
    rows = ListEntry.objects.of(provider.pk, listed.list_code)
    starts = {day for day in rows.values_list("valid_from", flat=True) if day > since}
    ends = {day + A_DAY for day in rows.values_list("valid_to", flat=True) if day is not None and day >= since}
    for day in sorted({since + A_DAY, *starts, *ends}):
        if not choices(listed.list_code, provider_id=provider.pk, on=day):
            raise Invalid({beside: "A list needs at least one entry. Add another before you end this one."})


def _ended_so(provider: Provider, list_code: str, code: str, last_day: date) -> ListEntry | None:
    """The row by which ``code`` ends on ``last_day`` already, when nothing is offered for it afterwards."""
    if code in {choice.code for choice in choices(list_code, provider_id=provider.pk, on=last_day + A_DAY)}:
        return None
    return ListEntry.objects.of(provider.pk, list_code).filter(code=code).last()


def _end_own(provider: Provider, list_code: str, code: str, last_day: date) -> ListEntry:
    standing = (
        ListEntry.objects.select_for_update().of(provider.pk, list_code).filter(code=code).holding(last_day).last()
    )
    if standing is None:
        raise Invalid("Somebody else ended this meanwhile.")
    standing.valid_to = last_day
    standing.save(update_fields=["valid_to"])
    return standing


def _take_off(provider: Provider, listed: ListFile, code: str, last_day: date, at: datetime) -> ListEntry:
    entry = listed.entry(code, last_day)
    if entry is None:
        raise Invalid("This is not offered on that day, so it cannot end then.")
    problem = ending_problem(entry)
    if problem:
        raise Invalid(problem)
    return ListEntry.objects.create(
        provider=provider,
        list_code=listed.list_code,
        code=code,
        label=entry.label,
        hint=entry.hint,
        detail=entry.detail,
        source=str(entry.source)[:500],
        valid_from=last_day + A_DAY,
        added_at=at,
        taken_off=True,
    )


def _without_floats(value: Any) -> Any:
    """Facts on the trail have one text form, which a float has not."""
    if isinstance(value, float):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _without_floats(item) for key, item in value.items()}
    return [_without_floats(item) for item in value] if isinstance(value, list | tuple) else value
