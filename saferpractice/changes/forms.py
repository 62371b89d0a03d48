"""The forms of changes, proof, actions and evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.forms import RadioSelect

from saferpractice.access.models import Person, Service, Team
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.queries import ChangeFilter
from saferpractice.changes.rules import ChangeState, KindOfProof, ProposedChange, ProposedProof, Strength
from saferpractice.design import forms
from saferpractice.files.models import StoredFile
from saferpractice.findings.models import Finding
from saferpractice.lists.queries import Choice


def _team(team: Team) -> str:
    return f"{team.name}, {team.service.name}"


class FilterForm(forms.Form):
    """What the list of changes shows. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    q = forms.TextField("Search", required=False, max_length=100)
    state = forms.SelectField(
        "State", choices=[("", ""), *((s.value, s.label) for s in ChangeState)], empty="Any", required=False
    )
    type = forms.SelectField("Type", empty="Any", required=False)
    strength = forms.SelectField(
        "Strength",
        choices=[("", ""), *((s.value, s.label) for s in Strength if s is not Strength.NONE)],
        empty="Any",
        required=False,
    )
    service = forms.RecordField(
        "Reaches the service", label_from=lambda service: service.name, empty="Any", required=False
    )

    def __init__(
        self, data: Mapping[str, Any], *args: Any, types: Iterable[Choice], services: QuerySet[Service], **kwargs: Any
    ) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["type"].choices = [("", ""), *((t.code, t.label) for t in types)]  # type: ignore[attr-defined]
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def wanted(self) -> ChangeFilter:
        """The filter, with the usual value wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        return ChangeFilter(
            state=ChangeState(data["state"]) if data.get("state") else None,
            change_type=data.get("type") or "",
            strength=data.get("strength") or "",
            service_id=data["service"].pk if data.get("service") else None,
            words=data.get("q") or "",
        )


class ChangeForm(forms.Form):
    """A change that answers findings."""

    submission_key = forms.HiddenField(required=False)
    findings = forms.RecordsField(
        "Which findings does it answer?",
        label_from=lambda finding: finding.statement[:300],
        required_message="Choose at least one finding that this change answers",
    )
    monday = forms.LongTextField(
        "What is different for the worker on Monday?",
        hint="Say what somebody does that they did not do before, as you would tell them. Everybody in the teams it "
        "reaches will read this: name nobody.",
        required_message="Enter what is different for the worker on Monday",
        size="m",
    )
    change_type = forms.ChoiceField("What kind of change is it?", required_message="Choose the type of change")
    cannot_be_passed = forms.TickField(
        "The work cannot go on without this step",
        required=False,
        reveals=["why_not_passed"],
        hint="Tick this only if nobody can skip it, not if they are told not to.",
    )
    why_not_passed = forms.LongTextField(
        "What stops the work going on without it?",
        rows=2,
        required_message="Say what stops the work going on without this step",
    )
    title = forms.TextField("A short name for it", required_message="Enter a short name for the change")
    owner = forms.RecordField(
        "Who owns it?", label_from=lambda person: person.name, required_message="Choose who owns it"
    )
    go_live_on = forms.DayField(
        "When does it go live?",
        future=True,
        noun="The day it goes live",
        required_message="Enter the day it goes live",
    )
    reach = forms.RecordsField(
        "Which teams must it reach?",
        hint="Each of them will need its own proof.",
        label_from=_team,
        required_message="Choose at least one team that this change must reach",
    )
    briefing = forms.LongTextField(
        "A reminder or message to go with it",
        required=False,
        rows=3,
        hint="It is kept beside the change. It answers no finding by itself.",
    )

    def __init__(
        self,
        *args: Any,
        findings: QuerySet[Finding],
        types: Iterable[Choice],
        owners: QuerySet[Person],
        teams: QuerySet[Team],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["findings"].queryset = findings  # type: ignore[attr-defined]
        kinds: Any = self.fields["change_type"]
        kinds.choices = [(one.code, one.label) for one in types]
        kinds.hints = {one.code: one.hint for one in types if one.hint}
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.fields["reach"].queryset = teams  # type: ignore[attr-defined]

    def proposed(self) -> ProposedChange:
        """What was typed, for the operation."""
        data = self.cleaned_data
        names = ("title", "change_type", "monday", "go_live_on", "cannot_be_passed", "why_not_passed")
        return ProposedChange(**{name: data[name] for name in names})


class BriefingForm(forms.Form):
    """A reminder or a message, kept beside a change."""

    submission_key = forms.HiddenField(required=False)
    text = forms.LongTextField("The message or reminder")


class GoLiveForm(forms.Form):
    """A change is live."""

    live_at = forms.LocalDateTimeField(
        "When did it go live?", past=True, required_message="Enter the day and time it went live"
    )
    words = forms.LongTextField("Anything to know about it?", required=False, rows=3)


class WithdrawForm(forms.Form):
    """A change will not be made, or no longer holds."""

    reason = forms.LongTextField(
        "Why is it withdrawn, and what happens instead?",
        required_message="Say why the change is withdrawn, and what happens instead",
    )


class HandOverForm(forms.Form):
    """A change or an action passes to somebody else."""

    owner = forms.RecordField("Who takes it over?", label_from=lambda person: person.name)
    reason = forms.TextField("Why?", max_length=300, required_message="Say why it passes to somebody else")

    def __init__(self, *args: Any, owners: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class ProofKindForm(forms.Form):
    """Which kind of proof there is; the next page asks what that kind must say."""

    kind = forms.ChoiceField(
        "What shows that the change reached a team?", required_message="Choose what kind of proof this is"
    )

    def __init__(self, *args: Any, kinds: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = list(kinds)
        field: Any = self.fields["kind"]
        field.choices = [(one.code, one.label) for one in listed]
        field.hints = {one.code: one.hint for one in listed if one.hint}


class CountedProofForm(forms.Form):
    """Who took part, of how many."""

    submission_key = forms.HiddenField(required=False)
    teams = forms.RecordField("Which team?", label_from=_team, widget=RadioSelect, required_message="Choose the team")
    held_on = forms.DayField("When was it?", past=True, required_message="Enter the day it was held")
    reached = forms.NumberField(
        "How many different people of the team took part?",
        hint="After several sessions, give everybody so far, each person once.",
        required_message="Enter how many people took part",
    )
    needed = forms.NumberField(
        "How many people of the team need it?",
        hint="Nights, bank staff and people on leave count.",
        required_message="Enter how many people of the team need it",
    )
    who = forms.LongTextField(
        "Who took part?", rows=3, hint="Names or job titles.", required_message="Enter who took part"
    )
    words = forms.LongTextField("What was said or practised?", required=False, rows=3)
    file = forms.UploadField("Attendance sheet", required=False)

    def __init__(self, *args: Any, teams: QuerySet[Team], kind: KindOfProof, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]
        self.fields["file"].required = kind.needs_file

    def proof(self, kind: str) -> ProposedProof:
        """What was typed, for the operation."""
        data = self.cleaned_data
        return ProposedProof(
            kind=kind,
            held_on=data["held_on"],
            reached=data["reached"],
            needed=data["needed"],
            who=data["who"],
            words=data["words"],
        )

    def given(self) -> dict[str, Any]:
        """Teams and files, for the operation."""
        return {"teams": [self.cleaned_data["teams"]], "upload": self.cleaned_data["file"], "previous": None}


class DocumentProofForm(forms.Form):
    """A document in use, and the one it replaces."""

    UPLOADED, NONE = "uploaded", "none"

    submission_key = forms.HiddenField(required=False)
    file = forms.UploadField("The new version", required_message="Attach the new version that is now in use")
    replaces = forms.ChoiceField(
        "What does it replace?", required_message="Choose what it replaces", reveals={}, choices=()
    )
    previous_file = forms.UploadField(
        "The version it replaces", required_message="Attach the version it replaces", mark_optional=False
    )
    no_previous_because = forms.TextField(
        "Why was there none?", max_length=300, mark_optional=False, required_message="Say why there was none"
    )
    teams = forms.RecordsField(
        "In which teams is it in use?", label_from=_team, required_message="Choose the teams in which it is in use"
    )
    held_on = forms.DayField(
        "From which day?", past=True, noun="The day", required_message="Enter the day from which it is in use"
    )
    words = forms.LongTextField("What is different in it, and why?", required=False, rows=3)

    def __init__(self, *args: Any, teams: QuerySet[Team], versions: Iterable[StoredFile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = {str(stored.pk): stored for stored in versions}
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]
        replaces: Any = self.fields["replaces"]
        replaces.choices = [
            *((pk, f"{stored.name}, recorded here before") for pk, stored in self.versions.items()),
            (self.UPLOADED, "A version I attach now"),
            (self.NONE, "There was none before"),
        ]
        replaces.reveals = {self.UPLOADED: ("previous_file",), self.NONE: ("no_previous_because",)}

    def proof(self, kind: str) -> ProposedProof:
        """What was typed, for the operation."""
        data = self.cleaned_data
        return ProposedProof(
            kind=kind,
            held_on=data["held_on"],
            words=data["words"],
            no_previous_because=data["no_previous_because"],
        )

    def given(self) -> dict[str, Any]:
        """Teams and files, for the operation."""
        data = self.cleaned_data
        previous = self.versions.get(data["replaces"]) or data["previous_file"]
        return {"teams": list(data["teams"]), "upload": data["file"], "previous": previous}


class ActionForm(forms.Form):
    """One thing somebody must do by a day."""

    submission_key = forms.HiddenField(required=False)
    what = forms.LongTextField(
        "What must be done?", rows=3, hint="Say it so that anybody could tell whether it is done."
    )
    owner = forms.RecordField(
        "Who must do it?", label_from=lambda person: person.name, required_message="Choose who must do it"
    )
    due_on = forms.DayField(
        "By which day?", future=True, noun="The day it is due", required_message="Enter the day it is due"
    )

    def __init__(self, *args: Any, owners: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class EvidenceForm(forms.Form):
    """What shows that an action is done: words, with a file or a record behind them."""

    words = forms.LongTextField(
        "What was done, and what shows it?", rows=4, required_message="Enter what was done and what shows it"
    )
    file = forms.UploadField("A file that shows it", required=False)
    record = forms.TextField(
        "Or the record where it can be found",
        required=False,
        max_length=300,
        hint="For example: care record, form version 14, or minutes of 3 March.",
    )


class DecisionForm(forms.Form):
    """Whether evidence is good enough."""

    ACCEPT, SEND_BACK = "accept", "send-back"

    decision = forms.ChoiceField(
        "Does it show that the action is done?",
        choices=[(ACCEPT, "Yes, accept it"), (SEND_BACK, "No, send it back")],
        reveals={SEND_BACK: ["reason"]},
        required_message="Choose whether to accept it or send it back",
    )
    reason = forms.LongTextField(
        "What is lacking?", rows=3, mark_optional=False, required_message="Say what is lacking"
    )


class PlanForm(forms.Form):
    """The words that go with an action plan."""

    words = forms.LongTextField("Anything to say about the plan?", required=False, rows=3)


class CarryOutForm(forms.Form):
    """Which change a version of a pathway carries out."""

    change = forms.RecordField(
        "Which change does this version carry out?",
        hint="Standing changes you may open that are not live yet.",
        label_from=lambda change: change.title,
        required_message="Choose the change",
    )

    def __init__(self, *args: Any, changes: QuerySet[OperationalChange], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["change"].queryset = changes  # type: ignore[attr-defined]


class TakeOffForm(forms.Form):
    """Why a version does not carry a change out."""

    reason = forms.LongTextField(
        "Why does this version not carry it out?", rows=3, required_message="Enter why it is taken off"
    )
