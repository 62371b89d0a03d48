"""What goes outside of what was typed, and who is told as what: by what was typed, what was decided, and who reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.identifiers import IdentifierKind
from saferpractice.evidence.rules.packs import of_changes, of_incidents
from saferpractice.evidence.rules.packs.confirming import Choice, marked, problem_of
from saferpractice.evidence.rules.packs.document import Cell, Cleared, Facts, Source, Table, TableRow, Typed, Who
from saferpractice.evidence.rules.packs.document import Subject as Named
from saferpractice.evidence.rules.packs.facts import Subject, Supported
from saferpractice.evidence.rules.packs.sections import texts_to_confirm
from saferpractice.evidence.rules.packs.telling import (
    LEFT_OUT,
    SOMEBODY,
    THE_PERSON,
    TO_CONFIRM,
    Asking,
    Confirmed,
    Identity,
    Inside,
    Teller,
    ToInspector,
    Unconfirmed,
)
from tests.factories.pack_facts import AT, a_case, a_change, a_condition, a_meeting, a_review, gathered, staff, typed

pytestmark = pytest.mark.requirement("R34")

KNOWN = ("Maud Featherstone", "Wren Ashdown", "P-77120")
LOOKED_AT = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
SAID = typed("what")
SHARED = Confirmed("Seen.", left_out=False, by="Quality lead", at=LOOKED_AT)
WITHHELD = replace(SHARED, words="", left_out=True)
LAW = Identity("Health and Social Care Act 2008, section 64", "To see the family")


class TestWordsPutInPlaceOfAText:
    @pytest.mark.parametrize(
        "words",
        [
            "Staff stayed.",
            "  Staff stayed.\n",
            "Staff stayed 🫂",
            "The [name removed] stayed.",
            "Zwölf Minuten, 3 March 2026",
            "=1+1",
            "<script>alert(1)</script>",
            "x" * 20_000,
            "It was will power that may hope.",
        ],
    )
    def test_that_tell_nobody_go_out(self, words: str) -> None:
        assert problem_of(words, KNOWN) == ""

    @pytest.mark.parametrize(
        "words", ["", " ", "\n\t\r\n", "\u00a0\u2003", "\u200b", "\u00ad\u2060", "\ufeff \u200d", "\u3164", "\x00\x07"]
    )
    def test_that_nobody_can_see_are_no_words(self, words: str) -> None:
        assert problem_of(words, KNOWN) == "Enter the words to share, or choose to leave the text out."

    @pytest.mark.parametrize("letter", ["x", "é", "🫂", "\n"])
    def test_that_are_too_long_are_told_how_long_they_may_be(self, letter: str) -> None:
        assert problem_of("a" + letter * 20_000, KNOWN) == "Shorten it to 20,000 characters."

    @pytest.mark.parametrize(
        ("words", "kinds"),
        [
            ("Maud stayed.", "name"),
            ("FEATHERSTONE stayed", "name"),
            ("Ma\u200bud stayed", "name"),
            ("Ashdown, Wren", "name"),
            ("Mr Oakley rang.", "titled name"),
            ("P 77120 rang.", "reference"),
            ("943 476 5919", "NHS number"),
            ("AB 12 34 56 C", "National Insurance number"),
            ("maud.f@invented.example", "e-mail"),
            ("See www.invented.example", "web address"),
            ("Ring 0113 496 0000.", "phone number"),
            ("born 3 March 1961", "date of birth"),
            ("LS1 4AP", "postcode"),
            ("12 Mill Lane", "address"),
            ("Wren rang 0113 496 0000, then Wren again", "name, phone number"),
            ("0113 496 0000, LS1 4AP and Wren", "phone number, postcode, name"),
        ],
    )
    def test_that_could_tell_who_are_told_which_kinds_each_once_in_their_order(self, words: str, kinds: str) -> None:
        said = f"This could still tell who somebody is: {kinds}. Take it out, or say it otherwise."
        assert problem_of(words, KNOWN) == said

    @pytest.mark.parametrize("kind", list(IdentifierKind))
    def test_a_mask_is_never_taken_for_what_it_hides(self, kind: IdentifierKind) -> None:
        assert problem_of(f"{kind.mask} rang, and {kind.mask}", KNOWN) == ""


PIECES = st.sampled_from(
    ["Maud", "Featherstone", "wren", "ASHDOWN", "P-77120", "P 77120", "Mr Oakley", "0113 496 0000", "943 476 5919",
     "LS1 4AP", "[name removed]", "x@y.example", "stayed", "at 3.10", "\n", "\u200b", "é", "🫂", "<b>", "&", "'s", "-"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=12).map(" ".join)


class TestWhatTheSoftwareMarks:
    @given(TEXTS)
    def test_as_it_would_go_out_it_holds_nothing_more_to_find(self, text: str) -> None:
        once = marked(text, KNOWN)
        assert marked(once.words, KNOWN).found == ()
        assert marked(once.words, KNOWN).words == once.words

    @given(TEXTS)
    def test_no_known_name_stands_in_it_however_it_was_cased(self, text: str) -> None:
        left = f" {marked(text, KNOWN).words.casefold()} "
        for name in ("maud", "featherstone", "ashdown"):  # a wren written small is a bird
            assert f" {name} " not in left

    @given(TEXTS)
    def test_every_letter_stands_or_is_behind_a_mask_and_none_is_moved(self, text: str) -> None:
        found = marked(text, KNOWN)
        place, rebuilt = 0, ""
        for one in found.found:
            assert place <= one.start < one.end <= len(text)
            assert text[one.start : one.end] == one.text
            rebuilt += text[place : one.start] + one.kind.mask
            place = one.end
        assert rebuilt + text[place:] == found.words
        assert set(found.kinds) == {one.kind.value for one in found.found}
        assert len(found.kinds) == len(set(found.kinds))

    @given(TEXTS)
    def test_what_it_proposes_may_be_sent_back_as_it_stands(self, text: str) -> None:
        words = marked(text, KNOWN).words
        if any(one.isascii() and one.isalnum() for one in words):
            assert problem_of(words, KNOWN) == ""

    @given(TEXTS, st.lists(st.sampled_from(KNOWN), unique=True))
    def test_who_comes_to_the_records_is_found_beside_what_was_found_before(self, text: str, some: list[str]) -> None:
        def places(known: Any) -> set[int]:
            return {place for one in marked(text, known).found for place in range(one.start, one.end)}

        assert places(some) <= places(KNOWN)


def outside(one: Confirmed | None = None) -> ToInspector:
    return ToInspector({SAID.key: one} if one else {})


class TestWhoIsToldWhat:
    @pytest.mark.parametrize(
        ("teller", "after", "told"),
        [
            (Inside(), "", Typed(SAID.text)),
            (Inside(), "Done:", Typed(f"Done: {SAID.text}")),
            (outside(SHARED), "", Cleared("Seen.", "Quality lead", LOOKED_AT)),
            (outside(SHARED), "Done:", Cleared("Done: Seen.", "Quality lead", LOOKED_AT)),
            (outside(WITHHELD), "", LEFT_OUT),
            (outside(WITHHELD), "Done:", f"Done: {LEFT_OUT}"),
            (Asking(), "", TO_CONFIRM),
            (Asking(), "Done:", TO_CONFIRM),
        ],
    )
    def test_of_typed_words(self, teller: Teller, after: str, told: Cell) -> None:
        assert teller.said(SAID, after=after) == told

    @pytest.mark.parametrize("teller", [Inside(), outside(), Asking()])
    @pytest.mark.parametrize(("after", "told"), [("", None), ("Done.", "Done.")])
    def test_where_nothing_was_typed(self, teller: Teller, after: str, told: Cell) -> None:
        assert teller.said(None, after=after) == told

    @pytest.mark.parametrize("other", ["record", "part", "text"])
    def test_what_was_confirmed_of_one_text_lets_no_other_out(self, other: str) -> None:
        with pytest.raises(Unconfirmed, match="2026-00001: "):
            outside(SHARED).said(replace(SAID, **{other: f"{getattr(SAID, other)} "}))

    @pytest.mark.parametrize(
        ("teller", "told"),
        [
            (Inside(), Named("P-1")),
            (ToInspector({}), THE_PERSON),
            (ToInspector({}, LAW), Named("Maud F", LAW.basis, LAW.why)),
            (Asking(), THE_PERSON),
        ],
    )
    def test_of_the_person_supported(self, teller: Teller, told: Cell) -> None:
        assert teller.person(Supported("P-1", "Maud F")) == told
        assert teller.person(None) is None

    @pytest.mark.parametrize(
        ("teller", "role", "told"),
        [
            (Inside(), "Reviewer", Who("Reviewer", "NameofReviewer")),
            (ToInspector({}), "Reviewer", Who("Reviewer")),
            (ToInspector({}, LAW), "Reviewer", Who("Reviewer")),
            (ToInspector({}), "", Who(SOMEBODY)),
            (Asking(), "Reviewer", Who("Reviewer")),
        ],
    )
    def test_of_staff(self, teller: Teller, role: str, told: Who) -> None:
        assert teller.who(staff(role)) == told

    @pytest.mark.parametrize("subject", list(Subject))
    def test_one_unconfirmed_text_anywhere_and_no_pack_goes_out(self, subject: Subject) -> None:
        """Each text in turn is the one that nobody looked at."""
        from saferpractice.evidence.rules.packs.sections import sections

        texts = texts_to_confirm(gathered(subject))
        every = {one.key: SHARED for one in texts}
        assert len(texts) > 5
        assert list(sections(gathered(subject), ToInspector(every)))
        for text in texts:
            but_one = {key: one for key, one in every.items() if key != text.key}
            with pytest.raises(Unconfirmed):
                list(sections(gathered(subject), ToInspector(but_one)))


def facts_of(*blocks: Any) -> dict[str, Cell]:
    """The lines of the summaries among blocks, by their label."""
    return {fact.label: fact.value for block in blocks if isinstance(block, Facts) for fact in block.facts}


def in_case(**changes: Any) -> dict[str, Cell]:
    return facts_of(*of_incidents.summary(a_case(**changes), Inside()).blocks)


def in_change(**changes: Any) -> dict[str, Cell]:
    return facts_of(*of_changes.changes([a_change(**changes)], Inside()).blocks)


def in_review(**changes: Any) -> dict[str, Cell]:
    return facts_of(*of_incidents.reviews(a_case(reviews=(a_review(**changes),)), Inside()).blocks)


def in_finding(**changes: Any) -> dict[str, Cell]:
    return facts_of(*of_incidents.findings([a_case(findings=(replace(a_condition(), **changes),))], Inside()).blocks)


def in_meeting(**changes: Any) -> dict[str, Cell]:
    return facts_of(*of_changes.meetings([replace(a_meeting(), **changes)], Inside()).blocks)


def in_impact(**changes: Any) -> dict[str, Cell]:
    one = replace(a_change().measured[0], **changes)
    return facts_of(*of_changes.impact([a_change(measured=(one,))], Inside()).blocks)


class TestWhatIsNotThereIsSaid:
    """Nothing is left blank where a reader would take the blank for good news."""

    @pytest.mark.parametrize(
        ("told", "changes", "label", "value"),
        [
            (in_case, {"tier": ""}, "Tier of review", "Not decided yet"),
            (in_case, {"tier": "A"}, "Tier of review", "A"),
            (in_case, {"themes": ()}, "Themes", "None"),
            (in_case, {"themes": ("Self-neglect", "Exploitation")}, "Themes", "Self-neglect, Exploitation"),
            (in_case, {"person": None}, "Person", None),
            (in_case, {"restricted": True}, "Who may open it", "Only people named on it"),
            (in_change, {"live_at": None}, "Live since", "Not live yet"),
            (in_change, {"live_at": AT}, "Live since", AT),
            (in_change, {"incidents": ()}, "Answers findings of", "Incidents that are not in this pack"),
            (in_change, {"incidents": ("1", "2")}, "Answers findings of", "1, 2"),
            (in_change, {"reached": 0, "reach": 3}, "Teams with proof", "0 of 3"),
            (in_change, {"reached": 1, "reach": 2}, "Teams with proof", "1 of 2"),
            (in_change, {"kind": "A", "strength": "Strong"}, "Kind, and how strong it is", "A; strong"),
            (in_change, {"state": "Withdrawn"}, "State", "Withdrawn"),
            (in_review, {"completed_at": None}, "Completed", "Not completed"),
            (in_review, {"nothing_found": SAID}, "Why no system condition was found", Typed(SAID.text)),
            (in_finding, {"changes": ()}, "Changes that answer it", "None yet"),
            (in_finding, {"changes": ("CH-1", "CH-2")}, "Changes that answer it", "CH-1, CH-2"),
            (in_finding, {"rests_on": 0}, "Entries of the timeline it rests on", 0),
            (in_finding, {"recurrence": None}, "What would make it less likely to come back", None),
            (in_meeting, {"held_on": None}, "Quality meeting", "Not put before one yet"),
            (in_meeting, {"signed_at": None}, "Signed", "Not signed"),
            (in_impact, {"verdict": ""}, "Verdict", "None yet"),
            (in_impact, {"verdict": "", "exploratory": True}, "Verdict", "None yet (exploratory)"),
        ],
    )
    def test_in_its_line(
        self, told: Callable[..., dict[str, Cell]], changes: dict[str, Any], label: str, value: Cell
    ) -> None:
        assert told(**changes)[label] == value

    @pytest.mark.parametrize(
        ("told", "part", "there", "label"),
        [
            (in_case, "restricted", True, "Who may open it"),
            (in_change, "withdrawn_because", SAID, "Withdrawn because"),
            (in_review, "completed_by", staff(), "Completed by"),
            (in_review, "summary", SAID, "What it came to"),
            (in_review, "nothing_found", SAID, "Why no system condition was found"),
            (in_meeting, "signed_by", staff(), "Signed by"),
            (in_impact, "reason", SAID, "Why"),
            (in_impact, "at", AT, "Given"),
        ],
    )
    def test_or_there_is_no_such_line(
        self, told: Callable[..., dict[str, Cell]], part: str, there: Any, label: str
    ) -> None:
        assert label in told(**{part: there})
        assert label not in told(**{part: None})

    def test_a_document_that_lacks_is_missing(self) -> None:
        (_, table) = of_incidents.reviews(a_case(), Inside()).blocks
        assert isinstance(table, Table)
        lines = {row.cells[0]: row.cells[1:] for row in table.rows}
        assert lines["Decision review"] == ("Missing", None)
        assert lines["Timeline"] == (AT, Who("Reviewer", "NameofReviewer"))

    def test_an_audit_without_a_result(self) -> None:
        begun = replace(a_change().audits[0], answer="", sentence=None, met=None, read=None, at=None)
        table = of_changes.audits([a_change(audits=(begun,))], Inside()).blocks[1]
        assert isinstance(table, Table)
        assert table.rows[0].cells[4:] == (None, None, "No result yet", None, None)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"decisions": ()}, "The meeting decided nothing that is on record."),
            ({"decisions": (), "held_on": None}, ""),
        ],
    )
    def test_a_meeting_that_decided_nothing(self, changes: dict[str, Any], sentence: str) -> None:
        blocks = of_changes.meetings([replace(a_meeting(), **changes)], Inside()).blocks
        assert [getattr(one, "text", None) for one in blocks[1:]] == ([sentence] if sentence else [])

    def test_actions_of_a_meeting_stand_only_with_what_it_decided(self) -> None:
        names = [one.name for one in of_changes.meetings([a_meeting()], Inside()).blocks if isinstance(one, Table)]
        assert names == ["actions"]


REVIEWS = st.sampled_from([(), (a_review(),), (a_review(completed_at=None),)])
CASES = st.lists(
    st.builds(lambda tier, reviews: a_case(tier=tier, reviews=reviews), st.sampled_from(["", "A", "B", "C"]), REVIEWS),
    max_size=8,
)


@given(CASES)
def test_tiers_count_every_incident_once(cases: list[Any]) -> None:
    table = of_incidents.proportionate(cases, "m")
    rows: list[TableRow] = list(table.rows)
    numbers = [tuple(int(str(cell)) for cell in row.cells[1:]) for row in rows]
    assert sum(one[0] for one in numbers) == len(cases)
    assert all(one[0] == sum(one[1:]) for one in numbers)
    assert [row.cells[0] for row in rows] == sorted(
        {case.tier or "Not decided" for case in cases}, key=lambda one: (one == "Not decided", one)
    )
    assert len(of_incidents.listed(cases).rows) == len(cases)


@pytest.mark.parametrize(
    ("reviews", "words"),
    [
        ((), "Not opened"),
        ((a_review(),), "Complete"),
        ((a_review(completed_at=None),), "Open"),
        ((a_review(completed_at=None), a_review()), "Complete"),
        ((a_review(), a_review(completed_at=None)), "Open"),
    ],
)
def test_how_far_the_newest_review_is(reviews: Any, words: str) -> None:
    assert of_incidents.review_words(a_case(reviews=reviews)) == words


def test_a_change_that_answers_two_findings_is_counted_once() -> None:
    case = a_case(findings=(a_condition(changes=("CH-1", "CH-2")), a_condition(changes=("CH-2",))))
    row = of_incidents.listed([case]).rows[0]
    assert (row.cells[7], row.cells[8]) == (2, 2)
    assert row.source == Source(case.source.kind, "2026-00001")


@pytest.mark.parametrize(
    ("choice", "label"),
    [
        (Choice.MASKED, "Share it as shown"),
        (Choice.EDITED, "Share it in other words"),
        (Choice.LEFT_OUT, "Leave it out"),
    ],
)
def test_what_can_be_decided_about_a_text(choice: Choice, label: str) -> None:
    assert choice.label == label
