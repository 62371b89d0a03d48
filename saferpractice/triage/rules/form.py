"""Pure rules of the triage form: what is asked, and what makes an answer usable."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from saferpractice.design.typed import as_written
from saferpractice.lists.rules import reason_problem
from saferpractice.triage.rules.answers import Answer, TierCode
from saferpractice.triage.rules.threshold import CareActTests, ThresholdOutcome
from saferpractice.triage.rules.tiers import check_tier_choice

LONGEST_TEXT = 20_000
"""Characters of any one answer."""
MOST_SAFETY_ACTIONS = 30
"""More than this is a list pasted by mistake."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""A time this far ahead is taken as now: watches differ."""


class TellingState(StrEnum):
    """What was decided about telling somebody outside."""

    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    DONE = "done"

    @property
    def label(self) -> str:
        """The state in words."""
        return {"required": "To be told", "not_required": "Need not be told", "done": "Told"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyAction:
    """One thing done, or to be done at once. ``done_at`` is None while it is still to be done."""

    what: str
    who: str
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdChoice:
    """Refer, do not refer, or more information by a day, and why."""

    outcome: ThresholdOutcome
    rationale: str
    more_information_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What was decided about one duty of the list "duties"."""

    duty: str
    state: TellingState
    reason: str = ""
    their_reference: str = ""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChoice:
    """The tier chosen. ``seen`` is the proposal the person had before them; None when there was no page."""

    tier: TierCode
    reason: str = ""
    seen: TierCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageForm:
    """The standard form, filled in (R6).

    ``unable_to_protect_self`` is the third test of section 42: asked, never required, None when left alone. Codes
    are those of the lists "abuse-types", "msp-wishes" and "nationally-required".
    """

    needs_care_and_support: Answer
    abuse_or_neglect: Answer
    unable_to_protect_self: Answer | None = None
    abuse_types: tuple[str, ...] = ()
    wishes: str
    wishes_words: str = ""
    family_warning: Answer
    family_warning_words: str = ""
    healthcare_acts_suspected: Answer
    prolonged_psychological_harm: Answer = Answer.NO
    multi_agency_breakdown: Answer = Answer.NO
    high_risk_failure: Answer = Answer.NO
    nationally_required: str = ""
    still_at_risk: Answer
    risk_words: str = ""
    safety_actions: tuple[SafetyAction, ...] = ()
    no_safety_actions_because: str = ""

    @property
    def tests(self) -> CareActTests:
        """What is known of the three tests of section 42."""
        return CareActTests(
            needs_care_and_support=self.needs_care_and_support,
            abuse_or_neglect=self.abuse_or_neglect,
            unable_to_protect_self=self.unable_to_protect_self or Answer.UNKNOWN,
        )


TEXTS = ("wishes_words", "family_warning_words", "risk_words", "no_safety_actions_because")


def problems_of_form(form: TriageForm, *, at: datetime, codes: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """What must be put right before the form can stand: field name to a sentence saying what to do.

    Args:
        form: the answers.
        at: now (UTC); nothing can have been done later.
        codes: the codes in force for "abuse-types", "msp-wishes" and "nationally-required".
    """
    found = _problems_of_safety(form, at)
    for name in TEXTS:
        if len(getattr(form, name)) > LONGEST_TEXT:
            found[name] = _shorten(LONGEST_TEXT)
    if form.still_at_risk is not Answer.NO and not as_written(form.risk_words):
        found["risk_words"] = "Say who is or may be at risk, from what, and what protects them until then."
    if not codes["abuse-types"].issuperset(form.abuse_types):
        found["abuse_types"] = "Choose types of abuse from the list."
    elif form.abuse_or_neglect is Answer.YES and not form.abuse_types:
        found["abuse_types"] = "Choose every type of abuse or neglect you have reason to suspect. You need not be sure."
    if form.wishes not in codes["msp-wishes"]:
        found["wishes"] = "Choose whether the person was asked what they want."
    elif form.wishes in WISHES_WITH_WORDS and not as_written(form.wishes_words):
        found["wishes_words"] = WISHES_WITH_WORDS[form.wishes]
    if form.family_warning is Answer.YES and not as_written(form.family_warning_words):
        found["family_warning_words"] = "Write down what they warned of, when, and whom they told."
    if form.nationally_required and form.nationally_required not in codes["nationally-required"]:
        found["nationally_required"] = "Choose from the list, or none of these."
    return found


WISHES_WITH_WORDS = {
    "asked-expressed": "Write down what the person wants, in their own words where you can.",
    "not-asked": "Say why the person was not asked, and when somebody will ask them.",
}
"""Answers about the person's wishes that need words, and what to do when there are none."""


def _problems_of_safety(form: TriageForm, at: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    if len(form.safety_actions) > MOST_SAFETY_ACTIONS:
        found["safety_actions"] = (
            f"Enter {MOST_SAFETY_ACTIONS} safety actions or fewer. Put those that belong together in one."
        )
    for number, action in enumerate(form.safety_actions):
        place = f"action-{number}"
        if not as_written(action.what):
            found[f"{place}-what"] = "Enter what was done, or must be done."
        elif len(action.what) > LONGEST_TEXT:
            found[f"{place}-what"] = _shorten(LONGEST_TEXT)
        if not as_written(action.who):
            found[f"{place}-who"] = "Enter who did it, or who will."
        elif len(action.who) > 200:
            found[f"{place}-who"] = _shorten(200)
        if action.done_at is not None and action.done_at > at + CLOCKS_DIFFER:
            found[f"{place}-done_at"] = IN_THE_FUTURE
    if not form.safety_actions and not as_written(form.no_safety_actions_because):
        found["no_safety_actions_because"] = NOTHING_KEPT_SAFE
    return found


NOTHING_KEPT_SAFE = "Enter what was done to keep people safe, or say why nothing had to be done at once."
IN_THE_FUTURE = "Enter a time that has passed. This one is in the future."


def problems_of_telling(telling: Telling, *, at: datetime, duties: Collection[str]) -> dict[str, str]:
    """What must be put right before a decision about telling somebody can stand: field name to a sentence."""
    found: dict[str, str] = {}
    if telling.duty not in duties:
        found["duty"] = "Choose who is to be told from the list."
    if telling.state is TellingState.NOT_REQUIRED:
        problem = reason_problem(telling.reason, what="why they need not be told")
        if problem:
            found["reason"] = problem
    elif len(telling.reason) > LONGEST_TEXT:
        found["reason"] = _shorten(LONGEST_TEXT)
    if telling.state is TellingState.DONE:
        if telling.done_at is None:
            found["done_at"] = "Enter when they were told."
        elif telling.done_at > at + CLOCKS_DIFFER:
            found["done_at"] = IN_THE_FUTURE
    if len(telling.their_reference) > 120:
        found["their_reference"] = _shorten(120)
    return found


def problems_of_tier(choice: TierChoice, *, proposed: TierCode, why: str) -> dict[str, str]:
    """What must be put right before the chosen tier can stand: field name to a sentence.

    A departure from the proposal, to a lighter or to a heavier review, needs its reason (R8). When the proposal is no
    longer the one the person saw, they are asked to look again.
    """
    if choice.seen is not None and choice.seen is not proposed:
        return {"tier": f"The rules now propose {proposed.label}: {_inside(why)} Look again, then choose."}
    if len(choice.reason) > LONGEST_TEXT:
        return {"reason": _shorten(LONGEST_TEXT)}
    return dict(check_tier_choice(proposed=proposed, chosen=choice.tier, reason=choice.reason).problems)


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(". ") + "."


def _shorten(to: int) -> str:
    return f"Shorten this to {to:,} characters."
