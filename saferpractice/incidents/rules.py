"""Pure rules of reporting: the fewest questions, and what makes an answer usable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from saferpractice.design.typed import as_written, is_blank


class Answer(StrEnum):
    """Yes, no, or not known: "not known" is an answer, never a blank."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The answer in words."""
        return {"yes": "Yes", "no": "No", "unknown": "I don't know"}[self.value]


class Precision(StrEnum):
    """How well a time is known."""

    EXACT = "exact"
    ABOUT = "about"
    DAY = "day"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The precision in words."""
        return {
            "exact": "I know the time",
            "about": "About this time",
            "day": "Some time on this day",
            "unknown": "I don't know when",
        }[self.value]


class KeptFromReason(StrEnum):
    """Why somebody on the staff must not read an incident."""

    ALLEGED_SOURCE = "alleged_source"
    RELATIVE = "relative"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return {
            "alleged_source": "An allegation is about them",
            "relative": "They are family or close to the person",
            "other": "Another conflict of interest",
        }[self.value]


LONGEST_TEXT = 50_000
"""Characters. A coroner's report fits; a paste of a whole record system does not."""


LONGEST_REFERENCE = 60
"""Characters of the reference of a person supported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a reporter says. Codes are those of the lists "themes", "physical-harm" and "psychological-harm"."""

    what_happened: str
    occurred_at: datetime | None
    occurred_precision: Precision
    physical_harm: str
    psychological_harm: str
    still_at_risk: Answer
    risk_words: str = ""
    done_at_once: str = ""
    also_known: str = ""
    person_reference: str = ""
    person_name: str = ""
    themes: tuple[str, ...] = ()
    name_withheld: bool = False
    restricted: bool = False
    restricted_reason: str = ""


