"""Fields as drawn: labelled, described, with what was typed, and escaped."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest
from django import forms as django_forms
from django.http import QueryDict

from saferpractice.design import fields, forms
from tests.rules.design import Page

pytestmark = pytest.mark.requirement("R6")

HOSTILE = "\"'><script>alert(1)</script>{{ 7 * 7 }}"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Harm(Enum):
    NONE = "none"
    LOW = "low"


class EveryForm(forms.Form):
    text = forms.TextField("Owner", hint="Who does it", suffix="of the team", width=20)
    area = forms.LongTextField("What happened?", hint="In your words", count=True, max_length=500)
    email = forms.EmailField("Email")
    number = forms.NumberField("Staff trained", suffix="people")
    decimal = forms.DecimalField("Hours")
    radios = forms.ChoiceField("Harm", choices=Harm, hints={Harm.LOW: "Some observation"})
    select = forms.SelectField("Team", choices=[("1", "Elm"), ("2", "Oak")])
    boxes = forms.ManyChoicesField("Themes", choices=Harm, none_label="None of these")
    yes_no = forms.YesNoField("Is anyone at risk?", reveals={True: ["who"]})
    who = forms.TextField("Who?")
    tick = forms.TickField("I have read it")
    day = forms.DayField("Review date")
    when = forms.LocalDateTimeField("When did it happen?")
    proof = forms.UploadField("Proof", kinds=["pdf", "jpg"])
    version = forms.HiddenField()


def drawn(form: django_forms.Form, name: str = "", **options: Any) -> Page:
    return Page(fields.render_field(form[name], **options) if name else fields.render_rest(form))


FIELDS = [name for name in EveryForm.base_fields if name != "version"]


class TestEveryField:
    @pytest.mark.parametrize("form", [EveryForm(), EveryForm({}), EveryForm({}, prefix="a")])
    def test_every_input_has_a_label_of_its_own(self, form: EveryForm) -> None:
        page = drawn(form)
        inputs = [e for tag in ("input", "textarea", "select") for e in page.all(tag) if e["type"] != "hidden"]
        ids = [e["id"] for e in inputs]
        assert len(ids) == len(set(ids)) == 23
        for element in inputs:
            assert page.only("label", **{"for": str(element["id"])}).text.strip()

    def test_whatever_describes_an_input_is_there(self) -> None:
        page = drawn(EveryForm({}))
        ids = {e["id"] for e in page.elements if e["id"]}
        described = {one for e in page.elements for one in (e["aria-describedby"] or "").split()}
        assert len(described) > 15
        assert described <= ids

    @pytest.mark.parametrize("name", FIELDS)
    def test_an_error_stands_beside_it_and_says_what_to_do(self, name: str) -> None:
        form = EveryForm({"yes_no": "yes"} if name == "who" else {})
        page = drawn(form, name)
        error = page.only("span", id=f"id_{name}-error")
        assert form.errors[name][0] in error.text
        assert page.all("span", **{"class": "nhsuk-u-visually-hidden"})[0].text == "Error: "

    @pytest.mark.parametrize("name", FIELDS)
    def test_the_summary_links_to_the_input_at_fault(self, name: str) -> None:
        form = EveryForm({"yes_no": "yes"} if name == "who" else {})
        summary = Page(fields.render_errors(form))
        [link] = [a for a in summary.all("a") if a.text.strip() == form.errors[name][0]]
        target = str(link["href"]).removeprefix("#")
        ids = [e["id"] for tag in ("input", "textarea", "select") for e in drawn(form).all(tag)]
        assert target in ids

    @pytest.mark.parametrize("name", FIELDS)
    def test_hostile_text_is_escaped(self, name: str) -> None:
        sent = dict.fromkeys(EveryForm.base_fields, HOSTILE)
        sent |= {
            f"{name}-{part}": HOSTILE for name in ("day", "when") for part in ("day", "month", "year", "time", "which")
        }
        form = EveryForm(sent)
        for page in (drawn(form), Page(fields.render_errors(form))):
            assert page.all("script") == []
        EveryForm.base_fields[name].label, kept = HOSTILE, EveryForm.base_fields[name].label
        try:
            assert drawn(EveryForm(sent)).all("script") == []
        finally:
            EveryForm.base_fields[name].label = kept

    def test_a_kind_that_nothing_draws_is_a_mistake(self) -> None:
        class Odd(forms.Form):
            it = django_forms.Field(widget=django_forms.Widget)

        with pytest.raises(TypeError, match="no component draws Widget"):
            drawn(Odd(), "it")


class TestWhatWasTypedIsKept:
    @pytest.mark.parametrize("typed", ["anna", " x ", HOSTILE, "👩🏽‍⚕️", "0"])
    def test_in_a_line(self, typed: str) -> None:
        for name in ("text", "email", "number", "decimal"):
            assert drawn(EveryForm({name: typed}), name).only("input")["value"] == typed

    @pytest.mark.parametrize(
        "typed", ["a\n  b\n\n\tc", "\nfirst line empty", "  indented", "ends\n\n", HOSTILE, "</textarea>x"]
    )
    def test_in_an_area_to_the_last_space(self, typed: str) -> None:
        text = drawn(EveryForm({"area": typed}), "area").only("textarea").text
        assert text == "\n" + typed, "a browser drops the first line break"

    def test_an_area_inside_a_choice_too(self) -> None:
        class Inner(forms.Form):
            it = forms.YesNoField("Risk?", reveals={True: ["why"]})
            why = forms.LongTextField("Why?")

        page = drawn(Inner({"it": "yes", "why": "a\n  b\n\nc"}))
        assert page.only("textarea").text == "\na\n  b\n\nc"

    def test_choices(self) -> None:
        page = drawn(EveryForm(QueryDict("radios=low&select=2&boxes=none&boxes=low&yes_no=no&tick=on")))
        chosen = {(e["name"], e["value"]) for e in page.all("input") if "checked" in e.attributes}
        assert chosen == {("radios", "low"), ("boxes", "none"), ("boxes", "low"), ("yes_no", "no"), ("tick", "on")}
        assert [e["value"] for e in page.all("option") if "selected" in e.attributes] == ["2"]

    def test_days_that_make_no_sense(self) -> None:
        page = drawn(EveryForm({"when-day": "31", "when-month": "feb", "when-year": "26", "when-time": "soon"}), "when")
        assert [e["value"] for e in page.all("input")] == ["31", "feb", "26", "soon"]

    def test_hidden_values(self) -> None:
        assert drawn(EveryForm({"version": HOSTILE}), "version").only("input")["value"] == HOSTILE

    def test_passwords_never(self) -> None:
        class Secret(forms.Form):
            it = django_forms.CharField(widget=django_forms.PasswordInput(attrs={"autocomplete": "new-password"}))

        element = drawn(Secret({"it": "letmein"}), "it").only("input")
        assert element["value"] is None
        assert element["autocomplete"] == "new-password"


class TestStoredValues:
    FORM = EveryForm(
        initial={
            "text": "Anna",
            "radios": Harm.LOW,
            "boxes": [Harm.NONE],
            "yes_no": False,
            "select": 2,
            "number": 0,
            "day": date(2026, 2, 3),
            "when": datetime(2026, 7, 3, 13, 30, tzinfo=UTC),
        }
    )

    def test_are_shown(self) -> None:
        page = drawn(self.FORM)
        values = {e["name"]: e["value"] for e in page.all("input") if e["type"] == "text"}
        assert values["text"] == "Anna"
        assert values["number"] == "0"
        assert [values[f"day-{part}"] for part in ("day", "month", "year")] == ["3", "2", "2026"]
        assert values["when-time"] == "14:30"
        chosen = {(e["name"], e["value"]) for e in page.all("input") if "checked" in e.attributes}
        assert chosen == {("radios", "low"), ("boxes", "none"), ("yes_no", "no")}
        assert [e["value"] for e in page.all("option") if "selected" in e.attributes] == ["2"]

    def test_a_moment_that_came_twice_says_which(self) -> None:
        page = drawn(EveryForm(initial={"when": datetime(2026, 10, 25, 1, 30, tzinfo=UTC)}), "when")
        [which] = [e for e in page.all("input", name="when-which") if "checked" in e.attributes]
        assert which["value"] == "second"


class Recent(forms.Form):
    when = forms.LocalDateTimeField("About when", past=True, recent=True)
    day = forms.DayField("Day", past=True)


class TestRecentDays:
    """A support worker on a phone taps the day; a page that stood open since before midnight may not mislead them."""

    @pytest.mark.parametrize(
        ("now", "today", "yesterday"),
        [
            (
                datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
                "2026-11-23 Today, 23 November",
                "2026-11-22 Yesterday, 22 November",
            ),
            # In summer London is an hour ahead: it is tomorrow there already.
            (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "2026-07-01 Today, 1 July", "2026-06-30 Yesterday, 30 June"),
            (
                datetime(2027, 1, 1, 0, 5, tzinfo=UTC),
                "2027-01-01 Today, 1 January",
                "2026-12-31 Yesterday, 31 December",
            ),
            # The day the clocks go back is 25 hours long.
            (
                datetime(2026, 10, 25, 23, 30, tzinfo=UTC),
                "2026-10-25 Today, 25 October",
                "2026-10-24 Yesterday, 24 October",
            ),
        ],
        ids=["noon", "summer midnight", "new year", "clocks back"],
    )
    def test_each_says_its_date_in_london(self, now: datetime, today: str, yesterday: str) -> None:
        buttons = drawn(Recent(now=now), "when").all("button")
        assert [f"{button['data-day']} {button.text}" for button in buttons] == [today, yesterday]

    def test_none_of_them_sends_the_form_and_each_says_what_it_fills(self) -> None:
        page = drawn(Recent(now=NOW), "when")
        inputs = {element["id"] for element in page.all("input")}
        said = {element["id"]: element.text for element in page.all("span")}
        for button in page.all("button"):
            assert button["type"] == "button"
            assert {f"{button['data-fills']}-{part}" for part in ("day", "month", "year", "time")} <= inputs
            assert said[button["aria-describedby"]] == "Fills in about when"

    def test_a_field_that_offers_none_and_a_form_without_a_clock_have_none(self) -> None:
        assert drawn(Recent(now=NOW), "day").all("button") == []
        assert drawn(Recent(), "when").all("button") == []

    def test_they_stand_beside_what_was_typed_and_its_error(self) -> None:
        page = drawn(
            Recent({"when-day": "31", "when-month": "2", "when-year": "2026", "when-time": "9"}, now=NOW), "when"
        )
        assert len(page.all("button")) == 2
        assert [element["value"] for element in page.all("input")] == ["31", "2", "2026", "9"]


class TestDetails:
    def test_optional_fields_say_so(self) -> None:
        class Mixed(forms.Form):
            a = forms.TextField("Owner", required=False)
            b = forms.TextField("Reason (optional, but useful)", required=False)
            c = forms.TextField("Reference")
            d = forms.TickField("Urgent", required=False)
            e = forms.DayField("Due", required=False)
            f = forms.TextField("Note", required=False, mark_optional=False)

        page = drawn(Mixed())
        said = [e.text.strip() for tag in ("label", "legend") for e in page.all(tag)]
        assert [text for text in said if "(optional)" in text] == ["Owner (optional)", "Due (optional)"]

    def test_filters_need_no_such_word(self) -> None:
        class Filters(forms.Form):
            mark_optional = False
            a = forms.TextField("Search", required=False)

        assert drawn(Filters()).only("label").text.strip() == "Search"

    def test_a_question_may_be_the_heading(self) -> None:
        page = drawn(EveryForm(), "area", heading=True)
        assert page.only("h1")["class"] == "nhsuk-label-wrapper"
        assert page.only("label")["class"] == "nhsuk-label nhsuk-label--l"

    def test_a_page_may_say_it_differently(self) -> None:
        page = drawn(EveryForm(), "text", label="Who owns it?", hint="", size="m", width=5)
        assert page.only("label").text.strip() == "Who owns it?"
        assert page.all("div", id="id_text-hint") == []
        assert "nhsuk-input--width-5" in str(page.only("input")["class"])

    def test_hints_and_reveals_stand_under_their_choice(self) -> None:
        page = drawn(EveryForm())
        assert "Some observation" in page.only("div", id="id_radios-2-item-hint").text
        assert page.only("input", id="id_yes_no")["data-aria-controls"] == "conditional-id_yes_no"
        assert len(page.all("input", name="who")) == 1, "drawn under its choice and nowhere else"

    def test_numbers_are_typed_as_text_with_a_number_keyboard(self) -> None:
        whole, places = (drawn(EveryForm(), name).only("input") for name in ("number", "decimal"))
        assert (whole["type"], whole["inputmode"], places["inputmode"]) == ("text", "numeric", "decimal")

    def test_files_say_what_is_taken(self) -> None:
        page = drawn(EveryForm(), "proof")
        assert page.only("input")["accept"] == ".pdf,.jpg,.jpeg"
        assert page.only("div", id="id_proof-hint").text.strip() == "pdf, jpg, up to 10 MB"

    def test_characters_left_are_counted(self) -> None:
        page = drawn(EveryForm(), "area")
        assert page.only("div", **{"data-module": "nhsuk-character-count"})["data-maxlength"] == "500"
        assert "up to 500 characters" in page.only("div", id="id_area-info").text

    def test_the_parts_at_fault_are_marked(self) -> None:
        page = drawn(EveryForm({"day-day": "3", "day-month": "2", "day-year": "26"}), "day")
        marked = [e["name"] for e in page.all("input") if "nhsuk-input--error" in str(e["class"])]
        assert marked == ["day-year"]

    def test_which_of_two_is_asked_only_when_it_matters(self) -> None:
        sent = {"when-day": "25", "when-month": "10", "when-year": "2026"}
        assert len(drawn(EveryForm(sent | {"when-time": "1:30"}), "when").all("input", name="when-which")) == 2
        assert drawn(EveryForm(sent | {"when-time": "3:30"}), "when").all("input", name="when-which") == []

    def test_a_list_starts_with_nothing_chosen(self) -> None:
        class Filters(forms.Form):
            a = forms.SelectField("Team", choices=[("1", "Elm")])
            b = forms.SelectField("Team", choices=[("1", "Elm")], empty="Any", required=False)

        options = drawn(Filters()).all("option")
        assert [e.text for e in options] == ["Choose one", "Elm", "Any", "Elm"]
        assert ["selected" in e.attributes for e in options] == [True, False, True, False]


class TestManyFields:
    def test_some_or_all_but_some(self) -> None:
        names = {e["name"] for e in Page(fields.render_rest(EveryForm(), only=["text", "email"])).all("input")}
        assert names == {"text", "email"}
        rest = {e["name"] for e in Page(fields.render_rest(EveryForm(), skip=["text"])).all("input")}
        assert "text" not in rest
        assert "version" in rest

    def test_a_field_that_is_not_there_is_a_mistake(self) -> None:
        with pytest.raises(KeyError, match="no owner"):
            fields.render_rest(EveryForm(), only=["owner"])


class TestSummary:
    def test_nothing_wrong_nothing_said(self) -> None:
        assert fields.render_errors(EveryForm()) == ""

    def test_two_forms_and_errors_of_the_whole(self) -> None:
        first, second = EveryForm({}, prefix="a"), EveryForm({}, prefix="b")
        first.add_error(None, "Two people cannot own it <b>")
        summary = Page(fields.render_errors(first, second))
        assert "Two people cannot own it <b>" in [e.text.strip() for e in summary.all("li")]
        assert {str(a["href"])[:6] for a in summary.all("a")} == {"#id_a-", "#id_b-"}

    def test_forms_of_other_packages_say_what_to_do_too(self) -> None:
        class Theirs(django_forms.Form):
            password = django_forms.CharField(label="Password:", widget=django_forms.PasswordInput)
            remember = django_forms.BooleanField(label="Remember me:", required=False)
            again = django_forms.CharField(label="New Password (Again):", widget=django_forms.PasswordInput)
            code = django_forms.CharField(label="TOTP Code", required=False)

        form = Theirs({})
        assert "Enter password" in fields.render_errors(form)
        assert "Enter new password (again)" in fields.render_errors(form)
        said = [element.text.strip() for element in drawn(Theirs()).all("label")]
        assert said == ["Password", "Remember me", "New password (again)", "TOTP code (optional)"]
        assert "Enter password" in drawn(form, "password").only("span", id="id_password-error").text
        assert drawn(form, "remember").only("label").text.strip() == "Remember me"
