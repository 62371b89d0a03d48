"""The larger forms: methods, documents and duties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from saferpractice.design import forms
from saferpractice.design.typed import as_written
from saferpractice.lists.forms.entries import EntryForm
from saferpractice.lists.queries import Choice
from saferpractice.lists.rules.own import code_from, is_law

ANY = [("any", "It makes no difference"), ("yes", "Yes"), ("no", "No")]
TIMES = [
    ("none", "No number"),
    ("same_day", "The same day"),
    ("clock_hours", "Hours"),
    ("working_hours", "Working hours"),
    ("working_days", "Working days"),
    ("calendar_days", "Days"),
    ("weeks", "Weeks"),
]
WHOSE = {
    "health_service_body": "For health service bodies?",
    "secure_unit": "For low, medium or high secure units?",
    "nhs_funded": "For NHS-funded care?",
}
TIERS = [("A", "Tier A"), ("B", "Tier B"), ("C", "Tier C")]


class MethodForm(EntryForm):
    """A way to carry out a review."""

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """When it suits, how long it takes, what it asks."""
        before = self.before
        self.fields["detail.tiers"] = forms.ManyChoicesField(
            "Where is it usual?",
            choices=TIERS,
            initial=before.get("tiers"),
            required_message="Choose at least one tier",
        )
        self.fields["detail.suits"] = forms.TextField("When does it suit?", max_length=500, initial=before.get("suits"))
        self.fields["detail.how_long"] = forms.TextField(
            "How long does it take?", max_length=200, initial=before.get("how_long")
        )
        self.fields["detail.questions"] = forms.LongTextField(
            "Which questions does it ask?",
            hint="One to a line, in order.",
            required=False,
            rows=6,
            initial="\n".join(before.get("questions", ())),
        )

    def detail(self) -> dict[str, Any]:
        """The method's facts."""
        data = self.cleaned_data
        return {
            "tiers": data["detail.tiers"],
            "suits": data["detail.suits"],
            "how_long": data["detail.how_long"],
            "questions": _typed_lines(data["detail.questions"]),
        }


class DocumentForm(EntryForm):
    """A document a review must have."""

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """For which tiers, by when, and how it is supplied."""
        due, record = self.before.get("due_working_days", {}), self.before.get("record")
        self.fields["detail.tiers"] = forms.ManyChoicesField(
            "Which tiers require it?",
            choices=TIERS,
            initial=self.before.get("tiers"),
            reveals={tier: [f"detail.due_working_days.{tier}"] for tier, _ in TIERS},
            required_message="Choose at least one tier",
        )
        for tier, label in TIERS:
            self.fields[f"detail.due_working_days.{tier}"] = forms.NumberField(
                f"Due for {label[0].lower()}{label[1:]}",
                suffix="working days",
                hint="From the decision on the tier. A local time.",
                min_value=1,
                max_value=250,
                initial=due.get(tier),
                required_message="Enter the number of working days",
            )
        if record is not None:
            return  # kept elsewhere in the review: how it is supplied is not a provider's to change
        self.fields["detail.supplied_by"] = forms.ChoiceField(
            "How is it supplied?",
            choices=[("answers", "By answers to questions"), ("file", "As a file")],
            reveals={"answers": ["detail.questions"]},
            initial=self.before.get("supplied_by"),
            required_message="Choose how it is supplied",
        )
        self.fields["detail.questions"] = forms.LongTextField(
            "Its questions",
            hint="One to a line, in order.",
            rows=6,
            required_message="Enter at least one question",
            initial="\n".join(question["ask"] for question in self.before.get("questions", ())),
        )

    def detail(self) -> dict[str, Any]:
        """The document's facts."""
        data = self.cleaned_data
        made: dict[str, Any] = {
            "tiers": data["detail.tiers"],
            "due_working_days": {tier: data[f"detail.due_working_days.{tier}"] for tier in data["detail.tiers"]},
            "clock": "local",
        }
        if self.before.get("record") is not None:
            return made | {"supplied_by": "record", "record": self.before["record"]}
        made["supplied_by"] = data["detail.supplied_by"]
        if made["supplied_by"] == "answers":
            made["questions"] = _questions(data["detail.questions"], self.before.get("questions", ()))
        return made