def problems_of(report: Report, *, at: datetime, codes: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """What must be put right before the report can stand: field name to a sentence saying what to do.

    Args:
        report: the answers.
        at: now (UTC); nothing can have happened later, save five minutes for clocks that differ.
        codes: the codes in force for "themes", "physical-harm" and "psychological-harm".
    """
    found: dict[str, str] = {}
    if not as_written(report.what_happened):
        found["what_happened"] = "Enter what happened. A sentence is enough."
    for name in ("what_happened", "risk_words", "done_at_once", "also_known"):
        if len(getattr(report, name)) > LONGEST_TEXT:
            found[name] = f"Shorten this to {LONGEST_TEXT:,} characters, and add the rest to the review as a file."
    if report.occurred_precision is Precision.UNKNOWN:
        pass
    elif report.occurred_at is None:
        found["occurred_at"] = "Enter when it happened, or choose that you don't know."
    elif report.occurred_at > at + timedelta(minutes=5):
        found["occurred_at"] = "Enter a time that has passed. This one is in the future."
    for name, listed in (("physical_harm", "physical-harm"), ("psychological_harm", "psychological-harm")):
        if getattr(report, name) not in codes[listed]:
            found[name] = f"Choose the {name.replace('_', ' ')} that fits best. You can change it later."
    unknown = [theme for theme in report.themes if theme not in codes["themes"]]
    if unknown:
        found["themes"] = "Choose themes from the list."
    if as_written(report.person_name) and not kept_reference(report.person_reference):
        found["person_reference"] = "Enter the person's reference as well as their name."
    if len(kept_reference(report.person_reference)) > LONGEST_REFERENCE:  # as kept: a "ß" becomes two letters
        found["person_reference"] = f"Enter a reference of {LONGEST_REFERENCE} characters or fewer."
    if len(report.person_name) > 200:
        found["person_name"] = "Enter a name of 200 characters or fewer."
    if report.restricted and not as_written(report.restricted_reason):
        found["restricted_reason"] = "Say why only named people should see this."
    return found


def kept_reference(text: str) -> str:
    """The reference of a person supported as it is kept, however it was typed or pasted.

    Characters that nobody sees go: with one of them left in, the same person would be two, and no repeat be found.
    """
    seen = "".join(one for one in text if (one.isprintable() or one.isspace()) and not is_blank(one))
    return " ".join(seen.split()).upper()


PART_WORDS = {
    "what_happened": "What happened",
    "when": "When it happened",
    "where": "Where it happened",
    "person": "Who it concerns",
    "done_at_once": "What was done at once",
    "still_at_risk": "Whether somebody is still at risk",
    "learnt_later": "Something learnt later",
}
"""The parts of a report that can be corrected or added to."""


class Line(StrEnum):
    """The four lines a reporter sees of what became of their report."""

    RECEIVED = "received"
    DECIDED = "decided"
    CHANGED = "changed"
    WORKED = "worked"

    @property
    def label(self) -> str:
        """The line's question."""
        return {
            "received": "Received",
            "decided": "What was decided",
            "changed": "What was changed",
            "worked": "Did it work?",
        }[self.value]


class ContactMethod(StrEnum):
    """A way to reach somebody. Closed, so that what a person prefers and what was tried can be set side by side."""

    PHONE = "phone"
    TEXT = "text"
    VISIT = "visit"
    EMAIL = "email"
    LETTER = "letter"
    THROUGH_OTHERS = "through-others"

    @property
    def label(self) -> str:
        """The way in words."""
        return {
            "phone": "Phone call",
            "text": "Text message",
            "visit": "Visit",
            "email": "E-mail",
            "letter": "Letter",
            "through-others": "Through somebody they chose",
        }[self.value]


MOST_WAYS = 5
LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a person wants to be reached: the method, the number or address, and what to mind."""

    method: ContactMethod
    detail: str = ""
    note: str = ""


def problems_of_ways(ways: Sequence[Way], from_on: date, today: date) -> dict[str, str]:
    """What keeps a list of ways from standing: "detail_2", "from_on" or "" to a sentence saying what to do."""
    found: dict[str, str] = {}
    if len(ways) > MOST_WAYS:
        found[""] = f"Write down {MOST_WAYS} ways at most, the best ones."
    for number, way in enumerate(ways, start=1):
        for name, text in (("detail", way.detail), ("note", way.note)):
            if len(text) > LONGEST_DETAIL:
                found[f"{name}_{number}"] = f"Shorten this to {LONGEST_DETAIL} characters."
        if way in ways[: number - 1]:
            found[f"method_{number}"] = "This way stands above already. Change it, or take it out."
    if from_on < today:
        found["from_on"] = "Enter today or a later day: what held before stays as it was."
    return found


class Characteristic(StrEnum):
    """What a provider may record of the people it supports, to see whether harm falls on some more than on others.

    Their groups are the provider's: the list "characteristics". Never asked in a report.
    """

    AGE_BAND = "age-band"
    SEX = "sex"
    ETHNIC_GROUP = "ethnic-group"
    DISABILITY = "disability"
    ACCOMMODATION = "accommodation"

    @property
    def label(self) -> str:
        """In words."""
        return self.value.replace("-band", "").replace("-", " ").capitalize()


NOT_KNOWN, NOT_SAID = "not-known", "not-said"
UNGROUPED = {NOT_KNOWN: "Not known", NOT_SAID: "Prefers not to say"}
"""Answers that are always there, beside the provider's own groups."""


def problems_of_characteristics(
    answers: Mapping[Characteristic, str], groups: Mapping[Characteristic, Mapping[str, str]]
) -> dict[str, str]:
    """What keeps the answers from standing, by characteristic. One that the provider does not record has no answer."""
    return {
        what.value: "Choose one of the answers."
        for what, code in answers.items()
        if what not in groups or code not in {*groups[what], *UNGROUPED}
    }


_SAY_NOTHING = (
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself "
    "it its itself they them their theirs themselves what which who whom this that these those am is are was were be "
    "been being have has had having do does did doing a an the and but if or because as until while of at by for with "
    "about against between into through during before after above below to from up down in out on off over under again "
    "further then once here there when where why how all any both each few more most other some such no nor not only "
    "own same so than too very s t can will just don should now"
)
SAY_NOTHING = frozenset(_SAY_NOTHING.split())
"""Words that PostgreSQL leaves out of an English text, and so leaves out of a search too."""
