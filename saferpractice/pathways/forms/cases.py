"""Forms made from a definition: a checklist, a note, whatever a pathway asks to be written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.forms import Field

from saferpractice.access.models import Team
from saferpractice.access.rules import Role
from saferpractice.design import forms
from saferpractice.incidents.rules import ContactMethod
from saferpractice.lists.queries import Choice
from saferpractice.pathways.beside import Partner
from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.rules.definition import Definition, LocalValue, RecordField, RecordKind
from saferpractice.pathways.rules.timeline import lacking
from saferpractice.pathways.rules.values import LONGEST


@dataclass(frozen=True, slots=True)
class Other:
    """A record of the same case that another may name: its id, its kind, and how a list shows it."""

    id: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What the fields of a record offer beside what its definition says: partners, dated lists, other records."""

    partners: Sequence[Partner] = ()
    lists: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    others: Sequence[Other] = ()


NOTHING_OFFERED = Offered()


class OpenCaseForm(forms.Form):
    """Who, on which pathway, in which team."""

    submission_key = forms.HiddenField()
    version = forms.RecordField(
        "Which pathway?",
        label_from=lambda version: version.title,
        required_message="Choose the pathway",
    )
    person_reference = forms.TextField(
        "Who is it about?",
        hint="The reference of the person supported, for example P-1042. No names.",
        max_length=60,
        width=20,
        required_message="Enter the person's reference",
    )
    team = forms.RecordField(
        "Which team works with them?",
        label_from=lambda team: f"{team.name}, {team.service.name}",
        required_message="Choose the team",
    )

    def __init__(self, *args: Any, versions: QuerySet[PathwayVersion], teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


class CasesFilterForm(forms.Form):
    """What the list of cases shows."""

    mark_optional = False
    state = forms.SelectField(
        "Show", choices=[("open", "Open"), ("closed", "Closed")], empty="All cases", required=False
    )
    pathway = forms.SelectField("Pathway", empty="Any", required=False)
    person = forms.TextField("Person's reference", required=False, width=10, max_length=60)

    def __init__(self, *args: Any, pathways: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pathway"].choices = pathways  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    """Why a case is closed."""

    reason = forms.LongTextField("Why is it closed?", rows=3, required_message="Enter why it is closed")


class ValuesForm(forms.Form):
    """The values a service may set for itself, each with its bounds and the reason for its default."""

    mark_optional = False

    def __init__(self, *args: Any, definition: Definition, **kwargs: Any) -> None:
        self.definition = definition
        super().__init__(*args, **kwargs)
        self.fields = {value.id: _value_field(value) for value in definition.local}

    def values(self) -> dict[str, Any]:
        """What was chosen; a field left empty takes its default."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


def _value_field(value: LocalValue) -> Field:
    if value.type == "text":
        return forms.LongTextField(value.label, hint=value.reason, rows=4, required=False, max_length=LONGEST)
    hint = f"From {value.lowest} to {value.highest}; {value.default} where nothing is set. {value.reason}"
    if value.type == "count":
        return forms.NumberField(value.label, hint=hint, required=False, width=3)
    return forms.TextField(value.label, hint=hint, required=False, width=20)


class RecordForm(forms.Form):
    """One record of a kind, drawn from its definition. ``values()`` gives what was filled in.

    A checklist is of this moment unless another is said. Nothing else is demanded by the form itself: what the record
    lacks is said beside each field, and it can be saved unfinished, when it is kept and does not count yet.
    """

    mark_optional = False
    happened_at = forms.LocalDateTimeField("When did it happen?", past=True, noun="when it happened")
    reason = forms.LongTextField("Why is it put right?", rows=2, required_message="Enter why it is put right")
    submission_key = forms.HiddenField()

    def __init__(
        self,
        *args: Any,
        definition: Definition,
        kind: RecordKind,
        offered: Offered = NOTHING_OFFERED,
        correcting: bool = False,
        given: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.kind, self.given = kind, dict(given or {})
        super().__init__(*args, **kwargs)
        if not correcting:
            del self.fields["reason"]
            self.fields["happened_at"].required = not kind.ticks
        drawn = {part.id: _field(definition, kind, part, offered) for part in kind.fields if part.id not in self.given}
        self.fields = {**drawn, **self.fields}

    @property
    def says_when(self) -> bool:
        """Whether another moment than this one was typed, rightly or wrongly."""
        return self.is_bound and ("happened_at" in self.errors or self.cleaned_data.get("happened_at") is not None)

    def moment(self, at: datetime) -> datetime:
        """When it happened: what was typed, or ``at``."""
        typed: datetime | None = self.cleaned_data["happened_at"]
        return typed or at

    def values(self) -> dict[str, Any]:
        """What was filled in, by the codes of the fields, with what the page filled in itself (``given``)."""
        asked = {part.id: self.cleaned_data.get(part.id) for part in self.kind.fields if part.id not in self.given}
        return {**asked, **self.given}

    def few(self) -> tuple[str, ...]:
        """The fields without which the record does not count; a page in a hurry folds the others away."""
        return tuple(code for code, _ in self.kind.needed)

    def say_what_lacks(self) -> bool:
        """Put a sentence beside each field the record does not count without; whether there was one."""
        missing = lacking(self.kind, self.values())
        for part in missing:
            self.add_error(part.id if part.id in self.fields else None, f"“{part.label}” is needed before this counts")
        return bool(missing)


class PersonSearchForm(forms.Form):
    """Whose page is looked for."""

    mark_optional = False
    reference = forms.TextField(
        "Reference of the person",
        hint="For example P-1042. No names.",
        max_length=60,
        width=20,
        required_message="Enter the person's reference",
    )


class BeginForm(RecordForm):
    """The first record of a case that is not open yet: whom it is about, and in which team where there are several."""

    def __init__(self, *args: Any, teams: QuerySet[Team], reference: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: dict[str, Field] = {}
        if not reference:
            asked["person_reference"] = forms.TextField(
                "Who is it about?",
                hint="The reference of the person supported, for example P-1042. No names.",
                max_length=60,
                width=20,
                required_message="Enter the person's reference",
            )
        several = teams.count() > 1
        if several:
            asked["team"] = forms.RecordField(
                "Which team works with them?",
                label_from=lambda team: f"{team.name}, {team.service.name}",
                required_message="Choose the team",
                queryset=teams,
            )
        self.fields = {**asked, **self.fields}
        self._reference, self._only_team = reference, None if several else teams.first()

    def reference(self) -> str:
        """Whom it is about."""
        return self._reference or str(self.cleaned_data["person_reference"])

    def team(self) -> Team | None:
        """The team, the only one where there is no choice."""
        return self._only_team or self.cleaned_data["team"]


def _field(definition: Definition, kind: RecordKind, part: RecordField, offered: Offered) -> Field:
    asked: dict[str, Any] = {"required": False, "hint": part.hint}
    options = [(option.id, option.label) for option in part.options]
    match part.type:
        case "indicators":
            ticks = [(indicator.id, indicator.label) for indicator in definition.indicators]
            look = {indicator.id: "; ".join(indicator.look_for) for indicator in definition.indicators}
            return forms.ManyChoicesField(
                part.label, choices=ticks, hints=look, none_label="None of these", size="m", **asked
            )
        case "choice" | "level":
            return forms.ChoiceField(part.label, choices=options, **asked)
        case "contact-method":
            return forms.ChoiceField(part.label, choices=[(way.value, way.label) for way in ContactMethod], **asked)
        case "choices":
            return forms.ManyChoicesField(part.label, choices=options, **asked)
        case "yes-no":
            return forms.ChoiceField(part.label, choices=[("yes", "Yes"), ("no", "No")], inline=True, **asked)
        case "moment":
            return forms.LocalDateTimeField(part.label, **asked)
        case "role":
            roles = [(role, Role(role).label) for role in part.may_name]
            return forms.SelectField(part.label, choices=roles, **asked)
        case "record":
            fits = part.of or {other.kind for other in offered.others} - {kind.id}
            others = [(other.id, other.label) for other in offered.others if other.kind in fits]
            return forms.SelectField(part.label, choices=others, **asked)
        case "partner":
            return forms.ChoiceField(part.label, choices=_partners(offered), **_or_none(asked, offered))
        case "partners":
            return forms.ManyChoicesField(part.label, choices=_partners(offered), **_or_none(asked, offered))
        case "listed":
            on_list = offered.lists.get(part.from_list or "", ())
            listed = [(choice.code, choice.label) for choice in on_list]
            hints = {choice.code: choice.hint for choice in on_list if choice.hint}
            return forms.ChoiceField(part.label, choices=listed, hints=hints, **asked)
    return forms.LongTextField(part.label, rows=2, max_length=LONGEST, **asked)


def _partners(offered: Offered) -> list[tuple[str, str]]:
    return [(partner.code, partner.name) for partner in offered.partners if partner.offered]


def _or_none(asked: dict[str, Any], offered: Offered) -> dict[str, Any]:
    """Where there is no partner to choose, say who can add one."""
    if _partners(offered):
        return asked
    return {**asked, "hint": "There is no partner to choose yet. A safeguarding lead adds them under Partners."}


def initial_of(kind: RecordKind, values: Mapping[str, Any], happened_at: datetime | None) -> dict[str, Any]:
    """What a form shows before it is sent: the record as it stands. No moment means now."""
    shown = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    shown |= {part.id: [forms.ManyChoicesField.NONE] for part in kind.ticks if shown.get(part.id) == []}
    return {**{name: value for name, value in shown.items() if name in kind.by_id}, "happened_at": happened_at}
