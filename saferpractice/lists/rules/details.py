"""What the ``detail`` of each list's entries holds. A list without a shape here holds what its own stage checks."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from saferpractice.lists.rules.local_times import LocalTimeDetail
from saferpractice.lists.rules.mistakes import Shape
from saferpractice.lists.rules.retention import RetentionDetail

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Tier = Literal["A", "B", "C"]


def _true_false_any(value: object) -> object:
    if value is True or value is False or value == "any":
        return value
    raise ValueError(f"is {value!r}. Write true, false or any.")


TrueFalseAny = Annotated[bool | Literal["any"], BeforeValidator(_true_false_any)]


class Timescale(Shape):
    """How long somebody has. The kinds are those that ``deadlines`` reckons with."""

    kind: Literal["same_day", "clock_hours", "working_hours", "working_days", "calendar_days", "weeks"] = Field(
        description="same_day, clock_hours, working_hours, working_days, calendar_days or weeks"
    )
    amount: int | None = Field(default=None, ge=1, le=3650, description="how many, a whole number")

    @model_validator(mode="after")
    def _amount_fits(self) -> Self:
        if (self.kind == "same_day") != (self.amount is None):
            raise ValueError('needs "amount", a whole number; only same_day stands without one.')
        return self


class Clock(Shape):
    """How soon, and who says so. ``timescale`` is None where the law gives no number: then none may be shown as law."""

    kind: Literal["law", "contract", "local"] = Field(description="law, contract or local: who set the time")
    words: Words = Field(description="the time in the words of whoever set it, such as: without delay")
    timescale: Timescale | None = Field(description="kind and amount, or null where no number is set")


class AppliesTo(Shape):
    """The providers a duty is for. ``any`` where it makes no difference."""

    health_service_body: TrueFalseAny = Field(default="any", description="true, false or any")
    secure_unit: TrueFalseAny = Field(default="any", description="true, false or any")
    nhs_funded: TrueFalseAny = Field(default="any", description="true, false or any")


class DutyDetail(Shape):
    """Somebody outside to be told. The first clock is the strictest in standing: law, then contract, then local."""

    kind: Literal["notification", "partner"] = Field(
        description="notification (a duty in law or contract) or partner (somebody to bring in)"
    )
    body: Words = Field(description="who is told")
    trigger: Words = Field(description="a plain sentence: when this applies")
    paragraph: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] = Field(
        description="the paragraph relied on, with the year of the law"
    )
    clocks: tuple[Clock, ...] = Field(min_length=1, description="at least one clock")
    applies_to: AppliesTo = Field(description="the providers this is for: health_service_body, secure_unit, nhs_funded")
    link: str | None = Field(
        default=None, pattern=r"^https?://\S+$", description="where to do it, an address beginning with https://"
    )
    likely_when: tuple[dict[str, Any], ...] = Field(
        default=(), description="situations, any of which puts this duty first on the form"
    )

    @model_validator(mode="after")
    def _law_first(self) -> Self:
        standing = ["law", "contract", "local"]
        kinds = [clock.kind for clock in self.clocks]
        if kinds != sorted(kinds, key=standing.index):
            raise ValueError('has its "clocks" out of order. Write law first, then contract, then local.')
        return self


class HarmDetail(Shape):
    """A level of harm: its place in the order (0 is none), and the national code, which runs downwards."""

    level: int = Field(ge=0, le=4, description="0 for none, one more for each worse level")
    lfpse: Annotated[str, StringConstraints(pattern=r"^[1-9]$")] = Field(description="the national code in quotes")
    taxonomy: str = Field(description="the version of the national taxonomy, in quotes")


class AbuseDetail(Shape):
    """How the national return (SAC) counts a type of abuse."""

    care_act_guidance: bool = Field(description="true for the ten types of the statutory guidance")
    sac_row: Words = Field(description="the row of the national return")


class WishesDetail(Shape):
    """How the national return counts whether the person was asked what they want."""

    asked: bool | None = Field(description="true, false, or null where that is not known")
    sac_row: Words = Field(description="the row of the national return")


Characteristic = Literal["age-band", "sex", "ethnic-group", "disability", "accommodation"]


class CharacteristicDetail(Shape):
    """Which characteristic a group of people belongs to."""

    of: Characteristic = Field(description="age-band, sex, ethnic-group, disability or accommodation")


class FundingDetail(Shape):
    """Whether care paid for this way is NHS-funded; None where it cannot be said."""

    nhs_funded: bool | None = Field(description="true, false, or null where it cannot be said")


class CareActTestDetail(Shape):
    """One test of section 42, and whose it is to decide."""

    paragraph: Words = Field(description="the paragraph, with the year of the Act")
    question: Words = Field(description="the question the form asks")
    required: bool = Field(description="whether the provider must answer before going on")
    decided_by: Literal["provider", "authority"] = Field(description="provider or authority")


class DocumentQuestion(Shape):
    """One question that a required document answers."""

    code: Code = Field(description="a short code")
    ask: Words = Field(description="the question")
    hint: str = Field(default="", description="help under the question")
    required: bool = Field(default=True, description="true or false")


class DueDays(Shape):
    """Working days from the tier decision, for each tier that requires the document."""

    A: int | None = Field(default=None, ge=1, le=250, description="working days for tier A")
    B: int | None = Field(default=None, ge=1, le=250, description="working days for tier B")
    C: int | None = Field(default=None, ge=1, le=250, description="working days for tier C")


class DocumentDetail(Shape):
    """A document a review must have, for which tiers, by when, and how it is supplied.

    ``answers`` to its questions, a ``file``, or a ``record`` kept elsewhere in the review, which ``record`` names.
    """

    tiers: tuple[Tier, ...] = Field(min_length=1, description="the tiers that require it: A, B, C")
    due_working_days: DueDays = Field(description="working days for each tier that requires it")
    clock: Literal["law", "contract", "local"] = Field(description="law, contract or local")
    supplied_by: Literal["answers", "file", "record"] = Field(description="answers, file or record")
    record: Literal["timeline", "findings", "safety-actions", "tracked-actions", "sign-off"] | None = Field(
        default=None, description="timeline, findings, safety-actions, tracked-actions or sign-off"
    )
    questions: tuple[DocumentQuestion, ...] = Field(default=(), description="the questions it answers")

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        due = {tier for tier in ("A", "B", "C") if getattr(self.due_working_days, tier) is not None}
        if due != set(self.tiers):
            raise ValueError('has "tiers" and "due_working_days" that differ. Write a number for each tier named.')
        if (self.supplied_by == "record") != (self.record is not None):
            raise ValueError('needs "record" when, and only when, it is supplied by a record.')
        if (self.supplied_by == "answers") != bool(self.questions):
            raise ValueError('needs "questions" when, and only when, it is supplied by answers.')
        return self


class MethodDetail(Shape):
    """A way to carry out a review. A tier is not a method: ``tiers`` says where it is usual."""

    tiers: tuple[Tier, ...] = Field(min_length=1, description="the tiers where it is usual: A, B, C")
    suits: Words = Field(description="when to choose it")
    how_long: Words = Field(description="how long it usually takes")
    questions: tuple[Words, ...] = Field(default=(), description="the questions it asks, in order")


class ConditionDetail(Shape):
    """A system condition: whether the brief names it, what to ask, and its home in each framework."""

    brief: bool = Field(description="true for the places the brief names")
    ask: Words = Field(description="the question that brings this condition to light")
    seips: Code = Field(description="a code from seips.yml")
    yorkshire: Code = Field(description="a code from yorkshire.yml")
    sar_domain: Code = Field(description="a code from sar-domains.yml")


class SeipsDetail(Shape):
    """Where a SEIPS element stands."""

    part: Literal["work-system", "processes", "outcomes", "adaptation"] = Field(
        description="work-system, processes, outcomes or adaptation"
    )
    pett: Literal["people", "environments", "tasks", "tools"] | None = Field(
        default=None, description="people, environments, tasks or tools (the quick scan)"
    )


class YorkshireDetail(Shape):
    """Whether the factor also stands in the two-page tool."""

    can_be_coded: bool = Field(description='false for "cannot code", true for the rest')


class NpsaDetail(Shape):
    """The group an NPSA contributory factor belongs to."""

    group: Literal["patient", "staff", "other"] = Field(description="patient, staff or other")


Strength = Literal["stronger", "intermediate", "weaker", "none"]


class HierarchyDetail(Shape):
    """Where a kind of change stands in the published hierarchy of action effectiveness."""

    strength: Strength = Field(description="stronger, intermediate, weaker or none")
    published_term: Words = Field(description="the term the table itself uses")


class ChangeTypeDetail(Shape):
    """A type of operational change and its place in the hierarchy.

    ``when_cannot_be_passed`` is its place when the step truly cannot be passed by; None where nothing of the kind can.
    """

    hierarchy: Code = Field(description="a code from action-hierarchy.yml")
    when_cannot_be_passed: Code | None = Field(description="a code from action-hierarchy.yml, or null")
    brief: bool = Field(description="true for the types the brief names")
    example: Words = Field(description="what is different for the worker on Monday")


class ProofDetail(Shape):
    """What a kind of rollout proof must carry."""

    counts_people: bool = Field(description="true when it says how many of those who need it")
    needs_file: bool = Field(description="true when the document itself is kept")
    compares_versions: bool = Field(description="true when the version before is kept beside it")


class RequiredResponseDetail(Shape):
    """A response that national policy requires, whatever the local plan says."""

    response: Words = Field(description="what must be done, and by whom")


class PowerDetail(Shape):
    """Whether a power of inspection reaches records that say who somebody is."""

    reaches_identity: bool = Field(description="true when it reaches records that say who somebody is")


DETAILS: dict[str, type[Shape]] = {
    "abuse-types": AbuseDetail,
    "action-hierarchy": HierarchyDetail,
    "care-act-tests": CareActTestDetail,
    "change-types": ChangeTypeDetail,
    "characteristics": CharacteristicDetail,
    "duties": DutyDetail,
    "funding-sources": FundingDetail,
    "inspection-powers": PowerDetail,
    "local-times": LocalTimeDetail,
    "msp-wishes": WishesDetail,
    "nationally-required": RequiredResponseDetail,
    "npsa": NpsaDetail,
    "physical-harm": HarmDetail,
    "psychological-harm": HarmDetail,
    "required-documents": DocumentDetail,
    "retention": RetentionDetail,
    "review-methods": MethodDetail,
    "rollout-proof-kinds": ProofDetail,
    "seips": SeipsDetail,
    "system-conditions": ConditionDetail,
    "yorkshire": YorkshireDetail,
}
"""The shape of ``detail`` by list code."""

REFERENCES: dict[tuple[str, str], str] = {
    ("change-types", "hierarchy"): "action-hierarchy",
    ("change-types", "when_cannot_be_passed"): "action-hierarchy",
    ("system-conditions", "seips"): "seips",
    ("system-conditions", "yorkshire"): "yorkshire",
    ("system-conditions", "sar_domain"): "sar-domains",
}
"""Which key of a list's ``detail`` names a code of which other list."""
