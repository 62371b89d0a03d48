"""Fields: what they give, what they say when something is wrong, and that nothing typed is lost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from django import forms as django_forms
from django.http import QueryDict

from saferpractice.design import forms
from tests.rules.design import one

pytestmark = pytest.mark.requirement("R6")

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Harm(Enum):
    NONE = "none"
    LOW = "low"
    SEVERE = "severe_or_lasting"


class Tier(Enum):
    A = "a"

    @property
    def label(self) -> str:
        return "Tier A, rapid"


class TestText:
    def test_text(self) -> None:
        assert one(forms.TextField("Name"), "  Åsa 👩🏽‍⚕️ ").value == "Åsa 👩🏽‍⚕️"

    @pytest.mark.parametrize("typed", ["a\x00b", "a\x07\x1bb\x7f"])
    def test_control_characters_are_dropped(self, typed: str) -> None:
        assert one(forms.TextField("Name"), typed).value == "ab"

    def test_line_ends_become_one_kind_and_count_as_one(self) -> None:
        assert one(forms.LongTextField("Why?"), "a\r\nb\rc\td").value == "a\nb\nc\td"
        assert one(forms.LongTextField("Why?", max_length=3), "a\r\nb").value == "a\nb"

    @pytest.mark.parametrize(
        ("field", "message"),
        [
            (forms.TextField("Owner", max_length=3), "Owner must be 3 characters or fewer. It has 4 now"),
            (forms.LongTextField("Why?", max_length=3), "Your answer must be 3 characters or fewer. It has 4 now"),
            (
                forms.TextField("Who?", max_length=3, noun="The owner"),
                "The owner must be 3 characters or fewer. It has 4 now",
            ),
        ],
    )
    def test_too_long(self, field: django_forms.Field, message: str) -> None:
        assert one(field, "abcd").errors == [message]

    @pytest.mark.parametrize("typed", ["anna", "anna@", "@example.org", "a b@example.org", "a@b@example.org"])
    def test_not_an_address(self, typed: str) -> None:
        message = "Enter an email address in the correct format, like name@example.com"
        assert one(forms.EmailField("Email"), typed).errors == [message]

    def test_an_address(self) -> None:
        assert one(forms.EmailField("Email"), "anna@example.org").value == "anna@example.org"


class TestNumbers:
    @pytest.mark.parametrize(("typed", "value"), [("0", 0), (" 12 ", 12), ("1200", 1200)])
    def test_whole(self, typed: str, value: int) -> None:
        assert one(forms.NumberField("Staff trained"), typed).value == value

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ("-1", "Staff trained must be 0 or more"),
            ("301", "Staff trained must be 300 or fewer"),
            ("twelve", "Enter a whole number, like 12"),
            ("1.5", "Enter a whole number, like 12"),
            ("1e3", "Enter a whole number, like 12"),
            ("9" * 5000, "Enter a whole number, like 12"),
        ],
    )
    def test_not_one(self, typed: str, message: str) -> None:
        assert one(forms.NumberField("Staff trained", max_value=300), typed).errors == [message]

    def test_with_places(self) -> None:
        assert one(forms.DecimalField("Hours"), "12.5").value == Decimal("12.5")
        assert one(forms.DecimalField("Hours"), "NaN").errors == ["Enter a number, like 12 or 12.5"]
        assert one(forms.DecimalField("Hours", min_value=Decimal(1)), "0.5").errors == ["Hours must be 1 or more"]


class TestChoices:
    PLAIN = (("a", "Alpha"), ("b", "Beta"))

    def test_a_plain_choice(self) -> None:
        assert one(forms.ChoiceField("Which?", choices=self.PLAIN), "b").value == "b"
        assert one(forms.SelectField("Which?", choices=self.PLAIN, required=False), "").value == ""

    def test_an_enum_gives_its_members(self) -> None:
        assert one(forms.ChoiceField("Harm", choices=Harm), "low").value is Harm.LOW
        assert one(forms.ChoiceField("Harm", choices=Harm), Harm.LOW).value is Harm.LOW
        assert one(forms.SelectField("Harm", choices=Harm, required=False), "").value is None
        assert one(forms.ManyChoicesField("Harm", choices=Harm), ["severe_or_lasting", "low"]).value == [
            Harm.SEVERE,
            Harm.LOW,
        ]

    def test_an_enum_names_its_choices(self) -> None:
        assert forms.choices_of(Harm)[2] == ("severe_or_lasting", "Severe or lasting")
        assert forms.choices_of(Tier) == [("a", "Tier A, rapid")]

    @pytest.mark.parametrize("field", [forms.ChoiceField, forms.SelectField])
    def test_a_choice_that_was_not_offered(self, field: Any) -> None:
        assert "is not one of the available choices" in one(field("Harm", choices=Harm), "fatal").errors[0]

    def test_none_of_these_rules_out_the_others(self) -> None:
        field = forms.ManyChoicesField("Themes", choices=self.PLAIN, none_label="None of these")
        assert one(field, ["none-of-these"]).value == []
        assert one(field, ["a", "none-of-these"]).errors == ["Select what applies, or select “None of these”"]
        assert one(field, []).errors == ["Select themes"]

    def test_none_of_these_is_told_from_left_alone(self) -> None:
        field = forms.ManyChoicesField("Themes", choices=self.PLAIN, none_label="None of these", required=False)
        assert one(field, ["none-of-these"]).value == []
        assert one(field, []).value is None
        assert one(forms.ManyChoicesField("Themes", choices=self.PLAIN, required=False), []).value == []

    @pytest.mark.parametrize(("sent", "value"), [("yes", True), ("no", False), (True, True), (False, False)])
    def test_yes_or_no(self, sent: Any, value: bool) -> None:
        assert one(forms.YesNoField("Still at risk?"), sent).value is value

    def test_neither_yes_nor_no(self) -> None:
        assert one(forms.YesNoField("Still at risk?", required=False), "").value is None
        assert one(forms.YesNoField("Still at risk?"), "").errors == ["Select yes or no: still at risk?"]

    def test_a_tick(self) -> None:
        assert one(forms.TickField("I have read it"), "on").value is True
        assert one(forms.TickField("I have read it", required=False), "").value is False
        assert one(forms.TickField("I have read it"), "").errors == ["Tick “I have read it”"]


class TestDays:
    def test_three_inputs(self) -> None:
        sent = {"it-day": "3", "it-month": "february", "it-year": "2026"}
        assert one(forms.DayField("Review date"), sent).value == date(2026, 2, 3)

    def test_one_iso_value(self) -> None:
        assert one(forms.DayField("Review date"), "2026-02-03").value == date(2026, 2, 3)
        assert one(forms.LocalDateTimeField("When"), "2026-07-03T10:00:00+01:00").value == datetime(
            2026, 7, 3, 9, tzinfo=UTC
        )

    @pytest.mark.parametrize("sent", ["3/2/2026", "2026-02-31", "yesterday", "2026-02-03T10:00"])
    def test_other_single_values_are_not_guessed(self, sent: str) -> None:
        assert not one(forms.DayField("Review date"), sent).valid
        assert not one(forms.LocalDateTimeField("When"), sent).valid

    def test_left_empty(self) -> None:
        assert one(forms.DayField("Review date", required=False), "").value is None
        assert one(forms.DayField("Review date"), "").errors == ["Enter review date"]

    @pytest.mark.parametrize(
        ("sent", "errors"),
        [
            ("2026-11-22", []),
            ("2026-11-23", []),
            ("2026-11-24", ["Review date must be today or in the past"]),
        ],
    )
    def test_in_the_past(self, sent: str, errors: list[str]) -> None:
        assert one(forms.DayField("Review date", past=True), sent, now=NOW).errors == errors

    @pytest.mark.parametrize(
        ("sent", "errors"),
        [("2026-11-22", ["Due must be today or in the future"]), ("2026-11-23", []), ("2026-11-24", [])],
    )
    def test_in_the_future(self, sent: str, errors: list[str]) -> None:
        assert one(forms.DayField("Due", future=True), sent, now=NOW).errors == errors

    def test_today_is_london_s(self) -> None:
        late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # 2 July in London
        assert one(forms.DayField("Day", past=True), "2026-07-02", now=late).valid

    def test_a_form_that_looks_at_the_clock_is_given_one(self) -> None:
        with pytest.raises(TypeError, match="give the form now="):
            one(forms.DayField("Day", past=True), "2026-07-02")

    def test_the_parts_at_fault_are_named(self) -> None:
        form = one(forms.DayField("Review date"), {"it-day": "3", "it-month": "", "it-year": "2026"}).form
        [error] = form.errors.as_data()["it"]
        assert isinstance(error, forms.PartialError)
        assert error.parts == ("month",)


def at(day: str, time: str, which: str = "") -> dict[str, str]:
    year, month, number = day.split("-")
    return {"it-day": number, "it-month": month, "it-year": year, "it-time": time, "it-which": which}


class TestMoments:
    def test_london_time_in_utc_out(self) -> None:
        assert one(forms.LocalDateTimeField("When"), at("2026-07-03", "2:30pm")).value == datetime(
            2026, 7, 3, 13, 30, tzinfo=UTC
        )

    @pytest.mark.parametrize(
        ("sent", "message"),
        [
            (at("2026-07-03", ""), "The date and time must include a time, like 14:30 or 2:30pm"),
            (at("2026-07-32", "9:00"), "The date and time must be a real date"),
            (at("2026-07-03", "noonish"), "Enter a time, like 14:30 or 2:30pm"),
            (at("2026-11-23", "12:01"), "The date and time must be in the past"),
        ],
    )
    def test_says_what_to_do(self, sent: dict[str, str], message: str) -> None:
        assert one(forms.LocalDateTimeField("When did it happen?", past=True), sent, now=NOW).errors == [message]

    def test_future(self) -> None:
        field = forms.LocalDateTimeField("Next look", future=True)
        assert one(field, at("2026-11-23", "11:59"), now=NOW).errors == ["Next look must be in the future"]
        assert one(field, at("2026-11-23", "12:01"), now=NOW).valid

    def test_a_time_that_came_twice_is_asked_about_and_then_taken(self) -> None:
        field = forms.LocalDateTimeField("When")
        assert "Say which one" in one(field, at("2026-10-25", "1:30")).errors[0]
        assert one(field, at("2026-10-25", "1:30", "second")).value == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    def test_a_time_that_never_was(self) -> None:
        assert (
            "did not happen on 29 March 2026"
            in one(forms.LocalDateTimeField("When"), at("2026-03-29", "1:30")).errors[0]
        )


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (forms.TextField("What happened?"), "Enter what happened"),
        (forms.TextField("When did it happen?"), "Answer “When did it happen?”"),
        (forms.TextField("Who, and why?"), "Enter who, and why"),
        (forms.TextField("Owner"), "Enter owner"),
        (forms.TextField("NHS number"), "Enter NHS number"),
        (forms.TextField("I would like"), "Enter I would like"),
        (forms.TextField("Owner", required_message="Say who does it"), "Say who does it"),
        (forms.ChoiceField("Which team?", choices=Harm), "Select which team"),
        (forms.SelectField("Team", choices=Harm), "Select team"),
        (forms.ManyChoicesField("Themes", choices=Harm), "Select themes"),
        (forms.UploadField("File"), "Choose a file"),
        (django_forms.CharField(label="Reference"), "Enter reference"),
        (django_forms.CharField(label="Reference", error_messages={"required": "No!"}), "No!"),
    ],
)
def test_nothing_entered_says_what_to_do(field: django_forms.Field, message: str) -> None:
    assert one(field, "").errors == [message]


class RevealForm(forms.Form):
    at_risk = forms.YesNoField("Is anyone still at risk?", reveals={True: ["who", "told"]})
    who = forms.TextField("Who?")
    told = forms.YesNoField("Was the duty manager told?", reveals={False: ["why_not"]})
    why_not = forms.TextField("Why not?")
    kinds = forms.ManyChoicesField("Kinds", choices=[("a", "A"), ("other", "Other")], reveals={"other": ["other"]})
    other = forms.TextField("Which other?")
    urgent = forms.TickField("Urgent", required=False, reveals=["by_when", "tier"])
    by_when = forms.DayField("By when")
    tier = forms.ChoiceField("Tier", choices=Tier)

    def clean_who(self) -> str:
        if self.cleaned_data["who"] == "nobody":
            raise forms.ValidationError("Say who")
        return str(self.cleaned_data["who"]).upper()


class TestReveals:
    def test_what_was_not_asked_is_not_required_and_not_read(self) -> None:
        form = RevealForm({"at_risk": "no", "kinds": ["a"], "who": "typed before", "other": "x" * 999})
        assert form.is_valid(), form.errors
        assert form.cleaned_data == {
            "at_risk": False,
            "who": "",
            "told": None,
            "why_not": "",
            "kinds": ["a"],
            "other": "",
            "urgent": False,
            "by_when": None,
            "tier": None,
        }

    def test_what_was_asked_is_required(self) -> None:
        form = RevealForm({"at_risk": "yes", "told": "no", "kinds": ["a", "other"], "urgent": "on"})
        assert set(form.errors) == {"who", "why_not", "other", "by_when", "tier"}

    def test_a_question_inside_a_question_that_was_not_asked(self) -> None:
        form = RevealForm({"at_risk": "no", "told": "no", "kinds": ["a"]})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["why_not"] == ""

    @pytest.mark.parametrize(("who", "errors"), [("nobody", {"who": ["Say who"]}), ("anna", {})])
    def test_the_form_s_own_checks_run(self, who: str, errors: dict[str, list[str]]) -> None:
        form = RevealForm({"at_risk": "yes", "who": who, "told": "yes", "kinds": "a"})
        assert form.errors == errors
        assert form.cleaned_data.get("who") == (None if errors else "ANNA")

    def test_fields_cannot_reveal_each_other(self) -> None:
        class Circle(forms.Form):
            a = forms.YesNoField("A", reveals={True: ["b"]})
            b = forms.YesNoField("B", reveals={True: ["a"]})

        with pytest.raises(ValueError, match="reveal each other: b, a"):
            Circle({"a": "yes"}).is_valid()


class DraftForm(forms.Form):
    what = forms.LongTextField("What happened?")
    when = forms.LocalDateTimeField("When did it happen?", past=True)
    themes = forms.ManyChoicesField("Themes", choices=Harm)
    urgent = forms.TickField("Urgent", required=False)
    proof = forms.UploadField("Proof", required=False)


class TestDrafts:
    SENT = (
        "what=a%0D%0Ab&when-day=31&when-month=2&when-year=&when-time=soon&themes=low&themes=none&urgent=on"
        "&csrfmiddlewaretoken=x&whatever=1"
    )

    def test_what_was_typed_comes_back_unjudged(self) -> None:
        typed = DraftForm(QueryDict(self.SENT), now=NOW).typed()
        assert typed == {
            "what": ["a\r\nb"],
            "when-day": ["31"],
            "when-month": ["2"],
            "when-year": [""],
            "when-time": ["soon"],
            "themes": ["low", "none"],
            "urgent": ["on"],
        }
        again = DraftForm(kept=typed)
        assert not again.is_bound
        assert not again.errors
        assert again["what"].value() == "a\r\nb"
        assert again["when"].value()["time"] == "soon"
        assert again["themes"].value() == ["low", "none"]
        assert again["urgent"].value() is True

    def test_a_draft_from_an_older_form_fills_what_it_can(self) -> None:
        again = DraftForm(kept={"what": ["x"], "gone": ["y"]}, initial={"when": NOW})
        assert again["what"].value() == "x"
        assert again["when"].value()["time"] == "12:00"

    def test_a_box_left_unticked_in_a_draft_stays_so(self) -> None:
        again = DraftForm(kept={"what": ["x"]}, initial={"themes": ["low"], "urgent": True})
        assert again["themes"].value() == []
        assert again["urgent"].value() is False

    def test_prefixes_are_kept_apart(self) -> None:
        data = QueryDict("a-what=1&b-what=2")
        assert DraftForm(data, prefix="b", now=NOW).typed() == {"b-what": ["2"]}


class ChangeForm(forms.Form):
    day = forms.DayField("Day", required=False)
    harm = forms.ChoiceField("Harm", choices=Harm, required=False)
    themes = forms.ManyChoicesField("Themes", choices=Harm, required=False)
    at_risk = forms.YesNoField("At risk?", required=False)


class TestWhatChanged:
    BEFORE = {"day": date(2026, 2, 3), "harm": Harm.LOW, "themes": [Harm.LOW], "at_risk": False}
    SAME = {"day-day": "3", "day-month": "2", "day-year": "2026", "harm": "low", "themes": ["low"], "at_risk": "no"}

    def test_nothing(self) -> None:
        assert ChangeForm({}).changed_data == []
        assert ChangeForm(self.SAME, initial=self.BEFORE).changed_data == []

    @pytest.mark.parametrize(
        ("sent", "changed"),
        [
            ({"day-day": "4"}, ["day"]),
            ({"harm": "none"}, ["harm"]),
            ({"themes": ["low", "none"]}, ["themes"]),
            ({"at_risk": "yes"}, ["at_risk"]),
            ({"at_risk": ""}, ["at_risk"]),
        ],
    )
    def test_something(self, sent: dict[str, Any], changed: list[str]) -> None:
        assert ChangeForm({**self.SAME, **sent}, initial=self.BEFORE).changed_data == changed


class TestControls:
    def test_every_value_is_cleaned_and_data_stay_what_they_were(self) -> None:
        form = DraftForm(QueryDict("what=a%00b&themes=lo%00w&themes=none"), now=NOW)
        assert form.data.getlist("themes") == ["low", "none"]  # type: ignore[attr-defined]
        plain = {"what": "a\x00b", "themes": ["lo\x00w"]}
        assert DraftForm(plain, now=NOW).data == {"what": "ab", "themes": ["low"]}
        assert plain["what"] == "a\x00b"

    def test_clean_data_are_not_copied(self) -> None:
        data = QueryDict("what=ab")
        assert DraftForm(data, now=NOW).data is data
