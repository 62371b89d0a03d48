"""A reminder and its kin are never a change that answers a finding (R15)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.changes.rules.reminders import DATA, WHAT_WOULD_COUNT, reminder_in, reminder_words
from saferpractice.lists.rules import ListFile, ListMistakes, load
from tests.rules.changes import labelled_brief
from tests.rules.changes.labelled import CONTROLS, FURTHER_CONTROLS, FURTHER_REMINDERS, REMINDERS, Case

pytestmark = pytest.mark.requirement("R15")


def name(case: Case) -> str:
    return case.title


@pytest.mark.parametrize("case", [*REMINDERS, *FURTHER_REMINDERS], ids=name)
def test_a_reminder_is_refused(case: Case) -> None:
    found = reminder_in(*case)
    assert found is not None
    typed = case.title if found.field == "title" else case.monday
    assert typed[found.start : found.end] == found.words


@pytest.mark.parametrize("case", [*CONTROLS, *FURTHER_CONTROLS], ids=name)
def test_a_change_to_the_work_is_never_refused(case: Case) -> None:
    assert reminder_in(*case) is None


class TestInOneSentence:
    """What people type in a hurry."""

    @pytest.mark.parametrize("monday", labelled_brief.REMINDERS)
    def test_a_reminder_is_refused(self, monday: str) -> None:
        assert reminder_in("Lost contact", monday, "workflow") is not None

    @pytest.mark.parametrize("monday", labelled_brief.CONTROLS)
    def test_a_change_to_the_work_is_never_refused(self, monday: str) -> None:
        assert reminder_in("Lost contact", monday, "workflow") is None

    def test_in_words_not_seen_before_nine_in_ten_reminders_are_found(self) -> None:
        held_back = labelled_brief.HELD_BACK_REMINDERS
        missed = [monday for monday in held_back if reminder_in("Lost contact", monday, "workflow") is None]
        assert len(missed) <= len(held_back) // 10, missed

    @pytest.mark.parametrize("monday", labelled_brief.HELD_BACK_CONTROLS)
    def test_in_words_not_seen_before_no_change_is_refused(self, monday: str) -> None:
        assert reminder_in("Lost contact", monday, "workflow") is None

    @pytest.mark.parametrize("aim", ["Better record keeping", "Improve communication", "Raise awareness of debt"])
    def test_a_title_that_names_the_aim_refuses_no_change(self, aim: str) -> None:
        changes = [*labelled_brief.CONTROLS, *labelled_brief.HELD_BACK_CONTROLS]
        assert [monday for monday in changes if reminder_in(aim, monday, "workflow")] == []

    @pytest.mark.parametrize("title", ["Second number at night", "Checklist in the visit note", "New referral form"])
    def test_a_title_excuses_no_reminder(self, title: str) -> None:
        reminders = [*labelled_brief.REMINDERS, *(case.monday for case in REMINDERS)]
        excused = {monday for monday in reminders if reminder_in(title, monday, "workflow") is None}
        assert excused == {monday for monday in reminders if reminder_in("Lost contact", monday, "workflow") is None}
        assert reminder_in(title, "Remind staff to answer the duty phone at night.", "escalation-route") is not None

    @pytest.mark.parametrize("little", ["", "As above.", "See title", "Yes"])
    def test_a_title_decides_where_little_is_said_about_monday(self, little: str) -> None:
        assert reminder_in("Remind staff", little, "workflow") is not None
        assert reminder_in("Referral form", little, "workflow") is None


@pytest.mark.parametrize(
    ("title", "monday", "words"),
    [
        ("Remind staff", "As above.", "Remind staff"),
        ("Thresholds", "RAISE AWARENESS of thresholds.", "RAISE AWARENESS"),
        ("Remind staff", "Be vigilant.", "vigilant"),
    ],
)
def test_the_words_are_shown_as_typed_and_those_of_monday_come_first(title: str, monday: str, words: str) -> None:
    found = reminder_in(title, monday, "workflow")
    assert found is not None
    assert words in found.words


@pytest.mark.requirement("R14")
def test_the_refusal_says_why_and_what_would_count() -> None:
    found = reminder_in("Remind staff", "Remind staff to escalate.", "workflow")
    assert found is not None
    assert found.sentence.startswith("“Remind staff” asks people to remember, and a reminder is not a control")
    assert "Keep it as a briefing beside a change." in found.sentence
    assert all(kind in found.sentence for kind in WHAT_WOULD_COUNT)
    for asked in (
        "risk prompt",
        "escalation threshold",
        "referral template",
        "duty decision log",
        "supervision prompt",
    ):
        assert asked in found.sentence


class TestBesideAChange:
    """A reminder next to a real change is no trouble; a change that a reminder is about is no change."""

    @pytest.mark.parametrize(
        ("monday", "refused"),
        [
            ("Remind staff to use the new form.", True),
            ("Remind staff to use the new form, the revised checklist and the rota.", True),
            ("Remind staff that a case cannot be closed without a consultation.", True),
            ("The new form is in use. Remind staff to use it.", False),
            ("Remind staff. The new form is in use.", False),
            ("The new form is in use and staff are reminded to use it.", False),
            ("Remind staff and add a required question to the form.", False),
            ("Remind staff, then replace the old form.", False),
            ("Remind staff; the case cannot be closed without a consultation.", False),
            ("Remind staff to add a note to the record.", True),
        ],
    )
    def test_what_else_is_said_decides(self, monday: str, refused: bool) -> None:
        assert (reminder_in("Lost contact", monday, "workflow") is not None) == refused

    def test_a_title_that_is_a_reminder_passes_over_a_real_change(self) -> None:
        assert reminder_in("Remind staff about consults", "The record will not save without one.", "tool") is None

    def test_a_change_in_the_title_does_not_pass_over_a_reminder(self) -> None:
        assert reminder_in("A new referral form", "Staff are reminded where it is.", "referral-template") is not None
        assert reminder_in("A new referral form", "You fill in the new form.", "referral-template") is None


class TestByType:
    """Training counts as training only."""

    TEXT = "A workshop raises awareness of coercion."

    def test_training_is_a_change_of_its_own_type(self) -> None:
        assert reminder_in("Workshop", self.TEXT, "training") is None

    @pytest.mark.parametrize("change_type", ["workflow", "tool", "policy", "risk-prompt"])
    def test_training_does_not_pass_for_another_type(self, change_type: str) -> None:
        assert reminder_in("Workshop", self.TEXT, change_type) is not None

    def test_a_reminder_is_none_even_as_training(self) -> None:
        assert reminder_in("Remind staff", "Be vigilant.", "training") is not None


class TestMachines:
    """A reminder that the record makes is part of the work."""

    @pytest.mark.parametrize(
        "monday",
        [
            "An automatic reminder goes to the lead.",
            "The record shows a reminder on screen until it is answered.",
            "A reminder in the record opens at the next visit.",
            "An electronic reminder is raised for the duty manager.",
            "People get a text reminder.",
            "Appointment reminders are sent to everybody.",
        ],
    )
    def test_it_is_not_refused(self, monday: str) -> None:
        assert reminder_in("Follow-up", monday, "tool") is None

    @pytest.mark.parametrize(
        "monday",
        [
            "Remind staff to use the electronic record.",
            "Staff are reminded to read what the system shows.",
            "A reminder from the manager to use the record.",
        ],
    )
    def test_speaking_of_a_machine_is_not_enough(self, monday: str) -> None:
        assert reminder_in("Follow-up", monday, "tool") is not None


@pytest.mark.parametrize("empty", ["", "   ", "\n", "...", "1 2 3"])
def test_nothing_said_is_no_reminder(empty: str) -> None:
    assert reminder_in(empty, empty, "workflow") is None


@given(title=st.text(max_size=80), monday=st.text(max_size=200))
def test_any_text_is_judged_and_the_place_is_right(title: str, monday: str) -> None:
    found = reminder_in(title, monday, "workflow")
    if found:
        assert {"title": title, "monday": monday}[found.field][found.start : found.end] == found.words


@given(
    before=st.sampled_from(["", "The lead spoke. ", "Visits are hard. "]), after=st.text(alphabet="abc ", max_size=30)
)
def test_a_reminder_is_found_whatever_stands_around_it(before: str, after: str) -> None:
    assert reminder_in("Thresholds", f"{before}Remind staff {after}", "workflow") is not None


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "hostile",
    [
        "remind " * 8_000,
        "remind staff " * 4_000,
        "when " * 10_000,
        "discuss " * 7_000,
        "a" * 50_000,
        "remind\n" * 7_000,
    ],
)
def test_no_text_can_stall_it(hostile: str) -> None:
    """Half a minute is some twenty times what it takes."""
    reminder_in(hostile, hostile, "workflow")


class TestTheWordsAreChecked:
    """The list of wording is read whole or refused."""

    LISTED = load(DATA / "reminders.yml")

    def changed(self, code: str, detail: dict[str, object]) -> ListFile:
        entries = tuple(
            entry.model_copy(update={"detail": detail}) if entry.code == code else entry
            for entry in self.LISTED.entries
        )
        return self.LISTED.model_copy(update={"entries": entries})

    def test_a_kind_that_is_missing_is_named(self) -> None:
        without = self.LISTED.model_copy(update={"entries": self.LISTED.entries[1:]})
        with pytest.raises(ListMistakes, match="asks-people: Write an entry with this code"):
            reminder_words(without)

    def test_a_phrase_that_cannot_be_used_is_named(self) -> None:
        with pytest.raises(ListMistakes, match=r"builds: .*there is no group @nobody"):
            reminder_words(self.changed("builds", {"phrases": ["add @nobody"]}))

    def test_a_kind_without_phrases_is_named(self) -> None:
        with pytest.raises(ListMistakes, match=r'builds: "detail\.phrases": is missing'):
            reminder_words(self.changed("builds", {}))

    def test_a_provider_may_have_its_own_words(self) -> None:
        own = reminder_words(self.changed("asks-people", {"phrases": ["ping ~2 @staff"]}))
        assert reminder_in("Ping", "Ping all staff.", "workflow", own) is not None
        assert reminder_in("Remind", "Remind staff.", "workflow", own) is None
