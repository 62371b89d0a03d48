"""The page of texts shows them record by record, each under a heading that says what it is (R34)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.presenters.pack_texts import grouped, heading_of, part_words, places
from saferpractice.evidence.queries.packs import Text
from saferpractice.evidence.rules.packs.confirming import marked
from saferpractice.evidence.rules.packs.document import Kind, Source
from saferpractice.evidence.rules.packs.facts import Said
from saferpractice.evidence.rules.packs.telling import Confirmed
from tests.personas import NOW

pytestmark = pytest.mark.requirement("R34")

SOURCES = [
    Source(Kind.INCIDENT, "2026-00014"),
    Source(Kind.TRIAGE, "2026-00014"),
    Source(Kind.REVIEW, "2026-00014 R1"),
    Source(Kind.INCIDENT, "2026-00015"),
    Source(Kind.CHANGE, "CH-1A2B3C4D"),
]


def a_text(source: Source, part: str = "what", *, confirmed: bool = False) -> Text:
    said = Said(source=source, record="r", part=part, text="We stayed.")
    return Text(said, marked("We stayed.", ()), Confirmed("We stayed.", False, "Director", NOW) if confirmed else None)


@pytest.mark.parametrize(
    ("source", "part", "heading"),
    [
        (SOURCES[0], "what_happened", "What happened"),
        (SOURCES[0], "done_at_once", "What was done at once"),
        (SOURCES[1], "rationale", "Triage: Why"),
        (SOURCES[2], "summary", "Review R1: Summary"),
        (Source(Kind.FINDING, "2026-00014 F2"), "statement", "Finding F2: What was found"),
        (SOURCES[4], "title", "Title"),
        (Source(Kind.AUDIT, "AU-1A2B3C4D"), "sentence", "What the audit found"),
        (Source(Kind.THEMATIC, "Q3 2025/26"), "words", "What was said"),
    ],
)
def test_what_a_text_is(source: Source, part: str, heading: str) -> None:
    assert heading_of(a_text(source, part).said) == heading


@given(st.from_regex(r"[a-z]+(_[a-z]+){0,3}", fullmatch=True))
def test_every_heading_begins_with_a_capital_and_has_no_sign_of_a_column(part: str) -> None:
    words = part_words(part)
    assert words[:1].isupper()
    assert "_" not in words


def test_texts_stand_under_their_incident_or_their_own_record() -> None:
    found = grouped([(a_text(source), number) for number, source in enumerate(SOURCES)])
    assert [(one["heading"], len(one["cards"])) for one in found] == [
        ("Incident 2026-00014", 3), ("Incident 2026-00015", 1), ("Operational change CH-1A2B3C4D", 1),
    ]  # fmt: skip
    assert [card["form"] for one in found for card in one["cards"]] == [0, 1, 2, 3, 4]


@given(st.lists(st.tuples(st.sampled_from(SOURCES), st.booleans()), max_size=40), st.integers(1, 12))
def test_each_record_is_found_on_the_page_on_which_it_begins(made: list[tuple[Source, bool]], at_once: int) -> None:
    texts = [a_text(source, confirmed=confirmed) for source, confirmed in made]
    listed = places(texts, at_once)
    assert sum(place["all"] for place in listed) == len(texts)
    assert sum(place["open"] for place in listed) == sum(not confirmed for _, confirmed in made)
    for place in listed:
        first = (place["page"] - 1) * at_once
        page = grouped([(text, None) for text in texts[first : first + at_once]])
        assert place["anchor"] in {one["anchor"] for one in page}
        before = grouped([(text, None) for text in texts[:first]])
        assert place["anchor"] not in {one["anchor"] for one in before}
