"""What stands in a pack, told to the readers of each level: nothing that a level may not hold, and nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.packs.document import (
    Cleared,
    Discloses,
    Disclosure,
    Kind,
    Note,
    Pack,
    Section,
    Story,
    Table,
    Typed,
    Who,
    Words,
)
from saferpractice.evidence.rules.packs.document import Subject as Named
from saferpractice.evidence.rules.packs.facts import (
    Gathered,
    Said,
    Staff,
    Subject,
    Supported,
    part_reference,
    short_reference,
)
from saferpractice.evidence.rules.packs.sections import pack_of, texts_to_confirm
from saferpractice.evidence.rules.packs.telling import (
    LEFT_OUT,
    SOMEBODY,
    THE_PERSON,
    Confirmed,
    Identity,
    Inside,
    Teller,
    ToInspector,
    Unconfirmed,
)
from tests.factories.pack_facts import (
    AT,
    NAME,
    PARTS,
    PERSON,
    REFERENCE,
    TYPED,
    a_case,
    a_change,
    a_happening,
    a_review,
    gathered,
    source,
    staff,
    typed,
)

pytestmark = pytest.mark.requirement("R34")

LOOKED_AT = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)


def everything(of: Any) -> Iterator[str]:
    """Every text anywhere inside ``of``."""
    if isinstance(of, str):
        yield of
    elif is_dataclass(of) and not isinstance(of, type):
        for one in fields(of):
            yield from everything(getattr(of, one.name))
    elif isinstance(of, list | tuple):
        for each in of:
            yield from everything(each)


def whole(pack: Pack) -> str:
    return "\n".join(everything(pack))


def said_in(of: Any) -> Iterator[Said]:
    """Every typed text among the facts."""
    if isinstance(of, Said):
        yield of
    elif is_dataclass(of) and not isinstance(of, type):
        for one in fields(of):
            yield from said_in(getattr(of, one.name))
    elif isinstance(of, tuple):
        for each in of:
            yield from said_in(each)


def confirm(texts: tuple[Said, ...], *, but: Mapping[str, Confirmed] | None = None) -> dict[str, Confirmed]:
    """Every text confirmed as "seen-…", or as ``but`` says of its part."""
    found = {
        text.key: Confirmed(text.text.replace(TYPED, "seen-"), left_out=False, by="Quality lead", at=LOOKED_AT)
        for text in texts
    }
    return found | {text.key: but[text.part] for text in texts if but and text.part in but}


def made(found: Gathered, teller: Teller, disclosure: Disclosure) -> Pack:
    return pack_of(
        found,
        teller,
        title="Evidence pack",
        provider="Example Care",
        disclosure=disclosure,
        made_by=staff("Quality lead"),
        made_at=LOOKED_AT,
    )


def inside(found: Gathered) -> Pack:
    return made(found, Inside(), Disclosure.FULL)


def outside(found: Gathered, identity: Identity | None = None, **of_parts: Confirmed) -> Pack:
    teller = ToInspector(confirm(texts_to_confirm(found), but=of_parts), identity)
    return made(found, teller, Disclosure.INSPECTOR)


def section(pack: Pack, title: str) -> Section:
    return next(one for one in pack.sections if one.title == title)


SUBJECTS = pytest.mark.parametrize("subject", PARTS)


class TestAnInspectorsPack:
    @SUBJECTS
    def test_holds_no_typed_word_that_nobody_confirmed(self, subject: Subject) -> None:
        text = whole(outside(gathered(subject)))
        assert TYPED not in text
        assert "seen-" in text

    @SUBJECTS
    def test_names_nobody(self, subject: Subject) -> None:
        text = whole(outside(gathered(subject)))
        for word in (NAME, PERSON, f"{REFERENCE}2026"):
            assert word not in text

    @SUBJECTS
    def test_says_the_role_of_everybody(self, subject: Subject) -> None:
        pack = outside(gathered(subject))
        who = [cell for _, cell in pack.cells() if isinstance(cell, Who)]
        assert {"Quality lead", "Duty manager", "Reviewer", "Supervisor"} <= {one.role for one in who}
        assert not any(one.name for one in who)

    @SUBJECTS
    def test_has_no_attached_file(self, subject: Subject) -> None:
        assert "Attached files" not in [one.title for one in outside(gathered(subject)).sections]

    def test_cannot_be_made_of_words_nobody_confirmed(self) -> None:
        found = gathered()
        texts = texts_to_confirm(found)
        for left in texts:
            some = confirm(tuple(one for one in texts if one != left))
            with pytest.raises(Unconfirmed, match=re.escape(left.source.reference)):
                made(found, ToInspector(some), Disclosure.INSPECTOR)

    def test_cannot_be_made_by_the_teller_of_the_inside(self) -> None:
        with pytest.raises(Discloses):
            made(gathered(), Inside(), Disclosure.INSPECTOR)

    def test_says_of_words_left_out_that_they_were(self) -> None:
        gone = Confirmed("", left_out=True, by="Quality lead", at=LOOKED_AT)
        pack = outside(gathered(Subject.INCIDENT), statement=gone, wishes=gone)
        text = whole(pack)
        assert "seen-2026-00001 F1-r-statement" not in text
        assert LEFT_OUT in text
        assert f"What the person wishes: {LEFT_OUT}" in text, "what was left out is still known to have been there"

    def test_says_in_which_role_each_text_was_looked_through(self) -> None:
        cleared = [cell for _, cell in outside(gathered()).cells() if isinstance(cell, Cleared)]
        assert cleared
        assert {(one.confirmed_by, one.confirmed_at) for one in cleared} == {("Quality lead", LOOKED_AT)}

    def test_somebody_without_a_role_is_somebody(self) -> None:
        case = a_case(decisions=(a_happening("Graded.", by=Staff(f"{NAME}Unknown", "")),))
        pack = outside(gathered(Subject.INCIDENT, cases=(case,)))
        assert NAME not in whole(pack)
        assert Who(SOMEBODY) in [cell for _, cell in pack.cells()]

    def test_says_that_few_may_open_some(self) -> None:
        assert "Incidents that only named people may open stand here only if" in whole(outside(gathered(left_out=3)))
        assert "3 incidents" not in whole(outside(gathered(left_out=3)))


class TestWhoThePersonIs:
    def test_is_not_told(self) -> None:
        pack = outside(gathered(Subject.INCIDENT))
        assert THE_PERSON in whole(pack)
        assert not [cell for _, cell in pack.cells() if isinstance(cell, Named)]

    def test_is_told_by_a_law_and_for_a_reason(self) -> None:
        identity = Identity("Health and Social Care Act 2008, section 64", "To write to the family.")
        pack = outside(gathered(Subject.INCIDENT), identity)
        named = [cell for _, cell in pack.cells() if isinstance(cell, Named)]
        assert named == [Named(f"{PERSON}2026-00001", identity.basis, identity.why)]

    def test_where_no_name_is_on_record_it_is_the_reference(self) -> None:
        case = a_case(person=Supported(f"{REFERENCE}9"))
        pack = outside(gathered(Subject.INCIDENT, cases=(case,)), Identity("An Act", "A reason"))
        assert [cell.name for _, cell in pack.cells() if isinstance(cell, Named)] == [f"{REFERENCE}9"]

    def test_a_record_that_names_nobody_says_nothing(self) -> None:
        pack = outside(gathered(Subject.INCIDENT, cases=(a_case(person=None),)), Identity("An Act", "A reason"))
        assert THE_PERSON not in whole(pack)

    def test_inside_it_is_the_reference_and_never_the_name(self) -> None:
        text = whole(inside(gathered(Subject.INCIDENT)))
        assert f"{REFERENCE}2026-00001" in text
        assert PERSON not in text


class TestAPackThatStaysInside:
    @SUBJECTS
    def test_tells_everything_typed_that_its_sections_tell(self, subject: Subject) -> None:
        found = gathered(subject)
        text = whole(inside(found))
        told = {one.text for one in texts_to_confirm(found)}
        assert all(one in text for one in told)
        assert f"{NAME}Reviewer" in text

    def test_of_one_incident_loses_no_text(self) -> None:
        found = gathered(Subject.INCIDENT)
        text = whole(inside(found))
        assert [one.text for one in said_in(found) if one.text not in text] == []

    @pytest.mark.parametrize(
        ("left_out", "words"),
        [
            (0, "No incident is left out."),
            (1, "1 incident is left out: whoever made this pack may not open it."),
            (4, "4 incidents are left out: whoever made this pack may not open them."),
        ],
    )
    def test_says_how_many_incidents_are_left_out(self, left_out: int, words: str) -> None:
        assert Note(words) in section(inside(gathered(left_out=left_out)), "About this pack").blocks

    def test_lists_attached_files_with_their_hashes(self) -> None:
        (_, table) = section(inside(gathered()), "Attached files").blocks
        assert isinstance(table, Table)
        assert table.rows[0].cells[2:] == (512, "ab" * 32)

    def test_typed_words_stay_marked_as_typed(self) -> None:
        assert [cell for _, cell in inside(gathered()).cells() if isinstance(cell, Typed)]
        assert not [cell for _, cell in inside(gathered()).cells() if isinstance(cell, Cleared)]


class TestTextsToConfirm:
    @SUBJECTS
    def test_are_exactly_those_the_pack_tells(self, subject: Subject) -> None:
        found = gathered(subject)
        asked = texts_to_confirm(found)
        assert len({one.key for one in asked}) == len(asked), "each once"
        pack = outside(found)
        told = {cell.text for _, cell in pack.cells() if isinstance(cell, Cleared)}
        for one in asked:
            assert any(cell.endswith(one.text.replace(TYPED, "seen-")) for cell in told), one.part
        assert len(told) == len(asked)

    def test_names_of_files_are_not_among_them(self) -> None:
        assert "name" not in {one.part for one in texts_to_confirm(gathered())}

    def test_one_of_many_incidents_tells_less_than_one_alone(self) -> None:
        parts = {one.part for one in texts_to_confirm(gathered())}
        assert {"what_happened", "rationale", "summary", "statement"} <= parts
        assert not {"done_at_once", "entry"} & parts

    @pytest.mark.requirement("R5")
    def test_what_is_missing_is_said_without_typed_words(self) -> None:
        missing = section(inside(gathered(Subject.INCIDENT)), "What is still missing, and why")
        assert not [cell for cell in everything(missing) if TYPED in cell]

    @given(st.text(), st.text(), st.text(), st.text())
    def test_the_key_of_a_text_is_its_record_its_part_and_its_words(self, a: str, b: str, c: str, d: str) -> None:
        def key(record: str, part: str, text: str) -> str:
            return Said(source=source(), record=record, part=part, text=text).key

        one = key("r1", "part", a)
        assert one == key("r1", "part", a)
        assert (key("r1", "part", b) == one) == (a == b)
        assert key("r2", "part", a) != one
        assert key("r1", "other", a) != one
        assert (key(c, "part", d) == one) == (c == "r1" and d == a)


class TestWhatStandsWhere:
    def test_every_statement_names_its_record(self) -> None:
        for subject in PARTS:
            for one in inside(gathered(subject)).sources():
                assert one.reference
                assert isinstance(one.kind, Kind)

    @SUBJECTS
    def test_every_subject_ends_with_what_is_missing(self, subject: Subject) -> None:
        titles = [one.title for one in outside(gathered(subject)).sections]
        assert titles[0] == "About this pack"
        assert titles[-1] == "What is still missing, and why"
        assert titles.index("Action plan") < titles.index("Did it work?")

    @pytest.mark.requirement("R36")
    def test_quality_meetings_stand_in_packs_of_a_time_only(self) -> None:
        for subject in PARTS:
            titles = [one.title for one in outside(gathered(subject)).sections]
            assert ("Quality meetings" in titles) is not subject.of_one
        text = whole(outside(gathered(Subject.QUARTER)))
        assert "Quarter 4 of 2025/26, January to March 2026" in text
        assert "The meeting decided: seen-Q4 2025/26-r-words" in text

    def test_a_decision_stands_with_its_rationale_who_and_when(self) -> None:
        (_, story) = section(outside(gathered(Subject.INCIDENT)), "Decisions").blocks
        assert isinstance(story, Story)
        first, second, third = story.moments
        assert (first.when, first.who, first.what) == (AT, Who("Duty manager"), "Threshold decided.")
        assert isinstance(first.why, Cleared)
        assert isinstance(second.what, Cleared)
        assert second.what.text.startswith("What the person wishes: seen-")
        assert (third.what, third.why) == ("Told: the police.", None)

    def test_tiers_are_counted_by_how_far_their_reviews_are(self) -> None:
        cases = (
            a_case("1"),
            a_case("2", reviews=()),
            a_case("3", reviews=(a_review("3", completed_at=None, completed_by=None),)),
            a_case("4", tier="", reviews=()),
            a_case("5", tier="A"),
        )
        table = section(outside(gathered(cases=cases)), "Incidents, and how they were reviewed").blocks[0]
        assert isinstance(table, Table)
        assert [row.cells for row in table.rows] == [
            ("A", 1, 1, 0, 0),
            ("B", 3, 1, 1, 1),
            ("Not decided", 1, 0, 0, 1),
        ]

    def test_a_time_in_which_nothing_happened_is_said(self) -> None:
        pack = outside(gathered(cases=(), changes=(), meetings=(), charts=()))
        text = whole(pack)
        for sentence in (
            "No incident was recorded.",
            "No system condition has been found.",
            "No change was agreed yet.",
            "No action is tracked.",
            "No audit has been made.",
            "No impact check has been planned yet.",
            "No thematic review of this time has been drawn.",
        ):
            assert sentence in text

    def test_an_incident_of_which_nothing_is_decided_is_said(self) -> None:
        case = a_case(decisions=(), timeline=(), reviews=(), findings=(), reported=())
        text = whole(outside(gathered(Subject.INCIDENT, cases=(case,), changes=())))
        assert "Nothing has been decided yet." in text
        assert "No review has put a timeline together yet." in text
        assert "No review has been opened yet." in text

    @pytest.mark.requirement("R32")
    def test_a_change_stands_with_proof_action_audit_impact_and_supervision(self) -> None:
        pack = outside(gathered(meetings=()))
        rows = {table.name: [row.cells for row in table.rows] for table in pack.tables()}
        assert rows["proof"][0][:2] == ("North team", "Briefing held")
        assert rows["actions"][0][0] == "AC-0000000A"
        assert rows["audits"][0][4:7] == (18, 20, "Meets")
        assert rows["supervision"][0][3:5] == (7, 5)
        assert "Improved" in whole(pack)

    def test_an_exploratory_verdict_says_so(self) -> None:
        shaped = replace(a_change().measured[0], exploratory=True)
        assert "Improved (exploratory)" in whole(outside(gathered(changes=(a_change(measured=(shaped,)),))))

    def test_words_of_the_report_stand_one_by_one(self) -> None:
        blocks = section(inside(gathered(Subject.INCIDENT)), "What was reported").blocks
        assert len(blocks) == 2

    def test_the_summary_of_each_of_many_stands_with_its_review(self) -> None:
        blocks = section(outside(gathered()), "Incident 2026-00002").blocks
        words = [one for one in blocks if isinstance(one, Words)]
        assert [one.source.reference for one in words] == ["2026-00002", "2026-00002 R1"]


@pytest.mark.parametrize(
    ("kind", "record", "reference"),
    [
        (Kind.CHANGE, "01a21d8d-eccc-7044-9e71-dddaef23fc2b", "CH-EF23FC2B"),
        (Kind.TRACKED_ACTION, "01a21d8d-eccc-7044-9e71-dddaef23fc2b", "AC-EF23FC2B"),
        (Kind.IMPACT, "01a21d8d-eccc-7044-9e71-0000000000ff", "IM-000000FF"),
    ],
)
def test_a_record_without_a_reference_has_one_from_its_id(kind: Kind, record: str, reference: str) -> None:
    assert short_reference(kind, record) == reference


def test_a_part_of_a_story_is_named_after_it() -> None:
    assert part_reference("2026-00014", "F", 2) == "2026-00014 F2"


def test_typed_words_after_words_of_the_product() -> None:
    words = typed("what")
    assert Inside().said(words, after="Done:") == Typed(f"Done: {words.text}")
    assert Inside().said(None, after="Done.") == "Done."
    assert Inside().said(None) is None
    with pytest.raises(Unconfirmed):
        ToInspector({}).said(words, after="Done:")