class DutyForm(EntryForm):
    """Somebody to be told. Where the law or a contract sets a time, only the local part is asked."""

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """Whom, when, how soon, and for which providers."""
        before = self.before
        if not is_law(before):
            self.fields["detail.kind"] = forms.ChoiceField(
                "What is it?",
                choices=[("notification", "A duty in law or contract"), ("partner", "Somebody to bring in")],
                initial=before.get("kind"),
                required_message="Choose what it is",
            )
        self.fields["detail.body"] = forms.TextField("Who is told?", initial=before.get("body"))
        self.fields["detail.trigger"] = forms.LongTextField(
            "When does it apply?", hint="A plain sentence.", rows=3, max_length=2000, initial=before.get("trigger")
        )
        if not is_law(before):
            self.fields["detail.paragraph"] = forms.TextField(
                "The paragraph relied on",
                hint="With the year of the law, or your own agreement.",
                max_length=300,
                initial=before.get("paragraph"),
            )
        self._ask_time()
        for name, question in WHOSE.items() if not is_law(before) else ():
            given = before.get("applies_to", {}).get(name, "any")
            self.fields[f"detail.applies_to.{name}"] = forms.SelectField(
                question, choices=ANY, initial={True: "yes", False: "no"}.get(given, "any")
            )
        self.fields["detail.link"] = forms.TextField(
            "Where is it done?",
            hint="An address beginning with https://",
            required=False,
            max_length=500,
            initial=before.get("link"),
        )

    def _ask_time(self) -> None:
        clocks = self.before.get("clocks", ())
        local: Mapping[str, Any] = next((clock for clock in clocks if clock["kind"] == "local"), {})
        timescale = local.get("timescale") or {}
        self.fields["detail.clocks"] = forms.TextField(
            "Your local time, in words",
            hint="Such as: the same day, at once if somebody is in danger.",
            max_length=300,
            initial=local.get("words"),
            required=not is_law(self.before),
        )
        self.fields["time"] = forms.SelectField(
            "Counted as", choices=TIMES, initial=timescale.get("kind", "none"), empty="Choose how it is counted"
        )
        self.fields["amount"] = forms.NumberField(
            "How many?", required=False, min_value=1, max_value=3650, initial=timescale.get("amount")
        )

    def clean(self) -> dict[str, Any] | None:
        """A time that is counted needs a number."""
        data = super().clean()
        counted = self.cleaned_data.get("time") not in {None, "", "none", "same_day"}
        if counted and not self.cleaned_data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", "Enter how many")
        return data

    def detail(self) -> dict[str, Any]:
        """The duty's facts: the clocks of law and contract as they were, then the local one."""
        data = self.cleaned_data
        clocks = [clock for clock in self.before.get("clocks", ()) if clock["kind"] != "local"]
        if data["detail.clocks"]:
            clocks.append({"kind": "local", "words": data["detail.clocks"], "timescale": self._timescale()})
        said = {"any": "any", "yes": True, "no": False}
        made = {
            "kind": data.get("detail.kind") or self.before.get("kind"),
            "body": data["detail.body"],
            "trigger": data["detail.trigger"],
            "paragraph": data.get("detail.paragraph") or self.before.get("paragraph", ""),
            "clocks": clocks,
            "applies_to": dict(self.before.get("applies_to", {}))
            if is_law(self.before)
            else {name: said[data[f"detail.applies_to.{name}"]] for name in WHOSE},
            "likely_when": self.before.get("likely_when", []),
        }
        return made | ({"link": data["detail.link"]} if data["detail.link"] else {})

    def _timescale(self) -> dict[str, Any] | None:
        kind, amount = self.cleaned_data["time"], self.cleaned_data["amount"]
        if kind == "none":
            return None
        return {"kind": kind} if kind == "same_day" else {"kind": kind, "amount": amount}


def _typed_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if as_written(line)]


def _questions(text: str, before: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The questions typed; one that was there before keeps its code and its help."""
    known = {question["ask"]: dict(question) for question in before}
    taken = {str(question["code"]) for question in known.values()}
    made = []
    for line in dict.fromkeys(_typed_lines(text)):  # asked twice, one answer would stand for both
        question = known.get(line) or {"code": code_from(line[:60], taken), "ask": line}
        taken.add(str(question["code"]))
        made.append(question)
    return made
