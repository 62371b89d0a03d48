"""Telling a reminder from a change to the work (R15).

A reminder asks people to remember, know, read or take care. It may be kept as a briefing beside a change; it is never
the change that answers a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from saferpractice.lists.rules import ListFile, ListMistakes, Mistake, load
from saferpractice.lists.rules.mistakes import Shape, parse
from saferpractice.lists.rules.wording import Found, PhraseMistake, Phrases, Word, words_of

DATA = Path(__file__).resolve().parent.parent / "data"
TRAINING = "training"
NEAR = 6
"""How many words may stand between what is part of the work and the reminder it makes harmless."""
SAYS_SOMETHING = 3
"""With fewer words about Monday than this ("As above.") the title says what the change is."""

WHAT_WOULD_COUNT = (
    "a revised risk prompt",
    "a clearer escalation threshold",
    "an updated referral template",
    "a strengthened duty decision log",
    "a supervision prompt that requires high-risk cases to be discussed",
    "a changed workflow or tool",
    "more cover or another escalation route",
)


@dataclass(frozen=True, slots=True)
class ReminderMatch:
    """A reminder where a change should stand: the words, where they stand in the field, and what to do instead."""

    field: Literal["title", "monday"]
    start: int
    end: int
    words: str

    @property
    def sentence(self) -> str:
        """The refusal, with the kinds of change that would count."""
        *most, last = WHAT_WOULD_COUNT
        return (
            f"“{self.words}” asks people to remember, and a reminder is not a control: on a busy day the work goes on "
            f"as before. Keep it as a briefing beside a change. What would count: {', '.join(most)}, or {last}."
        )


class PhraseDetail(Shape):
    """What the list "reminders" holds of each kind of wording."""

    phrases: tuple[str, ...] = Field(min_length=1, description="phrases, in the small language of lists/rules/wording")


@dataclass(frozen=True, slots=True)
class ReminderWords:
    """The five kinds of wording, ready to be looked for."""

    asks_people: Phrases
    part_of_work: Phrases
    changes_work: Phrases
    builds: Phrases
    teaches: Phrases


def reminder_words(listed: ListFile) -> ReminderWords:
    """The wording in the list "reminders".

    Raises:
        ListMistakes: a kind is missing, or a phrase is not written as it must be.
    """
    kinds = ("asks-people", "part-of-work", "changes-work", "builds", "teaches")
    entries = {entry.code: entry for entry in listed.entries}
    mistakes: list[Mistake] = []
    phrases: dict[str, Phrases] = {}
    for kind in kinds:
        if kind not in entries:
            mistakes.append(Mistake(f"{listed.list_code}.yml", kind, "Write an entry with this code."))
            continue
        detail, wrong = parse(PhraseDetail, entries[kind].detail, under="detail")
        try:
            phrases[kind] = Phrases(detail.phrases if detail else (), listed.groups)
        except PhraseMistake as mistake:
            wrong = [*wrong, str(mistake)]
        mistakes += [Mistake(f"{listed.list_code}.yml", kind, sentence) for sentence in wrong]
    if mistakes:
        raise ListMistakes(mistakes)
    return ReminderWords(**{kind.replace("-", "_"): phrases[kind] for kind in kinds})


@cache
def shipped_words() -> ReminderWords:
    """The wording that ships with the product. Read once for each process."""
    return reminder_words(load(DATA / "reminders.yml"))


def reminder_in(
    title: str, monday: str, change_type: str, wording: ReminderWords | None = None
) -> ReminderMatch | None:
    """The reminder that stands where a change should, or None when the work itself would differ.

    ``monday`` says what is different for the worker on Monday. A reminder beside a change to the work is no trouble:
    what counts is whether anything but a reminder is said. What a reminder is *about* does not count, so "remind staff
    to use the new form" is one; an instruction after it does, so "remind staff and add a required question" is not.
    A reminder that a machine makes, or that goes to the person supported, is not meant. Training counts where
    ``change_type`` is training. A title often names the aim ("Better record keeping"), so it is judged only where too
    little is said about Monday, or what is said there is a reminder too; it never excuses a reminder said there.
    """
    known = wording or shipped_words()
    parts: list[tuple[Literal["title", "monday"], tuple[Word, ...]]] = [
        ("title", words_of(title)),
        ("monday", words_of(monday)),
    ]
    reminders = {field: list(_reminders(words, known)) for field, words in parts}
    changed = {field for field, words in parts if _changes_the_work(words, reminders[field], known, change_type)}
    if "monday" in changed or (changed and not reminders["monday"]):
        return None
    if not reminders["monday"] and len(parts[1][1]) >= SAYS_SOMETHING:
        return None
    # The sentence about Monday is the one to mend, so its reminder is named first.
    for field, words in reversed(parts):
        for found in reminders[field][:1]:
            start, end = words[found.first].start, words[found.end - 1].end
            return ReminderMatch(field, start, end, (title if field == "title" else monday)[start:end])
    return None


def _reminders(words: Sequence[Word], known: ReminderWords) -> Iterable[Found]:
    work = list(known.part_of_work.find(words))
    for found in known.asks_people.find(words):
        if not any(_is_the_same(part, found, words) for part in work):
            yield found


def _is_the_same(part: Found, reminder: Found, words: Sequence[Word]) -> bool:
    """Whether the part of the work stands within or shortly before the reminder, in one sentence."""
    return (
        words[part.first].sentence == words[reminder.first].sentence
        and part.first < reminder.end
        and reminder.first - part.end <= NEAR
    )


def _changes_the_work(
    words: Sequence[Word], reminders: Sequence[Found], known: ReminderWords, change_type: str
) -> bool:
    begun = {}  # the first word of the first reminder, by sentence
    for found in reversed(reminders):
        begun[words[found.first].sentence] = found.first
    controls = [known.changes_work, known.builds, known.part_of_work]
    if change_type == TRAINING:
        controls.append(known.teaches)
    for phrases in controls:
        for control in phrases.find(words):
            reminder = begun.get(words[control.first].sentence)
            if reminder is None or control.end <= reminder:
                return True
            if phrases is known.teaches:
                return True
            if (
                phrases is known.builds
                and control.first > reminder
                and words[control.first - 1].text in {"and", "then"}
            ):
                return True
    return False
